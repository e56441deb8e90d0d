"""A clinic is made once by the API itself, and every test gets a copy of its database."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.api.clinic import open_clinic
from tests.api.house import House, opened


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the development issuer keeps its key."""
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture(scope="session")
def open_store(postgres_url: str, template: str, keys: Path) -> str:
    """The name of a database with a clinic in it."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE template_clinic TEMPLATE {}").format(sql.Identifier(template)))
        server.execute("GRANT CREATE ON DATABASE template_clinic TO iop_owner")
    with opened(make_conninfo(postgres_url, dbname="template_clinic"), keys) as house:
        open_clinic(house)
        house.project()
        for driver in house.drivers:
            driver.release()  # or whoever opens a copy waits for the lease's end
    return "template_clinic"


@pytest.fixture(scope="session")
def house(postgres_url: str, open_store: str, keys: Path) -> Iterator[House]:
    """The clinic, open for all tests that only add to it."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE clinic TEMPLATE {}").format(sql.Identifier(open_store)))
    with opened(make_conninfo(postgres_url, dbname="clinic"), keys) as made:
        yield made


@pytest.fixture
def clinic_url(new_database: Callable[[str | None], str], open_store: str) -> str:
    """A copy of the clinic's database, reached as the superuser."""
    return new_database(open_store)


@pytest.fixture
def own_house(clinic_url: str, keys: Path) -> Iterator[House]:
    """A clinic for one test, which counts in it or breaks it."""
    with opened(clinic_url, keys) as made:
        yield made


@pytest.fixture
def clock(house: House) -> Iterator[list[float]]:
    """How many seconds the desk's clock, which stands still, is ahead."""
    ahead, now = [0.0], int(time.time())
    house.desk.clock = lambda: now + ahead[0]
    yield ahead
    house.desk.clock = time.time
