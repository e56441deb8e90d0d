"""The rows of a read model in a few words: how many in each table, and a digest over all of them in a fixed order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from psycopg import sql

from iop_es.engine.connections import Pool
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import ReadModel, Table
from iop_es.engine.readmodel.place import DOCUMENT, DOCUMENT_USE

ROWS = Path(__file__).parent / "rows.json"
Digests = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of one read model: the version that made these tables."""

    version: int
    tables: Digests


def stored() -> dict[str, Stored]:
    """What is stored of every read model, by name."""
    return {name: Stored(**one) for name, one in json.loads(ROWS.read_text()).items()} if ROWS.exists() else {}


def store(made: dict[str, Stored]) -> None:
    """Stores this instead."""
    told = {name: {"version": one.version, "tables": one.tables} for name, one in sorted(made.items())}
    ROWS.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")


def digests(driver: Driver, pool: Pool) -> Digests:
    """Each table of the read model, as PostgreSQL writes its rows, sorted by their bytes."""
    schema = driver.place.schema
    return {table.name: _digest(pool, schema, table) for table in (*driver.model.tables, DOCUMENT, DOCUMENT_USE)}


def complaint(model: ReadModel, made: Digests) -> str | None:
    """What is wrong with these rows of a read model, and what to do; None if they are the stored ones."""
    known = stored().get(model.name)
    command = "`python -m tests.projections.reference`"
    if known is None or known.version < model.version:
        return f"No rows are stored of {model.name} version {model.version}: store them with {command}."
    if known.version > model.version:
        return f"{model.name} has version {model.version}, but version {known.version} is stored: never go back."
    changed = sorted(name for name in {*known.tables, *made} if known.tables.get(name) != made.get(name))
    if not changed:
        return None
    return (
        f"The rows of {model.name} changed in {', '.join(changed)}, and its version is still {model.version}: raise the"
        f" version in projections/{model.name}/model.py and store the new digests with {command}."
    )


def _digest(pool: Pool, schema: str, table: Table) -> dict[str, Any]:
    names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(schema, table.name))
    with pool.connection() as connection, connection.cursor() as cursor, cursor.copy(query) as copy:
        lines = sorted(b"".join(copy).splitlines(keepends=True))
    return {"rows": len(lines), "sha256": sha256(b"".join(lines)).hexdigest()}
