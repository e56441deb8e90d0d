"""In the room: the start, arrivals, departures, absences, and a whole roster in one call.

What happened is recorded. Checking in elsewhere in the program closes the stay in the earlier session and says so; when
the other stay began in the same minute or later, or is another program's, both stand, and billing holds what overlaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from aggregates.episode import episode_of, may_receive
from aggregates.kit import Act, Claim, Elsewhere, Release, Seen
from aggregates.session.commands import (
    Absent,
    ArrivedLate,
    CheckIn,
    CheckOut,
    LeftEarly,
    MarkAbsent,
    StartSession,
    TakeRoster,
    WalkedIn,
)
from aggregates.session.facts import (
    PatientCheckedIn,
    PatientCheckedOut,
    PatientMarkedAbsent,
    SessionStarted,
)
from aggregates.session.minutes import whole_minute
from aggregates.session.planning import must_be_free, still_open
from aggregates.session.refusals import (
    AlreadyPresent,
    ArrivedTooEarly,
    ArrivedTooLate,
    ContradictoryExceptions,
    InTheFuture,
    LeftBeforeArriving,
    NotOnRoster,
    NotPresent,
    PresentElsewhere,
    ReturnedBeforeLeaving,
    SessionAlreadyStarted,
    SessionNotStarted,
    StartedTooEarly,
    StartedTooLate,
    WalkInNeedsEnrollment,
    WasPresent,
)
from aggregates.session.state import Attendee, Known, Started, State, in_turn
from aggregates.values import AttendanceId, EnrollmentId, Instant, PatientId, instant, moment

Outcomes = tuple[Any, ...]
EARLY, LATE = timedelta(hours=2), timedelta(hours=12)


def must_have_happened(act: Act, *times: Instant) -> None:
    """Raises InTheFuture for a time after the act is recorded."""
    for at in times:
        if at > act.now:
            raise InTheFuture(at=at, now=act.now)


def started(state: State, session_id: str) -> Started:
    """The session under way.

    Raises SessionNotStarted, and what `still_open` raises.
    """
    session = still_open(state, session_id)
    if not isinstance(session, Started):
        raise SessionNotStarted(session_id=session_id)
    return session


def start(state: State, command: StartSession, act: Act) -> Outcomes:
    """It begins; whoever leads it, leads it."""
    session = still_open(state, command.session_id)
    started_at = whole_minute(command.started_at)
    if isinstance(session, Started):
        if session.started_at == started_at:
            return ()
        raise SessionAlreadyStarted(started_at=session.started_at)
    must_have_happened(act, started_at)
    if started_at < earliest(session):
        raise StartedTooEarly(started_at=started_at, starts_at=session.plan.starts_at)
    if started_at > latest(session):
        raise StartedTooLate(started_at=started_at, ends_at=session.plan.ends_at)
    return (
        SessionStarted(
            started_at=started_at, topic=command.topic or session.plan.topic,
            facilitators=session.plan.facilitators if command.facilitators is None else command.facilitators,
        ),
    )


def earliest(session: Known) -> Instant:
    """The earliest minute that can belong to the session: two hours before its scheduled start."""
    return instant(moment(session.plan.starts_at) - EARLY)


def latest(session: Known) -> Instant:
    """The latest minute at which anything of the session can begin: twelve hours after its scheduled end."""
    return instant(moment(session.plan.ends_at) + LATE)


def check_in(state: State, command: CheckIn, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """An arrival: expected, coming back, or a walk-in."""
    session = still_open(state, command.session_id)
    entry, arrived_at = session.of(command.patient_id), whole_minute(command.arrived_at)
    if entry is not None and _is_told(entry, arrived_at):
        return ()
    must_have_happened(act, arrived_at)
    must_be_possible(session, arrived_at)
    enrollment_id = enrollment_of(session, command.patient_id, command.enrollment_id)
    if enrollment_id is None:
        raise WalkInNeedsEnrollment(patient_id=command.patient_id)
    plan = session.plan
    may_receive(episode_of(enrollment_id, command.patient_id, seen), plan.service_kind, plan.service_date)
    if entry is None:
        must_be_free(session, command.attendance_id)
    arrival = PatientCheckedIn(
        patient_id=command.patient_id, enrollment_id=enrollment_id, program_id=plan.program_id,
        attendance_id=command.attendance_id if entry is None else entry.attendance_id,
        service_kind=plan.service_kind, service_date=plan.service_date, arrived_at=arrived_at,
        modality=command.modality or plan.modality, place_of_service=command.place_of_service or plan.place_of_service,
        cause=_cause(entry, command),
    )
    left, claimed = _presence(session, command.patient_id, arrived_at, seen)
    return (*left, arrival, *claimed)


def enrollment_of(session: Known, patient_id: PatientId, given: EnrollmentId | None) -> EnrollmentId | None:
    """The roster's enrollment of a patient; for who is not on it the one given."""
    entry = session.of(patient_id)
    return given if entry is None or (entry.phase == "not_expected" and given) else entry.enrollment_id


def _is_told(entry: Attendee, arrived_at: Instant) -> bool:
    """Whether this very arrival is recorded; refuses one that another stay contradicts."""
    if arrived_at == entry.arrived_at or any(stay.start == arrived_at for stay in entry.intervals):
        return True
    if entry.arrived_at is not None:
        raise AlreadyPresent(attendance_id=entry.attendance_id, arrived_at=entry.arrived_at)
    if entry.intervals and arrived_at < entry.intervals[-1].stop:
        raise ReturnedBeforeLeaving(
            attendance_id=entry.attendance_id, left_at=entry.intervals[-1].stop, arrived_at=arrived_at,
        )
    return False


def must_be_possible(session: Known, arrived_at: Instant) -> None:
    """Raises ArrivedTooEarly, ArrivedTooLate for an arrival that cannot belong to this session."""
    if arrived_at < earliest(session):
        raise ArrivedTooEarly(arrived_at=arrived_at, starts_at=session.plan.starts_at)
    if arrived_at > latest(session):
        raise ArrivedTooLate(arrived_at=arrived_at, ends_at=session.plan.ends_at)


def _cause(entry: Attendee | None, command: CheckIn) -> Literal["expected", "returned", "walk_in", "make_up"]:
    if entry is None or entry.phase == "not_expected":
        return command.unexpected_cause
    return "returned" if entry.intervals else "expected"


def _presence(
    session: Known, patient_id: PatientId, arrived_at: Instant, seen: Mapping[str, Seen],
) -> tuple[Outcomes, Outcomes]:
    """What the arrival ends elsewhere, and the claim to the patient's presence; neither in a true overlap."""
    name = f"present:{patient_id}"
    held = session.presence_of(patient_id)
    claim = Claim(*held, held=PresentElsewhere)
    holder = seen.get(name)
    if holder is None:
        return (), (claim,)
    there = holder.state.of(patient_id)
    if there is None or there.arrived_at is None or there.arrived_at >= arrived_at:
        return (), ()
    left = PatientCheckedOut(attendance_id=there.attendance_id, left_at=arrived_at, cause="checked_in_elsewhere")
    return (Elsewhere(name, (left, Release(*held))),), (claim,)


def check_out(state: State, command: CheckOut, act: Act) -> Outcomes:
    """A departure."""
    session = still_open(state, command.session_id)
    entry, left_at = session.everyone.get(command.attendance_id), whole_minute(command.left_at)
    if entry is None or entry.phase == "not_expected":
        raise NotOnRoster(attendance_id=command.attendance_id)
    if entry.arrived_at is None:
        if entry.intervals and entry.intervals[-1].stop == left_at:
            return ()
        raise NotPresent(attendance_id=command.attendance_id)
    must_have_happened(act, left_at)
    if left_at < entry.arrived_at:
        raise LeftBeforeArriving(attendance_id=command.attendance_id, arrived_at=entry.arrived_at, left_at=left_at)
    cause = command.cause or ("end" if left_at >= session.plan.ends_at else "left_early")
    left = PatientCheckedOut(attendance_id=command.attendance_id, left_at=left_at, cause=cause)
    return (left, Release(*session.presence_of(entry.patient_id)))


def mark_absent(state: State, command: MarkAbsent) -> Outcomes:
    """Did not come; an excuse may follow."""
    session = still_open(state, command.session_id)
    entry = session.everyone.get(command.attendance_id)
    if entry is None or entry.phase == "not_expected":
        raise NotOnRoster(attendance_id=command.attendance_id)
    if entry.phase in ("present", "left"):
        raise WasPresent(attendance_id=command.attendance_id)
    if (entry.phase, entry.excused, entry.cause) == ("absent", command.excused, command.cause):
        return ()
    return (
        PatientMarkedAbsent(
            patient_id=entry.patient_id, attendance_id=entry.attendance_id, enrollment_id=entry.enrollment_id,
            program_id=session.plan.program_id, service_kind=session.plan.service_kind,
            service_date=session.plan.service_date, excused=command.excused, cause=command.cause,
        ),
    )


def take_roster(state: State, command: TakeRoster, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The start, every arrival, every absence and early departure, each decided after the one before it."""
    session = still_open(state, command.session_id)
    _must_agree(command, session)
    begin = StartSession(
        session_id=command.session_id, started_at=command.started_at, facilitators=command.facilitators,
        topic=command.topic,
    )
    steps: list[Callable[[State], Outcomes]] = [partial(start, command=begin, act=act)]
    steps += [partial(check_in, command=one, act=act, seen=seen) for one in _arrivals(session, command)]
    for one in command.exceptions:
        match one:
            case Absent():
                absence = MarkAbsent(session_id=command.session_id, attendance_id=one.attendance_id, cause=one.cause,
                                     excused=one.exception == "absent_excused")
                steps.append(partial(mark_absent, command=absence))
            case LeftEarly():
                departure = CheckOut(session_id=command.session_id, attendance_id=one.attendance_id,
                                     left_at=one.left_at, cause=one.cause)
                steps.append(partial(check_out, command=departure, act=act))
    return _gathered(in_turn(session, steps), seen)


def _must_agree(command: TakeRoster, session: Known) -> None:
    """Exceptions name attendances of the roster, each kind once; an absence stands alone."""
    told = Counter((one.attendance_id, type(one)) for one in command.exceptions)
    named = Counter(attendance_id for attendance_id, _ in told)
    walked_in = {one.attendance_id for one in command.exceptions if isinstance(one, WalkedIn)}
    for (attendance_id, kind), times in told.items():
        if attendance_id not in session.everyone and attendance_id not in walked_in:
            raise NotOnRoster(attendance_id=attendance_id)
        if times > 1 or (kind is Absent and named[attendance_id] > 1):
            raise ContradictoryExceptions(attendance_id=attendance_id)


def _arrivals(session: Known, command: TakeRoster) -> Iterator[CheckIn]:
    """Who came and when: the expected at the start unless excepted, then the walk-ins."""
    absent = {one.attendance_id for one in command.exceptions if isinstance(one, Absent)}
    late = {one.attendance_id: one.arrived_at for one in command.exceptions if isinstance(one, ArrivedLate)}
    for entry in session.roster:
        if entry.attendance_id in late or (entry.phase == "expected" and entry.attendance_id not in absent):
            yield _arrival(command, entry.patient_id, entry.attendance_id, late.get(entry.attendance_id))
    for one in command.exceptions:
        if isinstance(one, WalkedIn):
            at = one.arrived_at or late.get(one.attendance_id)
            yield CheckIn(
                session_id=command.session_id, patient_id=one.patient_id, attendance_id=one.attendance_id,
                enrollment_id=one.enrollment_id, arrived_at=at or command.started_at, unexpected_cause=one.exception,
            )


def _arrival(command: TakeRoster, patient_id: PatientId, attendance_id: AttendanceId, at: Instant | None) -> CheckIn:
    return CheckIn(session_id=command.session_id, patient_id=patient_id, attendance_id=attendance_id,
                   arrived_at=at or command.started_at)


def _gathered(outcomes: Outcomes, seen: Mapping[str, Seen]) -> Outcomes:
    """The same outcomes with one decision for each other session, however many patients came from it."""
    names: dict[str, str] = {}
    others: dict[str, Outcomes] = {}
    for one in outcomes:
        if isinstance(one, Elsewhere):
            name = names.setdefault(seen[one.name].id, one.name)
            others[name] = others.get(name, ()) + one.outcomes
    ours = (one for one in outcomes if not isinstance(one, Elsewhere))
    return (*(Elsewhere(name, facts) for name, facts in others.items()), *ours)
