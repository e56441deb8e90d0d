"""The package's named SQL statements, each after a line `-- name: …`, how one is asked, and the same from a fold."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from iop_es.engine.readmodel.model import Delta, Table
from iop_es.engine.statements import blocks, named

STATEMENTS = {
    name: statement.encode()
    for file in ("queries.sql", "documents.sql", "census.sql")
    for name, statement in blocks("projections.caseload", file)
}


def ask(cursor: Cursor[Any], name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a named statement, by column name."""
    return named(cursor.execute(STATEMENTS[name], parameters))


def rows_of(delta: Delta, table: Table) -> list[dict[str, Any]]:
    """The rows that a fold made of a table, by column name."""
    scopes = delta.rows.get(table.name, {}).values()
    return [dict(zip(table.columns, row, strict=True)) for rows in scopes for row in rows]
