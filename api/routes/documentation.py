"""A whole group documented in one call; what it lays out is signed in a second one (see `signatures`)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from aggregates.note.commands import DraftNote
from aggregates.note.facts import NoteContent, Section
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.templates import Unready
from aggregates.values import Code, Id, Instant
from api.access import may_order
from api.commands.order import NotPermitted, Order, Reply, digest_of
from api.documenting.group import Documented, Part, Stored
from api.identity import TheCaller, session_of
from api.problems import declared
from api.routes.commands import CommandHeaders
from api.routes.signatures import DUE, Refused, ShownView, refused, shown_view
from api.strict import StrictRoute

router = APIRouter(
    prefix="/v1", tags=["documentation"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
LARGEST_GROUP = 60


class NarrativeBody(BaseModel):
    """What all share: the topic and what each facilitator did. Head-count, start and stop are the session's own."""

    model_config = ConfigDict(extra="forbid")
    note_id: Id | None = Field(None, description="Left out, it follows from the session.")
    sections: list[Section]
    identity_override: Code | None = Field(None, description="Why a member has to stand in it by name.")


class PartBody(BaseModel):
    """One patient's own part."""

    model_config = ConfigDict(extra="forbid")
    patient_id: Id
    note_id: Id | None = Field(None, description="Left out, it follows from the session and the patient.")
    sections: list[Section]
    goals: list[Code] = Field(default_factory=list, description="Goals of the plan of care that it names.")
    identity_override: Code | None = Field(None, description="Why another member has to stand in it by name.")


class DocumentationBody(BaseModel):
    """A group's documentation."""

    model_config = ConfigDict(extra="forbid")
    narrative: NarrativeBody | None = Field(None, description="Left out: as it stands, or it was shared before.")
    parts: Annotated[list[PartBody], Field(max_length=LARGEST_GROUP)] = Field(default_factory=list)
    late_reason: Code | None = Field(None, description="Goes into the signatures, where they are late.")
    override_cause: Code | None = Field(None, description="Why it is signed without a credential of that day.")


class StoredView(BaseModel):
    """One document: stored whole, as it was already, or refused whole; and what to see before signing."""

    note_id: Id
    patient_id: Id | None = Field(description="Null for the narrative.")
    outcome: Literal["stored", "unchanged", "refused"]
    version: int | None
    refused: Refused | None
    unready: list[Unready] = Field(description="Sections that keep it from being signed, and why.")
    exposures: list[Exposure] = Field(description="Where another member may stand in it.")
    likenesses: list[Likeness] = Field(description="Which documents it reads like, of this group or earlier.")
    due_at: Instant | None = Field(description=DUE)
    late: bool = Field(description="Whether that is over by now, so that a signature will be late.")


class SkippedView(BaseModel):
    """A document that is not laid out to be signed."""

    note_id: Id
    patient_id: Id | None
    cause: Literal["not_stored", "not_ready", "narrative_not_signed"] = Field(
        description="Why; narrative_not_signed: it rests on a narrative that is neither signed nor laid out with it."
    )
    sections: list[Code] = Field(description="What is missing, empty or unchanged of one that is not ready.")


class DocumentedView(BaseModel):
    """What became of all in the order given, and what is laid out to be signed."""

    position: int | None
    documents: list[StoredView]
    skipped: list[SkippedView] = Field(description="By name, what *sign all* leaves out.")
    signing: ShownView


@router.post("/sessions/{session_id}/documentation", operation_id="session.document")
async def document(
    request: Request, caller: TheCaller, session_id: Annotated[Id, Path()], body: DocumentationBody,
    headers: Annotated[CommandHeaders, Header()],
) -> DocumentedView:
    """Stores a group's narrative and individual parts, each whole or not at all, and shows what is to be signed."""
    if not may_order(caller.role, DraftNote):
        raise NotPermitted
    parts = [
        Part(
            NoteContent(sections=tuple(one.sections)), one.patient_id, one.note_id, tuple(one.goals),
            one.identity_override, body.late_reason, body.override_cause,
        )
        for one in body.parts
    ]  # fmt: skip
    shared = body.narrative and Part(
        NoteContent(sections=tuple(body.narrative.sections)), None, body.narrative.note_id, (),
        body.narrative.identity_override, body.late_reason, body.override_cause,
    )
    by = Order(
        command=None, by=caller.person, role=caller.role, programs=caller.programs,
        key=f"{caller.person}:{headers.idempotency_key or uuid4()}",
        digest=digest_of("session.document", {"session": session_id, "body": body.model_dump(mode="json")}),
        request=caller.request, kept=headers.idempotency_key is not None,
    )
    services = request.app.state.services

    def documented() -> DocumentedView:
        view = _view(services.documenting.document(by, session_id, shared, parts, session_of(request)))
        services.told(caller, "session.document", view)
        return view

    return await run_in_threadpool(documented)


def _view(documented: Documented) -> DocumentedView:
    replies = [one.answer for one in documented.stored if isinstance(one.answer, Reply)]
    laid_out = {order.command.note_id for order in documented.orders}
    return DocumentedView(
        position=max((one.position for one in replies), default=None),
        documents=[_stored(one) for one in documented.stored],
        skipped=[
            SkippedView(
                note_id=one.note_id, patient_id=one.part.patient_id,
                cause="not_stored" if one.look is None else "not_ready" if one.look.unready else "narrative_not_signed",
                sections=[section.section for section in one.look.unready] if one.look else [],
            )
            for one in documented.stored if one.note_id not in laid_out
        ],
        signing=shown_view(documented.orders, documented.shown),
    )


def _stored(one: Stored) -> StoredView:
    reply = one.answer if isinstance(one.answer, Reply) else None
    look = one.look
    return StoredView(
        note_id=one.note_id, patient_id=one.part.patient_id,
        outcome="refused" if reply is None else "stored" if reply.facts else "unchanged",
        version=reply.version if reply else None,
        refused=refused(one.answer) if isinstance(one.answer, Exception) else None,
        unready=list(look.unready) if look else [], exposures=list(look.exposures) if look else [],
        likenesses=list(look.likenesses) if look else [], due_at=look.due_at if look else None,
        late=look is not None and look.late,
    )
