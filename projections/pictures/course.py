"""A cohort's course: the mean of those measured at each point, with its interval, and how many they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from projections.outcomes.scales import gauge
from projections.outcomes.statistics import interval
from projections.outcomes.views import CourseView, PointView
from projections.pictures.picture import Cell, Picture, name, number, rounded, sentences

COLUMNS = (
    "version", "point", "n", "missing", "not yet due", "mean", "interval from", "interval to", "standard deviation",
    "mean change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mean:
    """One point; `low` and `high` are the 95 % interval of the mean, None for a single episode."""

    point: str
    n: int
    missing: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One version's course."""

    heading: str
    points: tuple[Mean, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePicture(Picture):
    """A panel for each version. `low` and `high` are the ends of the scale, None where no version is known."""

    lines: tuple[Line, ...]
    axis: str
    low: int | None
    high: int | None


def course(found: Sequence[CourseView], program_id: str) -> CoursePicture:
    """The picture of one program's courses on one scale, a panel for each version; there is at least one."""
    first = found[0]
    scale = next((one.scale for view in found if (one := gauge(view.instrument, view.instrument_version, view.scale))
                  and one.scale), None)  # fmt: skip
    lines = tuple(_line(view) for view in found)
    return CoursePicture(
        title=f"{name(first.instrument, first.instrument_version, first.scale)}: mean of the program's episodes",
        described=sentences([_told(view, line, program_id) for view, line in zip(found, lines, strict=True)]),
        columns=COLUMNS, rows=tuple(row for view in found for row in _rows(view)), lines=lines,
        axis="months since baseline" if first.by == "month" else "occasion",
        low=scale.low if scale else None, high=scale.high if scale else None,
    )  # fmt: skip


def _line(view: CourseView) -> Line:
    points = tuple(
        Mean(one.point, one.n, one.missing, one.mean, *_interval(one)) for one in view.points if one.mean is not None
    )
    return Line(f"version {view.instrument_version}, {view.cohort} episodes with a baseline", points)


def _interval(one: PointView) -> tuple[float | None, float | None]:
    if one.mean is None or one.standard_deviation is None or one.n < 2:
        return None, None
    return interval(one.mean, one.standard_deviation, one.n)


def _told(view: CourseView, line: Line, program_id: str) -> str:
    unit = "month " if view.by == "month" else ""
    points = "; ".join(
        f"{unit}{one.point.replace('_', ' ')}: mean {number(one.mean)}"
        f"{'' if one.low is None else f' (95 % interval {number(one.low)} to {number(one.high)})'}, n = {one.n},"
        f" {one.missing} missing"
        for one in line.points
    )
    told = f"{points[:1].upper()}{points[1:]}"
    return f"Program {program_id[:8]}, {line.heading}. {told}. Missing episodes are in no mean."


def _rows(view: CourseView) -> Iterator[tuple[Cell, ...]]:
    for one in view.points:
        low, high = _interval(one)
        yield (
            view.instrument_version, one.point, one.n, one.missing, one.not_yet_due, rounded(one.mean), rounded(low),
            rounded(high), rounded(one.standard_deviation), rounded(one.mean_change),
        )  # fmt: skip
