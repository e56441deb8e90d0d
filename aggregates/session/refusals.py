"""What a session refuses, one class a rule; what an episode refuses stands in `aggregates.episode`."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownSession(Unknown):
    """No session {session_id} is recorded; schedule it first, or compare the id."""


class GroupOfAnotherProgram(Refusal):
    """Group {group_id} belongs to program {program_id}; schedule the session there."""


class SessionAlreadyScheduled(Refusal):
    """Session {session_id} is scheduled otherwise; reschedule it, or give the new session an id of its own."""


class SessionNotStarted(Refusal):
    """Session {session_id} has not started; start it, or take its roster, first."""


class SessionAlreadyStarted(Refusal):
    """The session started at {started_at}; give that time, and plan another session for another time."""


class SessionTookPlace(Refusal):
    """{present} patients attended this session; close it instead of cancelling it."""


class SessionIsCancelled(Refusal):
    """Session {session_id} is cancelled ({cause}) and stays so; schedule a new one for what took place."""


class SessionIsClosed(Refusal):
    """The session closed at {ended_at}; correct the attendance instead, with a cause and in words."""


class SessionStillOpen(Refusal):
    """Session {session_id} is not closed; record arrivals and departures as they were, and correct only after
    closing.
    """


class SessionEndsBeforeItStarts(Refusal):
    """A session that starts at {starts_at} cannot end at {ends_at}; give an end after the start."""


class SessionLongerThanADay(Refusal):
    """From {starts_at} to {ends_at} is more than 24 hours; compare the dates."""


class ServiceDateElsewhere(Refusal):
    """{starts_at} is on {service_date} in no time zone; give the day on which the session starts in the program's
    zone.
    """


class InTheFuture(Refusal):
    """{at} lies in the future of {now}; record what happened once it has happened."""


class StartedTooEarly(Refusal):
    """{started_at} is more than two hours before the scheduled start at {starts_at}; reschedule the session first."""


class StartedTooLate(Refusal):
    """{started_at} is more than twelve hours after the scheduled end at {ends_at}; reschedule the session first."""


class ArrivedTooEarly(Refusal):
    """{arrived_at} is more than two hours before the scheduled start at {starts_at}; compare the time."""


class ArrivedTooLate(Refusal):
    """{arrived_at} is more than twelve hours after the scheduled end at {ends_at}; compare the time."""


class LeftBeforeArriving(Refusal):
    """Attendance {attendance_id} began at {arrived_at} and cannot end at {left_at}; compare the times."""


class ReturnedBeforeLeaving(Refusal):
    """Attendance {attendance_id} lasted until {left_at}; coming back at {arrived_at} would count those minutes
    twice.
    """


class BreakEndsBeforeItStarts(Refusal):
    """A break from {started_at} cannot end at {ended_at}; compare the times."""


class BreakOutsideSession(Refusal):
    """The break from {started_at} to {ended_at} lies outside the session that began at {session_started_at}; compare
    the times.
    """


class EndedBeforeBreak(Refusal):
    """A break of this session lasts until {break_ended_at}, so it cannot have ended at {ended_at}; compare the
    times, and correct the breaks if they are wrong.
    """


class NotOnRoster(Refusal):
    """Attendance {attendance_id} is not on this session's roster; expect the patient, or check the walk-in in."""


class AttendanceIdTaken(Refusal):
    """Attendance id {attendance_id} is another patient's in this session; give a new one."""


class WalkInNeedsEnrollment(Refusal):
    """Patient {patient_id} was not expected here; give the enrollment under which the walk-in is treated."""


class AlreadyPresent(Refusal):
    """Attendance {attendance_id} began at {arrived_at} and is still open; check the patient out before another
    arrival.
    """


class NotPresent(Refusal):
    """Attendance {attendance_id} has no open check-in; check the patient in first, or correct after closing."""


class WasPresent(Refusal):
    """Attendance {attendance_id} has a check-in; check the patient out, and correct it after closing if it was
    wrong.
    """


class PresentElsewhere(Refusal):
    """This patient was checked in to another session at the same moment; look at both and record the arrival again."""


class ContradictoryExceptions(Refusal):
    """Attendance {attendance_id} has exceptions that exclude each other; an absence stands alone, others come once
    each.
    """


class OpenCheckIns(Refusal):
    """Still checked in: {attendance_ids}. Give each an end, or state that everyone else stayed."""


class AttendanceMissing(Refusal):
    """Expected and not accounted for: {attendance_ids}. Check them in, mark them absent, or state that the rest are
    absent.
    """


class CorrectionNeedsPatient(Refusal):
    """Attendance {attendance_id} is not on the roster; to add somebody, give the patient and the enrollment too."""


class PresentWithoutIntervals(Refusal):
    """Attendance {attendance_id} is to be present without any interval; give from when to when."""


class AbsentWithIntervals(Refusal):
    """Attendance {attendance_id} is to be absent and yet has intervals; give one or the other."""


class IntervalsOverlap(Refusal):
    """The intervals of attendance {attendance_id} overlap at {at}; give each stay once."""
