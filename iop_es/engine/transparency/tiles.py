"""The tree in tiles of 256 hashes (c2sp.org/tlog-tiles): how it grows, and how any proof is made from few of them.

A tile of level 0 has 256 leaves; one of level 1 the roots of 256 tiles of level 0; and so on. Along the right edge each
level has up to 255 hashes that fill no tile yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from iop_es.engine.transparency.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Range,
    consistency_ranges,
    largest_power_below,
    node_hash,
    root_of,
)

WIDTH = 256
HEIGHT = 8


class Tile(NamedTuple):
    """A full tile: 256 hashes end to end, and the root over them."""

    level: int
    number: int
    hashes: bytes
    root: bytes


class Hashes(Protocol):
    """Where the hashes of a tree are had from."""

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """The hashes from start to end of a level, all of one tile."""


class Growth:
    """A tree that is being added to: the right edge of every level, and the tiles that became full on the way."""

    def __init__(self, size: int, edges: Sequence[Sequence[bytes]]) -> None:
        self.size = size
        self.edges = [list(edge) for edge in edges]
        self.full: dict[tuple[int, int], Tile] = {}

    @classmethod
    def of(cls, source: Hashes, size: int) -> Growth:
        """The right edge of a tree of this size."""
        edges, count, level = [], size, 0
        while count:
            start = count // WIDTH * WIDTH
            edges.append(source.hashes(level, start, count) if start < count else [])
            count, level = count // WIDTH, level + 1
        return cls(size, edges)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Adds leaves."""
        done = 0
        while done < len(leaves):
            room = WIDTH - self.size % WIDTH
            taken = leaves[done : done + room]
            self._edge(0).extend(taken)
            self.size += len(taken)
            done += len(taken)
            self._close()

    def root(self) -> bytes:
        """The root at this size."""
        found: list[bytes] = []
        for edge in self.edges:
            if edge or found:
                found = [root_of([*edge, *found])]
        return found[0] if found else EMPTY_ROOT

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """Those that came to it or stand on the edge; the rest is in the tree that it began with. Raises KeyError."""
        tile = self.full.get((level, start // WIDTH))
        if tile is not None:
            return split(tile.hashes, start % WIDTH, start % WIDTH + end - start)
        first = (self.size >> HEIGHT * level) // WIDTH * WIDTH
        if not first <= start < end <= first + len(self._edge(level)):
            raise KeyError(level, start)
        return self.edges[level][start - first : end - first]

    def _edge(self, level: int) -> list[bytes]:
        while len(self.edges) <= level:
            self.edges.append([])
        return self.edges[level]

    def _close(self) -> None:
        """Makes a tile of each level that has become full."""
        level = 0
        while len(self._edge(level)) == WIDTH:
            edge, number = self.edges[level], (self.size >> HEIGHT * (level + 1)) - 1
            tile = Tile(level, number, b"".join(edge), root_of(edge))
            self.full[level, number] = tile
            self.edges[level] = []
            level += 1
            self._edge(level).append(tile.root)


class Grown:
    """A stored tree and what has come to it since."""

    def __init__(self, stored: Hashes, growth: Growth) -> None:
        self._stored = stored
        self._growth = growth

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """From whichever has them."""
        try:
            return self._growth.hashes(level, start, end)
        except KeyError:
            return self._stored.hashes(level, start, end)


class Tree:
    """Roots and proofs of a tree at any size that it has had; what one proof worked out serves the next."""

    def __init__(self, source: Hashes) -> None:
        self._source = source
        self._known: dict[Range, bytes] = {}

    def root(self, size: int) -> bytes:
        """The root over the first leaves."""
        return self._over((0, size)) if size else EMPTY_ROOT

    def inclusions(self, indexes: Sequence[int], size: int) -> list[tuple[bytes, ...]]:
        """The proofs that leaves, in order, stand in the tree of this size: on the way down from the root what many
        share is met once. Raises ValueError where one does not."""
        if indexes and not 0 <= indexes[0] <= indexes[-1] < size:
            raise ValueError(f"A tree of {size} leaves has no leaf {indexes[0]} or {indexes[-1]}.")
        found: list[tuple[bytes, ...]] = []
        if indexes:
            self._descend((0, size), indexes, (), found)
        return found

    def _descend(
        self, below: Range, indexes: Sequence[int], above: tuple[bytes, ...], found: list[tuple[bytes, ...]]
    ) -> None:
        """Adds the proofs of the leaves below a node, whose own proof is `above`."""
        start, end = below
        if end - start == 1:
            found += [above] * len(indexes)
            return
        middle = start + largest_power_below(end - start)
        left, right = (start, middle), (middle, end)
        first = bisect_left(indexes, middle)
        if first:
            self._descend(left, indexes[:first], (self._over(right), *above), found)
        if first < len(indexes):
            self._descend(right, indexes[first:], (self._over(left), *above), found)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the tree of the second size is the one of the first, grown. Raises ValueError."""
        return [self._over(one) for one in consistency_ranges(first, second)]

    def _over(self, found: Range) -> bytes:
        """The hash over a range of leaves."""
        if found not in self._known:
            start, end = found
            if (end - start).bit_count() == 1:
                self._learn(start, end)
            else:
                middle = start + largest_power_below(end - start)
                self._known[found] = node_hash(self._over((start, middle)), self._over((middle, end)))
        return self._known[found]

    def _learn(self, start: int, end: int) -> None:
        """Every hash over a range that lies in one tile, because it has a power of two of leaves: those that the tile
        has, and row by row those over two of the row below."""
        level = ((end - start).bit_length() - 1) // HEIGHT
        width = 1 << HEIGHT * level
        row = self._source.hashes(level, start // width, end // width)
        while row:
            places = zip(range(start, end, width), range(start + width, end + 1, width), strict=True)
            self._known.update(zip(places, row, strict=True))
            row, width = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)], width * 2


def split(hashes: bytes, start: int, end: int) -> list[bytes]:
    """Hashes out of many that lie end to end."""
    return [hashes[at : at + HASH_BYTES] for at in range(start * HASH_BYTES, end * HASH_BYTES, HASH_BYTES)]
