"""Which decision answers which command, what it looks at first, and whom a fact concerns.

The refusals stand in `refusals` and `aggregates.episode`; the decisions in `planning`, `room`, `breaks` and `closing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.episode import enrollment_stream
from aggregates.kit import Act, Seen, Stream
from aggregates.session import breaks, closing, planning, room
from aggregates.session.commands import (
    CancelSession,
    CheckIn,
    CheckOut,
    CloseSession,
    CorrectAttendance,
    CorrectBreaks,
    DoNotExpectPatient,
    ExpectPatient,
    MarkAbsent,
    RescheduleSession,
    ScheduleSession,
    StartSession,
    TakeBreak,
    TakeRoster,
    WalkedIn,
)
from aggregates.session.facts import (
    AttendanceCorrected,
    HeadCountChanged,
    PatientCheckedIn,
    PatientCheckedOut,
    PatientExpected,
    PatientMarkedAbsent,
    PatientNotExpected,
)
from aggregates.session.state import Known, State

Outcomes = tuple[Any, ...]
OfOnePatient = (
    PatientExpected | PatientNotExpected | PatientCheckedIn | PatientCheckedOut | PatientMarkedAbsent
    | AttendanceCorrected
)
COMMANDS = (
    ScheduleSession, ExpectPatient, DoNotExpectPatient, RescheduleSession, CancelSession, StartSession, TakeBreak,
    CheckIn, CheckOut, MarkAbsent, TakeRoster, CloseSession, CorrectAttendance, CorrectBreaks,
)


def decide(state: State, command: Any, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: C901, PLR0911, PLR0912 # one arm a command
    """The outcomes of one command."""
    match command:
        case ScheduleSession():
            return planning.schedule(state, command, act, seen)
        case ExpectPatient():
            return planning.expect(state, command, act, seen)
        case DoNotExpectPatient():
            return planning.do_not_expect(state, command)
        case RescheduleSession():
            return planning.reschedule(state, command, seen)
        case CancelSession():
            return planning.cancel(state, command)
        case StartSession():
            return room.start(state, command, act)
        case TakeBreak():
            return breaks.take(state, command, act)
        case CheckIn():
            return room.check_in(state, command, act, seen)
        case CheckOut():
            return room.check_out(state, command, act)
        case MarkAbsent():
            return room.mark_absent(state, command)
        case TakeRoster():
            return room.take_roster(state, command, act, seen)
        case CloseSession():
            return closing.close(state, command, act)
        case CorrectAttendance():
            return closing.correct(state, command, act, seen)
        case CorrectBreaks():
            return breaks.correct(state, command, act)
    raise TypeError(f"{type(command).__name__} is not a command of a session.")


def consult(state: State, command: Any) -> dict[str, Stream]:  # noqa: PLR0911 # one arm a command
    """The streams to look at: `program`, `group`, `clinician:ID`, `enrollment:ID` and `present:PATIENT`."""
    match command:
        case ScheduleSession():
            return _planned(command)
        case ExpectPatient():
            return enrollment_stream(command.enrollment_id)
        case RescheduleSession():
            return _clinicians(command.facilitators or ())
        case CheckIn():
            return _arrival(state, command.patient_id, command.enrollment_id)
        case TakeRoster() if isinstance(state, Known):
            return _roster(state, command)
        case CorrectAttendance() if isinstance(state, Known):
            return _correction(state, command)
    return {}


def patients(state: State, fact: Any, seen: Mapping[str, Seen]) -> tuple[tuple[str, str | None], ...]:  # noqa: ARG001 # one shape
    """A patient's own fact concerns that patient, any other the whole roster, each under its attendance id.

    A changed head-count concerns everybody but the one whose correction states it.
    """
    if not isinstance(state, Known):
        return ()
    if isinstance(fact, OfOnePatient):
        return ((state.everyone[fact.attendance_id].patient_id, fact.attendance_id),)
    known = getattr(state, "corrected", None) if isinstance(fact, HeadCountChanged) else None
    return tuple((one.patient_id, one.attendance_id) for one in state.roster if one.attendance_id != known)


def _planned(command: ScheduleSession) -> dict[str, Stream]:
    looks = {"program": Stream("program", command.program_id)} | _clinicians(command.facilitators)
    if command.group_id is not None:
        looks["group"] = Stream("group", command.group_id)
    for one in command.expected:
        looks |= enrollment_stream(one.enrollment_id)
    return looks


def _clinicians(ids: tuple[str, ...]) -> dict[str, Stream]:
    return {f"clinician:{one}": Stream("clinician", one) for one in ids}


def _arrival(state: State, patient_id: str, given: str | None) -> dict[str, Stream]:
    if not isinstance(state, Known):
        return {} if given is None else enrollment_stream(given)
    enrollment_id = room.enrollment_of(state, patient_id, given)
    looks = {} if enrollment_id is None else enrollment_stream(enrollment_id)
    return looks | {f"present:{patient_id}": Stream("session", holder_of=state.presence_of(patient_id))}


def _roster(session: Known, command: TakeRoster) -> dict[str, Stream]:
    looks: dict[str, Stream] = {}
    for entry in session.roster:
        looks |= _arrival(session, entry.patient_id, None)
    for one in command.exceptions:
        if isinstance(one, WalkedIn):
            looks |= _arrival(session, one.patient_id, one.enrollment_id)
    return looks


def _correction(session: Known, command: CorrectAttendance) -> dict[str, Stream]:
    entry = session.everyone.get(command.attendance_id) or session.of(command.patient_id or "")
    if entry is not None and entry.phase != "not_expected":
        return {}
    enrollment_id = command.enrollment_id or (entry.enrollment_id if entry else None)
    return {} if enrollment_id is None else enrollment_stream(enrollment_id)
