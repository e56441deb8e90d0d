"""Every command as a route, made from its class: `session.check_in` is `POST /v1/sessions/{session_id}/check-in`.

A command that begins a stream is `POST /v1/sessions`; its id may be left out, and then a random one is made.
The body holds the command's other fields, and of the envelope: when it was true (`occurred_at`, now if left out),
a reason code, and on whose behalf.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from functools import cache
from typing import Annotated, Any, get_type_hints
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.concurrency import run_in_threadpool

from aggregates.access.commands import AboutPerson
from aggregates.enrollment.commands import AdmitPatient, CorrectDischarge, DischargePatient, PlanDischarge
from aggregates.kit import COMMAND_NAME, Aggregate
from aggregates.registry import AGGREGATE_OF_COMMAND, AGGREGATES
from aggregates.risk.commands import AcknowledgeAlert
from aggregates.values import Code, Id, Instant
from api.access import roles_for
from api.access.alerts import must_stand
from api.access.staff import must_work_here
from api.alike import COMPARED, Alike, told
from api.attention import left_open
from api.commands.order import Order, Reply, digest_of
from api.commands.told import SHARED
from api.identity import Caller, TheCaller
from api.problems import IfMatchMissing, declared
from api.straight import StraightRoute
from iop_es.engine.failpoints import reach
from projections.caseload.views import AlertMark

COLLECTION = {
    "program": "programs", "clinician": "clinicians", "patient": "patients", "enrollment": "enrollments",
    "authorization": "authorizations", "group": "groups", "session": "sessions", "note": "notes",
    "assessment": "assessments", "payer_policy": "payer-policies", "claim": "claims", "account": "accounts",
    "risk": "risks", "dispute": "disputes", "access": "access",
    "shredding": "shreddings",
}
BEGINS = frozenset({
    "program.open", "clinician.join", "patient.register", "enrollment.refer", "authorization.request", "group.form",
    "session.schedule", "note.draft", "assessment.administer", "payer_policy.publish",
})
SIGNED = frozenset({
    "note.sign", "note.cosign", "note.sign_as_facilitator", "note.amend", "note.attest_signature", "note.rest_on",
    "note.enter_in_error",
    "clinician.create_signing_key",
})
"""Commands that make a signature, and the key for it: they come in with proof of who signs (see `signatures`)."""
MADE = frozenset({
    "claim.prepare", "account.post_self_pay_charge", "dispute.issue_packet", "shredding.carry_out",
})
"""Commands that say what this house itself has decided (see `claims`, `charges`), made (see `packets`) or destroyed
(`iop-es keys shred`)."""
BOUNDING = AdmitPatient | PlanDischarge | DischargePatient | CorrectDischarge
"""What begins or ends a stay: its answer says which alerts of safety stand open about the patient."""
GUARDED = frozenset({
    "session.reschedule", "session.close", "session.correct_attendance", "session.correct_breaks", "note.revise",
    "patient.correct_demographics", "payer_policy.revise", "group.change_series",
})
ENVELOPE: dict[str, Any] = {
    "occurred_at": (Instant | None, Field(None, description="When it was true; left out: now.")),
    "reason": (Code | None, Field(None, description="A reason code, kept in the audit trail.")),
    "on_behalf_of": (Id | None, Field(None, description="The person for whom it is done.")),
}


class Recorded(BaseModel):
    """What was recorded. Wait on `position` with `Prefer: wait=SECONDS`; `version` is also the ETag."""

    id: Id
    version: int | None = Field(
        description="Null, and no ETag, of what a patient's programs share (account, risk, access): no command there "
        "needs one."
    )
    position: int
    recorded_at: Instant
    facts: list[str] = Field(description="Names of the new facts; empty when it was already so.")
    replayed: bool = Field(description="True when the idempotency key had been seen: this is the first answer.")
    projected: bool | None = Field(None, description="Whether every read model has it; null when not waited for.")
    receipt: str | None = Field(
        None, description="With `Prefer: receipt`: the log's signed promise of these facts, before they are sealed."
    )
    alerts: list[AlertMark] | None = Field(
        None, description="Of what begins or ends a stay, or plans its end: the alerts of the patient's safety that "
        "stand open in the program. They stay on today's list until somebody judges the risk. Null: of anything else."
    )
    alike: list[Alike] | None = Field(
        None, description="Of who a patient is and what covers them: other records within reach that may be the same "
        "person's. Nothing is refused for it; look, and go on with the one record, or say that they are two people."
    )  # fmt: skip


class CommandHeaders(BaseModel):
    """What may be said beside a command."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="The same key and body again give the first answer, and no second effect."
    )
    if_match: Annotated[str, Field(pattern=r'^(W/)?"?\d{1,18}"?$')] | None = Field(
        None, description="The ETag of what you read."
    )
    prefer: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="`wait=SECONDS` (at most 10): answer when the read models have it; `receipt`: with a receipt."
    )

    def version(self) -> int | None:
        """The stream's version in If-Match."""
        return None if self.if_match is None else int(self.if_match.removeprefix("W/").strip('"'))

    def seconds(self) -> float:
        """How long the caller wants to wait for the read models; 0 for not at all."""
        found = re.search(r"(?:^|[,;\s])wait=(\d{1,3})", self.prefer or "")
        return min(float(found[1]), 10.0) if found else 0.0

    def receipt(self) -> bool:
        """Whether the caller wants the log's signed promise of the facts."""
        return re.search(r"(?:^|[,;\s])receipt(?:$|[,;\s])", self.prefer or "") is not None


@cache
def command_routers() -> list[APIRouter]:
    """One router an aggregate, with a route for each of its commands; the same for every application of a process."""
    return [_router(aggregate) for aggregate in AGGREGATES.values()]


def _router(aggregate: Aggregate) -> APIRouter:
    prefix, tag = f"/v1/{COLLECTION[aggregate.name]}", aggregate.name.replace("_", " ")
    router = APIRouter(prefix=prefix, tags=[tag], route_class=StraightRoute)
    for command in aggregate.commands:
        if COMMAND_NAME[command] not in SIGNED | MADE:
            _add(router, command)
    return router


def _add(router: APIRouter, command: type) -> None:
    name = COMMAND_NAME[command]
    stream = fields(command)[0].name
    begins, guarded = name in BEGINS, name in GUARDED
    story = (command.__doc__ or name).strip()
    router.add_api_route(
        "" if begins else f"/{{{stream}}}/{name.partition('.')[2].replace('_', '-')}",
        _begin(command, stream) if begins else _continue(command, stream, guarded),
        methods=["POST"],
        operation_id=name,
        summary=story.splitlines()[0],
        description=f"{story}\n\nRoles: {', '.join(sorted(roles_for(command)))}.",
        status_code=201 if begins else 200,
        response_model=Recorded,
        responses=declared(400, 401, 403, 404, 409, 412, 413, 422, 503, *([428] if guarded else [])),
    )


def _body(command: type, stream: str, begins: bool) -> type[BaseModel]:
    hints = get_type_hints(command, include_extras=True)
    shape: dict[str, Any] = {}
    for one in fields(command):
        if one.name != stream:
            shape[one.name] = (hints[one.name], ... if one.default is MISSING else one.default)
        elif begins:
            shape[one.name] = (hints[one.name] | None, Field(None, description="A UUID; a random one if left out."))
    # A command's own reason (why a patient is discharged) is the reason that the audit trail shows.
    if not shape.keys() & ENVELOPE.keys() <= {"reason"}:
        raise TypeError(f"{command.__name__} has a field that the envelope has too.")
    settings = ConfigDict(extra="forbid")
    return create_model(
        f"{command.__name__}Body", __config__=settings, __doc__=command.__doc__, **(ENVELOPE | shape)
    )


def _begin(command: type, stream: str) -> Any:
    async def post(request: Request, caller: TheCaller, data: Any, headers: Any) -> Response:
        given = getattr(data, stream) or str(uuid4())
        recorded = await _handle(request, caller, _command(command, data, stream, given), data, headers)
        return _answer(recorded, 201, {"Location": f"{request.url.path}/{recorded.id}"})

    post.__annotations__ |= {"data": _body(command, stream, True), "headers": Annotated[CommandHeaders, Header()]}
    return post


def _continue(command: type, stream: str, guarded: bool) -> Any:
    async def post(request: Request, caller: TheCaller, stream_id: Any, data: Any, headers: Any) -> Response:
        if guarded and headers.if_match is None:
            raise IfMatchMissing
        return _answer(await _handle(request, caller, _command(command, data, stream, stream_id), data, headers))

    post.__annotations__ |= {
        "data": _body(command, stream, False),
        "headers": Annotated[CommandHeaders, Header()],
        "stream_id": Annotated[Id, Path(alias=stream)],
    }
    return post


def _command(command: type, data: Any, stream: str, stream_id: str) -> Any:
    given = {one.name: getattr(data, one.name) for one in fields(command) if one.name != stream}
    return command(**{stream: stream_id}, **given)


async def _handle(request: Request, caller: Caller, command: Any, data: Any, headers: CommandHeaders) -> Recorded:
    services = request.app.state.services
    name, body = COMMAND_NAME[type(command)], data.model_dump(mode="json")
    order = Order(
        command=command,
        by=caller.person,
        role=caller.role,
        programs=caller.programs,
        key=f"{caller.person}:{headers.idempotency_key or uuid4()}",
        digest=digest_of(name, {"path": request.url.path, "body": body, "role": caller.role}),
        occurred_at=data.occurred_at,
        on_behalf_of=data.on_behalf_of,
        reason=data.reason,
        request=caller.request,
        expected=headers.version(),
        kept=headers.idempotency_key is not None,
    )
    reach("order_asked")
    if isinstance(command, AboutPerson):
        await run_in_threadpool(
            must_work_here, command, caller, services.gate, services.documenting.commands, services.documenting.log
        )
    if isinstance(command, AcknowledgeAlert):
        await run_in_threadpool(must_stand, command, caller, services.gate)
    reply = await services.handle(order)
    reach("order_answered")
    seconds = headers.seconds()
    projected = await services.waited(reply.position, seconds) if seconds else None
    recorded = _recorded(reply, projected, shared=AGGREGATE_OF_COMMAND[type(command)].name in SHARED)
    if isinstance(command, BOUNDING):
        recorded.alerts = await run_in_threadpool(left_open, command, caller, services, reply)
    if isinstance(command, COMPARED):
        recorded.alike = await run_in_threadpool(told, services, caller, name, reply.stream)
    if headers.receipt() and services.proving is not None and reply.facts:
        first = reply.position - len(reply.facts) + 1
        recorded.receipt = await run_in_threadpool(
            services.proving.receipt, first, reply.position, reply.recorded_at
        )
    return recorded


def _answer(recorded: Recorded, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    told = {**({} if recorded.version is None else {"ETag": f'"{recorded.version}"'}), **(headers or {})}
    return Response(recorded.model_dump_json(), status, told, "application/json")


def _recorded(reply: Reply, projected: bool | None, *, shared: bool) -> Recorded:
    return Recorded(
        id=reply.stream, version=None if shared else reply.version, position=reply.position,
        recorded_at=reply.recorded_at, facts=list(reply.facts), replayed=reply.replayed, projected=projected,
        receipt=None, alerts=None, alike=None,
    )
