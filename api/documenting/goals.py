"""The words of the goals that documents name, as the plan of care of the day and its reviews have them.

Every note that serves a goal may repeat it, so that these words make no note like another (see `alike`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregates.codec import salvaged
from aggregates.enrollment.facts import PlanOfCareAdopted, PlanReviewed
from aggregates.enrollment.state import Episode
from aggregates.values import Code, Date, EnrollmentId, NoteId
from api.documenting.payers import States
from iop_es.engine.log import Log


@dataclass(frozen=True, slots=True)
class Named:
    """The goals that a document names, and where their words are to be found."""

    enrollment_id: EnrollmentId | None
    service_date: Date
    goals: tuple[Code, ...]


def words_of_goals(
    states: States, log: Log, own: Mapping[NoteId, Named], others: Mapping[NoteId, Named]
) -> dict[NoteId, tuple[str, ...]]:
    """The words of the goals of each document, nothing where they are not known. Of `others` a damaged episode tells
    what can still be read of it."""
    known = _episodes(own.values())
    episodes = {one: state for one, state in states("enrollment", known).items() if isinstance(state, Episode)}
    episodes |= _salvaged(log, [one for one in _episodes(others.values()) if one not in episodes])
    return {note_id: _words(one, episodes) for note_id, one in {**own, **others}.items()}


def _episodes(named: Iterable[Named]) -> list[EnrollmentId]:
    return list(dict.fromkeys(one.enrollment_id for one in named if one.enrollment_id and one.goals))


def _salvaged(log: Log, wanted: list[EnrollmentId]) -> dict[EnrollmentId, Episode]:
    """Episodes of which nothing but their plans is read."""
    found: dict[EnrollmentId, Episode] = {}
    for stream, facts in log.streams(wanted, with_patients=False).items() if wanted else ():
        told = [salvaged(one.topic, one.state, one.sealed, checked=False) for one in facts]
        found[stream] = Episode(
            plans=tuple(one for one in told if isinstance(one, PlanOfCareAdopted)),
            reviews=tuple(one for one in told if isinstance(one, PlanReviewed)),
        )
    return found


def _words(named: Named, episodes: Mapping[EnrollmentId, Episode]) -> tuple[str, ...]:
    episode = episodes.get(named.enrollment_id or "")
    if episode is None or not named.goals:
        return ()
    return tuple(words for goal, words in episode.goals_told_on(named.service_date) if goal in named.goals)
