"""Episodes as rows: where each began, and what its end counts as."""

from __future__ import annotations

from collections.abc import Mapping

from projections.outcomes.documents import Coverage, Document, Episode
from projections.outcomes.rows import End, EpisodeRow

ENDS: dict[str, End] = {
    "completed": "completed",
    "dropped_out": "dropped_out",
    "left_against_advice": "dropped_out",
    "terminated_by_program": "other",
    "transferred_step_up": "other",
    "transferred_step_down": "other",
    "incarcerated": "other",
    "died": "other",
    "other": "other",
}
"""What each reason of a discharge counts as: our own reading, unverified. A step down to a lower level is no completion
here although many programs count it as one, and whoever the program sent away did not drop out."""


def episodes(patient_id: str, document: Document) -> list[EpisodeRow]:
    """The patient's episodes."""
    return [
        EpisodeRow(
            patient_id, enrollment_id, one.program_id, one.referred_on, one.admitted_on, one.level_of_care, one.focus,
            one.discharged_on, one.discharge_reason, one.admitted_level, _payer(one, document.coverages),
            _diagnosis(one), ENDS.get(one.discharge_reason or ""), one.positions,
        )
        for enrollment_id, one in document.episodes.items()
    ]


def _payer(episode: Episode, coverages: Mapping[str, Coverage]) -> str | None:
    """Who covers the admission day first, of two of one rank who began later; None: nobody."""
    day = episode.admitted_on
    if day is None:
        return None
    in_force = [one for one in coverages.values() if one.first <= day and (one.last is None or day <= one.last)]
    latest = sorted(in_force, key=lambda one: (one.first, one.payer_id), reverse=True)
    return min(latest, key=lambda one: one.rank).payer_id if latest else None


def _diagnosis(episode: Episode) -> str | None:
    """The principal diagnosis in force on the admission day, of one day the last recorded; else the next one that was
    made, so that a diagnosis of the first week counts too."""
    day = episode.admitted_on
    if day is None or not episode.principal:
        return None
    before = [one for one in episode.principal if one[0] <= day]
    if before:
        latest = max(first for first, _ in before)
        return [code for first, code in before if first == latest][-1]
    soonest = min(first for first, _ in episode.principal)
    return [code for first, code in episode.principal if first == soonest][-1]
