"""The place of a read model's rows: one PostgreSQL schema a version, changed by COPY and merge, never row by row.

Every read model has two tables of the engine's own beside its own: `document` (what the fold remembers) and
`document_use` (which documents rest on which reference id).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from psycopg import Cursor, sql

from iop_es.engine.readmodel.fold import Delta, ReadModel, Row, Table

DOCUMENT = Table("document", ("key", "body"))
DOCUMENT_USE = Table("document_use", ("key", "reference"))
_ENGINE_TABLES = """
CREATE TABLE document (key text PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE document_use (key text NOT NULL, reference text NOT NULL, PRIMARY KEY (key, reference));
CREATE INDEX document_use_reference ON document_use (reference);
"""


class Place:
    """The schema of one version of a read model; each method runs in the caller's transaction."""

    def __init__(self, model: ReadModel, log_schema: str) -> None:
        self.model = model
        self.log_schema = log_schema
        self.schema = f"{log_schema}_{model.name}_{model.version}"

    def exists(self, cursor: Cursor[Any]) -> bool:
        """Whether the schema and its tables are there."""
        cursor.execute("SELECT to_regclass(%s)", (f"{self.schema}.document",))
        row = cursor.fetchone()
        return row is not None and row[0] is not None

    def create(self, cursor: Cursor[Any]) -> None:
        """Makes the schema and its empty tables."""
        log = sql.Identifier(self.log_schema)
        cursor.execute(sql.SQL("SELECT {}.open_read_model(%s, %s)").format(log), (self.model.name, self.model.version))
        self.enter(cursor)
        cursor.execute(sql.SQL(_ENGINE_TABLES + self.model.ddl))

    def enter(self, cursor: Cursor[Any]) -> None:
        """Names in this transaction mean this schema's tables."""
        cursor.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(self.schema)))

    def empty(self, cursor: Cursor[Any]) -> None:
        """Removes every row, for a rebuild."""
        names = [DOCUMENT, DOCUMENT_USE, *self.model.tables]
        targets = sql.SQL(", ").join(sql.Identifier(self.schema, table.name) for table in names)
        cursor.execute(sql.SQL("TRUNCATE {}").format(targets))

    def analyze(self, cursor: Cursor[Any]) -> None:
        """Tells the planner what is there now; freshly filled tables without statistics get terrible plans."""
        for table in (DOCUMENT, DOCUMENT_USE, *self.model.tables):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self.schema, table.name)))

    def merge(self, cursor: Cursor[Any], delta: Delta) -> int:
        """Replaces the scopes that a batch changed; answers how many rows were written."""
        written = 0
        for table, scopes in self._changes(delta):
            written += self._replace(cursor, table, scopes)
        return written

    def fill(self, cursor: Cursor[Any], delta: Delta) -> int:
        """Writes into empty tables: no scope can be there already."""
        written = 0
        for table, scopes in self._changes(delta):
            written += _copy(cursor, table.name, table.columns, (row for rows in scopes.values() for row in rows))
        return written

    def copy(self, cursor: Cursor[Any], table: str, rows: Iterable[Row]) -> int:
        """Writes whole rows into one table; answers how many."""
        columns = next(known.columns for known in self.model.tables if known.name == table)
        return _copy(cursor, table, columns, rows)

    def _changes(self, delta: Delta) -> Iterator[tuple[Table, dict[Row, list[Row]]]]:
        yield DOCUMENT, {(key,): [(key, body)] for key, body in delta.documents.items()}
        yield DOCUMENT_USE, {(key,): [(key, use) for use in uses] for key, uses in delta.uses.items()}
        for table in self.model.tables:
            yield table, delta.rows.get(table.name, {})

    def _replace(self, cursor: Cursor[Any], table: Table, scopes: dict[Row, list[Row]]) -> int:
        if not scopes:
            return 0
        target = sql.Identifier(table.name)
        scope = [sql.Identifier(name) for name in table.columns[: table.scope]]
        columns = sql.SQL(", ").join(scope)
        gone = sql.SQL("CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0")
        cursor.execute(gone.format(columns, target))
        _copy(cursor, "gone", table.columns[: table.scope], scopes)
        match = sql.SQL(" AND ").join(sql.SQL("t.{} = g.{}").format(name, name) for name in scope)
        cursor.execute(sql.SQL("DELETE FROM {} t USING gone g WHERE {}").format(target, match))
        cursor.execute("DROP TABLE gone")
        return _copy(cursor, table.name, table.columns, (row for rows in scopes.values() for row in rows))


class Documents:
    """The documents stored in the schema that a transaction has entered."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor

    def load(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Stored documents by key."""
        query = "SELECT key, body FROM document WHERE key = ANY(%s)"
        return dict(self._cursor.execute(query, (list(keys),), binary=True).fetchall())

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By reference id, the keys of the stored documents that rest on it."""
        self._cursor.execute(
            "SELECT reference, array_agg(key ORDER BY key) FROM document_use"
            " WHERE reference = ANY(%s) GROUP BY reference",
            (list(references),),
        )
        return {reference: tuple(keys) for reference, keys in self._cursor.fetchall()}


def _copy(cursor: Cursor[Any], table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    written = 0
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
