"""The challenge of a signing: 16 random bytes with an end, tied to a person, the working session in which it was shown,
and exactly what is to be signed.

It is kept nowhere: its last 16 bytes are the house's own mac over the rest, the signer and SHA-256 of the envelopes'
digests in order, so that any process of the house knows it again. That it is used once only, the append sees to, which
claims it for each document.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass

from aggregates.kit import Refusal
from aggregates.values import PersonId
from iop_es.engine.keys import MAC_BYTES, Keyring

LASTS_SECONDS = 120
PURPOSE = "signing-challenge"
RANDOM_BYTES, END_BYTES = 16, 8


@dataclass(frozen=True, slots=True)
class Signer:
    """A person and the working session in which they sign: one bearer token, told by its digest."""

    person: PersonId
    session: str


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
    mac = keyring.mac(PURPOSE, _tied(head, signer, covered))
    return _written(head + mac), ends


def must_be_for(keyring: Keyring, challenge: str, signer: Signer, covered: bytes, now: float) -> None:
    """Raises ChallengeUnknown for another person's, session's or document's or a made-up one, ChallengeExpired after
    its end."""
    try:
        given = urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
    except (ValueError, Error) as error:
        raise ChallengeUnknown from error
    head, mac = given[:-MAC_BYTES], given[-MAC_BYTES:]
    whole = len(head) == RANDOM_BYTES + END_BYTES and _written(given) == challenge  # one spelling only: it is used once
    if not whole or not keyring.knows(PURPOSE, _tied(head, signer, covered), mac):
        raise ChallengeUnknown
    if now > int.from_bytes(head[RANDOM_BYTES:]):
        raise ChallengeExpired(seconds=LASTS_SECONDS)


def _written(challenge: bytes) -> str:
    return urlsafe_b64encode(challenge).rstrip(b"=").decode()


def _tied(head: bytes, signer: Signer, covered: bytes) -> bytes:
    return head + f"{signer.person}\n{signer.session}\n".encode() + covered
