"""Which rows of a read model's table a reader sees, whatever the query says: each model states it of each table.

From these the database's row-level security is made (schema/12_guard.sql). The gate tells each transaction who reads
and within which programs; where it told nothing, nobody sees anything, and nobody ever sees a table that says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Anybody(NamedTuple):
    """Every row, for anybody whom the gate let in: what belongs to the whole organization and tells of no patient."""

    kind: str = "anybody"


class Listed(NamedTuple):
    """Rows whose column names a program of the reader's; with the `setting` on, all; `unnamed` ones that name none are
    anybody's."""

    column: str = "program_id"
    setting: str | None = None
    unnamed: bool = False
    kind: str = "listed"


class Overlapping(NamedTuple):
    """Rows whose column, an array, names at least one program of the reader's."""

    column: str
    kind: str = "overlapping"


class Within(NamedTuple):
    """Rows that have a row with the same `columns` in another table, among those that the reader sees there.

    With the `setting` on also rows that have none there at all, seen or not, by the first of the columns.
    """

    parent: str
    columns: tuple[str, ...]
    setting: str | None = None
    kind: str = "within"


class Owned(NamedTuple):
    """Rows whose `columns` are found in the `parent`, where `column` names a program of the reader's; with the
    `setting` on also rows that are not found there. The reader sees all of the parent while it is on."""

    parent: str
    columns: tuple[str, ...]
    column: str
    setting: str
    kind: str = "owned"


Reach = Anybody | Listed | Overlapping | Within | Owned
Reaches = Mapping[str, Reach]


def stated(reaches: Reaches) -> dict[str, dict[str, Any]]:
    """The same as the database is told it."""
    return {
        table: {name: value for name, value in one._asdict().items() if value is not None}
        for table, one in reaches.items()
    }
