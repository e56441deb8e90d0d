"""What one stream says of itself, from the log: its version, for If-Match, and a document with its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from aggregates.codec import Damaged, decode, salvaged
from aggregates.note import facts as note
from aggregates.note import state as phase
from aggregates.note.figures import SessionFigures, figures_of
from aggregates.registry import AGGREGATES
from aggregates.session.state import Known
from aggregates.values import Code, Date, Digest, Id, Instant
from api.access import may_see_version
from api.asking import PAST, AsOf, One, TheAsk
from api.commands.told import version_told
from api.documenting.notices import narrative_amendments
from api.documenting.payers import States, as_known, asked_of_one
from api.gate import RecordDamaged
from api.identity import Caller
from api.problems import declared
from iop_es.engine.log import Log, StoredFact
from projections.caseload.views import AmendmentNotice

router = APIRouter(prefix="/v1", tags=["record"], responses=declared(401, 403, 404, 422, 503))
WORDED = frozenset({
    "note.drafted", "note.revised", "note.returned", "note.amended", "note.patient_refused", "note.entered_in_error",
})
Phase = Literal["draft", "signed", "awaiting_cosignature", "cosigned", "entered_in_error"]


class StreamView(BaseModel):
    """One thing and how often something was recorded of it."""

    id: Id
    aggregate: str = Field(description="What kind of thing it is.")
    version: int = Field(
        description="The number of its facts, of what a patient's programs share those of yours; also the ETag, for "
        "If-Match."
    )
    program_id: Id | None = Field(description="Its program; null for what belongs to the organization.")
    patient_id: Id | None = Field(description="The one patient it is about.")


class SectionView(BaseModel):
    """A named part of a document as it was written, also where it could not be written so today."""

    name: Code
    words: str


class WordingView(BaseModel):
    """Something that was written in a document, and when."""

    version: int = Field(description="The version of the document that this made.")
    kind: str = Field(description="drafted, revised, returned, amended, patient_refused or entered_in_error.")
    by: Id = Field(description="Who wrote it.")
    recorded_at: Instant
    amendment: Literal["addendum", "correction", "late_entry"] | None = Field(description="What sort of amendment.")
    section: Code | None = Field(description="The section that a correction corrects.")
    cause: Code | None = Field(description="Why it was returned, amended or struck through.")
    goals: list[Code] | None = Field(
        description="The goals of the plan of care that it names, or by a correction is to name; null where it says "
        "nothing of them."
    )
    content_digest: Digest | None = Field(description="The commitment to it: what is signed.")
    sections: list[SectionView] = Field(description="The words, section by section.")
    readable: bool = Field(description="Whether the words can still be read.")


class AnswerView(BaseModel):
    """What the patient, or a guardian, answered to the wording that stands now."""

    answer: Literal["signed", "refused"]
    by: note.SignedBy
    guardian_id: Id | None
    how: str | None = Field(description="on_paper or on_screen; null for a refusal.")
    cause: Code | None = Field(description="Why it was refused.")
    answered_on: Date
    witnessed_by: Id


class SessionCorrection(BaseModel):
    """That the session's figures were corrected after a document which shows them was signed."""

    signed: SessionFigures
    now: SessionFigures


class NoteView(BaseModel):
    """One document: what it is about, how far it came, and every wording it ever had."""

    note_id: Id
    version: int = Field(description="For If-Match; also the ETag.")
    state: Phase
    kind: str
    program_id: Id
    author_id: Id = Field(description="Whose signature it needs.")
    patient_id: Id | None = Field(description="Whom it is about; null for the narrative that a group shares.")
    enrollment_id: Id | None
    session_id: Id | None
    attendance_id: Id | None
    narrative_id: Id | None = Field(description="The group's narrative that it rests on.")
    service_date: Date
    template_version: int = Field(description="The version of its kind's template that it was written under.")
    goals: list[Code] = Field(description="The goals of the plan of care that it names: as corrected, where they were.")
    content_digest: Digest = Field(description="What a signature now would have to name.")
    signed_by: Id | None
    signed_at: Instant | None
    due_at: Instant | None = Field(
        description="The last moment at which a signature is in time by the patient's payer, of a narrative the "
        "earliest of those who were there, as it was known then; null: no payer sets one, or none is known."
    )
    late: bool = Field(description="Whether the author signed after that moment. Signing late is never refused.")
    late_reason: Code | None = Field(description="Why, as the signer said.")
    late_entry: bool = Field(
        description="Whether it was begun after that moment: the first record of a service long past."
    )
    supervisor_id: Id | None = Field(description="Whose cosignature it waits for or has.")
    cosigned_at: Instant | None
    facilitators: list[Id] = Field(description="Who signed these words beside the author, having led the session too.")
    absent: bool = Field(
        description="Whether this is a part of a group for a patient who by now is known not to have been there."
    )
    session_correction: SessionCorrection | None = Field(
        description="What the document shows of its session, where that says otherwise by now than when its author "
        "signed last; null: it says the same, or what was signed is not recorded."
    )
    answers: list[AnswerView] = Field(description="The patient's, in order of time; the last one stands.")
    narrative_amendments: list[AmendmentNotice] = Field(
        description="How the narrative that a part rests on was amended, or written anew, after the part was signed, "
        "in order; its words are in the narrative."
    )
    wordings: list[WordingView] = Field(description="In order of time; nothing that was written is ever left out.")


@router.get("/streams/{stream_id}", operation_id="stream.version", responses=PAST)
def stream(ask: TheAsk, request: Request, stream_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[StreamView]:
    """Which version a thing is at, for commands that want If-Match; or was at then. Of documents, measures, risk,
    broken glasses and shredding it is told to roles alone that may order something there, or read the trail; of a
    patient's account, risk and access it counts what your programs have there, and is not found where they have
    nothing."""
    log = request.app.state.services.documenting.log
    return ask.stream(stream_id, lambda facts: _stream(facts, ask.caller, log), as_of)


@router.get("/notes/{note_id}", operation_id="note.read", responses=PAST)
def document(ask: TheAsk, request: Request, note_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[NoteView]:
    """One document with its words, as its author or supervisor must read it before signing; now or as known then."""
    log = request.app.state.services.documenting.log
    upto = ask.upto(as_of)
    states = as_known(log, upto)
    return ask.stream(note_id, lambda facts: _note(facts, log, states, upto), as_of)


def _stream(facts: Sequence[StoredFact], caller: Caller, log: Log) -> StreamView | None:
    if not facts or not may_see_version(caller.role, facts[0].topic.partition(".")[0]):
        return None
    version = version_told(log, facts, caller.programs)
    if not version:
        return None
    first, kind = facts[0], facts[0].topic.partition(".")[0]
    state = folded(kind, facts)
    program = first.stream if kind == "program" else getattr(state, "program_id", None)
    patient = first.stream if kind == "patient" else getattr(state, "patient_id", None)
    if program is None and patient is None:  # a patient's risk, access and shredding say whose they are by their facts
        patient = min((one for fact in facts for one in fact.patients), default=None)
    if kind == "account" and patient is None:
        program = next(iter(state.programs), None)
    if kind == "access" and patient is None:
        return None  # whose access was revoked, and how often, is for who reads the trail
    return StreamView(id=first.stream, aggregate=kind, version=version, program_id=program, patient_id=patient)


def _note(facts: Sequence[StoredFact], log: Log, states: States, upto: int | None) -> NoteView | None:
    if not facts or not facts[0].topic.startswith("note."):
        return None
    state = folded("note", facts)
    if not isinstance(state, phase.Document):
        raise RecordDamaged
    signed = state if isinstance(state, phase.Signed) else None
    drafted: note.NoteDrafted = state.drafted
    asked = asked_of_one(states, log, drafted)
    signed_at = signed.signed_at if signed else None
    return NoteView(
        note_id=facts[0].stream, version=facts[-1].version, state=_phase(state), kind=drafted.kind,
        program_id=drafted.program_id, author_id=drafted.author_id, patient_id=drafted.patient_id,
        enrollment_id=drafted.enrollment_id, session_id=drafted.session_id, attendance_id=drafted.attendance_id,
        narrative_id=drafted.narrative_id, service_date=drafted.service_date,
        template_version=drafted.template_version, goals=list(state.goals),
        content_digest=state.content_digest, signed_by=signed.signer_id if signed else None,
        signed_at=signed_at, due_at=asked.due_at, late=asked.late_at(signed_at),
        late_reason=signed.late_reason if signed else None,
        late_entry=asked.late_at(facts[0].recorded_at),
        supervisor_id=signed.supervisor_id if signed else None,
        cosigned_at=state.cosigned_at if isinstance(state, phase.Cosigned) else None,
        facilitators=list(signed.facilitators) if signed else [],
        absent=_absent(drafted, states), session_correction=_correction(signed, states),
        answers=[_answer(one) for one in state.answers],
        narrative_amendments=narrative_amendments(log, drafted, facts, upto),
        wordings=[wording for fact in facts if (wording := _wording(fact))],
    )


def _correction(signed: phase.Signed | None, states: States) -> SessionCorrection | None:
    if signed is None or signed.figures is None or signed.session_id is None:
        return None
    now = figures_of(signed.drafted, states("session", [signed.session_id])[signed.session_id])
    return None if now in (None, signed.figures) else SessionCorrection(signed=signed.figures, now=now)


def _absent(drafted: note.NoteDrafted, states: States) -> bool:
    if drafted.kind != "group" or drafted.session_id is None:
        return False
    session = states("session", [drafted.session_id])[drafted.session_id]
    return isinstance(session, Known) and session.was_absent(drafted.attendance_id)


def _answer(fact: note.PatientAnswer) -> AnswerView:
    told: dict[str, Any] = {"guardian_id": fact.guardian_id, "witnessed_by": fact.witnessed_by}
    if isinstance(fact, note.PatientSigned):
        return AnswerView(
            answer="signed", by=fact.signed_by, how=fact.how, cause=None, answered_on=fact.signed_on, **told
        )
    return AnswerView(
        answer="refused", by=fact.refused_by, how=None, cause=fact.cause, answered_on=fact.refused_on, **told
    )


def _phase(state: Any) -> Phase:
    match state:
        case phase.Struck():
            return "entered_in_error"
        case phase.Cosigned():
            return "cosigned"
        case phase.Signed():
            return "awaiting_cosignature" if state.needs_cosignature else "signed"
    return "draft"


def _wording(stored: StoredFact) -> WordingView | None:
    if stored.sealed is None or stored.topic.partition("@")[0] not in WORDED:
        return None
    fact = salvaged(stored.topic, stored.state, stored.sealed)
    sealed = None if isinstance(fact, Damaged) else fact.sealed
    return WordingView(
        version=stored.version, kind=stored.topic.partition("@")[0].removeprefix("note."), by=stored.actor,
        recorded_at=stored.recorded_at, amendment=fact.kind if isinstance(fact, note.NoteAmended) else None,
        section=getattr(fact, "section", None), cause=getattr(fact, "cause", None),
        goals=getattr(fact, "goals", None), content_digest=getattr(fact, "content_digest", None),
        sections=_sections(sealed) if sealed else [], readable=sealed is not None,
    )


def _sections(sealed: Any) -> list[SectionView]:
    """A document's sections; the words of a return or of an error stand as one of that name."""
    if isinstance(sealed, note.NoteContent):
        return [SectionView(name=one.name, words=one.words) for one in sealed.sections]
    return [SectionView(name="words", words=sealed.words)]


def folded(aggregate: str, facts: Sequence[StoredFact]) -> Any:
    """The state that a stream's facts lead to; a document's also where one of its facts is damaged."""
    kind = AGGREGATES[aggregate]
    state, read = kind.initial, salvaged if aggregate == "note" else decode
    for fact in facts:
        state = kind.evolve(state, read(fact.topic, fact.state, fact.sealed))
    return state
