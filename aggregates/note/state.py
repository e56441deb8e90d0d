"""What is remembered of a document: what it is about, what it now says (by digest), and who signed that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aggregates.kit import altered
from aggregates.note.facts import (
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteReturned,
    NoteRevised,
    NoteSigned,
    PatientAnswer,
    PatientRefused,
    PatientSigned,
    SignatureAttested,
)
from aggregates.note.figures import SessionFigures
from aggregates.note.templates import untouched
from aggregates.values import (
    ClinicianId,
    Code,
    Digest,
    Id,
    Instant,
    NoteId,
    PatientId,
    PersonId,
    ProgramId,
    Salt,
    SessionId,
)


@dataclass(frozen=True, slots=True)
class NotDrafted:
    """No document has this id yet."""

    program_id: None = None
    patient_id: None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What a document says at a time: the commitment with its salt, the sections that have words, the goals.

    `version` counts the wordings, the first draft being 1. Without a salt the words are of the first shape of the
    facts, or cannot be read. `untouched` are the sections in which a template's own words stand, `said` the words,
    where they can be read.
    """

    version: int
    content_digest: Digest
    sections: tuple[Code, ...]
    goals: tuple[Code, ...]
    salt: Salt | None = None
    identity_override: Code | None = None
    untouched: tuple[Code, ...] = ()
    said: NoteContent | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What was added to a signed document; `version` is the wording that it amends, `goals` those that stand since."""

    amendment_id: Id
    kind: str
    content_digest: Digest
    salt: Salt | None = None
    version: int = 1
    goals: tuple[Code, ...] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What every document has. `last_signature` is SHA-256 of what was signed last, if anything was; `answers` are the
    patient's to this wording, the last one standing; `amendments` are those of every wording, sent back or not."""

    drafted: NoteDrafted
    wording: Wording
    last_signature: Digest | None = None
    answers: tuple[PatientAnswer, ...] = ()
    amendments: tuple[Amendment, ...] = ()

    @property
    def content_digest(self) -> Digest:
        """The commitment to what it says now."""
        return self.wording.content_digest

    @property
    def goals(self) -> tuple[Code, ...]:
        """The goals of the plan of care that it names now: as corrected, where they were."""
        corrected = (one.goals for one in reversed(self.amendments) if one.version == self.version)
        return next((one for one in corrected if one is not None), self.wording.goals)

    @property
    def version(self) -> int:
        """How many wordings it has had."""
        return self.wording.version

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(Document):
    """Signed, or attested to, by its author. `supervisor_id` is whose cosignature it waits for, `figures` what the
    document showed of its session when its author signed or attested last; None where that was not recorded;
    `facilitators` are the others who led that session and signed these words too."""

    signer_id: PersonId
    signed_at: Instant
    late_reason: Code | None = None
    supervisor_id: PersonId | None = None
    needs_cosignature: bool = False
    attested: bool = False
    rests_on: Digest | None = None
    figures: SessionFigures | None = None
    facilitators: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned(Signed):
    """Signed twice."""

    cosigner_id: PersonId
    cosigned_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck(Document):
    """Entered in error, kept."""

    declared_by: PersonId


State = NotDrafted | Document


def evolve(state: State, fact: object) -> State:  # noqa: C901, PLR0911 # one arm a fact
    """The state after one more fact."""
    match state, fact:
        case NotDrafted(), NoteDrafted():
            return Draft(_without_words(fact), _wording(fact, 1, fact))
        case Document(), NoteRevised():
            drafted = _resting(state.drafted, fact.narrative_id or state.drafted.narrative_id)
            wording = _wording(drafted, state.version + 1, fact)
            return Draft(drafted, wording, state.last_signature, amendments=state.amendments)
        case Document(), NoteSigned():
            return Signed(
                *_kept(state, fact), signer_id=fact.signer_id, signed_at=fact.signed_at, late_reason=fact.late_reason,
                supervisor_id=fact.supervisor_id, needs_cosignature=fact.needs_cosignature,
                rests_on=fact.narrative_digest, figures=fact.session,
            )
        case Signed(), SignatureAttested():
            attested = replace(state, attested=True, figures=fact.session or state.figures)
            return replace(attested, last_signature=_chained(state, fact))
        case Document(), SignatureAttested():
            return Signed(
                *_kept(state, fact), signer_id=fact.signer_id, signed_at=fact.attested_at,
                supervisor_id=fact.supervisor_id, needs_cosignature=fact.needs_cosignature, attested=True,
                rests_on=fact.narrative_digest, figures=fact.session,
            )
        case Document(), NarrativeReplaced():
            moved = replace(state, drafted=_resting(state.drafted, fact.narrative_id))
            moved = replace(moved, last_signature=_chained(state, fact))
            return replace(moved, rests_on=fact.narrative_digest) if isinstance(moved, Signed) else moved
        case Document(), NoteReturned():
            return Draft(state.drafted, state.wording, state.last_signature, state.answers, state.amendments)
        case Signed(), NoteCosigned():
            return _cosigned(state, fact)
        case Signed(), FacilitatorSigned():
            also = (*state.facilitators, fact.signer_id)
            return replace(state, facilitators=also, last_signature=_chained(state, fact))
        case Signed(), NoteAmended():
            salt = fact.sealed.salt if fact.sealed else None
            added = Amendment(fact.amendment_id, fact.kind, fact.content_digest, salt, state.version, fact.goals)
            return replace(state, amendments=(*state.amendments, added), last_signature=_chained(state, fact))
        case Document(), PatientSigned() | PatientRefused():
            return replace(state, answers=(*state.answers, fact))
        case Document(), NoteEnteredInError():
            return Struck(*_kept(state, fact), declared_by=fact.declared_by)
    return state


def _without_words(fact: NoteDrafted) -> NoteDrafted:
    return altered(fact, sealed=altered(fact.sealed, sections=()) if fact.sealed else None)


def _resting(drafted: NoteDrafted, narrative_id: NoteId | None) -> NoteDrafted:
    return drafted if narrative_id == drafted.narrative_id else altered(drafted, narrative_id=narrative_id)


def _wording(about: NoteDrafted, version: int, fact: NoteDrafted | NoteRevised) -> Wording:
    left = fact.untouched
    if left is None:  # of a fact that came before this was told
        words = [(one.name, one.words) for one in fact.sealed.sections] if fact.sealed else []
        left = untouched(about.kind, words, about.template_version)
    return Wording(
        version, fact.content_digest, fact.sections, fact.goals, fact.sealed.salt if fact.sealed else None,
        fact.identity_override, left, fact.sealed,
    )


def _cosigned(state: Signed, fact: NoteCosigned) -> Cosigned:
    return Cosigned(
        *_kept(state, fact), signer_id=state.signer_id, signed_at=state.signed_at, late_reason=state.late_reason,
        supervisor_id=state.supervisor_id, needs_cosignature=state.needs_cosignature, attested=state.attested,
        rests_on=state.rests_on, figures=state.figures, facilitators=state.facilitators, cosigner_id=fact.signer_id,
        cosigned_at=fact.signed_at,
    )


_Chained = (
    NoteSigned | NoteCosigned | FacilitatorSigned | NoteAmended | SignatureAttested | NarrativeReplaced
    | NoteEnteredInError
)  # fmt: skip


def _kept(
    state: Document, fact: _Chained
) -> tuple[NoteDrafted, Wording, Digest | None, tuple[PatientAnswer, ...], tuple[Amendment, ...]]:
    """What every document has, chained to one signature more."""
    return state.drafted, state.wording, _chained(state, fact), state.answers, state.amendments


def _chained(state: Document, fact: _Chained) -> Digest | None:
    return fact.mark.signed_digest if fact.mark else state.last_signature
