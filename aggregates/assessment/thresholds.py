"""What a score is judged by: bands, cut, and what counts as change, each value with its source.

`verified` says that the value was read in an official or primary source; `dated` is that source's year, where known.
Thresholds are dated: a result is judged by those in force on the day it was taken, and no entry is ever edited.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import Annotated

from pydantic import Field

from aggregates.kit import value
from aggregates.values import Date, Label

Points = Annotated[int, Field(ge=0, le=1_000)]
Number = Annotated[int, Field(ge=1, le=100)]
Year = Annotated[str, Field(pattern=r"^\d{4}$")]
Between = Annotated[float, Field(gt=0, lt=1)]


def reliable_change(standard_deviation: float, reliability: float) -> int:
    """Points from which a change is more than chance: 1.96 x SD x sqrt(2) x sqrt(1 - reliability), rounded up.

    The reliable change index of Jacobson and Truax (1991), at 95 %.
    """
    return ceil(round(1.96 * standard_deviation * sqrt(2) * sqrt(1 - reliability), 9))


@value
class Sourced:
    """Where something was read."""

    source: Label
    verified: bool
    dated: Year | None = None


@value
class Limit(Sourced):
    """A number of points that something is held against."""

    points: Points


@value
class Share(Sourced):
    """A share of the baseline that must be gone."""

    share: Between


@value
class ReliableChange(Sourced):
    """A reliable change, published as points or to be computed from a standard deviation and a reliability."""

    points: Points | None = None
    standard_deviation: Annotated[float, Field(gt=0)] | None = None
    reliability: Between | None = None

    @property
    def threshold(self) -> int:
        """In whole points. Raises ValueError unless there are either points or both of the others."""
        computed = self.standard_deviation is not None and self.reliability is not None
        if (self.points is not None) == computed:
            raise ValueError("A reliable change is published in points, or has a standard deviation and a reliability.")
        if self.standard_deviation is None or self.reliability is None:
            return self.points or 0
        return reliable_change(self.standard_deviation, self.reliability)


@value
class Band:
    """A range of scores with a name, both ends included."""

    label: Label
    low: Points
    high: Points


@value
class Bands(Sourced):
    """The severity bands, from the lowest score to the highest without a gap."""

    ranges: tuple[Band, ...]

    def holding(self, score: int) -> int:
        """The place of the band of a score. Raises ValueError for a score outside all of them."""
        for place, band in enumerate(self.ranges):
            if band.low <= score <= band.high:
                return place
        raise ValueError(f"No band holds the score {score}.")


@value
class Answered:
    """Any of these items answered with at least so many points."""

    items: tuple[Number, ...]
    at_least: Points

    def met(self, items: tuple[int | None, ...]) -> bool:
        """Whether one of them was."""
        return any((items[number - 1] or 0) >= self.at_least for number in self.items if number <= len(items))


@value
class Raise(Sourced):
    """Answers, any of which moves the band one up, at most once."""

    any_of: tuple[Answered, ...]


@value
class Thresholds:
    """Everything that judges a score from a day on (None: since ever) until the next entry; None: not established.

    `cut` and `remission` are limits of the ill side, ill at the limit and beyond; `end_state` is reached at the limit.
    """

    in_force_from: Date | None = None
    bands: Bands | None = None
    raised: Raise | None = None
    cut: Limit | None = None
    reliable_change: ReliableChange | None = None
    minimal_important_difference: Limit | None = None
    response: Share | None = None
    remission: Limit | None = None
    end_state: Limit | None = None

    def band(self, score: int, items: tuple[int | None, ...] = ()) -> tuple[Band, bool] | None:
        """The band of a score and whether answers raised it; None without bands.

        Raises ValueError for a score that the instrument cannot have.
        """
        if self.bands is None:
            return None
        place = self.bands.holding(score)
        up = self.raised is not None and any(one.met(items) for one in self.raised.any_of)
        up = up and place + 1 < len(self.bands.ranges)
        return self.bands.ranges[place + up], up
