"""The end of a session, and corrections after it.

A correction about somebody who was not on the roster puts that patient on it first, so that the patient's own facts
say which service it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, cast

from aggregates.episode import episode_of, may_receive
from aggregates.kit import Act, Seen
from aggregates.session.commands import CheckOut, CloseSession, CorrectAttendance, MarkAbsent
from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    CorrectionWords,
    HeadCountChanged,
    Interval,
    SessionClosed,
)
from aggregates.session.minutes import head_count, minutes_between, minutes_present, peak_count, whole_minute, within
from aggregates.session.planning import DAY, expectation, still_open
from aggregates.session.refusals import (
    AbsentWithIntervals,
    AttendanceIdTaken,
    AttendanceMissing,
    CorrectionNeedsPatient,
    EndedBeforeBreak,
    IntervalsOverlap,
    LeftBeforeArriving,
    OpenCheckIns,
    PresentWithoutIntervals,
    SessionEndsBeforeItStarts,
    SessionLongerThanADay,
    SessionStillOpen,
)
from aggregates.session.room import check_out, mark_absent, must_be_possible, must_have_happened, started
from aggregates.session.state import Attendee, Closed, Known, Started, State, evolve, in_turn
from aggregates.values import Instant

Outcomes = tuple[Any, ...]
Step = Callable[[State], Outcomes]


def close(state: State, command: CloseSession, act: Act) -> Outcomes:
    """Every stay gets its end, every absence its word, and then the session is told as it was."""
    ended_at = whole_minute(command.ended_at)
    if isinstance(state, Closed) and state.actual.stop == ended_at:
        return ()
    session = started(state, command.session_id)
    must_have_happened(act, ended_at)
    _must_end(session, ended_at)
    settled = in_turn(session, [*_departures(session, command, act), *_absences(session, command)])
    after: State = session
    for one in settled:
        after = evolve(after, one)
    return (*settled, _told(cast(Started, after), Interval(start=session.started_at, stop=ended_at)))


def correct(state: State, command: CorrectAttendance, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """One attendance as it really was, the head-counts that follow, and what they change for everybody else."""
    closed = _closed(state, command.session_id)
    entry = entry_of(closed, command)
    after = _as_stated(closed, command, entry, act)
    before = closed.attendances.get(after.attendance_id)
    if after == before:
        return ()
    patient_id, enrollment_id, added = _whose(closed, command, entry, seen)
    heads, peak = _counts({**closed.attendances, after.attendance_id: after}.values(), closed.actual)
    corrected = AttendanceCorrected(
        patient_id=patient_id, attendance_id=after.attendance_id, enrollment_id=enrollment_id,
        service_date=closed.plan.service_date, before=before, after=after, head_count=heads, peak_count=peak,
        cause=command.cause, sealed=CorrectionWords(explanation=command.explanation),
    )
    if (heads, peak) == (closed.head_count, closed.peak_count):
        return (*added, corrected)
    changed = HeadCountChanged(service_date=closed.plan.service_date, head_count=heads, peak_count=peak)
    return (*added, corrected, changed)


def entry_of(closed: Known, command: CorrectAttendance) -> Attendee | None:
    """The roster's entry that a correction is about, by its attendance id or by its patient."""
    entry = closed.everyone.get(command.attendance_id)
    if entry is None:
        return None if command.patient_id is None else closed.of(command.patient_id)
    if command.patient_id not in (None, entry.patient_id):
        raise AttendanceIdTaken(attendance_id=command.attendance_id)
    return entry


def _closed(state: State, session_id: str) -> Closed:
    if isinstance(state, Closed):
        return state
    still_open(state, session_id)
    raise SessionStillOpen(session_id=session_id)


def _must_end(session: Started, ended_at: Instant) -> None:
    if ended_at <= session.started_at:
        raise SessionEndsBeforeItStarts(starts_at=session.started_at, ends_at=ended_at)
    if minutes_between(session.started_at, ended_at) > DAY:
        raise SessionLongerThanADay(starts_at=session.started_at, ends_at=ended_at)
    last = max((pause.stop for pause in session.breaks), default=ended_at)
    if last > ended_at:
        raise EndedBeforeBreak(break_ended_at=last, ended_at=ended_at)


def _departures(session: Started, command: CloseSession, act: Act) -> Iterator[Step]:
    """An end for every open check-in: the one given, else the session's own when everyone else stayed."""
    ended_at, given = whole_minute(command.ended_at), {one.attendance_id for one in command.ends}
    ends = [(one.attendance_id, whole_minute(one.left_at)) for one in command.ends]
    rest = [one for one in session.roster if one.arrived_at is not None and one.attendance_id not in given]
    if rest and not command.everyone_else_stayed:
        raise OpenCheckIns(attendance_ids=", ".join(one.attendance_id for one in rest))
    ends += [(one.attendance_id, max(ended_at, one.arrived_at or ended_at)) for one in rest]
    for attendance_id, left_at in ends:
        departure = CheckOut(session_id=command.session_id, attendance_id=attendance_id, left_at=left_at,
                             cause="end" if left_at >= ended_at else "left_early")
        yield partial(check_out, command=departure, act=act)


def _absences(session: Started, command: CloseSession) -> Iterator[Step]:
    missing = [one.attendance_id for one in session.roster if one.phase == "expected"]
    if missing and not command.rest_absent:
        raise AttendanceMissing(attendance_ids=", ".join(missing))
    for attendance_id in missing:
        absence = MarkAbsent(session_id=command.session_id, attendance_id=attendance_id)
        yield partial(mark_absent, command=absence)


def _told(session: Started, actual: Interval) -> SessionClosed:
    """The whole session in one fact."""
    plan = session.plan
    attendances = tuple(_attendance(one, session, actual) for one in session.roster)
    heads, peak = _counts(attendances, actual)
    return SessionClosed(
        program_id=plan.program_id, group_id=plan.group_id, service_kind=plan.service_kind,
        level_of_care=plan.level_of_care, topic=session.topic, service_date=plan.service_date,
        scheduled=Interval(start=plan.starts_at, stop=plan.ends_at), actual=actual, facilitators=session.facilitators,
        breaks=session.breaks, attendances=attendances, head_count=heads, peak_count=peak,
    )


def _attendance(entry: Attendee, session: Started, actual: Interval) -> Attendance:
    here = entry.phase == "left"
    return Attendance(
        attendance_id=entry.attendance_id,
        status="present" if here else "absent_excused" if entry.excused else "absent",
        intervals=entry.intervals, minutes=minutes_present(within(entry.intervals, actual), session.breaks),
        modality=entry.modality or session.plan.modality,
        place_of_service=entry.place_of_service or session.plan.place_of_service,
    )


def _counts(attendances: Iterable[Attendance], actual: Interval) -> tuple[int, int]:
    presences = [within(one.intervals, actual) for one in attendances]
    return head_count(presences), peak_count(presences)


def _as_stated(closed: Closed, command: CorrectAttendance, entry: Attendee | None, act: Act) -> Attendance:
    """The attendance that a correction states, once it is possible."""
    attendance_id = command.attendance_id if entry is None else entry.attendance_id
    intervals = _possible(closed, attendance_id, command, act)
    before = closed.attendances.get(attendance_id)
    return Attendance(
        attendance_id=attendance_id, status=command.status, intervals=intervals,
        minutes=minutes_present(within(intervals, closed.actual), closed.breaks),
        modality=command.modality or (before.modality if before else closed.plan.modality),
        place_of_service=command.place_of_service
        or (before.place_of_service if before else closed.plan.place_of_service),
    )


def _possible(closed: Closed, attendance_id: str, command: CorrectAttendance, act: Act) -> tuple[Interval, ...]:
    stays = sorted((whole_minute(one.start), whole_minute(one.stop)) for one in command.intervals)
    if command.status == "present" and not stays:
        raise PresentWithoutIntervals(attendance_id=attendance_id)
    if command.status != "present" and stays:
        raise AbsentWithIntervals(attendance_id=attendance_id)
    for start, stop in stays:
        must_have_happened(act, start, stop)
        must_be_possible(closed, start)
        if stop < start:
            raise LeftBeforeArriving(attendance_id=attendance_id, arrived_at=start, left_at=stop)
    for (_, stop), (start, _) in pairwise(stays):
        if start < stop:
            raise IntervalsOverlap(attendance_id=attendance_id, at=start)
    return tuple(Interval(start=start, stop=stop) for start, stop in stays)


def _whose(
    closed: Closed, command: CorrectAttendance, entry: Attendee | None, seen: Mapping[str, Seen],
) -> tuple[str, str, Outcomes]:
    """The patient, the enrollment, and the roster fact of somebody whom the roster did not know."""
    if entry is not None and entry.phase != "not_expected":
        return entry.patient_id, entry.enrollment_id, ()
    patient_id = command.patient_id if entry is None else entry.patient_id
    enrollment_id = command.enrollment_id or (entry.enrollment_id if entry else None)
    if patient_id is None or enrollment_id is None:
        raise CorrectionNeedsPatient(attendance_id=command.attendance_id)
    episode, plan = episode_of(enrollment_id, patient_id, seen), closed.plan
    if command.status == "present":
        may_receive(episode, plan.service_kind, plan.service_date)
    attendance_id = command.attendance_id if entry is None else entry.attendance_id
    return patient_id, enrollment_id, (expectation(plan, patient_id, enrollment_id, attendance_id, "walk_in"),)
