"""What can be true of a signed clinical document. Names and shapes are the storage format.

A document about one patient is sealed under that patient's key; the narrative that a group shares is sealed under
its session's key and names nobody. Words are told in clear by a commitment only (see `content`), and a signature by its
mark; its envelope, which names the signer, is sealed (see `envelope`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.kit import fact, upcast, value
from aggregates.note.content import unsalted
from aggregates.note.envelope import EnvelopeText
from aggregates.note.figures import SessionFigures
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
    KeyId,
    NoteId,
    PatientId,
    PersonId,
    ProgramId,
    Salt,
    ServiceKind,
    SessionId,
    Signature,
    Text,
)

DocumentKind = Literal[
    "group_narrative", "group", "individual", "family", "medication_visit", "nursing", "collateral",
    "case_management", "crisis", "daily", "intake", "psychiatric_evaluation", "order", "plan_of_care", "plan_review",
    "certification", "discharge_summary",
]

SignedBy = Literal["patient", "guardian", "patient_and_guardian"]
"""Who signs for a patient, as under a consent."""

GOALS = "goals"
"""What a correction names that corrects which goals a document names; a section may be called so too."""
UNNAMED = "unnamed"
"""The section of which the first shape of these facts tells only that there was one."""


@value
class Section:
    """A named part of a document and its words."""

    name: Code
    words: Text


@value
class NoteContent:
    """The words of a document, section by section."""

    sections: tuple[Section, ...]


@value
class SealedContent(NoteContent):
    """The words and the salt of the commitment to them; no salt in what the first shape of these facts told."""

    salt: Salt | None = None


@value
class SignatureMark:
    """An electronic signature as it shows in clear: which key made it, and SHA-256 of the bytes that were signed."""

    key_id: KeyId
    signature: Signature
    signed_digest: Digest


@value
class SealedEnvelope:
    """What the signature was made over."""

    envelope: EnvelopeText


@fact("note.drafted", 2, subject="chart")
@value
class NoteDrafted:
    """A document begins. `content_digest` is the commitment to its words, `sections` names those that have any.

    It is held to its kind's template of `template_version`, which is the first where none is told. `untouched` are the
    sections in which that template's own words still stand; None in facts that came before this was told.
    `identity_override` is why another member of the session may stand in it by full name or record number.
    """

    kind: DocumentKind
    program_id: ProgramId
    author_id: ClinicianId
    service_date: Date
    service_ended_at: Instant
    session_id: SessionId | None = None
    service_kind: ServiceKind | None = None
    patient_id: PatientId | None = None
    enrollment_id: EnrollmentId | None = None
    attendance_id: AttendanceId | None = None
    narrative_id: NoteId | None = None
    goals: tuple[Code, ...] = ()
    sections: tuple[Code, ...] = ()
    identity_override: Code | None = None
    template_version: Annotated[int, Field(ge=1)] = 1
    untouched: tuple[Code, ...] | None = None
    content_digest: Digest
    sealed: SealedContent | None = None


@fact("note.revised", 2, subject="chart")
@value
class NoteRevised:
    """The draft now reads otherwise; and rests from now on on this `narrative_id`, where it is told."""

    content_digest: Digest
    narrative_id: NoteId | None = None
    goals: tuple[Code, ...] = ()
    sections: tuple[Code, ...] = ()
    identity_override: Code | None = None
    untouched: tuple[Code, ...] | None = None
    sealed: SealedContent | None = None


@fact("note.signed", 1, subject="chart")
@value
class NoteSigned:
    """The author's signature over exactly this content, and over the group narrative that it rests on.

    `needs_cosignature` is so when the author is an associate. Signing late is never refused: `late_reason` is the
    signer's. `credential_active` speaks of the date of service, `active_at_signing` of the day of the signature in the
    program's zone, both as known when signing; the latter is None where it was not recorded. Facts of before tell of
    signatures without an active credential too, made with an `override_cause`; now it is why an associate signed though
    no supervisor was known. `unready` are the sections
    that were not ready to be signed, `incomplete_cause` why it was signed all the same; `facilitator` says of a group's
    documents whether the signer led the session; `session` is what the document showed of it then. Without a mark the
    signature was made elsewhere and is only told here, as are the others below.
    """

    signer_id: PersonId
    content_digest: Digest
    narrative_digest: Digest | None = None
    note_version: int
    service_date: Date
    signed_at: Instant
    credential: Code | None = None
    credential_active: bool
    active_at_signing: bool | None = None
    override_cause: Code | None = None
    late_reason: Code | None = None
    needs_cosignature: bool
    supervisor_id: PersonId | None = None
    unready: tuple[Code, ...] = ()
    incomplete_cause: Code | None = None
    facilitator: bool | None = None
    session: SessionFigures | None = None
    mark: SignatureMark | None = None
    sealed: SealedEnvelope | None = None


@value
class ReturnWords:
    """What is to be changed."""

    words: Text


@fact("note.returned", 1, subject="chart")
@value
class NoteReturned:
    """The supervisor wants changes before cosigning: the document is a draft again, its signature kept in history."""

    returned_by: PersonId
    cause: Code
    identity_override: Code | None = None
    sealed: ReturnWords | None = None


@fact("note.cosigned", 1, subject="chart")
@value
class NoteCosigned:
    """The supervisor's own signature, with its own time, over the same content."""

    signer_id: PersonId
    content_digest: Digest
    note_version: int
    service_date: Date
    signed_at: Instant
    credential: Code | None = None
    credential_active: bool
    active_at_signing: bool | None = None
    override_cause: Code | None = None
    mark: SignatureMark | None = None
    sealed: SealedEnvelope | None = None


@fact("note.facilitator_signed", 1, subject="chart")
@value
class FacilitatorSigned:
    """The own signature of somebody who led the session beside the author, over the same content.

    Where two lead a group, some payers want two signatures (C: Orange County's FAQ 999). An associate's stands like
    any other: whether a supervisor must cosign it no source says.
    """

    signer_id: PersonId
    content_digest: Digest
    note_version: int
    service_date: Date
    signed_at: Instant
    credential: Code | None = None
    credential_active: bool
    active_at_signing: bool | None = None
    late_reason: Code | None = None
    mark: SignatureMark | None = None
    sealed: SealedEnvelope | None = None


@value
class SealedAmendment(SealedContent):
    """The words that were added, and what was signed."""

    envelope: EnvelopeText | None = None


@fact("note.amended", 2, subject="chart")
@value
class NoteAmended:
    """A signed addition to a signed document: the original stays readable beside it.

    A correction of the goals that the document names has no words and these `goals` instead.
    """

    amendment_id: Id
    kind: Literal["addendum", "correction", "late_entry"]
    section: Code | None = None
    goals: tuple[Code, ...] | None = None
    signer_id: PersonId
    signed_at: Instant
    cause: Code
    identity_override: Code | None = None
    active_at_signing: bool | None = None
    content_digest: Digest
    mark: SignatureMark | None = None
    sealed: SealedAmendment | None = None


@fact("note.signature_attested", 1, subject="chart")
@value
class SignatureAttested:
    """The author alone attests to having written a document whose signature was missing or late.

    What stands under a signature stands here too: an attestation takes the place of a missing one, waits for the same
    cosignature, and covers the same narrative. `credential_active` is None where that was not recorded.
    """

    signer_id: PersonId
    service_date: Date
    attested_at: Instant
    active_at_signing: bool | None = None
    content_digest: Digest
    narrative_digest: Digest | None = None
    note_version: int | None = None
    credential: Code | None = None
    credential_active: bool | None = None
    override_cause: Code | None = None
    needs_cosignature: bool = False
    supervisor_id: PersonId | None = None
    unready: tuple[Code, ...] = ()
    incomplete_cause: Code | None = None
    facilitator: bool | None = None
    session: SessionFigures | None = None
    mark: SignatureMark | None = None
    sealed: SealedEnvelope | None = None


@fact("note.narrative_replaced", 1, subject="chart")
@value
class NarrativeReplaced:
    """The narrative under a signed part was struck; the part's signer signs that it rests on another one now."""

    narrative_id: NoteId
    narrative_digest: Digest
    signer_id: PersonId
    signed_at: Instant
    cause: Code
    note_version: int
    content_digest: Digest
    active_at_signing: bool | None = None
    mark: SignatureMark | None = None
    sealed: SealedEnvelope | None = None


@value
class ErrorWords:
    """Why the document does not belong there, the salt of the commitment to that, and what was signed."""

    words: Text
    envelope: EnvelopeText | None = None
    salt: Salt | None = None


@fact("note.entered_in_error", 1, subject="chart")
@value
class NoteEnteredInError:
    """The document is struck through and kept. `words_digest` is the commitment to why."""

    declared_by: PersonId
    cause: Code
    identity_override: Code | None = None
    active_at_signing: bool | None = None
    words_digest: Digest | None = None
    mark: SignatureMark | None = None
    sealed: ErrorWords | None = None


@fact("note.patient_signed", 1)
@value
class PatientSigned:
    """The patient, or a guardian for them, signed this wording of a plan of care or of its review.

    `capacity_rule` is the rule under which whoever signed had the capacity to (see `aggregates.patient.consent`),
    `relationship` the guardian's, as on record. It is no electronic signature: a named person saw it given.
    """

    signed_by: SignedBy
    guardian_id: Id | None = None
    relationship: Code | None = None
    capacity_rule: CapacityRule
    how: Literal["on_paper", "on_screen"]
    signed_on: Date
    witnessed_by: PersonId
    note_version: int
    content_digest: Digest


@value
class RefusalWords:
    """Why, in the patient's or guardian's own words."""

    words: Text


@fact("note.patient_refused", 1, subject="chart")
@value
class PatientRefused:
    """The patient, or a guardian for them, would not sign this wording, and said or showed why."""

    refused_by: SignedBy
    guardian_id: Id | None = None
    relationship: Code | None = None
    cause: Code
    refused_on: Date
    witnessed_by: PersonId
    note_version: int
    content_digest: Digest
    sealed: RefusalWords | None = None


PatientAnswer = PatientSigned | PatientRefused


@upcast("note.drafted", 1)
@upcast("note.revised", 1)
def without_salt(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape told the words by their plain digest and named no section, only whether there were any."""
    said = fields["content_digest"] != unsalted(NoteContent(sections=()))
    return fields | {"sections": [UNNAMED] if said else []}


@upcast("note.amended", 1)
def amended_without_salt(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape told the words by their plain digest."""
    return fields
