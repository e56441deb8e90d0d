"""Signing: what is to be signed is shown with a challenge, and signed with a token that answers it; and what
signatures are worth.

Everything that makes a signature comes in here, many at once: signing, cosigning, amending, attesting, moving a part to
another narrative, striking out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from aggregates.codec import Damaged, salvaged
from aggregates.kit import COMMAND_NAME
from aggregates.note import commands as ask
from aggregates.note.content import PREFIX as CONTENT_PREFIX
from aggregates.note.envelope import PREFIX as SIGNED_PREFIX
from aggregates.note.envelope import ToBeSigned
from aggregates.note.export import Proof, proofs
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.signature import signer_of
from aggregates.note.templates import Unready
from aggregates.note.verification import Broken, Checked, Standing, checked, told_at
from aggregates.values import Code, Digest, Id, Instant, KeyId, NoteId
from api.asking import PAST, AsOf, One, TheAsk
from api.commands.order import Order, Reply, digest_of
from api.documenting.looking import Look
from api.gate import RecordDamaged
from api.identity import Caller, TheCaller, session_of
from api.problems import BASE, declared
from api.signing.desk import Shown
from api.strict import StrictRoute
from iop_es.engine.log import StoredFact

router = APIRouter(
    prefix="/v1", tags=["signatures"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
MOST = 100


class Act(BaseModel):
    """A command that makes a signature, by its name, with its data."""

    model_config = ConfigDict(extra="forbid")


class SignAct(Act):
    """A document to be signed by its author."""

    command: Literal["note.sign"]
    data: ask.SignNote


class CosignAct(Act):
    """A document to be signed by a supervisor."""

    command: Literal["note.cosign"]
    data: ask.CosignNote


class AmendAct(Act):
    """An amendment to be added and signed."""

    command: Literal["note.amend"]
    data: ask.AmendNote


class AttestAct(Act):
    """A signature that is missing, or was late, to be attested to."""

    command: Literal["note.attest_signature"]
    data: ask.AttestSignature


class RestAct(Act):
    """A signed part that is to rest on another narrative, because its own was struck."""

    command: Literal["note.rest_on"]
    data: ask.RestOnNarrative


class StrikeAct(Act):
    """A document to be struck through."""

    command: Literal["note.enter_in_error"]
    data: ask.EnterNoteInError


SignatureAct = Annotated[
    SignAct | CosignAct | AmendAct | AttestAct | RestAct | StrikeAct, Field(discriminator="command")
]
Acts = Annotated[list[SignatureAct], Field(min_length=1, max_length=MOST)]


class ToSign(BaseModel):
    """What the caller wants to sign."""

    model_config = ConfigDict(extra="forbid")
    commands: Acts


class Signing(BaseModel):
    """The same again, with proof of who signs."""

    model_config = ConfigDict(extra="forbid")
    commands: Acts
    token: str = Field(
        min_length=1, max_length=8_000,
        description="A token of the same issuer for the same person: `nonce` is the challenge, `auth_time` at most 120"
        " seconds old, `amr` with two methods for the first signing of a working session and one after.",
    )
    continues: str | None = Field(None, max_length=200, description="As the session's last signing answered it.")


class Refused(BaseModel):
    """Why something cannot be signed."""

    type: str = Field(description="The rule's stable name, as in problem documents.")
    detail: str


class LookView(BaseModel):
    """What to see about a document before signing it; none of it keeps anybody from signing."""

    unready: list[Unready] = Field(description="Sections that are missing, empty or unchanged, and why.")
    exposures: list[Exposure] = Field(description="Where another member of the session may stand in it.")
    likenesses: list[Likeness] = Field(description="Which documents it reads like, of the session or earlier.")


class SigningView(BaseModel):
    """One document: what would be signed, word for word, or why it cannot be."""

    note_id: Id
    command: str
    to_be_signed: ToBeSigned | None
    refused: Refused | None
    look: LookView | None = Field(
        description="What to see before signing; null where no words of the document are signed, or can be read, and "
        "in a group's documentation, where it stands beside each document."
    )


class ShownView(BaseModel):
    """What is to be signed, in the order asked; the challenge covers what can be, in that order, and nothing else."""

    challenge: str | None = Field(description="The `nonce` of the signing token; null when nothing can be signed.")
    expires_at: int | None = Field(description="Until when it can be answered, in seconds since 1970.")
    signatures: list[SigningView]


class SignedView(BaseModel):
    """What became of one signature."""

    note_id: Id
    command: str
    version: int | None = Field(description="The document's version now; null where it was refused.")
    facts: list[str]
    refused: Refused | None


class SigningsView(BaseModel):
    """What became of each, in the order asked."""

    position: int | None = Field(description="The position of the log that has them; wait for it before reading.")
    signatures: list[SignedView]
    continues: str = Field(description="For the session's next signing within 15 minutes: one method will do then.")


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
    active_at_signing: bool | None = Field(
        description="Whether the signer had an active credential on the day of signing, in the program's zone, as known"
        " then; null: not recorded."
    )
    unready: list[Code] = Field(description="The sections that were not ready when it was signed.")
    incomplete_cause: Code | None = Field(description="Why it was signed all the same.")
    facilitator: bool | None = Field(description="Of a group's documents: whether the signer led the session.")
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


@router.post("/signatures/challenge", operation_id="signature.challenge")
async def challenge(request: Request, caller: TheCaller, wanted: ToSign) -> ShownView:
    """Shows what these commands would have the caller sign, with one challenge for all that can be; it is answered
    under the same bearer token."""
    orders = orders_of(caller, wanted.commands)
    seen = await run_in_threadpool(request.app.state.services.documenting.show, orders, session_of(request))
    return shown_view(orders, seen.shown, seen.looks)


@router.post("/signatures", operation_id="signature.sign")
async def sign(request: Request, caller: TheCaller, given: Signing) -> SigningsView:
    """Signs what was shown. None is signed where one cannot be, nor where a document comes twice; a race that is lost
    afterwards refuses that one."""
    services = request.app.state.services
    orders = orders_of(caller, given.commands)
    proof = await run_in_threadpool(services.tokens.proof, given.token)
    session = session_of(request)
    answers = await run_in_threadpool(services.signing.sign, orders, proof, session, None, given.continues)
    return SigningsView(
        position=max((one.position for one in answers if isinstance(one, Reply)), default=None),
        signatures=[_signed(order, answer) for order, answer in zip(orders, answers, strict=True)],
        continues=services.signing.going_on(caller.person, session),
    )


@router.get("/notes/{note_id}/signatures", operation_id="note.signatures", responses=PAST)
def signatures(
    ask: TheAsk, request: Request, note_id: Annotated[Id, Path()], as_of: AsOf = None
) -> One[SignaturesView]:
    """Checks every signature of a document and says what each covers; now, or of what was known then."""
    states = request.app.state.services.signing.commands.states

    def view(facts: Sequence[StoredFact]) -> SignaturesView | None:
        return _signatures(note_id, facts, states)

    return ask.stream(note_id, view, as_of)


@router.get("/notes/{note_id}/signatures/envelopes", operation_id="note.envelopes", responses=PAST)
def envelopes(
    ask: TheAsk, request: Request, note_id: Annotated[Id, Path()], as_of: AsOf = None
) -> One[EnvelopesView]:
    """What a stranger needs to check the signatures of a document with nothing but SHA-256 and Ed25519: the words in
    canonical form with their salts, the envelopes, signatures and public keys. It holds the document's words."""
    states = request.app.state.services.signing.commands.states

    def view(facts: Sequence[StoredFact]) -> EnvelopesView | None:
        return _envelopes(note_id, facts, states)

    return ask.stream(note_id, view, as_of)


def orders_of(caller: Caller, acts: Sequence[Any]) -> list[Order]:
    """The commands as orders of the caller, each under a key of its own: what makes one unique is its challenge."""
    return [
        Order(
            command=act.data, by=caller.person, role=caller.role, programs=caller.programs,
            key=f"{caller.person}:{uuid4()}", digest=digest_of(act.command, {"note_id": act.data.note_id}),
            request=caller.request,
        )
        for act in acts
    ]


def shown_view(orders: Sequence[Order], shown: Shown, looks: Mapping[NoteId, Look] | None = None) -> ShownView:
    """What is shown, beside its commands, with what there is to see."""
    return ShownView(
        challenge=shown.challenge, expires_at=shown.expires_at,
        signatures=[
            SigningView(
                note_id=order.command.note_id, command=COMMAND_NAME[type(order.command)],
                to_be_signed=one if isinstance(one, ToBeSigned) else None,
                refused=refused(one) if isinstance(one, Exception) else None,
                look=_look((looks or {}).get(order.command.note_id)),
            )
            for order, one in zip(orders, shown.signings, strict=True)
        ],
    )


def _look(look: Look | None) -> LookView | None:
    return None if look is None else LookView(
        unready=list(look.unready), exposures=list(look.exposures), likenesses=list(look.likenesses)
    )


def refused(error: Exception) -> Refused:
    """A refusal among others that went well; an error of the store itself is raised."""
    rule = getattr(error, "rule", None) or {"NotPermitted": "not-permitted", "VersionChanged": "version-changed"}.get(
        type(error).__name__
    )
    if rule is None:
        raise error
    return Refused(type=BASE + rule, detail=str(error) or " ".join((type(error).__doc__ or "").split()))


def _signed(order: Order, answer: Reply | Exception) -> SignedView:
    done = answer if isinstance(answer, Reply) else None
    return SignedView(
        note_id=order.command.note_id, command=COMMAND_NAME[type(order.command)],
        version=done.version if done else None,
        facts=list(done.facts) if done else [], refused=refused(answer) if isinstance(answer, Exception) else None,
    )


def _signatures(note_id: str, stored: Sequence[StoredFact], states: Any) -> SignaturesView | None:
    if not stored or not stored[0].topic.startswith("note."):
        return None
    facts = [salvaged(one.topic, one.state, one.sealed) for one in stored]
    if isinstance(facts[0], Damaged):
        raise RecordDamaged
    names = {id(fact): one.topic.partition("@")[0] for fact, one in zip(facts, stored, strict=True)}
    clinicians = signers(facts, states)
    found = checked(note_id, facts, clinicians.__getitem__)
    return SignaturesView(
        note_id=note_id, version=stored[-1].version, program_id=facts[0].program_id, patient_id=facts[0].patient_id,
        signatures=[_view(names[id(one.fact)], one) for one in found],
    )


def _envelopes(note_id: str, stored: Sequence[StoredFact], states: Any) -> EnvelopesView | None:
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


def signers(facts: Sequence[Any], states: Any) -> Mapping[str, Any]:
    """The clinicians whose signatures are among a document's facts, by their ids."""
    people = {getattr(fact, name) for fact in facts for name in ("signer_id", "declared_by") if hasattr(fact, name)}
    found: Mapping[str, Any] = states("clinician", sorted(people))
    return found


def _unreadable(name: str, one: Checked) -> SignatureView:
    return SignatureView(
        fact=name, standing=one.standing, broken=list(one.broken), wording=one.wording, covers_current=False,
        lapsed_signer=False, methods=[], unready=[],
        **dict.fromkeys(
            ("signer_id", "printed_name", "credential", "license", "meaning", "signed_at", "key_id", "signed_digest",
             "active_at_signing", "incomplete_cause", "facilitator")
        ),
    )  # fmt: skip


def _view(name: str, one: Checked) -> SignatureView:
    if isinstance(one.fact, Damaged):
        return _unreadable(name, one)
    said, mark = one.envelope and one.envelope.to_be_signed, one.fact.mark
    at = one.envelope.signed_at if one.envelope else told_at(one.fact)
    return SignatureView(
        fact=name, standing=one.standing, broken=list(one.broken), signer_id=signer_of(one.fact),
        printed_name=said.signer_name if said else None,
        credential=said.credential if said else getattr(one.fact, "credential", None),
        license=said.license if said else None, meaning=said.meaning if said else None, signed_at=at,
        methods=list(one.envelope.auth.methods) if one.envelope else [], key_id=mark.key_id if mark else None,
        signed_digest=mark.signed_digest if mark else None, wording=one.wording, covers_current=one.covers_current,
        active_at_signing=one.fact.active_at_signing, lapsed_signer=one.lapsed,
        unready=list(getattr(one.fact, "unready", ())),
        incomplete_cause=getattr(one.fact, "incomplete_cause", None),
        facilitator=getattr(one.fact, "facilitator", None),
    )

