"""A program week by week: who came and went, how many came to what was offered."""

from collections.abc import Callable
from typing import Any

from psycopg import Cursor

from aggregates.session.facts import SessionCancelled, SessionRescheduled
from projections.caseload.queries import census
from projections.caseload.views import CensusWeek
from tests.projections.caseload.clinic import MONDAY, Clinic, eastern
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]
LATER = "2026-04-01T12:00:00.000000Z"


def weeks(cursor: Cursor[Any], first: str = MONDAY, last: str | None = None, now: str = LATER) -> list[CensusWeek]:
    """Program 1 in the weeks of two days."""
    return census(cursor, programs=PROGRAMS, now=now, first=first, last=last or first)


def test_movements_count_in_the_week_of_their_day(ask: Ask) -> None:
    """Sunday belongs to the week that began on Monday; the census counts who is in care after it."""
    clinic = Clinic().opens().takes_in(1, 2, 3, on="2026-03-15").registers(4).refers(4, on=MONDAY)
    clinic.discharges(1, "2026-03-15").discharges(2, MONDAY, "dropped_out").discharges(3, "2026-03-23", "dropped_out")
    found = weeks(ask(clinic), "2026-03-11", "2026-03-25")
    assert [one.week for one in found] == ["2026-03-09", "2026-03-16", "2026-03-23"]
    assert [(one.referrals, one.admissions, one.discharges, one.census) for one in found] == [
        (3, 3, 1, 2), (1, 0, 1, 1), (0, 0, 1, 0)
    ]
    assert [one.discharges_by_reason for one in found] == [{"completed": 1}, {"dropped_out": 1}, {"dropped_out": 1}]


def test_a_referral_that_ends_without_admission_is_no_discharge(ask: Ask) -> None:
    """It is counted apart, and has no length of stay."""
    (found,) = weeks(ask(Clinic().opens().registers(1).refers(1).discharges(1, MONDAY, "other")))
    assert (found.discharges, found.referrals_closed, found.discharges_by_reason) == (0, 1, {})
    assert (found.length_of_stay_mean, found.length_of_stay_median) == (None, None)


def test_length_of_stay_counts_both_days(ask: Ask) -> None:
    """TEDS-D counts admission and discharge as full days for outpatient services: one day, four and ten here."""
    clinic = Clinic().opens().takes_in(1, on="2026-03-18").takes_in(2, on="2026-03-17").takes_in(3, on="2026-03-11")
    clinic.discharges(1, "2026-03-18").discharges(2, "2026-03-20").discharges(3, "2026-03-20")
    (found,) = weeks(ask(clinic))
    assert (found.length_of_stay_mean, found.length_of_stay_median) == (5.0, 4.0)


def a_week_of_sessions() -> Clinic:
    """Patients 1 to 4 are expected on three days: one session is held, one called off, one is still ahead."""
    clinic = Clinic().opens().takes_in(1, 2, 3, 4)
    for number, day in ((1, MONDAY), (2, "2026-03-18"), (3, "2026-03-20")):
        clinic.schedules(number, "09:00", "12:00", patients=(1, 2, 3, 4), day=day)
    clinic.starts(1, "09:00")
    came = {1: ("09:00", "12:00"), 2: ("09:30", "12:00")}
    clinic.closes(1, "09:00", "12:00", came, absent=(3,), excused=(4,))
    return clinic.says("session", 2, SessionCancelled(service_date="2026-03-18", cause="weather"))


def test_attendance_is_rated_over_sessions_that_were_held(ask: Ask) -> None:
    """Two of four came, one of two absences was excused; a session called off does not lower the rate."""
    (found,) = weeks(ask(a_week_of_sessions()))
    assert (found.attended, found.absent, found.attendance_rate, found.excused_share) == (2, 2, 50.0, 50.0)
    assert (found.sessions_held, found.sessions_cancelled) == (1, 1)


def test_delivered_stands_against_what_was_scheduled_so_far(ask: Ask) -> None:
    """Four patients of three hours on each day past by now, called off or not; 180 and 150 minutes delivered."""
    cursor = ask(a_week_of_sessions())
    past = {now: weeks(cursor, now=now)[0].scheduled_minutes for now in
            ("2026-03-16T15:59:00.000000Z", "2026-03-16T16:00:00.000000Z", "2026-03-18T20:00:00.000000Z", LATER)}
    assert list(past.values()) == [0, 720, 1440, 2160]
    assert weeks(cursor)[0].delivered_minutes == 330


def test_a_moved_session_is_scheduled_for_its_new_time(ask: Ask) -> None:
    """Two hours on the new day count for who was expected, nothing for a walk-in, and nothing on the old day."""
    clinic = Clinic().opens().takes_in(1, 2).schedules(1, "09:00", "12:00", patients=(1,), day="2026-03-11")
    clinic.checks_in(1, 2, "09:00", day="2026-03-11", cause="walk_in").says("session", 1, SessionRescheduled(
        service_date=MONDAY, starts_at=eastern("13:00"), ends_at=eastern("15:00"),
        facilitators=(an_id("clinician"),), cause="room",
    ))
    assert [one.scheduled_minutes for one in weeks(ask(clinic), "2026-03-11", MONDAY)] == [0, 120]


def test_a_week_is_over_when_its_sunday_is_past_in_the_programs_zone(ask: Ask) -> None:
    """At 03:00 UTC on Monday it is still Sunday in New York."""
    cursor = ask(Clinic().opens())
    assert [weeks(cursor, now=f"2026-03-23T0{hour}:00:00.000000Z")[0].complete for hour in (3, 5)] == [False, True]


def test_a_week_without_anything_has_no_rates(ask: Ask) -> None:
    """Nothing attended or missed is no rate, not zero percent."""
    (found,) = weeks(ask(Clinic().opens()))
    assert (found.attendance_rate, found.excused_share, found.census, found.scheduled_minutes) == (None, None, 0, 0)


def test_programs_are_apart_and_pages_follow(ask: Ask) -> None:
    """Each program has its own row a week; a page continues behind its cursor."""
    cursor = ask(Clinic().opens(1, 2).takes_in(1).takes_in(2, 3, program=2))
    both = [an_id("program", 1), an_id("program", 2)]
    first = census(cursor, programs=both, now=LATER, first=MONDAY, last=MONDAY, limit=1)
    second = census(cursor, programs=both, now=LATER, first=MONDAY, last=MONDAY, after=first[0].cursor)
    assert sorted((one.program_id, one.census) for one in (*first, *second)) == [(both[0], 1), (both[1], 2)]
