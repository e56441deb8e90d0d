"""What the signatures of a document are worth, and what a stranger needs to check them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from aggregates.codec import Damaged, salvaged
from aggregates.note.content import PREFIX as CONTENT_PREFIX
from aggregates.note.envelope import PREFIX as SIGNED_PREFIX
from aggregates.note.export import Proof, proofs
from aggregates.note.facts import NoteSigned, SignatureAttested
from aggregates.note.figures import SessionFigures, figures_of
from aggregates.note.signature import signer_of
from aggregates.note.verification import (
    Broken,
    Checked,
    Standing,
    checked,
    covers_narrative,
    narrative_under,
    told_at,
)
from aggregates.values import Code, Digest, Id, Instant, KeyId
from api.asking import PAST, AsOf, One, TheAsk
from api.documenting.payers import Asked, States, as_known, asked_of_one
from api.gate import RecordDamaged
from api.problems import declared
from iop_es.engine.log import Log, StoredFact

router = APIRouter(prefix="/v1", tags=["signatures"], responses=declared(401, 403, 404, 422, 503))


class SignatureView(BaseModel):
    """One signature, checked now, and what it covers now."""

    fact: str = Field(description="What was recorded with it, such as note.signed.")
    standing: Standing = Field(
        description="verified, told (made elsewhere, only told here) or invalid; what is missing or cannot be read is"
        " invalid too."
    )
    broken: list[Broken] = Field(description="What does not hold of an invalid one, or cannot be read.")
    signer_id: Id | None = Field(description="Null: what was recorded cannot be read.")
    printed_name: str | None
    credential: Code | None
    license: str | None
    meaning: str | None
    signed_at: Instant | None
    methods: list[str] = Field(description="How the signer proved who they are (RFC 8176).")
    key_id: KeyId | None
    signed_digest: Digest | None
    wording: int = Field(description="Which wording of the document it covers; the first draft is 1.")
    covers_current: bool = Field(description="Whether that is what the document says now.")
    covers_narrative: bool | None = Field(
        description="Whether the narrative that it was signed over still stands and says what it said then; null: it"
        " was not signed over one. What was added to it as amendments does not count here."
    )
    covers_session: bool | None = Field(
        description="Whether the session's figures that the document shows still are those that were signed; null: it"
        " is of no session, or none were signed."
    )
    active_at_signing: bool | None = Field(
        description="Whether the signer had an active credential on the day of signing, in the program's zone, as known"
        " then; null: not recorded."
    )
    unready: list[Code] = Field(description="The sections that were not ready when it was signed.")
    incomplete_cause: Code | None = Field(description="Why it was signed all the same.")
    facilitator: bool | None = Field(description="Of a group's documents: whether the signer led the session.")
    due_at: Instant | None = Field(
        description="Until when the author signs in time by the patient's payer, of a narrative by the earliest of"
        " those who were there; null: no payer sets a time, or it is no signature or attestation of the author's."
    )
    late: bool = Field(description="Whether it was made after that moment. Signing late is never refused.")
    lapsed_signer: bool = Field(description="By what is known now, no credential was active on the date of service.")


class SignaturesView(BaseModel):
    """All signatures of a document, in order of time."""

    note_id: Id
    version: int
    program_id: Id
    patient_id: Id | None
    signatures: list[SignatureView]


class EnvelopesView(BaseModel):
    """The signatures of a document that were made here, in order, as they can be checked elsewhere.

    commitment = SHA-256(`content_prefix` || salt || content); signature = Ed25519 over `signed_prefix` || envelope;
    signed_digest = SHA-256 of the same bytes. Texts are UTF-8; salts, digests, keys and signatures are in hex.
    """

    note_id: Id
    version: int
    program_id: Id
    patient_id: Id | None
    content_prefix: str
    signed_prefix: str
    signatures: list[Proof]


@router.get("/notes/{note_id}/signatures", operation_id="note.signatures", responses=PAST)
def signatures(
    ask: TheAsk, request: Request, note_id: Annotated[Id, Path()], as_of: AsOf = None
) -> One[SignaturesView]:
    """Checks every signature of a document and says what each covers; now, or of what was known then."""
    log, upto = request.app.state.services.documenting.log, ask.upto(as_of)

    def view(facts: Sequence[StoredFact]) -> SignaturesView | None:
        return _signatures(note_id, facts, log, upto)

    return ask.stream(note_id, view, as_of)


@router.get("/notes/{note_id}/signatures/envelopes", operation_id="note.envelopes", responses=PAST)
def envelopes(
    ask: TheAsk, request: Request, note_id: Annotated[Id, Path()], as_of: AsOf = None
) -> One[EnvelopesView]:
    """What a stranger needs to check the signatures of a document with nothing but SHA-256 and Ed25519: the words in
    canonical form with their salts, the envelopes, signatures and public keys. It holds the document's words."""
    states = as_known(request.app.state.services.documenting.log, ask.upto(as_of))

    def view(facts: Sequence[StoredFact]) -> EnvelopesView | None:
        return _envelopes(note_id, facts, states)

    return ask.stream(note_id, view, as_of)


def _signatures(note_id: str, stored: Sequence[StoredFact], log: Log, upto: int | None) -> SignaturesView | None:
    if not stored or not stored[0].topic.startswith("note."):
        return None
    facts = [salvaged(one.topic, one.state, one.sealed) for one in stored]
    if isinstance(facts[0], Damaged):
        raise RecordDamaged
    names = {id(fact): one.topic.partition("@")[0] for fact, one in zip(facts, stored, strict=True)}
    states = as_known(log, upto)
    clinicians, asked = signers(facts, states), asked_of_one(states, log, facts[0])
    found = checked(note_id, facts, clinicians.__getitem__)
    of = facts[0].session_id
    figures = figures_of(facts[0], states("session", [of])[of]) if of else None
    under = narrative_under(facts)
    told = log.facts_of_streams([under], upto) if under else ()
    narrative = [salvaged(one.topic, one.state, one.sealed) for one in told]
    return SignaturesView(
        note_id=note_id, version=stored[-1].version, program_id=facts[0].program_id, patient_id=facts[0].patient_id,
        signatures=[
            _view(
                names[id(one.fact)], one, None if under is None else covers_narrative(one.fact, narrative),
                asked if isinstance(one.fact, NoteSigned | SignatureAttested) else Asked(), figures,
            )
            for one in found
        ],
    )


def _envelopes(note_id: str, stored: Sequence[StoredFact], states: States) -> EnvelopesView | None:
    if not stored or not stored[0].topic.startswith("note."):
        return None
    facts = [salvaged(one.topic, one.state, one.sealed) for one in stored]
    if isinstance(facts[0], Damaged):
        raise RecordDamaged
    return EnvelopesView(
        note_id=note_id, version=stored[-1].version, program_id=facts[0].program_id, patient_id=facts[0].patient_id,
        content_prefix=CONTENT_PREFIX.decode(), signed_prefix=SIGNED_PREFIX.decode(),
        signatures=proofs(note_id, facts, signers(facts, states).__getitem__),
    )


def signers(facts: Sequence[Any], states: States) -> Mapping[str, Any]:
    """The clinicians whose signatures are among a document's facts, by their ids."""
    people = {getattr(fact, name) for fact in facts for name in ("signer_id", "declared_by") if hasattr(fact, name)}
    return states("clinician", sorted(people))


def _unreadable(name: str, one: Checked) -> SignatureView:
    return SignatureView(
        fact=name, standing=one.standing, broken=list(one.broken), wording=one.wording, covers_current=False,
        late=False, lapsed_signer=False, methods=[], unready=[],
        **dict.fromkeys(
            ("signer_id", "printed_name", "credential", "license", "meaning", "signed_at", "key_id", "signed_digest",
             "active_at_signing", "incomplete_cause", "facilitator", "covers_narrative", "covers_session", "due_at")
        ),
    )  # fmt: skip


def _view(name: str, one: Checked, narrative: bool | None, asked: Asked, now: SessionFigures | None) -> SignatureView:
    if isinstance(one.fact, Damaged):
        return _unreadable(name, one)
    said, mark = one.envelope and one.envelope.to_be_signed, one.fact.mark
    at = one.envelope.signed_at if one.envelope else told_at(one.fact)
    figures = getattr(one.fact, "session", None)
    return SignatureView(
        fact=name, standing=one.standing, broken=list(one.broken), signer_id=signer_of(one.fact),
        printed_name=said.signer_name if said else None,
        credential=said.credential if said else getattr(one.fact, "credential", None),
        license=said.license if said else None, meaning=said.meaning if said else None, signed_at=at,
        methods=list(one.envelope.auth.methods) if one.envelope else [], key_id=mark.key_id if mark else None,
        signed_digest=mark.signed_digest if mark else None, wording=one.wording, covers_current=one.covers_current,
        covers_narrative=narrative, covers_session=None if figures is None else figures == now,
        due_at=asked.due_at, late=asked.late_at(at),
        active_at_signing=one.fact.active_at_signing, lapsed_signer=one.lapsed,
        unready=list(getattr(one.fact, "unready", ())), facilitator=getattr(one.fact, "facilitator", None),
        incomplete_cause=getattr(one.fact, "incomplete_cause", None),
    )
