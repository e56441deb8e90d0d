"""Values as PostgreSQL keeps them, so that in a COPY of many rows neither side writes numbers out or parses them.

The driver's own ways are kept where they are quick and refuse what does not fit.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from struct import Struct
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.adapt import Dumper
from psycopg.pq import Format

TYPES = frozenset({
    "text", "bigint", "integer", "boolean", "date", "double precision", "bytea", "uuid", "text[]", "bigint[]",
})
"""The types that can be sent so."""

_OIDS = {name: psycopg.adapters.types.get_oid(name) for name in ("integer", "date", "uuid", "text", "text[]")}
ID_BYTES = 16
_FIRST_DAY = date(2000, 1, 1).toordinal()
_LIST, _LENGTH = Struct("!iiIii").pack, Struct("!i").pack
_EMPTY = Struct("!iiI").pack(0, 0, _OIDS["text"])


class _Integer(Dumper):
    """An integer of four bytes, of which the driver would leave out what does not fit."""

    oid, format = _OIDS["integer"], Format.BINARY

    def dump(self, obj: int) -> bytes:
        """Raises OverflowError, and TypeError for what is none."""
        return int.to_bytes(obj, 4, "big", signed=True)


class _Date(Dumper):
    """A date, which rows have as text."""

    oid, format = _OIDS["date"], Format.BINARY

    def dump(self, obj: str) -> bytes:
        """Days since 2000. Raises ValueError for what is no date, and TypeError for what is no text."""
        return _days(obj)


class _Uuid(Dumper):
    """An id, which rows have as text."""

    oid, format = _OIDS["uuid"], Format.BINARY

    def dump(self, obj: str) -> bytes:
        """Its sixteen bytes. Raises ValueError for what is no id, and TypeError for what is no text."""
        return _id(obj)


class _Texts(Dumper):
    """A list of texts, which the driver would look at one by one."""

    oid, format = _OIDS["text[]"], Format.BINARY

    def dump(self, obj: list[str | None]) -> bytes:
        """Raises ValueError for a text that is none, and TypeError for what is no text at all."""
        if not obj:
            return _EMPTY
        parts = [_LIST(1, 0, _OIDS["text"], len(obj), 1)]
        for one in obj:
            told = None if one is None else str.encode(one)
            parts += (_LENGTH(-1),) if told is None else (_LENGTH(len(told)), told)
        return b"".join(parts)


def tell_forms(cursor: Cursor[Any]) -> None:
    """Has what this cursor copies in binary sent so."""
    for form in (_Integer, _Date, _Uuid, _Texts):
        cursor.adapters.register_dumper(form, form)


@lru_cache(maxsize=4096)
def _days(told: str) -> bytes:
    return (date.fromisoformat(told).toordinal() - _FIRST_DAY).to_bytes(4, "big", signed=True)


@lru_cache(maxsize=4096)
def _id(told: str) -> bytes:
    found = bytes.fromhex(str.replace(told, "-", ""))
    if len(found) != ID_BYTES:
        raise ValueError("An id has sixteen bytes.")
    return found
