"""The bytes of a sealed personal part.

    "IOP" 0x01 | key_id[16] | kc[32] | nonce[12] | ct || tag[16]

The plaintext is padded with 0x80 and zeros to a multiple of 256 bytes, so that its length says little. Every fact has a
key of its own, ek = HKDF-SHA256(ikm = the subject's key, salt = key_id, info = "iop-ek/v1" || stream[16] || u64
version), so that one fact can be shown alone: whoever has its ek has no other's. AES-256-GCM takes as additional data
"iop-aad/v1" LF || the 52 bytes before the nonce || stream || version || u32 length || name, so that bytes moved to
another fact do not open there. AES-GCM alone can be made to open to two texts under two keys; kc =
SHA-256("iop-kc/v1" || ek) names the one key that it may be opened with.

The nonce is random although the key is used for one fact: an append that is tried again may come with other words
under the same version, and the first ciphertext may have been seen.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from os import urandom
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from iop_es.engine.sealer import Part

MAGIC = b"IOP\x01"
KEY_ID_BYTES, COMMITMENT_BYTES, NONCE_BYTES, TAG_BYTES = 16, 32, 12, 16
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + COMMITMENT_BYTES
BODY = HEADER_BYTES + NONCE_BYTES
BLOCK = 256
SHORTEST = BODY + BLOCK + TAG_BYTES
_NUMBER, _LENGTH = Struct(">Q"), Struct(">I")


class Unopened(Exception):
    """Why bytes do not open, in words that say nothing of what is in them."""


def extract(subject_key: bytes, key_id: bytes) -> bytes:
    """The first half of HKDF (RFC 5869): all that is needed of a subject's key, and what is remembered of it."""
    return hmac.digest(key_id, subject_key, sha256)


def fact_key(extracted: bytes, part: Part) -> bytes:
    """The key of one fact, ek: the second half of HKDF, of one block."""
    return hmac.digest(extracted, b"iop-ek/v1" + _place(part) + b"\x01", sha256)


def commitment(key: bytes) -> bytes:
    """What names the one key that may open a ciphertext."""
    return sha256(b"iop-kc/v1" + key).digest()


def key_id_of(data: bytes) -> bytes:
    """Whose key sealed these bytes. Raises Unopened for bytes in another layout."""
    if not data.startswith(MAGIC):
        raise Unopened("it is not encrypted; a store that keeps personal parts open is one that was set up so")
    if len(data) < SHORTEST or (len(data) - BODY - TAG_BYTES) % BLOCK:
        raise Unopened("bytes were added or taken away")
    return data[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES]


def sealed(key_id: bytes, extracted: bytes, part: Part, nonce: bytes | None = None) -> bytes:
    """The part's data sealed; `nonce` is for worked examples only."""
    key = fact_key(extracted, part)
    header = MAGIC + key_id + commitment(key)
    drawn = urandom(NONCE_BYTES) if nonce is None else nonce
    return header + drawn + AESGCM(key).encrypt(drawn, _padded(part.data), _bound_to(header, part))


def opened(extracted: bytes, part: Part) -> bytes:
    """What was sealed at this place. Raises Unopened."""
    return opened_with(fact_key(extracted, part), part)


def opened_with(key: bytes, part: Part) -> bytes:
    """The same with the key of the fact itself. Raises Unopened."""
    data = part.data
    key_id_of(data)
    header, nonce = data[:HEADER_BYTES], data[HEADER_BYTES:BODY]
    if not hmac.compare_digest(header[-COMMITMENT_BYTES:], commitment(key)):
        raise Unopened("it was sealed for another place, or with another key")
    try:
        padded = AESGCM(key).decrypt(nonce, data[BODY:], _bound_to(header, part))
    except InvalidTag:
        raise Unopened("bytes were changed") from None
    text, mark, rest = padded.rpartition(b"\x80")
    if not mark or rest.strip(b"\0") or len(rest) >= BLOCK:
        raise Unopened("it was not padded as it should be")
    return text


def _place(part: Part) -> bytes:
    return bytes.fromhex(part.stream.replace("-", "")) + _NUMBER.pack(part.version)


def _bound_to(header: bytes, part: Part) -> bytes:
    name = part.name.encode()
    return b"iop-aad/v1\n" + header + _place(part) + _LENGTH.pack(len(name)) + name


def _padded(text: bytes) -> bytes:
    return text + b"\x80" + bytes(-(len(text) + 1) % BLOCK)
