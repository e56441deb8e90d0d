"""A connection ends when the machine at its other end is gone, whichever end that is; and is there again at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from threading import Timer
from time import monotonic

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from iop_es.engine.connections import Pool, not_waiting, open_pool, persist, transaction
from iop_es.engine.errors import StoreUnavailable
from tests.chaos.toxics import Proxy
from tests.conftest import SCHEMA

SAY = lambda connection: connection.execute("SELECT")  # noqa: E731 - one line of work


def test_a_server_that_vanished_is_given_up_in_seconds(store_url: str) -> None:
    """After five silent seconds it is asked three times, a second apart; what is on its way waits eight."""
    told = conninfo_to_dict(store_url)
    proxy = Proxy(f"{told['host']}/.s.PGSQL.5432", seed=1)
    port = proxy.listener.getsockname()[1]
    url = make_conninfo(store_url, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable")
    with (
        open_pool(url, "iop", "iop_api", 1) as pool,
        pool.connection() as connection,
        socket.socket(fileno=os.dup(connection.fileno())) as wire,
    ):
        asked = {
            name: wire.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
    proxy.listener.close()
    assert asked == {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 8000}


def test_a_database_that_is_back_is_used_within_a_second(store_url: str, postgres_url: str) -> None:
    """Also after an outage of many waits, by whoever waited all the time and by whoever comes later."""
    name = str(conninfo_to_dict(store_url)["dbname"])
    change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format
    with open_pool(store_url, "iop", "iop_api", 4) as pool, psycopg.connect(postgres_url, autocommit=True) as server:
        pool.wait()
        server.execute(change(sql.Identifier(name), sql.SQL("false")))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        gone = monotonic()
        while monotonic() < gone + 3.2:
            with pytest.raises(StoreUnavailable):
                persist(pool, lambda connection: connection.execute("SELECT"), (0.0,), 1.0)
        Timer(0.3, lambda: comes_back(postgres_url, name)).start()
        waited = monotonic()
        persist(pool, lambda connection: connection.execute("SELECT"), (0.0,), 5.0)
        assert monotonic() - waited < 1.3
        started = monotonic()
        persist(pool, lambda connection: connection.execute("SELECT"), (0.0,), 1.0)
        assert monotonic() - started < 1


@pytest.mark.parametrize("asks", [lambda pool: persist(pool, SAY), lambda pool: transaction(pool).__enter__()])
def test_who_gets_no_connection_is_told_why(store_url: str, asks: Callable[[Pool], object]) -> None:
    """A pool that connects when somebody first asks says what a connection at once would have said: no such role, as
    before an upgrade, or no such database; and of one that is only busy, that it is."""
    for role, database, told in (
        ("iop_unheard_of", None, 'role "iop_unheard_of" does not exist: run `iop-es migrate` first'),
        (None, "none", r'database "none" does not exist.*IOP_ES_DATABASE_URL'),
    ):
        url = make_conninfo(store_url, dbname=database) if database else store_url
        with open_pool(url, SCHEMA, role, 1, needed=False) as pool, pytest.raises(StoreUnavailable, match=told):
            pool.timeout = 0.5
            asks(pool)
    with open_pool(store_url, SCHEMA, "iop_api", 1) as pool, pool.connection():
        pool.timeout = 0.1
        with pytest.raises(StoreUnavailable, match="No connection could be had in time"):
            asks(pool)


def comes_back(postgres_url: str, name: str) -> None:
    """The database is there again."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))


def test_what_can_be_made_again_need_not_wait_for_the_disk(store_url: str) -> None:
    """Commits over such a URL are told at once; what else its options say stays, and other connections wait."""
    slow = make_conninfo(store_url, options="-c statement_timeout=9000")
    for url, said in ((slow, ("on", "9s")), (not_waiting(slow), ("off", "9s")), (not_waiting(store_url), ("off", "0"))):
        with open_pool(url, SCHEMA, "iop_api", 1) as pool, pool.connection() as connection:
            asked = "SELECT current_setting('synchronous_commit'), current_setting('statement_timeout')"
            assert connection.execute(asked).fetchone() == said
