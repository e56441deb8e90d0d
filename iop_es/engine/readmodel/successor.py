"""A built read model beside the one it is to replace: how they differ at one position, and the end of the old one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import Cursor, sql

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.readmodel.catalog import Catalog
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import ReadModel, Table
from iop_es.engine.readmodel.rebuild import Build

PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
LOCK_TIMEOUT = "1s"
GRACE_SECONDS = 0.5
"""How long after it was taken from them readers may still come who had been told of it before."""


class Other(NamedTuple):
    """Another schema of a read model, its version, and whether its readers use it."""

    schema: str
    version: int
    active: bool


class Both(NamedTuple):
    """Two schemas of a read model at one position."""

    old: str
    new: str
    position: int


class TableDifference(NamedTuple):
    """How many rows of a table stand in one of the two only; `columns` are those that only one of them has."""

    table: str
    only_old: int
    only_new: int
    columns: tuple[str, ...]


class NoCommonPosition(Exception):
    """The version in use stays behind the new one, because nobody moves it on: start its release's projector, or
    compare later."""


def predecessors(cursor: Cursor[Any], catalog: Catalog, model: ReadModel, schema: str) -> list[Other]:
    """The other schemas of this version and earlier ones; last the one in use of the latest version."""
    found = (Other(*row) for row in catalog.ask(cursor, "others", name=model.name, schema=schema))
    return [other for other in found if other.version <= model.version]


def predecessor(cursor: Cursor[Any], catalog: Catalog, model: ReadModel, schema: str) -> Other | None:
    """The one in use now, of this version or else of the latest earlier one."""
    found = [other for other in predecessors(cursor, catalog, model, schema) if other.active]
    return found[-1] if found else None


@contextmanager
def at_one_position(build: Build, pool: Pool, old: Other, new: str) -> Iterator[tuple[Cursor[Any], Both]]:
    """A transaction that sees both schemas at one position, while whoever follows the log into them goes on. Raises
    NoCommonPosition."""
    follower = Driver(build.model, build.log, pool, build.decode, schema=old.schema)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with transaction(pool) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            both = _together(build, pool, cursor, old.schema, new)
            if both is not None:
                yield cursor, both
                return
        # A build of this very version is ours to move on; another version is moved on by its own release.
        if old.version == build.model.version:
            _move_on(build, pool, follower, new)
        time.sleep(PAUSE_SECONDS)
    raise NoCommonPosition


def differences(cursor: Cursor[Any], model: ReadModel, both: Both) -> list[TableDifference]:
    """Each table of the model with the rows that stand in one of the schemas only; equal tables are left out."""
    found = [_difference(cursor, table, both) for table in model.tables]
    return [one for one in found if one.only_old or one.only_new or one.columns]


def drop(pool: Pool, catalog: Catalog, schema: str, waiting: Callable[[str], None] = lambda _schema: None) -> None:
    """Takes a schema from its readers and throws it away, once those that are in it have left.

    `waiting` is told whenever they have not: each try keeps new ones waiting for a second at most.
    """
    with transaction(pool) as cursor:
        catalog.ask(cursor, "withdraw", schema=schema)
    time.sleep(GRACE_SECONDS)
    while True:
        try:
            with transaction(pool) as cursor:
                cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
                catalog.ask(cursor, "drop", schema=schema)
                return
        except psycopg.errors.LockNotAvailable:
            waiting(schema)
            time.sleep(PAUSE_SECONDS)


def _together(build: Build, pool: Pool, seeing: Cursor[Any], old: str, new: str) -> Both | None:
    """Brings the new schema to where the old one is, and lets a transaction see both there; None when the new one is
    ahead. Their rows are locked until it does, and no longer, so that nobody waits for the comparison itself."""
    with transaction(pool) as cursor:
        ((position, _),) = build.catalog.ask(cursor, "freeze", schema=old)
        build.catch_up(new, upto=position)
        ((reached, _),) = build.catalog.ask(cursor, "freeze", schema=new)
        if reached != position:
            return None
        build.catalog.ask(seeing, "see", schemas=[old, new])
    return Both(old, new, position)


def _move_on(build: Build, pool: Pool, follower: Driver, new: str) -> None:
    with transaction(pool) as cursor:
        ((reached,),) = build.catalog.ask(cursor, "position", schema=new)
    try:
        follower.step(5_000, reached)
    finally:
        follower.release()


def _difference(cursor: Cursor[Any], table: Table, both: Both) -> TableDifference:
    old, new = (_columns(cursor, schema, table.name) for schema in (both.old, both.new))
    common = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in new if name in old)
    rows = [
        sql.SQL("SELECT {} FROM {}").format(common, sql.Identifier(schema, table.name))
        for schema in (both.old, both.new)
    ]
    count = sql.SQL("SELECT count(*) FROM ({} EXCEPT ALL {}) d")
    numbers = [cursor.execute(count.format(one, other)).fetchone() for one, other in (rows, rows[::-1])] if old else []
    only_old, only_new = ((row[0] if row else 0) for row in numbers) if numbers else (0, 0)
    return TableDifference(table.name, only_old, only_new, tuple(sorted({*old} ^ {*new})))


def _columns(cursor: Cursor[Any], schema: str, table: str) -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s ORDER BY 1"
    return [name for (name,) in cursor.execute(query, (schema, table))]
