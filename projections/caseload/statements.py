"""The package's named SQL statements, each after a line `-- name: …`, and how one is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from psycopg import Cursor


def _blocks(file: str) -> Iterator[tuple[str, bytes]]:
    text = (files("projections.caseload") / file).read_text(encoding="utf-8")
    for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]:
        name, _, statement = block.partition("\n")
        yield name.strip(), statement.strip().encode()


STATEMENTS = {name: statement for file in ("queries.sql", "census.sql") for name, statement in _blocks(file)}


def ask(cursor: Cursor[Any], name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a named statement, by column name; the cursor makes plain tuples."""
    return fetched(cursor.execute(STATEMENTS[name], parameters))


def fetched(cursor: Cursor[Any]) -> list[dict[str, Any]]:
    """What was just asked for, by column name."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]
