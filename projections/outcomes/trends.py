"""A patient's courses as they are shown, made of rows; the rows may lie in tables or come from an as-of fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from aggregates.values import moment
from projections.outcomes.rows import Measure
from projections.outcomes.statistics import slope
from projections.outcomes.views import MeasureView, SlopeView, ThresholdsView, TrendView


def in_time(measure: Measure) -> tuple[str, ...]:
    """Where a measure stands among all of a patient: by course, then by time."""
    return (*_course(measure), measure.administered_on, measure.administered_at, measure.assessment_id)


def shown(measures: Iterable[Measure], zones: Mapping[str, str], now: str) -> list[TrendView]:
    """The courses of measures that come in order; `zones` are the programs' time zones, `now` is an instant."""
    return [_trend(list(group), zones, now) for _, group in groupby(measures, key=_course)]


def _trend(measures: Sequence[Measure], zones: Mapping[str, str], now: str) -> TrendView:
    first, last = measures[0], measures[-1]
    return TrendView(
        patient_id=first.patient_id,
        program_id=first.program_id,
        enrollment_id=first.enrollment_id,
        instrument=first.instrument,
        instrument_version=first.instrument_version,
        scale=first.scale,
        baseline_score=first.baseline_score,
        last_on=_date(last.administered_on),
        weeks_since_last=_weeks(last, zones.get(last.program_id, "UTC"), now),
        last_score=last.score,
        change_class=last.change_class,
        slope=_slope(measures),
        measures=tuple(_measure(measure) for measure in measures),
    )


def _measure(measure: Measure) -> MeasureView:
    fields = measure._asdict()
    return MeasureView.model_validate({**fields, "thresholds": ThresholdsView.model_validate(fields)})


def _slope(measures: Sequence[Measure]) -> SlopeView | None:
    points = [
        (one.days_since_baseline, one.score) for one in measures
        if one.months_since_baseline is not None and one.occasion != "follow_up"
    ]
    known = [(days, score) for days, score in points if days is not None and score is not None]
    line = slope([days for days, _ in known], [score for _, score in known])
    return None if line is None else SlopeView(per_week=line.per_week, low=line.low, high=line.high, n=len(known))


def _weeks(last: Measure, zone: str, now: str) -> float:
    today = moment(now).astimezone(ZoneInfo(zone)).date()
    return round(max(0, (today - _date(last.administered_on)).days) / 7, 1)


def _date(day: str | date) -> date:
    """Tables give dates, a fold gives their text."""
    return day if isinstance(day, date) else date.fromisoformat(day)


def _course(one: Measure) -> tuple[str, ...]:
    return (one.instrument, one.instrument_version, one.scale, one.program_id, one.enrollment_id or "")
