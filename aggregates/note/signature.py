"""An electronic signature and the decision that it belongs to: what is to be signed, and whether that was signed.

A decision first says what it would record. From that follows what is to be signed, which is what the signer was shown;
a signature that comes with the command has to be over exactly that, by the signer's current key, made just now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from aggregates.days import day_in
from aggregates.kit import Act, Claim, Seen, altered
from aggregates.note.commands import ElectronicSignature
from aggregates.note.envelope import (
    Envelope,
    Meaning,
    NotAnEnvelope,
    Signing,
    ToBeSigned,
    read,
    signed_digest,
    verifies,
)
from aggregates.note.facts import (
    FacilitatorSigned,
    NarrativeReplaced,
    NoteAmended,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
    SealedAmendment,
    SealedEnvelope,
    SignatureAttested,
    SignatureMark,
)
from aggregates.note.refusals import (
    ChallengeUsed,
    NoSigningKey,
    NotAuthenticatedJustNow,
    NotReady,
    SignatureCoversOther,
    SignatureNotJustMade,
    SignatureNotValid,
    SignerUnnamed,
)
from aggregates.note.state import Document
from aggregates.program.state import Program
from aggregates.values import Code, Digest, NoteId, PersonId, moment

SignedFact = (
    NoteSigned | NoteCosigned | FacilitatorSigned | NoteAmended | SignatureAttested | NarrativeReplaced
    | NoteEnteredInError
)  # fmt: skip
FRESH_SECONDS = 120
"""How long a proof of identity, and the signature that was made with it, can be used (see `Authentication`)."""
LASTS = timedelta(seconds=FRESH_SECONDS)


def to_be_signed(note_id: NoteId, document: Document, fact: SignedFact, signer: Any) -> ToBeSigned:
    """What the signer of this fact puts their name to; `document` is as it was before, `signer` the clinician's state.

    Raises NotReady, SignerUnnamed, NoSigningKey.
    """
    if isinstance(fact, NoteSigned | SignatureAttested) and fact.unready and fact.incomplete_cause is None:
        raise NotReady(sections=", ".join(fact.unready))
    signer_id = signer_of(fact)
    if signer.printed_name is None:
        raise SignerUnnamed(signer_id=signer_id)
    if signer.signing_key is None:
        raise NoSigningKey(signer_id=signer_id)
    day = document.drafted.service_date
    return ToBeSigned(
        **said_of(note_id, document, fact), signer_name=signer.printed_name, credential=signer.credential_on(day),
        license=signer.license_on(day), key_id=signer.signing_key.created.key_id,
    )


def said_of(note_id: NoteId, document: Document, fact: SignedFact) -> dict[str, Any]:
    """What the envelope of a fact says that follows from the fact and its document: all but who the signer is."""
    meaning, reason = _meaning(fact)
    return {
        "content_sha256": _covered(document, fact), "note_id": note_id, "note_version": document.version,
        "amendment_id": fact.amendment_id if isinstance(fact, NoteAmended) else None,
        "rests_on": _rests_on(fact), "signer_id": signer_of(fact),
        "meaning": meaning, "reason": reason, "prev_sig": document.last_signature,
        "identity_override": _identity_override(document, fact),
    } | {name: getattr(fact, name, nothing) for name, nothing in ALSO.items()}  # fmt: skip


ALSO: dict[str, Any] = {
    "narrative_id": None, "needs_cosignature": None, "supervisor_id": None, "override_cause": None,
    "active_at_signing": None, "unready": (), "incomplete_cause": None, "facilitator": None,
    "session": None,
}
"""What the envelope takes from the fact as it stands there, and what it says of a fact without it."""


def bound(
    outcomes: tuple[Any, ...], note_id: NoteId, document: Any, given: ElectronicSignature | None,
    seen: Mapping[str, Seen], act: Act,
) -> tuple[Any, ...]:
    """What a decision comes to with the signature that was given, by which the challenge is used up; without one it
    says what would be recorded. `document` is the state before; nothing changes where nothing is signed.

    Raises NotReady, SignatureNotValid, SignatureCoversOther, SignatureNotJustMade, NotAuthenticatedJustNow.
    """
    return tuple(
        each for one in outcomes
        for each in (_bound(one, note_id, document, given, seen, act) if isinstance(one, SignedFact) else (one,))
    )


def _bound(
    fact: SignedFact, note_id: NoteId, document: Document, given: ElectronicSignature | None,
    seen: Mapping[str, Seen], act: Act,
) -> tuple[Any, ...]:  # fmt: skip
    if given is None:
        return (_at_signing(fact, act.now, seen),)
    signer = seen["clinician"].state
    try:
        envelope = read(given.envelope)
    except NotAnEnvelope as error:
        raise SignatureNotValid(key_id=signer.signing_key.created.key_id if signer.signing_key else "none") from error
    fact = _at_signing(fact, envelope.signed_at, seen)
    wanted = to_be_signed(note_id, document, fact, signer)
    if envelope.to_be_signed != wanted:
        raise SignatureCoversOther(fields=", ".join(_differing(envelope.to_be_signed, wanted)))
    if not verifies(given.envelope, given.signature, signer.signing_key.created.public_key):
        raise SignatureNotValid(key_id=wanted.key_id)
    _must_be_fresh(envelope, signer.signing_key.created.created_at, act)
    mark = SignatureMark(
        key_id=wanted.key_id, signature=given.signature, signed_digest=signed_digest(given.envelope)
    )
    used = Claim("signing_challenge", f"{envelope.auth.challenge}:{note_id}", held=ChallengeUsed)
    return (_marked(fact, mark, given.envelope, envelope.signed_at), used)


def signer_of(fact: SignedFact) -> PersonId:
    """Whose signature it is."""
    return fact.declared_by if isinstance(fact, NoteEnteredInError) else fact.signer_id


def _meaning(fact: SignedFact) -> tuple[Meaning, Code | None]:
    match fact:
        case NoteSigned():
            return "author", fact.late_reason
        case FacilitatorSigned():
            return "co-facilitator", fact.late_reason
        case NoteCosigned():
            return "co-sign", None
        case NoteAmended() | NarrativeReplaced():
            return "amend", fact.cause
        case SignatureAttested():
            return "attest-late", None
        case NoteEnteredInError():
            return "void", fact.cause


def _covered(document: Document, fact: SignedFact) -> Digest:
    """The commitment to the words that it covers: its own, or the document's."""
    return fact.content_digest if isinstance(fact, NoteAmended) else document.content_digest


def _rests_on(fact: SignedFact) -> Digest | None:
    match fact:
        case NoteSigned() | SignatureAttested() | NarrativeReplaced():
            return fact.narrative_digest
        case NoteEnteredInError():
            return fact.words_digest
    return None


def _identity_override(document: Document, fact: SignedFact) -> Code | None:
    """Why another member may stand in the words that are signed."""
    if isinstance(fact, NoteAmended):
        return fact.identity_override
    return None if isinstance(fact, NoteEnteredInError) else document.wording.identity_override


def _differing(given: Signing, wanted: ToBeSigned) -> list[str]:
    names = (one.name for one in fields(ToBeSigned))
    return [name for name in names if getattr(given, name, None) != getattr(wanted, name)]


def proved_when_signed(envelope: Envelope) -> bool:
    """Whether the signer had proved who they are, and not longer ago than a proof lasts."""
    at, signed_at = moment(envelope.auth.at), moment(envelope.signed_at)
    return signed_at - LASTS <= at <= signed_at


def _must_be_fresh(envelope: Envelope, key_since: str, act: Act) -> None:
    """Proved, then signed, then recorded, all within the time that a proof lasts."""
    signed_at, now = moment(envelope.signed_at), moment(act.now)
    if not now - LASTS <= signed_at <= now or envelope.signed_at < key_since:
        raise SignatureNotJustMade(signed_at=envelope.signed_at, seconds=FRESH_SECONDS)
    if not proved_when_signed(envelope):
        raise NotAuthenticatedJustNow(at=envelope.auth.at, seconds=FRESH_SECONDS)


def _at_signing(fact: SignedFact, signed_at: str, seen: Mapping[str, Seen]) -> SignedFact:
    """The fact with the state of the signer's credential on the day of signing, where the program's zone is known."""
    program, signer = seen.get("program"), seen.get("clinician")
    if signer is None or program is None or not isinstance(program.state, Program):
        return fact
    day = day_in(signed_at, program.state.time_zone)
    return altered(fact, active_at_signing=signer.state.credential_on(day) is not None)


def _marked(fact: SignedFact, mark: SignatureMark, envelope: str, at: str) -> SignedFact:
    match fact:
        case NoteSigned() | NoteCosigned() | FacilitatorSigned() | NarrativeReplaced():
            return altered(fact, mark=mark, signed_at=at, sealed=SealedEnvelope(envelope=envelope))
        case SignatureAttested():
            return altered(fact, mark=mark, attested_at=at, sealed=SealedEnvelope(envelope=envelope))
        case NoteAmended():
            words = fact.sealed
            sealed = words and SealedAmendment(sections=words.sections, salt=words.salt, envelope=envelope)
            return replace(fact, mark=mark, signed_at=at, sealed=sealed)
        case NoteEnteredInError():
            sealed_words = fact.sealed and replace(fact.sealed, envelope=envelope)
            return replace(fact, mark=mark, sealed=sealed_words)
