"""Breaks that were told wrong are corrected, while the session goes on or after it closed."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.session import AGGREGATE
from aggregates.session.commands import CorrectAttendance, CorrectBreaks
from aggregates.session.facts import Attendance, BreaksCorrected, BreakTaken, Interval, SessionClosed
from aggregates.session.refusals import (
    BreakEndsBeforeItStarts,
    BreakOutsideSession,
    EndedBeforeBreak,
    InTheFuture,
    SessionNotStarted,
)
from tests.aggregates.clinic import EVENING, MONDAY, SESSION, a_plan, attendance, began, came, gone, patient
from tests.aggregates.scenario import given
from tests.aggregates.test_session_closing import attended, closed, span, to_close

WRONG, RIGHT = span("09:45", "10:15"), span("09:45", "09:55")
FULL, EARLY = span("09:00", "10:30"), span("09:00", "09:30")
HELD = (
    a_plan(), began(), BreakTaken(interval=WRONG), came(1), came(2), gone(1, "10:30", "end"), gone(2, "09:30"),
)
CLOSED: SessionClosed = closed(
    attended(1, 60, FULL), attended(2, 30, EARLY), head_count=2, peak_count=2, breaks=(WRONG,)
)


def to_pause(*pauses: Interval) -> CorrectBreaks:
    """All breaks as they were."""
    return CorrectBreaks(session_id=SESSION, breaks=pauses, cause="entry_error")


def corrected(*attendances: Attendance, breaks: tuple[Interval, ...] = (RIGHT,)) -> BreaksCorrected:
    """The fact, with whose minutes are others."""
    return BreaksCorrected(
        service_date=MONDAY, before=(WRONG,), breaks=breaks, attendances=attendances, cause="entry_error"
    )


def test_a_break_told_too_long_gives_back_the_minutes_that_it_took() -> None:
    """Ninety minutes less ten; who had left before keeps the same minutes, and the whole roster is told."""
    decided = given(AGGREGATE, *HELD, CLOSED).when(to_pause(RIGHT), EVENING)
    decided.then(corrected(attended(1, 80, FULL))).never_twice()
    everybody = ((patient(1), attendance(1)), (patient(2), attendance(2)))
    assert AGGREGATE.patients(decided.state, decided.facts[0], {}) == everybody
    assert (decided.state.head_count, decided.state.peak_count) == (2, 2)


def test_a_break_that_nobody_took_is_none_and_one_forgotten_is_told() -> None:
    """Without breaks all ninety minutes count; a second one takes its own."""
    held = given(AGGREGATE, *HELD, CLOSED)
    held.when(to_pause(), EVENING).then(corrected(attended(1, 90, FULL), breaks=()))
    both = (RIGHT, span("09:20", "09:25"))
    held.when(to_pause(*both), EVENING).then(
        corrected(attended(1, 75, FULL), attended(2, 25, EARLY), breaks=both)
    )


def test_a_later_correction_of_an_attendance_knows_the_right_breaks() -> None:
    """Here until ten: sixty minutes less ten."""
    decided = given(AGGREGATE, *HELD, CLOSED).when(to_pause(RIGHT), EVENING)
    left_at_ten = CorrectAttendance(
        session_id=SESSION, attendance_id=attendance(1), status="present", intervals=(span("09:00", "10:00"),),
        cause="sign_in_sheet", explanation="Left at ten.",
    )
    found: Any = decided.after.when(left_at_ten, EVENING).facts[0]
    assert (found.before.minutes, found.after.minutes) == (80, 50)


def test_a_break_told_too_long_no_longer_keeps_the_session_from_closing() -> None:
    """Corrected while it goes on: nobody has minutes yet, and the closing takes the right break out."""
    going_on = given(AGGREGATE, *HELD)
    going_on.when(to_close("10:10", everyone_else_stayed=True), EVENING).refuses(EndedBeforeBreak)
    decided = going_on.when(to_pause(RIGHT), EVENING).then(corrected())
    told: Any = decided.after.when(to_close("10:10", everyone_else_stayed=True), EVENING).facts[-1]
    assert (told.breaks, told.attendances[0].minutes) == ((RIGHT,), 60)


@pytest.mark.parametrize(("pause", "rule"), [
    (span("09:55", "09:45"), BreakEndsBeforeItStarts), (span("08:50", "09:10"), BreakOutsideSession),
    (span("10:20", "10:40"), BreakOutsideSession), (span("10:40", "10:50"), BreakOutsideSession),
    (span("23:00", "23:59"), InTheFuture),
])
def test_a_corrected_break_is_a_possible_one(pause: Interval, rule: Any) -> None:
    """Forwards, inside the session as it was, and in the past."""
    given(AGGREGATE, *HELD, CLOSED).when(to_pause(pause), EVENING).refuses(rule)


def test_there_is_no_break_before_the_start() -> None:
    """A session that is only planned has none to correct; the same ones again are nothing new."""
    given(AGGREGATE, a_plan()).when(to_pause(RIGHT), EVENING).refuses(SessionNotStarted)
    given(AGGREGATE, *HELD, CLOSED).when(to_pause(WRONG), EVENING).nothing_happened()
