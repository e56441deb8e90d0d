"""What can be true of one session. Names and shapes are the storage format.

A fact about several patients holds attendance ids only; the fact that says whose an attendance id is, is that
patient's own. Intervals are half-open, [start, stop), in whole minutes; breaks never count.
"""

from __future__ import annotations

from typing import Literal

from aggregates.kit import fact, value
from aggregates.values import (
    AttendanceId,
    ClinicianId,
    Code,
    Count,
    Date,
    EnrollmentId,
    GroupId,
    Instant,
    LevelOfCare,
    Minutes,
    Modality,
    PatientId,
    ProgramId,
    ServiceKind,
    Text,
)

AttendanceStatus = Literal["present", "absent", "absent_excused"]


@value
class Interval:
    """A half-open stretch of time, [start, stop), both on whole minutes."""

    start: Instant
    stop: Instant


@value
class Attendance:
    """One attendee of a closed session: status, intervals of presence, and the minutes left after breaks."""

    attendance_id: AttendanceId
    status: AttendanceStatus
    intervals: tuple[Interval, ...]
    minutes: Minutes
    modality: Modality
    place_of_service: Code


@fact("session.scheduled", 1)
@value
class SessionScheduled:
    """A service of a program is planned, for a group or as an appointment."""

    program_id: ProgramId
    group_id: GroupId | None = None
    service_kind: ServiceKind
    level_of_care: LevelOfCare
    topic: Code
    service_date: Date
    starts_at: Instant
    ends_at: Instant
    modality: Modality
    place_of_service: Code
    facilitators: tuple[ClinicianId, ...]


@fact("session.patient_expected", 1)
@value
class PatientExpected:
    """A patient is on this session's roster; states whose the attendance id is. Minutes are the scheduled ones."""

    patient_id: PatientId
    attendance_id: AttendanceId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    service_kind: ServiceKind
    service_date: Date
    starts_at: Instant
    ends_at: Instant
    scheduled_minutes: Minutes
    cause: Literal["roster", "appointment", "walk_in", "make_up"]


@fact("session.patient_not_expected", 1)
@value
class PatientNotExpected:
    """A patient is taken off this session's roster before it began."""

    attendance_id: AttendanceId
    cause: Code


@fact("session.rescheduled", 1)
@value
class SessionRescheduled:
    """Another time or other facilitators, before the start."""

    service_date: Date
    starts_at: Instant
    ends_at: Instant
    facilitators: tuple[ClinicianId, ...]
    cause: Code


@fact("session.cancelled", 1)
@value
class SessionCancelled:
    """It will not take place, or did not."""

    service_date: Date
    cause: Code


@fact("session.started", 1)
@value
class SessionStarted:
    """It began, with these facilitators in the room; `topic` is what it was about."""

    started_at: Instant
    facilitators: tuple[ClinicianId, ...]
    topic: Code


@fact("session.break_taken", 1)
@value
class BreakTaken:
    """Everybody paused."""

    interval: Interval


@fact("session.patient_checked_in", 1)
@value
class PatientCheckedIn:
    """A patient is present from this minute on."""

    patient_id: PatientId
    attendance_id: AttendanceId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    service_kind: ServiceKind
    service_date: Date
    arrived_at: Instant
    modality: Modality
    place_of_service: Code
    cause: Literal["expected", "returned", "walk_in", "make_up"]


@fact("session.patient_checked_out", 1)
@value
class PatientCheckedOut:
    """A patient is no longer present from this minute on."""

    attendance_id: AttendanceId
    left_at: Instant
    cause: Literal["end", "left_early", "called_out", "checked_in_elsewhere"]


@fact("session.patient_marked_absent", 1)
@value
class PatientMarkedAbsent:
    """A patient did not come; states whose the attendance id is."""

    patient_id: PatientId
    attendance_id: AttendanceId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    service_kind: ServiceKind
    service_date: Date
    excused: bool
    cause: Code


@fact("session.closed", 1)
@value
class SessionClosed:
    """The session as it was: everything that a patient's day needs of it. The head-count is of all payers."""

    program_id: ProgramId
    group_id: GroupId | None = None
    service_kind: ServiceKind
    level_of_care: LevelOfCare
    topic: Code
    service_date: Date
    scheduled: Interval
    actual: Interval
    facilitators: tuple[ClinicianId, ...]
    breaks: tuple[Interval, ...]
    attendances: tuple[Attendance, ...]
    head_count: Count
    peak_count: Count


@value
class CorrectionWords:
    """Why the attendance was wrong, in words."""

    explanation: Text


@fact("session.attendance_corrected", 1, subject="patient")
@value
class AttendanceCorrected:
    """One patient's attendance after closing: as it stood, as it is, why, and the head-counts it leads to."""

    patient_id: PatientId
    attendance_id: AttendanceId
    enrollment_id: EnrollmentId
    service_date: Date
    before: Attendance | None
    after: Attendance
    head_count: Count
    peak_count: Count
    cause: Literal["entry_error", "sign_in_sheet", "system_down", "facilitator_statement", "other"]
    sealed: CorrectionWords | None = None


@fact("session.head_count_changed", 1)
@value
class HeadCountChanged:
    """Another attendee's correction changed how many were in the room; says nothing about whose it was."""

    service_date: Date
    head_count: Count
    peak_count: Count


@fact("session.breaks_corrected", 1)
@value
class BreaksCorrected:
    """All breaks as they really were; `attendances` are those that have other minutes by it, once the session is
    closed."""

    service_date: Date
    before: tuple[Interval, ...]
    breaks: tuple[Interval, ...]
    attendances: tuple[Attendance, ...]
    cause: Code
