"""What of a stored fact the tree covers: its place and all that it says, as it lies in the database.

"iop-leaf/v3" LF, then position (8 bytes), stream (16), version (8), and four hashes: SHA-256 of salt and state, of salt
and sealed part (empty if there is none), of the context, and of the stamp; numbers are unsigned and big-endian. The
salt is SHA-256 of "iop-salt/v1" LF and the context, in which the command's random id stands.

Why salted, which version 2 was not: a packet withholds a fact by giving its four hashes alone, and a state such as the
answers to nine questions can be found from its bare hash by trying them all. The salt is known to whoever has the
context, and to nobody else. The columns that repeat what context and stamp say are not in it: `verifying` compares
them.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

LABEL = b"iop-leaf/v3\n"
SALT = b"iop-salt/v1\n"
_PLACE = Struct(">Q16sQ")


def leaf_parts(state: bytes, sealed: bytes | None, context: bytes, stamp: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """The hashes of the four parts of a fact, as they stand in its leaf."""
    salt = sha256(SALT + context).digest()
    return (
        sha256(salt + state).digest(), sha256(salt + (sealed or b"")).digest(), sha256(context).digest(),
        sha256(stamp).digest(),
    )  # fmt: skip


def leaf_data(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The data of a fact's leaf; `stream` is the 16 bytes of its id. The leaf's index is the position less one."""
    return LABEL + _PLACE.pack(position, stream, version) + b"".join(leaf_parts(state, sealed, context, stamp))


def fact_leaf(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The hash of the same leaf."""
    return sha256(b"\0" + leaf_data(position, stream, version, state, sealed, context, stamp)).digest()
