"""Who is in my nine o'clock group: sessions of a day with their rosters."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from psycopg import Cursor

from aggregates.patient.facts import DemographicsCorrected, Identity
from aggregates.session.facts import (
    AttendanceCorrected,
    BreaksCorrected,
    HeadCountChanged,
    Interval,
    PatientCheckedOut,
    PatientMarkedAbsent,
    PatientNotExpected,
    SessionCancelled,
    SessionRescheduled,
)
from projections.caseload.queries import session, sessions
from tests.projections.caseload.clinic import MONDAY, NOON, UNSEALED, Clinic, attendance, eastern, missing, present
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
BOTH = [an_id("program", 1), an_id("program", 2)]


def states(cursor: Cursor[Any], number: int = 1) -> dict[str, str]:
    """Patient ids of a session's roster with their states."""
    found = session(cursor, programs=BOTH, opening=UNSEALED, now=NOON, session_id=an_id("session", number))
    assert found is not None
    return {entry.patient_id: entry.state for entry in found.roster}


def test_a_roster_says_who_is_expected_in_the_room_gone_or_absent(ask: Ask) -> None:
    """Each patient of a running session has the state that its latest fact gives."""
    clinic = Clinic().opens().takes_in(1, 2, 3, 4, 5).schedules(1, "09:00", "12:00", patients=(1, 2, 3, 4, 5))
    clinic.starts(1, "09:00").checks_in(1, 1, "09:00").checks_in(1, 2, "09:10")
    clinic.says("session", 1, PatientCheckedOut(
        attendance_id=attendance(1, 2), left_at=eastern("10:00"), cause="left_early"
    ))
    for patient, excused in ((3, True), (4, False)):
        clinic.says("session", 1, PatientMarkedAbsent(
            patient_id=an_id("patient", patient), attendance_id=attendance(1, patient),
            enrollment_id=an_id("enrollment", patient), program_id=an_id("program"), service_kind="group",
            service_date=MONDAY, excused=excused, cause="called",
        ))
    assert states(ask(clinic)) == {
        an_id("patient", 1): "checked_in", an_id("patient", 2): "left", an_id("patient", 3): "absent_excused",
        an_id("patient", 4): "absent", an_id("patient", 5): "expected",
    }


def test_a_roster_is_ordered_by_name_and_shows_ids_and_times(ask: Ask) -> None:
    """Each entry has the name, the attendance and enrollment id, the first arrival and the last departure."""
    clinic = Clinic().opens().registers(1, "Young", "Bea").registers(2, "Adler", "Cy")
    for patient in (1, 2):
        clinic.refers(patient).admits(patient)
    clinic.schedules(1, "09:00", "12:00", patients=(1, 2)).starts(1, "09:00").checks_in(1, 2, "09:05")
    clinic.says("session", 1, PatientCheckedOut(
        attendance_id=attendance(1, 2), left_at=eastern("10:00"), cause="called_out"
    )).checks_in(1, 2, "10:20", cause="returned")
    found = session(ask(clinic), programs=BOTH, opening=UNSEALED, now=NOON, session_id=an_id("session"))
    assert found is not None
    adler, young = found.roster
    assert (adler.name and adler.name.family_name, young.name and young.name.given_name) == ("Adler", "Bea")
    assert (adler.attendance_id, adler.enrollment_id) == (attendance(1, 2), an_id("enrollment", 2))
    assert (adler.arrived_at, adler.left_at) == ("2026-03-16T13:05:00.000000Z", None)


def test_a_corrected_name_is_the_one_shown(ask: Ask) -> None:
    """The latest demographics decide the name."""
    clinic = Clinic().opens().takes_in(1).schedules(1, "09:00", "12:00", patients=(1,))
    clinic.says("patient", 1, DemographicsCorrected(
        changed=("family_name",), cause="marriage", year_of_birth=1990, has_medical_record_number=False,
        has_address=False,
        sealed=Identity(family_name="Rivers", given_name="Ada", birth_date="1990-05-04", sex="female"),
    ))
    found = session(ask(clinic), programs=BOTH, opening=UNSEALED, now=NOON, session_id=an_id("session"))
    assert found is not None
    assert found.roster[0].name is not None
    assert found.roster[0].name.family_name == "Rivers"


def test_today_is_each_programs_own_day(ask: Ask) -> None:
    """At 02:00 New York time on Tuesday it is still Monday in Los Angeles."""
    clinic = Clinic().opens(1, 2)
    clinic.schedules(1, "09:00", "12:00").schedules(2, "09:00", "12:00", day="2026-03-17")
    clinic.schedules(3, "13:00", "15:00", program=2).schedules(4, "13:00", "15:00", program=2, day="2026-03-17")
    cursor = ask(clinic)
    found = sessions(cursor, programs=BOTH, opening=UNSEALED, now="2026-03-17T06:00:00.000000Z")
    assert [one.session_id for one in found] == [an_id("session", 3), an_id("session", 2)]
    on_monday = sessions(cursor, programs=BOTH, opening=UNSEALED, now="2026-03-17T06:00:00.000000Z", on=MONDAY)
    assert [one.session_id for one in on_monday] == [an_id("session", 1), an_id("session", 3)]


def test_a_clinician_sees_the_sessions_that_he_or_she_leads(ask: Ask) -> None:
    """A substitute who started the session leads it; the one planned no longer does."""
    clinic = Clinic().opens().schedules(1, "09:00", "10:00").schedules(2, "10:00", "11:00")
    cursor = ask(clinic.starts(1, "09:00", facilitators=(2,)))
    for clinician, led in ((1, 2), (2, 1)):
        found = sessions(cursor, programs=BOTH, opening=UNSEALED, now=NOON, clinician=an_id("clinician", clinician))
        assert [one.session_id for one in found] == [an_id("session", led)]


def test_programs_bound_what_is_seen(ask: Ask) -> None:
    """A session of another program is neither listed nor found by its id."""
    cursor = ask(Clinic().opens(1, 2).schedules(1, "09:00", "10:00"))
    elsewhere = [an_id("program", 2)]
    assert sessions(cursor, programs=elsewhere, opening=UNSEALED, now=NOON) == []
    assert session(cursor, programs=elsewhere, opening=UNSEALED, now=NOON, session_id=an_id("session")) is None


def test_pages_follow_one_another(ask: Ask) -> None:
    """Pages of one give every session once, in order."""
    clinic = Clinic().opens()
    for number, start in ((1, "11:00"), (2, "09:00"), (3, "09:00")):
        clinic.schedules(number, start, "12:00")
    cursor, seen, after = ask(clinic), [], None
    while page := sessions(cursor, programs=BOTH, opening=UNSEALED, now=NOON, after=after, limit=1):
        seen.append(page[0].session_id)
        after = page[0].cursor
    assert seen == [an_id("session", 2), an_id("session", 3), an_id("session", 1)]


def test_a_walk_in_is_on_the_roster_and_one_taken_off_is_not(ask: Ask) -> None:
    """The roster holds who was expected or came, without those taken off before the start."""
    clinic = Clinic().opens().takes_in(1, 2).schedules(1, "09:00", "12:00", patients=(1,))
    clinic.says("session", 1, PatientNotExpected(attendance_id=attendance(1, 1), cause="step_down"))
    assert states(ask(clinic.starts(1, "09:00").checks_in(1, 2, "09:00", cause="walk_in"))) == {
        an_id("patient", 2): "checked_in"
    }


def test_closing_decides_minutes_and_a_correction_replaces_them(ask: Ask) -> None:
    """From absent to present the entry is attended, with its minutes and a mark, and the head-count follows."""
    clinic = Clinic().opens().takes_in(1, 2).schedules(1, "09:00", "12:00", patients=(1, 2)).starts(1, "09:00")
    clinic.checks_in(1, 1, "09:00").closes(1, "09:00", "12:00", {1: ("09:00", "11:30")}, absent=(2,))
    clinic.says("session", 1, AttendanceCorrected(
        patient_id=an_id("patient", 2), attendance_id=attendance(1, 2), enrollment_id=an_id("enrollment", 2),
        service_date=MONDAY, before=missing(1, 2), after=present(1, 2, "09:15", "12:00"), head_count=2, peak_count=2,
        cause="sign_in_sheet",
    )).says("session", 1, HeadCountChanged(service_date=MONDAY, head_count=2, peak_count=2))
    found = session(ask(clinic), programs=BOTH, opening=UNSEALED, now=NOON, session_id=an_id("session"))
    assert found is not None
    assert (found.state, found.head_count) == ("closed", 2)
    assert {one.patient_id: (one.state, one.minutes, one.corrected) for one in found.roster} == {
        an_id("patient", 1): ("attended", 150, False), an_id("patient", 2): ("attended", 165, True),
    }


def test_a_corrected_break_changes_the_minutes_of_those_who_were_there(ask: Ask) -> None:
    """With a mark, like every correction; the others' minutes stay."""
    clinic = Clinic().opens().takes_in(1, 2).schedules(1, "09:00", "12:00", patients=(1, 2)).starts(1, "09:00")
    clinic.checks_in(1, 1, "09:00").closes(1, "09:00", "12:00", {1: ("09:00", "11:30")}, absent=(2,))
    shorter = replace(present(1, 1, "09:00", "11:30"), minutes=140)
    clinic.says("session", 1, BreaksCorrected(
        service_date=MONDAY, before=(), breaks=(Interval(start=eastern("10:00"), stop=eastern("10:10")),),
        attendances=(shorter,), cause="entry_error",
    ))
    found = session(ask(clinic), programs=BOTH, opening=UNSEALED, now=NOON, session_id=an_id("session"))
    assert found is not None
    assert {one.patient_id: (one.state, one.minutes, one.corrected) for one in found.roster} == {
        an_id("patient", 1): ("attended", 140, True), an_id("patient", 2): ("absent", 0, False),
    }


def test_a_moved_or_cancelled_session_says_so(ask: Ask) -> None:
    """A rescheduled session stands on its new day, a cancelled one stays with its cause."""
    clinic = Clinic().opens().takes_in(1).schedules(1, "09:00", "12:00", patients=(1,), day="2026-03-17")
    clinic.says("session", 1, SessionRescheduled(
        service_date=MONDAY, starts_at=eastern("13:00"), ends_at=eastern("15:00"),
        facilitators=(an_id("clinician", 2),), cause="room",
    )).says("session", 1, SessionCancelled(service_date=MONDAY, cause="weather"))
    (found,) = sessions(ask(clinic), programs=BOTH, opening=UNSEALED, now=NOON)
    assert (found.starts_at, found.facilitators) == ("2026-03-16T17:00:00.000000Z", (an_id("clinician", 2),))
    assert (found.state, found.cancel_cause) == ("cancelled", "weather")
