"""The signed document that a plan, its review or a certification rests on."""

from __future__ import annotations

from collections.abc import Mapping

from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.kit import Seen, Stream
from aggregates.note.facts import DocumentKind
from aggregates.note.state import Document, Signed

Papered = ask.AdoptPlan | ask.ReviewPlan | ask.CertifyPlan | ask.RecertifyPlan
KINDS: dict[type[Papered], DocumentKind] = {
    ask.AdoptPlan: "plan_of_care", ask.ReviewPlan: "plan_review", ask.CertifyPlan: "certification",
    ask.RecertifyPlan: "certification",
}  # fmt: skip


def document_stream(command: Papered) -> dict[str, Stream]:
    """The document to look at, where the command names one."""
    return {} if command.document_id is None else {"document": Stream("note", command.document_id)}


def must_be_signed(command: Papered, seen: Mapping[str, Seen]) -> None:
    """The document, if one is named, is of the command's kind, of this episode, and signed; a certification by whoever
    certifies.

    Raises UnknownDocument, DocumentOfAnotherKind, DocumentOfAnotherEpisode, DocumentNotSigned,
    DocumentOfAnotherPhysician.
    """
    if command.document_id is None:
        return
    document, wanted = seen["document"].state, KINDS[type(command)]
    if not isinstance(document, Document):
        raise no.UnknownDocument(document_id=command.document_id)
    if document.drafted.kind != wanted:
        raise no.DocumentOfAnotherKind(document_id=command.document_id, kind=document.drafted.kind, wanted=wanted)
    if document.drafted.enrollment_id != command.enrollment_id:
        raise no.DocumentOfAnotherEpisode(document_id=command.document_id)
    if not isinstance(document, Signed):
        raise no.DocumentNotSigned(document_id=command.document_id)
    if not isinstance(command, ask.CertifyPlan | ask.RecertifyPlan):
        return
    if document.signer_id != command.physician_id:
        raise no.DocumentOfAnotherPhysician(document_id=command.document_id, signer_id=document.signer_id)
