"""The only place that runs DDL for the log: an ordered list of small files, each safe to run again."""

import re
from hashlib import sha256
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection, sql

from iop_es.engine.checking import damaged
from iop_es.engine.connections import connect
from iop_es.engine.errors import MigrationRefused
from iop_es.engine.grants import grant

STEPS = (
    "01_roles",
    "02_log",
    "03_append_only",
    "04_append",
    "05_position_at",
    "06_read_models",
    "07_library_view",
    "09_transparency",
    "10_keys",
    "11_access_order",
    "12_guard",
    "20_grants",
)
SCHEMA_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,30}")
TRIES = 5


def migrate(url: str, schema: str, *, simulation: bool = False, name: str | None = None) -> list[str]:
    """Bring the log in `schema` to the present shape; what was done, step by step, and nothing the second time.

    `simulation` and `name` are fixed when the log is created. Raises MigrationRefused if they would change, if the
    schema's name is no plain identifier or if the login may not create what is missing, and StoreUnavailable if there
    is no database.
    """
    if not SCHEMA_NAME.fullmatch(schema):
        raise MigrationRefused(
            f"Schema {schema!r} must be up to 31 small letters, digits and _, beginning with a letter."
        )
    for left in reversed(range(TRIES)):
        try:
            with connect(url) as connection, connection.transaction():
                return _migrate(connection, schema, simulation, name)
        except psycopg.errors.InternalError_ as error:
            # Roles belong to the cluster: a migration of another database may touch the same row ("tuple concurrently
            # updated").
            if not left:
                raise MigrationRefused("Other migrations were in the way: run it again.") from error
        except psycopg.errors.InsufficientPrivilege as error:
            reason = f"{error.diag.message_primary}: run it as a login that may create roles and schemas."
            raise MigrationRefused(reason) from error
    raise AssertionError("the last try returns or raises")


def _migrate(connection: Connection[Any], schema: str, simulation: bool, name: str | None) -> list[str]:
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('iop-es migrate', 0))")
    done = _prepare(connection, schema)
    known = dict(connection.execute("SELECT name, digest FROM migration").fetchall())
    if known and damaged(connection, schema):
        known = {}  # somebody took a wall away: every step again
    for step in STEPS[1:-1]:
        statements = _read(step)
        digest = sha256(statements).hexdigest()
        if known.get(step) != digest:
            connection.execute(statements)
            _taken(connection, step, digest)
            done.append(step)
    if grant(connection, schema):
        done.append(STEPS[-1])
    return done + _create_head(connection, schema, simulation, name)


def _taken(connection: Connection[Any], step: str, digest: str) -> None:
    connection.execute(
        "INSERT INTO migration (name, digest) VALUES (%s, %s) ON CONFLICT (name) "
        "DO UPDATE SET digest = excluded.digest, applied_at = default",
        (step, digest),
    )


def _prepare(connection: Connection[Any], schema: str) -> list[str]:
    """Roles, the schema, and the list of steps taken; from here on everything made belongs to the owner."""
    present = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,)).fetchall()[0][0]
    connection.execute(_read(STEPS[0]))
    place = sql.Identifier(schema)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION iop_owner").format(place))
    connection.execute("SET LOCAL ROLE iop_owner")
    connection.execute(sql.SQL("SET LOCAL search_path TO {}, pg_temp").format(place))
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration "
        "(name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    return [] if present else [f"schema {schema}"]


def _create_head(connection: Connection[Any], schema: str, simulation: bool, name: str | None) -> list[str]:
    """The single row that the counter lives in: a simulation says so in its name for ever."""
    found = connection.execute("SELECT name, simulation FROM log_head").fetchone()
    if found is None:
        given = name or f"iop-es/{schema}"
        full = f"{given}/simulation" if simulation and "simulation" not in given else given
        connection.execute("INSERT INTO log_head (name, simulation) VALUES (%s, %s)", (full, simulation))
        return [f"log {full}"]
    if found[1] != simulation:
        fix = "run migrate with --simulation" if found[1] else "run migrate without --simulation"
        raise MigrationRefused(
            f"The log {found[0]} was created otherwise and stays so: {fix}, or choose another schema."
        )
    if name not in {None, found[0], found[0].removesuffix("/simulation")}:
        raise MigrationRefused(f"The log is named {found[0]} for ever: leave the name out, or choose another schema.")
    return []


def _read(step: str) -> bytes:
    return (files("iop_es.engine") / "schema" / f"{step}.sql").read_bytes()
