"""The course to expect: this program's own earlier episodes, month by month, and nothing where they are too few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from projections.outcomes.statistics import interval
from projections.outcomes.views import ExpectedPointView, ExpectedView

ENOUGH = 50
"""Episodes under which a mean is no expectation: our convention, no source."""

COURSE = ("program_id", "enrollment_id", "instrument", "instrument_version", "scale", "began_on")


def expectations(rows: Iterable[Mapping[str, Any]]) -> list[ExpectedView]:
    """One for each of the patient's courses in an episode, of rows by course and month."""
    return [
        _expected(dict(zip(COURSE, course, strict=True)), list(group))
        for course, group in groupby(rows, key=lambda row: tuple(row[name] for name in COURSE))
    ]


def _expected(course: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> ExpectedView:
    episodes = next((row["n"] for row in rows if row["month"] == 0), 0)
    enough = episodes >= ENOUGH
    few = f"{episodes} earlier episodes of this program have a baseline; {ENOUGH} are needed."
    return ExpectedView(
        **course, episodes=episodes, not_shown=None if enough else few,
        points=tuple(_point(row) for row in rows) if enough else (),
    )


def _point(row: Mapping[str, Any]) -> ExpectedPointView:
    n, mean, deviation = row["n"], row["mean"], row["standard_deviation"]
    if n < ENOUGH:
        return ExpectedPointView(month=row["month"], n=n, mean=None, low=None, high=None, standard_deviation=None)
    low, high = interval(mean, deviation, n)
    return ExpectedPointView(month=row["month"], n=n, mean=mean, low=low, high=high, standard_deviation=deviation)
