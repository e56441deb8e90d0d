"""Questions to the caseload. The caller has opened the transaction and named the read model's schema.

`programs` are those that the caller may see; `now` (UTC text) decides what is today, overdue or old, in each program's
own zone. Lists are pages: `after` is the `cursor` of the last row that was seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from psycopg import Cursor

from iop_es.engine.readmodel.model import Delta
from projections.caseload.directory import (
    clinicians,
    note_ids_of_session,
    notes_from_rows,
    notes_of_patient,
    notes_of_session,
    payers,
    programs_of,
    reached,
    session_notes_from_rows,
    shown,
)
from projections.caseload.documentation import documentation, documentation_of, documents
from projections.caseload.groups import groups
from projections.caseload.names import KEPT, Opening, by_name, with_names
from projections.caseload.patient import PATIENT
from projections.caseload.session import ATTENDANCE, SESSION
from projections.caseload.statements import ask, rows_of
from projections.caseload.summary import patient_summary, summary_from_rows
from projections.caseload.views import (
    CensusWeek,
    Due,
    Leave,
    PatientView,
    RosterEntry,
    SessionView,
    Waiting,
)

__all__ = [
    "census", "clinicians", "documentation", "documentation_of", "documents", "due", "groups",
    "note_ids_of_session", "notes_from_rows", "notes_of_patient", "notes_of_session", "patient_summary", "patients",
    "payers", "programs_of", "reached", "session", "session_from_rows", "session_notes_from_rows",
    "sessions", "shown", "summary_from_rows", "waiting_list",
]  # fmt: skip


BESIDE = {"name", "attention", "alerts"}
"""What of a roster's entry does not stand in its row: the name is opened, and alerts are another read model's."""
ROSTER = ("session_id", *(name for name in RosterEntry.model_fields if name not in BESIDE))


def sessions(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    on: str | None = None,
    clinician: str | None = None,
    after: str | None = None,
    limit: int = 100,
    opening: Opening,
) -> list[SessionView]:
    """Sessions on a day (None: today) with their rosters, in order of planned start; of one clinician if asked."""
    found = ask(
        cursor, "sessions", programs=list(programs), now=now, on=on, clinician=clinician, session_id=None, after=after,
        limit=limit,
    )
    return _with_rosters(cursor, found, opening)


def session(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, session_id: str, opening: Opening
) -> SessionView | None:
    """One session with its roster; None if there is none in these programs."""
    found = ask(
        cursor, "sessions", programs=list(programs), now=now, on=None, clinician=None, session_id=session_id,
        after=None, limit=1,
    )
    return next(iter(_with_rosters(cursor, found, opening)), None)


def session_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, session_id: str, opening: Opening  # noqa: ARG001 - every query is called alike
) -> SessionView | None:
    """The same from a fold of the session's own stream and those of its patients, as of a moment."""
    plans = [one for one in rows_of(delta, SESSION) if one["session_id"] == session_id]
    names = {one["patient_id"]: {column: one[column] for column in KEPT} for one in rows_of(delta, PATIENT)}
    roster = [
        {name: one[name] for name in ROSTER} | names.get(one["patient_id"], {})
        for one in rows_of(delta, ATTENDANCE) if one["session_id"] == session_id
    ]
    found = [_keyed(one) for one in plans if one["program_id"] in programs]
    return next(iter(_joined(found, roster, opening)), None)


def due(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    within_days: int = 14,
    after: str | None = None,
    limit: int = 100,
) -> list[Due]:
    """Plan reviews, certifications and authorizations of open episodes due within so many days, overdue ones first."""
    found = ask(cursor, "due", programs=list(programs), now=now, within_days=within_days, after=after, limit=limit)
    return [Due(**row) for row in found]


def patients(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, after: str | None = None, limit: int = 100,
    opening: Opening,
) -> list[PatientView]:  # fmt: skip
    """Patients in care, in order of admission."""
    found = ask(cursor, "patients", programs=list(programs), now=now, after=after, limit=limit)
    return [_patient(row) for row in with_names(found, opening)]


def waiting_list(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, after: str | None = None, limit: int = 100,
    opening: Opening,
) -> list[Waiting]:  # fmt: skip
    """Patients referred and not admitted, the longest waiting first."""
    found = ask(cursor, "waiting", programs=list(programs), now=now, after=after, limit=limit)
    return [Waiting(**row) for row in with_names(found, opening)]


def census(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    first: str,
    last: str,
    after: str | None = None,
    limit: int = 500,
) -> list[CensusWeek]:
    """Each program in each week (Monday to Sunday) from the one that holds `first` to the one that holds `last`.

    Length of stay counts the day of admission and the last day, as SAMHSA's discharge data set (TEDS-D) does for
    outpatient services; its reasons for discharge are the same set's.
    """
    found = ask(
        cursor, "census", programs=list(programs), now=now, first=first, last=last, after=after, limit=limit
    )
    return [CensusWeek(**row) for row in found]


def _with_rosters(cursor: Cursor[Any], found: list[dict[str, Any]], opening: Opening) -> list[SessionView]:
    return _joined(found, ask(cursor, "rosters", sessions=[row["session_id"] for row in found]), opening)


def _joined(
    found: list[dict[str, Any]], attendances: list[dict[str, Any]], opening: Opening
) -> list[SessionView]:
    rosters: defaultdict[str, list[RosterEntry]] = defaultdict(list)
    for row in with_names(attendances, opening):
        rosters[row.pop("session_id")].append(RosterEntry(**row))
    for roster in rosters.values():
        roster.sort(key=lambda entry: (by_name(entry.name), entry.attendance_id))
    return [SessionView(**row, roster=tuple(rosters[row["session_id"]])) for row in found]


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    """A session's row as its statement answers it."""
    keyed = row | {"cursor": f"{row['starts_at']} {row['session_id']}"}
    return {name: keyed[name] for name in SessionView.model_fields if name != "roster"}


def _patient(row: dict[str, Any]) -> PatientView:
    leave = {name: row.pop(name) for name in ("leave_id", "started_on", "expected_return_on")}
    return PatientView(**row, leave=Leave(**leave) if leave["leave_id"] else None)
