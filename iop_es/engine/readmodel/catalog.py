"""What the store knows of its read models: where each version stands, who holds it, who is parked, what is left to
build. Every function runs in the caller's transaction.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from psycopg import Cursor, sql

from iop_es.engine.reader import Row
from iop_es.engine.readmodel.failure import Failure, Parked
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.statements import blocks, composed


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

    def hold(self, cursor: Cursor[Any], schema: str, holder: str, seconds: float) -> Lease | None:
        """Takes or keeps the lease of a schema, and its row for this transaction; None while another one holds it."""
        found = self.ask(cursor, "hold", schema=schema, holder=holder, seconds=seconds)
        return Lease(*found[0]) if found else None

    def advance(self, cursor: Cursor[Any], schema: str, epoch: int, position: int) -> None:
        """Moves a held schema's position. Raises LeaseLost when somebody took it over."""
        if not self.ask(cursor, "advance", schema=schema, epoch=epoch, position=position):
            raise LeaseLost(schema)

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


class LeaseLost(Exception):
    """Another projector has taken the read model over; this one's batch is undone and it waits for its turn."""


@cache
def _statements(log_schema: str) -> dict[str, bytes]:
    found = dict(blocks("iop_es.engine.readmodel", "statements.sql"))
    return composed(found, log=sql.Identifier(log_schema))
