"""What the pictures of a patient's courses are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Cursor
from pydantic import Field

from aggregates.values import moment
from iop_es.engine.readmodel.model import Delta
from projections.outcomes import queries
from projections.outcomes.rows import EpisodeRow
from projections.outcomes.views import ExpectedView, TrendView, View

ENDS = b"""
SELECT e.enrollment_id, e.discharged_on,
       (%(now)s::timestamptz AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date AS today
FROM episode e LEFT JOIN program p USING (program_id)
WHERE e.program_id = ANY(%(programs)s) AND e.patient_id = %(patient)s
ORDER BY e.enrollment_id
"""


class Courses(View):
    """A patient's courses on one scale of one instrument, and what they are shown beside."""

    patient_id: str = Field(description="Whose courses.")
    courses: tuple[TrendView, ...] = Field(description="In no order of time.")
    until: dict[str, date] = Field(description="By episode: the discharge, or today where it is open.")
    expected: tuple[ExpectedView, ...] = Field(description="What to expect; none as of a moment that is past.")


def courses(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, instrument: str, scale: str
) -> Courses | None:
    """A patient's courses on a scale; None where there is none."""
    asked: Any = {"programs": programs, "now": now, "patient_id": patient_id, "instrument": instrument}
    found = queries.trends(cursor, **asked)
    hoped = [one for one in queries.expected(cursor, **asked) if one.scale == scale]
    ends = cursor.execute(ENDS, {"programs": list(programs), "now": now, "patient": patient_id}).fetchall()
    until = {enrollment: discharged or today for enrollment, discharged, today in ends}
    return _on(scale, patient_id, found, until, hoped)


def courses_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, patient_id: str, instrument: str, scale: str
) -> Courses | None:
    """The same from the rows of a fold as of a moment; what to expect rests on other patients and is left out."""
    found = queries.trends_from_rows(
        delta, programs=programs, now=now, patient_id=patient_id, instrument=instrument
    )  # fmt: skip
    return _on(scale, patient_id, found, ends_from_rows(delta, now), ())


def ends_from_rows(delta: Delta, now: str) -> dict[str, date]:
    """By episode the discharge as known then, or the day that it was in the program's zone."""
    zones = {program_id: zone for scope in delta.rows.get("program", {}).values() for program_id, zone in scope}
    episodes = (EpisodeRow(*row) for scope in delta.rows.get("episode", {}).values() for row in scope)
    return {
        one.enrollment_id: date.fromisoformat(one.discharged_on) if one.discharged_on else
        moment(now).astimezone(ZoneInfo(zones.get(one.program_id, "UTC"))).date()
        for one in episodes
    }  # fmt: skip


def _on(
    scale: str, patient_id: str, found: Sequence[TrendView], until: Mapping[str, date], hoped: Sequence[ExpectedView]
) -> Courses | None:
    own = tuple(one for one in found if one.scale == scale)
    return Courses(patient_id=patient_id, courses=own, until=dict(until), expected=tuple(hoped)) if own else None
