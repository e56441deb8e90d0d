"""The package's named SQL statements, each after a line `-- name: …`, how one is asked, and the same from a fold."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from iop_es.engine.readmodel.model import Delta, Table
from iop_es.engine.statements import blocks

STATEMENTS = {
    name: statement.encode()
    for file in ("queries.sql", "documents.sql", "census.sql")
    for name, statement in blocks("projections.caseload", file)
}


def ask(cursor: Cursor[Any], name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a named statement, by column name; the cursor makes plain tuples."""
    return fetched(cursor.execute(STATEMENTS[name], parameters))


def fetched(cursor: Cursor[Any]) -> list[dict[str, Any]]:
    """What was just asked for, by column name."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def rows_of(delta: Delta, table: Table) -> list[dict[str, Any]]:
    """The rows that a fold made of a table, by column name."""
    scopes = delta.rows.get(table.name, {}).values()
    return [dict(zip(table.columns, row, strict=True)) for rows in scopes for row in rows]
