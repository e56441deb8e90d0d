"""What may be asked of a document. Whoever acts is the person of the token, never a field of the command."""

from __future__ import annotations

from typing import Literal

from aggregates.kit import command, value
from aggregates.note.envelope import EnvelopeText
from aggregates.note.facts import DocumentKind, NoteContent, SignedBy
from aggregates.patient.facts import CapacityRule
from aggregates.values import (
    AttendanceId,
    ClinicianId,
    Code,
    Date,
    Digest,
    EnrollmentId,
    Id,
    Instant,
    NoteId,
    PatientId,
    PersonId,
    ProgramId,
    ServiceKind,
    SessionId,
    Signature,
    Text,
)


@value
class ElectronicSignature:
    """An envelope and the signature over it. Without one a command tells of a signature that was made elsewhere."""

    envelope: EnvelopeText
    signature: Signature


@command("note.draft")
@value
class DraftNote:
    """Begins a document, perhaps still without words. The author is who acts, or on whose behalf a scribe does.

    Of a session, `attendance_id` and `service_kind` are filled in when left out. `identity_override` is why another
    member of the session stands in it by full name or record number, as in the other commands that bring words.
    """

    note_id: NoteId
    kind: DocumentKind
    program_id: ProgramId
    author_id: ClinicianId | None = None
    service_date: Date
    service_ended_at: Instant
    session_id: SessionId | None = None
    service_kind: ServiceKind | None = None
    patient_id: PatientId | None = None
    enrollment_id: EnrollmentId | None = None
    attendance_id: AttendanceId | None = None
    narrative_id: NoteId | None = None
    goals: tuple[Code, ...] = ()
    content: NoteContent = NoteContent(sections=())
    identity_override: Code | None = None


@command("note.revise")
@value
class ReviseNote:
    """The draft now reads so; goals stay as they are when left out, and so does the narrative that it rests on."""

    note_id: NoteId
    content: NoteContent
    goals: tuple[Code, ...] | None = None
    narrative_id: NoteId | None = None
    identity_override: Code | None = None


@command("note.sign")
@value
class SignNote:
    """The author signs. `content_digest` states what was on the screen; `override_cause` why an associate does though
    no supervisor is known for the day; `incomplete_cause` why though a section is missing or unchanged."""

    note_id: NoteId
    content_digest: Digest | None = None
    override_cause: Code | None = None
    late_reason: Code | None = None
    incomplete_cause: Code | None = None
    signature: ElectronicSignature | None = None


@command("note.return")
@value
class ReturnNote:
    """The supervisor asks for changes: the document is a draft again."""

    note_id: NoteId
    cause: Code
    words: Text
    identity_override: Code | None = None


@command("note.cosign")
@value
class CosignNote:
    """A second signature over the same content. Left out, `cosigner_id` is the supervisor on record.

    Another supervisor who signs instead gives their own id, so that their credential can be looked up.
    """

    note_id: NoteId
    cosigner_id: ClinicianId | None = None
    content_digest: Digest | None = None
    signature: ElectronicSignature | None = None


@command("note.sign_as_facilitator")
@value
class SignAsFacilitator:
    """A signature of somebody else who led the session, over the words that the author signed.

    Who signs gives their own id as `signer_id`, so that their credential can be looked up.
    """

    note_id: NoteId
    signer_id: ClinicianId | None = None
    content_digest: Digest | None = None
    late_reason: Code | None = None
    signature: ElectronicSignature | None = None


@command("note.amend")
@value
class AmendNote:
    """Adds to a signed document, signed in the same act; the original stays readable.

    A correction names the `section` that it corrects; one of which goals of the plan of care the document names is of
    `goals`, and gives these instead of words. A cosigner who amends gives their own id as `signer_id`.
    """

    note_id: NoteId
    amendment_id: Id
    kind: Literal["addendum", "correction", "late_entry"]
    section: Code | None = None
    cause: Code
    content: NoteContent = NoteContent(sections=())
    goals: tuple[Code, ...] | None = None
    signer_id: PersonId | None = None
    identity_override: Code | None = None
    signature: ElectronicSignature | None = None


@command("note.attest_signature")
@value
class AttestSignature:
    """The author attests to having written this document, whose signature is missing, or was late.

    The causes are those of a signature.
    """

    note_id: NoteId
    override_cause: Code | None = None
    incomplete_cause: Code | None = None
    signature: ElectronicSignature | None = None


@command("note.rest_on")
@value
class RestOnNarrative:
    """The signer of a part has it rest on another narrative, in the place of one that was struck."""

    note_id: NoteId
    narrative_id: NoteId
    cause: Code
    signature: ElectronicSignature | None = None


@command("note.enter_in_error")
@value
class EnterNoteInError:
    """Strikes a document that does not belong there; it is kept. A supervisor gives their own id as `declared_by`."""

    note_id: NoteId
    cause: Code
    words: Text
    declared_by: PersonId | None = None
    identity_override: Code | None = None
    signature: ElectronicSignature | None = None


@command("note.patient_sign")
@value
class PatientSign:
    """The patient, or a guardian on record, signed this plan of care or review; who acts saw it."""

    note_id: NoteId
    signed_by: SignedBy
    guardian_id: Id | None = None
    capacity_rule: CapacityRule
    how: Literal["on_paper", "on_screen"]
    signed_on: Date


@command("note.patient_refuse")
@value
class PatientRefuse:
    """The patient, or a guardian on record, would not sign this plan of care or review; who acts was told so."""

    note_id: NoteId
    refused_by: SignedBy
    guardian_id: Id | None = None
    cause: Code
    words: Text | None = None
    refused_on: Date
