"""An assessment's rules: whole answers, a fitting day, corrections, voids."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.assessment import AGGREGATE
from aggregates.assessment import commands as ask
from aggregates.assessment import facts as past
from aggregates.assessment import refusals as no
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientDischarged, PatientReferred
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.kit import Seen, Stream
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import PatientRegistered
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, folded, given, seen_as

IT, EPISODE, PATIENT_ID, PROGRAM_ID = an_id("assessment"), an_id("enrollment"), an_id("patient"), an_id("program")
JUNE = an_act(occurred_at="2026-06-20T12:00:00Z")
ANSWERS = (3, 2, 3, 2, 1, 2, 2, 1, 1)


def around(discharged_on: str | None = None, **changes: Any) -> dict[str, Seen]:
    """The episode, referred on 26 February, and the registered patient."""
    fields: dict[str, Any] = {"patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "referred_on": "2026-02-26"}
    facts: list[Any] = [PatientReferred(source="self", **(fields | changes))]
    if discharged_on:
        facts.append(PatientDischarged(discharged_on=discharged_on, reason="other", patient_status="01"))
    registered = PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False)
    return {"enrollment": seen_as(ENROLLMENT, EPISODE, *facts), "patient": seen_as(PATIENT, PATIENT_ID, registered)}


def administer(on: str = "2026-03-02", **changes: Any) -> ask.AdministerAssessment:
    """A PHQ-9 of 17 by item, at 14:05 UTC of a day."""
    fields: dict[str, Any] = {
        "patient_id": PATIENT_ID, "enrollment_id": EPISODE, "program_id": PROGRAM_ID, "instrument": "phq-9",
        "administered_on": on, "administered_at": f"{on}T14:05:00Z", "occasion": "baseline", "respondent": "patient",
        "items": ANSWERS,
    }
    return ask.AdministerAssessment(assessment_id=IT, **(fields | changes))


def correct(**changes: Any) -> ask.CorrectAssessment:
    """Item 9 should have been 0."""
    fields: dict[str, Any] = {"items": (*ANSWERS[:8], 0), "administered_on": "2026-03-02", "cause": "typing-error"}
    return ask.CorrectAssessment(assessment_id=IT, **(fields | changes))


VOID = ask.VoidAssessment(assessment_id=IT, cause="wrong-patient")


def after(*commands: Any) -> Given:
    """The stream after commands that are all accepted in June."""
    return given(AGGREGATE).having(*commands, act=JUNE, seen=around())


def refused(command: Any, rule: Any, *before: Any, seen: dict[str, Seen] | None = None) -> str:
    """The message of a refusal in June."""
    return after(*before).when(command, JUNE, seen or around()).refuses(rule)


def test_an_administration_keeps_answers_instrument_and_version() -> None:
    """The code may be written in any case; today's version is filled in."""
    decided = given(AGGREGATE).when(administer(instrument="PHQ-9"), JUNE, around())
    fact: Any = decided.outcomes[0]
    assert (fact.instrument, fact.instrument_version, fact.items) == ("phq-9", "1", ANSWERS)
    assert AGGREGATE.patients(decided.state, fact, {}) == ((PATIENT_ID, None),)
    assert decided.state.program_id == PROGRAM_ID
    assert AGGREGATE.patients(AGGREGATE.initial, fact, {}) == ()
    decided.after.when(administer(), JUNE, around()).nothing_happened()
    assert "2026-03-02" in refused(administer(items=(0,) * 9), no.AlreadyAdministered, administer())


@pytest.mark.parametrize(("items", "item"), [((3, 2, 4, 2, 1, 2, 2, 1, 1), 3), ((*ANSWERS, 0), 10)])
def test_an_answer_that_the_instrument_does_not_offer_is_refused_by_its_number(items: Any, item: int) -> None:
    """Four on a scale to three, and a tenth answer of nine."""
    assert f"Item {item} of PHQ-9" in refused(administer(items=items), no.ItemOutOfRange)


@pytest.mark.parametrize(("items", "item"), [((*ANSWERS[:4], None, *ANSWERS[5:8], 0), 5), (ANSWERS[:7], 8)])
def test_a_missing_answer_is_refused_by_its_number(items: Any, item: int) -> None:
    """A gap and an early end."""
    assert f"Item {item} of PHQ-9" in refused(administer(items=items), no.ItemMissing)


@pytest.mark.parametrize(
    ("instrument", "items", "needed"),
    [
        ("phq-9", (0, 0, None, 0, 0, 0, 0, 0, 1), True), ("phq-9", (3, 3, None, 3, 3, 3, 3, 3, 0), False),
        ("phq-9", (0,) * 8, False), ("phq-a", (0, 0, None, 0, 0, 0, 0, 0, 3), True),
        ("c-ssrs-screener", (1, 1, 1, 0, 0), True), ("c-ssrs-screener", (1, 1, 0, 1, None, 0), True),
        ("c-ssrs-screener", (1, 1, 0, 0, 0), False),
    ],
)  # fmt: skip
def test_an_incomplete_form_that_tells_of_suicide_is_refused_with_what_to_do(
    instrument: str, items: Any, needed: bool
) -> None:
    """An answer that would be an alert in a whole form is not lost with an incomplete one."""
    said = refused(administer(items=items, instrument=instrument), no.SomeoneNeededNow if needed else no.ItemMissing)
    assert ("assess the risk now" in said) == needed


def test_a_score_alone_is_kept_where_only_that_is_known() -> None:
    """In range and, together with answers, equal to what they give."""
    assert after().when(administer(items=(), entered_score=17), JUNE, around()).facts
    assert after().when(administer(entered_score=17), JUNE, around()).facts
    assert "17" in refused(administer(entered_score=18), no.ScoreDisagrees)
    refused(administer(items=(), entered_score=28), no.ScoreOutOfRange)
    refused(administer(items=(), entered_score=42, instrument="who-5"), no.ScoreOutOfRange)
    refused(administer(items=()), no.NothingAnswered)


def test_licensed_items_are_not_kept() -> None:
    """The BDI-II is entered as a score, from 0 to 63."""
    bdi = {"instrument": "bdi-ii", "items": ()}
    assert after().when(administer(**bdi, entered_score=63), JUNE, around()).facts
    refused(administer(**bdi, entered_score=64), no.ScoreOutOfRange)
    refused(administer(instrument="bdi-ii", items=(1,) * 21), no.ItemsNotKept)


def test_an_unknown_instrument_or_version_is_refused() -> None:
    """Versions are never mixed, so a version that is not known is not guessed."""
    refused(administer(instrument="unheard-of"), no.UnknownInstrument)
    assert "version 2" in refused(administer(instrument_version="2"), no.UnknownInstrument)


def test_what_has_no_total_is_answered_by_item() -> None:
    """Neither a sum of the C-SSRS nor a total of the BAM can be entered; its branching may leave items out."""
    screened = administer(instrument="c-ssrs-screener", items=(1, 0, None, None, None, 0))
    assert after().when(screened, JUNE, around()).facts
    assert "C-SSRS screener has no total" in refused(
        administer(instrument="c-ssrs-screener", items=(), entered_score=2), no.NoTotal
    )
    refused(administer(instrument="bam", items=(0,) * 17, entered_score=0), no.NoTotal)
    fact: Any = after().when(administer(instrument="bam", items=(0,) * 17), JUNE, around()).outcomes[0]
    assert fact.instrument_version == "categorical-1"


def test_locus_is_refused_for_its_license_and_a_level_is_sent_to_where_levels_are_kept() -> None:
    """No LOCUS in electronic form without a license; an ASAM level is a code and belongs to the episode."""
    assert "without a license" in refused(administer(instrument="LOCUS", items=(), entered_score=18), no.NeedsLicense)
    level = refused(administer(instrument="asam", items=(), entered_score=2), no.LevelIsNoScore)
    assert "enrollment.assess_level_of_care" in level


@pytest.mark.parametrize(("on", "occasion", "rule"), [
    ("2026-01-27", "baseline", None), ("2026-01-26", "baseline", no.AdministeredBeforeReferral),
    ("2026-02-25", "routine", no.AdministeredBeforeReferral), ("2026-02-26", "routine", None),
    ("2026-05-06", "routine", None), ("2026-05-07", "routine", no.NotAFollowUp),
    ("2026-05-07", "follow_up", None), ("2026-05-07", "discharge", None),
])
def test_the_day_fits_the_episode(on: str, occasion: str, rule: Any) -> None:
    """A baseline from thirty days before the referral; after the discharge only follow-up and the discharge measure."""
    decided = given(AGGREGATE).when(administer(on, occasion=occasion), JUNE, around("2026-05-06"))
    if rule:
        decided.refuses(rule)
    else:
        assert len(decided.facts) == 1


def test_the_episode_is_the_patients_own() -> None:
    """Another's episode, another program's, or none is refused."""
    refused(administer(), EnrollmentOfAnother, seen=around(patient_id=an_id("patient", 2)))
    refused(administer(), EnrollmentOfAnother, seen=around(program_id=an_id("program", 2)))
    refused(administer(), UnknownEnrollment, seen={"enrollment": seen_as(ENROLLMENT, EPISODE)})


def test_outside_any_episode_the_patient_is_registered() -> None:
    """Without an episode the patient is looked at instead."""
    alone = administer(enrollment_id=None)
    assert after().when(alone, JUNE, around()).facts
    refused(alone, UnknownPatient, seen={"patient": seen_as(PATIENT, PATIENT_ID)})


def test_what_each_command_consults() -> None:
    """The episode where there is one, else the patient; a correction looks at the episode again."""
    episode = {"enrollment": Stream("enrollment", EPISODE)}
    alone = administer(enrollment_id=None)
    assert AGGREGATE.consult(AGGREGATE.initial, administer()) == episode
    assert AGGREGATE.consult(AGGREGATE.initial, alone) == {"patient": Stream("patient", PATIENT_ID)}
    assert AGGREGATE.consult(folded(AGGREGATE, *after(administer()).facts), correct()) == episode
    assert AGGREGATE.consult(folded(AGGREGATE, *after(alone).facts), correct()) == {}
    assert AGGREGATE.consult(AGGREGATE.initial, VOID) == {}


def test_an_administration_has_happened_on_its_day() -> None:
    """No future, and the time falls on the day in some time zone."""
    refused(administer("2026-07-01"), DateInTheFuture)
    refused(administer(administered_at="2026-06-21T00:00:00Z"), no.AdministeredInTheFuture)
    assert after().when(administer(administered_at="2026-03-03T03:00:00Z"), JUNE, around()).facts
    refused(administer(administered_at="2026-03-04T00:00:00Z"), no.AdministeredOnAnotherDay)
    refused(administer(administered_at="2026-02-28T23:00:00Z"), no.AdministeredOnAnotherDay)


def test_a_correction_replaces_answers_and_day_under_the_same_rules() -> None:
    """Instrument and version stay; the same again is nothing; wrong answers are refused by item."""
    decided = after(administer()).when(correct(), JUNE, around())
    decided.then(past.AssessmentCorrected(items=(*ANSWERS[:8], 0), administered_on="2026-03-02", cause="typing-error"))
    assert decided.state.items[8] == 0
    assert decided.state.administered.instrument == "phq-9"
    decided.after.when(correct(), JUNE, around()).nothing_happened()
    refused(correct(items=(9,) * 9), no.ItemOutOfRange, administer())
    refused(correct(administered_on="2026-07-01"), DateInTheFuture, administer())
    refused(correct(administered_on="2026-01-01"), no.AdministeredBeforeReferral, administer())
    alone = after(administer(enrollment_id=None))
    alone.when(correct(administered_on="2026-01-01"), JUNE, {}).refuses(no.AdministeredOnAnotherDay)
    assert alone.when(correct(administered_on="2026-03-03"), JUNE, {}).facts
    assert IT in refused(correct(), no.UnknownAssessment)


def test_a_correction_to_a_score_alone_takes_no_answer_away() -> None:
    """Or the answer about suicide, and its alert, would be gone without anybody having said that it was wrong."""
    assert IT in refused(correct(items=(), entered_score=17), no.AnswersTakenAway, administer())
    known = after(administer(items=(), entered_score=17))
    assert known.when(correct(items=(), entered_score=16), JUNE, around()).facts
    assert known.when(correct(), JUNE, around()).facts


def test_what_is_voided_stays_so() -> None:
    """No second void, no correction, no second life under the same id."""
    voided = after(administer()).when(VOID, JUNE, around()).then(past.AssessmentVoided(cause="wrong-patient"))
    voided.after.when(VOID, JUNE, around()).nothing_happened()
    refused(correct(), no.AssessmentIsVoid, administer(), VOID)
    refused(administer(), no.AssessmentIsVoid, administer(), VOID)
    refused(VOID, no.UnknownAssessment)


ASKED = (administer(), administer(items=(0,) * 9), correct(), correct(administered_on="2026-03-03"), VOID)


@for_all(st.lists(st.sampled_from(ASKED), max_size=8))
def test_whatever_is_asked_nothing_happens_twice_and_every_past_folds(asked: list[Any]) -> None:
    """Two laws: repetition has no second effect, and no prefix of a past raises."""
    stream = given(AGGREGATE)
    for command in asked:
        decided = stream.when(command, JUNE, around())
        decided.never_twice()
        stream = decided.after
    every_prefix_folds(AGGREGATE, *stream.facts)


def test_folding_judges_nothing_not_even_a_correction_of_nothing() -> None:
    """evolve has no rules, so it answers to any order of facts."""
    facts = after(administer(), correct(), VOID).facts
    every_prefix_folds(AGGREGATE, *reversed(facts), *facts)
