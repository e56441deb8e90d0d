"""What of a stored fact the tree covers: its place and all that it says, as it lies in the database.

"iop-leaf/v4" LF, the position (8 bytes), then SHA-256 hashes:

    place       salt, stream (16 bytes), version (8)
    state       salt, the stamp's first line, state
    sealed      salt, sealed part (nothing if there is none)
    context     context
    patients    one for each further line of the stamp: a salt of its own, and the line

The salts are cut from SHA-512 of "iop-salt/v2" LF and the context, in which the command's random id stands: 32 bytes
for state and sealed part, 16 for the place, 16 from which those of the lines are made, each SHA-256 of them and of the
line's place (4 bytes, from 0 on). Numbers are unsigned and big-endian.

Why so many: a packet withholds a fact by giving hashes alone. From version 2, without salts, the answers to nine
questions could be found by trying them all. Version 3 told stream and time of what it withheld, so that whoever knows
how ids follow from a patient's could count and date that patient's risk judgments. Now each part can be told without
the others: the place where versions are counted, one patient's line where that patient's numbers are. The columns that
repeat what context and stamp say are not in it: `verifying` compares them.
"""

from __future__ import annotations

from hashlib import sha256, sha512
from struct import Struct
from typing import NamedTuple

LABEL = b"iop-leaf/v4\n"
SALT = b"iop-salt/v2\n"
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

    def of_line(self, place: int) -> bytes:
        """The salt of one line of the stamp, from 0 on after the first."""
        return sha256(self.patients + _LINE.pack(place)).digest()


def salts_of(context: bytes) -> Salts:
    """The salts of the fact with this context."""
    made = sha512(SALT + context).digest()
    return Salts(made[:32], made[32:48], made[48:])


def leaf_parts(
    stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> Parts:
    """The hashes of a fact's parts; `stream` is the 16 bytes of its id."""
    salts, (first, *lines) = salts_of(context), stamp.splitlines(keepends=True) or (b"",)
    return Parts(
        sha256(salts.place + _PLACE.pack(stream, version)).digest(), sha256(salts.content + first + state).digest(),
        sha256(salts.content + (sealed or b"")).digest(), sha256(context).digest(),
        tuple([sha256(salts.of_line(place) + line).digest() for place, line in enumerate(lines)]),
    )  # fmt: skip


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
