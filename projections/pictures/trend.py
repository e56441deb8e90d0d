"""A patient's course on one scale: scores in their bands, what a change is judged by, and the course to expect.

Every course has a panel of its own, so that two versions of an instrument, or two episodes, never share a line. Whole
fortnights without a measure are marked. Triage has levels in place of scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aggregates.assessment.instruments import instrument
from aggregates.assessment.scales import Scale
from projections.outcomes.scales import TRIAGE, gauge
from projections.outcomes.views import ExpectedView, MeasureView, TrendView
from projections.pictures.picture import Cell, Picture, name, number, sentences

FORTNIGHT = 14
"""Days after which a missing measure is marked: the interval at which somebody is to look. Our convention."""
MONTH = 30.4375
COLUMNS = (
    "episode", "version", "day", "score", "band", "change", "class", "reliable change", "occasion", "not answered",
)  # fmt: skip
CLASSES = ("baseline", "recovered", "improved", "unchanged", "deteriorated", "not judged")


@dataclass(frozen=True, slots=True)
class Stripe:
    """One severity band: scores from `low` through `high`."""

    label: str
    low: float
    high: float
    verified: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """One measure; `value` is the score, or of a triage the place of its level, the least urgent 0."""

    day: date
    value: int
    what: str


@dataclass(frozen=True, slots=True)
class Expected:
    """One month of the course to expect, on the day that is so many months after the patient's baseline."""

    day: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One course. `better` and `worse` are the scores from which a change is reliable, where that is established."""

    heading: str
    axis: str
    low: int
    high: int
    levels: tuple[str, ...]
    stripes: tuple[Stripe, ...]
    dots: tuple[Dot, ...]
    baseline: int | None
    better: int | None
    worse: int | None
    expected: tuple[Expected, ...]
    missing: tuple[date, ...]
    higher_is_better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPicture(Picture):
    """A panel for each course, in order of time."""

    panels: tuple[Panel, ...]


def trend(
    courses: Sequence[TrendView], until: Mapping[str, date], expected: Sequence[ExpectedView] = ()
) -> TrendPicture:
    """The picture of courses on one scale of one instrument, of which there is at least one.

    `until` says by episode through which day a measure could have come: today, or the discharge.
    """
    ordered = sorted(courses, key=lambda one: (one.measures[0].administered_on, one.instrument_version))
    hoped = {(one.enrollment_id, one.instrument_version): one for one in expected if one.points}
    panels, told = [], []
    for one in ordered:
        episode = one.enrollment_id or ""
        panel = _panel(one, hoped.get((episode, one.instrument_version)), until.get(episode))
        panels.append(panel)
        told.append(_told(one, panel))
    first = ordered[0]
    return TrendPicture(
        title=name(first.instrument, first.instrument_version, first.scale), described=sentences(told), columns=COLUMNS,
        rows=tuple(row for one in ordered for row in _rows(one)), panels=tuple(panels),
    )  # fmt: skip


def _panel(course: TrendView, hoped: ExpectedView | None, until: date | None) -> Panel:
    known = gauge(course.instrument, course.instrument_version, course.scale)
    scale, baseline = known.scale if known else None, _baseline(course)
    levels = _levels(course)
    dots = tuple(_dots(course, levels, baseline))
    by = course.measures[-1].thresholds
    change, start = by.reliable_change, course.baseline_score
    sign = 1 if by.higher_is_better else -1
    low, high = (0, len(levels) - 1) if levels else (scale.low, scale.high) if scale else _reach(dots)
    return Panel(
        heading=_heading(course), axis="level" if levels else f"score, {low} to {high} points", low=low, high=high,
        levels=levels, stripes=tuple(_stripes(scale, course.last_on.isoformat())) if scale else (), dots=dots,
        baseline=start, better=None if change is None or start is None else start + sign * change,
        worse=None if change is None or start is None else start - sign * change,
        expected=tuple(_expected(hoped, baseline)), missing=tuple(_missing([one.day for one in dots], until)),
        higher_is_better=bool(by.higher_is_better),
    )  # fmt: skip


def _baseline(course: TrendView) -> MeasureView | None:
    """The measure that changes are counted from."""
    return next((one for one in course.measures if one.days_since_baseline == 0), None)


def _dots(course: TrendView, levels: Sequence[str], baseline: MeasureView | None) -> Iterator[Dot]:
    for one in course.measures:
        value = levels.index(one.band) if levels and one.band in levels else one.score
        if value is not None:
            what = "baseline" if one is baseline else one.change_class or "not judged"
            yield Dot(one.administered_on, value, what)


def _levels(course: TrendView) -> tuple[str, ...]:
    """A triage's levels, the least urgent first; none for a scale with scores."""
    kind = instrument(course.instrument, course.instrument_version)
    if course.scale != TRIAGE or kind is None or kind.triage is None:
        return ()
    return ("none", *(one.name for one in reversed(kind.triage.levels)))


def _stripes(scale: Scale, day: str) -> Iterator[Stripe]:
    bands = scale.on(day).bands
    for one in bands.ranges if bands else ():
        yield Stripe(one.label, one.low, one.high, bands.verified if bands else False)


def _reach(dots: Sequence[Dot]) -> tuple[int, int]:
    """Of a version that is not known here: as far as its scores go."""
    return 0, max((one.value for one in dots), default=1) or 1


def _expected(hoped: ExpectedView | None, baseline: MeasureView | None) -> Iterator[Expected]:
    if hoped is None or baseline is None:
        return
    for one in hoped.points:
        if one.mean is not None and one.low is not None and one.high is not None:
            day = baseline.administered_on + timedelta(round(one.month * MONTH))
            yield Expected(day, one.mean, one.low, one.high)


def _missing(days: Sequence[date], until: date | None) -> Iterator[date]:
    """The last day of each whole fortnight without a measure, between measures and after the last one."""
    ends = [*days[1:], *([until + timedelta(1)] if until and days and until > days[-1] else [])]
    for first, then in zip(days, ends, strict=False):
        day = first + timedelta(FORTNIGHT)
        while day < then:
            yield day
            day += timedelta(FORTNIGHT)


def _heading(course: TrendView) -> str:
    whose = f"episode {course.enrollment_id[:8]}" if course.enrollment_id else "outside any episode"
    return f"patient {course.patient_id[:8]}, {whose}, version {course.instrument_version}"


def _told(course: TrendView, panel: Panel) -> str:
    """The course in sentences."""
    measures = course.measures
    many = f"{len(measures)} measure{'s' if len(measures) > 1 else ''} from {measures[0].administered_on}"
    return sentences((
        f"{panel.heading[:1].upper()}{panel.heading[1:]}: {many} through {course.last_on}.",
        "; ".join(_point(one) for one in measures) + ".",
        _judged(course, panel),
        _slope(course),
        "Expected: " + "; ".join(
            f"{one.day}: {number(one.mean)} ({number(one.low)} to {number(one.high)})" for one in panel.expected
        ) + "." if panel.expected else "",
        f"No measure in the {FORTNIGHT} days to {', to '.join(map(str, panel.missing))}." if panel.missing else "",
    ))  # fmt: skip


def _point(one: MeasureView) -> str:
    said = [one.band, f"change {one.change:+d}" if one.change is not None else None, one.change_class]
    told = ", ".join(part for part in said if part)
    return f"{one.administered_on}: {'no score' if one.score is None else one.score}{f' ({told})' if told else ''}"


def _judged(course: TrendView, panel: Panel) -> str:
    if panel.better is None or panel.worse is None:
        return "" if panel.levels else "No change is called reliable: no threshold is established."
    better, worse = ("above", "below") if panel.higher_is_better else ("below", "above")
    return (
        f"Baseline {course.baseline_score}; reliably better at {panel.better} or {better},"
        f" reliably worse at {panel.worse} or {worse}."
    )


def _slope(course: TrendView) -> str:
    line = course.slope
    return "" if line is None else (
        f"Slope {line.per_week:+.2f} points a week (95 % interval {line.low:+.2f} to {line.high:+.2f}, n = {line.n})."
    )


def _rows(course: TrendView) -> Iterator[tuple[Cell, ...]]:
    for one in course.measures:
        yield (
            course.enrollment_id, course.instrument_version, one.administered_on.isoformat(), one.score, one.band,
            one.change, one.change_class, one.thresholds.reliable_change, one.occasion,
            ", ".join(map(str, one.missing_items)) or None,
        )  # fmt: skip
