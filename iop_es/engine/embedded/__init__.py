"""PostgreSQL 17 without asking: a server of the project's own, shared by every process that uses the project.

The server is a process of its own. Each user of it holds a shared lock on one file; a little waiter
queues for the exclusive lock and stops the server when the last user has gone, however it went. Starting is
done under an exclusive lock, so that any number of processes may open the same project at once.

- `account.py`: the system user that runs the server;
- `rooms.py`: the folder that it lives in, and its binaries;
- `server.py`: the cluster: made, started, asked, and who may log in;
- `locks.py`, `waiter.py`: who uses it, and the program that stops it;
- `backup.py`, `restoring.py`: base backups with the archived log, and a database made of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from . import locks, rooms, server
from .account import EmbeddedUnavailable
from .rooms import Room

__all__ = ["EmbeddedPostgres", "EmbeddedUnavailable", "Handle", "status", "temporary_postgres"]


class Handle:
    """One user's hold on a running server; the server may stop once every handle is closed.

    `url` is the connection URL (superuser `iop`, database `iop_es`), `data` the cluster's folder, `binaries` the folder
    of the PostgreSQL programs, `socket` the folder of its socket.
    """

    def __init__(self, room: Room, users: int) -> None:
        self.url = server.url(room)
        self.data = room.data
        self.binaries = room.binaries
        self.socket = room.socket
        self._users: int | None = users

    def close(self) -> None:
        """Let go; a second call does nothing."""
        users, self._users = self._users, None
        if users is not None:
            os.close(users)

    def __enter__(self) -> "Handle":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EmbeddedPostgres:
    """The embedded server of one project folder, as a context manager that gives a `Handle`."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._handle: Handle | None = None

    @staticmethod
    def open(project: Path) -> Handle:
        """Join the project's server, making and starting it when needed.

        Raises `EmbeddedUnavailable`, whose message says what to do, when that is not possible.
        """
        return _join(rooms.of_project(project), server.DURABLE)

    def __enter__(self) -> Handle:
        self._handle = self.open(self._project)
        return self._handle

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.close()


def status(project: Path) -> dict[str, Any]:
    """Say where the project's server is and whether it runs, without starting or making anything.

    Keys: `running` (bool), `data`, `binaries`, `socket` (paths as text, None before the first start), `user` (the
    system user it runs as), `pid` (None unless running). Raises `EmbeddedUnavailable` for another user's server.
    """
    room = rooms.existing(project)
    if room is None:
        return dict.fromkeys(("data", "binaries", "socket", "user", "pid")) | {"running": False}
    running = server.listening(room)
    return {
        "running": running,
        "data": str(room.data),
        "binaries": str(room.binaries),
        "socket": str(room.socket),
        "user": room.account.name,
        "pid": server.pid(room) if running else None,
    }


@contextmanager
def temporary_postgres(*, durable: bool = False) -> Iterator[str]:
    """Give the URL of a throw-away server, removed at the end, also when this process is killed.

    For tests it runs with fsync off; `durable` for measurements: with the promises of a server that is kept.
    """
    settings = server.DURABLE if durable else server.THROW_AWAY
    with _join(rooms.temporary(), settings, throw_away=True) as handle:
        yield handle.url


def _join(room: Room, settings: dict[str, str], *, throw_away: bool = False) -> Handle:
    with locks.exclusive(room.path / "start.lock"):
        users = locks.shared(room.path / "users.lock")
        try:
            locks.station_waiter(room, throw_away=throw_away)
            server.ensure(room, settings)
        except BaseException:
            os.close(users)
            raise
    return Handle(room, users)
