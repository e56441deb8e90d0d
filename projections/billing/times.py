"""Days and weeks in the program's own zone, and minutes by half-open intervals. Dates and instants are text."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregates.days import day_in, days_after
from aggregates.values import instant, moment

Span = tuple[str, str]
Presence = tuple[Iterable[Span], Iterable[Span]]
"""Intervals, and the breaks in them."""
plus_days = lru_cache(maxsize=4_096)(days_after)
"""So many days later, or earlier."""
day_there = lru_cache(maxsize=4_096)(day_in)
"""The calendar day of an instant in a zone."""


@lru_cache(maxsize=4_096)
def week_of(day: str) -> str:
    """The Monday of this day's week."""
    on = date.fromisoformat(day)
    return (on - timedelta(days=on.weekday())).isoformat()


@lru_cache(maxsize=4_096)
def plus_months(day: str, months: int) -> str:
    """The same day of the month so many calendar months later, or that month's last day where it has no such day."""
    on = date.fromisoformat(day)
    years, month = divmod(on.month - 1 + months, 12)
    last = monthrange(on.year + years, month + 1)[1]
    return on.replace(year=on.year + years, month=month + 1, day=min(on.day, last)).isoformat()


def day_number(day: str) -> int:
    """A day as a number, so that it can be counted with; `day_of` is the way back."""
    return date.fromisoformat(day).toordinal()


def day_of(number: int) -> str:
    """The day of a number."""
    return date.fromordinal(number).isoformat()


@lru_cache(maxsize=4_096)
def start_of_day(zone: str, day: str) -> str:
    """The instant at which a day begins in a zone; daylight saving makes some days 23 or 25 hours long."""
    return instant(datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)))


def end_of_day(zone: str, day: str) -> str:
    """The instant at which a day is over in a zone."""
    return start_of_day(zone, plus_days(day, 1))


def end_of_week(zone: str, day: str) -> str:
    """The instant at which the Sunday of this day's week is over in a zone."""
    return start_of_day(zone, plus_days(week_of(day), 7))


def overlap(one: Iterable[Span], other: Iterable[Span]) -> bool:
    """Whether any interval of one meets any of the other; half-open intervals that touch do not."""
    theirs = list(other)
    for start, stop in one:
        for start_, stop_ in theirs:
            if start < stop_ and start_ < stop:
                return True
    return False


def minutes_once(presences: Iterable[Presence]) -> int:
    """Whole minutes of several presences, every minute of the clock counted once."""
    return len(set[int]().union(*(_present(*one) for one in presences)))


def minutes_shared(one: Presence, other: Presence) -> tuple[int, str]:
    """The whole minutes that two presences have in common, and the instant of the first; 0 and nothing without any."""
    shared = _present(*one) & _present(*other)
    return len(shared), instant(datetime.fromtimestamp(min(shared) * 60, UTC)) if shared else ""


def _present(intervals: Iterable[Span], breaks: Iterable[Span]) -> set[int]:
    inside: set[int] = set()
    for span in intervals:
        inside.update(_minutes(span))
    for span in breaks:
        inside.difference_update(_minutes(span))
    return inside


def _minutes(span: Span) -> range:
    start, stop = (int(moment(end).timestamp()) // 60 for end in span)
    return range(start, stop)
