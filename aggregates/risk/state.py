"""What is remembered of a patient's risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.risk.facts import Alert, AlertAcknowledged, FollowUpMade, Level, RiskAssessed, SafetyPlanRecorded


@dataclass(frozen=True, slots=True)
class Risk:
    """The latest judgment and safety plan, what was told, and how each alert stands."""

    level: Level | None = None
    assessed_at: str | None = None
    plan_made_on: str | None = None
    told: frozenset[Any] = frozenset()
    alerts: tuple[AlertAcknowledged, ...] = ()

    def standing(self, alert: Alert) -> AlertAcknowledged | None:
        """What was said of an alert last; None: nobody has taken it."""
        return next((one for one in self.alerts if one.alert == alert), None)


State = Risk


def evolve(state: State, fact: Any) -> State:
    """The state after the fact; what was assessed last counts, in whatever order it was recorded."""
    match fact:
        case RiskAssessed():
            if state.assessed_at is None or fact.assessed_at >= state.assessed_at:
                state = replace(state, level=fact.level, assessed_at=fact.assessed_at)
        case SafetyPlanRecorded():
            state = replace(state, plan_made_on=max(fact.made_on, state.plan_made_on or fact.made_on))
        case FollowUpMade():
            pass
        case AlertAcknowledged():
            return replace(state, alerts=(*(one for one in state.alerts if one.alert != fact.alert), fact))
        case _:
            return state
    return replace(state, told=state.told | {fact})
