"""A program's attendance, patient by patient and day by day, for those in care at any time between two days.

Sessions that were called off are left out: nobody missed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from psycopg import Cursor
from pydantic import Field

from iop_es.engine.statements import named
from projections.caseload.summary import CAME
from projections.caseload.views import View

DAYS = b"""
SELECT e.patient_id, min(e.admitted_on) OVER (PARTITION BY e.patient_id) AS since, a.service_date AS "on",
       count(a.state) FILTER (WHERE a.state = ANY(%(came)s))::int AS came,
       count(a.state) FILTER (WHERE a.state = 'absent_excused')::int AS excused,
       count(a.state) FILTER (WHERE a.state = 'absent')::int AS absent
FROM episode e
LEFT JOIN (attendance a JOIN session s USING (session_id))
    ON a.enrollment_id = e.enrollment_id AND a.service_date BETWEEN %(first)s AND %(last)s AND s.state <> 'cancelled'
WHERE e.program_id = ANY(%(programs)s) AND e.admitted_on <= %(last)s
  AND (e.discharged_on IS NULL OR e.discharged_on >= %(first)s)
GROUP BY e.patient_id, e.admitted_on, a.service_date
ORDER BY since, e.patient_id, a.service_date NULLS LAST
"""


class AttendanceDay(View):
    """One patient's day: how many services the patient came to, and how many were missed."""

    on: date = Field(description="The day.")
    came: int = Field(description="Services that the patient came to.")
    excused: int = Field(description="Services missed and excused.")
    absent: int = Field(description="Services missed.")


class PatientAttendance(View):
    """One patient's days on which a service expected the patient, or the patient came."""

    patient_id: str = Field(description="The patient.")
    days: tuple[AttendanceDay, ...] = Field(description="In order.")


class AttendanceMap(View):
    """One program's attendance between two days."""

    program_id: str = Field(description="The program.")
    first: date = Field(description="The first day.")
    last: date = Field(description="The last day.")
    patients: tuple[PatientAttendance, ...] = Field(description="Who was in care on any of the days, by first day.")


def attendance_map(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, first: str, last: str  # noqa: ARG001 - every query is given it
) -> AttendanceMap | None:
    """The attendance of one program, which is named alone in `programs`."""
    asked = {"programs": list(programs), "first": first, "last": last, "came": list(CAME)}
    rows = named(cursor.execute(DAYS, asked))
    patients = [
        PatientAttendance(patient_id=patient, days=tuple(_day(row) for row in own if row["on"] is not None))
        for patient, own in groupby(rows, key=lambda row: row["patient_id"])
    ]
    return AttendanceMap(
        program_id=programs[0], first=date.fromisoformat(first), last=date.fromisoformat(last), patients=tuple(patients)
    )


def _day(row: dict[str, Any]) -> AttendanceDay:
    return AttendanceDay(**{name: row[name] for name in AttendanceDay.model_fields})
