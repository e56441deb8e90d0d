"""Survival of stay: the share of a program's admissions that had not dropped out, day by day, with its interval.

`Step` and `Stay` are all that this picture asks of whoever counts: a program as one of the cohorts (`stay_of`).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from projections.outcomes.cohorts.views import StayView
from projections.pictures.picture import Picture, rounded, sentences

COLUMNS = ("day", "at risk", "share still in care", "interval from", "interval to")
MARKS = 7
"""How many at-risk numbers stand below the curve at most."""
WEEK = 7


class Step(NamedTuple):
    """The curve from a day of the stay on, until the next step; day 0 is the admission. Shares are of 1.

    `at_risk` are the episodes that were in care just before; the ends are of the 95 % interval, None: not known.
    """

    day: int
    at_risk: int
    survival: float
    low: float | None
    high: float | None


class Stay(BaseModel):
    """One program's curve. `ended` dropped out; all others count for as long as they were in care."""

    model_config = ConfigDict(frozen=True)

    program_id: str = Field(description="The program.")
    episodes: int = Field(description="Episodes with an admission.")
    ended: int = Field(description="Of these, ended by dropping out.")
    steps: tuple[Step, ...] = Field(
        description="In order: the admission, then each day on which a stay ended or was last seen."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPicture(Picture):
    """The curve, and how many were at risk on some days."""

    stay: Stay
    at_risk: tuple[tuple[int, int], ...]


def stay_of(found: StayView) -> Stay:
    """The curve of a program, told day by day of at least one admission."""
    steps = [Step(one.day, one.at_risk, one.survival, one.low, one.high) for one in found.points]
    if not steps or steps[0].day > 0:
        steps.insert(0, Step(0, found.n or 0, 1.0, None, None))
    ended = found.points[-1].dropped_out if found.points else 0
    return Stay(program_id=found.cohort or "", episodes=found.n or 0, ended=ended, steps=tuple(steps))


def survival(stay: Stay) -> StayPicture:
    """The picture of a curve, which has at least one step."""
    return StayPicture(
        title="Stay: share of admissions that had not dropped out", described=_told(stay), columns=COLUMNS,
        rows=tuple((one.day, one.at_risk, rounded(one.survival), rounded(one.low), rounded(one.high))
                   for one in stay.steps),
        stay=stay, at_risk=tuple(_at_risk(stay)),
    )  # fmt: skip


def _at_risk(stay: Stay) -> list[tuple[int, int]]:
    """Every so many whole weeks, from the admission on."""
    days, last = [one.day for one in stay.steps], stay.steps[-1].day
    every = WEEK * max(1, -(-last // (WEEK * MARKS)))
    return [(day, stay.steps[bisect_left(days, day)].at_risk) for day in range(0, last + 1, every)]


def _told(stay: Stay) -> str:
    falls = [one for place, one in enumerate(stay.steps) if place and one.survival < stay.steps[place - 1].survival]
    points = "; ".join(
        f"from day {one.day}: {one.survival:.1%}"
        f"{'' if one.low is None or one.high is None else f' (95 % interval {one.low:.1%} to {one.high:.1%})'},"
        f" {one.at_risk} at risk"
        for one in falls
    )
    return sentences((
        f"Program {stay.program_id[:8]}: {stay.episodes} admissions, {stay.ended} dropped out; the longest stay so far"
        f" is {stay.steps[-1].day} days.",
        f"{points[:1].upper()}{points[1:]}." if falls else "Nobody dropped out.",
    ))  # fmt: skip
