"""Signing: what is to be signed is shown with a challenge, and signed with a token that answers it.

Everything that makes a signature comes in here, many at once: signing, as a facilitator beside the author, cosigning,
amending, attesting, moving a part to another narrative, striking out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from aggregates.kit import COMMAND_NAME, Unknown
from aggregates.note import commands as ask
from aggregates.note.envelope import ToBeSigned
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.templates import Unready
from aggregates.values import Id, Instant, NoteId
from api import turned_away
from api.commands.order import Order, OutOfReach, Reply, digest_of
from api.documenting.looking import Look
from api.identity import Caller, TheCaller, session_of
from api.problems import BASE, declared, sentence
from api.signing.desk import Shown
from api.strict import StrictRoute

router = APIRouter(
    prefix="/v1", tags=["signatures"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
MOST = 100
DUE = (
    "The last moment at which the author's signature is in time by the patient's payer, of a narrative the earliest of "
    "those who were there; null: no payer sets one, or none is known."
)


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


class FacilitatorAct(Act):
    """A document that its author signed, to be signed by somebody else who led its session."""

    command: Literal["note.sign_as_facilitator"]
    data: ask.SignAsFacilitator


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
    SignAct | CosignAct | FacilitatorAct | AmendAct | AttestAct | RestAct | StrikeAct, Field(discriminator="command")
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
        " seconds old, `amr` with methods of two kinds for the first signing of a working session and one after.",
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
    due_at: Instant | None = Field(description=DUE)
    late: bool = Field(description="Whether that is over by now. Signing late is never refused.")


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


@router.post("/signatures/challenge", operation_id="signature.challenge")
async def challenge(request: Request, caller: TheCaller, wanted: ToSign) -> ShownView:
    """Shows what these commands would have the caller sign, with one challenge for all that can be; it is answered
    under the same bearer token."""
    services, orders = request.app.state.services, orders_of(caller, wanted.commands)

    def shown() -> ShownView:
        seen = services.documenting.show(orders, session_of(request))
        turned_away.recorded(services.gate, caller, "signature.challenge", seen.shown.signings)
        services.told(caller, "signature.challenge", seen)
        return shown_view(orders, seen.shown, seen.looks)

    return await run_in_threadpool(shown)


@router.post("/signatures", operation_id="signature.sign")
async def sign(request: Request, caller: TheCaller, given: Signing) -> SigningsView:
    """Signs what was shown. Nothing is signed where one cannot be, nor where a document comes twice; a race that is
    lost afterwards refuses that one."""
    services, orders, session = request.app.state.services, orders_of(caller, given.commands), session_of(request)

    def signed() -> SigningsView:
        answers = services.signing.sign(orders, services.tokens.proof(given.token), session, None, given.continues)
        turned_away.recorded(services.gate, caller, "signature.sign", answers)
        return SigningsView(
            position=max((one.position for one in answers if isinstance(one, Reply)), default=None),
            signatures=[_signed(order, answer) for order, answer in zip(orders, answers, strict=True)],
            continues=services.signing.going_on(caller.person, session),
        )

    return await run_in_threadpool(signed)


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
        unready=list(look.unready), exposures=list(look.exposures), likenesses=list(look.likenesses),
        due_at=look.due_at, late=look.late,
    )


def refused(error: Exception) -> Refused:
    """A refusal among others that went well; an error of the store itself is raised. What is out of reach is told like
    what does not exist."""
    if isinstance(error, OutOfReach | Unknown):
        return Refused(type=BASE + "not-found", detail=sentence(error))
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
