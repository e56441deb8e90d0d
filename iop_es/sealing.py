"""The loops that seal the log of facts and the access log: every second while there is news, and at least twice a
minute to look at the witness.

It runs beside the projections. Several processes may run it over one store: one of them works at a time. What goes
wrong stops nothing but the sealing; a history that was refused is said once, and then looked at again every second.
"""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, Thread
from time import monotonic
from types import TracebackType

import structlog

from iop_es.engine.errors import StoreError
from iop_es.engine.keys import KeysUnusable
from iop_es.engine.transparency.log_sealer import HistoryRefused, LogSealer
from iop_es.engine.transparency.source import FACTS, READS, Source
from iop_es.engine.transparency.witness import WitnessAway, WitnessRefused
from iop_es.wiring import House, WitnessUnusable

PAUSE_SECONDS = 1.0
LOOK_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 10.0
STOP_SECONDS = 10.0
TOLD = (StoreError, KeysUnusable, WitnessUnusable, WitnessAway, WitnessRefused)
"""Errors whose own words are sentences without anybody's data."""

logger = structlog.get_logger()


class Sealing:
    """The running loops, as a context manager; leaving it lets them finish their steps."""

    def __init__(self, house: House) -> None:
        self._stopping = Event()
        self._loops = [_Loop(house, source, self._stopping) for source in (FACTS, READS)]

    def __enter__(self) -> Sealing:
        for one in self._loops:
            one.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for one in self._loops:
            one.thread.join(STOP_SECONDS)


class _Loop:
    """One of them."""

    def __init__(self, house: House, source: Source, stopping: Event) -> None:
        self._house = house
        self._source = source
        self._stopping = stopping
        self.thread = Thread(target=self._run, name=f"sealing {source.several}", daemon=True)
        self._refused: str | None = None
        self._looked = 0.0

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with ExitStack() as stack:
                    self._seal(stack.enter_context(self._house.sealer(self._source)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop says so and goes on
                failures += 1
                wait = min(PAUSE_SECONDS * 2**failures, LONGEST_WAIT_SECONDS)
                reason = str(error) if isinstance(error, TOLD) else None  # others may quote a row
                logger.error("sealing_failed", error=type(error).__name__, reason=reason, again_in=wait)
                self._stopping.wait(wait)

    def _seal(self, sealer: LogSealer) -> None:
        while not self._stopping.is_set():
            waiting = False
            if sealer.waits() or monotonic() > self._looked + LOOK_SECONDS:
                waiting = self._step(sealer)
            if not waiting:
                self._stopping.wait(PAUSE_SECONDS)

    def _step(self, sealer: LogSealer) -> bool:
        """Whether more waits that this one could seal now."""
        self._looked = monotonic()
        try:
            step = sealer.step()
        except HistoryRefused as error:
            if str(error) != self._refused:
                self._refused = str(error)
                logger.error("sealing_refused", reason=self._refused)
            return False
        self._refused = None
        return step.holding and step.waiting > 0
