"""File locks (flock): they go when their process goes, however it ends."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rooms import Room


def _open(path: Path) -> int:
    """Open a lock file without following a link; a new one belongs to the owner of its folder."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        made = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return os.open(path, flags)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(made, folder.st_uid, folder.st_gid)
    return made


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the file's exclusive lock for the block, waiting for it as long as it takes."""
    held = _open(path)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def shared(path: Path) -> int:
    """Take the file's shared lock, waiting while a waiter holds it; closing the descriptor lets go."""
    held = _open(path)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
    except BaseException:
        os.close(held)
        raise
    return held


def station_waiter(room: "Room", *, throw_away: bool) -> None:
    """See that a waiter lives: it inherits the lock that proves it, so that there is never a second one."""
    post = _open(room.path / "waiter.lock")
    users = _open(room.path / "users.lock")
    try:
        fcntl.flock(post, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _start_waiter(room, post, users, throw_away=throw_away)
    except BlockingIOError:
        pass  # one is at its post already
    finally:
        os.close(users)
        os.close(post)


def _start_waiter(room: "Room", post: int, users: int, *, throw_away: bool) -> None:
    program = Path(__file__).with_name("waiter.py")
    account = room.account
    words = [post, users, account.uid, account.gid, room.path, int(throw_away)]
    subprocess.run(
        [sys.executable, "-I", "-S", str(program), *map(str, words)],
        pass_fds=(post, users), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd="/", start_new_session=True, check=True,
    )  # fmt: skip
