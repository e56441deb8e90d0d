"""The house's own keys: one root of 32 random bytes in a file, and everything else made from it by purpose.

A person's signing key is made from the root anew whenever it is needed (HKDF-SHA256, RFC 5869, with the person and the
key's number), so that no private key is stored anywhere: neither the database nor its backups can sign. Who loses the
root loses no signature, since those are checked with the public keys, which are facts; but nobody can sign with the
earlier keys any more, and each person gets a next one.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from iop_es.engine.files import write

ROOT_BYTES = 32
MAC_BYTES = 16


class KeysUnusable(Exception):
    """The root key, from which all signing keys are made, cannot be had from {path} ({why}): 32 bytes that only this
    user can read belong there. Mend that, or set IOP_ES_ROOT_KEY to the file that has them."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(path=path, why=why))


@dataclass(frozen=True, slots=True)
class Keyring:
    """What can be done with the root; it is in no message and no representation."""

    _root: bytes = field(repr=False)

    def public_key(self, person: str, number: int) -> str:
        """The public half of a person's signing key, in hex."""
        return self._signing_key(person, number).public_key().public_bytes_raw().hex()

    def signing(self, person: str, number: int) -> Callable[[bytes], str]:
        """What makes Ed25519 signatures of a person's key over data, in hex: for one act, and not to be kept."""
        key = self._signing_key(person, number)
        return lambda data: key.sign(data).hex()

    def salts(self, several: Sequence[bytes]) -> list[str]:
        """For each of several data 32 bytes in hex that nobody else can guess, for the same data always the same."""
        key = self._made("salt")
        return [hmac.digest(key, data, sha256).hex() for data in several]

    def key_of(self, purpose: str) -> Ed25519PrivateKey:
        """The signing key of the house itself for a purpose, such as its log."""
        return Ed25519PrivateKey.from_private_bytes(self._made(f"key:{purpose}"))

    def mac(self, purpose: str, data: bytes) -> bytes:
        """16 bytes by which this house knows again what it has said itself."""
        return hmac.digest(self._made(f"mac:{purpose}"), data, sha256)[:MAC_BYTES]

    def knows(self, purpose: str, data: bytes, mac: bytes) -> bool:
        """Whether the bytes are that mac; how long it takes says nothing."""
        return hmac.compare_digest(self.mac(purpose, data), mac)

    def _signing_key(self, person: str, number: int) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._made(f"signing:{person}:{number}"))

    def _made(self, purpose: str) -> bytes:
        return HKDF(SHA256(), ROOT_BYTES, salt=None, info=b"iop-es/" + purpose.encode()).derive(self._root)


def open_keyring(path: Path) -> Keyring:
    """The keyring whose root is in this file, which is made when there is none. Raises KeysUnusable."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            write(path, [secrets.token_bytes(ROOT_BYTES)], replace=False)
        with path.open("rb") as file:
            mode, root = os.fstat(file.fileno()).st_mode, file.read(ROOT_BYTES + 1)
    except OSError as error:
        raise KeysUnusable(path, error.strerror or type(error).__name__) from error
    if mode & 0o077:
        raise KeysUnusable(path, f"its mode is {mode & 0o777:o}, not 600")
    if len(root) != ROOT_BYTES:
        raise KeysUnusable(path, "it has another length")
    return Keyring(root)
