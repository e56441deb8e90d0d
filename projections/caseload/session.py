"""One session: its plan, how far it came, and everybody on its roster.

A fact about the whole session names attendance ids only; whose they are is told by the patient's own facts. In one
patient's history the others therefore never appear: their attendances have no owner there, and are passed over.
"""

from __future__ import annotations

import msgspec

from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    BreaksCorrected,
    HeadCountChanged,
    PatientCheckedIn,
    PatientCheckedOut,
    PatientExpected,
    PatientMarkedAbsent,
    PatientNotExpected,
    SessionCancelled,
    SessionClosed,
    SessionRescheduled,
    SessionScheduled,
    SessionStarted,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from iop_es.engine.stored import Row
from projections.caseload.fold import Hand, minutes_between, unchanged

SESSION = Table("session", (
    "session_id", "program_id", "group_id", "service_kind", "level_of_care", "topic", "service_date", "starts_at",
    "ends_at", "modality", "place_of_service", "facilitators", "state", "started_at", "ended_at", "cancel_cause",
    "head_count", "peak_count", "version",
))
ATTENDANCE = Table("attendance", (
    "session_id", "attendance_id", "patient_id", "enrollment_id", "program_id", "service_kind", "service_date",
    "state", "cause", "scheduled_minutes", "arrived_at", "left_at", "minutes", "modality", "place_of_service",
    "corrected",
))
OUTCOME = {"present": "attended", "absent": "absent", "absent_excused": "absent_excused"}


class Attendee(msgspec.Struct, omit_defaults=True):
    """One patient of the roster; without scheduled minutes nobody had expected the patient."""

    patient_id: str
    enrollment_id: str
    state: str
    program_id: str | None = None
    service_kind: str | None = None
    service_date: str | None = None
    cause: str | None = None
    scheduled_minutes: int = 0
    arrived_at: str | None = None
    left_at: str | None = None
    minutes: int | None = None
    modality: str | None = None
    place_of_service: str | None = None
    corrected: bool = False


class Session(msgspec.Struct, omit_defaults=True, tag="session"):
    """A session; `attendees` by attendance id."""

    program_id: str | None = None
    group_id: str | None = None
    service_kind: str | None = None
    level_of_care: str | None = None
    topic: str | None = None
    service_date: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    modality: str | None = None
    place_of_service: str | None = None
    facilitators: tuple[str, ...] = ()
    state: str = "scheduled"
    started_at: str | None = None
    ended_at: str | None = None
    cancel_cause: str | None = None
    head_count: int | None = None
    peak_count: int | None = None
    version: int = 0
    attendees: dict[str, Attendee] = {}


def _scheduled(session: Session, recorded: Recorded) -> None:
    fact: SessionScheduled = recorded.fact
    for name in (
        "program_id", "group_id", "service_kind", "level_of_care", "topic", "service_date", "starts_at", "ends_at",
        "modality", "place_of_service", "facilitators",
    ):
        setattr(session, name, getattr(fact, name))


def _rescheduled(session: Session, recorded: Recorded) -> None:
    fact: SessionRescheduled = recorded.fact
    session.service_date, session.starts_at, session.ends_at = fact.service_date, fact.starts_at, fact.ends_at
    session.facilitators = fact.facilitators
    scheduled = minutes_between(fact.starts_at, fact.ends_at)
    for attendee in session.attendees.values():
        attendee.service_date = fact.service_date
        attendee.scheduled_minutes = scheduled if attendee.scheduled_minutes else 0


def _cancelled(session: Session, recorded: Recorded) -> None:
    fact: SessionCancelled = recorded.fact
    session.state, session.cancel_cause = "cancelled", fact.cause


def _started(session: Session, recorded: Recorded) -> None:
    fact: SessionStarted = recorded.fact
    session.state, session.started_at = "started", fact.started_at
    session.facilitators, session.topic = fact.facilitators, fact.topic


def _attendee(
    session: Session, fact: PatientExpected | PatientCheckedIn | PatientMarkedAbsent, state: str
) -> Attendee:
    attendee = session.attendees.get(fact.attendance_id)
    if attendee is None:
        attendee = session.attendees[fact.attendance_id] = Attendee(fact.patient_id, fact.enrollment_id, state)
    attendee.state, attendee.enrollment_id = state, fact.enrollment_id
    attendee.program_id, attendee.service_kind = fact.program_id, fact.service_kind
    attendee.service_date = fact.service_date
    return attendee


def _expected(session: Session, recorded: Recorded) -> None:
    fact: PatientExpected = recorded.fact
    attendee = _attendee(session, fact, "expected")
    attendee.cause, attendee.scheduled_minutes = fact.cause, fact.scheduled_minutes


def _not_expected(session: Session, recorded: Recorded) -> None:
    fact: PatientNotExpected = recorded.fact
    if fact.attendance_id in session.attendees:
        session.attendees[fact.attendance_id].state = "removed"


def _checked_in(session: Session, recorded: Recorded) -> None:
    fact: PatientCheckedIn = recorded.fact
    attendee = _attendee(session, fact, "checked_in")
    attendee.arrived_at = min(attendee.arrived_at or fact.arrived_at, fact.arrived_at)
    attendee.left_at = None
    attendee.modality, attendee.place_of_service = fact.modality, fact.place_of_service
    attendee.cause = attendee.cause or fact.cause


def _checked_out(session: Session, recorded: Recorded) -> None:
    fact: PatientCheckedOut = recorded.fact
    if fact.attendance_id in session.attendees:
        attendee = session.attendees[fact.attendance_id]
        attendee.state, attendee.left_at = "left", fact.left_at


def _absent(session: Session, recorded: Recorded) -> None:
    fact: PatientMarkedAbsent = recorded.fact
    _attendee(session, fact, "absent_excused" if fact.excused else "absent").cause = fact.cause


def _closed(session: Session, recorded: Recorded) -> None:
    fact: SessionClosed = recorded.fact
    for name in (
        "program_id", "group_id", "service_kind", "level_of_care", "topic", "service_date", "facilitators",
        "head_count", "peak_count",
    ):
        setattr(session, name, getattr(fact, name))
    session.starts_at, session.ends_at = fact.scheduled.start, fact.scheduled.stop
    session.state, session.started_at, session.ended_at = "closed", fact.actual.start, fact.actual.stop
    for attendance in fact.attendances:
        if attendance.attendance_id in session.attendees:
            _decide(session.attendees[attendance.attendance_id], attendance)


def _decide(attendee: Attendee, attendance: Attendance) -> None:
    attendee.state, attendee.minutes = OUTCOME[attendance.status], attendance.minutes
    attendee.modality, attendee.place_of_service = attendance.modality, attendance.place_of_service
    attendee.arrived_at = min((interval.start for interval in attendance.intervals), default=None)
    attendee.left_at = max((interval.stop for interval in attendance.intervals), default=None)


def _corrected(session: Session, recorded: Recorded) -> None:
    fact: AttendanceCorrected = recorded.fact
    attendee = session.attendees.get(fact.attendance_id)
    if attendee is None:
        attendee = session.attendees[fact.attendance_id] = Attendee(
            fact.patient_id, fact.enrollment_id, "attended", session.program_id, session.service_kind
        )
    attendee.enrollment_id, attendee.service_date = fact.enrollment_id, fact.service_date
    _decide(attendee, fact.after)
    attendee.corrected = True
    session.head_count, session.peak_count = fact.head_count, fact.peak_count


def _breaks_corrected(session: Session, recorded: Recorded) -> None:
    fact: BreaksCorrected = recorded.fact
    for one in fact.attendances:
        if one.attendance_id in session.attendees:
            attendee = session.attendees[one.attendance_id]
            attendee.minutes, attendee.corrected = one.minutes, True


def _head_count(session: Session, recorded: Recorded) -> None:
    fact: HeadCountChanged = recorded.fact
    session.head_count, session.peak_count = fact.head_count, fact.peak_count


APPLY: dict[str, Hand] = {
    "session.scheduled": _scheduled,
    "session.patient_expected": _expected,
    "session.patient_not_expected": _not_expected,
    "session.rescheduled": _rescheduled,
    "session.cancelled": _cancelled,
    "session.started": _started,
    "session.break_taken": unchanged,
    "session.patient_checked_in": _checked_in,
    "session.patient_checked_out": _checked_out,
    "session.patient_marked_absent": _absent,
    "session.closed": _closed,
    "session.attendance_corrected": _corrected,
    "session.breaks_corrected": _breaks_corrected,
    "session.head_count_changed": _head_count,
}


def settle(session_id: str, session: Session) -> Rows:
    """The session's row, once its plan is known, and one row for each attendee that was not taken off again."""
    plan: Row = (
        session_id, session.program_id, session.group_id, session.service_kind, session.level_of_care, session.topic,
        session.service_date, session.starts_at, session.ends_at, session.modality, session.place_of_service,
        list(session.facilitators), session.state, session.started_at, session.ended_at, session.cancel_cause,
        session.head_count, session.peak_count, session.version,
    )
    roster = [
        _row(session_id, attendance_id, attendee)
        for attendance_id, attendee in session.attendees.items()
        if attendee.state != "removed"
    ]
    planned = [] if session.program_id is None else [plan]
    return {"session": {(session_id,): planned}, "attendance": {(session_id,): roster}}


def _row(session_id: str, attendance_id: str, one: Attendee) -> Row:
    return (
        session_id, attendance_id, one.patient_id, one.enrollment_id, one.program_id, one.service_kind,
        one.service_date, one.state, one.cause, one.scheduled_minutes, one.arrived_at, one.left_at, one.minutes,
        one.modality, one.place_of_service, one.corrected,
    )
