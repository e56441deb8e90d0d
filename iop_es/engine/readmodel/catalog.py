"""What the store knows of its read models: where each version stands, who holds it, who is parked, what is left to
build. Every function runs in the caller's transaction.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from psycopg import Cursor, sql

from iop_es.engine.readmodel.failure import Failure, Parked
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.statements import blocks, composed
from iop_es.engine.stored import Row


class Lease(NamedTuple):
    """What the holder of a schema finds: how far it is, which holding this is, and who held it last; None: it was given
    back."""

    position: int
    epoch: int
    former: str | None = None


class Slice(NamedTuple):
    """A share of a build: keys or positions from `first` through `last`, of the log up to `upto`."""

    number: int
    first: str
    last: str
    upto: int
    facts: int


class Unfinished(NamedTuple):
    """A build that was begun and is not in use yet: when that was (UTC text), how many of its shares are there (of 0:
    every one, so that nobody counts them any more), and the digest of the code that began it."""

    name: str
    version: int
    schema: str
    begun_at: str
    done: int
    shares: int
    code: str | None

    @property
    def told(self) -> str:
        """How far it is, in words."""
        return f"{self.done:,} of {self.shares:,} shares are there" if self.shares else "every share is there"


class Catalog:
    """The engine's tables about read models, in the log's schema."""

    def __init__(self, log_schema: str) -> None:
        self.log_schema = log_schema
        self._statements = _statements(log_schema)

    def ask(self, cursor: Cursor[Any], name: str, /, **parameters: Any) -> list[Row]:
        """The rows of a named statement; none where it gives none."""
        cursor.execute(self._statements[name], parameters)
        return cursor.fetchall() if cursor.description else []

    def active(self, cursor: Cursor[Any], model: ReadModel) -> str | None:
        """The schema in use of a model's version."""
        found = self.ask(cursor, "active", name=model.name, version=model.version)
        return str(found[0][0]) if found else None

    def unfinished(self, cursor: Cursor[Any]) -> list[Unfinished]:
        """Every build that was begun and is not in use yet, one for each version of a read model."""
        return [Unfinished(*row) for row in self.ask(cursor, "unfinished")]

    def unfinished_of(self, cursor: Cursor[Any], model: ReadModel) -> Unfinished | None:
        """The one of a model's version."""
        found = (one for one in self.unfinished(cursor) if one[:2] == (model.name, model.version))
        return next(found, None)

    def hold(self, cursor: Cursor[Any], schema: str, holder: str, seconds: float) -> Lease | None:
        """Takes or keeps the lease of a schema, and its row for this transaction; None while another one holds it."""
        found = self.ask(cursor, "hold", schema=schema, holder=holder, seconds=seconds)
        return Lease(*found[0]) if found else None

    def advance(self, cursor: Cursor[Any], schema: str, position: int) -> None:
        """Moves the position of a schema whose lease this transaction took or kept."""
        self.ask(cursor, "advance", schema=schema, position=position)

    def parked(self, cursor: Cursor[Any], schema: str) -> Parked:
        """Whose facts are passed over there."""
        parked = Parked()
        kinds = {"patient": parked.patients, "stream": parked.streams, "reference": parked.references}
        for kind, key, position in self.ask(cursor, "parked", schema=schema):
            kinds[kind][key] = position
        return parked

    def park(self, cursor: Cursor[Any], schema: str, failure: Failure) -> None:
        """Parks everyone whom a failure stops; who is parked already keeps the first cause."""
        kinds = {"patient": failure.patients, "stream": failure.streams, "reference": failure.references}
        for kind, ids in kinds.items():
            for key in ids:
                self.ask(
                    cursor, "park", schema=schema, kind=kind, id=key, position=failure.position, fact=failure.name,
                    cause=failure.cause,
                )  # fmt: skip


@cache
def _statements(log_schema: str) -> dict[str, bytes]:
    found = dict(blocks("iop_es.engine.readmodel", "statements.sql"))
    return composed(found, log=sql.Identifier(log_schema))
