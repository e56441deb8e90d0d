"""Where the patient stands on each instrument, as outcomes judge it."""

from __future__ import annotations

from collections.abc import Sequence

from projections.continued_stay.views import ResultView
from projections.outcomes.views import TrendView
from projections.pictures.picture import name


def results(courses: Sequence[TrendView]) -> tuple[ResultView, ...]:
    """The courses of one episode, each by its last measure and what judged that."""
    return tuple(_result(one) for one in courses)


def _result(course: TrendView) -> ResultView:
    first = next((one for one in course.measures if one.days_since_baseline == 0), course.measures[0])
    last = course.measures[-1]
    return ResultView(
        instrument=course.instrument, instrument_version=course.instrument_version, scale=course.scale,
        name=name(course.instrument, course.instrument_version, course.scale), measures=len(course.measures),
        baseline_on=first.administered_on.isoformat(), baseline_score=course.baseline_score,
        last_on=last.administered_on.isoformat(), last_score=last.score, band=last.band,
        band_verified=last.band_verified, change=last.change, change_class=last.change_class,
        reliable_change=last.thresholds.reliable_change,
        minimal_important_difference=last.thresholds.minimal_important_difference,
        threshold_source=last.thresholds.threshold_source,
        slope_per_week=course.slope.per_week if course.slope else None,
        slope_low=course.slope.low if course.slope else None, slope_high=course.slope.high if course.slope else None,
        weeks_since_last=course.weeks_since_last,
    )  # fmt: skip
