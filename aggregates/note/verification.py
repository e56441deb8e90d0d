"""What the signatures of a document are worth: each checked as a stranger would, and what it covers now.

Checked are the signature over its envelope, the key that made it at that time, the chain from one signature of the
document to the next, and that the words which the envelope commits to are the ones that stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aggregates.note.content import amendment, commitment, document
from aggregates.note.envelope import Envelope, NotAnEnvelope, read, signed_digest, verifies
from aggregates.note.facts import (
    NoteAmended,
    NoteContent,
    NoteCosigned,
    NoteDrafted,
    NoteEnteredInError,
    NoteRevised,
    NoteSigned,
    SignatureAttested,
)
from aggregates.note.signature import SignedFact, signer_of
from aggregates.note.state import Document, NotDrafted, evolve
from aggregates.values import NoteId, PersonId

Standing = Literal["verified", "told", "invalid"]
Broken = Literal[
    "envelope_missing", "envelope_misshapen", "envelope_of_another", "signature_wrong", "key_unknown", "key_not_valid",
    "chain_broken", "words_missing", "words_differ",
]


@dataclass(frozen=True, slots=True)
class Checked:
    """One signature. `told`: made elsewhere and only told here; `broken` is what does not hold of an invalid one.

    `covers_current` says whether the words that it covers are the document's words now; `lapsed` that by what is known
    now the signer had no active credential on the date of service.
    """

    fact: SignedFact
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
    words: dict[int, tuple[str, bool | None]] = field(default_factory=dict)


def checked(
    note_id: NoteId, facts: Sequence[object], signers: Callable[[PersonId], Any]
) -> list[Checked]:
    """Every signature among a document's facts, in their order; `signers` answers a clinician's state by id."""
    record, found = _Record(note_id, signers), []
    for fact in facts:
        if isinstance(fact, NoteSigned | NoteCosigned | NoteAmended | SignatureAttested | NoteEnteredInError):
            found.append((fact, record.state, _broken(record, fact)))
        record.state = evolve(record.state, fact)
        if isinstance(fact, NoteDrafted | NoteRevised):
            record.words[record.state.version] = (fact.content_digest, _as_told(record, fact))
    now = record.state
    return [_judged(fact, before, broken, now, signers) for fact, before, broken in found]


def _judged(
    fact: SignedFact, before: Document, broken: tuple[Broken, ...], now: Document, signers: Callable[[PersonId], Any]
) -> Checked:
    signer = signers(signer_of(fact))
    envelope = None
    if "envelope_misshapen" not in broken and (text := _text(fact)) is not None:
        envelope = read(text)
    return Checked(
        fact=fact, standing="told" if fact.mark is None else "invalid" if broken else "verified",
        wording=before.version, covers_current=isinstance(fact, NoteAmended) or before.version == now.version,
        lapsed=signer.credential_on(before.drafted.service_date) is None, envelope=envelope, broken=broken,
    )  # fmt: skip


def _broken(record: _Record, fact: SignedFact) -> tuple[Broken, ...]:
    """Everything that does not hold; nothing of a signature that is only told."""
    return () if fact.mark is None else tuple(dict.fromkeys(_faults(record, fact)))


def _faults(record: _Record, fact: SignedFact) -> Iterator[Broken]:
    mark, text = fact.mark, _text(fact)
    if mark is None or text is None:
        yield "envelope_missing"
        return
    try:
        envelope = read(text)
    except NotAnEnvelope:
        yield "envelope_misshapen"
        return
    said = envelope.to_be_signed
    key = next((k for k in record.signers(signer_of(fact)).signing_keys if k.created.key_id == mark.key_id), None)
    if key is None:
        yield "key_unknown"
    else:
        if not verifies(text, mark.signature, key.created.public_key):
            yield "signature_wrong"
        if not key.created.created_at <= envelope.signed_at < (key.ended_at or "9999"):
            yield "key_not_valid"
    whose = (said.note_id, said.note_version, said.signer_id, said.key_id)
    if whose != (record.note_id, record.state.version, signer_of(fact), mark.key_id):
        yield "envelope_of_another"
    if signed_digest(text) != mark.signed_digest or said.prev_sig != record.state.last_signature:
        yield "chain_broken"
    yield from _words(record, fact, said.content_sha256)


def _words(record: _Record, fact: SignedFact, committed: str) -> Iterator[Broken]:
    """Whether the words that stand there are those committed to."""
    if isinstance(fact, NoteAmended):
        told, same = fact.content_digest, _as_added(record, fact)
    else:
        told, same = record.words[record.state.version]
    if told != committed:
        yield "envelope_of_another"
    if not same:
        yield "words_differ" if same is False else "words_missing"


def _as_told(record: _Record, fact: NoteDrafted | NoteRevised) -> bool | None:
    """Whether the commitment is to the words; None when they are gone."""
    if fact.sealed is None or fact.sealed.salt is None:
        return None
    words = NoteContent(sections=fact.sealed.sections)
    state = record.state
    told = document(state.drafted, record.note_id, state.version, words, fact.goals)
    return commitment(told, fact.sealed.salt) == fact.content_digest


def _as_added(record: _Record, fact: NoteAmended) -> bool | None:
    if fact.sealed is None or fact.sealed.salt is None:
        return None
    words = NoteContent(sections=fact.sealed.sections)
    version = record.state.version
    told = amendment(record.note_id, version, fact.amendment_id, fact.kind, fact.section, words)
    return commitment(told, fact.sealed.salt) == fact.content_digest


def _text(fact: SignedFact) -> str | None:
    return fact.sealed.envelope if fact.sealed is not None else None
