"""The challenge of a signing: 16 random bytes with an end, tied to a person, the working session in which it was shown,
and exactly what is to be signed.

It is kept nowhere: its last 16 bytes are the house's own mac over the rest, the signer and SHA-256 of the envelopes'
digests in order, so that any process of the house knows it again. That it is used once only, the append sees to, which
claims it for each document.
"""

from __future__ import annotations

import secrets

from aggregates.kit import Refusal
from api.signing.known import Signer, known, said
from iop_es.engine.keys import Keyring

LASTS_SECONDS = 120
PURPOSE = "signing-challenge"
RANDOM_BYTES, END_BYTES = 16, 8


class ChallengeUnknown(Refusal):
    """This challenge was not given to you, in this session and for exactly these signatures as they stand now; ask for
    a new one.
    """


class ChallengeExpired(Refusal):
    """This challenge has run out; ask for a new one and sign within {seconds} seconds."""


def issue(keyring: Keyring, signer: Signer, covered: bytes, now: float) -> tuple[str, int]:
    """A new challenge for a signer over what is covered (see `envelope.digest_of`), and its end in seconds."""
    ends = int(now) + LASTS_SECONDS
    head = secrets.token_bytes(RANDOM_BYTES) + ends.to_bytes(END_BYTES)
    return said(keyring, PURPOSE, head, signer, covered), ends


def must_be_for(keyring: Keyring, challenge: str, signer: Signer, covered: bytes, now: float) -> None:
    """Raises ChallengeUnknown for another person's, session's or document's or a made-up one, ChallengeExpired after
    its end. One spelling only is known, since it is used once."""
    head = known(keyring, PURPOSE, challenge, RANDOM_BYTES + END_BYTES, signer, covered)
    if head is None:
        raise ChallengeUnknown
    if now > int.from_bytes(head[RANDOM_BYTES:]):
        raise ChallengeExpired(seconds=LASTS_SECONDS)
