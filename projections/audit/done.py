"""The day on which was done what a fact records, where the fact tells a day and no time of its own.

The envelope has a time beside it, which is that of recording unless somebody said otherwise; so what is entered late
shows as late only if the day in the fact counts too. Not counted are days of what others decided elsewhere (payers'
answers), days from which something holds or until which, and corrections, which are acts of their own day.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from aggregates.days import days_after

DONE_ON = (
    "referred_on", "admitted_on", "assessed_on", "adopted_on", "reviewed_on", "certified_on", "effective_on",
    "started_on", "returned_on", "discharged_on", "administered_on", "made_on", "signed_on", "refused_on",
    "verified_on", "requested_on", "submitted_on", "held_on", "sent_on", "filed_on", "received_on", "identified_on",
    "issued_on",
)  # fmt: skip
"""The fields that tell it; no fact but a correction has two of them."""


def done_on(fact: Any) -> str | None:
    """The day, if the fact tells one."""
    field = _field(type(fact))  # type: ignore[arg-type] # a class is hashable
    return None if field is None else getattr(fact, field)


def delay_seconds(occurred_at: str, recorded_at: str, on: str | None = None) -> int:
    """Whole seconds from when it was true to when it was recorded, below zero if recorded ahead; or from the end of the
    day on which it was done (UTC), where that is longer."""
    delay = 0 if occurred_at == recorded_at else _seconds(occurred_at, recorded_at)
    if on is None or recorded_at[:10] <= on:
        return delay
    return max(delay, _seconds(f"{days_after(on, 1)}T00:00:00Z", recorded_at))


@cache
def _field(kind: type) -> str | None:
    if kind.__name__.endswith("Corrected"):
        return None
    return next((one.name for one in fields(kind) if one.name in DONE_ON), None)


def _seconds(first: str, then: str) -> int:
    return int((datetime.fromisoformat(then) - datetime.fromisoformat(first)).total_seconds())
