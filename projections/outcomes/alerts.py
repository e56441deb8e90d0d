"""Who needs someone: alerts of measures, alerts of what is missing (`missing`), and what people did about each. Pure.

An alert of a measure is that measure's for good: nothing that is measured later takes it away, only a person clears it.
A correction or a void does, as if the wrong answer had never been given; so does a late entry that moves the baseline.
What was done before a correction was about other answers, so it no longer stands: the alert is open again.
Where only a score is known, the least answer to the safety item with which it can be reached counts as the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from projections.outcomes.acts import Acknowledged, FollowedUp, Judged, Planned
from projections.outcomes.alert_rows import Acknowledgment, Alert, FollowUp, RiskLevel, SafetyPlan
from projections.outcomes.alert_words import deteriorated, gone, parked, safety_item, safety_item_implied, screened
from projections.outcomes.documents import Document
from projections.outcomes.missing import missing
from projections.outcomes.raised import Raised, local_day
from projections.outcomes.rows import Measure
from projections.outcomes.scales import gauge

Act = TypeVar("Act", Judged, Planned, FollowedUp)
ANSWERED = 1
"""From this answer to a safety item on somebody looks: domain rule, after Simon et al., 10.1176/appi.ps.201200587."""
URGENT = 2
"""From this answer on at once; the same source."""
SCREENS = {"moderate": False, "high": True}
"""Which levels of a triage somebody looks at, and whether at once: the issue's rule, hence ours."""


def alerts(
    patient_id: str, document: Document, courses: Sequence[Sequence[Measure]], zones: Mapping[str, str]
) -> list[Alert]:
    """Every alert of a patient, also those that are not due yet and those that were cleared."""
    found = [*_of_measures(courses), *missing(document, courses, zones)]
    known = {(one.kind, one.about, one.since) for one in found}
    of_episodes = (one for one in document.acts.acknowledged if one.about in document.episodes)
    left = {(one.kind, one.about, one.since): one for one in of_episodes}
    for (kind, about, since), act in left.items():
        if (kind, about, since) not in known and act.outcome == "cleared":
            found.append(Raised(kind, about, since, act.program_id, about, gone(kind, since), ()))  # type: ignore[arg-type] # the fact's own kinds
    return [_row(patient_id, one, document, zones) for one in found]


def parked_rows(patient_id: str, document: Document) -> list[Alert]:
    """A patient whose record cannot be followed, in each program; urgent, because nobody knows what is not read."""
    return [
        _row(patient_id, Raised(
            "parked", patient_id, document.known_at[:10], program_id, None, parked(document.known_at), (), urgent=True,
        ), Document(), {})
        for program_id in document.programs
    ]  # fmt: skip


def acknowledgments(patient_id: str, acts: Iterable[Acknowledged]) -> list[Acknowledgment]:
    """The rows of who took or cleared what."""
    return [
        Acknowledgment(
            patient_id, one.position, one.program_id, one.kind, one.about, one.since, one.outcome, one.by, one.at,  # type: ignore[arg-type] # as the fact has them
            one.cause, one.override_cause,
        )
        for one in acts
    ]  # fmt: skip


def levels(patient_id: str, judged: Iterable[Judged]) -> list[RiskLevel]:
    """The rows of judgments."""
    return [
        RiskLevel(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.at, one.level, list(one.basis),  # type: ignore[arg-type] # as the fact has them
            one.assessment_id, one.recorded_at,
        )
        for one in judged
    ]  # fmt: skip


def plans(patient_id: str, planned: Iterable[Planned]) -> list[SafetyPlan]:
    """The rows of safety plans."""
    return [
        SafetyPlan(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.made_on, one.review_on,
            one.note_id, one.recorded_at,
        )
        for one in planned
    ]


def follow_ups(patient_id: str, followed: Iterable[FollowedUp]) -> list[FollowUp]:
    """The rows of tries to reach the patient."""
    return [
        FollowUp(
            patient_id, one.position, one.program_id, one.enrollment_id, one.by, one.at, one.means, one.reached,
            one.cause, one.recorded_at,
        )
        for one in followed
    ]  # fmt: skip


def _of_measures(courses: Iterable[Sequence[Measure]]) -> Iterator[Raised]:
    """One alert of a kind for each measure at most, whatever scales it has."""
    seen: set[tuple[str, str]] = set()
    for one in (raised for course in courses for measure in course for raised in _of(measure)):
        if (one.kind, one.about) not in seen:
            seen.add((one.kind, one.about))
            yield one


def _of(measure: Measure) -> Iterator[Raised]:
    answer, least = measure.safety_item_score, _least_answer(measure)
    if answer is not None and answer >= ANSWERED:
        yield _raised("safety_item", measure, safety_item(measure, answer), answer >= URGENT, answer, ANSWERED)
    elif answer is None and least >= ANSWERED:
        yield _raised("safety_item", measure, safety_item_implied(measure, least), least >= URGENT, least, ANSWERED)
    if measure.score is None and measure.band in SCREENS:
        yield _raised("suicide_screen", measure, screened(measure), SCREENS[measure.band])
    change, threshold = measure.change, measure.reliable_change
    if measure.change_class == "deteriorated" and change is not None:
        yield _raised("reliable_deterioration", measure, deteriorated(measure), False, abs(change), threshold)


def _least_answer(measure: Measure) -> int:
    """The least answer to the safety item that the score leaves possible."""
    scale = gauge(measure.instrument, measure.instrument_version, measure.scale)
    return 0 if scale is None or measure.score is None else scale.least_safety_answer(measure.score)


def _raised(
    kind: str, by: Measure, why: str, urgent: bool, value: int | None = None, threshold: int | None = None
) -> Raised:
    return Raised(
        kind, by.assessment_id, by.administered_on, by.program_id, by.enrollment_id, why, tuple(by.positions), urgent,  # type: ignore[arg-type] # one of the three
        None, value, threshold, by.instrument, by.instrument_version, changed_at=by.positions[-1],
    )  # fmt: skip


def _row(patient_id: str, one: Raised, document: Document, zones: Mapping[str, str]) -> Alert:
    acts = document.acts
    own = [act for act in acts.acknowledged if _about(act, one)]
    taken = next((act for act in reversed(own) if act.outcome == "taken"), None)
    cleared = own[-1] if own and own[-1].outcome == "cleared" else None
    episode = document.episodes.get(one.enrollment_id or "")
    judged = max(_of_program(acts.judged, one), key=lambda act: act.at, default=None)
    planned = max(_of_program(acts.planned, one), key=lambda act: act.made_on, default=None)
    tries = [
        act for act in _of_program(acts.followed_up, one)
        if local_day(act.at, zones.get(one.program_id)) >= one.since
    ]
    last = max(tries, key=lambda act: act.at, default=None)
    return Alert(
        patient_id=patient_id, record="parked" if one.kind == "parked" else "followed", kind=one.kind, about=one.about,
        since=one.since, until=one.until,
        program_id=one.program_id, enrollment_id=one.enrollment_id, urgent=one.urgent, why=one.why, value=one.value,
        threshold=one.threshold, instrument=one.instrument, instrument_version=one.instrument_version,
        standing="cleared" if cleared else "taken" if taken else "open",
        owner_id=taken.by if taken else episode.attending_id if episode else None,
        taken_by=taken.by if taken else None, taken_at=taken.at if taken else None,
        cleared_by=cleared.by if cleared else None, cleared_at=cleared.at if cleared else None,
        cause=own[-1].cause if own else None, override_cause=cleared.override_cause if cleared else None,
        risk_level=judged.level if judged else None,  # type: ignore[arg-type] # as the fact has it
        risk_assessed_by=judged.by if judged else None, risk_assessed_at=judged.at if judged else None,
        safety_plan_on=planned.made_on if planned else None,
        safety_plan_review_on=planned.review_on if planned else None, follow_ups=len(tries),
        followed_up_at=last.at if last else None, reached=any(act.reached for act in tries) if tries else None,
        positions=[*one.positions, *(act.position for act in own)],
    )  # fmt: skip


def _about(act: Acknowledged, one: Raised) -> bool:
    """Whether this was done about the alert as it stands: a measure's day moves only with a correction."""
    if (act.kind, act.about) != (one.kind, one.about):
        return False
    return act.position > one.changed_at if one.changed_at else act.since == one.since


def _of_program(acts: Iterable[Act], one: Raised) -> list[Act]:
    return [act for act in acts if act.program_id == one.program_id]
