"""How long patients stay: Kaplan and Meier's curve of dropping out, by SciPy, and beside it who ended how by then.

Dropping out is the event. Who completed, ended otherwise or is still in care is censored on that day: the curve tells
of those who might still drop out, and flatters a program that discharges many. The cumulative shares of everybody, with
nobody censored, stand beside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from warnings import catch_warnings

from projections.outcomes.cohorts.members import ENDED, Ended, Member
from projections.outcomes.statistics import CONFIDENCE

WEEK = 7


class Point(NamedTuple):
    """A day of stays. `at_risk` are those who were in care as it began, `ended` is how many had ended how by its end;
    `low` and `high` are None where the variance is none: before the first drop-out and where nobody is left."""

    day: int
    at_risk: int
    survival: float
    low: float | None
    high: float | None
    ended: dict[Ended, int]


class Curve(NamedTuple):
    """A curve by day; `median` is the first day by whose end half or more had dropped out, None if that never came."""

    points: tuple[Point, ...]
    median: int | None


def curve(members: Sequence[Member]) -> Curve:
    """The curve at the end of each day on which anybody's stay ended or was last seen. The interval is the log-log one,
    which stays between 0 and 1."""
    if not members:
        return Curve((), None)
    from scipy import stats  # noqa: PLC0415 - only those who ask for it should pay for it

    stayed = [one.days for one in members]
    sample = stats.CensoredData.right_censored(stayed, [one.ended != "dropped_out" for one in members])
    found = stats.ecdf(sample).sf
    with catch_warnings(action="ignore", category=RuntimeWarning):  # of the days without a variance
        ends = found.confidence_interval(CONFIDENCE, method="log-log")
    days = [int(day) for day in found.quantiles]
    ended = {end: _by(days, [one.days for one in members if one.ended == end]) for end in ENDED}
    gone = [0, *(sum(ended[end][place] for end in ENDED) for place in range(len(days)))]
    points = tuple(
        Point(
            day, len(members) - gone[place], float(found.probabilities[place]),
            _known(ends.low.probabilities[place]), _known(ends.high.probabilities[place]),
            {end: ended[end][place] for end in ENDED if end != "in_care"},
        )
        for place, day in enumerate(days)
    )
    return Curve(points, next((one.day for one in points if one.survival <= 0.5), None))


def weekly(members: Sequence[Member], points: Sequence[Point]) -> tuple[Point, ...]:
    """The same curve at the end of each week: day 7 ends the first one, the admission being day 0."""
    if not points:
        return ()
    latest = points[0]._replace(day=0, survival=1.0, low=None, high=None, ended=dict.fromkeys(points[0].ended, 0))
    days, stayed, found = [one.day for one in points], sorted(one.days for one in members), []
    for day in range(WEEK, max(WEEK, days[-1] + WEEK - 1) + 1, WEEK):
        place = bisect_right(days, day)
        latest = points[place - 1] if place else latest
        found.append(latest._replace(day=day, at_risk=len(stayed) - bisect_left(stayed, day)))
    return tuple(found)


def _by(days: Sequence[int], ends: Sequence[int]) -> list[int]:
    """How many of the ends had come by each of these days."""
    on = dict.fromkeys(days, 0)
    for day in ends:
        on[day] += 1
    return list(accumulate(on[day] for day in days))


def _known(number: float) -> float | None:
    return None if number != number else float(number)  # noqa: PLR0124 - the library says "not a number"
