"""Packets of a dispute: made, put on record and given out; and given out again, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from aggregates.codec import decode
from aggregates.dispute.commands import IssuePacket
from aggregates.dispute.facts import Edition, PacketIssued
from aggregates.dispute.matter import must_be_asked_for
from aggregates.dispute.state import Dispute
from aggregates.kit import COMMAND_NAME
from aggregates.values import ClaimId, Code, Digest, Id, Instant, Label, Text
from api.access import may_order
from api.asking import Ask, Page, TheAsk
from api.commands.order import NotPermitted, NotRecorded, Order, Reply, digest_of
from api.gate import NotFound
from api.identity import Caller, TheCaller
from api.packets import Packets, Recipient, release
from api.problems import declared
from api.releasing import must_still_be_released
from api.routes.commands import CommandHeaders
from api.strict import StrictRoute
from projections.chart.inputs import story_of
from projections.packet.items import Item
from projections.packet.reading import NotTheirClaim

router = APIRouter(
    prefix="/v1", tags=["dispute"], route_class=StrictRoute, responses=declared(400, 401, 403, 404, 409, 413, 422, 503)
)
ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
TheDispute = Annotated[Id, Path(alias="dispute_id")]
PURPOSE = "payment"


class PacketBody(BaseModel):
    """What the packet is to hold, and as of when. Whoever asks for a payer's edition approves it."""

    model_config = ConfigDict(extra="forbid")
    edition: Edition = Field(description="internal: everything; payer: what was asked for, and nothing else.")
    claims: list[ClaimId] | None = Field(None, max_length=200, description="Of the dispute's claims; left out, all.")
    as_of: Annotated[int, Field(ge=1)] | Instant | None = Field(
        None, description="A position or a time; left out, when the claims were decided last."
    )
    items: list[Item] | None = Field(
        None, max_length=40, description="Left out: internal, all; payer, what the requests ask for."
    )
    recipient: Label | None = Field(None, description="Who gets a payer's edition; a disclosure is recorded of it.")
    affiliation: Label | None = Field(None, description="Of which organization.")
    address: Text | None = None
    consent_id: Id | None = Field(
        None, description="The consent under which it is disclosed; a substance-use record needs one."
    )
    beyond_cause: Code | None = Field(
        None, description="Why a payer's edition has more than the letters about its claims ask for."
    )

    @model_validator(mode="after")
    def must_go_to_somebody(self) -> PacketBody:
        """A payer's edition names its recipient; what stays in the house has none, nor a consent to it."""
        if (self.edition == "payer") != (self.recipient is not None):
            raise ValueError("A payer's edition names its recipient, and only that one does.")
        if self.edition == "internal" and (self.consent_id or self.beyond_cause):
            raise ValueError("What stays in the house is disclosed to nobody: leave consent_id and beyond_cause out.")
        return self


class PacketView(BaseModel):
    """A packet as it stands on record."""

    packet_id: Id
    patient_id: Id
    edition: Edition
    claims: list[ClaimId]
    as_of: int
    known_to: int = Field(description="The position that counted as today.")
    checkpoint_size: int | None = Field(description="Facts in the tree that its proofs lead to.")
    checkpoint_root: Digest | None
    sha256: Digest
    bytes: int
    pages: int
    items: list[str]
    left_out: list[str] = Field(
        description="What was asked for and the record does not have, and what no payer is shown (outcome_answers: the"
        " answers to the questions of outcome measures): told to the sender only."
    )
    beyond_cause: Code | None = Field(description="Why it has more than the payer's letters ask for, if it has.")
    approved_by: Id | None


@dataclass(frozen=True, slots=True)
class Matter:
    """A dispute that somebody asks about."""

    state: Dispute
    program_id: str | None
    patient_id: str | None


@router.post("/disputes/{dispute_id}/packets", operation_id="dispute.make_packet", status_code=201)
async def make(
    request: Request, response: Response, caller: TheCaller, dispute_id: TheDispute, body: PacketBody,
    headers: Annotated[CommandHeaders, Header()],
) -> PacketView:  # fmt: skip
    """Makes a packet of everything that is sealed by now and puts it on record; fetch it by its id."""
    ask = Ask(caller, request.app.state.services.gate, response, "dispute.packet")
    return await run_in_threadpool(_make, request, ask, caller, dispute_id, body, headers)


@router.get("/disputes/{dispute_id}/packets", operation_id="dispute.packets")
def packets(ask: TheAsk, dispute_id: TheDispute) -> Page[PacketView]:
    """The packets of a dispute, as they are on record."""
    found = ask.stream(dispute_id, _matter, None, PURPOSE)
    items = [_view(one) for one in found.item.state.packets]
    return Page(position=found.position, now=found.now, items=items, next=None)


@router.get(
    "/disputes/{dispute_id}/packets/{packet_id}", operation_id="dispute.packet", responses=ARCHIVE,
    response_class=Response,
)
def packet(request: Request, ask: TheAsk, dispute_id: TheDispute, packet_id: Annotated[Id, Path()]) -> Response:
    """The packet's archive, made anew and the same bytes; on record as a read before any of them leaves. A payer's is
    refused once what allowed it has ended."""
    state = ask.stream(dispute_id, _matter, None, PURPOSE).item.state
    issued = next((one for one in state.packets if one.packet_id == packet_id), None)
    if issued is None:
        raise NotFound
    service = _packets(request)
    if state.first is not None:
        must_still_be_released(ask, service.log, issued, state.first.program_id, state.first.payer_id)
    archive = service.again(issued)
    headers = {
        "Content-Disposition": f'attachment; filename="packet-{packet_id}.zip"', "X-Content-Type-Options": "nosniff",
        "ETag": f'"{issued.sha256}"',
    }  # fmt: skip
    return Response(archive, media_type="application/zip", headers=headers)


def _make(
    request: Request, ask: Ask, caller: Caller, dispute_id: Id, body: PacketBody, headers: CommandHeaders
) -> PacketView:
    if not may_order(caller.role, IssuePacket):
        raise NotPermitted
    state = ask.stream(dispute_id, _matter, None, PURPOSE).item.state
    service, claims = _packets(request), body.claims or list(state.claims)
    for claim in claims:
        if claim not in state.claims:  # before anything of it is read: whose it is, is not told
            raise NotTheirClaim(claim)
    as_of = None if body.as_of is None else ask.gate.moment(body.as_of)[0]
    items = _items(body, state)
    if body.edition == "payer":
        must_be_asked_for(state, claims, items or (), body.beyond_cause)
    wanted = service.wanted(claims, body.edition, items, as_of, consent_id=body.consent_id)
    made = service.made(wanted)
    payer = state.first.payer_id if state.first else None
    to = None if body.recipient is None else Recipient(body.recipient, body.affiliation, body.address, payer)
    commands = release(dispute_id, wanted, made, caller.person, service.today(claims), to, body.beyond_cause)
    said = {"dispute": dispute_id, "body": body.model_dump(mode="json")}
    orders = [_order(caller, command, headers.idempotency_key, said) for command in commands]
    answers = request.app.state.services.documenting.commands.handle_all(orders, whole=True)
    for answer in sorted(answers, key=lambda one: isinstance(one, NotRecorded)):
        if not isinstance(answer, Reply):
            raise answer
    (fact,) = service.log.at([answers[0].position])  # under a key that was seen before, the first one's
    return _view(decode(fact.topic, fact.state))


def _order(caller: Caller, command: Any, key: str | None, said: dict[str, Any]) -> Order:
    """An order of the caller's; `said` is what was asked for, by which a key is known again."""
    name = COMMAND_NAME[type(command)]
    return Order(
        command=command, by=caller.person, role=caller.role, programs=caller.programs,
        key=f"{caller.person}:{key or uuid4()}:{name}", digest=digest_of(name, said),
        request=caller.request, kept=key is not None,
    )


def _items(body: PacketBody, state: Dispute) -> list[Item] | None:
    if body.items is not None or body.edition == "internal":
        return body.items
    return list(dict.fromkeys(item for one in state.requests for item in one.items))


def _matter(facts: Any) -> Matter | None:
    state = story_of(facts[0].stream, facts).state if facts else None
    return Matter(state, state.program_id, state.patient_id) if isinstance(state, Dispute) else None


def _packets(request: Request) -> Packets:
    found: Packets | None = request.app.state.services.packets
    if found is None:
        raise HTTPException(404)
    return found


def _view(one: PacketIssued) -> PacketView:
    return PacketView(
        packet_id=one.packet_id, patient_id=one.patient_id, edition=one.edition, claims=list(one.claims),
        as_of=one.as_of, known_to=one.known_to, checkpoint_size=one.checkpoint_size,
        checkpoint_root=one.checkpoint_root, sha256=one.sha256, bytes=one.bytes, pages=one.pages,
        items=list(one.items), left_out=list(one.left_out), approved_by=one.approved_by,
        beyond_cause=one.beyond_cause,
    )  # fmt: skip

