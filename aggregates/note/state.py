"""What is remembered of a document: what it is about, what it now says (by digest), and who signed that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregates.note.facts import (
    NoteAmended,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteReturned,
    NoteRevised,
    NoteSigned,
    SignatureAttested,
)
from aggregates.values import ClinicianId, Code, Digest, Id, Instant, PatientId, PersonId, ProgramId, SessionId


@dataclass(frozen=True, slots=True)
class NotDrafted:
    """No document has this id yet."""

    program_id: None = None
    patient_id: None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What every document has. `version` counts the wordings, the first draft being 1."""

    drafted: NoteDrafted
    content_digest: Digest
    goals: tuple[Code, ...]
    version: int

    @property
    def program_id(self) -> ProgramId:
        """The program it belongs to."""
        return self.drafted.program_id

    @property
    def patient_id(self) -> PatientId | None:
        """The one patient it is about; None for the narrative that a group shares."""
        return self.drafted.patient_id

    @property
    def session_id(self) -> SessionId | None:
        """The session that it documents."""
        return self.drafted.session_id

    @property
    def author_id(self) -> ClinicianId:
        """Whose signature it needs."""
        return self.drafted.author_id


@dataclass(frozen=True, slots=True)
class Draft(Document):
    """May still change."""


@dataclass(frozen=True, slots=True)
class Signed(Document):
    """Signed, or attested to, by its author. `supervisor_id` is whose cosignature it waits for."""

    signer_id: PersonId
    signed_at: Instant
    supervisor_id: PersonId | None = None
    needs_cosignature: bool = False
    attested: bool = False
    amendments: tuple[tuple[Id, Digest], ...] = ()


@dataclass(frozen=True, slots=True)
class Cosigned(Signed):
    """Signed twice."""

    cosigner_id: PersonId = ""
    cosigned_at: Instant = ""


@dataclass(frozen=True, slots=True)
class Struck(Document):
    """Entered in error, kept."""

    declared_by: PersonId


State = NotDrafted | Document


def evolve(state: State, fact: object) -> State:  # noqa: PLR0911 # one arm a fact
    """The state after one more fact."""
    match state, fact:
        case _, NoteDrafted():
            return Draft(replace(fact, sealed=None), fact.content_digest, fact.goals, 1)
        case Document(), NoteRevised():
            return Draft(state.drafted, fact.content_digest, fact.goals, state.version + 1)
        case Document(), NoteSigned():
            return Signed(*_document(state), fact.signer_id, fact.signed_at, fact.supervisor_id, fact.needs_cosignature)
        case Document(), SignatureAttested():
            return Signed(*_document(state), fact.signer_id, fact.attested_at, attested=True)
        case Document(), NoteReturned():
            return Draft(*_document(state))
        case Signed(), NoteCosigned():
            return Cosigned(
                *_document(state), state.signer_id, state.signed_at, state.supervisor_id, state.needs_cosignature,
                state.attested, state.amendments, fact.signer_id, fact.signed_at,
            )
        case Signed(), NoteAmended():
            return replace(state, amendments=(*state.amendments, (fact.amendment_id, fact.content_digest)))
        case Document(), NoteEnteredInError():
            return Struck(*_document(state), fact.declared_by)
    return state


def _document(state: Document) -> tuple[NoteDrafted, Digest, tuple[Code, ...], int]:
    return state.drafted, state.content_digest, state.goals, state.version
