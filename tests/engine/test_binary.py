"""A row that is copied as PostgreSQL keeps its values is in the database what it was here, or refused."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Cursor

from iop_es.engine.readmodel.binary import TYPES, tell_forms
from iop_es.engine.readmodel.place import UNWRITABLE

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
large = st.integers(-(2**63), 2**63 - 1)
VALUES = {
    "text": texts,
    "bigint": large,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "double precision": st.floats(allow_nan=False),
    "bytea": st.binary(max_size=6),
    "uuid": st.uuids().map(str),
    "text[]": st.lists(texts | st.none(), max_size=4),
    "bigint[]": st.lists(large, max_size=4),
}
COLUMNS = ", ".join(f"c{number} {kind}" for number, kind in enumerate(VALUES))


@pytest.fixture(scope="module")
def cursor(postgres_url: str) -> Any:
    """A cursor beside a table with a column of each type."""
    with psycopg.connect(postgres_url, autocommit=True) as connection, connection.cursor() as one:
        one.execute(f"CREATE TEMP TABLE kept ({COLUMNS})".encode())
        yield one


def copied(cursor: Cursor[Any], *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The rows as they come back."""
    cursor.execute("TRUNCATE kept")
    with cursor.copy("COPY kept FROM STDIN (FORMAT BINARY)") as copy:
        tell_forms(cursor)
        copy.set_types([*VALUES])
        for row in rows:
            copy.write_row(row)
    return cursor.execute("SELECT * FROM kept").fetchall()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(*(values | st.none() for values in VALUES.values())), max_size=4))
def test_it_comes_back_as_it_was(cursor: Cursor[Any], rows: list[tuple[Any, ...]]) -> None:
    """Whatever is in it, or is not: a value of every type that is sent so."""
    assert {*VALUES} == TYPES
    read = [{"date": date.fromisoformat, "uuid": UUID}.get(kind, lambda value: value) for kind in VALUES]
    sent = [tuple(value and form(value) for form, value in zip(read, row, strict=True)) for row in rows]
    assert copied(cursor, *rows) == sent


@pytest.mark.parametrize(("kind", "value"), [
    ("integer", 2**31), ("integer", -(2**31) - 1), ("integer", "5"), ("bigint", 2**63), ("bigint[]", [1, 2**63]),
    ("date", "2026-02-30"), ("date", 20260228), ("text", "a\0b"), ("text", "\ud800"), ("text", 5), ("text[]", ["a\0"]),
    ("text[]", ["\ud800"]), ("text[]", [5]), ("double precision", 10**400), ("uuid", "x" * 32), ("uuid", "0" * 30),
    ("uuid", 5),
])  # fmt: skip
def test_what_does_not_fit_is_the_rows_fault(cursor: Cursor[Any], kind: str, value: Any) -> None:
    """Out of range, no text, of another type: never a part of it, and nothing that ends a projector."""
    row = [None] * len(VALUES)
    row[[*VALUES].index(kind)] = value
    with pytest.raises(UNWRITABLE):
        copied(cursor, tuple(row))
