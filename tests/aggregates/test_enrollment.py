"""An episode's rules: from the referral to the last day, one level a day, nothing after the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE
from aggregates.enrollment import commands as ask
from aggregates.enrollment import facts as past
from aggregates.enrollment import refusals as no
from aggregates.enrollment.places import episodes_of
from aggregates.enrollment.state import Discharged, InCare, Referred
from aggregates.kit import Claim, Release, Stream
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.program.facts import ProgramClosed
from tests.aggregates.episodes import (
    ADMITTED,
    DOCTOR,
    EPISODE,
    JUNE,
    KEY,
    MONTHS,
    OPENED,
    PATIENT_ID,
    PLANNED,
    PROGRAM_ID,
    WAY,
    admit,
    adopt,
    after,
    around,
    assess,
    benefits,
    certify,
    diagnose,
    discharge,
    leave,
    refer,
    refused,
    review,
    step_up,
)
from tests.aggregates.scenario import an_id, every_prefix_folds, folded, given, seen_as


def test_a_referral_opens_the_episode_and_takes_its_one_place() -> None:
    """The open episode of a patient in a program is a reservation; words are sealed."""
    words = past.ReferralWords(referrer="Unit 4", reason="Step down.")
    fact = past.PatientReferred(
        patient_id=PATIENT_ID, program_id=PROGRAM_ID, referred_on="2026-02-26", source="self", sealed=words,
    )
    command = refer(referrer="Unit 4", referral_reason="Step down.")
    decided = given(AGGREGATE).when(command, seen=around())
    decided.then(
        fact, Claim("open_episode", KEY, held=no.EpisodeAlreadyOpen),
        Claim("episode", f"{KEY}:1", held=no.EpisodeAlreadyOpen),
    )  # fmt: skip
    assert isinstance(decided.state, Referred)
    assert AGGREGATE.patients(decided.state, fact, {}) == ((PATIENT_ID, None),)
    assert AGGREGATE.patients(AGGREGATE.initial, fact, {}) == ()


def test_a_referral_needs_a_patient_and_a_program_of_that_day() -> None:
    """Unknown ids and a program that had not opened, or had closed, are refused by name."""
    start = given(AGGREGATE)
    start.when(refer(), seen=around(patient=())).refuses(no.UnknownPatient)
    nobody = around() | {"program": seen_as(PROGRAM, PROGRAM_ID)}
    assert PROGRAM_ID in start.when(refer(), seen=nobody).refuses(no.UnknownProgram)
    start.when(refer(referred_on="2023-12-31"), seen=around()).refuses(no.ProgramNotOperating)
    closed = around(OPENED, ProgramClosed(closed_on="2026-02-25"))
    start.when(refer(), seen=closed).refuses(no.ProgramNotOperating)
    start.when(refer(referred_on="2026-03-04"), seen=around()).refuses(DateInTheFuture)


def test_the_day_that_has_begun_somewhere_is_not_the_future() -> None:
    """At 15:00 UTC it is already the next day at UTC+14."""
    assert given(AGGREGATE).when(refer(referred_on="2026-03-03"), seen=around()).facts


def test_another_referral_needs_another_episode() -> None:
    """The same referral changes nothing, another one is refused."""
    after(refer()).when(refer(), JUNE, around()).nothing_happened()
    assert "2026-02-26" in refused(after(refer()), refer(source="court"), no.AlreadyReferred)


@pytest.mark.parametrize("command", WAY[1:], ids=lambda one: type(one).__name__)
def test_nothing_happens_in_an_episode_that_nobody_was_referred_to(command: Any) -> None:
    """Every other command on an unknown id says that it is unknown."""
    assert EPISODE in refused(given(AGGREGATE), command, no.UnknownEnrollment)


@pytest.mark.parametrize("place", range(len(WAY)), ids=lambda place: type(WAY[place]).__name__)
def test_the_whole_way_is_accepted_step_by_step_and_no_step_counts_twice(place: int) -> None:
    """Referral to discharge; each command repeated after its own outcome does nothing."""
    decided = after(*WAY[:place]).when(WAY[place], JUNE, around())
    assert len(decided.facts) == 1
    decided.after.when(WAY[place], JUNE, around()).nothing_happened()


def test_what_each_command_consults() -> None:
    """Only what the decision looks at is read."""
    state = after(refer()).facts and folded(AGGREGATE, *after(refer()).facts)
    program = {"program": Stream("program", PROGRAM_ID)}
    patient = {"patient": Stream("patient", PATIENT_ID)}
    assert AGGREGATE.consult(AGGREGATE.initial, refer()) == patient | program | episodes_of(KEY)
    assert AGGREGATE.consult(state, admit()) == program
    assert AGGREGATE.consult(state, benefits()) == patient
    assert AGGREGATE.consult(state, discharge()) == {}
    assert AGGREGATE.consult(AGGREGATE.initial, admit()) == {}


def test_benefits_are_of_a_coverage_that_the_patient_has() -> None:
    """Another coverage, or another payer's, is unknown."""
    refused(after(refer()), benefits(coverage_id=an_id("coverage", 2)), no.UnknownCoverage)
    refused(after(refer()), benefits(payer_id=an_id("payer", 2)), no.UnknownCoverage)
    after(refer()).when(benefits(), JUNE, around(patient=())).refuses(no.UnknownCoverage)


def test_admission_is_once_after_the_referral_and_to_the_level_that_is_offered() -> None:
    """Before the referral, at another level, twice, or after the end: each has its own refusal."""
    assert "2026-02-26" in refused(after(refer()), admit(admitted_on="2026-02-25"), no.BeforeReferral)
    assert "intensive_outpatient" in refused(
        after(refer()), admit(level_of_care="partial_hospitalization"), no.LevelNotOffered,
    )
    refused(after(*ADMITTED), admit(planned_days=5), no.AlreadyAdmitted)
    refused(after(refer(), discharge(reason="other")), admit(), no.EpisodeEnded)
    refused(after(refer()), admit(admitted_on="2026-06-03"), DateInTheFuture)


def test_a_planned_discharge_may_lie_ahead() -> None:
    """It needs the admission, is not before it, and is over with the episode."""
    plan = ask.PlanDischarge(enrollment_id=EPISODE, planned_on="2026-09-01")
    assert after(*ADMITTED).when(plan, JUNE, around()).state.planned_discharge_on == "2026-09-01"
    refused(after(refer()), plan, no.NotAdmitted)
    refused(after(*ADMITTED), replace(plan, planned_on="2026-03-01"), no.BeforeAdmission)
    refused(after(*ADMITTED, discharge()), plan, no.EpisodeEnded)


def test_a_discharge_ends_the_episode_and_frees_its_place() -> None:
    """The outcome is the fact and the release; a second, other discharge is refused."""
    fact = past.PatientDischarged(discharged_on="2026-05-06", reason="completed", patient_status="01")
    decided = after(*ADMITTED).when(discharge(), JUNE, around()).then(fact, Release("open_episode", KEY))
    assert "2026-05-06" in refused(decided.after, discharge(reason="died"), no.AlreadyDischarged)


def test_a_discharge_is_dated_and_reasoned() -> None:
    """Not before admission or the last level change, not as still a patient, and never admitted means other."""
    refused(after(*ADMITTED), discharge(discharged_on="2026-03-01"), no.BeforeAdmission)
    refused(after(*ADMITTED, step_up()), discharge(discharged_on="2026-03-17"), no.DischargeBeforeLevelChange)
    refused(after(*ADMITTED), discharge(patient_status="30"), no.StillPatientStatus)
    refused(after(refer()), discharge(), no.NeverAdmitted)
    state: Any = after(refer()).when(discharge(reason="other"), JUNE, around()).state
    assert isinstance(state, Discharged) and state.spans == () and not state.in_care_on("2026-05-06")


def correct(**changes: Any) -> ask.CorrectDischarge:
    """It was the thirteenth, against advice."""
    fields: dict[str, Any] = {"discharged_on": "2026-05-13", "reason": "left_against_advice", "patient_status": "07"}
    return ask.CorrectDischarge(enrollment_id=EPISODE, **({"cause": "entry_error"} | fields | changes))


NONE: dict[str, Any] = {"discharged_on": None, "reason": None, "patient_status": None}
LEFT = (*ADMITTED, discharge())


def test_a_wrong_discharge_is_corrected_and_the_day_that_stood_is_kept() -> None:
    """Day, reason and status are stated anew; the place stays free, and the last level ends with the new day."""
    fact = past.DischargeCorrected(
        was_discharged_on="2026-05-06", discharged_on="2026-05-13", reason="left_against_advice", patient_status="07",
        cause="entry_error",
    )
    decided = after(*LEFT).when(correct(), JUNE, around()).then(fact)
    decided.never_twice()
    state: Any = decided.state
    assert isinstance(state, Discharged) and state.discharged_on == "2026-05-13"
    assert state.in_care_on("2026-05-13") and not state.in_care_on("2026-05-14")
    assert decided.after.when(leave(started_on="2026-05-12"), JUNE, around()).facts
    refused(decided.after, discharge(), no.AlreadyDischarged)
    after(*LEFT).when(correct(discharged_on="2026-05-06", reason="completed", patient_status="01")).nothing_happened()


def test_a_corrected_discharge_obeys_the_rules_of_a_discharge() -> None:
    """Not before admission or the last level change, not ahead, not as still a patient, whole, and only after one."""
    refused(after(*LEFT), correct(discharged_on="2026-02-25"), no.BeforeReferral)
    refused(after(*LEFT), correct(discharged_on="2026-03-01"), no.BeforeAdmission)
    refused(after(*LEFT), correct(discharged_on="2026-06-03"), DateInTheFuture)
    changed = (*ADMITTED, step_up(), discharge())
    refused(after(*changed), correct(discharged_on="2026-03-17"), no.DischargeBeforeLevelChange)
    refused(after(*LEFT), correct(patient_status="30"), no.StillPatientStatus)
    refused(after(refer(), discharge(reason="other")), correct(), no.NeverAdmitted)
    refused(after(*LEFT), correct(reason=None), no.DischargeIncomplete)
    refused(after(*ADMITTED), correct(), no.NotDischarged)
    after(*ADMITTED).when(correct(**NONE), JUNE, around()).nothing_happened()


def test_a_discharge_that_never_was_takes_the_place_again() -> None:
    """The patient is in care, or referred, as before; a later episode that is open refuses it, through the one key."""
    back_in = after(*LEFT).when(correct(**NONE), JUNE, around())
    fact = past.DischargeCorrected(was_discharged_on="2026-05-06", cause="entry_error")
    back_in.then(fact, Claim("open_episode", KEY, held=no.OpenedAgain)).never_twice()
    state: Any = back_in.state
    assert isinstance(state, InCare) and state.discharged_on is None and state.in_care_on("2026-06-01")
    assert back_in.after.when(discharge(discharged_on="2026-05-20"), JUNE, around()).facts
    waiting = after(refer(), discharge(reason="other")).when(correct(**NONE), JUNE, around())
    assert isinstance(waiting.state, Referred)


def test_a_corrected_discharge_does_not_reach_into_the_next_episode() -> None:
    """The day on which the patient was referred again is the last one that it may have."""
    decided = after(*LEFT)
    state: Any = folded(AGGREGATE, *decided.facts)
    assert AGGREGATE.consult(state, correct())["open"] == Stream("enrollment", holder_of=("open_episode", KEY))
    again = past.PatientReferred(
        patient_id=PATIENT_ID, program_id=PROGRAM_ID, referred_on="2026-05-12", source="self"
    )
    seen = {"open": seen_as(AGGREGATE, an_id("enrollment", 2), again)}
    assert "2026-05-12" in decided.when(correct(), JUNE, seen).refuses(no.ReachesNextEpisode)
    assert decided.when(correct(discharged_on="2026-05-12"), JUNE, seen).facts


@pytest.mark.parametrize("command", [
    assess("2026-05-07"), benefits(verified_on="2026-05-07"), diagnose(effective_from="2026-05-07"),
    adopt(plan_id=an_id("plan", 2), adopted_on="2026-05-07", review_due_on="2026-06-07"),
    review(reviewed_on="2026-05-07", next_review_due_on="2026-06-07"), step_up(effective_on="2026-05-07"),
    leave(started_on="2026-05-07"), certify(certified_on="2026-05-07", certified_through="2026-06-07"),
], ids=lambda one: type(one).__name__)
def test_nothing_dated_after_the_discharge_enters_the_episode(command: Any) -> None:
    """The day after is refused, although it is past by now."""
    assert "2026-05-06" in refused(after(*PLANNED, discharge()), command, no.AfterDischarge)


@pytest.mark.parametrize("command", [assess(), review(), certify(), diagnose(), leave()])
def test_a_late_entry_of_a_day_inside_the_episode_is_welcome(command: Any) -> None:
    """What was true before the discharge may be recorded after it."""
    assert after(*PLANNED, discharge()).when(command, JUNE, around()).facts


def test_the_principal_diagnosis_is_the_latest_in_force() -> None:
    """A later record of the same day wins; a secondary one never counts; before the first there is none."""
    milder, second = diagnose(code="F33.1", effective_from="2026-03-10"), diagnose(code="F41.1", rank=2)
    again = diagnose(code="F32.1", effective_from="2026-03-10")
    state: Any = folded(AGGREGATE, *after(*ADMITTED, milder, diagnose(), second, again).facts)
    assert state.principal_on("2026-03-09").code == "F33.2"
    assert state.principal_on("2026-03-10").code == "F32.1"
    assert state.principal_on("2026-01-09") is None
    refused(after(*ADMITTED), diagnose(effective_from="2026-07-01"), DateInTheFuture)


def test_phases_say_where_the_episode_stands() -> None:
    """Referred, in care, discharged; the attending physician comes with the admission."""
    state: Any = folded(AGGREGATE, *after(*ADMITTED).facts)
    assert isinstance(state, InCare)
    assert (state.program_id, state.attending_id, state.discharged_on) == (PROGRAM_ID, DOCTOR, None)
    assert AGGREGATE.initial.patient_id is AGGREGATE.initial.program_id is AGGREGATE.initial.attending_id is None


@for_all(st.lists(st.tuples(st.sampled_from(WAY), st.sampled_from(MONTHS)), max_size=14))
def test_whatever_is_asked_in_whatever_order_nothing_happens_twice_and_every_past_folds(
    asked: list[tuple[Any, str]],
) -> None:
    """Two laws: repetition has no second effect, and no prefix of a past raises."""
    stream = given(AGGREGATE)
    for command, day in asked:
        dated = {name: day for name in ("effective_on", "started_on", "returned_on") if hasattr(command, name)}
        again = replace(command, **dated)
        decided = stream.when(again, JUNE, around())
        decided.never_twice()
        stream = decided.after
    every_prefix_folds(AGGREGATE, *stream.facts)


@for_all(st.permutations(list(after(*WAY).facts)))
def test_folding_judges_nothing_not_even_an_impossible_order(facts: list[Any]) -> None:
    """evolve has no rules, so it answers to any order of facts."""
    every_prefix_folds(AGGREGATE, *facts)
