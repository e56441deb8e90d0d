"""The place of a read model's rows: one PostgreSQL schema a build, changed by COPY and merge, never row by row.

While it is being built nobody else sees it, and whole shares are copied into its tables. Then it is guarded: from there
on row-level security lets nothing be copied into them, so that many rows come by way of a temporary table.

Every read model has two tables of the engine's own beside its own: `document` (what the fold remembers) and
`document_use` (which documents rest on which reference id). While a place is being built it also has `deferred`: the
indexes and constraints that are made once its rows are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import Cursor, sql
from psycopg.types.json import Jsonb

from iop_es.engine.connections import acting_as
from iop_es.engine.readmodel.binary import TYPES, tell_forms
from iop_es.engine.readmodel.catalog import Catalog
from iop_es.engine.readmodel.model import REFERENCE, Delta, ReadModel, Table
from iop_es.engine.readmodel.reach import stated
from iop_es.engine.statements import blocks
from iop_es.engine.stored import Row

DOCUMENT = Table("document", ("key", "body"))
DOCUMENT_USE = Table("document_use", ("key", "reference"))
UNWRITABLE = (
    psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded,
    OverflowError, TypeError, ValueError,
)  # fmt: skip
"""What a row itself is to blame for: a value out of range or of another type, a broken constraint, a key too long for
its index, text that is none. Everything else that goes wrong while writing is no fact's failure."""

PROJECTOR = "iop_projector"
"""The role that makes the tables of a read model, until they become the owner's."""

FEW = 300
"""Up to so many rows of a table are merged statement by statement, those of all tables sent at once."""

_SQL = dict(blocks("iop_es.engine.readmodel", "place.sql"))


class Place:
    """One schema of a read model's tables; each method runs in the caller's transaction."""

    def __init__(self, model: ReadModel, schema: str) -> None:
        self.model = model
        self.schema = schema
        self._statements: dict[str, tuple[bytes, bytes]] = {}
        self._known: dict[str, dict[str, str]] = {}

    @property
    def tables(self) -> tuple[Table, ...]:
        """The engine's tables and the model's own."""
        return (DOCUMENT, DOCUMENT_USE, *self.model.tables)

    def create(self, cursor: Cursor[Any], *, deferred: bool = False) -> None:
        """Makes the empty tables; with `deferred`, their indexes and constraints wait for `complete`."""
        self.enter(cursor)
        with acting_as(cursor, PROJECTOR):  # not the login: what is made must be its role's, for all who share it
            cursor.execute(_SQL["engine_tables"].encode())
            cursor.execute(self.model.ddl.encode())
            if deferred:
                cursor.execute(_SQL["defer"].encode())

    def guard(self, cursor: Cursor[Any], catalog: Catalog) -> None:
        """Lets nobody see more of the tables than the model states; once they are whole, they become the owner's."""
        catalog.ask(cursor, "guard", schema=self.schema, reaches=Jsonb(stated(self.model.reach)))

    def complete(self, cursor: Cursor[Any]) -> None:
        """Makes the deferred indexes and constraints, and tells the planner what is there now: freshly filled tables
        without statistics get terrible plans. Those of lists take half the time and are not planned by."""
        self.enter(cursor)
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")  # so that no index is sorted on disk
        cursor.execute("SET LOCAL default_statistics_target = 10")  # autovacuum looks closer, later
        for (statement,) in cursor.execute("SELECT statement FROM deferred ORDER BY number").fetchall():
            cursor.execute(statement)
        cursor.execute("DROP TABLE deferred")
        for table in self.tables:
            single = [name for name, kind in self._types(cursor, table).items() if not kind.endswith("[]")]
            columns = sql.SQL(", ").join(map(sql.Identifier, single))
            cursor.execute(sql.SQL("ANALYZE {} ({})").format(sql.Identifier(table.name), columns))

    def enter(self, cursor: Cursor[Any]) -> None:
        """Names in this transaction mean this schema's tables."""
        cursor.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(self.schema)))

    def merge(self, cursor: Cursor[Any], delta: Delta) -> int:
        """Replaces the scopes that a batch changed; answers how many rows were written.

        A few rows go in one round trip, many of a table by COPY.
        """
        changes = list(self.changes(delta))
        statements = {table.name: self.statements(cursor, table) for table, _ in changes}
        rows = {table.name: sum(map(len, scopes.values())) for table, scopes in changes}
        many = [(table, scopes) for table, scopes in changes if rows[table.name] > FEW]
        for table, scopes in many:
            cursor.execute(statements[table.name][0], _columns(scopes))
            self._stage(cursor, table, scopes)
        with cursor.connection.pipeline():
            for table, scopes in changes:
                if rows[table.name] <= FEW:
                    delete, insert = statements[table.name]
                    cursor.execute(delete, _columns(scopes))
                    cursor.executemany(insert, _rows(scopes))
        return sum(rows.values())

    def fill(self, cursor: Cursor[Any], delta: Delta) -> int:
        """Writes scopes that cannot be there already; answers how many rows were written."""
        written = 0
        for table, scopes in self.changes(delta):
            written += self._copy(cursor, sql.Identifier(table.name), table, _rows(scopes))
        return written

    def forget(self, cursor: Cursor[Any], patients: Sequence[str]) -> None:
        """Removes every row about these patients."""
        for table in self.model.tables:
            if "patient_id" in table.columns:
                kind = sql.SQL(self._types(cursor, table)["patient_id"])
                query = sql.SQL("DELETE FROM {} WHERE patient_id = ANY(%s::text[]::{}[])")
                cursor.execute(query.format(sql.Identifier(table.name), kind), (list(patients),))

    def forget_documents(self, cursor: Cursor[Any], keys: Sequence[str]) -> None:
        """Removes documents, and which references they rest on."""
        cursor.execute("DELETE FROM document WHERE key = ANY(%s)", (list(keys),))
        cursor.execute("DELETE FROM document_use WHERE key = ANY(%s)", (list(keys),))

    def changes(self, delta: Delta) -> Iterator[tuple[Table, dict[Row, list[Row]]]]:
        """The tables that a batch changed, each with its scopes."""
        if delta.documents:
            yield DOCUMENT, {(key,): [(key, body)] for key, body in delta.documents.items()}
        if delta.uses:
            yield DOCUMENT_USE, {(key,): [(key, use) for use in uses] for key, uses in delta.uses.items()}
        for table in self.model.tables:
            if scopes := delta.rows.get(table.name):
                yield table, scopes

    def statements(self, cursor: Cursor[Any], table: Table) -> tuple[bytes, bytes]:
        """The statements that remove scopes, given as an array of text for each of the scope's columns, and that write
        a row; they name the schema, so that a plan made for one place is never asked in another."""
        if table.name not in self._statements:
            target = sql.Identifier(self.schema, table.name)
            delete = self._delete(cursor, table, target)
            names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
            values = sql.SQL(", ").join(sql.Placeholder() * len(table.columns))
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(target, names, values)
            self._statements[table.name] = (delete.as_bytes(None), insert.as_bytes(None))
        return self._statements[table.name]

    def _stage(self, cursor: Cursor[Any], table: Table, scopes: dict[Row, list[Row]]) -> None:
        """Copies rows to a temporary table, and from there into theirs."""
        target, staged = sql.Identifier(self.schema, table.name), sql.Identifier("pg_temp", "staged")
        names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        cursor.execute(sql.SQL("CREATE TEMP TABLE staged (LIKE {}) ON COMMIT DROP").format(target))
        self._copy(cursor, staged, table, _rows(scopes))
        cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(target, names, names, staged))
        cursor.execute("DROP TABLE pg_temp.staged")

    def _copy(self, cursor: Cursor[Any], target: sql.Identifier, table: Table, rows: Iterable[Row]) -> int:
        """Writes whole rows of a table, if there are any; answers how many."""
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return 0
        known = self._types(cursor, table)
        types = [known.get(name, "") for name in table.columns]  # the database says which one is not there
        binary = TYPES.issuperset(types)
        names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        form = sql.SQL("BINARY" if binary else "TEXT")
        written = 1
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(target, names, form)) as copy:
            if binary:
                tell_forms(cursor)
                copy.set_types(types)
            copy.write_row(first)
            for row in waiting:
                copy.write_row(row)
                written += 1
        return written

    def _delete(self, cursor: Cursor[Any], table: Table, target: sql.Identifier) -> sql.Composed:
        types = self._types(cursor, table)
        scope = table.columns[: table.scope]
        arrays = sql.SQL(", ").join(sql.SQL("%s::text[]::{}[]").format(sql.SQL(types[name])) for name in scope)
        names = sql.SQL(", ").join(map(sql.Identifier, scope))
        match = sql.SQL(" AND ").join(sql.SQL("t.{0} = g.{0}").format(sql.Identifier(name)) for name in scope)
        return sql.SQL("DELETE FROM {} t USING unnest({}) AS g ({}) WHERE {}").format(target, arrays, names, match)

    def _types(self, cursor: Cursor[Any], table: Table) -> dict[str, str]:
        if table.name not in self._known:
            found = cursor.execute(_SQL["types"].encode(), (f"{self.schema}.{table.name}",)).fetchall()
            self._known[table.name] = dict(found)
        return self._known[table.name]


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

    def keys(self) -> tuple[str, ...]:
        """The keys of all stored documents, the reference's own left out."""
        found = self._cursor.execute("SELECT key FROM document WHERE key <> %s", (REFERENCE,))
        return tuple(key for (key,) in found)


def _columns(scopes: dict[Row, list[Row]]) -> list[list[str]]:
    """The scopes column by column, as text."""
    return [[value if isinstance(value, str) else str(value) for value in one] for one in zip(*scopes, strict=True)]


def _rows(scopes: dict[Row, list[Row]]) -> Iterator[Row]:
    return (row for rows in scopes.values() for row in rows)
