"""What a stranger needs to check a document's signatures without this program: texts, salts, keys, and nothing else.

    commitment = SHA-256("iop-note-content/v1\\n" || salt || content)
    signature  = Ed25519 by the public key over "iop-esign/v1\\n" || envelope

The envelope names the commitments; `prev_sig` in it is SHA-256 of the signed bytes of the signature before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.canonical import canonical
from aggregates.note.content import amendment, document, error
from aggregates.note.facts import NoteAmended, NoteContent, NoteDrafted, NoteEnteredInError, NoteRevised
from aggregates.note.signature import SignedFact, signer_of
from aggregates.note.state import Document, NotDrafted, evolve
from aggregates.values import Digest, Id, KeyId, NoteId, PersonId, PublicKey, Salt, Signature


@dataclass(frozen=True, slots=True)
class Committed:
    """Words in their canonical form, the salt, and the commitment that the envelope names."""

    content: str
    salt: Salt
    commitment: Digest


@dataclass(frozen=True, slots=True)
class Proof:
    """One signature with all that it covers; None where it cannot be read, or its key is not known."""

    signer_id: PersonId
    committed: tuple[Committed, ...]
    envelope: str | None
    signature: Signature
    key_id: KeyId
    public_key: PublicKey | None
    signed_digest: Digest
    prev_sig: Digest | None


def proofs(note_id: NoteId, facts: Sequence[object], signers: Callable[[PersonId], Any]) -> list[Proof]:
    """Every signature that was made here, in order; `signers` answers a clinician's state by id."""
    state: Any = NotDrafted()
    worded: dict[int, Committed | None] = {}
    found: list[Proof] = []
    for fact in facts:
        if isinstance(fact, SignedFact) and fact.mark is not None and isinstance(state, Document):
            own = _own(note_id, state, fact)
            shown = [own] if isinstance(fact, NoteAmended) else [worded.get(state.version), own]
            found.append(_proof(fact, tuple(one for one in shown if one is not None), signers, state.last_signature))
        state = evolve(state, fact)
        if isinstance(fact, NoteDrafted | NoteRevised) and isinstance(state, Document):
            worded[state.version] = _worded(note_id, state, fact)
    return found


def _proof(
    fact: SignedFact, committed: tuple[Committed, ...], signers: Callable[[PersonId], Any], before: Digest | None
) -> Proof:
    if fact.mark is None:
        raise ValueError("A signature that is only told has no proof.")
    signer_id, mark = signer_of(fact), fact.mark
    keys = (one.created for one in signers(signer_id).signing_keys)
    return Proof(
        signer_id=signer_id, committed=committed, envelope=fact.sealed.envelope if fact.sealed else None,
        signature=mark.signature, key_id=mark.key_id, signed_digest=mark.signed_digest, prev_sig=before,
        public_key=next((one.public_key for one in keys if one.key_id == mark.key_id), None),
    )


def _worded(note_id: Id, state: Document, fact: NoteDrafted | NoteRevised) -> Committed | None:
    if fact.sealed is None or fact.sealed.salt is None:
        return None
    words = NoteContent(sections=fact.sealed.sections)
    told = document(state.drafted, note_id, state.version, words, fact.goals)
    return Committed(canonical(told).decode(), fact.sealed.salt, fact.content_digest)


def _own(note_id: Id, state: Document, fact: SignedFact) -> Committed | None:
    """The words that a signature brought itself: of an amendment, of a strike."""
    if isinstance(fact, NoteAmended) and fact.sealed is not None and fact.sealed.salt is not None:
        words = NoteContent(sections=fact.sealed.sections)
        told = amendment(note_id, state.version, fact.amendment_id, fact.kind, fact.section, words, fact.goals)
        return Committed(canonical(told).decode(), fact.sealed.salt, fact.content_digest)
    if isinstance(fact, NoteEnteredInError) and fact.sealed is not None and fact.sealed.salt is not None:
        told = error(note_id, state.version, fact.cause, fact.sealed.words)
        return Committed(canonical(told).decode(), fact.sealed.salt, fact.words_digest or "")
    return None
