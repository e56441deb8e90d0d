"""What may be asked of a session.

A patient on the roster keeps the attendance id of the roster; the `attendance_id` and `enrollment_id` of a check-in
count only for somebody who was not expected.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import command, value
from aggregates.session.facts import AttendanceStatus, Interval
from aggregates.values import (
    AttendanceId,
    ClinicianId,
    Code,
    Date,
    EnrollmentId,
    GroupId,
    Instant,
    LevelOfCare,
    Modality,
    PatientId,
    ProgramId,
    ServiceKind,
    SessionId,
    Text,
)


@value
class RosterEntry:
    """A patient to be expected, and the attendance id under which the session will speak of that patient."""

    patient_id: PatientId
    enrollment_id: EnrollmentId
    attendance_id: AttendanceId


@command("session.schedule")
@value
class ScheduleSession:
    """Plans a service, with a group's whole roster in the same call when `expected` is given."""

    session_id: SessionId
    program_id: ProgramId
    group_id: GroupId | None = None
    service_kind: ServiceKind
    level_of_care: LevelOfCare
    topic: Code
    service_date: Date
    starts_at: Instant
    ends_at: Instant
    modality: Modality = "in_person"
    place_of_service: Code
    facilitators: tuple[ClinicianId, ...]
    expected: tuple[RosterEntry, ...] = ()


@command("session.expect")
@value
class ExpectPatient:
    """Puts a patient on the roster of a session. Without a cause: `roster` for a group, else `appointment`."""

    session_id: SessionId
    patient_id: PatientId
    enrollment_id: EnrollmentId
    attendance_id: AttendanceId
    cause: Literal["roster", "appointment", "walk_in", "make_up"] | None = None


@command("session.do_not_expect")
@value
class DoNotExpectPatient:
    """Takes a patient who has not come off the roster."""

    session_id: SessionId
    attendance_id: AttendanceId
    cause: Code


@command("session.reschedule")
@value
class RescheduleSession:
    """Moves a session that has not begun, or hands it to other facilitators (left out: the same as before)."""

    session_id: SessionId
    service_date: Date
    starts_at: Instant
    ends_at: Instant
    facilitators: tuple[ClinicianId, ...] | None = None
    cause: Code


@command("session.cancel")
@value
class CancelSession:
    """States that a session will not take place, or did not."""

    session_id: SessionId
    cause: Code


@command("session.start")
@value
class StartSession:
    """Begins a session. `facilitators` and `topic` are as planned when left out."""

    session_id: SessionId
    started_at: Instant
    facilitators: tuple[ClinicianId, ...] | None = None
    topic: Code | None = None


@command("session.take_break")
@value
class TakeBreak:
    """Records that everybody paused."""

    session_id: SessionId
    started_at: Instant
    ended_at: Instant


@command("session.check_in")
@value
class CheckIn:
    """Records an arrival: of an expected patient, of one who comes back, or of a walk-in (with an enrollment)."""

    session_id: SessionId
    patient_id: PatientId
    attendance_id: AttendanceId
    enrollment_id: EnrollmentId | None = None
    arrived_at: Instant
    modality: Modality | None = None
    place_of_service: Code | None = None
    unexpected_cause: Literal["walk_in", "make_up"] = "walk_in"


@command("session.check_out")
@value
class CheckOut:
    """Records a departure. Without a cause: `end` from the scheduled end on, before it `left_early`."""

    session_id: SessionId
    attendance_id: AttendanceId
    left_at: Instant
    cause: Literal["end", "left_early", "called_out"] | None = None


@command("session.mark_absent")
@value
class MarkAbsent:
    """Records that an expected patient did not come."""

    session_id: SessionId
    attendance_id: AttendanceId
    excused: bool = False
    cause: Code = "no_show"


@value
class Absent:
    """An exception: did not come."""

    exception: Literal["absent", "absent_excused"]
    attendance_id: AttendanceId
    cause: Code = "no_show"


@value
class ArrivedLate:
    """An exception: came after the start."""

    exception: Literal["arrived_late"] = "arrived_late"
    attendance_id: AttendanceId
    arrived_at: Instant


@value
class LeftEarly:
    """An exception: went before the end; may stand beside a late arrival."""

    exception: Literal["left_early"] = "left_early"
    attendance_id: AttendanceId
    left_at: Instant
    cause: Literal["left_early", "called_out"] = "left_early"


@value
class WalkedIn:
    """An exception: came without being expected, at the start unless a time is given."""

    exception: Literal["walk_in", "make_up"]
    patient_id: PatientId
    enrollment_id: EnrollmentId
    attendance_id: AttendanceId
    arrived_at: Instant | None = None


RosterException = Annotated[Absent | ArrivedLate | LeftEarly | WalkedIn, Field(discriminator="exception")]


@command("session.take_roster")
@value
class TakeRoster:
    """Everyone expected was present from the start, except …: one call, which starts the session if need be."""

    session_id: SessionId
    started_at: Instant
    facilitators: tuple[ClinicianId, ...] | None = None
    topic: Code | None = None
    exceptions: tuple[RosterException, ...] = ()


@value
class End:
    """When one attendee left."""

    attendance_id: AttendanceId
    left_at: Instant


@command("session.close")
@value
class CloseSession:
    """Ends a session. Every open check-in gets its end, by name or because everyone else stayed.

    `rest_absent` states that whoever was expected and is not accounted for did not come.
    """

    session_id: SessionId
    ended_at: Instant
    ends: tuple[End, ...] = ()
    everyone_else_stayed: bool = False
    rest_absent: bool = False


@command("session.correct_attendance")
@value
class CorrectAttendance:
    """One patient's attendance of a closed session as it really was; all its intervals, not only the changed one.

    For somebody who was not on the roster it needs `patient_id` and `enrollment_id`.
    """

    session_id: SessionId
    attendance_id: AttendanceId
    patient_id: PatientId | None = None
    enrollment_id: EnrollmentId | None = None
    status: AttendanceStatus
    intervals: tuple[Interval, ...] = ()
    modality: Modality | None = None
    place_of_service: Code | None = None
    cause: Literal["entry_error", "sign_in_sheet", "system_down", "facilitator_statement", "other"]
    explanation: Text


@command("session.correct_breaks")
@value
class CorrectBreaks:
    """All breaks of a session as they really were, also those that were right; none if nobody paused."""

    session_id: SessionId
    breaks: tuple[Interval, ...] = ()
    cause: Code
