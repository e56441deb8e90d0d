"""What is remembered of one administration: the answers as they stand now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected, AssessmentVoided


@dataclass(frozen=True, slots=True)
class NotAdministered:
    """Nothing is recorded yet."""

    patient_id: None = None
    program_id: None = None


@dataclass(frozen=True, slots=True)
class Administered:
    """One administration; a correction replaces answers and day, never instrument, version or patient."""

    administered: AssessmentAdministered
    items: tuple[int | None, ...]
    entered_score: int | None
    administered_on: str

    @property
    def patient_id(self) -> str:
        """Who answered, or about whom was answered."""
        return self.administered.patient_id

    @property
    def program_id(self) -> str:
        """In which program."""
        return self.administered.program_id


@dataclass(frozen=True, slots=True)
class Voided(Administered):
    """Counts as never taken."""


State = NotAdministered | Administered


def evolve(state: State, fact: Any) -> State:
    """The state after the fact."""
    match state, fact:
        case _, AssessmentAdministered():
            return Administered(fact, fact.items, fact.entered_score, fact.administered_on)
        case Administered(), AssessmentCorrected():
            return replace(
                state, items=fact.items, entered_score=fact.entered_score, administered_on=fact.administered_on
            )
        case Administered(), AssessmentVoided():
            return Voided(state.administered, state.items, state.entered_score, state.administered_on)
        case _:
            return state
