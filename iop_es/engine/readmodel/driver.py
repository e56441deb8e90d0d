"""The live driver: facts after the checkpoint → fold → rows, documents and checkpoint in one transaction.

The checkpoint row is locked for the batch, so that of any number of drivers of one version exactly one writes, and
a driver whose memory is behind the row (another one was first) forgets what it remembers and reads on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from psycopg import Cursor, sql

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.fold import Fold, ReadModel, Recorded
from iop_es.engine.readmodel.place import Documents, Place

Decode = Callable[[str, bytes, bytes | None], Any]
REMEMBERED = 5_000

logger = structlog.get_logger()


class Driver:
    """Keeps one version of one read model up to the log's head.

    `decode(topic, state, sealed)` turns stored bytes into a fact; the pool's role may read the log and write the
    read models' schemas.
    """

    def __init__(self, model: ReadModel, log: Log, pool: Pool, decode: Decode) -> None:
        self.model = model
        self.place = Place(model, log.schema)
        self._log = log
        self._pool = pool
        self._decode = decode
        self._fold: Fold | None = None
        self._position = -1

    def prepare(self) -> None:
        """Makes the schema, the checkpoint row and the entry for readers, unless they are there."""
        with transaction(self._pool) as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (self.place.schema,))
            if not self.place.exists(cursor):
                self.place.create(cursor)
            cursor.execute(
                self._sql("INSERT INTO {log}.checkpoint (name, version) VALUES (%s, %s) ON CONFLICT DO NOTHING"),
                (self.model.name, self.model.version),
            )
            cursor.execute(
                self._sql(
                    "INSERT INTO {log}.read_model (name, version, active) VALUES (%s, %s, %s)"
                    " ON CONFLICT (name) DO UPDATE SET version = excluded.version, active = excluded.active"
                    " WHERE read_model.version < excluded.version"
                ),
                (self.model.name, self.model.version, self.place.schema),
            )

    def catch_up(self, batch: int = 5_000) -> int:
        """Projects until the head that it finds; answers the position reached."""
        while True:
            reached, taken = self.step(batch)
            if taken < batch:
                return reached

    def step(self, batch: int) -> tuple[int, int]:
        """Projects one batch; answers the position reached and how many facts it took."""
        try:
            with transaction(self._pool) as cursor:
                return self._step(cursor, batch)
        except BaseException:
            self._fold = None
            raise

    def rebuild(self, batch: int = 5_000, progress: Callable[[int], None] = lambda _position: None) -> int:
        """Folds everything from the first fact into emptied tables, in one transaction; answers the head reached."""
        fold, position = Fold(self.model), 0
        self._fold = None
        with transaction(self._pool) as cursor:
            self._lock(cursor)
            self.place.empty(cursor)
            self.place.enter(cursor)
            while page := self._log.after(position, batch, with_sealed=bool(self.model.sealed)):
                for table, scopes in fold.take(self._recorded(page)).items():
                    rows = (row for rows in scopes.values() for row in rows)
                    self.place.copy(cursor, table, rows)
                position = page[-1].position
                progress(position)
            self.place.fill(cursor, fold.settle())
            self.place.analyze(cursor)
            self._checkpoint(cursor, position)
        return position

    def _step(self, cursor: Cursor[Any], batch: int) -> tuple[int, int]:
        position = self._lock(cursor)
        if self._fold is None or self._position != position:
            self._fold = Fold(self.model)
        page = self._log.after(position, batch, with_sealed=bool(self.model.sealed))
        if not page:
            return position, 0
        self.place.enter(cursor)
        rows = self._fold.take(self._recorded(page), Documents(cursor))
        delta = self._fold.settle()
        delta.add(rows)
        written = self.place.merge(cursor, delta)
        self._position = page[-1].position
        self._checkpoint(cursor, self._position)
        self._fold.forget(REMEMBERED)
        logger.info(
            "batch_projected", model=self.model.name, position=self._position, facts=len(page), rows=written
        )
        return self._position, len(page)

    def _lock(self, cursor: Cursor[Any]) -> int:
        cursor.execute(
            self._sql("SELECT position FROM {log}.checkpoint WHERE name = %s AND version = %s FOR UPDATE"),
            (self.model.name, self.model.version),
        )
        row = cursor.fetchone()
        if row is None:
            raise LookupError(f"{self.model.name} {self.model.version} has no checkpoint; call prepare() first.")
        return int(row[0])

    def _checkpoint(self, cursor: Cursor[Any], position: int) -> None:
        cursor.execute(
            self._sql("UPDATE {log}.checkpoint SET position = %s, epoch = epoch + 1 WHERE name = %s AND version = %s"),
            (position, self.model.name, self.model.version),
        )

    def _recorded(self, page: Sequence[StoredFact]) -> list[Recorded]:
        return recorded(page, self.model, self._decode)

    def _sql(self, statement: str) -> sql.Composed:
        return sql.SQL(statement).format(log=sql.Identifier(self._log.schema))


def recorded(page: Sequence[StoredFact], model: ReadModel, decode: Decode) -> list[Recorded]:
    """The facts of a page that a read model folds, decoded; the personal part only where the model asks for it."""
    facts = []
    for stored in page:
        name = stored.topic.partition("@")[0]
        if name in model.handles:
            sealed = stored.sealed if name in model.sealed else None
            facts.append(
                Recorded(
                    stored.position, stored.stream, stored.version, name, decode(stored.topic, stored.state, sealed),
                    stored.context, stored.occurred_at, stored.recorded_at, stored.actor, stored.patients,
                )
            )
    return facts
