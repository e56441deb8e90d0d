"""Calendar days and periods of them: what runs backwards, overlaps or covers a day, and how far days are apart.

Days that a decision sets (an opening, an effective date, a last day) may lie ahead. Days on which something was
seen or done (a signature, a lapse, a receipt) may not: see `decision.not_in_the_future`.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from aggregates.kit import Refusal
from aggregates.values import moment


class PeriodRunsBackwards(Refusal):
    """The period ends on {last}, before its first day {first}; correct one of the two dates."""


def latest_day(instant: str) -> str:
    """The latest calendar day that a moment can have anywhere: its date at UTC+14."""
    return (moment(instant) + timedelta(hours=14)).date().isoformat()


def earliest_day(instant: str) -> str:
    """The earliest calendar day that a moment can have anywhere: its date at UTC-12."""
    return (moment(instant) - timedelta(hours=12)).date().isoformat()


def day_in(instant: str, zone: str) -> str:
    """The calendar day of a moment in a time zone."""
    return moment(instant).astimezone(ZoneInfo(zone)).date().isoformat()


def must_run_forwards(first: str, last: str | None) -> None:
    """Raises PeriodRunsBackwards for a period that ends before it starts; a last day of None is open."""
    if last is not None and last < first:
        raise PeriodRunsBackwards(first=first, last=last)


def overlap(first: str, last: str | None, other_first: str, other_last: str | None) -> bool:
    """Whether two periods share a day; first and last days belong to them, None is open, one without days is empty."""
    if (last is not None and last < first) or (other_last is not None and other_last < other_first):
        return False
    return (other_last is None or first <= other_last) and (last is None or other_first <= last)


def covers(first: str, last: str | None, day: str) -> bool:
    """Whether the day lies in the period."""
    return first <= day and (last is None or day <= last)


def day_before(day: str) -> str:
    """The calendar day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def days_after(day: str, count: int) -> str:
    """The calendar day so many days later; negative counts go back."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


def days_between(first: str, then: str) -> int:
    """How many days later the second day is."""
    return (date.fromisoformat(then) - date.fromisoformat(first)).days
