"""In the room of a session: what is recorded, and what cannot have been."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.episode import ServiceAfterDischarge, ServiceBeforeAdmission, ServiceBeforeReferral
from aggregates.kit import Elsewhere, Release
from aggregates.session import AGGREGATE
from aggregates.session.commands import (
    MarkAbsent,
    StartSession,
    TakeBreak,
)
from aggregates.session.facts import (
    BreakTaken,
    Interval,
    PatientNotExpected,
)
from aggregates.session.refusals import (
    AlreadyPresent,
    ArrivedTooEarly,
    ArrivedTooLate,
    AttendanceIdTaken,
    BreakEndsBeforeItStarts,
    BreakOutsideSession,
    InTheFuture,
    LeftBeforeArriving,
    NotOnRoster,
    NotPresent,
    ReturnedBeforeLeaving,
    SessionAlreadyStarted,
    SessionNotStarted,
    StartedTooEarly,
    StartedTooLate,
    UnknownSession,
    WalkInNeedsEnrollment,
    WasPresent,
)
from tests.aggregates.clinic import (
    EVENING,
    SESSION,
    a_plan,
    absent,
    at,
    attendance,
    began,
    came,
    check_out,
    claimed,
    elsewhere,
    enrollment,
    episode,
    episodes,
    expected,
    gone,
    patient,
    presence,
    to_check_in,
)
from tests.aggregates.scenario import an_id, given


def test_a_session_starts_as_planned_unless_told_otherwise() -> None:
    """A substitute in the room and the topic they chose are the record; the same start again is nothing."""
    start = StartSession(session_id=SESSION, started_at=at("09:02:31"), facilitators=(an_id("clinician", 2),))
    decided = given(AGGREGATE, a_plan()).when(start, EVENING)
    assert decided.facts[0].started_at == at("09:02")
    assert decided.facts[0].facilitators == (an_id("clinician", 2),)
    decided.after.when(start, EVENING).nothing_happened()
    given(AGGREGATE, a_plan()).when(StartSession(session_id=SESSION, started_at=at("09:00")), EVENING).then(began())
    given(AGGREGATE, a_plan(), began()).when(start, EVENING).refuses(SessionAlreadyStarted)


@pytest.mark.parametrize(
    ("clock", "rule"), [("06:59", StartedTooEarly), ("22:31", StartedTooLate), ("23:01", InTheFuture)],
)
def test_a_session_starts_about_when_it_was_planned(clock: str, rule: Any) -> None:
    """Two hours before the plan is the earliest, twelve hours after its end the latest; never the future."""
    given(AGGREGATE, a_plan()).when(StartSession(session_id=SESSION, started_at=at(clock)), EVENING).refuses(rule)


def to_pause(start: str, stop: str) -> TakeBreak:
    """The command for a break."""
    return TakeBreak(session_id=SESSION, started_at=at(start), ended_at=at(stop))


def test_a_break_is_taken_once() -> None:
    """The same break twice is one."""
    pause = BreakTaken(interval=Interval(start=at("09:45"), stop=at("09:55")))
    decided = given(AGGREGATE, a_plan(), began()).when(to_pause("09:45", "09:55"), EVENING).then(pause)
    decided.after.when(to_pause("09:45", "09:55"), EVENING).nothing_happened()


@pytest.mark.parametrize(
    ("start", "stop", "rule"),
    [
        ("08:50", "09:05", BreakOutsideSession), ("22:40", "22:50", BreakOutsideSession),
        ("09:30", "09:30", BreakEndsBeforeItStarts), ("22:50", "23:10", InTheFuture),
    ],
)
def test_a_break_lies_inside_the_session(start: str, stop: str, rule: Any) -> None:
    """Nobody pauses before the start, backwards, or in the future."""
    given(AGGREGATE, a_plan(), began()).when(to_pause(start, stop), EVENING).refuses(rule)


def test_a_break_needs_a_session_under_way() -> None:
    """Before the start there is nothing to pause."""
    given(AGGREGATE, a_plan()).when(to_pause("09:45", "09:55"), EVENING).refuses(SessionNotStarted)
    given(AGGREGATE).when(to_pause("09:45", "09:55"), EVENING).refuses(UnknownSession)


def test_an_expected_patient_checks_in_under_the_attendance_id_of_the_roster() -> None:
    """Also early, also with another id in the command; the check-in claims the patient's presence."""
    decided = given(AGGREGATE, a_plan(), expected(1)).when(
        to_check_in(1, "08:52", attendance_id=attendance(7), enrollment_id=None), EVENING, episodes(1),
    )
    decided.then(came(1, "08:52"), claimed(1))
    decided.never_twice()


def test_a_walk_in_is_recorded_as_one() -> None:
    """Nobody is turned away at the door: who was not expected is recorded with the cause."""
    given(AGGREGATE, a_plan()).when(to_check_in(1, "09:10"), EVENING, episodes(1)).then(
        came(1, "09:10", "walk_in"), claimed(1),
    )
    online = to_check_in(1, unexpected_cause="make_up", modality="audio_video", place_of_service="10")
    given(AGGREGATE, a_plan()).when(online, EVENING, episodes(1)).then(
        came(1, cause="make_up", modality="audio_video", place_of_service="10"), claimed(1),
    )


def test_a_walk_in_needs_an_enrollment_and_an_id_of_its_own() -> None:
    """Without an enrollment the service belongs to no episode; another's attendance id would mix two patients."""
    given(AGGREGATE, a_plan()).when(to_check_in(1, enrollment_id=None), EVENING).refuses(WalkInNeedsEnrollment)
    given(AGGREGATE, a_plan(), expected(2)).when(
        to_check_in(1, attendance_id=attendance(2)), EVENING, episodes(1),
    ).refuses(AttendanceIdTaken)


def test_who_was_taken_off_the_roster_walks_in() -> None:
    """The attendance id stays, the enrollment may be another one."""
    off = PatientNotExpected(attendance_id=attendance(1), cause="transferred_group")
    given(AGGREGATE, a_plan(), expected(1), off).when(to_check_in(1), EVENING, episodes(1)).then(
        came(1, cause="walk_in"), claimed(1),
    )


def test_who_was_marked_absent_and_came_after_all_is_present() -> None:
    """The room is right, not the earlier entry."""
    given(AGGREGATE, a_plan(), expected(1), absent(1)).when(
        to_check_in(1, "09:40"), EVENING, episodes(1),
    ).then(came(1, "09:40"), claimed(1))


@pytest.mark.parametrize(
    ("clock", "rule"), [("06:59", ArrivedTooEarly), ("22:31", ArrivedTooLate), ("23:01", InTheFuture)],
)
def test_an_arrival_belongs_to_its_session(clock: str, rule: Any) -> None:
    """More than two hours early or twelve hours late is another day's mistake; the future has not happened."""
    given(AGGREGATE, a_plan(), expected(1)).when(to_check_in(1, clock), EVENING, episodes(1)).refuses(rule)


@pytest.mark.parametrize(
    ("kind", "days", "rule"),
    [
        ("group", {"admitted_on": "2026-03-03"}, ServiceBeforeAdmission),
        ("group", {"admitted_on": None}, ServiceBeforeAdmission),
        ("group", {"discharged_on": "2026-03-01"}, ServiceAfterDischarge),
        ("intake", {"admitted_on": None}, None),
        ("crisis", {"admitted_on": None}, None),
        ("group", {"admitted_on": "2026-03-02"}, None),
        ("group", {"discharged_on": "2026-03-02"}, None),
        ("group", {"discharged_on": "2026-03-20"}, None),
    ],
)
def test_a_service_lies_inside_the_episode(kind: str, days: dict[str, Any], rule: Any) -> None:
    """From admission through discharge, both days included; intake and crisis from the referral on."""
    seen = {f"enrollment:{enrollment(1)}": episode(1, **days)}
    decided = given(AGGREGATE, a_plan(service_kind=kind), expected(1)).when(to_check_in(1), EVENING, seen)
    if rule:
        decided.refuses(rule)
    else:
        decided.then(came(1, service_kind=kind), claimed(1))


@pytest.mark.parametrize(("day", "rule"), [("2026-01-25", ServiceBeforeReferral), ("2026-01-26", None)])
def test_no_service_comes_before_the_referral(day: str, rule: Any) -> None:
    """Not even an intake; on the day of the referral it may take place."""
    early = a_plan(service_kind="intake", service_date=day, starts_at=at("09:00", day), ends_at=at("10:00", day))
    decided = given(AGGREGATE, early).when(to_check_in(1, arrived_at=at("09:00", day)), EVENING, episodes(1))
    assert type(decided.refusal) is (rule or type(None))


def test_coming_back_is_another_stay() -> None:
    """Out to the prescriber and back: the second arrival says returned; one inside the first stay is refused."""
    past = (a_plan(), expected(1), came(1), gone(1, "09:30", "called_out"))
    given(AGGREGATE, *past).when(to_check_in(1, "09:50"), EVENING, episodes(1)).then(
        came(1, "09:50", "returned"), claimed(1),
    )
    given(AGGREGATE, *past).when(to_check_in(1, "09:20"), EVENING, episodes(1)).refuses(ReturnedBeforeLeaving)
    given(AGGREGATE, *past).when(to_check_in(1, "09:00"), EVENING, episodes(1)).nothing_happened()


def test_an_open_check_in_is_one() -> None:
    """The same tap again is nothing, another time needs the check-out first."""
    there = given(AGGREGATE, a_plan(), came(1))
    there.when(to_check_in(1, "09:00:59"), EVENING, episodes(1)).nothing_happened()
    there.when(to_check_in(1, "09:05"), EVENING, episodes(1)).refuses(AlreadyPresent)


def test_checking_in_elsewhere_ends_the_earlier_stay_and_says_so() -> None:
    """The other session gets the departure at the minute of this arrival, and gives the presence back."""
    seen = episodes(1) | elsewhere(came(1, "08:30"))
    decided = given(AGGREGATE, a_plan(), expected(1)).when(to_check_in(1, "09:00:20"), EVENING, seen)
    left = gone(1, "09:00", "checked_in_elsewhere")
    decided.then(
        Elsewhere(f"present:{patient(1)}", (left, Release(*presence(1)))), came(1), claimed(1),
    )


@pytest.mark.parametrize("there", ["09:00", "09:20"])
def test_a_true_overlap_is_recorded_and_claims_nothing(there: str) -> None:
    """Two stays that began in one minute, or out of order: both stand, neither is refused at the door."""
    seen = episodes(1) | elsewhere(came(1, there))
    given(AGGREGATE, a_plan(), expected(1)).when(to_check_in(1, "09:00"), EVENING, seen).then(came(1))


def test_a_departure_gives_the_presence_back() -> None:
    """Before the scheduled end it is early, from then on the end, and a given cause wins."""
    there = given(AGGREGATE, a_plan(), began(), came(1))
    free = Release(*presence(1))
    there.when(check_out(1, "10:10"), EVENING).then(gone(1, "10:10"), free)
    there.when(check_out(1, "10:31"), EVENING).then(gone(1, "10:31", "end"), free)
    decided = there.when(check_out(1, "09:30", cause="called_out"), EVENING).then(gone(1, "09:30", "called_out"), free)
    decided.after.when(check_out(1, "09:30"), EVENING).nothing_happened()
    decided.after.when(check_out(1, "09:40"), EVENING).refuses(NotPresent)


def test_a_departure_follows_an_arrival() -> None:
    """Not before it, not in the future, not of who never came or is not on the roster."""
    there = given(AGGREGATE, a_plan(), expected(2), came(1, "09:10"))
    there.when(check_out(1, "09:09"), EVENING).refuses(LeftBeforeArriving)
    there.when(check_out(1, "23:30"), EVENING).refuses(InTheFuture)
    there.when(check_out(2, "09:30"), EVENING).refuses(NotPresent)
    there.when(check_out(3, "09:30"), EVENING).refuses(NotOnRoster)


def mark(number: int, **changes: Any) -> MarkAbsent:
    """The command for an absence."""
    return MarkAbsent(session_id=SESSION, attendance_id=attendance(number), **changes)


def test_an_excuse_may_follow_an_absence() -> None:
    """The same absence again is nothing; the excuse is another fact."""
    decided = given(AGGREGATE, a_plan(), expected(1)).when(mark(1)).then(absent(1))
    decided.after.when(mark(1)).nothing_happened()
    decided.after.when(mark(1, excused=True, cause="ill")).then(absent(1, excused=True, cause="ill"))


def test_only_somebody_expected_who_did_not_come_is_absent() -> None:
    """Who was in the room was not absent, and who is not on the roster is not missed."""
    given(AGGREGATE, a_plan(), came(1)).when(mark(1)).refuses(WasPresent)
    given(AGGREGATE, a_plan()).when(mark(1)).refuses(NotOnRoster)
