"""Lists of texts on their way to the database: most are a few ids, and every statement and copied row has some.

The driver looks at each of their elements by itself, which took nine microseconds a list and five more an element.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.adapt import Buffer, PyFormat
from psycopg.types.array import ListBinaryDumper, ListDumper

TEXTS = 1009
"""The type text[] (pg_type.dat of PostgreSQL)."""


class _Texts(ListDumper):
    """A list of texts alone, as PostgreSQL reads one; whatever else is in a list is the driver's."""

    def get_key(self, obj: list[Any], form: PyFormat) -> Any:
        return (list, str) if _all_texts(obj) else super().get_key(obj, form)

    def upgrade(self, obj: list[Any], form: PyFormat) -> Any:
        upgraded = super().upgrade(obj, form)
        if _all_texts(obj):
            upgraded.oid = TEXTS
        return upgraded

    def dump(self, obj: list[Any]) -> Buffer | None:
        if not _all_texts(obj):
            return super().dump(obj)
        told = '","'.join(obj)
        if "\\" in told or "\0" in told or told.count('"') != 2 * len(obj) - 2:
            return super().dump(obj)
        return f'{{"{told}"}}'.encode()


class _Lists(ListBinaryDumper):
    """The same where the driver may choose the form: texts as above, all else in binary."""

    def get_key(self, obj: list[Any], form: PyFormat) -> Any:
        return (list, str) if _all_texts(obj) else super().get_key(obj, form)

    def upgrade(self, obj: list[Any], form: PyFormat) -> Any:
        return _Texts(list, self._tx).upgrade(obj, PyFormat.TEXT) if _all_texts(obj) else super().upgrade(obj, form)


def tell_lists(connection: Connection[Any]) -> None:
    """Has this connection send lists of texts so."""
    connection.adapters.register_dumper(list, _Texts)
    connection.adapters.register_dumper(list, _Lists)


def _all_texts(told: list[Any]) -> bool:
    return set(map(type, told)) == {str}
