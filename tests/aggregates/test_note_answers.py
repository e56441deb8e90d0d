"""The patient's own part in a plan of care and its reviews: a signature, a guardian's, or a stated refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.decision import DateInTheFuture
from aggregates.kit import Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import PatientRefuse, PatientSign
from aggregates.note.decide import consult
from aggregates.note.facts import NoteDrafted, NoteReturned, NoteSigned, PatientRefused, PatientSigned, RefusalWords
from aggregates.note.refusals import (
    AnsweredBeforeService,
    GuardianUnnamed,
    NoteNotSigned,
    NoteStruck,
    PatientDoesNotSign,
)
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient import consent
from aggregates.patient.facts import GuardianEnded, GuardianRecorded, Identity, PatientRegistered
from tests.aggregates.clinic import FACILITATOR, MONDAY, PROGRAM, at, patient, that_evening
from tests.aggregates.documents import ABOUT, NOTE, revision, told, words
from tests.aggregates.scenario import Given, an_id, folded, given, seen_as
from tests.aggregates.test_note_signing import struck

MOTHER = an_id("guardian")
THURSDAY, LATER = "2026-03-05", "2026-03-05T14:00:00.000000Z"
WITNESS = that_evening(occurred_at=LATER)
SIGN = PatientSign(note_id=NOTE, signed_by="patient", capacity_rule="adult", how="on_screen", signed_on=THURSDAY)
FOR_A_CHILD = replace(SIGN, signed_by="guardian", guardian_id=MOTHER, capacity_rule="guardian")
REFUSE = PatientRefuse(
    note_id=NOTE, refused_by="patient", cause="disagrees", words="Not with this goal.", refused_on=THURSDAY
)


def plan(kind: str = "plan_of_care") -> NoteDrafted:
    """A plan of care without a session."""
    fields: dict[str, Any] = {
        "kind": kind, "program_id": PROGRAM, "author_id": FACILITATOR, "service_date": MONDAY,
        "service_ended_at": at("10:30"), "patient_id": patient(1), "content_digest": ABOUT,
    }
    return told(NoteDrafted(**fields), words("Two goals."))


def signed(version: int = 1) -> NoteSigned:
    """Its author's signature."""
    return NoteSigned(
        signer_id=FACILITATOR, content_digest=plan().content_digest, note_version=version, service_date=MONDAY,
        signed_at=at("23:00"), credential="LPC", credential_active=True, needs_cosignature=False,
    )


def of(birth_year: int = 1988, *guardians: Any) -> dict[str, Seen]:
    """The patient as the document's decision sees them."""
    born = Identity(family_name="Lind", given_name="Ola", birth_date=f"{birth_year}-06-01", sex="female")
    registered = PatientRegistered(
        year_of_birth=birth_year, has_medical_record_number=False, has_address=False, patient_id=patient(1),
        sealed=born,
    )
    return {"patient": seen_as(PATIENT, patient(1), registered, *guardians)}


APPOINTED = GuardianRecorded(
    guardian_id=MOTHER, relationship="parent", authority="custody", effective_from="2020-01-01"
)
CHILD = of(2011, APPOINTED)


def ready(kind: str = "plan_of_care") -> Given:
    """A plan that its author has signed."""
    return given(AGGREGATE, plan(kind), replace(signed(), content_digest=plan(kind).content_digest))


def answered(**changes: Any) -> PatientSigned:
    """The patient's signature on Thursday."""
    fields: dict[str, Any] = {
        "signed_by": "patient", "capacity_rule": "adult", "how": "on_screen", "signed_on": THURSDAY,
        "witnessed_by": FACILITATOR, "note_version": 1, "content_digest": plan().content_digest,
    }
    return PatientSigned(**(fields | changes))


REFUSED = PatientRefused(
    refused_by="patient", cause="disagrees", refused_on=THURSDAY, witnessed_by=FACILITATOR, note_version=1,
    content_digest=plan().content_digest, sealed=RefusalWords(words="Not with this goal."),
)


def test_the_patient_signs_the_wording_that_the_author_signed() -> None:
    """Whoever acts has seen it; told twice, also by another witness, it is once."""
    decided = ready().when(SIGN, WITNESS, of())
    decided.then(answered()).once()
    decided.after.when(SIGN, replace(WITNESS, by=an_id("clinician", 3)), of()).nothing_happened()


def test_a_refusal_says_why_and_may_be_followed_by_a_signature() -> None:
    """Both are kept, in order; the last one stands."""
    refused = ready().when(REFUSE, WITNESS, of())
    refused.then(REFUSED).once()
    then = refused.after.when(SIGN, WITNESS, of())
    then.then(answered())
    assert then.state.answers == (REFUSED, answered())
    assert then.after.when(REFUSE, WITNESS, of()).facts == (REFUSED,)


def test_only_after_the_author() -> None:
    """A draft, or one that was returned, is not the patient's to sign yet; a struck one never."""
    for stream in (given(AGGREGATE, plan()), given(AGGREGATE, plan(), signed(), NoteReturned(
        returned_by=an_id("clinician", 2), cause="goal_missing"
    ))):
        for command in (SIGN, REFUSE):
            stream.when(command, WITNESS, of()).refuses(NoteNotSigned)
    given(AGGREGATE, plan(), signed(), struck(FACILITATOR)).when(SIGN, WITNESS, of()).refuses(NoteStruck)


@pytest.mark.parametrize("kind", ["individual", "certification", "order", "discharge_summary"])
def test_other_documents_are_not_the_patients_to_sign(kind: str) -> None:
    """Only plans of care and their reviews."""
    assert kind in ready(kind).when(SIGN, WITNESS, of()).refuses(PatientDoesNotSign)
    ready(kind).when(REFUSE, WITNESS, of()).refuses(PatientDoesNotSign)
    assert ready("plan_review").when(SIGN, WITNESS, of()).facts


def test_a_guardian_on_record_signs_for_a_child() -> None:
    """The fact says how the guardian is related; one whose time is over, or who is not on record, does not sign."""
    ready().when(FOR_A_CHILD, WITNESS, CHILD).then(answered(
        signed_by="guardian", guardian_id=MOTHER, capacity_rule="guardian", relationship="parent"
    )).once()
    over = of(2011, APPOINTED, GuardianEnded(guardian_id=MOTHER, ended_on="2026-03-04"))
    on_the_last_day = of(2011, APPOINTED, GuardianEnded(guardian_id=MOTHER, ended_on=THURSDAY))
    ready().when(FOR_A_CHILD, WITNESS, over).refuses(consent.GuardianNotActive)
    assert ready().when(FOR_A_CHILD, WITNESS, on_the_last_day).facts
    ready().when(FOR_A_CHILD, WITNESS, of(2011)).refuses(consent.GuardianNotActive)
    by_her = replace(REFUSE, refused_by="guardian", guardian_id=MOTHER)
    ready().when(by_her, WITNESS, over).refuses(consent.GuardianNotActive)
    assert ready().when(by_her, WITNESS, CHILD).facts[0].relationship == "parent"


def test_capacity_is_decided_as_for_consents() -> None:
    """A child is no adult, an adult no minor, and the rule says whose signature it wants."""
    ready().when(SIGN, WITNESS, CHILD).refuses(consent.MayBeMinor)
    ready().when(replace(SIGN, capacity_rule="minor_alone"), WITNESS, of()).refuses(consent.IsAdult)
    ready().when(replace(SIGN, capacity_rule="guardian"), WITNESS, CHILD).refuses(consent.WrongSigner)
    assert ready().when(replace(SIGN, capacity_rule="minor_alone"), WITNESS, CHILD).facts


def test_a_guardians_answer_names_the_guardian() -> None:
    """Else nobody could ask whether they may act."""
    ready().when(replace(FOR_A_CHILD, guardian_id=None), WITNESS, CHILD).refuses(GuardianUnnamed)
    ready().when(replace(REFUSE, refused_by="guardian"), WITNESS, CHILD).refuses(GuardianUnnamed)


def test_an_answer_lies_between_the_service_and_today() -> None:
    """On the day of service itself it may be; the day before and the day ahead not."""
    assert ready().when(replace(SIGN, signed_on=MONDAY), WITNESS, of()).facts
    ready().when(replace(SIGN, signed_on="2026-03-01"), WITNESS, of()).refuses(AnsweredBeforeService)
    ready().when(replace(REFUSE, refused_on="2026-03-07"), WITNESS, of()).refuses(DateInTheFuture)


def test_an_answer_is_to_one_wording() -> None:
    """It survives a return that changes nothing, and not another wording."""
    back = NoteReturned(returned_by=an_id("clinician", 2), cause="goal_missing")
    same = folded(AGGREGATE, plan(), signed(), answered(), back, signed())
    assert same.answers == (answered(),)
    other = folded(AGGREGATE, plan(), signed(), answered(), back, revision(plan(), words("Three goals.")), signed(2))
    assert other.answers == ()


def test_the_patients_record_is_what_the_answer_looks_at() -> None:
    """Capacity and guardians stand there."""
    state = folded(AGGREGATE, plan(), signed())
    assert {name: one.id for name, one in consult(state, SIGN).items()} == {"patient": patient(1)}
