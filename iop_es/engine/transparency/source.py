"""What a tree is made over: the facts of the log, or the entries of the access log in the order that the sealer gave
them. Both are sealed, witnessed, restored and verified by the same code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct

from iop_es.engine.transparency.leaf import fact_leaf

READ_LABEL = b"iop-read/v1\n"
_NUMBERS = Struct(">QQ")
_LENGTH = Struct(">I")
NOTHING = _LENGTH.pack(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Source:
    """Where leaves come from: its statements, the beginning of its tree's tables, what one entry and several are
    called, whether the sealer gives them their order, the hash of an entry as the statement `entries` reads it, and how
    `iop-es log restored` is told of it."""

    statements: str
    tree: str
    one: str
    several: str
    ordered_here: bool
    leaf: Callable[..., bytes]
    option: str


def read_leaf(number: int, entry: int, *told: str | None) -> bytes:
    """The hash of an entry of the access log: "iop-read/v1" LF, its number in the order and its id (8 bytes each), and
    its fields, each with its length before it (4 bytes; all ones for one that is not there); numbers are unsigned and
    big-endian. Nobody can try entries out: an instant and random ids stand in each."""
    parts = [b"\0", READ_LABEL, _NUMBERS.pack(number, entry)]
    for one in told:
        data = one.encode() if one is not None else b""
        parts += (NOTHING,) if one is None else (_LENGTH.pack(len(data)), data)
    return sha256(b"".join(parts)).digest()


FACTS = Source("facts.sql", "tree", "Fact", "facts", False, fact_leaf, "")
READS = Source("reads.sql", "access_tree", "Read", "reads", True, read_leaf, " --reads")
