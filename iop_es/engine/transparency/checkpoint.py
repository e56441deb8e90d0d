"""The texts about a tree: a checkpoint (c2sp.org/tlog-checkpoint) and a proof that goes with one (tlog-proof)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from iop_es.engine.transparency.merkle import HASH_BYTES, includes
from iop_es.engine.transparency.notes import NotANote, Note, base64, parse_note

PROOF = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed of a tree: whose it is, how many leaves it has, and its root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf stands at an index of the tree of a checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        lines = "".join(f"{b64encode(one).decode()}\n" for one in self.hashes)
        return f"{PROOF}\nindex {self.index}\n{lines}\n{self.checkpoint}"

    def shows(self, leaf: bytes) -> bool:
        """Whether it proves this leaf; who signed the checkpoint is asked of the keys."""
        head = checkpoint_of(self.checkpoint)
        return includes(leaf, self.index, head.size, self.hashes, head.root)


def checkpoint_of(note: Note) -> Checkpoint:
    """The checkpoint that a note's text is; lines after the third are the log's own affair. Raises NotANote."""
    lines = note.text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise NotANote("A checkpoint has an origin, a size and a root.")
    root = base64(lines[2])
    if len(root) != HASH_BYTES:
        raise NotANote("A root has 32 bytes.")
    return Checkpoint(lines[0], number(lines[1]), root)


def parse_proof(text: str) -> Proof:
    """The proof that a text is. Raises NotANote."""
    head, gap, below = text.partition("\n\n")
    title, index, *hashes = head.split("\n") if "\n" in head else (head, "")
    if not gap or title != PROOF or not index.startswith("index "):
        raise NotANote("A proof has a title, an index, hashes, an empty line and a checkpoint.")
    return Proof(number(index.removeprefix("index ")), parse_hashes(hashes), parse_note(below))


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """One hash a line. Raises NotANote."""
    found = tuple(map(base64, lines))
    if len(found) > MOST_HASHES or any(len(one) != HASH_BYTES for one in found):
        raise NotANote("A proof has at most 63 hashes of 32 bytes.")
    return found


def number(text: str) -> int:
    """A whole number without zeros before it. Raises NotANote."""
    if not _SIZE.fullmatch(text):
        raise NotANote("A size or an index is a whole number.")
    return int(text)
