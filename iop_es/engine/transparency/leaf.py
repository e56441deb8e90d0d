"""What of a stored fact the tree covers: its place and all that it says, as it lies in the database.

"iop-leaf/v4" LF, the position (8 bytes), then SHA-256 hashes:

    place       salt P, stream (16 bytes), version (8)
    state       salt C, the stamp's first line, state
    sealed      salt C, sealed part (nothing if there is none)
    context     salt C, context without its nonce
    patients    one for each further line of the stamp: salt N, SHA-256 of salt A and the alias, the rest of the line

The salts are cut from SHA-512 of "iop-salt/v2" LF and the nonce, 32 random characters that each fact's context has for
this alone: C 32 bytes, P 16, and 16 more; SHA-512 of those and the line's place (4 bytes, from 0 on) are A and N, 32
bytes each. Numbers are unsigned and big-endian.

Why so many: a packet proves parts of a fact and withholds others by their hashes alone, of which none may be found by
trying (the answers to nine questions), and none may be told by another (the stream and time of a risk judgment, how
many facts somebody has who sat in the same session). So the nonce itself is in no packet, only the salts of what is
told. The columns that repeat what context and stamp say are not in the leaf: `verifying` compares them.
"""

from __future__ import annotations

from hashlib import sha256, sha512
from struct import Struct
from typing import NamedTuple

LABEL = b"iop-leaf/v4\n"
SALT = b"iop-salt/v2\n"
NONCE = b'"nonce":"'
NONCE_BYTES = 32
_POSITION, _PLACE, _LINE = Struct(">Q"), Struct(">16sQ"), Struct(">I")


class Parts(NamedTuple):
    """The hashes of a fact's parts as they stand in its leaf."""

    place: bytes
    state: bytes
    sealed: bytes
    context: bytes
    patients: tuple[bytes, ...]


class Salts(NamedTuple):
    """What keeps the parts of a fact from being found by trying."""

    content: bytes
    place: bytes
    patients: bytes

    def of_line(self, place: int) -> tuple[bytes, bytes]:
        """Those of the alias and of the number in one line of the stamp, from 0 on after the first."""
        made = sha512(self.patients + _LINE.pack(place)).digest()
        return made[:32], made[32:]


def told_apart(context: bytes) -> tuple[Salts, bytes]:
    """The salts that a context's nonce gives, and the context without it."""
    start = context.find(NONCE) + len(NONCE)
    if start < len(NONCE):
        start = len(context)
    made = sha512(SALT + context[start : start + NONCE_BYTES]).digest()
    return Salts(made[:32], made[32:48], made[48:]), context[:start] + context[start + NONCE_BYTES :]


def leaf_parts(
    stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> Parts:
    """The hashes of a fact's parts; `stream` is the 16 bytes of its id."""
    (salts, told), (first, *lines) = told_apart(context), stamp.splitlines(keepends=True) or (b"",)
    content, of_place, _ = salts
    return Parts(
        sha256(of_place + _PLACE.pack(stream, version)).digest(), sha256(content + first + state).digest(),
        sha256(content + (sealed or b"")).digest(), sha256(content + told).digest(),
        tuple([_line(salts, place, line) for place, line in enumerate(lines)]),
    )  # fmt: skip


def _line(salts: Salts, place: int, line: bytes) -> bytes:
    of_alias, of_number = salts.of_line(place)
    alias = line.partition(b" ")[0]
    return sha256(of_number + sha256(of_alias + alias).digest() + line[len(alias) :]).digest()


def leaf_data(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The data of a fact's leaf. The leaf's index is the position less one."""
    *parts, patients = leaf_parts(stream, version, state, sealed, context, stamp)
    return LABEL + _POSITION.pack(position) + b"".join((*parts, *patients))


def fact_leaf(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The hash of the same leaf."""
    return sha256(b"\0" + leaf_data(position, stream, version, state, sealed, context, stamp)).digest()
