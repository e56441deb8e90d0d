"""A read model built anew beside the one in use, then switched to.

The log is cut into shares: each is folded in memory, copied into tables without indexes and marked done in one
transaction, by as many workers as there are, on any machine. So a build that dies goes on where it was, and needs
the memory of one share. Then the indexes are made, the live driver catches up, last of all while nothing can be
appended, and the switch is one transaction: no reader ever sees a half-built table or goes back in time.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from psycopg import Cursor
from psycopg.errors import LockNotAvailable

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.failpoints import reach
from iop_es.engine.reader import Reader
from iop_es.engine.readmodel.asof import references_of
from iop_es.engine.readmodel.catalog import Catalog, Slice, Unfinished
from iop_es.engine.readmodel.code import code_of
from iop_es.engine.readmodel.driver import LEASE_SECONDS, WAIT_SECONDS, Driver, Step
from iop_es.engine.readmodel.failure import NOBODY, FactsFailed, Failure, FoldFailed, Parked
from iop_es.engine.readmodel.fold import NOTHING, Decode, Fold, Folded, fold_whole
from iop_es.engine.readmodel.model import REFERENCE, Delta, ReadModel
from iop_es.engine.readmodel.parking import Lot
from iop_es.engine.readmodel.pieces import failing
from iop_es.engine.readmodel.place import UNWRITABLE, Place
from iop_es.engine.stored import StoredFact

SHARE = 20_000
"""Facts in a share: some 100 MB of documents and rows while it is folded."""

FEW_KINDS = 32
"""A read model of so few kinds of facts reads only those, which halves a build that leaves four of five facts out;
asking for more costs more than leaving the rest out."""

PATIENCE_SECONDS = 1.5 * LEASE_SECONDS
"""So long another process may hold a build without getting on: one that died is past its lease then."""

CLOSE = 500
"""A build catches up without stopping the log until it is this near."""


class Progress(NamedTuple):
    """How much of a build's facts are in place."""

    done: int
    total: int
    shares_left: int
    upto: int


def unheard(_build: Unfinished, _goes_on: bool) -> None:
    """Nobody wants to know whether a build was found."""


class Build:
    """One build of a read model's version, in a schema of its own.

    With `parking`, facts that fail park whom they concern; else they end the build. `pause(name)` is called at the
    points where a test may end the process.
    """

    def __init__(
        self, model: ReadModel, log: Reader, pool: Pool, decode: Decode, *, parking: bool = False,
        pause: Callable[[str], None] = reach,
    ) -> None:  # fmt: skip
        self.model = model
        self.catalog = Catalog(log.schema)
        self.log = log.as_stored()
        self._pool = pool
        self.decode = decode
        self._parking = parking
        self._pause = pause
        self._shared: tuple[int, Folded] | None = None
        self._reference: Any = None

    def open(
        self, share: int = SHARE, *, fresh: bool = False, found: Callable[[Unfinished, bool], None] = unheard
    ) -> str:
        """Begins a build, or goes on with one that was begun by the same code; `fresh` throws that one away. Answers
        its schema. `found` is told of one that was begun, and whether it is gone on with."""
        code = code_of(self.model, self.decode)
        with transaction(self._pool) as cursor:
            self.catalog.ask(cursor, "lock_catalog")
            unfinished = None if fresh else self.catalog.unfinished_of(cursor, self.model)
            if unfinished is not None:
                found(unfinished, unfinished.code == code)
                if unfinished.code == code:
                    return unfinished.schema
            version = {"name": self.model.name, "version": self.model.version}
            self._clear(cursor, [schema for (schema,) in self.catalog.ask(cursor, "left_over", **version)])
            return self._begun(cursor, share, code)

    def work(self, schema: str, progress: Callable[[Progress], None] = lambda _progress: None) -> None:
        """Makes shares until none is left that nobody works on. Raises FoldFailed unless parking."""
        place = Place(self.model, schema)
        collecting = gc.isenabled()
        gc.disable()  # a share makes millions of small objects, none in a cycle: looking for cycles took a third
        try:
            while self._share(place):
                progress(self.progress(schema))
        finally:
            if collecting:
                gc.enable()

    def progress(self, schema: str) -> Progress:
        """How far the shares are."""
        with transaction(self._pool) as cursor:
            done, total, left, upto = self.catalog.ask(cursor, "progress", schema=schema)[0]
        return Progress(done, total, left, upto or 0)

    def complete(self, schema: str) -> None:
        """When every share is there: what the references make, the indexes, the position. Nothing the second time."""
        place = Place(self.model, schema)
        with transaction(self._pool) as cursor:
            if not self.catalog.ask(cursor, "fence", schema=schema):
                raise SharesLeft(f"{schema} was thrown away by another rebuild; begin again.")
            _, _, left, upto = self.catalog.ask(cursor, "progress", schema=schema)[0]
            if left:
                raise SharesLeft(f"{left} shares of {schema} are not done yet.")
            if upto is None:
                return
            shared = self._of_references(upto)
            place.enter(cursor)
            failures = shared.failures + self._fill(
                cursor, place, shared, lambda: references_of(self.model, self.log, upto), NOBODY, upto
            )
            self._pause("filled")
            place.complete(cursor)
            lot = Lot(place, self.catalog, self.log, self.decode)
            lot.suspect(cursor, failures)
            if lot.parked(cursor):
                lot.again(cursor, upto)
            place.guard(cursor, self.catalog)
            self.catalog.ask(cursor, "built", schema=schema, upto=upto)
            self._pause("built")

    def catch_up(self, schema: str, batch: int = 5_000, upto: int | None = None) -> int:
        """Follows the log until it is close to its head, or to a position; answers the position reached."""
        driver = self.driver(schema)
        try:
            while True:
                step = driver.step(batch, upto)
                head = self.log.head().position if upto is None else upto
                if step.position >= head - (CLOSE if upto is None else 0):
                    return step.position
                if not step.holding:
                    time.sleep(WAIT_SECONDS)
        finally:
            driver.release()

    def switch(self, schema: str, batch: int = 5_000) -> int:
        """Follows the log to its head while nothing can be appended, and gives the schema to the readers of this
        version, in one transaction; answers the position, also when somebody else has done so. Raises FoldFailed unless
        parking, and SharesLeft when another process holds the schema and does not get on."""
        self.catch_up(schema)  # so that the log is stopped for a moment only
        driver = self.driver(schema)
        reached, until = -1, 0.0
        try:
            while not (step := self._tried(driver, schema, batch)).holding:
                if step.position > reached:
                    reached, until = step.position, time.monotonic() + PATIENCE_SECONDS
                elif time.monotonic() > until:
                    raise SharesLeft(f"Another process holds {schema} and does not get on: end it, then try again.")
                time.sleep(WAIT_SECONDS)
            return step.position
        finally:
            driver.release()

    def driver(self, schema: str) -> Driver:
        """A live driver of the schema being built."""
        return Driver(
            self.model, self.log, self._pool, self.decode, schema=schema, parking=self._parking, pause=self._pause
        )

    def _tried(self, driver: Driver, schema: str, batch: int) -> Step:
        while True:
            with suppress(FactsFailed):
                return self._switch(driver, schema, batch)
            driver.step(batch)  # in pieces, while the log goes on

    def _switch(self, driver: Driver, schema: str, batch: int) -> Step:
        """The switch as one step; not holding: another process follows the log into the build."""
        started = time.perf_counter()
        with transaction(self._pool) as cursor:
            # The read models' rows before the log: whoever holds one of those for long never appends. The one in use
            # before the new one: a comparison takes them in this order too.
            self.catalog.ask(cursor, "freeze_in_use", name=self.model.name, version=self.model.version)
            ((position, switched),) = self.catalog.ask(cursor, "freeze", schema=schema) or [(0, False)]
            if switched:
                return Step(int(position), 0)
            first = driver.step_in(cursor, batch)
            if not first.holding:
                return first
            self.catalog.ask(cursor, "retire", name=self.model.name, version=self.model.version)
            self.catalog.ask(cursor, "activate", schema=schema)
            self.catalog.ask(cursor, "lock_log")
            done = self._to_head(driver, cursor, batch)
            self._pause("at_head")
            self.catalog.ask(cursor, "release", holder=driver.holder)
            self._pause("switched")
        driver.tell(done, started)
        return done

    def _to_head(self, driver: Driver, cursor: Cursor[Any], batch: int) -> Step:
        """All that was left, as one step, because it is one transaction."""
        done = Step(0, 0)
        while True:
            step = driver.step_in(cursor, batch)
            done = Step(step.position, done.taken + step.taken, rows=done.rows + step.rows)
            if step.taken < batch:
                return done

    def _clear(self, cursor: Cursor[Any], schemas: Sequence[str]) -> None:
        """Drops what earlier builds left; one that somebody still reads is left for the next time."""
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        for schema in schemas:
            with suppress(LockNotAvailable), cursor.connection.transaction():
                self.catalog.ask(cursor, "drop", schema=schema)
        cursor.execute("SET LOCAL lock_timeout = 0")

    def _begun(self, cursor: Cursor[Any], share: int, code: str) -> str:
        (schema,) = self.catalog.ask(cursor, "open", name=self.model.name, version=self.model.version)[0]
        self.catalog.ask(cursor, "begun_by", schema=schema, code=code)
        upto = self.log.head().position
        Place(self.model, schema).create(cursor, deferred=True)
        for number, (first, last, facts) in enumerate(self._ranges(cursor, upto, share)):
            self.catalog.ask(
                cursor, "plan", schema=schema, number=number, first=first, last=last, upto=upto, facts=facts
            )
        return str(schema)

    def _ranges(self, cursor: Cursor[Any], upto: int, share: int) -> list[tuple[str, str, int]]:
        if self.model.grain == "fact":
            starts = range(1, upto + 1, share)
            found = [(str(first), str(min(first + share - 1, upto)), min(share, upto - first + 1)) for first in starts]
        else:
            rows = self.catalog.ask(cursor, f"slices_of_{self.model.grain}s", size=share)
            found = [(str(first), str(last), int(facts)) for first, last, facts in rows]
        # An empty share keeps the position in a log that has nothing for this read model.
        return found or [("", "", 0)]

    def _share(self, place: Place) -> bool:
        """Takes one share and makes it; False when there is none to take."""
        with transaction(self._pool) as cursor:
            taken = self.catalog.ask(cursor, "take", schema=place.schema)
            if not taken:
                return False
            one = Slice(*taken[0])
            # Nothing is lost with the last moments of a crash: the share is then simply not done.
            cursor.execute("SET LOCAL synchronous_commit = off")
            failures = self._made(cursor, place, one)
            self._pause("copied")
            Lot(place, self.catalog, self.log, self.decode).suspect(cursor, failures)
            self.catalog.ask(cursor, "done", schema=place.schema, number=one.number)
            self._pause("done")
        return True

    def _made(self, cursor: Cursor[Any], place: Place, one: Slice) -> tuple[Failure, ...]:
        """Folds and writes a share, without those whom failures stop; answers the failures."""
        parked = self.catalog.parked(cursor, place.schema)
        failures: tuple[Failure, ...] = ()
        while True:
            folded = self._folded(one, parked.with_those_of(failures))
            self._refuse(cursor, place, folded.failures, one.upto)
            failures += folded.failures
            self._pause("folded")
            place.enter(cursor)
            folded.delta.documents.pop(REFERENCE, None)  # `complete` writes it, once
            unwritable = self._fill(
                cursor, place, folded, lambda: self._read(one, True), parked.with_those_of(failures), one.upto
            )
            if not unwritable:
                return failures
            failures += unwritable

    def _fill(
        self, cursor: Cursor[Any], place: Place, folded: Folded, facts: Callable[[], Iterable[StoredFact]],
        parked: Parked, upto: int,
    ) -> tuple[Failure, ...]:  # fmt: skip
        """Writes what facts came to, or nothing of it: then it answers what of it cannot be written."""
        try:
            with cursor.connection.transaction():
                place.fill(cursor, folded.delta)
        except UNWRITABLE as error:
            refused = error
        else:
            return ()
        without = parked.with_those_of(folded.failures)
        fold = Fold(self.model, self._reference, without.with_those_of(self._of_references(upto).failures))
        found = failing(cursor, place.fill, fold, facts(), self.decode, NOTHING)
        if not found:
            raise refused
        self._refuse(cursor, place, found, upto)
        return found

    def _folded(self, one: Slice, parked: Parked) -> Folded:
        """A share folded; whom the facts are about is read only where something stops somebody."""
        shared = self._of_references(one.upto)
        parked = parked.with_those_of(shared.failures)
        folded = self._fold(self._read(one, bool(parked)), parked)
        return self._fold(self._read(one, True), parked) if folded.failures and not parked else folded

    def _fold(self, facts: Iterable[StoredFact], parked: Parked) -> Folded:
        return fold_whole(self.model, facts, self.decode, reference=self._reference, parked=parked)

    def _read(self, one: Slice, with_patients: bool) -> Iterable[StoredFact]:
        model, sealed = self.model, self.model.sealed
        if not one.first:
            return ()
        if model.grain == "stream":
            return self.log.of_streams(
                one.first, one.last, one.upto, sealed=sealed, with_patients=with_patients, with_context=model.context
            )
        if model.grain == "fact":
            return _Facts(lambda: self.log.between(int(one.first), int(one.last), sealed=sealed))
        names = sorted(model.handles) if len(model.handles) <= FEW_KINDS else None
        return _Facts(lambda: self.log.of_patients(
            one.first, one.last, one.upto, sealed=sealed, with_context=model.context, names=names
        ))  # fmt: skip

    def _of_references(self, upto: int) -> Folded:
        """What the reference facts make: what is shared, and rows where no share has these facts; once a build."""
        if self._shared is None or self._shared[0] != upto:
            facts = references_of(self.model, self.log, upto)
            delta, failures = fold_whole(self.model, facts, self.decode)
            if failures and not self._parking:
                raise FoldFailed(self.model.name, min(failures))
            kept = {key: body for key, body in delta.documents.items() if key == REFERENCE}
            rows = delta.rows if self.model.grain == "patient" else {}
            self._shared = (upto, Folded(Delta(rows=rows, documents=kept), failures))
            self._reference = msgspec.msgpack.decode(kept[REFERENCE], type=self.model.reference) if kept else None
        return self._shared[1]

    def _refuse(self, cursor: Cursor[Any], place: Place, failures: Sequence[Failure], upto: int) -> None:
        if failures and not self._parking:
            lot = Lot(place, self.catalog, self.log, self.decode)
            raise FoldFailed(self.model.name, lot.first(cursor, failures, upto))


class _Facts:
    """Facts that are read anew whenever they are gone through."""

    def __init__(self, read: Callable[[], Iterator[StoredFact]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[StoredFact]:
        return self._read()


class SharesLeft(Exception):
    """The build is not done yet."""

