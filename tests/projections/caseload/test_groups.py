"""Groups on a day: who has a place, how many seats are left, who leads, when they meet."""

from collections.abc import Callable
from typing import Any

from psycopg import Cursor

from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from projections.caseload.group_views import GroupView
from projections.caseload.queries import groups
from tests.projections.caseload.clinic import MONDAY, NOON, UNSEALED, Clinic
from tests.projections.story import an_id

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]


def a_group(capacity: int = 2) -> Clinic:
    """Group 1 of program 1 meets on Mondays and Wednesdays at nine, led by clinician 1."""
    clinic = Clinic().opens(1, 2).takes_in(1, 2, 3).says("group", 1, GroupFormed(
        program_id=an_id("program"), topic="coping", service_kind="group", capacity=capacity, modality="in_person",
        formed_on="2026-03-01",
    )).says("group", 1, SeriesScheduled(
        series_id=an_id("series"), weekdays=(1, 3), starts="09:00", minutes=180, effective_from="2026-03-01"
    ))
    return clinic.says("group", 1, FacilitatorAssigned(clinician_id=an_id("clinician", 1), effective_from="2026-03-01"))


def places(
    clinic: Clinic, patient: int, first: str = "2026-03-11", last: str | None = None, cause: Any = "assigned"
) -> Clinic:
    """A place in group 1."""
    return clinic.says("group", 1, PatientRostered(
        patient_id=an_id("patient", patient), enrollment_id=an_id("enrollment", patient), effective_from=first,
        effective_through=last, cause=cause, over_capacity=cause != "assigned",
    ))


def on(cursor: Cursor[Any], day: str) -> GroupView:
    """Group 1 on a day."""
    (found,) = groups(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, on=day)
    return found


def test_seats_are_counted_on_the_day(ask: Ask) -> None:
    """A place counts from its first day on, and through the day before it is given up."""
    clinic = places(places(a_group(), 1), 2, first="2026-03-18")
    clinic.says("group", 1, PatientUnrostered(
        patient_id=an_id("patient"), effective_from="2026-03-23", cause="step_down"
    ))
    cursor = ask(clinic)
    taken = {day: (on(cursor, day).taken, on(cursor, day).free) for day in
             ("2026-03-10", MONDAY, "2026-03-18", "2026-03-22", "2026-03-23")}
    assert taken == {
        "2026-03-10": (0, 2), MONDAY: (1, 1), "2026-03-18": (2, 0), "2026-03-22": (2, 0), "2026-03-23": (1, 1)
    }


def test_a_visit_beyond_the_capacity_shows_and_leaves_no_seat(ask: Ask) -> None:
    """A walk-in over capacity is on the roster of its day only, marked as such; free never falls below zero."""
    cursor = ask(places(places(a_group(capacity=1), 1), 2, first=MONDAY, last=MONDAY, cause="walk_in"))
    found = on(cursor, MONDAY)
    assert (found.taken, found.free) == (2, 0)
    assert {seat.patient_id: seat.over_capacity for seat in found.roster} == {
        an_id("patient", 1): False, an_id("patient", 2): True
    }
    assert on(cursor, "2026-03-17").taken == 1


def test_a_place_of_a_discharged_patient_is_marked(ask: Ask) -> None:
    """From the day after the last one the place can be given to somebody else."""
    cursor = ask(places(a_group(), 1).discharges(1, MONDAY))
    assert [seat.discharged for seat in (*on(cursor, MONDAY).roster, *on(cursor, "2026-03-17").roster)] == [False, True]


def test_who_leads_is_decided_by_date_and_substitutes(ask: Ask) -> None:
    """Later leaders follow earlier ones from their day on; a substitute leads one day."""
    clinic = a_group().says("group", 1, FacilitatorAssigned(
        clinician_id=an_id("clinician", 2), effective_from="2026-03-18"
    )).says("group", 1, FacilitatorSubstituted(
        clinician_id=an_id("clinician", 3), in_place_of=an_id("clinician", 1), on=MONDAY, cause="sick"
    ))
    cursor = ask(clinic)
    leaders = {day: on(cursor, day).facilitators for day in ("2026-03-11", MONDAY, "2026-03-18")}
    assert leaders == {
        "2026-03-11": (an_id("clinician", 1),), MONDAY: (an_id("clinician", 3),), "2026-03-18": (an_id("clinician", 2),)
    }


def test_meetings_follow_the_template_in_force(ask: Ask) -> None:
    """The template changes on its day; a weekday outside it has no meeting."""
    clinic = a_group().says("group", 1, SeriesChanged(
        series_id=an_id("series"), weekdays=(1,), starts="13:00", minutes=120, effective_from="2026-03-23",
        effective_through="2026-03-29", cause="room",
    ))
    cursor = ask(clinic)
    found = {day: [(one.starts, one.minutes) for one in on(cursor, day).meetings] for day in
             (MONDAY, "2026-03-17", "2026-03-18", "2026-03-23", "2026-03-25", "2026-03-30")}
    assert found == {
        MONDAY: [("09:00", 180)], "2026-03-17": [], "2026-03-18": [("09:00", 180)], "2026-03-23": [("13:00", 120)],
        "2026-03-25": [], "2026-03-30": [],
    }


def test_groups_are_bound_to_programs_and_paged(ask: Ask) -> None:
    """Another program's caller sees none, and a page ends where its cursor says."""
    cursor = ask(a_group())
    assert groups(cursor, programs=[an_id("program", 2)], opening=UNSEALED, now=NOON) == []
    (found,) = groups(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON)
    assert found.on == MONDAY
    assert groups(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, after=found.cursor) == []
