"""A patient is told what left the house: for HIPAA what was not routine, for Part 2 what a consent allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aggregates.access.facts import DisclosedTo, DisclosureMade
from aggregates.access.notice import SHORT, TEXTS
from aggregates.claim.facts import ClaimSubmitted
from aggregates.codec import decode
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.kit import altered
from aggregates.patient.facts import ConsentRevoked, ConsentSigned, ConsentTerms, PatientRegistered
from aggregates.program.facts import ProgramOpened
from projections.audit.disclosures import OWN, SHARED, Accounted, Accounting, DisclosedView, accounting, years_before
from tests.projections.audit.told import stored
from tests.projections.story import Story, an_id

GOLDEN = Path(__file__).parents[2] / "aggregates" / "golden"
PATIENT, PROGRAM, EPISODE, PAYER, CONSENT = (
    an_id(one) for one in ("patient", "program", "enrollment", "payer", "consent")
)
TODAY = "2026-11-30"


def example(file: str, topic: str) -> Any:
    """The first golden example of a topic."""
    found = next(one for one in json.loads((GOLDEN / f"{file}.json").read_text()) if one["topic"] == topic)
    return decode(topic, json.dumps(found["state"]).encode(), None)


def a_patient(focus: Any, **consent: Any) -> Story:
    """In care since February, with the single consent that names the payer."""
    story = Story(now="2026-02-01T13:00:00.000000Z")
    story.tell(PROGRAM, ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus=focus, population="adult", time_zone="UTC",
        opened_on="2026-01-01",
    ))  # fmt: skip
    story.tell(an_id("policy"), altered(example("payer_policy", "payer_policy.published@1"), payer_id=PAYER,
                                        payer_name="Blue Ridge Health"))  # fmt: skip
    story.tell(PATIENT, PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False))
    story.tell(PATIENT, ConsentSigned(
        consent_id=CONSENT, kind="disclosure", purpose="treatment-payment-operations", recipient_payers=(PAYER,),
        signed_on="2026-02-01", expires_upon="none", signed_by="patient", capacity_rule="adult",
        right_to_revoke_stated=True,
        sealed=ConsentTerms(discloser="The program", information="Attendance.", recipients="Third-party payers."),
        **consent,
    ))  # fmt: skip
    referred = PatientReferred(patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-02-01", source="self")
    story.tell(EPISODE, referred)
    story.tell(EPISODE, PatientAdmitted(
        admitted_on="2026-02-02", level_of_care="intensive_outpatient", focus=focus, admission_type="elective",
        admission_source="referral", attending_id=an_id("person"), planned_days=3, planned_minutes=540,
    ))  # fmt: skip
    return story


def claim(story: Story, number: int, at: str, replaces: str | None = None) -> str:
    """A claim that was prepared and sent; answers its id."""
    stream, about = an_id("claim", number), [(PATIENT, an_id("alias", number))]
    prepared = altered(
        example("claim", "claim.prepared@1"), patient_id=PATIENT, enrollment_id=EPISODE, program_id=PROGRAM,
        payer_id=PAYER, replaces=replaces,
    )  # fmt: skip
    submitted = ClaimSubmitted(submitted_at=at, batch="b-1", control_number=f"C{number}")
    story.tell(stream, prepared, patients=about)
    story.tell(stream, submitted, at=at, patients=about)
    return stream


def disclose(story: Story, number: int, on: str = "2026-05-04", **changes: Any) -> None:
    """Somebody told somebody."""
    fact: dict[str, Any] = {
        "disclosure_id": an_id("disclosure", number), "patient_id": PATIENT, "made_by": an_id("person"),
        "made_on": on, "information": ("summary",), "purpose": "legal", "basis": "required_by_law",
        "sealed": DisclosedTo(recipient=f"Recipient {number}", affiliation="Court", address="1 Main Street"),
    }  # fmt: skip
    story.tell(an_id("access"), DisclosureMade(**(fact | changes)), at=f"{on}T12:00:00Z", patients=[
        (PATIENT, an_id("alias", 90 + number))
    ])  # fmt: skip


def account(story: Story, kind: Accounted, programs: set[str], today: str = TODAY) -> Accounting:
    """The accounting for who is cleared for these programs."""
    shared = [one for one in stored(story) if one.name in SHARED]
    return accounting(PATIENT, stored(story, *OWN), shared, kind, today, programs)


def told(story: Story, kind: Accounted, today: str = TODAY) -> list[DisclosedView]:
    """What is accounted for to who is cleared for every program."""
    return account(story, kind, {PROGRAM}, today).disclosures


def test_a_claim_that_was_sent_is_a_consented_disclosure_by_itself() -> None:
    """To the payer, for payment, under the consent in force then; of substance-use treatment alone, and not for
    HIPAA."""
    story = a_patient("substance_use")
    stream = claim(story, 1, "2026-03-09T12:00:00.000000Z")
    (one,) = told(story, "part2")
    assert (one.on, one.recipient, one.purpose, one.basis) == ("2026-03-09", "Blue Ridge Health", "payment", "consent")
    assert (one.consent_id, one.by_general_consent, one.claim_id) == (CONSENT, True, stream)
    assert one.notice == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert one.scope == "Attendance.\nTo: Third-party payers."
    assert one.description.startswith("Claim of ")
    assert told(story, "hipaa") == []
    other = a_patient("mental_health")
    claim(other, 1, "2026-03-09T12:00:00.000000Z")
    assert told(other, "part2") == told(other, "hipaa") == []


def test_a_claim_rests_on_no_consent_that_permits_another_program_alone() -> None:
    """Where it was sent nevertheless, no consent is named for it; one that permits its program is."""
    for program, consent in ((an_id("program", 2), None), (PROGRAM, CONSENT)):
        story = a_patient("substance_use", programs=(program,))
        claim(story, 1, "2026-03-09T12:00:00.000000Z")
        assert [one.consent_id for one in told(story, "part2")] == [consent]


def contested(story: Story, claim_id: str, number: int, *facts: Any) -> None:
    """A letter asks for records of the claim, and these facts follow."""
    stream = an_id("dispute", number)
    letter = altered(
        example("dispute", "dispute.records_requested@1"), patient_id=PATIENT, program_id=PROGRAM, payer_id=PAYER,
        claims=(claim_id,),
    )  # fmt: skip
    for place, one in enumerate((letter, *facts)):
        about = [(PATIENT, an_id("alias", 1000 + 100 * number + place))]
        story.tell(stream, one, at="2026-05-04T12:00:00.000000Z", patients=about)


def test_what_goes_to_a_payer_in_a_dispute_is_told_of() -> None:
    """Records, an appeal and what our physician says, each on its day, under the consent of then, with the notice;
    where they name a disclosure on record, that is told of alone."""
    facts = [
        altered(example("dispute", f"dispute.{name}@2"), disclosure_id=None)
        for name in ("records_sent", "appeal_filed", "peer_to_peer_held")
    ]
    story = a_patient("substance_use")
    contested(story, claim(story, 1, "2026-03-09T12:00:00.000000Z"), 1, *facts)
    (_, *found) = told(story, "part2")
    assert [(one.on, one.description) for one in found] == [
        ("2026-04-20", "Records that were asked for: group_notes."), ("2026-04-20", "Peer-to-peer about a claim."),
        ("2026-08-01", "Appeal (redetermination)."),
    ]  # fmt: skip
    for one in found:
        assert (one.recipient, one.basis, one.consent_id) == ("Blue Ridge Health", "consent", CONSENT)
        assert (one.notice, one.scope) == (TEXTS[SHORT], "Attendance.\nTo: Third-party payers.")
    for_disclosures = a_patient("substance_use")
    named = [altered(one, disclosure_id=an_id("disclosure", 1)) for one in facts]
    contested(for_disclosures, claim(for_disclosures, 1, "2026-03-09T12:00:00.000000Z"), 1, *named)
    assert len(told(for_disclosures, "part2")) == 1
    other = a_patient("mental_health")
    contested(other, claim(other, 1, "2026-03-09T12:00:00.000000Z"), 1, *facts)
    assert told(other, "part2") == told(other, "hipaa") == []


def test_what_our_physician_says_for_an_authorization_is_told_of() -> None:
    """On its day, beside the request itself."""
    story, stream = a_patient("substance_use"), an_id("authorization")
    asked = altered(
        example("authorization", "authorization.requested@1"), patient_id=PATIENT, enrollment_id=EPISODE,
        program_id=PROGRAM, payer_id=PAYER,
    )  # fmt: skip
    talk = altered(example("authorization", "authorization.peer_to_peer_held@2"), disclosure_id=None)
    for place, one in enumerate((asked, talk)):
        story.tell(stream, one, at="2026-03-04T12:00:00.000000Z", patients=[(PATIENT, an_id("alias", 50 + place))])
    found = told(story, "part2")
    assert [one.description for one in found][-1] == "Peer-to-peer for an authorization."
    assert [one.notice for one in found] == [TEXTS[SHORT]] * 2


def test_a_claim_that_replaces_one_rests_on_its_consent() -> None:
    """A revocation in between stops what comes anew and leaves that."""
    story = a_patient("substance_use")
    first = claim(story, 1, "2026-03-09T12:00:00.000000Z")
    revoked = "2026-03-10T12:00:00Z"
    story.tell(PATIENT, ConsentRevoked(consent_id=CONSENT, revoked_at=revoked), at=revoked)
    claim(story, 2, "2026-03-20T12:00:00.000000Z", replaces=first)
    claim(story, 3, "2026-03-21T12:00:00.000000Z")
    assert [one.consent_id for one in told(story, "part2")] == [CONSENT, CONSENT, None]


@pytest.mark.parametrize(
    ("changes", "hipaa", "part2"),
    [
        ({}, True, False),
        ({"purpose": "safety", "basis": "emergency", "made_at": "2026-05-04T11:00:00Z"}, True, False),
        ({"purpose": "treatment", "basis": "treatment"}, False, False),
        ({"purpose": "payment", "basis": "payment"}, False, False),
        ({"purpose": "operations", "basis": "operations"}, False, False),
        ({"purpose": "patient_request", "basis": "individual"}, False, False),
        ({"basis": "consent", "consent_id": CONSENT, "substance_use": True}, False, True),
        ({"basis": "consent", "consent_id": CONSENT, "substance_use": None}, False, True),
        ({"basis": "consent", "consent_id": CONSENT, "substance_use": False}, False, False),
        ({"purpose": "treatment", "basis": "consent", "consent_id": CONSENT, "substance_use": True}, False, True),
    ],
)  # fmt: skip
def test_what_each_rule_wants_accounted_for(changes: dict[str, Any], hipaa: bool, part2: bool) -> None:
    """45 CFR 164.528 leaves out routine and authorized ones, 42 CFR 2.25 has the consented ones alone."""
    story = a_patient("substance_use")
    disclose(story, 1, **changes)
    assert (bool(told(story, "hipaa")), bool(told(story, "part2"))) == (hipaa, part2)


def test_each_says_date_recipient_address_description_and_purpose() -> None:
    """And the notice that went with it; in order of the days, however they were recorded."""
    story = a_patient("substance_use")
    disclose(story, 1, "2026-05-04")
    disclose(story, 2, "2026-04-01", notice="42-cfr-2.32-a-2")
    first, second = told(story, "hipaa")
    assert (second.on, second.recipient, second.affiliation, second.address, second.description, second.purpose) == (
        "2026-05-04", "Recipient 1", "Court", "1 Main Street", "summary", "legal"
    )  # fmt: skip
    assert (first.on, first.notice) == (
        "2026-04-01", "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    )  # fmt: skip


def test_six_years_and_three() -> None:
    """To the day; what is older is left out."""
    story = a_patient("substance_use")
    disclose(story, 1, "2026-05-04")
    disclose(story, 2, "2026-05-04", basis="consent", consent_id=CONSENT, substance_use=True)
    for kind, last in (("hipaa", "2032-05-04"), ("part2", "2029-05-04")):
        assert len(told(story, kind, last)) == 1  # type: ignore[arg-type] # each of the two
        assert told(story, kind, f"{last[:-1]}5") == []  # type: ignore[arg-type] # each of the two
    assert years_before("2028-02-29", 6) == "2022-02-28"
    assert years_before("2028-02-29", 4) == "2024-02-29"


def test_each_is_told_to_the_programs_that_disclosed_it() -> None:
    """A claim, an authorization, a dispute and what names an episode by their own program; what names none by all that
    had the patient then. Whoever is cleared for every program is told the whole, nobody else that it is one."""
    story, other = a_patient("substance_use"), an_id("program", 2)
    story.tell(other, ProgramOpened(
        code="php", level_of_care="intensive_outpatient", focus="mental_health", population="adult", time_zone="UTC",
        opened_on="2026-01-01",
    ))  # fmt: skip
    sent = claim(story, 1, "2026-03-09T12:00:00.000000Z")
    contested(story, sent, 1, altered(example("dispute", "dispute.records_sent@2"), disclosure_id=None))
    asked = altered(
        example("authorization", "authorization.requested@1"), patient_id=PATIENT, enrollment_id=EPISODE,
        program_id=PROGRAM, payer_id=PAYER,
    )  # fmt: skip
    story.tell(an_id("authorization"), asked, patients=[(PATIENT, an_id("alias", 50))])
    disclose(story, 1, enrollment_id=EPISODE, basis="consent", consent_id=CONSENT, substance_use=True)
    disclose(story, 2, basis="consent", consent_id=CONSENT)
    story.tell(an_id("enrollment", 2), PatientReferred(
        patient_id=PATIENT, program_id=other, referred_on="2026-06-01", source="self"
    ))  # fmt: skip
    disclose(story, 3, "2026-06-02", basis="consent", consent_id=CONSENT)
    found = [account(story, "part2", programs) for programs in ({PROGRAM}, {other}, {PROGRAM, other})]
    assert [(len(one.disclosures), one.whole, one.caution is None) for one in found] == [
        (5, False, False), (0, False, False), (6, True, True),
    ]  # fmt: skip
    assert found[0].caution == found[1].caution
