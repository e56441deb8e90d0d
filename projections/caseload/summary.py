"""One patient's summary, from stored rows or from the rows of a fold as of any moment: the same function makes both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Cursor, sql

from iop_es.engine.readmodel.model import Delta, Table
from iop_es.engine.statements import named
from projections.caseload.authorization import AUTHORIZATION
from projections.caseload.enrollment import DIAGNOSIS, EPISODE, LEAVE, LEVEL
from projections.caseload.names import Opening, with_names
from projections.caseload.organization import PROGRAM
from projections.caseload.patient import CONSENT, COVERAGE, GUARDIAN, PATIENT
from projections.caseload.session import ATTENDANCE
from projections.caseload.statements import rows_of
from projections.caseload.summary_views import (
    AuthorizationView,
    Certification,
    ConsentView,
    CoverageView,
    Diagnosis,
    EpisodeView,
    GuardianView,
    LastAttendance,
    PatientSummary,
    Plan,
    Status,
)
from projections.caseload.views import Leave

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
TABLES = (PATIENT, COVERAGE, CONSENT, GUARDIAN, EPISODE, LEVEL, LEAVE, DIAGNOSIS, AUTHORIZATION, ATTENDANCE, PROGRAM)
BY_EPISODE = (LEVEL, LEAVE, DIAGNOSIS)
OF_EPISODE = ("episode_level", "episode_leave", "episode_diagnosis", "authorization", "attendance")
CAME = ("attended", "left", "checked_in")
MISSED = ("absent", "absent_excused")


def patient_summary(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, opening: Opening
) -> PatientSummary | None:
    """What is known of a patient now; None for one who has no episode in these programs."""
    tables = {table.name: _stored(cursor, table, patient_id) for table in TABLES}
    return _summary(tables, programs, now, patient_id, opening)


def summary_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, patient_id: str, opening: Opening
) -> PatientSummary | None:
    """The same from the rows of one patient's fold as of a moment; `now` is that moment."""
    return _summary({table.name: rows_of(delta, table) for table in TABLES}, programs, now, patient_id, opening)


def _stored(cursor: Cursor[Any], table: Table, patient_id: str) -> list[Row]:
    conditions = {
        PROGRAM: "program_id IN (SELECT program_id FROM episode WHERE patient_id = %(patient_id)s)",
    }
    of_episode = "enrollment_id IN (SELECT enrollment_id FROM episode WHERE patient_id = %(patient_id)s)"
    conditions |= dict.fromkeys(BY_EPISODE, of_episode)
    condition = conditions.get(table, "patient_id = %(patient_id)s")
    query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(table.name), sql.SQL(condition)
    )
    rows = named(cursor.execute(query, {"patient_id": patient_id}))
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Days as the fold writes them: ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def _summary(
    tables: Tables, programs: Sequence[str], now: str, patient_id: str, opening: Opening
) -> PatientSummary | None:
    episodes = [row for row in tables["episode"] if row["program_id"] in programs and row["patient_id"] == patient_id]
    if not episodes:
        return None
    own = [row for row in tables["patient"] if row["patient_id"] == patient_id]
    person = next(iter(with_names(own, opening)), {})
    covered = [row for row in tables["coverage"] if row["patient_id"] == patient_id]
    covered.sort(key=lambda row: row["effective_from"], reverse=True)
    covered.sort(key=lambda row: row["rank"])
    consents = sorted(tables["consent"], key=lambda row: (row["signed_on"], row["consent_id"]))
    guardians = sorted(tables["guardian"], key=lambda row: (row["effective_from"], row["guardian_id"]))
    episodes.sort(key=lambda row: (row["referred_on"], row["enrollment_id"]), reverse=True)
    return PatientSummary(
        patient_id=patient_id, name=person.get("name"),
        year_of_birth=person.get("year_of_birth"), coverages=tuple(_view(CoverageView, row) for row in covered),
        consents=tuple(_view(ConsentView, row) for row in consents if row["patient_id"] == patient_id),
        guardians=tuple(_view(GuardianView, row) for row in guardians if row["patient_id"] == patient_id),
        episodes=tuple(_episode(row, tables, _today(tables, row["program_id"], now)) for row in episodes),
    )  # fmt: skip


def _view(view: Any, row: Row) -> Any:
    return view(**{name: row[name] for name in view.model_fields})


def _today(tables: Tables, program_id: str, now: str) -> str:
    """The day that it is in the program's zone; before a program is known, in UTC."""
    zone = next((row["time_zone"] for row in tables["program"] if row["program_id"] == program_id), "UTC")
    return datetime.fromisoformat(now).astimezone(ZoneInfo(zone)).date().isoformat()


def _episode(row: Row, tables: Tables, today: str) -> EpisodeView:
    own = {name: _of(tables[name], row) for name in OF_EPISODE}
    day = min(today, row["discharged_on"] or today)
    leave = None if row["discharged_on"] else _leave(own["episode_leave"], today)
    came = [one for one in own["attendance"] if one["state"] in CAME]
    last = max(came, key=lambda one: (one["service_date"], one["arrived_at"] or "", one["attendance_id"]), default=None)
    granted = sorted(own["authorization"], key=lambda one: one["authorization_id"])
    diagnoses = sorted(own["episode_diagnosis"], key=lambda one: (one["rank"], one["effective_from"]))
    granted.sort(key=lambda one: one["valid_through"], reverse=True)
    return EpisodeView(
        **{name: row[name] for name in (
            "enrollment_id", "program_id", "referred_on", "admitted_on", "discharged_on", "discharge_reason",
            "attending_id",
        )},
        status=_status(row, leave), level_of_care=_level(own["episode_level"], day), leave=leave, plan=_plan(row),
        diagnoses=tuple(_view(Diagnosis, one) for one in diagnoses), certification=_certification(row),
        authorizations=tuple(_view(AuthorizationView, one) for one in granted),
        last_attendance=_view(LastAttendance, last) if last else None, attended=len(came),
        absent=sum(one["state"] in MISSED for one in own["attendance"]),
    )  # fmt: skip


def _of(rows: Sequence[Row], episode: Row) -> list[Row]:
    return [row for row in rows if row["enrollment_id"] == episode["enrollment_id"]]


def _status(row: Row, leave: Leave | None) -> Status:
    if row["discharged_on"]:
        return "discharged"
    if row["admitted_on"] is None:
        return "referred"
    return "on_leave" if leave else "in_care"


def _level(levels: list[Row], day: str) -> str | None:
    begun = [row for row in levels if row["effective_on"] <= day]
    latest = max(begun, key=lambda row: row["effective_on"], default=None)
    return latest["level_of_care"] if latest else None


def _leave(leaves: list[Row], today: str) -> Leave | None:
    away = [row for row in leaves if row["started_on"] <= today and (row["returned_on"] or "9999") > today]
    latest = max(away, key=lambda row: row["started_on"], default=None)
    return _view(Leave, latest) if latest else None


def _plan(row: Row) -> Plan | None:
    if row["plan_id"] is None:
        return None
    return Plan(
        plan_id=row["plan_id"], adopted_on=row["plan_adopted_on"], goals=row["plan_goals"],
        weekly_days=row["weekly_days"], weekly_minutes=row["weekly_minutes"], review_due_on=row["review_due_on"],
    )  # fmt: skip


def _certification(row: Row) -> Certification | None:
    if row["certified_on"] is None:
        return None
    return Certification(
        certified_on=row["certified_on"], certified_through=row["certified_through"], physician_id=row["certified_by"]
    )
