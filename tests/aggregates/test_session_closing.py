"""Closing a session and correcting it afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from aggregates.enrollment.refusals import UnknownEnrollment
from aggregates.episode import ServiceAfterDischarge
from aggregates.kit import Release
from aggregates.session import AGGREGATE
from aggregates.session.commands import CloseSession, CorrectAttendance, End
from aggregates.session.facts import (
    Attendance,
    AttendanceCorrected,
    BreakTaken,
    CorrectionWords,
    HeadCountChanged,
    Interval,
    SessionCancelled,
    SessionClosed,
)
from aggregates.session.refusals import (
    AbsentWithIntervals,
    ArrivedTooEarly,
    AttendanceIdTaken,
    AttendanceMissing,
    CorrectionNeedsPatient,
    EndedBeforeBreak,
    IntervalsOverlap,
    InTheFuture,
    LeftBeforeArriving,
    NotPresent,
    OpenCheckIns,
    PresentWithoutIntervals,
    SessionEndsBeforeItStarts,
    SessionIsCancelled,
    SessionIsClosed,
    SessionLongerThanADay,
    SessionNotStarted,
    SessionStillOpen,
    UnknownSession,
)
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    GROUP,
    MONDAY,
    PROGRAM,
    SESSION,
    a_plan,
    absent,
    at,
    attendance,
    began,
    came,
    check_out,
    enrollment,
    episode,
    episodes,
    expected,
    gone,
    patient,
    presence,
    roster,
    that_evening,
    to_check_in,
)
from tests.aggregates.scenario import every_prefix_folds, folded, given


def span(start: str, stop: str) -> Interval:
    """From one clock time to another."""
    return Interval(start=at(start), stop=at(stop))


def attended(number: int, minutes: int, *stays: Interval, status: Any = "present") -> Attendance:
    """One attendee of the closed session."""
    return Attendance(attendance_id=attendance(number), status=status, intervals=stays, minutes=minutes,
                      modality="in_person", place_of_service="53")


def closed(*attendances: Attendance, head_count: int, peak_count: int, **changes: Any) -> SessionClosed:
    """The closed session, nine to half past ten as planned."""
    fields: dict[str, Any] = {
        "program_id": PROGRAM, "group_id": GROUP, "service_kind": "group", "level_of_care": "intensive_outpatient",
        "topic": "distress_tolerance", "service_date": MONDAY, "scheduled": span("09:00", "10:30"),
        "actual": span("09:00", "10:30"), "facilitators": (FACILITATOR,), "breaks": (),
    }
    return SessionClosed(attendances=attendances, head_count=head_count, peak_count=peak_count, **(fields | changes))


def to_close(clock: str = "10:30", **changes: Any) -> CloseSession:
    """The command that closes the session."""
    return CloseSession(session_id=SESSION, ended_at=at(clock), **changes)


PAUSE = BreakTaken(interval=span("09:45", "09:55"))
FULL = span("09:00", "10:30")


def test_a_closed_session_tells_everything() -> None:
    """Minutes without the break and without what lies outside the session; two stays; heads of all, peak at once."""
    decided = given(
        AGGREGATE, a_plan(), expected(1), expected(2), expected(3), came(1, "08:50"), began(), came(2, "09:40"), PAUSE,
        gone(1, "09:20", "called_out"), came(1, "09:50", "returned"), absent(3, excused=True, cause="ill"),
        gone(2, "09:50"),
    ).when(to_close(everyone_else_stayed=True), EVENING)
    decided.then(
        gone(1, "10:30", "end"), Release(*presence(1)),
        closed(
            attended(1, 20 + 35, span("08:50", "09:20"), span("09:50", "10:30")),
            attended(2, 5, span("09:40", "09:50")), attended(3, 0, status="absent_excused"),
            head_count=2, peak_count=1, breaks=(PAUSE.interval,),
        ),
    )
    decided.never_twice()


def test_every_open_check_in_needs_an_end_from_a_person() -> None:
    """Refused naming the attendances; given by name, or because everyone else stayed."""
    there = given(AGGREGATE, a_plan(), began(), came(1), came(2), came(3, "10:40"))
    message = there.when(to_close(ends=(End(attendance_id=attendance(1), left_at=at("10:00")),)), EVENING).refuses(
        OpenCheckIns,
    )
    assert attendance(2) in message
    assert attendance(1) not in message
    ends = (End(attendance_id=attendance(1), left_at=at("10:00:30")),)
    there.when(to_close(ends=ends, everyone_else_stayed=True), EVENING).then(
        gone(1, "10:00"), Release(*presence(1)), gone(2, "10:30", "end"), Release(*presence(2)),
        gone(3, "10:40", "end"), Release(*presence(3)),
        closed(attended(1, 60, span("09:00", "10:00")), attended(2, 90, FULL), attended(3, 0, span("10:40", "10:40")),
               head_count=2, peak_count=2),
    )
    strange = tuple(End(attendance_id=attendance(2), left_at=at(clock)) for clock in ("10:00", "10:30"))
    there.when(to_close(ends=strange, everyone_else_stayed=True), EVENING).refuses(NotPresent)


def test_everyone_expected_is_accounted_for() -> None:
    """Refused naming who is missing, unless the rest are stated to be absent."""
    there = given(AGGREGATE, a_plan(), expected(1), expected(2), began(), came(1), gone(1, "10:30", "end"))
    assert attendance(2) in there.when(to_close(), EVENING).refuses(AttendanceMissing)
    there.when(to_close(rest_absent=True), EVENING).then(
        absent(2), closed(attended(1, 90, FULL), attended(2, 0, status="absent"), head_count=1, peak_count=1),
    )


@pytest.mark.parametrize(
    ("clock", "rule"),
    [("09:00", SessionEndsBeforeItStarts), ("09:50", EndedBeforeBreak), ("23:10", InTheFuture)],
)
def test_an_end_is_possible(clock: str, rule: Any) -> None:
    """After the start and every break, and not in the future."""
    given(AGGREGATE, a_plan(), began(), PAUSE).when(to_close(clock), EVENING).refuses(rule)


def test_a_session_lasts_a_day_at_most() -> None:
    """An end on the next evening is a wrong date."""
    tomorrow = that_evening(occurred_at=at("23:00", "2026-03-03"))
    command = CloseSession(session_id=SESSION, ended_at=at("09:01", "2026-03-03"))
    given(AGGREGATE, a_plan(), began()).when(command, tomorrow).refuses(SessionLongerThanADay)


def test_only_a_session_under_way_is_closed() -> None:
    """Not one that never started, was cancelled, or does not exist."""
    given(AGGREGATE, a_plan()).when(to_close(), EVENING).refuses(SessionNotStarted)
    called_off = SessionCancelled(service_date=MONDAY, cause="weather")
    given(AGGREGATE, a_plan(), called_off).when(to_close(), EVENING).refuses(SessionIsCancelled)
    given(AGGREGATE).when(to_close(), EVENING).refuses(UnknownSession)


TWO = closed(attended(1, 90, FULL), attended(2, 90, FULL), attended(3, 0, status="absent"), head_count=2, peak_count=2)
AFTERWARDS = given(
    AGGREGATE, a_plan(), expected(1), expected(2), expected(3), began(), came(1), came(2), absent(3),
    gone(1, "10:30", "end"), gone(2, "10:30", "end"), TWO,
)


def to_correct(number: int, *stays: Interval, **changes: Any) -> CorrectAttendance:
    """The command that corrects an attendance from the sign-in sheet."""
    fields: dict[str, Any] = {
        "session_id": SESSION, "attendance_id": attendance(number), "status": "present" if stays else "absent",
        "intervals": stays, "cause": "sign_in_sheet", "explanation": "As the sheet says.",
    }
    return CorrectAttendance(**(fields | changes))


def corrected(number: int, before: Attendance | None, after: Attendance, heads: int, peak: int) -> AttendanceCorrected:
    """The fact of a correction."""
    return AttendanceCorrected(
        patient_id=patient(number), attendance_id=attendance(number), enrollment_id=enrollment(number),
        service_date=MONDAY, before=before, after=after, head_count=heads, peak_count=peak, cause="sign_in_sheet",
        sealed=CorrectionWords(explanation="As the sheet says."),
    )


def test_after_closing_the_door_is_shut() -> None:
    """A late check-in is refused and says to correct the attendance; closing again otherwise is refused too."""
    AFTERWARDS.when(to_check_in(3), EVENING, episodes(3)).refuses(SessionIsClosed)
    AFTERWARDS.when(check_out(1, "10:00"), EVENING).refuses(SessionIsClosed)
    AFTERWARDS.when(roster(), EVENING).refuses(SessionIsClosed)
    AFTERWARDS.when(to_close(), EVENING).nothing_happened()
    AFTERWARDS.when(to_close("10:20"), EVENING).refuses(SessionIsClosed)


def test_a_correction_keeps_what_stood_before() -> None:
    """Left at 10:00 after all: before and after are both in the fact, the heads are as they were."""
    after = attended(1, 60, span("09:00", "10:00"))
    decided = AFTERWARDS.when(to_correct(1, span("09:00", "10:00")), EVENING)
    decided.then(corrected(1, attended(1, 90, FULL), after, 2, 2)).never_twice()


def test_a_correction_that_changes_the_heads_tells_everybody_else() -> None:
    """Who was marked absent had been there: three heads, stated to the others without saying whose."""
    decided = AFTERWARDS.when(to_correct(3, FULL), EVENING)
    changed = HeadCountChanged(service_date=MONDAY, head_count=3, peak_count=3)
    decided.then(corrected(3, attended(3, 0, status="absent"), attended(3, 90, FULL), 3, 3), changed)
    state = decided.state
    assert AGGREGATE.patients(state, decided.facts[0], {}) == ((patient(3), attendance(3)),)
    others = ((patient(1), attendance(1)), (patient(2), attendance(2)))
    assert AGGREGATE.patients(state, changed, {}) == others
    assert (state.head_count, state.peak_count) == (3, 3)


def test_a_peak_that_changes_alone_is_told_too() -> None:
    """Patient 2 came only when patient 1 had gone: still two heads, never two at once."""
    halves = (span("09:00", "09:40"), span("09:40", "10:30"))
    first = AFTERWARDS.when(to_correct(1, halves[0]), EVENING)
    assert [type(one) for one in first.facts] == [AttendanceCorrected]
    second = first.after.when(to_correct(2, halves[1]), EVENING)
    assert second.facts[-1] == HeadCountChanged(service_date=MONDAY, head_count=2, peak_count=1)


def test_a_correction_may_unmake_a_presence() -> None:
    """The line on the sheet was somebody else's; the next correction starts from this one."""
    gone_after = attended(1, 0, status="absent_excused")
    decided = AFTERWARDS.when(to_correct(1, status="absent_excused"), EVENING)
    decided.then(
        corrected(1, attended(1, 90, FULL), gone_after, 1, 1),
        HeadCountChanged(service_date=MONDAY, head_count=1, peak_count=1),
    )
    again = decided.after.when(to_correct(1, FULL, modality="audio_only", place_of_service="10"), EVENING)
    assert again.facts[0].before == gone_after
    assert again.facts[0].after.modality == "audio_only"
    assert again.facts[0].head_count == 2
    stays = (span("09:50", "10:30"), span("09:00", "09:30"))
    in_order = again.after.when(to_correct(1, *stays), EVENING).facts[0].after
    assert (in_order.intervals, in_order.minutes) == (stays[::-1], 70)


def test_a_correction_may_add_somebody_who_was_not_on_the_roster() -> None:
    """The roster fact comes first, so that the patient's own history says which service it was."""
    command = to_correct(4, FULL, patient_id=patient(4), enrollment_id=enrollment(4))
    decided = AFTERWARDS.when(command, EVENING, episodes(4))
    decided.then(
        expected(4, cause="walk_in"), corrected(4, None, attended(4, 90, FULL), 3, 3),
        HeadCountChanged(service_date=MONDAY, head_count=3, peak_count=3),
    ).never_twice()
    assert set(AGGREGATE.consult(AFTERWARDS_STATE, command)) == {f"enrollment:{enrollment(4)}"}
    assert AGGREGATE.consult(AFTERWARDS_STATE, to_correct(1, FULL)) == {}
    assert AGGREGATE.consult(AFTERWARDS_STATE, to_correct(4, FULL)) == {}


AFTERWARDS_STATE = folded(AGGREGATE, *AFTERWARDS.facts)


def test_an_absence_may_be_added_without_an_open_episode() -> None:
    """Presence after the discharge is refused; that somebody did not come may be said of anybody's own episode."""
    seen = {f"enrollment:{enrollment(4)}": episode(4, discharged_on="2026-03-01")}
    there = {"patient_id": patient(4), "enrollment_id": enrollment(4)}
    AFTERWARDS.when(to_correct(4, FULL, **there), EVENING, seen).refuses(ServiceAfterDischarge)
    AFTERWARDS.when(to_correct(4, **there), EVENING, seen).then(
        expected(4, cause="walk_in"), corrected(4, None, attended(4, 0, status="absent"), 2, 2),
    )


def test_a_patient_keeps_the_attendance_id_of_the_roster() -> None:
    """A correction that names the patient finds the entry; one attendance id never serves two patients."""
    decided = AFTERWARDS.when(to_correct(8, span("09:00", "10:00"), patient_id=patient(1)), EVENING)
    assert decided.facts[0].attendance_id == attendance(1)
    AFTERWARDS.when(to_correct(2, FULL, patient_id=patient(1)), EVENING).refuses(AttendanceIdTaken)


def test_somebody_new_needs_a_patient_and_an_enrollment() -> None:
    """An attendance id alone says nothing about whose it is; an enrollment has to exist."""
    AFTERWARDS.when(to_correct(4, FULL), EVENING).refuses(CorrectionNeedsPatient)
    AFTERWARDS.when(to_correct(4, FULL, patient_id=patient(4)), EVENING).refuses(CorrectionNeedsPatient)
    named = {"patient_id": patient(4), "enrollment_id": enrollment(4)}
    AFTERWARDS.when(to_correct(4, FULL, **named), EVENING).refuses(UnknownEnrollment)


@pytest.mark.parametrize(
    ("stays", "changes", "rule"),
    [
        ((), {"status": "present"}, PresentWithoutIntervals),
        ((FULL,), {"status": "absent"}, AbsentWithIntervals),
        ((span("10:00", "09:30"),), {}, LeftBeforeArriving),
        ((span("09:00", "09:40"), span("09:30", "10:00")), {}, IntervalsOverlap),
        ((span("06:00", "10:00"),), {}, ArrivedTooEarly),
        ((span("09:00", "23:30"),), {}, InTheFuture),
    ],
)
def test_a_correction_is_possible(stays: tuple[Interval, ...], changes: dict[str, Any], rule: Any) -> None:
    """It says from when to when, once each, in the past, about this session."""
    AFTERWARDS.when(to_correct(1, *stays, **changes), EVENING).refuses(rule)


def test_only_a_closed_session_is_corrected() -> None:
    """Before that the door is open, and what never took place has no attendance."""
    given(AGGREGATE, a_plan(), began(), came(1)).when(to_correct(1, FULL), EVENING).refuses(SessionStillOpen)
    called_off = SessionCancelled(service_date=MONDAY, cause="weather")
    given(AGGREGATE, a_plan(), called_off).when(to_correct(1, FULL), EVENING).refuses(SessionIsCancelled)
    given(AGGREGATE).when(to_correct(1, FULL), EVENING).refuses(UnknownSession)


def test_any_prefix_of_a_corrected_session_folds() -> None:
    """Also corrections that come before the close."""
    facts = AFTERWARDS.when(to_correct(3, FULL), EVENING).facts
    every_prefix_folds(AGGREGATE, a_plan(), *facts, *AFTERWARDS.facts[1:], *facts)


MINUTES = st.integers(0, 150)


@with_any(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=8), st.integers(30, 150))
def test_a_taken_roster_closes_to_its_minutes(stays: list[tuple[int, int]], length: int) -> None:
    """Whoever comes and goes when, minutes lie within the session and the counts agree with them."""
    clock = [f"{9 + minute // 60:02d}:{minute % 60:02d}" for minute in range(151)]
    past: list[Any] = [a_plan(), began()]
    for number, pair in enumerate(stays, start=1):
        past += [came(number, clock[min(pair)]), gone(number, clock[max(pair)])]
    fact = given(AGGREGATE, *past).when(to_close(clock[length]), EVENING).facts[-1]
    minutes = [max(0, min(max(pair), length) - min(pair)) for pair in stays]
    assert [one.minutes for one in fact.attendances] == minutes
    assert fact.head_count == sum(1 for one in minutes if one)
    assert min(1, fact.head_count) <= fact.peak_count <= fact.head_count
