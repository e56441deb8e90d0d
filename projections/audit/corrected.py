"""Sentences of corrections that state what was recorded and what really was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from projections.audit.phrases import since


def attendance(fact: Any) -> str:
    """One patient's attendance."""
    before, after = fact.before, fact.after
    status, minutes = ("unknown", 0) if before is None else (before.status, before.minutes)
    return (
        f"Attendance corrected from {status} to {after.status}, {minutes} to {after.minutes} minutes,"
        f" service of {fact.service_date} ({fact.cause})."
    )


def breaks(fact: Any) -> str:
    """A session's breaks, and how many attendances it gave other minutes."""
    others = len(fact.attendances)
    return (
        f"Breaks of {fact.service_date} corrected from {_pauses(fact.before)} to {_pauses(fact.breaks)},"
        f" other minutes in {others} attendance{'' if others == 1 else 's'} ({fact.cause})."
    )


def leave(fact: Any) -> str:
    """The days of a leave."""
    before, after = _away(fact.was_started_on, fact.was_returned_on), _away(fact.started_on, fact.returned_on)
    return f"Leave {fact.leave_id} corrected: recorded {before}, was {after} ({fact.cause})."


def admission(fact: Any) -> str:
    """How a stay began."""
    return (
        f"Admission recorded for {fact.was_admitted_on} corrected: it was on {fact.admitted_on},"
        f" type {fact.admission_type}, source {fact.admission_source} ({fact.cause})."
    )


def attending(fact: Any) -> str:
    """Who attends."""
    day = since(fact.effective_from)
    return f"Attending corrected from {fact.was_attending_id} to {fact.attending_id}{day} ({fact.cause})."


def discharge(fact: Any) -> str:
    """A discharge, or that there was none."""
    now = "there was none, the patient is still in care"
    if fact.discharged_on is not None:
        now = f"it was on {fact.discharged_on} ({fact.reason}), patient status {fact.patient_status}"
    return f"Discharge recorded for {fact.was_discharged_on} corrected: {now} ({fact.cause})."


def _pauses(intervals: Sequence[Any]) -> str:
    told = [f"{one.start[:10]} {one.start[11:16]} to {one.stop[11:16]} UTC" for one in intervals]
    return ", ".join(told) or "none"


def _away(first: str | None, back: str | None) -> str:
    if first is None:
        return "never taken"
    return f"from {first}, {'not ended' if back is None else 'back on ' + back}"
