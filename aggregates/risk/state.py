"""What is remembered of a patient's risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aggregates.risk.facts import AlertAcknowledged, FollowUpMade, RiskAssessed, SafetyPlanRecorded


@dataclass(frozen=True, slots=True)
class Risk:
    """Everything that was done, in order of recording."""

    acts: tuple[Any, ...] = ()


State = Risk


def evolve(state: State, fact: Any) -> State:
    """The state after the fact."""
    match fact:
        case RiskAssessed() | SafetyPlanRecorded() | FollowUpMade() | AlertAcknowledged():
            return Risk((*state.acts, fact))
        case _:
            return state
