"""Planning a session: its times, its roster, moving it, calling it off."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.clinician.decide import UnknownClinician
from aggregates.enrollment.refusals import UnknownEnrollment
from aggregates.episode import EnrollmentOfAnother, ServiceAfterDischarge
from aggregates.group.decide import UnknownGroup
from aggregates.kit import Release, Seen
from aggregates.program.decide import UnknownProgram
from aggregates.session import AGGREGATE
from aggregates.session.commands import (
    CancelSession,
    DoNotExpectPatient,
)
from aggregates.session.facts import (
    PatientNotExpected,
    SessionCancelled,
    SessionRescheduled,
)
from aggregates.session.refusals import (
    AttendanceIdTaken,
    GroupOfAnotherProgram,
    NotOnRoster,
    ServiceDateElsewhere,
    SessionAlreadyScheduled,
    SessionAlreadyStarted,
    SessionEndsBeforeItStarts,
    SessionIsCancelled,
    SessionLongerThanADay,
    SessionTookPlace,
    WasPresent,
)
from tests.aggregates.clinic import (
    EVENING,
    FACILITATOR,
    GROUP,
    MONDAY,
    PROGRAM,
    SESSION,
    a_plan,
    at,
    attendance,
    began,
    came,
    enrollment,
    episode,
    episodes,
    expected,
    nobody,
    presence,
    the_house,
    to_check_in,
    to_expect,
    to_move,
    to_schedule,
)
from tests.aggregates.scenario import an_id, given


def test_one_call_plans_a_group_and_its_roster() -> None:
    """The plan comes first, then each patient with the scheduled minutes and an attendance id of this session."""
    decided = given(AGGREGATE).when(to_schedule(1, 2), seen=the_house(1, 2))
    decided.then(a_plan(), expected(1), expected(2))
    decided.never_twice()


def test_an_appointment_is_expected_as_one() -> None:
    """A session without a group expects its patient as an appointment."""
    given(AGGREGATE).when(to_schedule(1, group_id=None), seen=the_house(1)).then(
        a_plan(group_id=None), expected(1, cause="appointment"),
    )


def test_the_same_plan_twice_is_one() -> None:
    """Scheduling again what stands changes nothing; scheduling it otherwise is refused."""
    given(AGGREGATE, a_plan(), expected(1)).when(to_schedule(1)).nothing_happened()
    given(AGGREGATE, a_plan()).when(to_schedule(topic="grief")).refuses(SessionAlreadyScheduled)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ends_at": at("09:00")}, SessionEndsBeforeItStarts),
        ({"ends_at": at("09:01", "2026-03-03")}, SessionLongerThanADay),
        ({"service_date": "2026-03-04"}, ServiceDateElsewhere),
        ({"service_date": "2026-02-28"}, ServiceDateElsewhere),
    ],
)
def test_a_plan_has_possible_times(changes: dict[str, Any], rule: Any) -> None:
    """A session ends after it starts, within a day, on a date that its start has somewhere on earth."""
    given(AGGREGATE).when(to_schedule(**changes), seen=the_house()).refuses(rule)


def test_an_evening_in_honolulu_keeps_its_own_date() -> None:
    """2 March 19:00 in Hawaii is 3 March 05:00 UTC: the service date is the program's, not that of UTC."""
    times = {"starts_at": at("05:00", "2026-03-03"), "ends_at": at("06:00", "2026-03-03")}
    given(AGGREGATE).when(to_schedule(**times), seen=the_house()).then(a_plan(**times))


@pytest.mark.parametrize(
    ("name", "seen", "rule"),
    [
        ("program", nobody(PROGRAM), UnknownProgram),
        ("group", nobody(GROUP), UnknownGroup),
        ("group", Seen(id=GROUP, version=1, state=a_plan(program_id=an_id("program", 2))), GroupOfAnotherProgram),
        (f"clinician:{FACILITATOR}", nobody(FACILITATOR), UnknownClinician),
    ],
)
def test_a_plan_names_what_exists(name: str, seen: Seen, rule: Any) -> None:
    """An unknown program, group or facilitator is refused when planning."""
    given(AGGREGATE).when(to_schedule(), seen=the_house() | {name: seen}).refuses(rule)


def test_a_patient_joins_the_roster_once() -> None:
    """Expected again is nothing new, also under another attendance id."""
    given(AGGREGATE, a_plan()).when(to_expect(1, cause="make_up"), seen=episodes(1)).then(expected(1, cause="make_up"))
    given(AGGREGATE, a_plan(), expected(1)).when(to_expect(1, attendance_id=attendance(9))).nothing_happened()


@pytest.mark.parametrize(
    ("seen", "changes", "rule"),
    [
        ({}, {}, UnknownEnrollment),
        ({f"enrollment:{enrollment(1)}": episode(2)}, {}, EnrollmentOfAnother),
        ({f"enrollment:{enrollment(1)}": episode(1, discharged_on="2026-03-01")}, {}, ServiceAfterDischarge),
        (episodes(1), {"attendance_id": attendance(2)}, AttendanceIdTaken),
    ],
)
def test_a_place_needs_an_open_episode_of_that_patient(seen: dict[str, Seen], changes: Any, rule: Any) -> None:
    """Nobody is expected after discharge, under another's enrollment, or under another's attendance id."""
    given(AGGREGATE, a_plan(), expected(2)).when(to_expect(1, **changes), seen=seen).refuses(rule)


def test_who_is_taken_off_the_roster_may_return_to_it() -> None:
    """Taken off once, put back under the same attendance id."""
    off = DoNotExpectPatient(session_id=SESSION, attendance_id=attendance(1), cause="transferred_group")
    fact = PatientNotExpected(attendance_id=attendance(1), cause="transferred_group")
    decided = given(AGGREGATE, a_plan(), expected(1)).when(off).then(fact)
    decided.after.when(off).nothing_happened()
    decided.after.when(to_expect(1, attendance_id=attendance(5)), seen=episodes(1)).then(expected(1))


def test_who_was_in_the_room_stays_on_the_roster() -> None:
    """A check-in cannot be unmade by not expecting the patient, nor an unknown attendance removed."""
    off = DoNotExpectPatient(session_id=SESSION, attendance_id=attendance(1), cause="entry_error")
    given(AGGREGATE, a_plan(), came(1)).when(off).refuses(WasPresent)
    given(AGGREGATE, a_plan()).when(off).refuses(NotOnRoster)


def test_a_session_moves_before_it_starts() -> None:
    """The facilitators stay unless others are named; the same plan again is nothing."""
    moved = SessionRescheduled(service_date=MONDAY, starts_at=at("10:00"), ends_at=at("11:30"),
                               facilitators=(FACILITATOR,), cause="room_unavailable")
    given(AGGREGATE, a_plan()).when(to_move()).then(moved).after.when(to_move()).nothing_happened()
    given(AGGREGATE, a_plan(), began()).when(to_move()).refuses(SessionAlreadyStarted)
    other = to_move(facilitators=(an_id("clinician", 2),))
    seen = {f"clinician:{an_id('clinician', 2)}": nobody(an_id("clinician", 2))}
    given(AGGREGATE, a_plan()).when(other, seen=seen).refuses(UnknownClinician)


def test_a_cancelled_session_stays_cancelled() -> None:
    """Who was waiting is released; nothing is checked in or reopened afterwards."""
    call_off = CancelSession(session_id=SESSION, cause="facilitator_ill")
    decided = given(AGGREGATE, a_plan(), expected(1), came(1, "08:55")).when(call_off)
    decided.then(SessionCancelled(service_date=MONDAY, cause="facilitator_ill"), Release(*presence(1)))
    decided.after.when(call_off).nothing_happened()
    decided.after.when(CancelSession(session_id=SESSION, cause="weather")).refuses(SessionIsCancelled)
    decided.after.when(to_check_in(1), EVENING, episodes(1)).refuses(SessionIsCancelled)


def test_what_took_place_is_not_cancelled() -> None:
    """A started session that somebody attended is closed; one to which nobody came may be called off."""
    call_off = CancelSession(session_id=SESSION, cause="nobody_came")
    given(AGGREGATE, a_plan(), began(), came(1)).when(call_off).refuses(SessionTookPlace)
    given(AGGREGATE, a_plan(), began(), expected(1)).when(call_off).then(
        SessionCancelled(service_date=MONDAY, cause="nobody_came"),
    )
