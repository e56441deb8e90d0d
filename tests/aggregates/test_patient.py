"""A patient's record: one registration, one number, one primary coverage a day, and the patient's privacy rights."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.days import PeriodRunsBackwards
from aggregates.decision import DateInTheFuture
from aggregates.kit import Claim, Release
from aggregates.patient import AGGREGATE, coverage, identity, marks, privacy
from aggregates.patient import commands as ask
from aggregates.patient import decide as rules
from aggregates.patient import facts as past
from tests.aggregates.scenario import an_id, every_prefix_folds, folded, given

PATIENT, PAYER, COVERAGE, REQUEST = an_id("patient"), an_id("payer"), an_id("coverage"), an_id("request")
MINA = past.Identity(
    family_name="Lindqvist", given_name="Mina", birth_date="1990-05-17", sex="female", medical_record_number="H-20417",
)
MEMBER = past.CoverageIdentity(member_number="MM4417002")
NUMBER = Claim(
    "medical_record_number", sha256(b"H-20417").hexdigest(), held=identity.MedicalRecordNumberTaken
)


def registered(who: past.Identity = MINA) -> past.PatientRegistered:
    """The fact of a registration."""
    return past.PatientRegistered(
        patient_id=PATIENT, year_of_birth=int(who.birth_date[:4]),
        has_medical_record_number=who.medical_record_number is not None, has_address=who.address is not None,
        sealed=who,
    )


def register(who: past.Identity = MINA) -> ask.RegisterPatient:
    """Makes Mina known."""
    return ask.RegisterPatient(patient_id=PATIENT, identity=who)


def correct(**changes: Any) -> ask.CorrectDemographics:
    """Corrects parts of Mina's identity."""
    return ask.CorrectDemographics(patient_id=PATIENT, identity=replace(MINA, **changes), cause="document_shown")


def cover(first: str, last: str | None = None, **changes: Any) -> ask.RecordCoverage:
    """Records a primary coverage."""
    fields: dict[str, Any] = {"coverage_id": COVERAGE, "payer_id": PAYER, "plan": "ppo", "member": MEMBER}
    return ask.RecordCoverage(
        patient_id=PATIENT, effective_from=first, effective_through=last, **(fields | changes)
    )


def covered(first: str, last: str | None = None, **changes: Any) -> past.CoverageRecorded:
    """The fact of it."""
    fields: dict[str, Any] = {
        "coverage_id": COVERAGE, "payer_id": PAYER, "plan": "ppo", "rank": 1, "relationship": "self",
        "has_member_number": True, "has_group_number": False, "has_subscriber": False, "sealed": MEMBER,
    }
    return past.CoverageRecorded(effective_from=first, effective_through=last, **(fields | changes))


def end(day: str, cover_id: str = COVERAGE) -> ask.EndCoverage:
    """Ends the coverage."""
    return ask.EndCoverage(patient_id=PATIENT, coverage_id=cover_id, ended_on=day, cause="employment_ended")


def ended(day: str) -> past.CoverageEnded:
    """The fact of it."""
    return past.CoverageEnded(coverage_id=COVERAGE, ended_on=day, cause="employment_ended")


def check(**changes: Any) -> ask.CheckEligibility:
    """Asks the payer about a day."""
    fields: dict[str, Any] = {
        "coverage_id": COVERAGE, "for_date": "2026-03-02", "source": "portal", "active": True, "trace_number": "E-1",
    }
    return ask.CheckEligibility(patient_id=PATIENT, **(fields | changes))


def marked(before: tuple[object, ...], fact: object) -> tuple[Any, ...]:
    """The marks of Mina's record that come and go with a fact."""
    return marks.moved(PATIENT, folded(AGGREGATE, *before), folded(AGGREGATE, *before, fact))


def test_registering_records_the_patient_and_claims_the_number_by_its_hash() -> None:
    """The reservation table never holds the number itself, and only the year of birth is clear."""
    decided = given(AGGREGATE).when(register()).then(registered(), NUMBER, *marked((), registered())).once()
    assert "H-20417" not in NUMBER.key
    assert decided.facts[0].year_of_birth == 1990


def test_without_a_number_nothing_is_claimed() -> None:
    """A number may come later, by a correction."""
    nameless = replace(MINA, medical_record_number=None)
    given(AGGREGATE).when(register(nameless)).then(registered(nameless), *marked((), registered(nameless)))


def test_registering_again_is_already_so_or_refused() -> None:
    """Also after a correction, for the identity as it was and as it is now."""
    given(AGGREGATE, registered()).when(register(replace(MINA, given_name="Nina"))).refuses(
        identity.PatientAlreadyRegistered
    )
    scene = given(AGGREGATE, registered()).when(correct(given_name="Minna")).after
    scene.when(register()).nothing_happened()
    scene.when(register(replace(MINA, given_name="Minna"))).nothing_happened()


def test_nobody_is_born_in_the_future_or_before_1900() -> None:
    """A birth date is checked where it is entered."""
    given(AGGREGATE).when(register(replace(MINA, birth_date="2026-03-05"))).refuses(DateInTheFuture)
    given(AGGREGATE).when(register(replace(MINA, birth_date="1899-12-31"))).refuses(identity.BirthYearImplausible)


def test_a_refusal_names_no_person() -> None:
    """Messages carry ids, codes and dates only."""
    other = replace(MINA, given_name="Nina", medical_record_number="H-9")
    message = given(AGGREGATE, registered()).when(register(other)).refuses(identity.PatientAlreadyRegistered)
    assert not any(word in message for word in ("Nina", "Mina", "Lindqvist", "H-9", "1990"))


@pytest.mark.parametrize(
    "command",
    [correct(given_name="Minna"), cover("2026-01-01"), end("2026-06-30"), check(),
     ask.RevokeConsent(patient_id=PATIENT, consent_id=an_id("consent")),
     ask.FileDisagreement(patient_id=PATIENT, request_id=REQUEST, words="No.")],
)
def test_nothing_is_recorded_of_a_patient_who_was_never_registered(command: object) -> None:
    """Every other command names the unknown id."""
    assert PATIENT in given(AGGREGATE).when(command).refuses(rules.UnknownPatient)


def test_a_correction_names_the_parts_that_changed() -> None:
    """The whole identity is stated anew; the names of the changed parts are clear, their values are not."""
    scene = given(AGGREGATE, registered())
    scene.when(correct()).nothing_happened()
    decided = scene.when(correct(birth_date="1989-05-17", address="4 Quarry Lane")).once()
    assert decided.facts[0].changed == ("birth_date", "address")
    assert (decided.facts[0].year_of_birth, decided.facts[0].has_address) == (1989, True)
    assert decided.state.year_of_birth == 1989
    scene.when(correct(birth_date="2026-03-05")).refuses(DateInTheFuture)


def test_a_corrected_number_gives_the_old_one_back() -> None:
    """The old number is free for its owner in the same append that claims the new one."""
    scene = given(AGGREGATE, registered())
    release = Release("medical_record_number", NUMBER.key)
    claim = replace(NUMBER, key=sha256(b"H-20471").hexdigest())
    assert scene.when(correct(medical_record_number="H-20471")).outcomes[1:] == (release, claim)
    assert scene.when(correct(medical_record_number=None)).outcomes[1:] == (release,)


def test_a_correction_of_an_identity_that_is_not_at_hand_counts_every_part() -> None:
    """Without the personal part there is nothing to compare with."""
    unopened = replace(registered(), sealed=None)
    assert len(given(AGGREGATE, unopened).when(correct()).facts[0].changed) == len(past.Identity.__dataclass_fields__)


def test_coverage_is_recorded_with_what_is_known_of_the_member() -> None:
    """The clear part says which parts are known, the sealed part what they are."""
    scene = given(AGGREGATE, registered())
    members = marked((registered(),), covered("2026-01-01"))
    scene.when(cover("2026-01-01")).then(covered("2026-01-01"), *members).once()
    scene.when(cover("2026-01-01", member=None)).then(covered("2026-01-01", has_member_number=False, sealed=None))


def test_coverages_of_one_rank_do_not_overlap() -> None:
    """Who pays first on a day has one answer; the refusal names the coverage that is in the way."""
    scene = given(AGGREGATE, registered(), covered("2026-01-01", "2026-06-30"))
    second = an_id("coverage", 2)
    message = scene.when(cover("2026-06-30", coverage_id=second)).refuses(coverage.CoverageOverlaps)
    assert COVERAGE in message
    assert scene.when(cover("2026-07-01", coverage_id=second)).refusal is None
    assert scene.when(cover("2026-01-01", coverage_id=second, rank=2)).refusal is None
    scene.when(cover("2026-07-01", "2026-06-30", coverage_id=second)).refuses(PeriodRunsBackwards)
    scene.when(cover("2026-02-01", "2026-06-30")).refuses(coverage.CoverageAlreadyRecorded)


def test_a_coverage_may_end_retroactively_and_be_reinstated() -> None:
    """A later end is a reinstatement, which must leave the next coverage its days."""
    second = an_id("coverage", 2)
    scene = given(AGGREGATE, registered(), covered("2026-01-01"))
    scene = scene.when(end("2026-02-28")).then(ended("2026-02-28")).once().after
    state = scene.when(cover("2026-03-01", coverage_id=second)).state
    assert state.first_coverage_on("2026-02-28").coverage_id == COVERAGE
    assert state.first_coverage_on("2026-03-01").coverage_id == second
    later = scene.when(cover("2026-03-01", coverage_id=second)).after
    assert second in later.when(end("2026-03-01")).refuses(coverage.CoverageOverlaps)


def test_a_coverage_that_never_was_ends_the_day_before_it_began() -> None:
    """Voided like that, it is in nobody's way."""
    scene = given(AGGREGATE, registered(), covered("2026-01-01"))
    scene.when(end("2025-12-30")).refuses(coverage.CoverageEndsBeforeStart)
    given_back = marked((registered(), covered("2026-01-01")), ended("2025-12-31"))
    voided = scene.when(end("2025-12-31")).then(ended("2025-12-31"), *given_back).after
    assert voided.when(cover("2025-01-01", coverage_id=an_id("coverage", 2))).refusal is None


def test_eligibility_is_asked_for_a_coverage_that_is_known() -> None:
    """The same answer again is no news; another answer about the same day is."""
    given(AGGREGATE, registered()).when(check()).refuses(coverage.UnknownCoverage)
    given(AGGREGATE, registered()).when(end("2026-02-28")).refuses(coverage.UnknownCoverage)
    scene = given(AGGREGATE, registered(), covered("2026-01-01")).when(check()).once().after
    scene = scene.when(check(active=False)).once().after
    assert scene.when(check()).facts[0].active is True
    unsaid = scene.when(check(trace_number=None)).facts[0]
    assert (unsaid.has_trace_number, unsaid.sealed) == (False, None)


def test_a_confidential_contact_is_set_once() -> None:
    """The latest wish counts; the same wish again adds nothing."""
    ask_for = ask.SetConfidentialContact(patient_id=PATIENT, effective_from="2026-03-02", instructions="Call the cell.")
    decided = given(AGGREGATE, registered()).when(ask_for).once()
    assert decided.state.contact.sealed.instructions == "Call the cell."


def test_a_restriction_is_recorded_once_and_runs_forwards() -> None:
    """Its id stands for one restriction."""
    restrict = ask.RestrictDisclosure(
        patient_id=PATIENT, restriction_id=an_id("restriction"), payer_id=PAYER, effective_from="2026-03-09",
        effective_through="2026-03-09", paid_in_full=True,
    )
    scene = given(AGGREGATE, registered()).when(restrict).once().after
    scene.when(replace(restrict, paid_in_full=False)).refuses(privacy.RestrictionAlreadyRecorded)
    backwards = replace(restrict, restriction_id=an_id("restriction", 2), effective_through="2026-03-08")
    scene.when(backwards).refuses(PeriodRunsBackwards)


ASKED = ask.RequestAmendment(patient_id=PATIENT, request_id=REQUEST, received_on="2026-03-02", words="I was not late.")
DENIED = ask.AnswerAmendment(patient_id=PATIENT, request_id=REQUEST, accepted=False, basis="accurate", words="Sheet.")
OBJECTED = ask.FileDisagreement(patient_id=PATIENT, request_id=REQUEST, words="I waited at the desk.")


def test_an_amendment_request_is_answered_once() -> None:
    """45 CFR 164.526: a request, one answer, and after a denial one statement of disagreement."""
    scene = given(AGGREGATE, registered()).when(ASKED).once().after
    scene.when(replace(ASKED, words="Other words.")).refuses(privacy.AmendmentAlreadyRequested)
    scene.when(OBJECTED).refuses(privacy.NothingToDisagreeWith)
    scene = scene.when(DENIED).once().after
    scene.when(replace(DENIED, accepted=True)).refuses(privacy.AmendmentAlreadyAnswered)
    scene = scene.when(OBJECTED).once().after
    scene.when(replace(OBJECTED, words="More words.")).refuses(privacy.DisagreementAlreadyFiled)


def test_there_is_nothing_to_disagree_with_when_the_request_was_accepted() -> None:
    """A statement of disagreement follows a denial."""
    accepted = replace(DENIED, accepted=True, words=None)
    scene = given(AGGREGATE, registered()).when(ASKED).after.when(accepted).once().after
    scene.when(OBJECTED).refuses(privacy.NothingToDisagreeWith)


def test_a_request_is_not_received_tomorrow_and_not_answered_unasked() -> None:
    """The clock of an answer runs from receipt, so the day of receipt is past."""
    scene = given(AGGREGATE, registered())
    scene.when(replace(ASKED, received_on="2026-03-05")).refuses(DateInTheFuture)
    scene.when(DENIED).refuses(privacy.UnknownAmendmentRequest)
    two = scene.when(ASKED).after.when(replace(ASKED, request_id=an_id("request", 2))).after
    answered = two.when(replace(DENIED, request_id=an_id("request", 2))).state
    assert [one.answer is None for one in answered.amendment_requests] == [True, False]


def test_each_fact_is_about_the_one_patient() -> None:
    """Every fact is indexed to the patient, under a random alias."""
    state = folded(AGGREGATE, registered())
    assert AGGREGATE.patients(state, registered(), {}) == ((PATIENT, None),)
    assert AGGREGATE.patients(AGGREGATE.initial, registered(), {}) == ()


@for_all(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 28), st.integers(1, 28)), max_size=8))
def test_whatever_is_recorded_one_coverage_is_primary_on_a_day(steps: list[tuple[int, int, int, int]]) -> None:
    """Coverages and ends in any order: each command works once, and a rank has at most one coverage a day."""
    scene = given(AGGREGATE, registered())
    for number, rank, first, last in steps:
        cover_id = an_id("coverage", number)
        command = cover(f"2026-01-{first:02}", f"2026-01-{last:02}", coverage_id=cover_id, rank=rank)
        scene = scene.when(command).never_twice().after
        scene = scene.when(end(f"2026-01-{last:02}", cover_id)).never_twice().after
    state = folded(AGGREGATE, *scene.facts)
    for day in (f"2026-01-{number:02}" for number in range(1, 29)):
        ranks = [
            one.recorded.rank for one in state.coverages
            if one.recorded.effective_from <= day <= (one.effective_through or "9999")
        ]
        assert len(ranks) == len(set(ranks))


FACTS = [registered(), covered("2026-01-01"), ended("2026-02-28"), replace(registered(), sealed=None)]


@for_all(st.lists(st.sampled_from(FACTS), max_size=10))
def test_folding_never_raises(facts: list[object]) -> None:
    """Any facts in any order fold."""
    every_prefix_folds(AGGREGATE, *facts)
