"""What this house said and knows again, whichever of its processes said it: bytes, and its own mac over them and over
what they are about.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass

from aggregates.values import PersonId
from iop_es.engine.keys import MAC_BYTES, Keyring


@dataclass(frozen=True, slots=True)
class Signer:
    """A person and the working session in which they sign: one bearer token, told by its digest."""

    person: PersonId
    session: str


def said(keyring: Keyring, purpose: str, head: bytes, signer: Signer, covered: bytes = b"") -> str:
    """The bytes with the mac, as text."""
    return _written(head + keyring.mac(purpose, _tied(head, signer, covered)))


def known(keyring: Keyring, purpose: str, text: str, length: int, signer: Signer, covered: bytes = b"") -> bytes | None:
    """So many bytes that were said for this purpose, to this signer, about this; None of anything else, and in any
    other spelling."""
    given = read(text)
    if given is None or len(given) != length + MAC_BYTES:
        return None
    head, mac = given[:length], given[length:]
    return head if keyring.knows(purpose, _tied(head, signer, covered), mac) else None


def read(text: str) -> bytes | None:
    """The bytes that `said` would write as this text; None of any other text."""
    try:
        given = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, Error):
        return None
    return given if _written(given) == text else None


def _written(given: bytes) -> str:
    return urlsafe_b64encode(given).rstrip(b"=").decode()


def _tied(head: bytes, signer: Signer, covered: bytes) -> bytes:
    return head + f"{signer.person}\n{signer.session}\n".encode() + covered
