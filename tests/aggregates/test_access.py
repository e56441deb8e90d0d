"""A glass that is broken opens one record to one person for an hour; what left the house can be told of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.access import AGGREGATE
from aggregates.access import commands as ask
from aggregates.access import facts as past
from aggregates.access import refusals as no
from aggregates.access.notice import SHORT, TEXTS
from aggregates.access.streams import access_of
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.kit import Seen, Stream
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import ConsentRevoked, ConsentSigned, ConsentTerms, PatientRegistered
from aggregates.program import AGGREGATE as PROGRAMS
from aggregates.program.facts import ProgramOpened
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, folded, given, seen_as

PATIENT_ID, PROGRAM, EPISODE, CONSENT = an_id("patient"), an_id("program"), an_id("enrollment"), an_id("consent")
GRANT, DISCLOSURE = an_id("grant"), an_id("disclosure")
NIGHT = an_act(occurred_at="2026-03-02T21:00:00Z")
OFFICER = an_act(by=an_id("officer"), role="privacy_officer", occurred_at="2026-03-03T09:00:00Z")


def around(
    focus: Any = "substance_use", admitted: bool = True, patient: str = PATIENT_ID, revoked: str | None = None,
    **consent: Any,
) -> dict[str, Seen]:
    """A registered patient with the single consent of 1 February, the episode and its program."""
    terms = ConsentTerms(discloser="The program", information="Attendance, plan.", recipients="My treating providers.")
    signed: dict[str, Any] = {
        "consent_id": CONSENT, "kind": "disclosure", "purpose": "treatment-payment-operations", "recipient_payers": (),
        "signed_on": "2026-02-01", "signed_by": "patient", "capacity_rule": "adult", "right_to_revoke_stated": True,
        "expires_upon": "none", "sealed": terms,
    }  # fmt: skip
    facts: list[Any] = [PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False)]
    facts += [ConsentSigned(**(signed | consent))]
    facts += [ConsentRevoked(consent_id=CONSENT, revoked_at=revoked)] if revoked else []
    episode: list[Any] = [
        PatientReferred(patient_id=patient, program_id=PROGRAM, referred_on="2026-02-20", source="self")
    ]
    if admitted:
        episode.append(PatientAdmitted(
            admitted_on="2026-02-23", level_of_care="intensive_outpatient", focus=focus, admission_type="elective",
            admission_source="referral", attending_id=an_id("person"), planned_days=3, planned_minutes=540,
        ))  # fmt: skip
    opened = ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus=focus, population="adult", time_zone="UTC",
        opened_on="2026-01-01",
    )  # fmt: skip
    return {
        "patient": seen_as(PATIENT, PATIENT_ID, *facts), "enrollment": seen_as(ENROLLMENT, EPISODE, *episode),
        "program": seen_as(PROGRAMS, PROGRAM, opened),
    }  # fmt: skip


def who(**changes: Any) -> dict[str, Any]:
    """The fields that every command has."""
    return {"access_id": access_of(PATIENT_ID), "patient_id": PATIENT_ID} | changes


def breaking(**changes: Any) -> ask.OpenBreakGlass:
    """An emergency department asks for medicines."""
    asked = who(grant_id=GRANT, cause="medical_emergency", words="Found unconscious.")
    return ask.OpenBreakGlass(**(asked | changes))


def review(**changes: Any) -> ask.ReviewBreakGlass:
    """It was right."""
    return ask.ReviewBreakGlass(**(who(grant_id=GRANT, justified=True, words="Medicines alone.") | changes))


def disclose(**changes: Any) -> ask.RecordDisclosure:
    """A summary to the family doctor under the consent."""
    asked = who(
        disclosure_id=DISCLOSURE, enrollment_id=EPISODE, made_on="2026-03-02", recipient="Dr. Pratt",
        information=("summary",), purpose="treatment", basis="consent", consent_id=CONSENT,
    )  # fmt: skip
    return ask.RecordDisclosure(**(asked | changes))


def refused(command: Any, rule: Any, stream: Given | None = None, act: Any = NIGHT, seen: Any = None) -> str:
    """The message of a refusal at night."""
    return (stream or given(AGGREGATE)).when(command, act, seen or around()).refuses(rule)


def broken() -> Given:
    """The glass was broken at nine in the evening."""
    return given(AGGREGATE).when(breaking(), NIGHT, around()).after


def told(command: ask.RecordDisclosure, seen: dict[str, Seen] | None = None) -> past.DisclosureMade:
    """The fact of a disclosure that is accepted."""
    decided = given(AGGREGATE).when(command, NIGHT, seen or around())
    assert decided.refusal is None, decided.refusal
    (fact,) = decided.facts
    return fact  # type: ignore[no-any-return] # the only fact that it can be


def test_a_broken_glass_lasts_an_hour_and_keeps_what_the_rule_wants_of_an_emergency() -> None:
    """Whom and of which facility, by whom, when and why (42 CFR 2.51(c)); the words are sealed."""
    command = breaking(program_id=PROGRAM, personnel="Dr. Aldana", facility="Mercy General")
    (fact,) = given(AGGREGATE).when(command, NIGHT, around()).facts
    assert (fact.opened_at, fact.ends_at) == ("2026-03-02T21:00:00.000000Z", "2026-03-02T22:00:00.000000Z")
    assert (fact.opened_by, fact.cause, fact.acting_in, fact.disclosed) == (
        NIGHT.by, "medical_emergency", PROGRAM, True
    )  # fmt: skip
    assert (fact.sealed.words, fact.sealed.personnel, fact.sealed.facility) == (
        "Found unconscious.", "Dr. Aldana", "Mercy General"
    )  # fmt: skip
    assert AGGREGATE.patients(None, fact, {}) == ((PATIENT_ID, None),)
    refused(breaking(facility="Mercy General"), no.FacilityWithoutPersonnel)


def test_it_lets_in_that_person_alone_from_its_opening_to_its_end() -> None:
    """Not a second before or at the end, and nobody else."""
    state = AGGREGATE.evolve(AGGREGATE.initial, broken().facts[0])
    for at, open_ in (
        ("2026-03-02T20:59:59.999999Z", False), ("2026-03-02T21:00:00.000000Z", True),
        ("2026-03-02T21:59:59.999999Z", True), ("2026-03-02T22:00:00.000000Z", False),
    ):  # fmt: skip
        assert (state.open_to(NIGHT.by, at) is not None) is open_
    assert state.open_to(OFFICER.by, "2026-03-02T21:30:00.000000Z") is None


def test_a_glass_is_not_broken_twice_while_it_is_open() -> None:
    """Told twice it is one; after its end it is broken again under another grant."""
    broken().when(breaking(), NIGHT, around()).nothing_happened()
    assert "22:00" in refused(breaking(grant_id=an_id("grant", 2)), no.BreakGlassAlreadyOpen, broken())
    refused(breaking(cause="disaster"), no.GrantIdTaken, broken())
    later = an_act(occurred_at="2026-03-02T22:00:00Z")
    assert len(broken().when(breaking(grant_id=an_id("grant", 2)), later, around()).facts) == 1


def test_another_person_reviews_it_once() -> None:
    """Not whoever broke it, and the first review stands."""
    refused(review(), no.ReviewOfOwn, broken())
    refused(review(grant_id=an_id("grant", 2)), no.UnknownGrant, broken(), OFFICER)
    reviewed = broken().when(review(), OFFICER, around())
    assert (reviewed.facts[0].reviewed_by, reviewed.facts[0].justified) == (OFFICER.by, True)
    reviewed.after.when(review(), OFFICER, around()).nothing_happened()
    refused(review(justified=False), no.BreakGlassAlreadyReviewed, reviewed.after, OFFICER)


def test_with_a_consented_disclosure_the_notice_and_the_consents_scope_travel() -> None:
    """Of a substance-use record, and where nobody said what kind it is (42 CFR 2.32); else the scope alone."""
    fact = told(disclose(affiliation="Pratt Family Medicine", address="12 Elm Street", words="Six weeks."))
    assert (fact.notice, fact.substance_use, fact.by_general_consent) == (SHORT, True, True)
    assert fact.sealed is not None
    assert fact.sealed.scope == "Attendance, plan.\nTo: My treating providers."
    assert TEXTS[SHORT] == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    unsaid = told(disclose(enrollment_id=None))
    assert (unsaid.notice, unsaid.substance_use) == (SHORT, None)
    other = told(disclose(), around(focus="mental_health"))
    assert (other.notice, other.substance_use) == (None, False)
    assert told(disclose(), around(admitted=False)).substance_use is True
    assert told(disclose(purpose="payment"), around(purpose="payment")).by_general_consent is False


@pytest.mark.parametrize("basis", ["treatment", "payment", "operations"])
def test_a_substance_use_record_is_not_disclosed_for_treatment_payment_or_operations_without_consent(
    basis: Any,
) -> None:
    """HIPAA allows it, 42 CFR Part 2 does not."""
    command = disclose(basis=basis, consent_id=None)
    assert basis in refused(command, no.SubstanceUseNeedsConsent)
    assert told(command, around(focus="mental_health")).basis == basis


def test_a_consent_carries_a_disclosure_only_while_it_is_in_force() -> None:
    """Signed, to disclose, not run out; what was told before it was revoked stands."""
    for wrong in (
        {"kind": "treatment"}, {"signed_on": "2026-03-03"}, {"expires_on": "2026-03-01", "expires_upon": None},
        {"revoked": "2026-03-01T08:00:00Z"}, {"consent_id": an_id("consent", 2)},
    ):  # fmt: skip
        refused(disclose(), no.ConsentNotInForce, seen=around(**wrong))
    revoked = around(revoked="2026-03-02T12:00:00Z")
    assert told(disclose(made_at="2026-03-02T11:00:00Z"), revoked).consent_id == CONSENT
    refused(disclose(made_at="2026-03-02T12:00:00Z"), no.ConsentNotInForce, seen=revoked)
    assert told(disclose(), around(expires_on="2026-03-02", expires_upon=None)).consent_id == CONSENT


def test_a_basis_and_its_particulars_go_together() -> None:
    """A consent is named where it is the basis and nowhere else; an emergency has a time."""
    refused(disclose(consent_id=None), no.ConsentNotNamed)
    refused(disclose(basis="required_by_law"), no.ConsentOfAnotherBasis)
    emergency = {"basis": "emergency", "consent_id": None}
    refused(disclose(**emergency), no.TimeOfEmergencyMissing)
    emergency |= {"made_at": "2026-03-02T20:00:00Z"}
    for half in ({}, {"affiliation": "Mercy General"}, {"words": "Unconscious."}):
        refused(disclose(**emergency, **half), no.EmergencyHalfTold)
    whole = told(disclose(**emergency, affiliation="Mercy General", words="Unconscious."))
    assert (whole.notice, whole.made_by, whole.made_at) == (None, NIGHT.by, "2026-03-02T20:00:00.000000Z")


def test_an_audit_is_told_of_without_a_consent_and_for_whom() -> None:
    """42 CFR 2.53; what an auditor was told is on record like every disclosure."""
    audit: dict[str, Any] = {"basis": "audit", "consent_id": None, "purpose": "oversight"}
    refused(disclose(**audit), no.AuditorUnnamed)
    fact = told(disclose(**audit, affiliation="State Department of Health"))
    assert (fact.basis, fact.substance_use, fact.notice) == ("audit", True, None)


def test_a_consent_covers_its_purpose_and_its_payer() -> None:
    """The single one covers treatment, payment and operations, another its own purpose; a payer must be named."""
    for purpose in ("treatment", "payment", "operations"):
        assert told(disclose(purpose=purpose)).consent_id == CONSENT
    refused(disclose(purpose="legal"), no.ConsentNotInForce)
    refused(disclose(purpose="treatment"), no.ConsentNotInForce, seen=around(purpose="payment"))
    payer = an_id("payer")
    refused(disclose(purpose="payment", payer_id=payer), no.ConsentNotInForce)
    assert told(disclose(purpose="payment", payer_id=payer), around(recipient_payers=(payer,))).consent_id == CONSENT


def test_a_consent_permits_the_programs_that_it_names_to_disclose() -> None:
    """42 CFR 2.31(a)(2): another program's record goes under none of them, nor one of which nobody said whose it is;
    one that names no program permits every one of the house."""
    other, own = around(programs=(an_id("program", 2),)), around(programs=(PROGRAM, an_id("program", 2)))
    assert "enrollment_id" in refused(disclose(), no.ConsentOfOtherPrograms, seen=other)
    refused(disclose(enrollment_id=None), no.ConsentOfOtherPrograms, seen={"patient": own["patient"]})
    assert told(disclose(), own).consent_id == CONSENT
    assert told(disclose(enrollment_id=None)).consent_id == CONSENT
    refused(disclose(purpose="legal"), no.ConsentNotInForce, seen=other)


def test_where_a_minor_alone_consented_to_treatment_only_the_minor_releases_it() -> None:
    """42 CFR 2.14: a guardian's consent releases nothing of it, the minor's own does; elsewhere a guardian's may."""
    guardian = {"signed_by": "guardian", "guardian_id": an_id("guardian"), "capacity_rule": "guardian"}
    alone = treated(capacity_rule="minor_alone")
    refused(disclose(), no.OnlyTheMinorReleases, seen=around(**guardian) | alone(guardian))
    own = {"capacity_rule": "minor_alone"}
    assert told(disclose(), around(**own) | alone(own)).consent_id == CONSENT
    together = treated(capacity_rule="minor_and_guardian", signed_by="patient_and_guardian")
    assert told(disclose(), around(**guardian) | together(guardian)).consent_id == CONSENT
    assert told(disclose(), around(focus="mental_health", **guardian) | alone(guardian)).consent_id == CONSENT


def treated(**treatment: Any) -> Any:
    """The patient under that treatment's consent, with another one to disclose."""
    signed: dict[str, Any] = {
        "purpose": "treatment-payment-operations", "recipient_payers": (), "signed_on": "2026-02-01",
        "signed_by": "patient", "capacity_rule": "adult", "right_to_revoke_stated": True, "expires_upon": "none",
    }  # fmt: skip
    known = PatientRegistered(year_of_birth=2010, has_medical_record_number=False, has_address=False)
    care = ConsentSigned(**(signed | {"consent_id": an_id("treatment"), "kind": "treatment"} | treatment))

    def seen(disclosing: dict[str, Any]) -> dict[str, Seen]:
        consent = ConsentSigned(**(signed | {"consent_id": CONSENT, "kind": "disclosure"} | disclosing))
        return {"patient": seen_as(PATIENT, PATIENT_ID, known, care, consent)}

    return seen


def test_who_leaves_the_episode_out_releases_nothing_for_payment() -> None:
    """It may be a substance-use record; with the episode, or a consent, it can be told."""
    for basis in ("treatment", "payment", "operations"):
        refused(disclose(enrollment_id=None, basis=basis, consent_id=None), no.EpisodeNotNamed)
    assert told(disclose(enrollment_id=None)).substance_use is None


def test_what_has_not_happened_or_is_anothers_is_refused() -> None:
    """A disclosure has a past, a known patient, the patient's own episode and stream."""
    refused(disclose(made_on="2026-03-05"), DateInTheFuture)
    refused(disclose(made_at="2026-03-02T21:00:01Z"), no.DisclosedInTheFuture)
    refused(disclose(), EnrollmentOfAnother, seen=around(patient=an_id("patient", 2)))
    refused(disclose(), UnknownEnrollment, seen=around() | {"enrollment": seen_as(ENROLLMENT, EPISODE)})
    refused(breaking(), UnknownPatient, seen=around() | {"patient": seen_as(PATIENT, PATIENT_ID)})
    assert access_of(PATIENT_ID) in refused(breaking(access_id=an_id("access")), no.AnotherAccessStream)
    assert AGGREGATE.consult(AGGREGATE.initial, disclose()) == {
        "patient": Stream("patient", PATIENT_ID), "enrollment": Stream("enrollment", EPISODE),
    }  # fmt: skip
    assert AGGREGATE.further(AGGREGATE.initial, disclose(), around()) == {"program": Stream("program", PROGRAM)}
    assert AGGREGATE.further(AGGREGATE.initial, breaking(), {}) == {}


def test_a_disclosure_told_twice_is_one() -> None:
    """With other particulars it is refused."""
    stream = given(AGGREGATE).when(disclose(), NIGHT, around()).after
    stream.when(disclose(), NIGHT, around()).nothing_happened()
    refused(disclose(purpose="operations"), no.DisclosureAlreadyRecorded, stream)


COMMANDS = (breaking(), breaking(grant_id=an_id("grant", 2)), review(), disclose(), disclose(disclosure_id=an_id("d")))


@for_all(st.lists(st.tuples(st.sampled_from(COMMANDS), st.sampled_from((NIGHT, OFFICER))), max_size=8))
def test_nobody_reviews_what_they_opened(steps: list[Any]) -> None:
    """Whatever is asked in whatever order, no grant is reviewed by its opener, and every prefix folds."""
    stream = given(AGGREGATE)
    for command, act in steps:
        stream = stream.when(command, act, around()).after
    every_prefix_folds(AGGREGATE, *stream.facts)
    state = folded(AGGREGATE, *stream.facts)
    assert all(one.reviewed is None or one.reviewed.reviewed_by != one.opened.opened_by for one in state.grants)
