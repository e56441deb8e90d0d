"""SQL in files: the named statements of one, each after a line `-- name: …`, without its other comments; and rows by
the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from psycopg import Cursor, sql


def blocks(package: str, file: str) -> Iterator[tuple[str, str]]:
    """The names and texts of a package's file of statements."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]:
        name, _, statement = block.partition("\n")
        yield name.strip(), re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE).strip()


def composed(statements: dict[str, str], **parts: sql.Composable) -> dict[str, bytes]:
    """Statements with their `{parts}` filled in, ready to be sent: putting them together costs more than asking."""
    return {name: sql.SQL(text).format(**parts).as_bytes(None) for name, text in statements.items()}


def named(cursor: Cursor[Any]) -> list[dict[str, Any]]:
    """The rows of what was just asked, by column name; the cursor makes plain tuples."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]
