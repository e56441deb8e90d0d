"""Alerts of what is missing, each from the day on which it begins to be: the day is told by the facts alone, so that an
alert need only be held against today.

No measure: fourteen days in an open episode without any administration, counted from the latest of the admission, the
last administration, and the day on which somebody cleared such an alert. Days of a leave do not count, because nobody
can measure who is away; until the return is known they last to the day that was expected, else for fourteen days, so
that nobody is forgotten on leave. No change: half of the planned stay is over,
and on no scale with an established reliable change does the episode's latest measure show an improvement, although at
least one was measured again. The planned stay runs from the admission to the day on which discharge is planned, else to
the end of the weeks of the latest plan of care; where neither is known nothing is planned, and no such alert arises. An
authorization is a payer's permission and no plan. Follow-up: due 7, 30 and 90 days after the discharge, until it was
made or its window is over; none is due of somebody who died, went into a hospital, or was admitted again by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from aggregates.days import days_after, days_between
from projections.outcomes import alert_words as words
from projections.outcomes.documents import Document, Episode, Leave
from projections.outcomes.judging import episode_of
from projections.outcomes.raised import Raised, local_day
from projections.outcomes.rows import Measure


class Due(NamedTuple):
    """Days after the discharge: when a follow-up is due, and from and through which it is taken for this one."""

    day: int
    opens: int
    closes: int


MEASURED_EVERY = 14
"""Days after which a measure is missing: the issue's number, hence ours, unverified."""
PART_OF_STAY = 2
"""No change after one part in so many of the planned stay: the same."""
FOLLOW_UPS = (Due(7, 1, 14), Due(30, 15, 60), Due(90, 61, 120))
"""The days are the issue's, hence ours; so are the windows, which leave no day between them. Unverified."""
NOT_FOLLOWED_UP = frozenset({"02", "20", "65"})
"""UB-04 patient status: to a general hospital, died, to a psychiatric hospital. Unverified, and no other is guessed."""
BETTER = frozenset({"improved", "recovered"})


def missing(document: Document, courses: Sequence[Sequence[Measure]], zones: Mapping[str, str]) -> Iterator[Raised]:
    """Every alert of what is, or will be, missing as the facts stand."""
    taken: dict[str, list[tuple[str, int, str]]] = {}
    for administration in document.administrations.values():
        enrollment_id = episode_of(document, administration)
        told = (administration.on, administration.positions[-1], administration.instrument)
        taken.setdefault(enrollment_id or "", []).append(told)
    for enrollment_id, episode in document.episodes.items():
        if episode.admitted_on is None:
            continue
        own = taken.get(enrollment_id, [])
        if episode.discharged_on is not None:
            yield from _follow_ups(enrollment_id, episode, episode.discharged_on, own, document, zones)
            continue
        yield _no_measure(enrollment_id, episode, episode.admitted_on, own, document, zones)
        judged = [one for course in courses for one in course if one.enrollment_id == enrollment_id]
        yield from _no_change(enrollment_id, episode, episode.admitted_on, judged)


def _no_measure(
    enrollment_id: str, episode: Episode, admitted_on: str, taken: Sequence[tuple[str, int, str]], document: Document,
    zones: Mapping[str, str],
) -> Raised:  # fmt: skip
    last = max(taken, default=None)
    cleared = max((
        local_day(act.at, zones.get(episode.program_id)) for act in document.acts.acknowledged
        if (act.kind, act.about, act.outcome) == ("no_measure", enrollment_id, "cleared")
    ), default="")  # fmt: skip
    begins = max(admitted_on, last[0] if last else "", cleared)
    due, away = _in_care_for(begins, episode.leaves.values())
    why = words.no_measure(last, admitted_on, cleared if cleared == begins else None, MEASURED_EVERY, bool(away))
    positions = (episode.positions[0], *([last[1]] if last else []), *(leave.position for leave in away))
    return Raised(
        "no_measure", enrollment_id, due, episode.program_id, enrollment_id, why, positions, threshold=MEASURED_EVERY,
    )


def _in_care_for(begins: str, leaves: Iterable[Leave]) -> tuple[str, list[Leave]]:
    """The day by which a measure is wanted, and the leaves that moved it."""
    due, moved = days_after(begins, MEASURED_EVERY), []
    for leave in sorted(leaves, key=lambda one: one.started_on):
        first = max(leave.started_on, days_after(begins, 1))
        back = leave.returned_on or leave.expected_on or days_after(leave.started_on, MEASURED_EVERY)
        if first <= due and first < back:
            due = days_after(due, days_between(first, back))
            moved.append(leave)
    return due, moved


def planned_end(episode: Episode) -> str | None:
    """The last day of the planned stay; None: nothing is planned."""
    if episode.discharge_planned_on is not None:
        return episode.discharge_planned_on
    adopted_on, weeks = max(reversed(episode.plans.values()), key=lambda one: one[0], default=("", 0))
    return days_after(adopted_on, 7 * weeks) if adopted_on else None


def _no_change(
    enrollment_id: str, episode: Episode, admitted_on: str, measures: Iterable[Measure]
) -> Iterator[Raised]:
    end = planned_end(episode)
    judged = [one for one in measures if one.change_class is not None]
    judged.sort(key=lambda one: (one.administered_on, one.administered_at, one.assessment_id))
    begins = _unchanged_since(judged)
    if end is None or end <= admitted_on or begins is None:
        return
    days = days_between(admitted_on, end)
    half = days_after(admitted_on, -(-days // PART_OF_STAY))
    latest = {(one.instrument, one.instrument_version, one.scale): one for one in judged}
    yield Raised(
        "no_change", enrollment_id, max(half, begins), episode.program_id, enrollment_id,
        words.no_change(admitted_on, end, days, half, list(latest.values())),
        (*episode.positions, *(one.positions[-1] for one in latest.values())), threshold=-(-days // PART_OF_STAY),
    )


def _unchanged_since(judged: Sequence[Measure]) -> str | None:
    """The day from which on no scale's latest measure shows an improvement; None: one does, or none is judged."""
    latest: dict[tuple[str, ...], str | None] = {}
    since: str | None = None
    for one in judged:
        latest[one.instrument, one.instrument_version, one.scale] = one.change_class
        better = BETTER & set(latest.values())
        since = None if better else since or one.administered_on
    return since


def _follow_ups(
    enrollment_id: str, episode: Episode, discharged_on: str, taken: Sequence[tuple[str, int, str]],
    document: Document, zones: Mapping[str, str],
) -> Iterator[Raised]:  # fmt: skip
    if episode.discharge_reason == "died" or episode.patient_status in NOT_FOLLOWED_UP:
        return
    reached = [
        local_day(act.at, zones.get(episode.program_id)) for act in document.acts.followed_up
        if act.reached and act.program_id == episode.program_id and act.enrollment_id in (None, enrollment_id)
    ]
    made = [*reached, *(on for on, _, _ in taken)]
    again = [one.admitted_on for one in document.episodes.values() if one is not episode and one.admitted_on]
    for due in FOLLOW_UPS:
        opens, closes = days_after(discharged_on, due.opens), days_after(discharged_on, due.closes)
        if any(opens <= on <= closes for on in made) or any(discharged_on <= on <= closes for on in again):
            continue
        yield Raised(
            "follow_up", enrollment_id, days_after(discharged_on, due.day), episode.program_id, enrollment_id,
            words.follow_up(due.day, discharged_on, opens, closes), tuple(episode.positions), until=closes,
            value=due.day,
        )  # fmt: skip
