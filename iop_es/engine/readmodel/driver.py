"""The live driver: facts after the position → fold → rows, documents and position in one transaction.

Of any number of drivers of one version one holds the lease and writes; the others look again in a while. The lease is
taken, kept and moved on in the batch's own transaction, on the read model's row, so that a holder that dies leaves
nothing half written, and one that is slow keeps the row until its batch is there. What a driver remembers is forgotten
whenever the row says that somebody else, or something else, came between.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import structlog
from psycopg import Cursor

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.failpoints import reach
from iop_es.engine.reader import Reader
from iop_es.engine.readmodel.catalog import Catalog, Lease
from iop_es.engine.readmodel.failure import FactsFailed, FoldFailed
from iop_es.engine.readmodel.fold import Decode, Fold
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.parking import Lot
from iop_es.engine.readmodel.pieces import in_pieces, project
from iop_es.engine.readmodel.place import Documents, Place

REMEMBERED = 5_000
LEASE_SECONDS = 10.0
WAIT_SECONDS = 0.02

logger = structlog.get_logger()


class Step(NamedTuple):
    """What one step did: the position reached, how many facts it took, whether it holds the lease, and how many rows it
    wrote."""

    position: int
    taken: int
    holding: bool = True
    rows: int = 0


class NotBuilt(LookupError):
    """This release's version of the read model stands nowhere yet: run `iop-es rebuild`."""


class Driver:
    """Keeps one version of one read model up to the log's head, in the schema in use or in a given one.

    `decode(topic, state, sealed)` turns stored bytes into a fact; the pool's role may read the log and write the
    read models' schemas. Without `parking` a fact that fails raises FoldFailed. `pause(name)` is called at the points
    where a test may end the process.
    """

    def __init__(
        self, model: ReadModel, log: Reader, pool: Pool, decode: Decode, *, schema: str | None = None,
        lease_seconds: float = LEASE_SECONDS, parking: bool = True, pause: Callable[[str], None] = reach,
    ) -> None:  # fmt: skip
        self.model = model
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4()}"
        self.catalog = Catalog(log.schema)
        self._log = log.as_stored()
        self._pool = pool
        self._decode = decode
        self._given = schema
        self._lease_seconds = lease_seconds
        self._parking = parking
        self._pause = pause
        self._place: Place | None = None
        self._fold: Fold | None = None
        self._remembered = Lease(-1, -1)
        self._taken: Lease | None = None

    @property
    def place(self) -> Place:
        """Where the rows are. Raises NotBuilt."""
        with transaction(self._pool) as cursor:
            return self._entered(cursor)

    def prepare(self) -> None:
        """Makes an empty place in a store that has never had any version of this read model; a newer version of one
        that is there already is built by a rebuild, because its readers must not find it empty."""
        with transaction(self._pool) as cursor:
            self.catalog.ask(cursor, "lock_catalog")
            if not self.catalog.ask(cursor, "any", name=self.model.name):
                (schema,) = self.catalog.ask(cursor, "open", name=self.model.name, version=self.model.version)[0]
                place = Place(self.model, str(schema))
                place.create(cursor)
                place.guard(cursor, self.catalog)
                self.catalog.ask(cursor, "activate", schema=schema)

    def catch_up(self, batch: int = 5_000) -> int:
        """Projects until the head that it finds, or waits until another holder has; answers the position reached."""
        head = self._log.head().position
        while True:
            done = self.step(batch)
            if done.position >= head and done.taken < batch:
                return done.position
            if not done.holding:
                time.sleep(WAIT_SECONDS)

    def step(self, batch: int, upto: int | None = None) -> Step:
        """Projects one batch, if it holds the lease or can have it; in several transactions if something of it fails.
        A fact that fails parks whom it concerns. Raises FoldFailed without parking."""
        steps: list[Step] = []

        def piece(size: int) -> int:
            steps.append(self._commit(size, upto))
            return steps[-1].taken

        taken = in_pieces(batch, piece, self._overcome)
        return steps[-1]._replace(taken=taken, rows=sum(step.rows for step in steps))

    def _commit(self, batch: int, upto: int | None) -> Step:
        started = time.perf_counter()
        try:
            with transaction(self._pool) as cursor:
                step = self.step_in(cursor, batch, upto)
        except BaseException:
            self._forget()
            raise
        if step.taken:
            self._pause("committed")
        self.tell(step, started)
        return step

    def tell(self, step: Step, started: float) -> None:
        """The one log line of a batch, once it is committed, and before it the one of a lease that was taken with it;
        `started` is when it began, by the performance counter."""
        if self._taken is not None:
            logger.info("lease_taken", model=self.model.name, holder=self.holder, former=self._taken.former)
            self._taken = None
        if step.taken:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            logger.info(
                "batch_projected", model=self.model.name, position=step.position, facts=step.taken, rows=step.rows,
                milliseconds=milliseconds,
            )  # fmt: skip

    def step_in(self, cursor: Cursor[Any], batch: int, upto: int | None = None) -> Step:
        """The same in the caller's transaction, untold. Raises FactsFailed instead of going on in pieces."""
        place = self._entered(cursor)
        lease = self._hold(cursor, place)
        if lease is None:
            self._forget()
            found = self.catalog.ask(cursor, "position", schema=place.schema)
            if not found and self._given is None and self.catalog.active(cursor, self.model) != place.schema:
                return self.step_in(cursor, batch, upto)  # switched and thrown away since it was looked up
            if not found:
                raise NotBuilt(f"{place.schema} was thrown away by another rebuild: begin again.")
            return Step(int(found[0][0]), 0, holding=False)
        page = self._log.page(cursor.connection, lease.position, batch, upto, bool(self.model.sealed))
        if not page:
            return Step(lease.position, 0)
        self._pause("read")
        fold = self._remembering(cursor, place, lease)
        place.enter(cursor)
        written = project(cursor, place, fold, page, self._decode, Documents(cursor), self._pause)
        self._pause("merged")
        self.catalog.advance(cursor, place.schema, page[-1].position)
        self._pause("advanced")
        self._remembered = Lease(page[-1].position, lease.epoch)
        fold.forget(REMEMBERED)
        return Step(page[-1].position, len(page), rows=written)

    def release(self) -> None:
        """Gives the lease back, so that another driver need not wait for its end."""
        self._forget()
        with transaction(self._pool) as cursor:
            self.catalog.ask(cursor, "release", holder=self.holder)

    def _entered(self, cursor: Cursor[Any]) -> Place:
        """The place in use; after a switch another one than before."""
        schema = self._given or self.catalog.active(cursor, self.model)
        if schema is None:
            raise NotBuilt(f"{self.model.name} version {self.model.version} is not built: run `iop-es rebuild`.")
        if self._place is None or self._place.schema != schema:
            self._forget()
            self._place = Place(self.model, schema)
        return self._place

    def _hold(self, cursor: Cursor[Any], place: Place) -> Lease | None:
        lease = self.catalog.hold(cursor, place.schema, self.holder, self._lease_seconds)
        if lease is not None and lease.former != self.holder:
            self._taken = lease
        return lease

    def _remembering(self, cursor: Cursor[Any], place: Place, lease: Lease) -> Fold:
        if self._fold is None or self._remembered[:2] != lease[:2]:
            self._fold = Fold(self.model, parked=self.catalog.parked(cursor, place.schema))
        return self._fold

    def _overcome(self, failed: FactsFailed) -> None:
        """Parks whom the failures of one fact concern, so that it can come again."""
        with transaction(self._pool) as cursor:
            place = self._entered(cursor)
            lease = self._hold(cursor, place)
            if lease is None or (place.schema, lease.position + 1) != (failed.schema, failed.first):
                return  # somebody else came to it meanwhile
            place.enter(cursor)
            page = self._log.page(cursor.connection, lease.position, 1, None, bool(self.model.sealed))
            lot = Lot(place, self.catalog, self._log, self._decode)
            failures = lot.failing(cursor, page, failed, Documents(cursor))
            if not self._parking:
                raise FoldFailed(self.model.name, failures[0])
            lot.park(cursor, failures, failed.first)

    def _forget(self) -> None:
        self._fold = None
        self._remembered = Lease(-1, -1)
        self._taken = None
