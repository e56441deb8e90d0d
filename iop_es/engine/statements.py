"""SQL in files: the named statements of one, each after a line `-- name: …`; its other comments are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from psycopg import sql


def blocks(package: str, file: str) -> Iterator[tuple[str, str]]:
    """The names and texts of a package's file of statements."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]:
        name, _, statement = block.partition("\n")
        yield name.strip(), re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE).strip()


def composed(statements: dict[str, str], **parts: sql.Composable) -> dict[str, bytes]:
    """Statements with their `{parts}` filled in, ready to be sent: putting them together costs more than asking."""
    return {name: sql.SQL(text).format(**parts).as_bytes(None) for name, text in statements.items()}
