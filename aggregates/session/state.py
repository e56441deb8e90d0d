"""What is remembered of a session: the plan, who is on its roster, and who is in the room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    BreaksCorrected,
    BreakTaken,
    HeadCountChanged,
    Interval,
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
from aggregates.values import AttendanceId, ClinicianId, Code, EnrollmentId, Instant, Modality, PatientId, ProgramId


@dataclass(frozen=True, slots=True)
class Attendee:
    """One patient of the roster. `arrived_at` is set while the patient is in the room, `intervals` are past stays."""

    attendance_id: AttendanceId
    patient_id: PatientId
    enrollment_id: EnrollmentId
    phase: Literal["expected", "present", "left", "absent", "not_expected"]
    arrived_at: Instant | None = None
    intervals: tuple[Interval, ...] = ()
    excused: bool = False
    cause: Code | None = None
    modality: Modality | None = None
    place_of_service: Code | None = None


@dataclass(frozen=True, slots=True)
class NotScheduled:
    """No session has this id yet."""

    program_id: None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What every session has, in each of its phases."""

    plan: SessionScheduled
    everyone: Mapping[AttendanceId, Attendee]

    @property
    def program_id(self) -> ProgramId:
        """The program that offers the service."""
        return self.plan.program_id

    def presence_of(self, patient_id: PatientId) -> tuple[str, str]:
        """What somebody holds who is in a room of the program: kind and key. Of one in a room of another program nobody
        here learns, nor ends that stay: billing holds the minutes that both count."""
        return "present", f"{self.program_id}:{patient_id}"

    @property
    def roster(self) -> tuple[Attendee, ...]:
        """Everyone expected, present, gone or absent; not who was taken off again."""
        return tuple(one for one in self.everyone.values() if one.phase != "not_expected")

    def was_absent(self, attendance_id: AttendanceId | None) -> bool:
        """Whether this attendee is known not to have come."""
        entry = self.everyone.get(attendance_id or "")
        return entry is not None and entry.phase == "absent"

    def of(self, patient_id: PatientId) -> Attendee | None:
        """A patient's entry, also one that was taken off the roster."""
        return next((one for one in self.everyone.values() if one.patient_id == patient_id), None)


@dataclass(frozen=True, slots=True)
class Scheduled(Known):
    """Planned; early patients may already be in the waiting room."""


@dataclass(frozen=True, slots=True)
class Started(Known):
    """Under way."""

    started_at: Instant
    facilitators: tuple[ClinicianId, ...]
    topic: Code
    breaks: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled(Known):
    """Did not take place."""

    cause: Code


@dataclass(frozen=True, slots=True)
class Closed(Known):
    """Over: who led it, attendances as last corrected. `corrected` is whose attendance the latest correction was about.
    """

    actual: Interval
    breaks: tuple[Interval, ...]
    attendances: Mapping[AttendanceId, Attendance]
    head_count: int
    peak_count: int
    facilitators: tuple[ClinicianId, ...]
    corrected: AttendanceId | None = None

    def was_absent(self, attendance_id: AttendanceId | None) -> bool:
        """Whether this attendee did not come, as last corrected."""
        found = self.attendances.get(attendance_id or "")
        return found is not None and found.status != "present"


State = NotScheduled | Known
K = TypeVar("K", bound=Known)


def evolve(state: State, fact: object) -> State:
    """The state after one more fact."""
    if isinstance(fact, SessionScheduled):
        return Scheduled(plan=fact, everyone={})
    return state if isinstance(state, NotScheduled) else _evolve(state, fact)


def _evolve(state: Known, fact: object) -> Known:  # noqa: C901, PLR0911, PLR0912 # one arm a fact
    match fact:
        case PatientExpected():
            return _with(state, _named(state, fact, "expected"))
        case PatientNotExpected():
            return _changed(state, fact.attendance_id, phase="not_expected", cause=fact.cause)
        case SessionRescheduled():
            return replace(state, plan=_replanned(state.plan, fact))
        case SessionCancelled():
            return Cancelled(state.plan, state.everyone, fact.cause)
        case SessionStarted():
            return Started(state.plan, state.everyone, fact.started_at, fact.facilitators, fact.topic)
        case BreakTaken():
            return _paused(state, fact)
        case PatientCheckedIn():
            here = {"modality": fact.modality, "place_of_service": fact.place_of_service}
            return _with(state, _named(state, fact, "present", arrived_at=fact.arrived_at, **here))
        case PatientCheckedOut():
            return _gone(state, fact)
        case PatientMarkedAbsent():
            return _with(state, _named(state, fact, "absent", excused=fact.excused, cause=fact.cause))
        case SessionClosed():
            kept = {one.attendance_id: one for one in fact.attendances}
            return Closed(
                state.plan, state.everyone, fact.actual, fact.breaks, kept, fact.head_count, fact.peak_count,
                fact.facilitators,
            )
        case AttendanceCorrected():
            return _corrected(state, fact)
        case BreaksCorrected():
            return _repaused(state, fact)
        case HeadCountChanged():
            return _recounted(state, fact)
    return state


def in_turn(state: State, steps: Iterable[Callable[[State], tuple[Any, ...]]]) -> tuple[Any, ...]:
    """The outcomes of several decisions, each made on the state that the ones before it leave behind."""
    outcomes: list[Any] = []
    for step in steps:
        decided = step(state)
        for one in decided:
            state = evolve(state, one)
        outcomes += decided
    return tuple(outcomes)


def _with(state: K, attendee: Attendee) -> K:
    return replace(state, everyone={**state.everyone, attendee.attendance_id: attendee})


def _changed(state: K, attendance_id: AttendanceId, **changes: Any) -> K:
    attendee = state.everyone.get(attendance_id)
    return state if attendee is None else _with(state, replace(attendee, **changes))


def _named(
    state: K,
    fact: PatientExpected | PatientCheckedIn | PatientMarkedAbsent,
    phase: Literal["expected", "present", "absent"],
    **told: Any,
) -> Attendee:
    """The attendee that a fact names and tells of, with any earlier stays in the room."""
    earlier = state.everyone.get(fact.attendance_id)
    stays = () if earlier is None else earlier.intervals
    return Attendee(fact.attendance_id, fact.patient_id, fact.enrollment_id, phase, intervals=stays, **told)


def _gone(state: K, fact: PatientCheckedOut) -> K:
    attendee = state.everyone.get(fact.attendance_id)
    if attendee is None or attendee.arrived_at is None:
        return state
    stay = Interval(start=attendee.arrived_at, stop=fact.left_at)
    return _with(state, replace(attendee, phase="left", arrived_at=None, intervals=(*attendee.intervals, stay)))


def _replanned(plan: SessionScheduled, fact: SessionRescheduled) -> SessionScheduled:
    return replace(
        plan, service_date=fact.service_date, starts_at=fact.starts_at, ends_at=fact.ends_at,
        facilitators=fact.facilitators,
    )


def _paused(state: Known, fact: BreakTaken) -> Known:
    return replace(state, breaks=(*state.breaks, fact.interval)) if isinstance(state, Started) else state


def _repaused(state: Known, fact: BreaksCorrected) -> Known:
    if isinstance(state, Closed):
        kept = {**state.attendances, **{one.attendance_id: one for one in fact.attendances}}
        return replace(state, breaks=fact.breaks, attendances=kept)
    return replace(state, breaks=fact.breaks) if isinstance(state, Started) else state


def _recounted(state: Known, fact: HeadCountChanged) -> Known:
    if not isinstance(state, Closed):
        return state
    return replace(state, head_count=fact.head_count, peak_count=fact.peak_count)


def _corrected(state: Known, fact: AttendanceCorrected) -> Known:
    if not isinstance(state, Closed):
        return state
    here = fact.after.status == "present"
    attendee = Attendee(
        fact.attendance_id, fact.patient_id, fact.enrollment_id, "left" if here else "absent",
        intervals=fact.after.intervals, excused=fact.after.status == "absent_excused",
        modality=fact.after.modality, place_of_service=fact.after.place_of_service,
    )
    return replace(
        _with(state, attendee), attendances={**state.attendances, fact.attendance_id: fact.after},
        head_count=fact.head_count, peak_count=fact.peak_count, corrected=fact.attendance_id,
    )
