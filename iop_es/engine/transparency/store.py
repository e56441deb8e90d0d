"""The tree as it is kept beside the log: full tiles, checkpoints with the leaves behind the last full tile, and
statements that the log was restored.

Nothing here is trusted for being here: whoever owns the database can change it. What is signed, and what the witness
holds, decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import Cursor, sql

from iop_es.engine.failpoints import reach
from iop_es.engine.statements import blocks, composed
from iop_es.engine.transparency.merkle import HASH_BYTES
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.tiles import WIDTH, Tile, split

PAGE = 2_000


class Head(NamedTuple):
    """How far the log has come; `refusal` is why it takes no facts."""

    position: int
    name: str
    simulation: bool
    refusal: str | None


class Sealed(NamedTuple):
    """A stored checkpoint: the size of its tree, and the note."""

    size: int
    note: str


class TreeStore:
    """The tables of one tree, each statement on a cursor of the caller's, in its transaction."""

    def __init__(self, schema: str, source: Source = FACTS) -> None:
        self.source = source
        package = "iop_es.engine.transparency"
        tables = {name: sql.Identifier(schema, f"{source.tree}_{name}") for name in ("tile", "checkpoint", "restored")}
        self._statements = composed(
            dict(blocks(package, "statements.sql")) | dict(blocks(package, source.statements)),
            schema=sql.Identifier(schema), **tables,
        )

    def order(self, cursor: Cursor[Any]) -> None:
        """Gives new entries their order, where that is done here."""
        if self.source.ordered_here:
            self._ask(cursor, "order")

    def lock(self, cursor: Cursor[Any]) -> bool:
        """Whether this transaction is the one that may sign until it ends."""
        return bool(self._ask(cursor, "lock")[0][0])

    def head(self, cursor: Cursor[Any]) -> Head:
        """How far the log has come."""
        return Head(*self._ask(cursor, "head")[0])

    def leaves_after(self, cursor: Cursor[Any], position: int, upto: int) -> Iterator[list[bytes]]:
        """The hashes of the entries after a position, up to and with another, in pages. Raises EntryMissing."""
        while position < upto:
            rows = self._ask(cursor, "entries", {"position": position, "upto": upto, "limit": PAGE})
            for expected, row in enumerate(rows, position + 1):
                if row[0] != expected:
                    raise EntryMissing(self.source, expected)
            if not rows:
                raise EntryMissing(self.source, position + 1)
            yield [self.source.leaf(*row) for row in rows]
            position += len(rows)

    def numbered(self, cursor: Cursor[Any], position: int, upto: int) -> dict[int, bytes]:
        """The hashes of the entries after a position, up to and with another, by their positions."""
        rows = self._ask(cursor, "entries", {"position": position, "upto": upto, "limit": upto - position})
        return {row[0]: self.source.leaf(*row) for row in rows}

    def leaves_at(self, cursor: Cursor[Any], positions: Sequence[int]) -> list[bytes]:
        """The hashes of the entries at these positions, in order of position."""
        return [self.source.leaf(*row) for row in self._ask(cursor, "entries_at", {"positions": list(positions)})]

    def waiting(self, cursor: Cursor[Any]) -> bool:
        """Whether entries wait for their seal, or the log takes none."""
        return bool(self._ask(cursor, "waiting")[0][0])

    def last(self, cursor: Cursor[Any], size: int | None = None) -> Sealed | None:
        """The newest checkpoint, or the newest one of a size."""
        return _first(self._ask(cursor, "last", {"size": size}))

    def covering(self, cursor: Cursor[Any], position: int) -> Sealed | None:
        """The first checkpoint that has a position in it."""
        return _first(self._ask(cursor, "covering", {"position": position}))

    def checkpoints(self, cursor: Cursor[Any]) -> Iterator[Sealed]:
        """Every checkpoint, in the order in which they were signed."""
        last = 0
        while rows := self._ask(cursor, "checkpoints", {"id": last, "limit": PAGE}):
            last = rows[-1][0]
            yield from (Sealed(*row) for _, *row in rows)

    def unordered(self, cursor: Cursor[Any]) -> list[int]:
        """Entries that should have their place in the order and have none; the first thousand."""
        return [row[0] for row in self._ask(cursor, "unordered")] if self.source.ordered_here else []

    def extent(self, cursor: Cursor[Any]) -> tuple[int, int]:
        """How far the log says that it is, and the position of its last entry."""
        said, last = self._ask(cursor, "extent")[0]
        return said, last

    def full(self, cursor: Cursor[Any], start: int, end: int) -> dict[int, list[bytes]]:
        """The leaves of the full tiles of a range of numbers, those that are there."""
        rows = self._ask(cursor, "tiles", {"start": start, "end": end})
        return {number: split(hashes, 0, WIDTH) for number, hashes in rows}

    def restorations(self, cursor: Cursor[Any]) -> list[Sealed]:
        """The signed statements that the log goes on from an older backup, and at which size, oldest first."""
        return [Sealed(*row) for row in self._ask(cursor, "restorations")]

    def add(self, cursor: Cursor[Any], tiles: Iterable[Tile], sealed: Sealed, leaves: Sequence[bytes]) -> None:
        """Keeps what came to the tree, with the checkpoint that covers it."""
        for tile in tiles:
            self._ask(cursor, "add_tile", tile._asdict())
        reach("tiles_added")
        self._ask(cursor, "add_checkpoint", {**sealed._asdict(), "leaves": b"".join(leaves)})

    def add_restored(self, cursor: Cursor[Any], stated: Sealed) -> None:
        """Keeps a signed statement that the log goes on from an older backup."""
        self._ask(cursor, "add_restored", stated._asdict())

    def refuse(self, cursor: Cursor[Any], reason: str | None) -> None:
        """Lets the log take no facts for a reason, or with None take them again."""
        self._ask(cursor, "refuse", {"reason": reason})

    def stop(self, cursor: Cursor[Any], reason: str) -> None:
        """Lets the log of facts take none, for who may not seal it."""
        self._ask(cursor, "stop", {"reason": reason})

    def tile(self, cursor: Cursor[Any], level: int, number: int) -> list[bytes]:
        """The hashes of a tile, as many as there are of it."""
        if rows := self._ask(cursor, "tile", {"level": level, "number": number}):
            return split(rows[0][0], 0, WIDTH)
        place = {"level": level - 1, "start": number * WIDTH, "end": (number + 1) * WIDTH}
        rows = self._ask(cursor, "roots" if level else "leaves", place)
        return [one for (found,) in rows for one in split(found, 0, len(found) // HASH_BYTES)]

    def _ask(self, cursor: Cursor[Any], name: str, given: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with cursor.connection.cursor(binary=True) as own:
            own.execute(self._statements[name], given, prepare=True)
            return own.fetchall() if own.description else []


class StoredHashes:
    """The stored hashes of a tree; each tile is read once."""

    def __init__(self, store: TreeStore, cursor: Cursor[Any]) -> None:
        self._store = store
        self._cursor = cursor
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """The hashes from start to end of a level, all of one tile. Raises TreeDamaged."""
        place = level, start // WIDTH
        if place not in self._read:
            self._read[place] = self._store.tile(self._cursor, *place)
        found = self._read[place][start % WIDTH : start % WIDTH + end - start]
        if len(found) != end - start:
            raise TreeDamaged(*place)
        return found


class EntryMissing(Exception):
    """There is no entry at a position that the log has passed."""

    def __init__(self, source: Source, position: int) -> None:
        super().__init__(f"There is no {source.one.lower()} at position {position}.")


class TreeDamaged(Exception):
    """Hashes of the tree that were stored are gone."""

    def __init__(self, level: int, number: int) -> None:
        super().__init__(f"Stored hashes of the tree are missing: level {level}, tile {number}.")


def _first(rows: list[tuple[Any, ...]]) -> Sealed | None:
    return Sealed(*rows[0]) if rows else None
