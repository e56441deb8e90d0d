"""Who is in care, who waits, and one patient's summary now and as of any moment."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.codec import decode
from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    DischargeCorrected,
    LeaveCorrected,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareChanged,
)
from aggregates.patient.facts import CoverageEnded, CoverageRecorded, EligibilityChecked
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.model import Delta, Rows
from projections.caseload import MODEL
from projections.caseload.queries import patient_summary, patients, summary_from_rows, waiting_list
from tests.projections.caseload.clinic import MONDAY, NOON, UNSEALED, Clinic
from tests.projections.story import an_id, folded

Ask = Callable[[Clinic], Cursor[Any]]
PROGRAMS = [an_id("program")]


def goes_on_leave(clinic: Clinic, episode: int, first: str, back: str | None = None) -> Clinic:
    """Leave 1 of an episode, over if a day of return is given."""
    leave = an_id("leave", episode)
    clinic.says("enrollment", episode, LeaveStarted(leave_id=leave, started_on=first, cause="travel"))
    if back:
        clinic.says("enrollment", episode, LeaveEnded(leave_id=leave, returned_on=back))
    return clinic


def test_patients_in_care_are_admitted_and_not_discharged(ask: Ask) -> None:
    """A referral, a discharged patient and another program's patient are not in the list."""
    clinic = Clinic().opens(1, 2).takes_in(1, 2).takes_in(3, program=2).registers(4).refers(4)
    (found,) = patients(ask(clinic.discharges(2, "2026-03-13")), programs=PROGRAMS, opening=UNSEALED, now=NOON)
    assert (found.patient_id, found.admitted_on, found.attending_id) == (
        an_id("patient", 1), "2026-03-11", an_id("clinician", 9)
    )
    assert (found.level_of_care, found.leave, found.name and found.name.given_name) == (
        "intensive_outpatient", None, "Ada"
    )


@pytest.mark.parametrize(("now", "level"), [
    ("2026-03-19T02:00:00.000000Z", "intensive_outpatient"), ("2026-03-19T05:00:00.000000Z", "partial_hospitalization"),
])
def test_the_level_is_that_of_the_day(ask: Ask, now: str, level: str) -> None:
    """A change recorded ahead holds from its own day on, which begins at midnight in the program's zone."""
    clinic = Clinic().opens().takes_in(1).says("enrollment", 1, LevelOfCareChanged(
        effective_on="2026-03-19", from_level="intensive_outpatient", to_level="partial_hospitalization", cause="risk",
    ))
    cursor = ask(clinic)
    assert [one.level_of_care for one in patients(cursor, programs=PROGRAMS, opening=UNSEALED, now=now)] == [level]
    summary = patient_summary(cursor, programs=PROGRAMS, opening=UNSEALED, now=now, patient_id=an_id("patient"))
    assert summary is not None
    assert summary.episodes[0].level_of_care == level


@pytest.mark.parametrize(("first", "back", "away"), [
    (MONDAY, None, True), ("2026-03-17", None, False),
    ("2026-03-13", MONDAY, False), ("2026-03-13", "2026-03-17", True),
])
def test_leave_lasts_from_its_first_day_to_the_day_before_the_return(
    ask: Ask, first: str, back: str | None, away: bool
) -> None:
    """On the first day back the patient is in care; leave that begins tomorrow has not begun."""
    cursor = ask(goes_on_leave(Clinic().opens().takes_in(1), 1, first, back))
    (found,) = patients(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON)
    assert (found.leave is not None) is away
    summary = patient_summary(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=an_id("patient"))
    assert summary is not None
    assert summary.episodes[0].status == ("on_leave" if away else "in_care")


def test_a_discharge_that_never_was_leaves_the_patient_in_care(ask: Ask) -> None:
    """Nobody is told of a last day any more; one that was another day has that day."""
    clinic = Clinic().opens().takes_in(1, 2).discharges(1, "2026-03-13").discharges(2, "2026-03-13")
    clinic.says("enrollment", 1, DischargeCorrected(was_discharged_on="2026-03-13", cause="wrong_patient"))
    clinic.says("enrollment", 2, DischargeCorrected(
        was_discharged_on="2026-03-13", discharged_on="2026-03-12", reason="dropped_out", patient_status="07",
        cause="entry_error",
    ))
    cursor = ask(clinic)
    assert [one.patient_id for one in patients(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON)] == [
        an_id("patient", 1)
    ]
    summary = patient_summary(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=an_id("patient", 2))
    assert summary is not None
    assert (summary.episodes[0].discharged_on, summary.episodes[0].discharge_reason) == ("2026-03-12", "dropped_out")


def test_a_corrected_admission_and_attending_are_those_that_people_see(ask: Ask) -> None:
    """The first level begins with the day of the admission, and who attends is whoever should have been named."""
    clinic = Clinic().opens().takes_in(1)
    clinic.says("enrollment", 1, AdmissionCorrected(
        was_admitted_on="2026-03-02", admitted_on="2026-03-05", admission_type="3", admission_source="1",
        cause="entry_error",
    )).says("enrollment", 1, AttendingCorrected(
        was_attending_id=an_id("clinician", 7), attending_id=an_id("clinician", 8), cause="entry_error",
    ))
    summary = patient_summary(ask(clinic), programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=an_id("patient"))
    assert summary is not None
    [one] = summary.episodes
    assert (one.admitted_on, one.level_of_care, one.attending_id) == (
        "2026-03-05", "intensive_outpatient", an_id("clinician", 8)
    )


def test_a_corrected_leave_has_the_days_that_it_really_had(ask: Ask) -> None:
    """Away today although the return was recorded; no leave at all where nobody was away."""
    clinic = goes_on_leave(goes_on_leave(Clinic().opens().takes_in(1, 2), 1, "2026-03-13", MONDAY), 2, "2026-03-13")
    clinic.says("enrollment", 1, LeaveCorrected(
        leave_id=an_id("leave", 1), was_started_on="2026-03-13", was_returned_on=MONDAY, started_on="2026-03-14",
        cause="entry_error",
    ))
    clinic.says("enrollment", 2, LeaveCorrected(
        leave_id=an_id("leave", 2), was_started_on="2026-03-13", cause="entry_error"
    ))
    found = patients(ask(clinic), programs=PROGRAMS, opening=UNSEALED, now=NOON)
    away = {one.patient_id: one.leave and one.leave.started_on for one in found}
    assert away == {an_id("patient", 1): "2026-03-14", an_id("patient", 2): None}


def test_who_waits_longest_comes_first(ask: Ask) -> None:
    """Neither admitted nor closed referrals wait; age counts days to today."""
    clinic = Clinic().opens().takes_in(1)
    for patient, day in ((2, "2026-03-15"), (3, "2026-03-02"), (4, "2026-03-01")):
        clinic.registers(patient).refers(patient, on=day)
    cursor = ask(clinic.discharges(4, "2026-03-05", "other"))
    found = waiting_list(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON)
    assert [(one.patient_id, one.age_days) for one in found] == [(an_id("patient", 3), 14), (an_id("patient", 2), 1)]


def test_lists_of_patients_can_be_paged(ask: Ask) -> None:
    """Pages of one give each patient once."""
    clinic = Clinic().opens().takes_in(1, on="2026-03-12").takes_in(2)
    for patient in (3, 4):
        clinic.registers(patient).refers(patient)
    cursor = ask(clinic)
    for query, expected in ((patients, {2: 0, 1: 1}), (waiting_list, {3: 0, 4: 1})):
        first = query(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, limit=1)
        second = query(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, after=first[0].cursor, limit=5)
        assert [one.patient_id for one in (*first, *second)] == [an_id("patient", one) for one in expected]


def a_life() -> Clinic:
    """Patient 1: covered, planned, certified, authorized; two attended sessions, one missed, a leave."""
    clinic = Clinic().opens().takes_in(1, 2).plans(1, review="2026-04-01").certifies(1, "2026-05-10")
    clinic.authorizes(1, 1, "2026-04-11").says("patient", 1, CoverageRecorded(
        coverage_id=an_id("coverage"), payer_id=an_id("payer"), plan="gold", rank=1, relationship="self",
        effective_from="2026-01-01", has_member_number=False, has_group_number=False, has_subscriber=False,
    )).says("patient", 1, EligibilityChecked(
        coverage_id=an_id("coverage"), for_date=MONDAY, source="portal", active=True, has_trace_number=False
    ))
    for number, day in ((1, "2026-03-11"), (2, "2026-03-13"), (3, MONDAY)):
        clinic.schedules(number, "09:00", "12:00", patients=(1, 2), day=day).starts(number, "09:00", day)
        came = {2: ("09:00", "12:00")} if number == 2 else dict.fromkeys((1, 2), ("09:00", "12:00"))
        clinic.closes(number, "09:00", "12:00", came, absent=(1,) if number == 2 else (), day=day)
    goes_on_leave(clinic, 1, "2026-03-18").says("patient", 1, CoverageEnded(
        coverage_id=an_id("coverage"), ended_on="2026-03-31", cause="terminated"
    ))
    return clinic.discharges(1, "2026-03-20", "dropped_out")


def test_a_summary_puts_one_patient_together(ask: Ask) -> None:
    """Episode, plan, certification, authorizations, coverage and the last attendance of one patient."""
    found = patient_summary(ask(a_life()), programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=an_id("patient"))
    assert found is not None
    (episode,), (coverage,) = found.episodes, found.coverages
    assert (episode.status, episode.discharge_reason, episode.leave) == ("discharged", "dropped_out", None)
    assert episode.plan is not None
    assert episode.certification is not None
    assert (episode.plan.review_due_on, episode.certification.certified_through) == ("2026-04-01", "2026-05-10")
    assert [(one.state, one.units, one.valid_through) for one in episode.authorizations] == [
        ("approved", 12, "2026-04-11")
    ]
    assert episode.last_attendance is not None
    assert (episode.last_attendance.session_id, episode.last_attendance.minutes) == (an_id("session", 3), 180)
    assert (episode.attended, episode.absent) == (2, 1)
    assert (coverage.effective_through, coverage.eligible) == ("2026-03-31", True)


def test_a_patient_without_an_episode_in_the_programs_is_unknown_there(ask: Ask) -> None:
    """Neither another program's caller nor an unknown id gets a summary."""
    cursor = ask(a_life())
    for programs, patient in (([an_id("program", 2)], 1), (PROGRAMS, 7)):
        one = an_id("patient", patient)
        assert patient_summary(cursor, programs=programs, opening=UNSEALED, now=NOON, patient_id=one) is None


def test_the_summary_as_of_the_head_is_todays(ask: Ask, log: Log) -> None:
    """The patient's own history in memory gives the same answer as the rows of all patients."""
    cursor, patient = ask(a_life()), an_id("patient")
    delta = as_of(MODEL, log, decode, patient, None)
    today = patient_summary(cursor, programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=patient)
    assert today is not None
    assert summary_from_rows(delta, programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=patient) == today


def test_the_summary_as_of_any_position_is_what_stood_there(ask: Ask, log: Log) -> None:
    """After each fact the answer as of then equals that of a fold of everybody's facts which ended there."""
    clinic, patient = a_life(), an_id("patient")
    ask(clinic)
    for position in range(1, len(clinic.story.facts) + 1):
        then = as_of(MODEL, log, decode, patient, position)
        whole = folded(MODEL, clinic.story.recorded(MODEL, position)).rows
        answers = [
            summary_from_rows(delta, programs=PROGRAMS, opening=UNSEALED, now=NOON, patient_id=patient)
            for delta in (then, Delta(_of(patient, whole)))
        ]
        assert answers[0] == answers[1]


def _of(patient: str, rows: Rows) -> Rows:
    """Only one patient's attendances, as the stored rows are asked for."""
    mine = {scope: [row for row in found if row[2] == patient] for scope, found in rows.get("attendance", {}).items()}
    return rows | {"attendance": mine}
