"""From a patient's document to rows: scores, baselines and courses. Pure; the order of arrival plays no part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from aggregates.days import days_between
from projections.outcomes.change import Change, Limits, distance_from_month, judge, months
from projections.outcomes.documents import Administration, Document
from projections.outcomes.rows import Measure, Trend
from projections.outcomes.scales import Gauge, Result, gauges


class _Scored(NamedTuple):
    """One administration with its result on a scale; the fields before `assessment_id` are its place in a course."""

    program_id: str
    enrollment_id: str | None
    on: str
    at: str
    assessment_id: str
    taken: Administration
    result: Result

    @property
    def score(self) -> int | None:
        """The points; None for a triage, and where nothing is known."""
        return self.result.score


class _Speakers(NamedTuple):
    """Which administrations of a course speak for a month, and which for an occasion."""

    month: frozenset[str]
    occasion: frozenset[str]


_NOBODY = _Speakers(frozenset(), frozenset())


def courses(patient_id: str, document: Document) -> Iterator[list[Measure]]:
    """The patient's measures, course by course (episode, instrument, version and scale), each in order of time."""
    for (instrument, version), group in _by_instrument(document):
        taken = list(group)
        for gauge in gauges(instrument, version):
            scored = [one for assessment_id, it in taken if (one := _scored(document, assessment_id, it, gauge))]
            for _, course in groupby(sorted(scored, key=_place), key=lambda one: (one.program_id, one.enrollment_id)):
                yield _judged(patient_id, list(course), gauge)


def trend(course: Sequence[Measure]) -> Trend | None:
    """Where a course began and where it stands; None without a score at or after its baseline."""
    scored = [measure for measure in course if measure.months_since_baseline is not None]
    if not scored or scored[0].score is None or scored[-1].score is None:
        return None
    first, last, again = scored[0], scored[-1], len(scored) > 1
    return Trend(
        last.patient_id, last.program_id, last.enrollment_id, last.instrument, last.instrument_version, last.scale,
        len(scored), first.administered_on, scored[0].score, last.administered_on, scored[-1].score,
        last.change if again else None, last.direction if again else None, last.change_class if again else None,
    )


def episode_of(document: Document, taken: Administration) -> str | None:
    """The episode that it names, else the program's latest that had begun by then; None: there was none."""
    if taken.enrollment_id is not None:
        return taken.enrollment_id
    begun = [
        (episode.referred_on, enrollment_id)
        for enrollment_id, episode in document.episodes.items()
        if episode.program_id == taken.program_id and episode.referred_on <= taken.on
    ]
    return max(begun)[1] if begun else None


def _by_instrument(document: Document) -> Iterable[tuple[tuple[str, str], Iterable[tuple[str, Administration]]]]:
    ordered = sorted(document.administrations.items(), key=lambda item: (item[1].instrument, item[1].version))
    return groupby(ordered, key=lambda item: (item[1].instrument, item[1].version))


def _scored(document: Document, assessment_id: str, taken: Administration, gauge: Gauge) -> _Scored | None:
    result = gauge.result(taken.items, taken.entered_score, taken.on)
    if result is None:
        return None
    return _Scored(taken.program_id, episode_of(document, taken), taken.on, taken.at, assessment_id, taken, result)


def _place(one: _Scored) -> tuple[str, ...]:
    return (one.program_id, one.enrollment_id or "", one.on, one.at, one.assessment_id)


def _baseline(course: Sequence[_Scored]) -> _Scored | None:
    """The first score taken as the baseline, else the first score."""
    known = [one for one in course if one.score is not None]
    return next((one for one in known if one.taken.occasion == "baseline"), known[0] if known else None)


def _judged(patient_id: str, course: Sequence[_Scored], gauge: Gauge) -> list[Measure]:
    baseline = _baseline(course)
    if baseline is None:
        return [_measure(patient_id, one, None, gauge, False, _NOBODY) for one in course]
    start = course.index(baseline)
    speakers = _speakers(baseline, [one for one in course[start:] if one.score is not None])
    return [
        _measure(patient_id, one, baseline, gauge, place >= start, speakers) for place, one in enumerate(course)
    ]


def _speakers(baseline: _Scored, scored: Sequence[_Scored]) -> _Speakers:
    """The nearest measure speaks for a month, the last one for an occasion; of two as near, the later."""
    by_month: dict[int, tuple[int, str]] = {}
    for one in scored:
        days = days_between(baseline.on, one.on)
        distance = distance_from_month(days)
        if distance <= by_month.get(months(days), (distance, ""))[0]:
            by_month[months(days)] = (distance, one.assessment_id)
    by_occasion = {one.taken.occasion: one.assessment_id for one in scored}
    return _Speakers(frozenset(nearest for _, nearest in by_month.values()), frozenset(by_occasion.values()))


def _measure(
    patient_id: str, one: _Scored, baseline: _Scored | None, gauge: Gauge, after: bool, speakers: _Speakers
) -> Measure:
    taken, result, by = one.taken, one.result, gauge.limits(one.on)
    days = None if baseline is None or one.score is None else days_between(baseline.on, one.on)
    change = _change(one, baseline, by) if after else None
    return Measure(
        patient_id=patient_id,
        assessment_id=one.assessment_id,
        scale=gauge.name,
        program_id=one.program_id,
        enrollment_id=one.enrollment_id,
        instrument=taken.instrument,
        instrument_version=taken.version,
        administered_on=one.on,
        administered_at=one.at,
        occasion=taken.occasion,
        respondent=taken.respondent,
        score=one.score,
        band=result.band,
        band_verified=result.band_verified,
        band_raised=result.band_raised,
        provisional_diagnosis=result.provisional_diagnosis,
        baseline_assessment_id=baseline.assessment_id if baseline else None,
        baseline_score=baseline.score if baseline else None,
        change=change.change if change else None,
        direction=change.direction if change else None,
        reliable=change.reliable if change else None,
        change_class=change.change_class if change else None,
        important=change.important if change else None,
        response=change.response if change else None,
        remission=change.remission if change else None,
        end_state=change.end_state if change else None,
        days_since_baseline=days,
        months_since_baseline=months(days) if days is not None and after else None,
        speaks_for_month=one.assessment_id in speakers.month,
        speaks_for_occasion=one.assessment_id in speakers.occasion,
        missing_items=[number for number, item in enumerate(taken.items, 1) if item is None],
        safety_item_score=gauge.safety_answer(taken.items),
        corrected=taken.corrected,
        higher_is_better=by.higher_is_better if by else None,
        thresholds_from=by.in_force_from if by else None,
        reliable_change=by.reliable_change if by else None,
        standard_deviation=by.standard_deviation if by else None,
        reliability=by.reliability if by else None,
        reliable_change_dated=by.dated if by else None,
        minimal_important_difference=by.minimal_important_difference if by else None,
        cut=by.cut if by else None,
        response_share=by.response if by else None,
        remission_limit=by.remission if by else None,
        end_state_limit=by.end_state if by else None,
        threshold_source=by.source if by else None,
        recorded_at=taken.recorded_at,
        positions=taken.positions,
    )


def _change(one: _Scored, baseline: _Scored | None, by: Limits | None) -> Change | None:
    """None for the baseline itself, and where nobody has said which way is better."""
    if by is None or baseline is None or one is baseline or baseline.score is None or one.score is None:
        return None
    return judge(baseline.score, one.score, by)
