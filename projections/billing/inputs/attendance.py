"""Session facts into a patient's visits.

A fact of the whole session says nothing of patients but attendance ids; whose one is, the patient's own roster,
check-in, absence or correction fact has said. A session fact that reaches a patient without one is none of theirs.
"""

from __future__ import annotations

from aggregates.session import facts
from iop_es.engine.readmodel.model import Recorded
from projections.billing.documents import Patient, Visit
from projections.billing.times import minutes_once


def expected(patient: Patient, recorded: Recorded) -> None:
    """On the roster: a planned visit, or one that is there already with its plan."""
    fact: facts.PatientExpected = recorded.fact
    visit = _own(patient, recorded)
    visit.scheduled_minutes, visit.scheduled = fact.scheduled_minutes, (fact.starts_at, fact.ends_at)
    visit.starts_at, visit.ended_at = visit.starts_at or fact.starts_at, visit.ended_at or fact.ends_at


def not_expected(patient: Patient, recorded: Recorded) -> None:
    """Off the roster before it began: the visit never was."""
    visit = patient.visits.get(recorded.stream)
    if visit is not None and visit.attendance_id == recorded.fact.attendance_id and visit.status == "expected":
        patient.touch_day(visit.date)
        del patient.visits[recorded.stream]


def rescheduled(patient: Patient, recorded: Recorded) -> None:
    """The visit moves, and with it both its weeks are decided again."""
    visit = _known(patient, recorded)
    if visit is not None:
        fact: facts.SessionRescheduled = recorded.fact
        visit.date, visit.starts_at, visit.ended_at = fact.service_date, fact.starts_at, fact.ends_at
        if visit.scheduled is not None:
            visit.scheduled = fact.starts_at, fact.ends_at
            visit.scheduled_minutes = minutes_once([([visit.scheduled], [])])
        patient.touch_day(visit.date)


def cancelled(patient: Patient, recorded: Recorded) -> None:
    """The session did not take place."""
    visit = _known(patient, recorded)
    if visit is not None:
        visit.status = "cancelled"


def checked_in(patient: Patient, recorded: Recorded) -> None:
    """Present from now on; how long, the closing says."""
    fact: facts.PatientCheckedIn = recorded.fact
    visit = _own(patient, recorded)
    visit.status, visit.modality, visit.place_of_service = "open", fact.modality, fact.place_of_service


def checked_out(patient: Patient, recorded: Recorded) -> None:
    """Gone before the closing; kept as a position only, because the closing states the intervals."""
    _known(patient, recorded)


def marked_absent(patient: Patient, recorded: Recorded) -> None:
    """Did not come."""
    _own(patient, recorded).status = "absent_excused" if recorded.fact.excused else "absent"


def closed(patient: Patient, recorded: Recorded) -> None:
    """The session as it was, and in it this patient's attendance."""
    fact: facts.SessionClosed = recorded.fact
    visit = patient.visits.get(recorded.stream)
    if visit is None:
        return
    mine = _mine(fact.attendances, visit.attendance_id)
    if mine is None:
        return
    visit.positions.append(recorded.position)
    visit.breaks = [(pause.start, pause.stop) for pause in fact.breaks]
    visit.starts_at, visit.ended_at = fact.actual.start, fact.actual.stop
    visit.head_count, visit.peak_count = fact.head_count, fact.peak_count
    visit.kind, visit.facilitators = fact.service_kind, fact.facilitators
    _attended(visit, mine)
    patient.touch_day(visit.date)


def corrected(patient: Patient, recorded: Recorded) -> None:
    """The attendance as it should have been recorded; a patient added by it may be new to the session."""
    fact: facts.AttendanceCorrected = recorded.fact
    visit = patient.visits.get(recorded.stream)
    if visit is None:
        program = patient.episodes[fact.enrollment_id].program_id if fact.enrollment_id in patient.episodes else ""
        visit = patient.visits[recorded.stream] = Visit(
            attendance_id=fact.attendance_id, enrollment_id=fact.enrollment_id, program_id=program,
            date=fact.service_date,
        )
    visit.positions.append(recorded.position)
    visit.head_count, visit.peak_count, visit.corrected = fact.head_count, fact.peak_count, True
    _attended(visit, fact.after)
    patient.touch_day(visit.date)


def breaks_corrected(patient: Patient, recorded: Recorded) -> None:
    """The breaks as they were, and this patient's minutes if they are others by it."""
    fact: facts.BreaksCorrected = recorded.fact
    visit = _known(patient, recorded)
    if visit is not None:
        visit.breaks = [(pause.start, pause.stop) for pause in fact.breaks]
        mine = _mine(fact.attendances, visit.attendance_id)
        if mine is not None:
            visit.minutes, visit.corrected = mine.minutes, True


def head_count_changed(patient: Patient, recorded: Recorded) -> None:
    """Somebody else's correction changed how many were in the room."""
    visit = _known(patient, recorded)
    if visit is not None:
        visit.head_count, visit.peak_count = recorded.fact.head_count, recorded.fact.peak_count


def _own(patient: Patient, recorded: Recorded) -> Visit:
    """The visit that a fact about this very patient belongs to."""
    fact = recorded.fact
    visit = patient.visits.get(recorded.stream)
    if visit is None:
        visit = patient.visits[recorded.stream] = Visit(
            attendance_id=fact.attendance_id, enrollment_id=fact.enrollment_id, program_id=fact.program_id,
            kind=fact.service_kind, date=fact.service_date,
        )
    visit.positions.append(recorded.position)
    patient.touch_day(visit.date)
    return visit


def _known(patient: Patient, recorded: Recorded) -> Visit | None:
    visit = patient.visits.get(recorded.stream)
    own = getattr(recorded.fact, "attendance_id", None)
    if visit is None or own not in {None, visit.attendance_id}:
        return None
    visit.positions.append(recorded.position)
    patient.touch_day(visit.date)
    return visit


def _mine(attendances: tuple[facts.Attendance, ...], attendance_id: str) -> facts.Attendance | None:
    for one in attendances:
        if one.attendance_id == attendance_id:
            return one
    return None


def _attended(visit: Visit, attendance: facts.Attendance) -> None:
    visit.status, visit.minutes = attendance.status, attendance.minutes
    visit.intervals = [(interval.start, interval.stop) for interval in attendance.intervals]
    visit.modality, visit.place_of_service = attendance.modality, attendance.place_of_service
    if visit.intervals:
        visit.starts_at = visit.starts_at or visit.intervals[0][0]
        visit.ended_at = visit.ended_at or visit.intervals[-1][1]


TAKES = {
    "session.patient_expected": expected,
    "session.patient_not_expected": not_expected,
    "session.rescheduled": rescheduled,
    "session.cancelled": cancelled,
    "session.patient_checked_in": checked_in,
    "session.patient_checked_out": checked_out,
    "session.patient_marked_absent": marked_absent,
    "session.closed": closed,
    "session.attendance_corrected": corrected,
    "session.breaks_corrected": breaks_corrected,
    "session.head_count_changed": head_count_changed,
}
