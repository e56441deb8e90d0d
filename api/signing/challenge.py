"""The challenge of a signing: 16 random bytes with an end and the log's position when it was shown, tied to a person,
the working session in which it was shown, and exactly what is to be signed.

It is kept nowhere: its last 16 bytes are the house's own mac over the rest, the signer and SHA-256 of the envelopes'
digests in order, so that any process of the house knows it again. That it is used once only, the append sees to, which
claims it for each document. What was shown is not kept either: the position says as of when it can be made again.
"""

from __future__ import annotations

import secrets

from aggregates.kit import Refusal
from api.signing.known import Signer, known, read, said
from iop_es.engine.keys import MAC_BYTES, Keyring

LASTS_SECONDS = 120
PURPOSE = "signing-challenge"
RANDOM_BYTES, END_BYTES, POSITION_BYTES = 16, 8, 8
HEAD_BYTES = RANDOM_BYTES + END_BYTES + POSITION_BYTES


class ChallengeUnknown(Refusal):
    """This challenge was not given to you, in this session and for exactly these signatures as they stand now; ask for
    a new one.
    """


class ChallengeExpired(Refusal):
    """This challenge has run out; ask for a new one and sign within {seconds} seconds."""


class ChangedSinceShown(Refusal):
    """Nothing was signed: since it was shown to you, what you would sign came to say something else, in {documents};
    have it shown again, look at it, and sign what it says now.
    """


def issue(keyring: Keyring, signer: Signer, covered: bytes, now: float, position: int) -> tuple[str, int]:
    """A new challenge for a signer over what is covered (see `envelope.digest_of`) as of a position, and its end in
    seconds."""
    ends = int(now) + LASTS_SECONDS
    head = secrets.token_bytes(RANDOM_BYTES) + ends.to_bytes(END_BYTES) + position.to_bytes(POSITION_BYTES)
    return said(keyring, PURPOSE, head, signer, covered), ends


def must_be_for(keyring: Keyring, challenge: str, signer: Signer, covered: bytes, now: float) -> None:
    """Raises ChallengeUnknown for another person's, session's or document's or a made-up one, ChallengeExpired after
    its end. One spelling only is known, since it is used once."""
    head = known(keyring, PURPOSE, challenge, HEAD_BYTES, signer, covered)
    if head is None:
        raise ChallengeUnknown
    if now > int.from_bytes(head[RANDOM_BYTES:-POSITION_BYTES]):
        raise ChallengeExpired(seconds=LASTS_SECONDS)


def shown_at(challenge: str) -> int | None:
    """The position as of which a challenge says that it was shown, which nobody vouches for before `must_be_for` does;
    None of what is no challenge."""
    given = read(challenge)
    if given is None or len(given) != HEAD_BYTES + MAC_BYTES:
        return None
    return int.from_bytes(given[HEAD_BYTES - POSITION_BYTES : HEAD_BYTES])
