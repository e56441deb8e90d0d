"""Connections to the database, and what to do when one is lost."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import sleep
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, Cursor, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.lists import tell_lists

WAITS = (0.0, 0.1, 0.4, 1.0, 2.0)
"""Seconds to wait before each try of work whose connection was lost."""

CONNECT_SECONDS = 5.0
"""How long a caller waits for a connection before it is told that the store is unavailable."""

HEAR_SECONDS = 2.0
"""How long is tried to hear why there was none."""

RECONNECT_SECONDS = 0.4
"""How long a lost connection is tried for; then it is given up, and the next one is made for whoever waits for it. The
pool's own way, to double its waits for five minutes, leaves a database alone that is back."""

HEARD_OF = {
    "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3", "tcp_user_timeout": "8000",
}  # fmt: skip
"""How soon the server gives up a client whose machine is gone, in seconds and milliseconds: what such a client holds
locked would else stay locked for hours. Over a socket they say nothing."""

HEARD_FROM: dict[str, Any] = {
    "keepalives_idle": 5, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 8000,
}  # fmt: skip
"""The same the other way: a server whose machine is gone says nothing, and a read would wait for it for two hours."""

QUICKLY = """SELECT set_config(name, 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"""
"""Long values are compressed by LZ4 where the server was built with it: a third of the time that its own way takes
(7 MB of patient-days 0.08 s of the processor instead of 0.22), for 6 % more bytes."""

NO_CONNECTION = "No connection could be had in time. Try again in a few seconds."
T = TypeVar("T")
Configure = Callable[[Connection[Any]], None]
Pool = ConnectionPool[Connection[Any]]


class ToldPool(Pool):
    """A pool whose connections are made ready by `prepare`, and that can tell why there is none."""

    def __init__(self, url: str, prepare: Configure, **settings: Any) -> None:
        super().__init__(url, configure=prepare, **settings)
        self._url, self._prepare = url, prepare

    def why_none(self) -> str:
        """Why nobody got a connection in time, in sentences: one more is tried, as the pool keeps no reasons."""
        try:
            _prepared(self._url, self._prepare, HEAR_SECONDS).close()
        except StoreUnavailable as error:
            return error.reason
        return NO_CONNECTION


def open_pool(url: str, schema: str, role: str | None = None, size: int = 8, *, needed: bool = True) -> Pool:
    """A pool of up to `size` connections in autocommit, in UTC, looking into `schema`, and acting as `role` if one is
    given. One that may not be `needed` connects when somebody first asks for a connection.

    Raises StoreUnavailable, with how to fix it, if the database cannot be reached or has no log in `schema`.
    """

    def configure(connection: Connection[Any]) -> None:
        tell_lists(connection)
        if role:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        given = {"search_path": f"{schema}, pg_temp", "TimeZone": "UTC"} | HEARD_OF
        calls = sql.SQL(", ").join([sql.SQL("set_config(%s, %s, false)")] * len(given))
        connection.execute(
            sql.SQL("SELECT {}").format(calls), [text for setting in given.items() for text in setting]
        )
        connection.execute(QUICKLY)

    if needed:
        _check(url, schema, configure)
    return ToldPool(
        url,
        configure,
        kwargs={"autocommit": True, "connect_timeout": int(CONNECT_SECONDS), **HEARD_FROM},
        min_size=1 if needed else 0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        reconnect_failed=_try_again,
        open=True,
    )


def _try_again(pool: Pool) -> None:
    """Another connection, at once, where somebody waits for one; else the next who asks has it made."""
    if pool.get_stats()["requests_waiting"]:
        pool.check()


def connect(url: str, seconds: float = CONNECT_SECONDS) -> Connection[Any]:
    """One connection in autocommit. Raises StoreUnavailable with how to fix it."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=int(seconds), **HEARD_FROM)
    except psycopg.OperationalError as error:
        fix = "Start PostgreSQL, or set IOP_ES_DATABASE_URL to a server that runs"
        raise StoreUnavailable(f"{_one_line(error)}. {fix}.") from error
    except psycopg.ProgrammingError as error:
        raise StoreUnavailable(f"{_one_line(error)}. Set IOP_ES_DATABASE_URL to a PostgreSQL URL.") from error


def not_waiting(url: str) -> str:
    """The URL of connections whose commits are told before they are on the disk."""
    options = f"{conninfo_to_dict(url).get('options') or ''} -c synchronous_commit=off"
    return make_conninfo(url, options=options.strip())


def _check(url: str, schema: str, configure: Configure) -> None:
    with _prepared(url, configure) as connection, _told(connection):
        try:
            connection.execute(sql.SQL("SELECT 1 FROM {}.log_head").format(sql.Identifier(schema)))
        except psycopg.errors.UndefinedTable as error:
            raise StoreUnavailable(f"It has no log in schema {schema}: run `iop-es migrate` first.") from error


def _prepared(url: str, configure: Configure, seconds: float = CONNECT_SECONDS) -> Connection[Any]:
    connection = connect(url, seconds)
    try:
        with _told(connection):
            configure(connection)
    except StoreUnavailable:
        connection.close()
        raise
    return connection


@contextmanager
def _told(connection: Connection[Any]) -> Iterator[None]:
    """Raises StoreUnavailable, with how to fix it, for what the database refuses."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreUnavailable(
            f"{_one_line(error)}: run `iop-es migrate` as the owner, then grant the role."
        ) from error
    except psycopg.DatabaseError as error:
        if connection.closed:
            raise StoreUnavailable(f"{_one_line(error)}. Try again in a few seconds.") from error
        raise StoreUnavailable(f"{_one_line(error)}: run `iop-es migrate` first.") from error


def persist(
    pool: Pool, work: Callable[[Connection[Any]], T], waits: Sequence[float] | None = None, seconds: float | None = None
) -> T:
    """The result of `work` on a connection of the pool, tried again on a new one whenever the connection is lost.

    Only for work that may be done twice: reads, and appends, whose keys find their first reply. `waits` come instead of
    WAITS, and `seconds` bounds the wait for a connection, for a caller who cannot wait long. Raises StoreUnavailable.
    """
    reason = "The connection was lost."
    for wait in WAITS if waits is None else waits:
        if wait:
            sleep(wait)
        connection = None
        try:
            with pool.connection(seconds) as connection:
                return work(connection)
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise StoreUnavailable(_why_none(pool) if seconds is None else NO_CONNECTION) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection is None or not connection.closed:
                raise StoreUnavailable(f"{_one_line(error)}. Try again in a few seconds.") from error
            reason = f"The connection was lost: {_one_line(error)}."
            pool.check()
    raise StoreUnavailable(f"{reason} Try again with the same key: nothing is saved twice.")


@contextmanager
def transaction(pool: Pool) -> Iterator[Cursor[Any]]:
    """One transaction on a connection of the pool: committed at the end, undone by any exception.

    Raises StoreUnavailable if no connection can be had, or if it is lost on the way: then other lost ones are replaced
    too.
    """
    with single(pool) as cursor, cursor.connection.transaction():
        yield cursor


@contextmanager
def single(pool: Pool) -> Iterator[Cursor[Any]]:
    """The same for one statement, which is a transaction by itself."""
    connection = None
    try:
        with pool.connection() as connection, connection.cursor() as cursor:
            yield cursor
    except (PoolTimeout, PoolClosed, TooManyRequests) as error:
        raise StoreUnavailable(_why_none(pool)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if connection is None or not connection.closed:
            raise
        pool.check()
        raise StoreUnavailable(f"The connection was lost: {_one_line(error)}. Try again.") from error


@contextmanager
def acting_as(cursor: Cursor[Any], role: str) -> Iterator[None]:
    """For the block this transaction has another role's rights; a transaction that fails in it is undone anyway."""
    query = "SELECT current_setting('role'), set_config('role', %s, true)"
    ((before, _),) = cursor.execute(query, (role,)).fetchall()
    yield
    cursor.execute("SELECT set_config('role', %s, true)", (before,))


def _why_none(pool: Pool) -> str:
    return pool.why_none() if isinstance(pool, ToldPool) else NO_CONNECTION


def _one_line(error: psycopg.Error) -> str:
    # The primary message only: DETAIL may print values of a row.
    return (error.diag.message_primary or str(error).splitlines()[0]).rstrip(".")
