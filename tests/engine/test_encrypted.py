"""A database on another machine is asked for its certificate; what is on this one is not."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from iop_es.engine.encrypted import encrypted
from iop_es.engine.errors import StoreUnavailable
from iop_es.settings import Settings
from iop_es.wiring import database, migrated


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """No setting of libpq's own from outside."""
    for name in ("PGHOST", "PGSSLMODE", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("url", [
    "postgresql:///clinic", "postgresql://u@/clinic?host=%2Ftmp%2Fpg", "host=/tmp/pg dbname=clinic",
    "postgresql://u@localhost/clinic", "postgresql://u@127.0.0.1:5433/clinic", "postgresql://u@[::1]/clinic",
    "host=localhost,/tmp/pg dbname=clinic", "postgresql://localhost/clinic?sslmode=disable", "no url at all",
])  # fmt: skip
def test_on_this_machine_nothing_is_asked(url: str) -> None:
    """A socket or loopback leaves the URL as it is, and so does what is none."""
    assert encrypted(url) == url


@pytest.mark.parametrize("url", [
    "postgresql://u:p@db.example.org/clinic", "host=10.0.0.5 dbname=clinic", "postgresql://u@localhost,db/clinic",
    "host=localhost hostaddr=10.0.0.5",
])  # fmt: skip
def test_on_another_machine_the_server_proves_who_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a certificate in its name; the system's roots vouch where none of its own are named."""
    found = conninfo_to_dict(encrypted(url))
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-full", "system")
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/roots.pem")
    assert "sslrootcert" not in conninfo_to_dict(encrypted(url))


def test_what_the_url_says_itself_stands_where_it_is_as_strict() -> None:
    """verify-full with roots of its own is taken as it is."""
    own = "postgresql://u@db/clinic?sslmode=verify-full&sslrootcert=/etc/db.pem"
    assert encrypted(own) == own


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_less_is_refused_with_what_to_do(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the URL or in the environment; the sentence names the mode and the way out."""
    for url, outside in ((f"postgresql://u@db/clinic?sslmode={mode}", None), ("postgresql://u@db/clinic", mode)):
        if outside:
            monkeypatch.setenv("PGSSLMODE", outside)
        with pytest.raises(StoreUnavailable, match=f"sslmode={mode}.*IOP_ES_DATABASE_TLS=url"):
            encrypted(url)


def test_the_house_asks_it_of_every_url_it_is_given() -> None:
    """The API's and the migration's, unless the settings say that the URL is meant as it is."""
    loose = "postgresql://u@db.invalid/clinic?sslmode=require"
    with pytest.raises(StoreUnavailable, match="IOP_ES_DATABASE_TLS"), database(Settings(database_url=loose)):
        pass
    with database(Settings(database_url=loose, database_tls="url")) as (url, _):
        assert url == loose
    with pytest.raises(StoreUnavailable, match="IOP_ES_DATABASE_TLS"):
        migrated(Settings(database_url="postgresql:///here", migrate_url=loose))
