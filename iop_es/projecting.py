"""The loops that keep every read model at the log's head, one thread a read model.

A notification from the database is only a hint to look at once; without one each loop looks every second. A loop that
fails says so and tries again, later and later, and never ends by itself. Several processes may run these loops over
one store: the read model's lease lets one of them write, and another one takes over when it ends or dies.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any

import psycopg
import structlog
from psycopg import sql

from iop_es.engine.connections import HEARD_FROM
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.readmodel.driver import Driver

BATCH = 2_000
LOOK_SECONDS = 1.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 10.0
STOP_SECONDS = 10.0
YOUNG_ONLY = (700, 10, 1_000_000)
"""The collector looks at what is new, and practically never at all there is. Documents are millions of small objects
without a cycle; walking through them stopped every loop for half a second (p99 of
the lag 431 ms; so 74, without any collection 44)."""

logger = structlog.get_logger()


def nothing() -> None:
    """What to do about a lost database that comes back by itself."""


class Projecting:
    """The running loops, as a context manager; leaving it lets each finish its batch.

    `channel` is the log's schema, under which the database notifies. `revive` is called whenever the listening
    connection is lost, before it is made again.
    """

    def __init__(
        self, drivers: Sequence[Driver], url: str, channel: str, revive: Callable[[], None] = nothing
    ) -> None:
        self._url = url
        self._channel = channel
        self._revive = revive
        self._stopping = Event()
        self._hint = Condition()
        self._hints = 0
        self._thresholds = gc.get_threshold()
        loops = [Thread(target=self._project, args=(driver,), name=driver.model.name) for driver in drivers]
        needed = bool(loops) or revive is not nothing
        self.threads = [*([Thread(target=self._listen, name="listen")] if needed else []), *loops]

    def __enter__(self) -> Projecting:
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*YOUNG_ONLY)
        for thread in self.threads:
            thread.daemon = True
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._wake()
        until = time.monotonic() + STOP_SECONDS
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        gc.set_threshold(*self._thresholds)

    def _project(self, driver: Driver) -> None:
        failures = 0
        while not self._stopping.is_set():
            hints = self._hints
            try:
                step = driver.step(BATCH)
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop says so and goes on
                failures += 1
                wait = min(FIRST_WAIT_SECONDS * 2**failures, LONGEST_WAIT_SECONDS)
                reason = str(error) if isinstance(error, StoreUnavailable) else None  # others may quote a row
                name = type(error).__name__
                logger.error("projection_failed", model=driver.model.name, error=name, reason=reason, again_in=wait)
                self._stopping.wait(wait)
            else:
                failures = 0
                if not step.holding:
                    self._stopping.wait(LOOK_SECONDS)
                elif step.taken < BATCH:
                    self._await_hint(hints)
        self._release(driver)

    def _release(self, driver: Driver) -> None:
        try:
            driver.release()
        except (StoreUnavailable, psycopg.Error):
            logger.warning("lease_not_released", model=driver.model.name)

    def _await_hint(self, hints: int) -> None:
        with self._hint:
            self._hint.wait_for(lambda: self._hints != hints or self._stopping.is_set(), LOOK_SECONDS)

    def _wake(self) -> None:
        with self._hint:
            self._hints += 1
            self._hint.notify_all()

    def _listen(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5, **HEARD_FROM) as connection:
                    failures = 0
                    self._hear(connection)
            except psycopg.Error as error:
                if not failures:
                    logger.warning("listening_lost", error=type(error).__name__)
                failures += 1
                self._revive()
                self._stopping.wait(min(FIRST_WAIT_SECONDS * failures, LOOK_SECONDS))

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        self._wake()
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                self._wake()
