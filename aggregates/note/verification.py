"""What the signatures of a document are worth: each checked as a stranger would, and what it covers now.

Checked are the signature over its envelope, the key that made it at that time, the chain from one signature of the
document to the next, that the envelope says what the fact beside it tells in clear, and that the words which it commits
to are the ones that stand there. Words or an envelope that are missing or cannot be read leave a signature invalid: no
record of an erasure speaks for them, since nothing here erases. What was recorded after the last signature that stands
here, and taken away again, no chain shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aggregates.clinician.state import SigningKey
from aggregates.codec import Damaged
from aggregates.note.content import amendment, commitment, document, error, unsalted
from aggregates.note.envelope import Envelope, NotAnEnvelope, read, signed_digest, verifies
from aggregates.note.facts import (
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteRevised,
    NoteSigned,
    SignatureAttested,
    SignatureMark,
)
from aggregates.note.signature import SignedFact, proved_when_signed, said_of, signer_of
from aggregates.note.state import Document, NotDrafted, State, Struck, evolve
from aggregates.values import Digest, Instant, NoteId, PersonId, Salt

Standing = Literal["verified", "told", "invalid"]
Broken = Literal[
    "envelope_missing", "envelope_misshapen", "envelope_of_another", "signature_missing", "signature_wrong",
    "key_unknown", "key_not_valid", "proof_not_fresh", "chain_broken", "words_missing", "words_differ",
    "envelope_unreadable", "words_unreadable", "fact_unreadable",
]
SIGNED: dict[str, type] = {
    "note.signed": NoteSigned, "note.cosigned": NoteCosigned, "note.facilitator_signed": FacilitatorSigned,
    "note.amended": NoteAmended, "note.signature_attested": SignatureAttested,
    "note.narrative_replaced": NarrativeReplaced, "note.entered_in_error": NoteEnteredInError,
}
"""The facts that a signature makes, by their stored names."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One signature. `told`: made elsewhere and only told here; `broken` is what does not hold of an invalid one, or
    cannot be read of it.

    `covers_current` says whether the words that it covers are the document's words now; `lapsed` that by what is known
    now the signer had no active credential on the date of service.
    """

    fact: SignedFact | Damaged
    standing: Standing
    wording: int
    covers_current: bool
    lapsed: bool
    envelope: Envelope | None = None
    broken: tuple[Broken, ...] = ()


@dataclass(slots=True)
class _Record:
    """A document while its facts are gone through."""

    note_id: NoteId
    signers: Callable[[PersonId], Any]
    state: Any = field(default_factory=NotDrafted)
    words: dict[int, bool | None] = field(default_factory=dict)
    begun_twice: bool = False


def checked(
    note_id: NoteId, facts: Sequence[object], signers: Callable[[PersonId], Any]
) -> list[Checked]:
    """Every signature among a document's facts, in their order; `signers` answers a clinician's state by id."""
    record = _Record(note_id, signers)
    found: list[tuple[SignedFact | Damaged, State, tuple[Broken, ...]]] = []
    for fact in facts:
        if isinstance(fact, Damaged) and fact.name in SIGNED:
            found.append((fact, record.state, ("fact_unreadable",)))
        elif isinstance(fact, SignedFact):
            found.append((fact, record.state, _broken(record, fact)))
        record.begun_twice |= isinstance(fact, NoteDrafted) and isinstance(record.state, Document)
        record.state = evolve(record.state, fact)
        if isinstance(fact, NoteDrafted | NoteRevised) and isinstance(record.state, Document):
            record.words[record.state.version] = _as_told(record, fact)
    return [_judged(fact, before, broken, record.state, signers) for fact, before, broken in found]


def narrative_under(facts: Sequence[object]) -> NoteId | None:
    """The narrative that a document with these facts rests on at last."""
    named = (one.narrative_id for one in facts if isinstance(one, NoteDrafted | NoteRevised | NarrativeReplaced))
    return next((one for one in reversed([*named]) if one is not None), None)


def covers_narrative(fact: object, narrative: Sequence[object]) -> bool | None:
    """Whether the narrative with these facts says what it said when this signature was made over it; None of one that
    rests on none. Of a narrative that was struck, or of which a fact cannot be read, nothing can be said for it."""
    rested_on: Digest | None = getattr(fact, "narrative_digest", None)
    if rested_on is None:
        return None
    state: Any = NotDrafted()
    for one in narrative:
        state = evolve(state, one)
    if any(isinstance(one, Damaged) for one in narrative) or not isinstance(state, Document):
        return False
    return not isinstance(state, Struck) and state.content_digest == rested_on


def _judged(
    fact: SignedFact | Damaged, before: State, broken: tuple[Broken, ...], now: State,
    signers: Callable[[PersonId], Any],
) -> Checked:  # fmt: skip
    wording = before.version if isinstance(before, Document) else 0
    if isinstance(fact, Damaged):
        return Checked(fact, "invalid", wording, covers_current=False, lapsed=False, broken=broken)
    signer = signers(signer_of(fact))
    envelope = None
    if "envelope_misshapen" not in broken and (text := _text(fact)) is not None:
        envelope = read(text)
    return Checked(
        fact=fact, standing=_standing(fact, broken), wording=wording, covers_current=_covers(before, now),
        lapsed=isinstance(before, Document) and signer.credential_on(before.drafted.service_date) is None,
        envelope=envelope, broken=broken,
    )  # fmt: skip


def _standing(fact: SignedFact, broken: tuple[Broken, ...]) -> Standing:
    if broken:
        return "invalid"
    return "told" if fact.mark is None else "verified"


def _covers(before: State, now: State) -> bool:
    if not isinstance(before, Document) or not isinstance(now, Document):
        return False
    return before.content_digest == now.content_digest


def _broken(record: _Record, fact: SignedFact) -> tuple[Broken, ...]:
    """Everything that does not hold; nothing of a signature that is only told."""
    if fact.mark is None:
        return () if _text(fact) is None else ("signature_missing",)
    if not isinstance(record.state, Document):
        return ("words_missing",)
    return tuple(dict.fromkeys(_faults(record, fact)))


def _faults(record: _Record, fact: SignedFact) -> Iterator[Broken]:
    mark, text = fact.mark, _text(fact)
    if mark is None or (text is None and fact.sealed is not None):
        yield "envelope_missing"
        return
    key = next((k for k in record.signers(signer_of(fact)).signing_keys if k.created.key_id == mark.key_id), None)
    if key is None:
        yield "key_unknown"
    if text is not None:
        yield from _of_envelope(record, fact, mark, text, key)
        return
    yield "envelope_unreadable"
    if key is not None and not key.signs_at(told_at(fact) or key.created.created_at):
        yield "key_not_valid"
    yield from _words(record, fact)


def _of_envelope(
    record: _Record, fact: SignedFact, mark: SignatureMark, text: str, key: SigningKey | None
) -> Iterator[Broken]:
    try:
        envelope = read(text)
    except NotAnEnvelope:
        yield "envelope_misshapen"
        return
    if not proved_when_signed(envelope):
        yield "proof_not_fresh"
    if key is not None and not verifies(text, mark.signature, key.created.public_key):
        yield "signature_wrong"
    if key is not None and not key.signs_at(envelope.signed_at):
        yield "key_not_valid"
    said = envelope.to_be_signed
    wanted = said_of(record.note_id, record.state, fact) | {"key_id": mark.key_id}
    differing = {name for name, value in wanted.items() if hasattr(said, name) and getattr(said, name) != value}
    if not hasattr(said, "session") and wanted["session"] is not None:  # told beside a signature that never said so
        differing.add("session")
    if differing - {"prev_sig"} or _told_otherwise(fact, record.state, envelope):
        yield "envelope_of_another"
    if signed_digest(text) != mark.signed_digest or "prev_sig" in differing:
        yield "chain_broken"
    yield from _words(record, fact)


def _told_otherwise(fact: SignedFact, document: Document, envelope: Envelope) -> bool:
    """Whether the fact tells in clear something else than what was signed."""
    said = envelope.to_be_signed
    clear: dict[str, Any] = {
        "content_digest": said.content_sha256, "note_version": said.note_version, "credential": said.credential,
        "credential_active": said.credential is not None, "service_date": document.drafted.service_date,
        "signed_at": envelope.signed_at, "attested_at": envelope.signed_at,
    }
    if isinstance(fact, SignatureAttested) and fact.credential_active is None:  # an attestation once told nothing more
        clear = {name: clear[name] for name in ("content_digest", "service_date", "attested_at")}
    return any(getattr(fact, name, value) != value for name, value in clear.items())


def _words(record: _Record, fact: SignedFact) -> Iterator[Broken]:
    """Whether the words that stand there are those committed to."""
    same = [_as_added(record, fact) if isinstance(fact, NoteAmended) else record.words.get(record.state.version)]
    if isinstance(fact, NoteEnteredInError) and fact.words_digest is not None:
        same.append(_as_struck(record, fact, fact.words_digest))
    if False in same or record.begun_twice:
        yield "words_differ"
    if None in same:
        yield "words_unreadable"


def _as_told(record: _Record, fact: NoteDrafted | NoteRevised) -> bool | None:
    """Whether the commitment is to the words; None when they cannot be read."""
    if fact.sealed is None:
        return None
    words = NoteContent(sections=fact.sealed.sections)
    if fact.sealed.salt is None:
        return unsalted(words) == fact.content_digest
    state = record.state
    told = document(state.drafted, record.note_id, state.version, words, fact.goals)
    return _commits(fact.content_digest, told, fact.sealed.salt)


def _as_added(record: _Record, fact: NoteAmended) -> bool | None:
    if fact.sealed is None:
        return None
    words = NoteContent(sections=fact.sealed.sections)
    if fact.sealed.salt is None:
        return unsalted(words) == fact.content_digest
    version = record.state.version
    told = amendment(record.note_id, version, fact.amendment_id, fact.kind, fact.section, words, fact.goals)
    return _commits(fact.content_digest, told, fact.sealed.salt)


def _as_struck(record: _Record, fact: NoteEnteredInError, told: Digest) -> bool | None:
    if fact.sealed is None:
        return None
    if fact.sealed.salt is None:
        return False
    return _commits(told, error(record.note_id, record.state.version, fact.cause, fact.sealed.words), fact.sealed.salt)


def _commits(digest: Digest, told: dict[str, Any], salt: Salt) -> bool:
    try:
        return commitment(told, salt) == digest
    except ValueError:
        return False


def told_at(fact: SignedFact) -> Instant | None:
    """When it was signed, as the fact itself tells it; the striking of a document does not."""
    at: Instant | None = getattr(fact, "signed_at", None) or getattr(fact, "attested_at", None)
    return at


def _text(fact: SignedFact) -> str | None:
    return fact.sealed.envelope if fact.sealed is not None else None
