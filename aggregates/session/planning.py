"""Before the session: plan it, put patients on its roster, move it, call it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from aggregates.clinician.decide import UnknownClinician
from aggregates.decision import made
from aggregates.episode import episode_of, inside
from aggregates.group.decide import UnknownGroup
from aggregates.kit import Act, Release, Seen
from aggregates.program.decide import UnknownProgram
from aggregates.session.commands import (
    CancelSession,
    DoNotExpectPatient,
    ExpectPatient,
    RescheduleSession,
    ScheduleSession,
)
from aggregates.session.facts import (
    PatientExpected,
    PatientNotExpected,
    SessionCancelled,
    SessionRescheduled,
    SessionScheduled,
)
from aggregates.session.minutes import minutes_between, whole_minute
from aggregates.session.refusals import (
    AttendanceIdTaken,
    GroupOfAnotherProgram,
    NotOnRoster,
    ServiceDateElsewhere,
    SessionAlreadyScheduled,
    SessionAlreadyStarted,
    SessionEndsBeforeItStarts,
    SessionIsCancelled,
    SessionIsClosed,
    SessionLongerThanADay,
    SessionTookPlace,
    UnknownSession,
    WasPresent,
)
from aggregates.session.state import Cancelled, Closed, Known, Scheduled, Started, State, in_turn
from aggregates.values import AttendanceId, ClinicianId, Date, Instant, moment

Outcomes = tuple[Any, ...]
DAY = 24 * 60


def still_open(state: State, session_id: str) -> Scheduled | Started:
    """The session while it takes entries.

    Raises UnknownSession, SessionIsCancelled, SessionIsClosed.
    """
    match state:
        case Scheduled() | Started():
            return state
        case Cancelled():
            raise SessionIsCancelled(session_id=session_id, cause=state.cause)
        case Closed():
            raise SessionIsClosed(ended_at=state.actual.stop)
    raise UnknownSession(session_id=session_id)


def schedule(state: State, command: ScheduleSession, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The plan, and each expected patient."""
    plan = made(
        SessionScheduled, command, starts_at=whole_minute(command.starts_at), ends_at=whole_minute(command.ends_at),
    )
    if isinstance(state, Known):
        if plan == state.plan and all(state.of(one.patient_id) for one in command.expected):
            return ()
        raise SessionAlreadyScheduled(session_id=command.session_id)
    _must_fit(plan.service_date, plan.starts_at, plan.ends_at)
    _must_belong(command, seen)
    _must_be_known(command.facilitators, seen)
    entries = (
        ExpectPatient(session_id=command.session_id, patient_id=one.patient_id, enrollment_id=one.enrollment_id,
                      attendance_id=one.attendance_id)
        for one in command.expected
    )
    return in_turn(state, [lambda _: (plan,), *(partial(expect, command=one, act=act, seen=seen) for one in entries)])


def expect(state: State, command: ExpectPatient, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: ARG001 # one shape
    """A place on the roster, also while the session is under way; () for who has one."""
    session = still_open(state, command.session_id)
    entry = session.of(command.patient_id)
    if entry is not None and entry.phase != "not_expected":
        return ()
    inside(episode_of(command.enrollment_id, command.patient_id, seen), session.plan.service_date)
    attendance_id = command.attendance_id if entry is None else entry.attendance_id
    if entry is None:
        must_be_free(session, attendance_id)
    cause = command.cause or ("roster" if session.plan.group_id else "appointment")
    return (expectation(session.plan, command.patient_id, command.enrollment_id, attendance_id, cause),)


def expectation(
    plan: SessionScheduled, patient_id: str, enrollment_id: str, attendance_id: str, cause: Any,
) -> PatientExpected:
    """The roster fact of one patient, with the planned times."""
    return PatientExpected(
        patient_id=patient_id, attendance_id=attendance_id, enrollment_id=enrollment_id, program_id=plan.program_id,
        service_kind=plan.service_kind, service_date=plan.service_date, starts_at=plan.starts_at, ends_at=plan.ends_at,
        scheduled_minutes=minutes_between(plan.starts_at, plan.ends_at), cause=cause,
    )


def must_be_free(session: Known, attendance_id: AttendanceId) -> None:
    """Raises AttendanceIdTaken for an id under which the session speaks of somebody else."""
    if attendance_id in session.everyone:
        raise AttendanceIdTaken(attendance_id=attendance_id)


def do_not_expect(state: State, command: DoNotExpectPatient) -> Outcomes:
    """Off the roster again; who was in the room stays on it."""
    session = still_open(state, command.session_id)
    entry = session.everyone.get(command.attendance_id)
    if entry is None:
        raise NotOnRoster(attendance_id=command.attendance_id)
    if entry.phase == "not_expected":
        return ()
    if entry.phase in ("present", "left"):
        raise WasPresent(attendance_id=command.attendance_id)
    return (PatientNotExpected(attendance_id=command.attendance_id, cause=command.cause),)


def reschedule(state: State, command: RescheduleSession, seen: Mapping[str, Seen]) -> Outcomes:
    """Another time, or other facilitators, before the start."""
    session = still_open(state, command.session_id)
    if isinstance(session, Started):
        raise SessionAlreadyStarted(started_at=session.started_at)
    starts_at, ends_at = whole_minute(command.starts_at), whole_minute(command.ends_at)
    facilitators = session.plan.facilitators if command.facilitators is None else command.facilitators
    moved = replace(session.plan, service_date=command.service_date, starts_at=starts_at, ends_at=ends_at,
                    facilitators=facilitators)
    if moved == session.plan:
        return ()
    _must_fit(command.service_date, starts_at, ends_at)
    _must_be_known(command.facilitators or (), seen)
    return (
        SessionRescheduled(service_date=command.service_date, starts_at=starts_at, ends_at=ends_at,
                           facilitators=facilitators, cause=command.cause),
    )


def cancel(state: State, command: CancelSession) -> Outcomes:
    """Called off; who was waiting is free to be elsewhere."""
    if isinstance(state, Cancelled) and state.cause == command.cause:
        return ()
    session = still_open(state, command.session_id)
    came = [one for one in session.roster if one.phase in ("present", "left")]
    if isinstance(session, Started) and came:
        raise SessionTookPlace(present=len(came))
    waiting = (Release(*session.presence_of(one.patient_id)) for one in came if one.phase == "present")
    return (SessionCancelled(service_date=session.plan.service_date, cause=command.cause), *waiting)


def _must_fit(service_date: Date, starts_at: Instant, ends_at: Instant) -> None:
    if ends_at <= starts_at:
        raise SessionEndsBeforeItStarts(starts_at=starts_at, ends_at=ends_at)
    if minutes_between(starts_at, ends_at) > DAY:
        raise SessionLongerThanADay(starts_at=starts_at, ends_at=ends_at)
    earliest = (moment(starts_at) - timedelta(hours=12)).date().isoformat()
    latest = (moment(starts_at) + timedelta(hours=14)).date().isoformat()
    if not earliest <= service_date <= latest:
        raise ServiceDateElsewhere(service_date=service_date, starts_at=starts_at)


def _must_belong(command: ScheduleSession, seen: Mapping[str, Seen]) -> None:
    if seen["program"].version == 0:
        raise UnknownProgram(program_id=command.program_id)
    if command.group_id is None:
        return
    group = seen["group"]
    if group.version == 0:
        raise UnknownGroup(group_id=command.group_id)
    if group.state.program_id != command.program_id:
        raise GroupOfAnotherProgram(group_id=command.group_id, program_id=group.state.program_id)


def _must_be_known(clinicians: tuple[ClinicianId, ...], seen: Mapping[str, Seen]) -> None:
    for clinician_id in clinicians:
        if seen[f"clinician:{clinician_id}"].version == 0:
            raise UnknownClinician(clinician_id=clinician_id)
