"""The cluster: made once, started under a lock, asked whether it keeps its promises.

Who may log in: the server listens on a socket only, in a 0700 folder of the user that it runs as, so only that user and
root can reach it. On top of that the server asks the kernel which user is calling (peer authentication) and accepts
just these two, for any role; no password exists that could leak. Both could read the data files anyway.

Nothing of a statement reaches the log: errors go to the caller alone, because their texts quote values.
"""

import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from .account import EmbeddedUnavailable
from .rooms import PORT, Room, open_socket_folder

ROLE = "iop"
DATABASE = "iop_es"
PATIENCE_SECONDS = 30.0
PASSING = ("the database system is", "server closed the connection")
"""What a server says that recovers: no reason to give it up."""

MACHINE_MB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
CACHE_MB = min(2048, max(128, MACHINE_MB // 8))
"""The server's cache: an eighth of the machine's memory, of which it takes what it uses. A log that does not fit is
read from the system's cache again, page by page: a rebuild of a million facts was a sixth slower a fact."""

QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""No statement, no parameter and no DETAIL in the server's log: each of them quotes values."""

_COMMON = QUIET | {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": f"{CACHE_MB}MB",
    "effective_cache_size": f"{4 * CACHE_MB}MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
ARCHIVE = "archive"
"""In the room, beside the data: a link to the folder of the write-ahead log's archive, once there is a backup."""
ARCHIVING = (
    f'test ! -L ../{ARCHIVE} || cmp -s "%p" "../{ARCHIVE}/%f" || {{ test ! -e "../{ARCHIVE}/%f"'
    f' && cp "%p" "../{ARCHIVE}/.%f.part" && sync "../{ARCHIVE}/.%f.part"'
    f' && mv "../{ARCHIVE}/.%f.part" "../{ARCHIVE}/%f" && sync "../{ARCHIVE}"; }}'
)
"""A piece of the log is kept under its name whole or not at all, never in place of another; without the link nothing
is kept, and nothing waits."""
DURABLE = _COMMON | {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "archive_mode": "on",
    "archive_command": ARCHIVING,
}  # fmt: skip
THROW_AWAY = DURABLE | {
    "fsync": "off", "full_page_writes": "off", "archive_mode": "off", "max_connections": "200",
}  # fmt: skip


def url(room: Room, database: str = DATABASE) -> str:
    """The libpq URL of a database of this server, for its superuser."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(room.socket), safe='')}&port={PORT}"


def listening(room: Room) -> bool:
    """Whether a server of this room's data answers on the socket."""
    if not (room.data / "postmaster.pid").exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(room.socket / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


def pid(room: Room) -> int | None:
    """The process number that the server left in its data folder, or None."""
    lines = _pid_file(room)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def ensure(room: Room, settings: dict[str, str]) -> None:
    """Make the cluster if there is none, start it if it does not run, make the database if it is missing.

    The caller holds the room's start lock. Raises `EmbeddedUnavailable`.
    """
    if not room.data.is_dir():
        _initialize(room, durable=settings["fsync"] == "on")
    _check_version(room)
    await_ready(room, pid(room) if listening(room) else start(room, settings))
    _check_promises(room, settings)


def _initialize(room: Room, *, durable: bool) -> None:
    run, new = room.account.do, room.path / "data.new"
    initdb = room.binaries / "initdb"
    run("Clearing an unfinished cluster", "rm", "-rf", new)
    run(
        "Making the database cluster",
        initdb, "-D", new, "-U", ROLE, "--auth=peer", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions", "--no-sync",
    )  # fmt: skip
    admit(room, new)
    if durable:
        run("Bringing the cluster to the disk", initdb, "-D", new, "--sync-only")
    run("Naming the database cluster", "mv", new, room.data)


def admit(room: Room, data: Path) -> None:
    """Write who may log in, and take base backups, into a cluster's folder."""
    run = room.account.do
    rules = "".join(f"local {what} all peer map=iop\n" for what in ("all", "replication"))
    run("Writing who may log in", "tee", data / "pg_hba.conf", text=rules)
    names = "".join(f'iop "{name}" all\n' for name in ("root", room.account.name))
    run("Writing who may log in", "tee", data / "pg_ident.conf", text=names)


def _check_version(room: Room) -> None:
    made_by = (room.data / "PG_VERSION").read_text().strip()
    if made_by != "17":
        raise EmbeddedUnavailable(
            f"{room.data} was made by PostgreSQL {made_by}, and this program brings PostgreSQL 17: "
            f"dump it with PostgreSQL {made_by}, move the folder away, and load the dump."
        )


def start(room: Room, settings: dict[str, str]) -> int:
    """Start the server without waiting for it; answers its process number."""
    open_socket_folder(room)
    _clear_stale_pid(room)
    flags = [f"--{name}={value}" for name, value in settings.items()]
    flags.append(f"--unix_socket_directories={room.socket}")
    # The shell ends at once and leaves the server to init: a child of ours would stay as a zombie.
    launch = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    postgres = room.binaries / "postgres"
    return int(
        room.account.do("Starting PostgreSQL", "sh", "-c", launch, "sh", room.log, postgres, "-D", room.data, *flags)
    )


def _clear_stale_pid(room: Room) -> None:
    """Wait for the processes of a server that was killed, then remove what it left.

    PostgreSQL itself refuses to start while its old number belongs to any living process, even a stranger's.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while _inhabited(room):
        if time.monotonic() > end:
            raise EmbeddedUnavailable(f"Processes of an earlier server still use {room.data}: end them and try again.")
        time.sleep(0.05)
    room.account.do("Clearing a stale process file", "rm", "-f", room.data / "postmaster.pid")
    room.account.do("Clearing a stale socket", "rm", "-f", room.socket / f".s.PGSQL.{PORT}.lock")


def _inhabited(room: Room) -> bool:
    """Whether a process works in the data folder, as every process of PostgreSQL does."""
    if not (room.data / "postmaster.pid").exists():
        return False
    seen = room.account.run("sh", "-c", "readlink /proc/[0-9]*/cwd").stdout.splitlines()
    return os.fsencode(room.data) in seen


def _pid_file(room: Room) -> list[str]:
    try:
        return (room.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def await_ready(room: Room, process: int | None, patience: float = PATIENCE_SECONDS) -> None:
    """Wait until a server takes connections, as long as its process lives: on a busy machine it may take its time
    before it writes its first file. Raises `EmbeddedUnavailable`."""
    end = time.monotonic() + patience
    while not (lines := _pid_file(room))[7:] or lines[7].strip() != "ready":
        if time.monotonic() > end or not _lives(process):
            raise EmbeddedUnavailable(f"PostgreSQL did not start: {_last_words(room.log)} The whole log is {room.log}.")
        time.sleep(0.01)


def _lives(process: int | None) -> bool:
    """Whether a process is there and has not ended; one that has, and that nobody asked after, is a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not Path("/proc/self").exists()  # where nobody can tell, it is waited for
    return state not in {"Z", "X"}


def _last_words(log: Path) -> str:
    try:
        return log.read_text(errors="replace").splitlines()[-1]
    except (OSError, IndexError):
        return "it wrote no log."


def _answering(room: Room) -> psycopg.Connection[Any]:
    """A connection, as soon as a server that recovers from a crash of one of its processes takes one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return psycopg.connect(url(room, "postgres"), autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            if not any(words in str(error) for words in PASSING) or time.monotonic() > end:
                raise
        time.sleep(0.05)


def _check_promises(room: Room, settings: dict[str, str]) -> None:
    """Make the database if it is missing, and refuse a server that runs with other promises than these."""
    names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]
    wanted = [settings.get(name, "on") for name in names]
    try:
        with _answering(room) as connection:
            found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except psycopg.Error as error:
        raise EmbeddedUnavailable(
            f"PostgreSQL runs but does not answer: {str(error).strip()} See {room.log}."
        ) from error
    if [row[0] for row in found if row] != wanted:
        raise EmbeddedUnavailable(
            f"The server of {room.data} runs without its promises of durability: remove {', '.join(names)} "
            "from its configuration files (ALTER SYSTEM RESET) and start again."
        )
