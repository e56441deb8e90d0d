"""The Merkle tree of RFC 6962, section 2.1: hashes, roots, and the two proofs (checked as RFC 9162 writes it down).

A hash is 32 bytes. A range `(start, end)` of leaves stands for the tree over them; the proofs are lists of such ranges,
so that whoever keeps hashes of whole subtrees need not see the leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
Range = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's data."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over subtrees of one size, of which only the last may be smaller than the others."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += odd
    return level[0]


class Frontier:
    """A tree that only grows, of which nothing is kept but the roots of its whole subtrees along the right edge."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []  # height and root, tallest first

    def extend(self, hashes: Iterable[bytes], height: int = 0) -> None:
        """Adds leaves, or whole subtrees of 2^height leaves; the size must be a multiple of that."""
        edge = self._edge
        for one in hashes:
            top, root = height, one
            while edge and edge[-1][0] == top:
                root = sha256(b"\1" + edge.pop()[1] + root).digest()
                top += 1
            edge.append((top, root))
            self.size += 1 << height

    def root(self) -> bytes:
        """The root at this size."""
        if not self._edge:
            return EMPTY_ROOT
        _, found = self._edge[-1]
        for _, left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found


def consistency_ranges(first: int, second: int) -> list[Range]:
    """What a consistency proof between two sizes consists of; none from the empty tree or to the same. Raises
    ValueError."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {second} leaves has not grown from one of {first}.")
    start, end, found, known = 0, second, list[Range](), True
    if first in {0, second}:
        return []
    while first != end:
        middle = start + largest_power_below(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, known = middle, False
    return ([] if known else [(start, end)]) + found[::-1]


def includes(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes,
    joined: Callable[[bytes, bytes], bytes] = node_hash,
) -> bool:
    """Whether a proof shows that the leaf stands at this index of the tree with this size and root. `joined` is
    `node_hash`; where many proofs are checked, one that remembers."""
    if not 0 <= index < size or not _hashes((leaf, root, *proof)):
        return False
    place, last, found = index, size - 1, leaf
    for one in proof:
        if not last:
            return False
        if place & 1 or place == last:
            found = joined(one, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = joined(found, one)
        place, last = place >> 1, last >> 1
    return not last and found == root


def consistent(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Whether a proof shows that the second tree is the first one, grown; the first has at least one leaf."""
    if first == second:
        return first > 0 and not proof and first_root == second_root
    if not 0 < first < second or not _hashes((first_root, second_root, *proof)):
        return False
    way = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not way:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = way[0]
    for one in way[1:]:
        if not last:
            return False
        if place & 1 or place == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, one)
        place, last = place >> 1, last >> 1
    return not last and (old, new) == (first_root, second_root)


def largest_power_below(leaves: int) -> int:
    """The largest power of two below a number of leaves."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _hashes(found: Iterable[bytes]) -> bool:
    return all(len(one) == HASH_BYTES for one in found)
