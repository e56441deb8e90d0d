"""Week by week: what the plan wants, what was offered, what the patient came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from aggregates.enrollment.state import Episode
from projections.caseload.summary import CAME
from projections.continued_stay.views import WeekView

Row = Mapping[str, Any]
LAST = timedelta(6)


def weeks(episode: Episode, attended: Sequence[Row], today: date) -> tuple[WeekView, ...]:
    """Every week from the admission to the day or the discharge; `attended` are the episode's attendances, without
    those of sessions that were called off."""
    if episode.admitted_on is None:
        return ()
    admitted = date.fromisoformat(episode.admitted_on)
    last = min(today, date.fromisoformat(episode.discharged_on)) if episode.discharged_on else today
    return tuple(_week(episode, attended, monday, admitted, last) for monday in _mondays(admitted, last))


def _mondays(first: date, last: date) -> Iterator[date]:
    monday = first - timedelta(first.weekday())
    while monday <= last:
        yield monday
        monday += timedelta(7)


def _week(episode: Episode, attended: Sequence[Row], monday: date, admitted: date, last: date) -> WeekView:
    first, end = monday.isoformat(), (monday + LAST).isoformat()
    own = [row for row in attended if first <= row["service_date"] <= end]
    came = [row for row in own if row["state"] in CAME]
    planned = _planned(episode, min(end, last.isoformat()))
    return WeekView(
        week=first, whole=admitted <= monday and monday + LAST < last,
        planned_minutes=planned[0] if planned else None, planned_days=planned[1] if planned else None,
        scheduled_minutes=sum(row["scheduled_minutes"] for row in own),
        attended_minutes=sum(row["minutes"] or 0 for row in came),
        attended_days=len({row["service_date"] for row in came}),
        excused=sum(row["state"] == "absent_excused" for row in own),
        absent=sum(row["state"] == "absent" for row in own),
    )  # fmt: skip


def _planned(episode: Episode, day: str) -> tuple[int, int] | None:
    """Minutes and days a week by the plan that was in force, before the first plan by the admission."""
    plans = [one for one in episode.plans if one.adopted_on <= day]
    if plans:
        plan = max(reversed(plans), key=lambda one: one.adopted_on)
        return plan.weekly_minutes, plan.weekly_days
    admission = episode.admission
    return (admission.planned_minutes, admission.planned_days) if admission else None
