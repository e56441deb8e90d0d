"""Until when a payer wants the author's signature: hours or business days from the end of the service.

    hours          elapsed time, whatever the clocks on the wall do
    business days  counted from the day on which the service ended, in the program's zone; that day is not among them,
                   nor are Saturdays, Sundays and days on which the program is closed; due when the last one is over

California counties ask for three business days, others for 24 or 72 hours (secondary sources, so that a policy marks
its window unverified). Nobody is kept from signing later: what becomes of a late signature the policy says too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from aggregates.values import instant, moment

SATURDAY = 5
Closed = Callable[[str], bool]


class Window(Protocol):
    """What says how long a payer waits; at most one of the two does."""

    @property
    def signature_hours(self) -> int | None:
        """Hours."""

    @property
    def signature_business_days(self) -> int | None:
        """Business days."""


def signature_due_at(window: Window, ended_at: str, zone: str, closed: Closed) -> str | None:
    """The last moment at which a signature is in time; None where the payer sets no window."""
    if window.signature_hours is not None:
        return hours_after(ended_at, window.signature_hours)
    if window.signature_business_days is None:
        return None
    day = moment(ended_at).astimezone(ZoneInfo(zone)).date()
    left = window.signature_business_days
    while left > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and not closed(day.isoformat()):
            left -= 1
    return _start_of(zone, day + timedelta(days=1))


@lru_cache(maxsize=4_096)
def hours_after(at: str, hours: int) -> str:
    """So many hours later: elapsed time."""
    return instant(moment(at) + timedelta(hours=hours))


def closed_in(periods: Iterable[tuple[str, str]]) -> Closed:
    """Whether a day lies in one of these periods, first and last days among them."""
    known = tuple(periods)
    return lambda day: any(first <= day <= last for first, last in known)


@lru_cache(maxsize=4_096)
def _start_of(zone: str, day: date) -> str:
    return instant(datetime.combine(day, time(), ZoneInfo(zone)))
