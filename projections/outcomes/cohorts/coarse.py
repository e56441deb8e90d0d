"""What leaves the program is told coarsely and as of one day, so that no two answers differ by a person.

Suppression (`suppression`) looks at one answer. Somebody who subtracts answers (all admissions and those measured, one
instrument and another, one version and the next) could still find a few patients, so nothing exact leaves the program:
counts to the nearest five, shares to the nearest twentieth, scores to a tenth, the rest to a hundredth, days to whole
weeks. And all answers of a month are as of the end of the last one (`last_month`), so that yesterday cannot be
subtracted from today. What is entered late or corrected after that end is in the answers since; that it shows through
the rounding is unlikely, not impossible. The numbers are ours, unverified.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeVar

from aggregates.values import moment
from projections.outcomes.cohorts.suppression import FEWEST
from projections.outcomes.views import View

Told = TypeVar("Told", bound=View)
STEP = 5
SHARE = 20
WEEK = 7
COUNTS = frozenset({"n", "n_one", "n_other", "admitted", "never_again", "nothing_planned"})
SHARES = frozenset({"share", "coverage", "over", "up_to", "attendance_mean"})
HUNDREDTHS = frozenset({"effect_size", "correlation", "p_value"})


def last_month(now: str) -> date:
    """The last day of the last month that is over in every time zone: on the first in UTC, the one before."""
    day = moment(now).date() - timedelta(1)
    return date(day.year, day.month, 1) - timedelta(1)


def count(number: int) -> int:
    """The nearest multiple of five; no number under eleven but 0, which tells of nobody."""
    nearest = STEP * ((number + STEP // 2) // STEP)
    return nearest if nearest == 0 or nearest >= FEWEST else STEP * -(-FEWEST // STEP)


def coarse(view: Told) -> Told:
    """The same answer without anything exact."""
    return type(view).model_validate(_of(view.model_dump(), 1))


def _of(part: Any, digits: int) -> Any:
    """A part of an answer; numbers that no name says more of have so many digits."""
    if isinstance(part, dict):
        return {name: _named(name, one, digits) for name, one in part.items()}
    if isinstance(part, list | tuple):
        return [_of(one, digits) for one in part]
    return round(part, digits) if isinstance(part, float) else part


def _named(name: str, one: Any, digits: int) -> Any:
    if one is None:
        return None
    if name in COUNTS:
        return count(one)
    if name in SHARES:
        return round(one * SHARE) / SHARE
    if name == "median_days":
        return WEEK * -(-one // WEEK)
    return _of(one, 2 if name in HUNDREDTHS else digits)
