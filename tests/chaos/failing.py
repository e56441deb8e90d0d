"""The k-th thing that is asked of the database fails, for k = 1, 2, 3 … until nothing fails any more.

Every statement, COPY and COMMIT counts, on whichever connection. After each failure the work is done again by whoever
does it in the product, and what is stored must be as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

import psycopg
from psycopg import Cursor, Transaction


def _lost(connection: Any) -> Exception:
    connection.pgconn.finish()
    return psycopg.OperationalError("server closed the connection unexpectedly")


KINDS: dict[str, Callable[[Any], Exception]] = {
    "connection lost": _lost,
    "serialization failure": lambda _connection: psycopg.errors.SerializationFailure("could not serialize access"),
    "lock not available": lambda _connection: psycopg.errors.LockNotAvailable("canceling statement: lock timeout"),
    "disk full": lambda _connection: psycopg.errors.DiskFull("could not extend file: No space left on device"),
    "query canceled": lambda _connection: psycopg.errors.QueryCanceled("canceling statement due to user request"),
}


@dataclass
class Failing:
    """Counts what is asked of the database, and lets one of it fail; `after`: when it has been done."""

    last: int
    kind: str
    after: bool
    calls: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()

    def pass_by(self) -> None:
        """Nothing that is asked from here on fails, until `calls` is set."""
        self.calls = -(10**9)

    def due(self) -> bool:
        """Whether this one is to fail."""
        with self._lock:
            self.calls += 1
            self.hits += self.calls == self.last
            return self.calls == self.last

    def wrapped(self, asked: Callable[..., Any]) -> Callable[..., Any]:
        """A cursor's method that fails when it is due."""

        def ask(cursor: Any, *given: Any, **more: Any) -> Any:
            due = self.due()
            if due and not self.after:
                raise KINDS[self.kind](cursor.connection)
            answer = asked(cursor, *given, **more)
            if due:
                raise KINDS[self.kind](cursor.connection)
            return answer

        return ask

    def leaving(self, leave: Callable[..., Any]) -> Callable[..., Any]:
        """A transaction's end, whose COMMIT fails when it is due."""

        def ask(transaction: Any, kind: Any, *rest: Any) -> Any:
            if kind is not None or not self.due():
                return leave(transaction, kind, *rest)
            if self.after:
                leave(transaction, kind, *rest)
            error = _lost(transaction.connection)
            if not self.after:
                with suppress(psycopg.Error):
                    leave(transaction, type(error), error, None)
            raise error

        return ask


@contextmanager
def failing(last: int, kind: str, after: bool = False) -> Iterator[Failing]:
    """The `last`-th thing asked of any database in the block fails so."""
    made = Failing(last, kind, after)
    before = {name: getattr(Cursor, name) for name in ("execute", "executemany", "copy")}, Transaction.__exit__
    try:
        for name, asked in before[0].items():
            setattr(Cursor, name, made.wrapped(asked))
        Transaction.__exit__ = made.leaving(before[1])  # type: ignore[method-assign]
        yield made
    finally:
        for name, asked in before[0].items():
            setattr(Cursor, name, asked)
        Transaction.__exit__ = before[1]  # type: ignore[method-assign]


def each(work: Callable[[Failing], None], kind: str, after: bool = False, step: int = 1, most: int = 400) -> int:
    """Does the work with its first, second, third … call failing, until none fails; answers how many did. `step`: only
    every so many-th."""
    for last in range(1, most, step):
        with failing(last, kind, after) as made:
            work(made)
        if not made.hits:
            return last - 1
    raise AssertionError(f"The work still asks after {most} calls.")
