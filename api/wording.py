"""The words about a patient's risk, opened from the log for who may read them."""

from __future__ import annotations

from typing import Any

from aggregates.codec import decode
from api.asking import Ask, One
from projections.outcomes.alert_views import RiskView

WORDED = ("levels", "safety_plans", "follow_ups")


def worded(ask: Ask, found: One[RiskView]) -> One[RiskView]:
    """The same with the words of each judgment, plan and try; that they were opened is on record."""
    view = found.item
    positions = [one.position for name in WORDED for one in getattr(view, name)]
    if not positions:
        return found
    question = ask.question(patient=view.patient_id, resource="risk.words")
    words = {
        fact.position: sealed.words
        for fact in ask.gate.opened(question, positions)
        if (sealed := decode(fact.topic, fact.state, fact.sealed).sealed) is not None
    }
    opened: dict[str, Any] = {
        name: tuple(one.model_copy(update={"words": words.get(one.position)}) for one in getattr(view, name))
        for name in WORDED
    }
    return found.model_copy(update={"item": view.model_copy(update=opened)})
