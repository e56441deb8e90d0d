"""The envelope of an electronic signature: what exactly a person put their name to, as bytes.

    signed bytes = "iop-esign/v1\\n" || RFC 8785 bytes of the envelope, signed with Ed25519 (RFC 8032)

The envelope says what was signed (the commitment to the words, the document, its version, what it rests on: the
narrative, or why it is struck; what it shows of its session), by whom (printed name, credential, license), with which
meaning, when, and how the signer proved who they are (21 CFR 11.50 and 11.200, here a benchmark). `prev_sig` is SHA-256
of the bytes of the document's signature before this one, so that none can be taken out or put elsewhere. What is shown
to the signer, and what the challenge is bound to, is the envelope without the proof and the time, which come with the
signing itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from aggregates.canonical import canonical
from aggregates.kit import value
from aggregates.note.figures import SessionFigures
from aggregates.strict import load
from aggregates.values import (
    Code,
    Digest,
    Id,
    Instant,
    KeyId,
    NoteId,
    PersonId,
    Printed,
    PublicKey,
    Signature,
    raw,
    weak,
)

PREFIX = b"iop-esign/v1\n"
Meaning = Literal["author", "co-facilitator", "co-sign", "supervise", "attest-late", "amend", "void"]
EnvelopeText = Annotated[str, StringConstraints(min_length=2, max_length=8_000)]
Challenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,128}$")]
SEVERAL = "mfa"
"""The method of RFC 8176 that says that several factors were used."""
NO_FACTOR = frozenset({"geo", "rba", "user", "mca"})
"""Methods of RFC 8176 that say how or where somebody was asked, and are nothing that the person knows, has or is."""


@value
class _Said:
    """What an envelope of any version says. Digests and ids as in the facts; `reason` is a code, of lateness or of an
    amendment."""

    content_sha256: Digest
    note_id: NoteId
    note_version: Annotated[int, Field(ge=1, le=2**53 - 1)]
    amendment_id: Id | None = None
    rests_on: Digest | None = None
    signer_id: PersonId
    signer_name: Printed
    credential: Code | None = None
    license: Printed | None = None
    meaning: Meaning
    reason: Code | None = None
    prev_sig: Digest | None = None
    key_id: KeyId


@value
class FirstVersion(_Said):
    """An envelope as it was once made; none is made any more."""

    v: Literal[1] = 1


@value
class _Decides(_Said):
    """What decides of billing stands under the signature too, named as in the facts: whose cosignature is needed, why a
    rule was set aside, what the signer's standing was, what was not ready. `identity_override` is that of the wording.
    """

    narrative_id: NoteId | None = None
    needs_cosignature: bool | None = None
    supervisor_id: PersonId | None = None
    override_cause: Code | None = None
    identity_override: Code | None = None
    active_at_signing: bool | None = None
    unready: tuple[Code, ...] = ()
    incomplete_cause: Code | None = None
    facilitator: bool | None = None


@value
class SecondVersion(_Decides):
    """An envelope as it was made before it said anything of the session; none is made any more."""

    v: Literal[2] = 2


@value
class ToBeSigned(_Decides):
    """An envelope before it is signed. `session`: what the document shows of its session, which its words do not say;
    None of one that is of no session, and of a signature over no wording of its own."""

    v: Literal[3] = 3
    session: SessionFigures | None = None


Signing = ToBeSigned | SecondVersion | FirstVersion
"""What was signed, without the proof and the time, in any version."""


@value
class Authentication:
    """How the signer proved, at an instant, who they are; `challenge` was made for these envelopes and nothing else.

    `aal` is 2 exactly where the methods are of several factors.
    """

    aal: Literal[1, 2]
    methods: Annotated[tuple[Code, ...], Field(min_length=1)]
    at: Instant
    challenge: Challenge


@value
class Envelope:
    """A whole envelope, read."""

    to_be_signed: Signing
    auth: Authentication
    signed_at: Instant


def factors(methods: Iterable[Code]) -> int:
    """How many factors these methods (RFC 8176) come to."""
    told = {one.lower() for one in methods}
    return max(len(told - NO_FACTOR), 2 if SEVERAL in told else 0)


def assurance(methods: Iterable[Code]) -> Literal[1, 2]:
    """The level of assurance that these methods give: 2 for several factors."""
    return 2 if factors(methods) > 1 else 1


class NotAnEnvelope(ValueError):
    """The text is no envelope of a signature: not canonical JSON, a field too many or too few, or of another shape."""


_PLAIN: dict[Any, TypeAdapter[Any]] = {
    1: TypeAdapter(FirstVersion), 2: TypeAdapter(SecondVersion), 3: TypeAdapter(ToBeSigned),
}  # fmt: skip
_PROOF: TypeAdapter[Authentication] = TypeAdapter(Authentication)
_INSTANT: TypeAdapter[str] = TypeAdapter(Instant)


def envelope_of(signing: Signing, auth: Authentication, signed_at: Instant) -> EnvelopeText:
    """The envelope as RFC 8785 text, ready to be signed."""
    more = {"auth": msgspec.to_builtins(auth), "signed_at": signed_at}
    return canonical(msgspec.to_builtins(signing) | more).decode()


def signed_bytes(envelope: EnvelopeText) -> bytes:
    """What the key signs."""
    return PREFIX + envelope.encode()


def signed_digest(envelope: EnvelopeText) -> Digest:
    """SHA-256 of what the key signs, in hex: how the next signature of the document refers to this one."""
    return sha256(signed_bytes(envelope)).hexdigest()


def digest_of(signings: Iterable[Signing]) -> bytes:
    """SHA-256 of the digests of what is to be signed, in order: what a challenge is bound to."""
    each = (sha256(canonical(one)).digest() for one in signings)
    return sha256(b"".join(each)).digest()


def read(envelope: EnvelopeText) -> Envelope:
    """The envelope's parts. Raises NotAnEnvelope for a text that `envelope_of` could not have made."""
    try:
        fields: dict[str, Any] = load(envelope)
        if canonical(fields) != envelope.encode():
            raise NotAnEnvelope("The envelope is not in its canonical form.")
        auth, signed_at = fields.pop("auth"), fields.pop("signed_at")
        parts = Envelope(
            to_be_signed=_PLAIN[fields["v"]].validate_python(fields, strict=False), auth=_PROOF.validate_python(auth),
            signed_at=_INSTANT.validate_python(signed_at),
        )
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotAnEnvelope("The text is no envelope of a signature.") from error
    if envelope_of(parts.to_be_signed, parts.auth, parts.signed_at) != envelope:
        raise NotAnEnvelope("The envelope is not in its canonical form.")
    if parts.auth.aal != assurance(parts.auth.methods):
        raise NotAnEnvelope("The envelope claims another assurance than its methods give.")
    return parts


def verifies(envelope: EnvelopeText, signature: Signature, public_key: PublicKey) -> bool:
    """Whether the key made this signature over this envelope."""
    try:
        key = Ed25519PublicKey.from_public_bytes(raw(public_key))
        key.verify(raw(signature), signed_bytes(envelope))
    except (InvalidSignature, ValueError):
        return False
    return not weak(public_key)
