"""Stores for the demonstration: fresh ones a test, and one with a small clinic's three weeks that tests only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from structlog.testing import capture_logs
from typer.testing import CliRunner

from iop_es import wiring
from iop_es.cli import app
from iop_es.demo import run
from iop_es.demo.figures import Report
from iop_es.settings import Settings
from iop_es.wiring import House

SEED, WEEKS, PATIENTS = 7, 3, 15
_numbers = count(1)


@pytest.fixture(scope="session")
def empty_store(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Settings]]:
    """Makes settings that name a database with nothing in it; all are dropped at the end."""
    made: list[str] = []

    def make() -> Settings:
        made.append(f"demo_{next(_numbers)}")
        with psycopg.connect(postgres_url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made[-1])))
        project: Path = tmp_path_factory.mktemp("project")
        return Settings(database_url=make_conninfo(postgres_url, dbname=made[-1]), project=project)

    yield make
    with psycopg.connect(postgres_url, autocommit=True) as server:
        for name in made:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def simulated(empty_store: Callable[[], Settings]) -> Settings:
    """A store in which a small clinic worked for three weeks, made by the command."""
    settings = empty_store()
    words = f"demo --no-serve --seed {SEED} --weeks {WEEKS} --patients {PATIENTS}"
    given = {"IOP_ES_DATABASE_URL": settings.database_url, "IOP_ES_PROJECT": str(settings.project)}
    done = CliRunner().invoke(app, words.split(), env=given)
    assert done.exit_code == 0, done.stderr
    return settings


@pytest.fixture(scope="session")
def full_run(empty_store: Callable[[], Settings]) -> tuple[Settings, Report]:
    """What `make demo` does: thirteen weeks, sixty patients; its store, and the report that it printed."""
    settings, printed = empty_store(), StringIO()
    with capture_logs(), redirect_stdout(printed):  # the command logs from warnings on, and to standard error
        assert run.run(settings, seed=SEED, weeks=13, patients=60, serve=False, as_json=True) == 0
    return settings, Report.model_validate_json(printed.getvalue())


@pytest.fixture(scope="session")
def full_clinic(full_run: tuple[Settings, Report]) -> Settings:
    """The store that `make demo` makes. Tests may add facts to it, but no more."""
    return full_run[0]


@pytest.fixture(scope="session")
def full_report(full_run: tuple[Settings, Report]) -> Report:
    """The report that `make demo` prints."""
    return full_run[1]


@pytest.fixture
def house(simulated: Settings) -> Iterator[House]:
    """That store, opened; to be read only."""
    with wiring.opened(simulated) as opened:
        yield opened


@pytest.fixture
def empty_house(empty_store: Callable[[], Settings]) -> Iterator[House]:
    """A simulation without a fact, for a story to be told in."""
    with prepared(empty_store()) as opened:
        yield opened


@contextmanager
def prepared(settings: Settings) -> Iterator[House]:
    """A simulation's store with its read models, opened."""
    wiring.migrated(settings, simulation=True)
    with wiring.opened(settings) as opened:
        yield opened
