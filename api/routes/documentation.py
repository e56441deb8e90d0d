"""A whole group documented in one call; what it lays out is signed in a second one (see `signatures`)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from aggregates.note.commands import DraftNote
from aggregates.note.facts import DocumentKind, NoteContent, Section
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.templates import TemplateSection, Unready, template, templates
from aggregates.values import Code, Id, Instant
from api import turned_away
from api.access import may_order
from api.asking import Page, asking
from api.commands.order import Answer, NotPermitted, Order, Reply, digest_of
from api.documenting.group import Documented, Stored
from api.documenting.storing import Part, WordsNotKept
from api.identity import TheCaller, session_of
from api.problems import declared, fault
from api.routes.commands import CommandHeaders
from api.routes.signatures import DUE, Refused, ShownView, refused, shown_view
from api.strict import StrictRoute

router = APIRouter(
    prefix="/v1", tags=["documentation"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
LARGEST_GROUP = 60


class SectionBody(BaseModel):
    """A section as the form has it; what cannot be kept of it is answered with its document, not with the call."""

    model_config = ConfigDict(extra="forbid")
    name: Code
    words: str = Field(description="Empty: the section is left out, and told as empty.")


class NarrativeBody(BaseModel):
    """What all share: the topic and what each facilitator did. Head-count, start and stop are the session's own."""

    model_config = ConfigDict(extra="forbid")
    note_id: Id | None = Field(None, description="Left out, it follows from the session.")
    sections: list[SectionBody]
    identity_override: Code | None = Field(None, description="Why a member has to stand in it by name.")


class PartBody(BaseModel):
    """One patient's own part."""

    model_config = ConfigDict(extra="forbid")
    patient_id: Id
    note_id: Id | None = Field(None, description="Left out, it follows from the session and the patient.")
    sections: list[SectionBody]
    goals: list[Code] = Field(default_factory=list, description="Goals of the plan of care that it names.")
    identity_override: Code | None = Field(None, description="Why another member has to stand in it by name.")


class DocumentationBody(BaseModel):
    """A group's documentation."""

    model_config = ConfigDict(extra="forbid")
    narrative: NarrativeBody | None = Field(None, description="Left out: as it stands, or it was shared before.")
    parts: Annotated[list[PartBody], Field(max_length=LARGEST_GROUP)] = Field(default_factory=list)
    late_reason: Code | None = Field(None, description="Goes into the signatures, where they are late.")
    override_cause: Code | None = Field(None, description="Why an associate signs without a supervisor of that day.")


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
    cause: Literal["not_stored", "not_ready", "narrative_not_signed", "cannot_be_signed"] = Field(
        description="Why; narrative_not_signed: it rests on a narrative that is neither signed nor laid out with it."
    )
    sections: list[Code] = Field(description="What is missing, empty or unchanged of one that is not ready.")
    refused: Refused | None = Field(description="The rule by which it was not stored, or cannot be signed.")


class DocumentedView(BaseModel):
    """What became of all in the order given, and what is laid out to be signed."""

    position: int | None
    documents: list[StoredView]
    skipped: list[SkippedView] = Field(description="By name, what *sign all* leaves out.")
    signing: ShownView


class TemplateView(BaseModel):
    """What a kind of document is asked to say, in one version of it."""

    kind: DocumentKind
    version: int = Field(description="A document is held to the version that it began under.")
    latest: bool = Field(description="Whether new documents begin under this one.")
    name: str
    sections: list[TemplateSection] = Field(description="In order.")
    unverified: list[str] = Field(description="The required sections that no official source confirms.")


@router.get("/note-templates", operation_id="note.templates", dependencies=[Depends(asking)])
def note_templates(request: Request) -> Page[TemplateView]:
    """The templates of every kind of document in every version, each as plain data."""
    documenting = request.app.state.services.documenting
    found = [
        TemplateView(
            kind=one.kind, version=one.version, latest=one == template(one.kind), name=one.name,
            sections=list(one.sections), unverified=list(one.unverified),
        )
        for one in templates()
    ]
    return Page(position=documenting.log.head().position, now=documenting.commands.now(), items=found, next=None)


@router.post("/sessions/{session_id}/documentation", operation_id="session.document")
async def document(
    request: Request, caller: TheCaller, session_id: Annotated[Id, Path()], body: DocumentationBody,
    headers: Annotated[CommandHeaders, Header()],
) -> DocumentedView:
    """Stores a group's narrative and individual parts, each whole or not at all, and shows what is to be signed."""
    if not may_order(caller.role, DraftNote):
        raise NotPermitted
    parts = [_part(one, body, one.patient_id, tuple(one.goals)) for one in body.parts]
    shared = _part(body.narrative, body) if body.narrative else None
    by = Order(
        command=None, by=caller.person, role=caller.role, programs=caller.programs,
        key=f"{caller.person}:{headers.idempotency_key or uuid4()}",
        digest=digest_of("session.document", {"session": session_id, "body": body.model_dump(mode="json")}),
        request=caller.request, kept=headers.idempotency_key is not None,
    )
    services = request.app.state.services

    def documented() -> DocumentedView:
        made = services.documenting.document(by, session_id, shared, parts, session_of(request))
        turned_away.recorded(services.gate, caller, "session.document", _answers(made))
        view = _view(made)
        about = zip(view.documents, made.stored, strict=True)
        seen = [view.signing, *(document for document, stored in about if stored.expected)]
        services.told(caller, "session.document", seen)
        return view

    return await run_in_threadpool(documented)


def _part(
    one: NarrativeBody | PartBody, body: DocumentationBody, patient_id: Id | None = None, goals: tuple[Code, ...] = ()
) -> Part:
    kept, wrong = [], None
    for each in one.sections:
        try:
            kept += [Section(name=each.name, words=each.words)] if each.words.strip() else []
        except ValidationError as error:
            wrong = wrong or WordsNotKept(section=each.name, why=fault(error.errors()[0]).rstrip("."))
    return Part(
        NoteContent(sections=tuple(kept)), patient_id, one.note_id, goals, one.identity_override, body.late_reason,
        body.override_cause, tuple(each.name for each in one.sections if not each.words.strip()), wrong,
    )


def _answers(documented: Documented) -> list[object]:
    """What became of every order that the call stands for."""
    return [
        *(one.answer for one in documented.stored), *documented.kept_back.values(), *documented.shown.signings
    ]


def _view(documented: Documented) -> DocumentedView:
    replies = [one.answer for one in documented.stored if isinstance(one.answer, Reply)]
    laid_out = {order.command.note_id for order in documented.orders}
    return DocumentedView(
        position=max((one.position for one in replies), default=None),
        documents=[_stored(one) for one in documented.stored],
        skipped=[
            SkippedView(
                note_id=one.note_id, patient_id=one.part.patient_id,
                cause=_cause(one),
                sections=[section.section for section in one.look.unready] if one.look else [],
                refused=_why(documented.kept_back.get(one.note_id, one.answer)),
            )
            for one in documented.stored if one.note_id not in laid_out
        ],
        signing=shown_view(documented.orders, documented.shown),
    )


def _cause(one: Stored) -> Literal["not_stored", "not_ready", "narrative_not_signed", "cannot_be_signed"]:
    if one.look is None:
        return "not_stored"
    if one.look.unready:
        return "not_ready"
    return "cannot_be_signed" if one.rests else "narrative_not_signed"


def _stored(one: Stored) -> StoredView:
    reply = one.answer if isinstance(one.answer, Reply) else None
    look = one.look
    return StoredView(
        note_id=one.note_id, patient_id=one.part.patient_id,
        outcome="refused" if reply is None else "stored" if reply.facts else "unchanged",
        version=reply.version if reply else None,
        refused=_why(one.answer),
        unready=list(look.unready) if look else [], exposures=list(look.exposures) if look else [],
        likenesses=list(look.likenesses) if look else [], due_at=look.due_at if look else None,
        late=look is not None and look.late,
    )


def _why(answer: Answer) -> Refused | None:
    return refused(answer) if isinstance(answer, Exception) else None
