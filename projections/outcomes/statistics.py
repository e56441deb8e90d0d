"""Slopes and intervals, from SciPy. It is imported when the first of them is asked for: folding facts needs none."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

CONFIDENCE = 0.95


class Slope(NamedTuple):
    """Points a week with the ends of the 95 % interval."""

    per_week: float
    low: float
    high: float


def prepare() -> None:
    """Imports what the others need, so that a server's first question about a course does not wait for it."""
    from scipy import stats  # noqa: F401, PLC0415 - as below


def slope(days: Sequence[int], scores: Sequence[int]) -> Slope | None:
    """The least-squares line through scores by day; None under three measures, or where all are of one day."""
    if len(scores) < 3 or len(set(days)) < 2:
        return None
    if len(set(scores)) == 1:  # the library's error of a line through equal scores is not a number
        return Slope(0.0, 0.0, 0.0)
    from scipy import stats  # noqa: PLC0415 - a second and 60 MB, which only those who ask for it should pay

    weeks = [day / 7 for day in days]
    line = stats.linregress(weeks, scores)
    margin = stats.t.ppf((1 + CONFIDENCE) / 2, len(scores) - 2) * line.stderr
    return Slope(float(line.slope), float(line.slope - margin), float(line.slope + margin))


def interval(mean: float, standard_deviation: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a mean of n scores (two or more), by the t distribution."""
    from scipy import stats  # noqa: PLC0415 - as above

    margin = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * standard_deviation / sqrt(n)
    return mean - margin, mean + margin
