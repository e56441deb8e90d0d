"""The words of what people did about a patient's risk; what they wrote about it stays sealed."""

from __future__ import annotations

from typing import Any

from projections.audit.phrases import Kind, Sentence


def _assessed(fact: Any) -> str:
    return f"Risk assessed as {fact.level} by {fact.assessed_by} ({', '.join(fact.basis)})."


def _planned(fact: Any) -> str:
    review = "" if fact.review_on is None else f", to be reviewed by {fact.review_on}"
    document = "" if fact.note_id is None else f", document {fact.note_id}"
    return f"Safety plan made on {fact.made_on}{review}{document}."


def _followed_up(fact: Any) -> str:
    reached = "reached" if fact.reached else "not reached"
    return f"Patient {reached} {_MEANS[fact.means]} by {fact.made_by} ({fact.cause})."


def _acknowledged(fact: Any) -> str:
    alert = fact.alert
    against = "" if fact.override_cause is None else f", without what it asks for: {fact.override_cause}"
    return (
        f"Alert {alert.kind.replace('_', ' ')} since {alert.since} ({alert.about}) {fact.outcome} by"
        f" {fact.acknowledged_by} ({fact.cause}){against}."
    )


_MEANS = {
    "in_person": "in person", "phone": "by phone", "video": "by video", "message": "by message", "letter": "by letter",
}
WORDS: dict[str, tuple[Kind, Sentence]] = {
    "risk.assessed": ("write", _assessed),
    "risk.safety_plan_recorded": ("write", _planned),
    "risk.follow_up_made": ("write", _followed_up),
    "risk.alert_acknowledged": ("write", _acknowledged),
}
