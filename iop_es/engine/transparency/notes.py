"""Signed notes (c2sp.org/signed-note): a text, and Ed25519 signatures under it by keys that are known by name.

Two sorts of signature are made and checked here: over the text itself (type 1), and the cosignature of a witness over
a checkpoint and the time at which it was the largest that the witness had seen (type 4, c2sp.org/tlog-cosignature).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE, COSIGNATURE = 1, 4
KEY_BYTES, ID_BYTES, SIGNATURE_BYTES, TIME_BYTES = 32, 4, 64, 8
MOST_BYTES, MOST_SIGNATURES = 1_000_000, 100
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NotANote(ValueError):
    """This is no signed note as c2sp.org/signed-note describes it."""


class BadSignature(ValueError):
    """A note bears the name and id of a key that is known, and the signature is not that key's."""


class Signed(NamedTuple):
    """One signature line: whose, and what; `line` is the whole line with its newline."""

    name: str
    key_id: bytes
    signature: bytes
    line: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and the signatures under it."""

    text: str
    signatures: tuple[Signed, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name; as text, what signed notes call a vkey."""

    name: str
    public_key: bytes
    kind: int = SIGNATURE

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names the key."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public_key).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public_key).decode()}"

    def signed(self, note: Note) -> Signed | None:
        """This key's signature under a note, checked; None if there is none. Raises BadSignature."""
        own = [one for one in note.signatures if (one.name, one.key_id) == (self.name, self.key_id)]
        for one in own:
            if not self._made(one.signature, note.text):
                raise BadSignature(f"The signature of {self.name} is not that of its key.")
        return own[0] if own else None

    def _made(self, signature: bytes, text: str) -> bool:
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != TIME_BYTES + SIGNATURE_BYTES:
                return False
            message = _witnessed(time_of(signature), text)
            signature = signature[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name; the key is in no message and no representation."""

    name: str
    _key: Ed25519PrivateKey
    kind: int = SIGNATURE

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw(), self.kind)

    def note(self, text: str) -> Note:
        """A text with this key's signature. Raises NotANote for a text that cannot be one."""
        return parse_note(f"{text}\n{self._line(self._key.sign(text.encode()))}")

    def cosignature(self, text: str, seconds: int) -> str:
        """The line under a checkpoint that says: at this time (seconds since 1970) this was the largest I had seen."""
        return self._line(seconds.to_bytes(TIME_BYTES) + self._key.sign(_witnessed(seconds, text)))

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {b64encode(self.verifier.key_id + signature).decode()}\n"


def parse_note(text: str | bytes) -> Note:
    """The note that a text is. Raises NotANote."""
    try:
        whole = text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError as error:
        raise NotANote("A note is UTF-8.") from error
    if len(whole) > MOST_BYTES or any(sign < " " and sign != "\n" for sign in whole):
        raise NotANote("A note has no control characters, and is not larger than a megabyte.")
    body, gap, below = whole.rpartition("\n\n")
    lines = below.splitlines(keepends=True)
    if not gap or not body or not 0 < len(lines) <= MOST_SIGNATURES:
        raise NotANote("A note is a text, an empty line and signatures.")
    return Note(body + "\n", tuple(parse_line(line) for line in lines))


def parse_line(line: str) -> Signed:
    """One signature line with its newline. Raises NotANote."""
    found = _LINE.fullmatch(line.removesuffix("\n"))
    if found is None or not line.endswith("\n"):
        raise NotANote("A signature line is a dash, a name and base64.")
    whole = base64(found[2])
    if len(whole) <= ID_BYTES:
        raise NotANote("A signature has four bytes of the key's id, and more.")
    return Signed(found[1], whole[:ID_BYTES], whole[ID_BYTES:], line)


def parse_verifier(text: str) -> Verifier:
    """The public key that a vkey names. Raises NotANote."""
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    whole = base64(material)
    if not _NAME.fullmatch(name) or len(whole) != 1 + KEY_BYTES or whole[0] not in {SIGNATURE, COSIGNATURE}:
        raise NotANote("A verifier key is a name, an id and an Ed25519 key with + between them.")
    found = Verifier(name, whole[1:], whole[0])
    if key_id != found.key_id.hex():
        raise NotANote("The id of this verifier key is not that of its name and key: a character was lost.")
    return found


def time_of(cosignature: bytes) -> int:
    """The seconds since 1970 that a cosignature states."""
    return int.from_bytes(cosignature[:TIME_BYTES])


def base64(text: str) -> bytes:
    """The bytes that a text stands for in the one way in which they are written. Raises NotANote."""
    try:
        found = b64decode(text, validate=True)
    except ValueError as error:
        raise NotANote("This is not base64.") from error
    if b64encode(found).decode() != text:
        raise NotANote("This is not how base64 writes these bytes.")
    return found


def _witnessed(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
