"""The signed document that a plan, its review or a certification rests on: named when it is recorded, or afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aggregates.decision import made
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.facts import DocumentLinked
from aggregates.enrollment.state import Episode, Step
from aggregates.kit import Seen, Stream

if TYPE_CHECKING:
    from aggregates.note.facts import DocumentKind

Papered = ask.AdoptPlan | ask.ReviewPlan | ask.CertifyPlan | ask.RecertifyPlan
KINDS: dict[type[Papered], DocumentKind] = {
    ask.AdoptPlan: "plan_of_care", ask.ReviewPlan: "plan_review", ask.CertifyPlan: "certification",
    ask.RecertifyPlan: "certification",
}  # fmt: skip


def document_stream(command: Papered | ask.LinkDocument) -> dict[str, Stream]:
    """The document to look at, where the command names one."""
    return {} if command.document_id is None else {"document": Stream("note", command.document_id)}


def must_be_signed(command: Papered, seen: Mapping[str, Seen]) -> None:
    """The document, if one is named, carries this step (see `_must_carry`)."""
    if command.document_id is not None:
        _must_carry(command, KINDS[type(command)], getattr(command, "physician_id", None), seen)


def link(state: Episode, command: ask.LinkDocument, seen: Mapping[str, Seen]) -> tuple[Any, ...]:
    """A step that names no document gets one, under the rules for one that is named at once; the same again is nothing
    new, and another one is refused."""
    kind, step = _step(state, command)
    known = state.document_of(step)
    if known == command.document_id:
        return ()
    if known is not None:
        raise no.StepHasDocument(document_id=known)
    _must_carry(command, kind, getattr(step, "physician_id", None), seen)
    if command.document_id in {state.document_of(one) for one in state.steps}:
        raise no.DocumentOfAnotherStep(document_id=command.document_id)
    return (made(DocumentLinked, command),)


def _step(state: Episode, command: ask.LinkDocument) -> tuple[DocumentKind, Step]:
    """What the document is to be linked to, and of which kind such a document is."""
    if command.reviewed_on is not None and command.certified_through is not None:
        raise no.StepTwice
    kind: DocumentKind = "plan_of_care"
    if command.reviewed_on is not None:
        kind = "plan_review"
    elif command.certified_through is not None:
        kind = "certification"
    for one in state.steps:
        if one.plan_id == command.plan_id and _days(one) == _days(command):
            return kind, one
    if kind == "plan_of_care":
        raise no.UnknownPlan(plan_id=command.plan_id)
    step, on = ("review", command.reviewed_on) if command.reviewed_on else ("certification", command.certified_through)
    raise no.StepUnknown(step=step, plan_id=command.plan_id, on=on)


def _days(of: Any) -> tuple[str | None, str | None]:
    return getattr(of, "reviewed_on", None), getattr(of, "certified_through", None)


def _must_carry(
    command: Papered | ask.LinkDocument, wanted: DocumentKind, physician_id: str | None, seen: Mapping[str, Seen]
) -> None:
    """The document is of the wanted kind, of this episode, and signed; a certification by whoever certifies.

    Raises UnknownDocument, DocumentOfAnotherKind, DocumentOfAnotherEpisode, DocumentNotSigned,
    DocumentOfAnotherPhysician.
    """
    from aggregates.note.state import Document, Signed  # noqa: PLC0415 - documents look at episodes, too

    document, document_id = seen["document"].state, command.document_id
    if not isinstance(document, Document):
        raise no.UnknownDocument(document_id=document_id)
    if document.drafted.kind != wanted:
        raise no.DocumentOfAnotherKind(document_id=document_id, kind=document.drafted.kind, wanted=wanted)
    if document.drafted.enrollment_id != command.enrollment_id:
        raise no.DocumentOfAnotherEpisode(document_id=document_id)
    if not isinstance(document, Signed):
        raise no.DocumentNotSigned(document_id=document_id)
    if physician_id is not None and document.signer_id != physician_id:
        raise no.DocumentOfAnotherPhysician(document_id=document_id, signer_id=document.signer_id)
