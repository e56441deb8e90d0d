"""The world of a simulation: one clock, one source of chance, and what happens next."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg

from aggregates.values import instant
from api.commands import attempt, envelope, handle
from iop_es.engine import connections, failpoints

BEGIN = datetime(2026, 3, 2, 16, tzinfo=UTC)


class Crash(BaseException):
    """The process that is working ends here; nothing of the product may catch it."""


@dataclass
class World:
    """Events in order of time; whoever draws chance draws it here. `faults` are those that happened, by kind."""

    seed: int
    now: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"world:{self.seed}")
        # Some seeds have no faults of a kind at all, so that rare ones are not always hidden behind frequent ones.
        self.rates = {kind: RATES.get(kind, 0.12) * (self.chance.random() < 0.7) for kind in FAULTS}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._trace = sha256()
        self.serving = self.sealing = False

    def told(self, *what: object) -> None:
        """Goes into the trace."""
        self._trace.update(f"{self.now:.6f} {what!r}\n".encode())

    @property
    def trace(self) -> str:
        """The hash of everything that was told."""
        return self._trace.hexdigest()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Something happens then."""
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), act))

    def between(self, least: float, most: float) -> float:
        """A time that passes."""
        return self.chance.uniform(least, most)

    def happens(self, kind: str) -> bool:
        """Whether a fault of this kind happens now."""
        if self.chance.random() >= self.rates[kind]:
            return False
        self.faults[kind] += 1
        self.told("fault", kind)
        return True

    def run(self, until: float) -> None:
        """Everything up to then."""
        while self._events and self._events[0][0] <= until:
            self.step()
        self.now = until

    def step(self) -> None:
        """The next thing."""
        self.now, _, act = heapq.heappop(self._events)
        act()

    def clock(self) -> str:
        """The database's own time, which now and then jumps."""
        skew = self.chance.choice((-3600, 3600, 5)) if self.happens("database clock jumps") else 0
        return self.instant(skew)

    def instant(self, skew: float = 0.0) -> str:
        """What time it is, on a clock that is wrong by so many seconds."""
        return instant(BEGIN + timedelta(seconds=self.now + skew))

    def fault(self, statement: str, connection: Any, done: bool) -> None:
        """What may befall a statement, before or after it was done."""
        if self.serving and self.happens("reply of the database lost" if done else "database cannot be asked"):
            connection.closed = True
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def reach(self, point: str) -> None:
        """What may happen between two steps of a process that serves: it dies, or another one comes first."""
        if self.sealing and self.happens("sealer dies"):
            raise Crash
        if self.serving:
            if self.happens("server dies"):
                raise Crash
            if point in {"order_decided", "append_asked"} and self._events and self.happens("another comes between"):
                self._aside()

    def _aside(self) -> None:
        """The next things, which are of other processes."""
        before, self.serving = self.serving, False
        try:
            for _ in range(self.chance.randint(1, min(8, len(self._events)))):
                self.step()
        finally:
            self.serving = before

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """While this is open the product has no other clock and no other chance."""
        world = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:  # noqa: ARG003 - as the class it stands for
                return BEGIN + timedelta(seconds=world.now)

        with ExitStack() as stack:
            for module, name, value in (
                (handle, "datetime", Clock), (attempt, "uuid4", self.an_id), (attempt, "token_hex", self._hex),
                (handle, "randbelow", self.chance.randrange), (handle, "sleep", self._nothing),
                (envelope, "uuid4", self.an_id), (connections, "sleep", self._nothing), (failpoints, "_hold", self),
            ):  # fmt: skip
                stack.enter_context(patch.object(module, name, value))
            yield

    def an_id(self) -> UUID:
        """A random id."""
        return UUID(int=self.chance.getrandbits(128), version=4)

    def _hex(self, number: int) -> str:
        return self.chance.randbytes(number).hex()

    def _nothing(self, _seconds: float) -> None:
        """Who waits inside one step waits for nobody here."""


FAULTS = (
    "request lost", "answer lost", "delivered twice", "server dies", "database cannot be asked",
    "reply of the database lost", "another comes between", "database clock jumps", "projector dies before it commits",
    "projector dies after it committed", "projector sleeps past its lease", "sealer dies",
)  # fmt: skip
RATES = {"another comes between": 0.4}
