"""What of a stored fact the tree covers: its place and all that it says, as it lies in the database.

"iop-leaf/v2" LF, then position (8 bytes), stream (16), version (8), and the SHA-256 of state, sealed part (empty if
there is none), context and stamp; numbers are unsigned and big-endian. The command's random id in the context keeps a
leaf from being guessed. The columns that repeat what context and stamp say are not in it: `verifying` compares them.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

LABEL = b"iop-leaf/v2\n"
_PLACE = Struct(">Q16sQ")


def leaf_data(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The data of a fact's leaf; `stream` is the 16 bytes of its id. The leaf's index is the position less one."""
    parts = (sha256(state), sha256(sealed or b""), sha256(context), sha256(stamp))
    return LABEL + _PLACE.pack(position, stream, version) + b"".join(part.digest() for part in parts)


def fact_leaf(
    position: int, stream: bytes, version: int, state: bytes, sealed: bytes | None, context: bytes, stamp: bytes
) -> bytes:
    """The hash of the same leaf; one call, because it is made for every fact there is."""
    return sha256(
        b"\0iop-leaf/v2\n" + _PLACE.pack(position, stream, version) + sha256(state).digest()
        + sha256(sealed or b"").digest() + sha256(context).digest() + sha256(stamp).digest()
    ).digest()  # fmt: skip
