"""A patient's risk: a person judges it, plans, tries to reach the patient, and takes or clears what the list raises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.assessment import AGGREGATE as ASSESSMENT
from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected, AssessmentVoided
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientReferred
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.kit import Place, Seen, Stream
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import PatientRegistered
from aggregates.risk import AGGREGATE
from aggregates.risk import commands as ask
from aggregates.risk import facts as past
from aggregates.risk import refusals as no
from aggregates.risk.streams import risk_of
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, given, seen_as

PATIENT_ID, PROGRAM, EPISODE, MEASURE = an_id("patient"), an_id("program"), an_id("enrollment"), an_id("assessment")
ITEM_9 = past.Alert(kind="safety_item", about=MEASURE, since="2026-03-02")
MISSING = past.Alert(kind="no_measure", about=EPISODE, since="2026-03-02")
JUNE = an_act(occurred_at="2026-06-20T12:00:00Z")


BEFORE, AFTER = 100, 1_000
"""Positions of the log before which, and after which, everything of the measure is recorded."""


def around(
    patient: str = PATIENT_ID, voided: bool = False, corrected: str | None = None, corrected_on: str = "2026-03-02",
    done: int = AFTER,
) -> dict[str, Seen]:
    """The registered patient, the episode, and a PHQ-9 with item 9 at 1 on Monday 2 March at 14:05 UTC, recorded five
    minutes later; `corrected` is when it was to 3, `done` the position from which on the acts about risk stand."""
    taken: list[Any] = [AssessmentAdministered(
        patient_id=patient, enrollment_id=EPISODE, program_id=PROGRAM, instrument="phq-9", instrument_version="1",
        administered_on="2026-03-02", administered_at="2026-03-02T14:05:00Z", occasion="routine", respondent="patient",
        items=(3, 2, 3, 2, 1, 2, 2, 1, 1),
    )]  # fmt: skip
    places = [Place(BEFORE, "2026-03-02T14:10:00.000000Z")]
    if corrected or corrected_on != "2026-03-02":
        taken.append(AssessmentCorrected(
            items=(3, 2, 3, 2, 1, 2, 2, 1, 3), administered_on=corrected_on, cause="entry-error"
        ))  # fmt: skip
        places.append(Place(BEFORE + 100, corrected or "2026-03-02T14:20:00.000000Z"))
    if voided:
        taken.append(AssessmentVoided(cause="wrong-patient"))
        places.append(Place(BEFORE + 200, "2026-03-04T09:00:00.000000Z"))
    registered = PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False)
    referred = PatientReferred(patient_id=patient, program_id=PROGRAM, referred_on="2026-02-26", source="self")
    acts = tuple(Place(done + 2 * number, "2026-06-20T12:00:00.000000Z") for number in range(BEFORE))
    return {
        "patient": seen_as(PATIENT, PATIENT_ID, registered), "enrollment": seen_as(ENROLLMENT, EPISODE, referred),
        "assessment": seen_as(ASSESSMENT, MEASURE, *taken, places=tuple(places)),
        "own": seen_as(AGGREGATE, risk_of(PATIENT_ID), places=acts),
    }  # fmt: skip


def who(**changes: Any) -> dict[str, Any]:
    """The fields that every command has."""
    return {"risk_id": risk_of(PATIENT_ID), "patient_id": PATIENT_ID, "program_id": PROGRAM} | changes


def assess(at: str = "2026-03-02T14:40:00Z", **changes: Any) -> ask.AssessRisk:
    """Talked with the patient half an hour after the measure: low."""
    return ask.AssessRisk(**(who(enrollment_id=EPISODE, assessed_at=at, level="low", basis=("interview",)) | changes))


def plan(on: str = "2026-03-02", **changes: Any) -> ask.RecordSafetyPlan:
    """A safety plan of the same day."""
    return ask.RecordSafetyPlan(**(who(enrollment_id=EPISODE, made_on=on) | changes))


def acknowledge(alert: past.Alert = ITEM_9, outcome: Any = "cleared", **changes: Any) -> ask.AcknowledgeAlert:
    """Clears the answer to item 9."""
    return ask.AcknowledgeAlert(**(who(alert=alert, outcome=outcome, cause="talked-with-patient") | changes))


def after(*commands: Any) -> Given:
    """The stream after commands that are all accepted in June."""
    return given(AGGREGATE).having(*commands, act=JUNE, seen=around())


def outcomes(command: Any, *before: Any) -> tuple[Any, ...]:
    """What a command leads to in June."""
    decided = after(*before).when(command, JUNE, around())
    assert decided.refusal is None, decided.refusal
    return decided.outcomes


def refused(command: Any, rule: Any, *before: Any, seen: dict[str, Seen] | None = None) -> str:
    """The message of a refusal in June."""
    return after(*before).when(command, JUNE, seen or around()).refuses(rule)


def test_a_judgment_keeps_its_level_basis_and_who_made_it_and_seals_the_words() -> None:
    """Told twice, it is one."""
    told = assess(level="moderate", basis=("interview", "c-ssrs"), assessment_id=MEASURE, words="Bad evenings.")
    (fact,) = outcomes(told)
    assert (fact.level, fact.basis, fact.assessed_by, fact.sealed.words) == (
        "moderate", ("interview", "c-ssrs"), JUNE.by, "Bad evenings."
    )  # fmt: skip
    assert outcomes(told, told) == ()
    assert AGGREGATE.patients(None, fact, {}) == ((PATIENT_ID, None),)


def test_an_alert_of_safety_is_cleared_only_after_somebody_assessed_the_risk() -> None:
    """Since the measure was taken; a judgment of the hour before does not know the answer."""
    assert "2026-03-02T14:05" in refused(acknowledge(), no.RiskNotAssessed)
    refused(acknowledge(), no.RiskNotAssessed, assess("2026-03-02T14:04:00Z"))
    (fact,) = outcomes(acknowledge(), assess("2026-03-02T14:05:00Z"))
    assert (fact.alert, fact.outcome, fact.acknowledged_by) == (ITEM_9, "cleared", JUNE.by)


def test_another_measure_never_clears_an_alert() -> None:
    """Nothing but a person's own command makes the fact; a follow-up is none of it."""
    stream = after(assess(), plan(), ask.MakeFollowUp(
        **who(made_at="2026-03-03T10:00:00Z", means="phone", reached=True, cause="alert")
    ))  # fmt: skip
    assert not any(isinstance(one, past.AlertAcknowledged) for one in stream.facts)


@pytest.mark.parametrize("level", ["moderate", "high", "imminent"])
def test_from_a_moderate_risk_on_a_safety_plan_is_made_first(level: str) -> None:
    """A plan of before the measure is too old."""
    assert level in refused(acknowledge(), no.SafetyPlanMissing, assess(level=level))
    refused(acknowledge(), no.SafetyPlanMissing, assess(level=level), plan("2026-03-01"))
    assert len(outcomes(acknowledge(), assess(level=level), plan())) == 1


def test_a_plan_is_no_newer_because_the_day_of_the_measure_was_moved_back() -> None:
    """The plan is wanted since the answers came in, whichever day a correction gives them."""
    moved = around(corrected_on="2026-02-27")
    alert = past.Alert(kind="safety_item", about=MEASURE, since="2026-02-27")
    before = (assess(level="high"), plan("2026-03-01"))
    assert "2026-03-02" in refused(acknowledge(alert), no.SafetyPlanMissing, *before, seen=moved)


def test_the_judgment_that_was_made_last_counts_in_whatever_order_they_come() -> None:
    """One recorded late does not lower it."""
    high, low = assess("2026-03-03T09:00:00Z", level="high"), assess("2026-03-02T15:00:00Z", level="low")
    refused(acknowledge(), no.SafetyPlanMissing, high, low)
    refused(acknowledge(), no.SafetyPlanMissing, low, high)


def test_an_override_says_why_an_alert_is_cleared_without_assessment_or_plan() -> None:
    """Such as when the patient is in a hospital."""
    (fact,) = outcomes(acknowledge(override_cause="in-hospital"))
    assert fact.override_cause == "in-hospital"


def test_an_alert_can_be_taken_at_once_and_handed_on() -> None:
    """Taking it asks for nothing; cleared twice, it is cleared once."""
    (taken,) = outcomes(acknowledge(outcome="taken"))
    assert taken.outcome == "taken"
    assert outcomes(acknowledge(outcome="taken"), acknowledge(outcome="taken")) == ()
    assert len(outcomes(acknowledge(), assess(), acknowledge(outcome="taken"))) == 1
    assert outcomes(acknowledge(cause="again"), assess(), acknowledge()) == ()


CORRECTED = "2026-03-03T10:00:00.000000Z"


def test_of_a_corrected_measure_an_alert_is_cleared_again() -> None:
    """With the same words: what was cleared before was about other answers."""
    stream = after(assess(), acknowledge())
    assert stream.when(acknowledge(), JUNE, around()).outcomes == ()
    stream.when(acknowledge(), JUNE, around(corrected=CORRECTED, done=1)).refuses(no.RiskNotAssessed)
    again = stream.having(assess(CORRECTED), act=JUNE, seen=around())
    assert len(again.when(acknowledge(), JUNE, around(corrected=CORRECTED, done=2 * BEFORE - 3)).outcomes) == 1
    again = stream.having(assess(CORRECTED), acknowledge(), act=JUNE, seen=around(corrected=CORRECTED))
    assert again.when(acknowledge(), JUNE, around(corrected=CORRECTED)).outcomes == ()


def test_a_judgment_made_before_a_correction_clears_nothing_of_what_it_raises() -> None:
    """Whenever it was recorded: an answer of 1 that was judged may really have been 3."""
    seen = around(corrected=CORRECTED)
    assert CORRECTED in refused(acknowledge(), no.RiskNotAssessed, assess("2026-03-03T09:59:59Z"), seen=seen)
    assert after(assess(CORRECTED)).when(acknowledge(), JUNE, seen).facts


def test_what_was_recorded_before_the_answers_clears_nothing_of_theirs() -> None:
    """A form of Monday that is typed in on Wednesday was not known to who judged on Tuesday, or planned."""
    early = around(done=1)
    refused(acknowledge(), no.RiskNotAssessed, assess("2026-03-02T15:00:00Z"), seen=early)
    mixed = around(done=BEFORE - 1)  # the plan stands before the answers, the judgment after them
    before = (plan(), assess("2026-03-02T15:00:00Z", level="high"))
    refused(acknowledge(), no.SafetyPlanMissing, *before, seen=mixed)
    assert after(*before, plan(review_on="2026-03-09")).when(acknowledge(), JUNE, mixed).facts


def test_each_program_judges_for_itself_and_hears_nothing_of_another() -> None:
    """Neither the judgment nor the plan of another program counts, and no refusal tells of its level."""
    def elsewhere(*commands: Any) -> tuple[Any, ...]:
        return tuple(replace(one, program_id=an_id("program", 2)) for one in after(*commands).facts)

    theirs, own = elsewhere(assess(level="high"), plan()), after(assess(level="low")).facts
    told = given(AGGREGATE, *theirs).when(acknowledge(), JUNE, around()).refuses(no.RiskNotAssessed)
    assert told == refused(acknowledge(), no.RiskNotAssessed)
    later = elsewhere(assess("2026-03-05T10:00:00Z", level="imminent"))
    assert given(AGGREGATE, *theirs, *own, *later).when(acknowledge(), JUNE, around()).facts
    worse = given(AGGREGATE, *theirs, *after(assess(level="moderate")).facts)
    worse.when(acknowledge(), JUNE, around()).refuses(no.SafetyPlanMissing)


def test_a_void_takes_no_judgment_away_and_spares_nobody_one() -> None:
    """What was answered before it is judged as it stood; an override says why not, such as another patient's form."""
    refused(acknowledge(), no.RiskNotAssessed, seen=around(voided=True))
    assert after(assess()).when(acknowledge(), JUNE, around(voided=True)).facts
    assert after().when(acknowledge(override_cause="another-patients-form"), JUNE, around(voided=True)).facts


def test_what_was_cleared_can_be_taken_up_again() -> None:
    """Somebody thinks otherwise."""
    assert len(outcomes(acknowledge(outcome="taken", cause="called-again"), assess(), acknowledge())) == 1


def test_other_alerts_are_cleared_with_a_cause_alone() -> None:
    """A missing measure asks for no assessment of risk."""
    assert len(outcomes(acknowledge(MISSING))) == 1


def test_an_alert_is_about_the_patients_own_measure_or_episode() -> None:
    """Not another's, nor, unless it is about safety, a voided one, and as of its day."""
    refused(acknowledge(), no.AlertOfAnother, seen=around(patient=an_id("patient", 2)))
    worse = past.Alert(kind="reliable_deterioration", about=MEASURE, since="2026-03-02")
    refused(acknowledge(worse), no.AlertOfAnother, seen=around(voided=True))
    refused(assess(assessment_id=MEASURE), no.AlertOfAnother, seen=around(voided=True))
    refused(acknowledge(MISSING), EnrollmentOfAnother, seen=around(patient=an_id("patient", 2)))
    refused(acknowledge(MISSING), UnknownEnrollment, seen=around() | {"enrollment": seen_as(ENROLLMENT, EPISODE)})
    yesterday = past.Alert(kind="safety_item", about=MEASURE, since="2026-03-01")
    assert "2026-03-02" in refused(acknowledge(yesterday), no.AlertOfAnotherDay)
    assert AGGREGATE.consult(AGGREGATE.initial, acknowledge()) == {
        "patient": Stream("patient", PATIENT_ID), "assessment": Stream("assessment", MEASURE),
        "own": Stream("risk", risk_of(PATIENT_ID)),
    }  # fmt: skip


def test_what_has_not_happened_yet_is_refused() -> None:
    """A judgment, a plan, a call and an alert have a past."""
    refused(assess("2026-06-20T12:00:01Z"), no.HappenedInTheFuture)
    refused(plan("2026-06-25"), DateInTheFuture)
    refused(plan(review_on="2026-03-01"), no.ReviewBeforePlan)
    refused(acknowledge(past.Alert(kind="follow_up", about=EPISODE, since="2026-06-25")), DateInTheFuture)


def test_a_stream_is_the_patients_and_the_patient_is_known() -> None:
    """So that everybody finds it without a look-up."""
    assert risk_of(PATIENT_ID) in refused(assess(risk_id=an_id("risk")), no.AnotherRiskStream)
    refused(assess(), UnknownPatient, seen=around() | {"patient": seen_as(PATIENT, PATIENT_ID)})


COMMANDS = (
    assess(), assess("2026-03-04T09:00:00Z", level="high"), plan(), plan("2026-03-04"), acknowledge(outcome="taken"),
    acknowledge(), acknowledge(MISSING),
)  # fmt: skip


@for_all(st.lists(st.sampled_from(COMMANDS), max_size=8))
def test_no_order_of_acts_leaves_a_safety_alert_cleared_without_a_judgment(commands: list[Any]) -> None:
    """Whatever is refused on the way; and every prefix folds."""
    stream = given(AGGREGATE)
    for one in commands:
        stream = stream.when(one, JUNE, around()).after
    every_prefix_folds(AGGREGATE, *stream.facts)
    facts = list(stream.facts)
    for place, fact in enumerate(facts):
        if isinstance(fact, past.AlertAcknowledged) and fact.outcome == "cleared" and fact.alert == ITEM_9:
            assert any(isinstance(one, past.RiskAssessed) for one in facts[:place])
