"""The documents that plans, reviews and certifications rest on: who signs a certification, and what may be named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment import commands as ask
from aggregates.enrollment import facts as past
from aggregates.enrollment import refusals as no
from aggregates.kit import Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import AttestSignature, DraftNote, SignNote
from aggregates.note.facts import NoteDrafted, NoteEnteredInError, NoteSigned
from aggregates.note.refusals import DocumentIncomplete, NotTheCertifier
from tests.aggregates.clinic import a_clinician, patient
from tests.aggregates.documents import ABOUT, NOTE, told, words
from tests.aggregates.episodes import (
    DOCTOR,
    EPISODE,
    JUNE,
    PATIENT_ID,
    PLAN,
    PLANNED,
    PROGRAM_ID,
    adopt,
    after,
    around,
    certify,
    recertify,
    review,
)
from tests.aggregates.scenario import an_id, given, seen_as

COVERING, EVE = an_id("physician", 2), "2026-03-03"
OTHER = an_id("note", 9)


def paper(kind: str = "certification", **changes: Any) -> NoteDrafted:
    """A document of the tests' episode, written by its attending physician."""
    fields: dict[str, Any] = {
        "kind": kind, "program_id": PROGRAM_ID, "author_id": DOCTOR, "service_date": EVE,
        "service_ended_at": f"{EVE}T15:00:00.000000Z", "patient_id": PATIENT_ID, "enrollment_id": EPISODE,
        "content_digest": ABOUT,
    }
    return told(NoteDrafted(**(fields | changes)), words("Needs this level of care."))


def signature(by: str = DOCTOR) -> NoteSigned:
    """A signature under it."""
    return NoteSigned(
        signer_id=by, content_digest=paper().content_digest, note_version=1, service_date=EVE,
        signed_at=f"{EVE}T16:00:00.000000Z", credential="LPC", credential_active=True, needs_cosignature=False,
    )


def looked_at(*episode: Any, number: int = 1) -> dict[str, Seen]:
    """The episode, and the signer's record."""
    facts = after(*(episode or PLANNED)).facts
    return {
        f"enrollment:{EPISODE}": seen_as(ENROLLMENT, EPISODE, *facts), "clinician": a_clinician(number),
    }  # fmt: skip


def with_paper(*facts: Any) -> dict[str, Seen]:
    """Everything around the episode, and the document that the command names."""
    return around() | {"document": seen_as(AGGREGATE, NOTE, *facts)}


def test_a_certification_is_signed_by_the_treating_physician_alone() -> None:
    """The attending physician of record signs, in the role of prescriber; the author of another name does not."""
    sign = SignNote(note_id=NOTE)
    assert given(AGGREGATE, paper()).when(sign, JUNE, looked_at()).facts
    as_clinician = replace(JUNE, role="clinician")
    assert DOCTOR in given(AGGREGATE, paper()).when(sign, as_clinician, looked_at()).refuses(NotTheCertifier)
    theirs, covering = given(AGGREGATE, paper(author_id=COVERING)), replace(JUNE, by=COVERING)
    theirs.when(sign, covering, looked_at()).refuses(NotTheCertifier)
    theirs.when(AttestSignature(note_id=NOTE), covering, looked_at()).refuses(NotTheCertifier)


def test_who_certified_before_by_the_episodes_record_signs_too() -> None:
    """A covering physician whom the episode names as having certified its plan."""
    theirs, covering = given(AGGREGATE, paper(author_id=COVERING)), replace(JUNE, by=COVERING)
    certified = after(*PLANNED).when(certify(physician_id=COVERING), covering, around()).after.facts
    seen = looked_at() | {f"enrollment:{EPISODE}": seen_as(ENROLLMENT, EPISODE, *certified)}
    assert theirs.when(SignNote(note_id=NOTE), covering, seen).facts


def test_documents_of_other_kinds_are_signed_by_any_author() -> None:
    """An order of the same author needs no attending physician."""
    order = given(AGGREGATE, paper("order", author_id=COVERING))
    assert order.when(SignNote(note_id=NOTE), replace(JUNE, by=COVERING), {"clinician": a_clinician(2)}).facts


def test_a_certification_is_of_an_episode() -> None:
    """Without one nobody could tell who certifies."""
    draft = DraftNote(
        note_id=NOTE, kind="certification", program_id=PROGRAM_ID, service_date=EVE,
        service_ended_at=f"{EVE}T15:00:00.000000Z", patient_id=patient(1), content=words(),
    )
    assert "enrollment_id" in given(AGGREGATE).when(draft, JUNE).refuses(DocumentIncomplete)


PAPERED = [
    (adopt(document_id=NOTE), (), "plan_of_care", past.PlanOfCareAdopted),
    (review(document_id=NOTE), (adopt(),), "plan_review", past.PlanReviewed),
    (certify(document_id=NOTE), (adopt(),), "certification", past.PlanCertified),
    (recertify(document_id=NOTE), (adopt(), certify()), "certification", past.PlanRecertified),
]


@pytest.mark.parametrize(("command", "before", "kind", "fact"), PAPERED)
def test_a_step_of_care_names_the_signed_document_that_it_rests_on(
    command: Any, before: tuple[Any, ...], kind: str, fact: type
) -> None:
    """Of the right kind, of this episode, signed; the same again is nothing new."""
    stream = after(*PLANNED[:2], *before)
    decided = stream.when(command, JUNE, with_paper(paper(kind), signature()))
    assert [(type(one), one.document_id) for one in decided.facts] == [(fact, NOTE)]
    decided.once()
    assert kind in stream.when(command, JUNE, with_paper(paper("order"), signature())).refuses(no.DocumentOfAnotherKind)
    elsewhere = paper(kind, enrollment_id=an_id("enrollment", 7))
    stream.when(command, JUNE, with_paper(elsewhere, signature())).refuses(no.DocumentOfAnotherEpisode)
    stream.when(command, JUNE, with_paper(paper(kind))).refuses(no.DocumentNotSigned)
    struck = NoteEnteredInError(declared_by=DOCTOR, cause="wrong_patient")
    stream.when(command, JUNE, with_paper(paper(kind), signature(), struck)).refuses(no.DocumentNotSigned)
    stream.when(command, JUNE, with_paper()).refuses(no.UnknownDocument)


LINKED = [
    (adopt(), (), "plan_of_care", {}), (review(), (adopt(),), "plan_review", {"reviewed_on": review().reviewed_on}),
    (certify(), (adopt(),), "certification", {"certified_through": certify().certified_through}),
    (recertify(), (adopt(), certify()), "certification", {"certified_through": recertify().certified_through}),
]  # fmt: skip


def to_link(document_id: str = NOTE, **changes: Any) -> ask.LinkDocument:
    """The command that links a document to the plan, or to the step that the days name."""
    return ask.LinkDocument(enrollment_id=EPISODE, plan_id=PLAN, document_id=document_id, **changes)


@pytest.mark.parametrize(("command", "before", "kind", "days"), LINKED)
def test_a_step_of_care_is_linked_afterwards_to_the_signed_document_that_it_rests_on(
    command: Any, before: tuple[Any, ...], kind: str, days: dict[str, str]
) -> None:
    """Under the rules for one that is named at once; another document is refused, the same again is nothing new."""
    stream = after(*PLANNED[:2], *before).when(command, JUNE, around()).after
    signed = with_paper(paper(kind), signature())
    fact = past.DocumentLinked(plan_id=PLAN, document_id=NOTE, **days)
    decided = stream.when(to_link(**days), JUNE, signed).then(fact)
    decided.once()
    assert NOTE in decided.after.when(to_link(OTHER, **days), JUNE, signed).refuses(no.StepHasDocument)
    assert kind in stream.when(to_link(**days), JUNE, with_paper(paper("order"), signature())).refuses(
        no.DocumentOfAnotherKind
    )
    elsewhere = paper(kind, enrollment_id=an_id("enrollment", 7))
    stream.when(to_link(**days), JUNE, with_paper(elsewhere, signature())).refuses(no.DocumentOfAnotherEpisode)
    stream.when(to_link(**days), JUNE, with_paper(paper(kind))).refuses(no.DocumentNotSigned)
    stream.when(to_link(**days), JUNE, with_paper()).refuses(no.UnknownDocument)


@pytest.mark.parametrize(("command", "before", "kind", "_fact"), PAPERED)
def test_a_step_that_named_its_document_when_recorded_is_linked_to_no_other(
    command: Any, before: tuple[Any, ...], kind: str, _fact: type
) -> None:
    """To the same one it is linked already."""
    signed = with_paper(paper(kind), signature())
    stream = after(*PLANNED[:2], *before).when(command, JUNE, signed).after
    days = {name: getattr(command, name) for name in ("reviewed_on", "certified_through") if hasattr(command, name)}
    stream.when(to_link(**days), JUNE, signed).nothing_happened()
    stream.when(to_link(OTHER, **days), JUNE, signed).refuses(no.StepHasDocument)


def test_a_document_is_linked_to_one_step_that_there_is() -> None:
    """Not to a second certification, not to a day on which nothing is recorded, not to two steps at once; a
    certification by whoever signed it."""
    stream = after(*PLANNED[:2], adopt(), certify(), recertify())
    first = {"certified_through": certify().certified_through}
    signed = with_paper(paper(), signature())
    linked = stream.when(to_link(**first), JUNE, signed).after
    again = {"certified_through": recertify().certified_through}
    linked.when(to_link(**again), JUNE, signed).refuses(no.DocumentOfAnotherStep)
    stream.when(to_link(certified_through="2026-12-31"), JUNE, signed).refuses(no.StepUnknown)
    stream.when(to_link(reviewed_on=EVE), JUNE, signed).refuses(no.StepUnknown)
    stream.when(to_link(reviewed_on=EVE, **first), JUNE, signed).refuses(no.StepTwice)
    unknown = ask.LinkDocument(enrollment_id=EPISODE, plan_id=an_id("plan", 9), document_id=NOTE)
    stream.when(unknown, JUNE, signed).refuses(no.UnknownPlan)
    theirs = with_paper(paper(author_id=COVERING), signature(COVERING))
    assert COVERING in stream.when(to_link(**first), JUNE, theirs).refuses(no.DocumentOfAnotherPhysician)


def test_a_certification_is_recorded_by_who_signed_it() -> None:
    """Another physician's document does not carry one's own certification."""
    seen = with_paper(paper(author_id=COVERING), signature(COVERING))
    assert COVERING in after(*PLANNED).when(certify(document_id=NOTE), JUNE, seen).refuses(
        no.DocumentOfAnotherPhysician
    )
