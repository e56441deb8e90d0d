"""The signature and what follows it: cosignature, return, amendment, attestation, striking out.

Lateness is never refused: a signature carries its time and, when given, the signer's reason, and the payer's policy
decides. A credential that lapsed before the date of service does not stop the record, only silently: it takes a cause,
and billing holds what rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kit import Act, Seen
from aggregates.note.commands import (
    AmendNote,
    AttestSignature,
    CosignNote,
    EnterNoteInError,
    ReturnNote,
    SignNote,
)
from aggregates.note.content import EMPTY, digest
from aggregates.note.drafting import readable
from aggregates.note.facts import (
    ErrorWords,
    NoteAmended,
    NoteCosigned,
    NoteEnteredInError,
    NoteReturned,
    NoteSigned,
    ReturnWords,
    SignatureAttested,
)
from aggregates.note.refusals import (
    AmendmentIdTaken,
    AnothersSignature,
    AttestationForOrder,
    CosignerMissing,
    CredentialNotActive,
    EmptyDocument,
    NoteAlreadyCosigned,
    NoteAlreadySigned,
    NoteNotSigned,
    NotTheSigner,
    NotTheSupervisor,
    NotYoursToStrike,
    SignedOtherContent,
    SupervisorMissing,
)
from aggregates.note.state import Cosigned, Document, Signed, State, Struck
from aggregates.values import ClinicianId, Code, Date, Digest

Outcomes = tuple[Any, ...]


def sign(state: State, command: SignNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The author's signature; a second one by the same person over the same words is the first."""
    document = readable(state, command.note_id)
    _must_be_author(document, act)
    if isinstance(document, Signed):
        if command.content_digest in (None, document.content_digest) and not document.attested:
            return ()
        raise NoteAlreadySigned(by=document.signer_id, at=document.signed_at)
    _must_say(document, command.content_digest)
    service_date, author = document.drafted.service_date, seen["clinician"].state
    credential = _credential(author, act.by, service_date, command.override_cause)
    supervisor_id = author.supervisor_on(service_date) if author.is_associate else None
    if author.is_associate and supervisor_id is None and command.override_cause is None:
        raise SupervisorMissing(clinician_id=act.by, service_date=service_date)
    return (
        NoteSigned(
            signer_id=act.by, content_digest=document.content_digest, narrative_digest=_narrative(document, seen),
            note_version=document.version, service_date=service_date, signed_at=act.now,
            credential=credential, credential_active=credential is not None, override_cause=command.override_cause,
            late_reason=command.late_reason, needs_cosignature=author.is_associate, supervisor_id=supervisor_id,
        ),
    )


def cosign(state: State, command: CosignNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The supervisor's own signature over the words that the author signed."""
    document = _signed(state, command.note_id)
    if isinstance(document, Cosigned):
        if document.cosigner_id == act.by and command.content_digest in (None, document.content_digest):
            return ()
        raise NoteAlreadyCosigned(by=document.cosigner_id, at=document.cosigned_at)
    cosigner_id = command.cosigner_id or document.supervisor_id
    if cosigner_id is None:
        raise CosignerMissing()
    _must_supervise(document, act)
    if cosigner_id != act.by:
        raise AnothersSignature(signer_id=cosigner_id)
    _must_say(document, command.content_digest)
    service_date, cosigner = document.drafted.service_date, seen["clinician"].state
    if cosigner.is_associate:
        raise NotTheSupervisor(supervisor_id=document.supervisor_id or "nobody")
    credential = _credential(cosigner, act.by, service_date, command.override_cause)
    return (
        NoteCosigned(
            signer_id=act.by, content_digest=document.content_digest, note_version=document.version,
            service_date=service_date, signed_at=act.now, credential=credential,
            credential_active=credential is not None, override_cause=command.override_cause,
        ),
    )


def send_back(state: State, command: ReturnNote, act: Act) -> Outcomes:
    """Back to the author; the signature stays in the history."""
    document = _signed(state, command.note_id)
    if isinstance(document, Cosigned):
        raise NoteAlreadyCosigned(by=document.cosigner_id, at=document.cosigned_at)
    _must_supervise(document, act)
    return (NoteReturned(returned_by=act.by, cause=command.cause, sealed=ReturnWords(words=command.words)),)


def amend(state: State, command: AmendNote, act: Act) -> Outcomes:
    """A signed addition by who signed; told twice it is one."""
    document, words = _signed(state, command.note_id), digest(command.content)
    known = dict(document.amendments)
    if command.amendment_id in known:
        if known[command.amendment_id] == words:
            return ()
        raise AmendmentIdTaken(amendment_id=command.amendment_id)
    signers = [document.signer_id, *([document.cosigner_id] if isinstance(document, Cosigned) else [])]
    if act.by not in signers:
        raise NotTheSigner(signers=", ".join(signers))
    if words == EMPTY:
        raise EmptyDocument()
    return (
        NoteAmended(
            amendment_id=command.amendment_id, kind=command.kind, section=command.section, signer_id=act.by,
            signed_at=act.now, cause=command.cause, content_digest=words, sealed=command.content,
        ),
    )


def attest(state: State, command: AttestSignature, act: Act) -> Outcomes:
    """The author's word for a missing signature; not for orders."""
    document = readable(state, command.note_id)
    _must_be_author(document, act)
    if isinstance(document, Signed):
        if document.attested:
            return ()
        raise NoteAlreadySigned(by=document.signer_id, at=document.signed_at)
    if document.drafted.kind == "order":
        raise AttestationForOrder()
    _must_say(document, None)
    return (
        SignatureAttested(
            signer_id=act.by, service_date=document.drafted.service_date, attested_at=act.now,
            content_digest=document.content_digest,
        ),
    )


def strike(state: State, command: EnterNoteInError, act: Act) -> Outcomes:
    """Entered in error, by the author or a supervisor; nothing follows."""
    if isinstance(state, Struck) and state.declared_by == act.by:
        return ()
    document = readable(state, command.note_id)
    supervisor_id = document.supervisor_id if isinstance(document, Signed) else None
    if act.by not in (document.author_id, supervisor_id) and act.role != "supervisor":
        raise NotYoursToStrike(author_id=document.author_id)
    return (NoteEnteredInError(declared_by=act.by, cause=command.cause, sealed=ErrorWords(words=command.words)),)


def _signed(state: State, note_id: str) -> Signed:
    document = readable(state, note_id)
    if not isinstance(document, Signed):
        raise NoteNotSigned(note_id=note_id)
    return document


def _must_be_author(document: Document, act: Act) -> None:
    if act.by != document.author_id:
        raise AnothersSignature(signer_id=document.author_id)


def _must_supervise(document: Signed, act: Act) -> None:
    if act.by == document.author_id or (act.by != document.supervisor_id and act.role != "supervisor"):
        raise NotTheSupervisor(supervisor_id=document.supervisor_id or "nobody")


def _must_say(document: Document, meant: Digest | None) -> None:
    """There are words, and they are the ones that the signer means."""
    if document.content_digest == EMPTY:
        raise EmptyDocument()
    if meant not in (None, document.content_digest):
        raise SignedOtherContent(current=document.content_digest)


def _credential(
    clinician: Any, clinician_id: ClinicianId, service_date: Date, override_cause: Code | None,
) -> Code | None:
    """The title that was active on the date of service; None only with a cause."""
    title: Code | None = clinician.credential_on(service_date)
    if title is None and override_cause is None:
        raise CredentialNotActive(clinician_id=clinician_id, service_date=service_date)
    return title


def _narrative(document: Document, seen: Mapping[str, Seen]) -> Digest | None:
    """What the narrative says at this moment, signed or not; nothing if it was struck."""
    narrative = seen["narrative"].state if document.drafted.narrative_id is not None else None
    return narrative.content_digest if isinstance(narrative, Document) and not isinstance(narrative, Struck) else None
