"""Strings that stand for what may be read nowhere: each command's free text filled with them, and where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import psycopg
from psycopg import sql

from aggregates.kit import COMMANDS
from iop_es.load import example
from tests.api.clinic import GROUP, PAYER, POLICY, on
from tests.api.house import PROGRAM, an_id

WORD, DIGITS, BORN = "Zqxv", "867530", "1911-02-13"
"""What every canary has in it: a text, a number, a birth date."""
SEEN = re.compile(rf"{WORD}|{DIGITS}\d|{BORN}".encode(), re.IGNORECASE)
NUMBERS = ("number", "phone", "postal", "ssn", "security")
PUBLIC = {"receiver_name", "payer_name"}
"""Texts that are nobody's secret: a clearing house, a payer."""
DATES = {"birth_date": BORN, "effective_from": on(-9), "effective_through": on(30)}


@dataclass
class Canaries:
    """Makes canaries, each once, and remembers which command's field each one went into."""

    planted: dict[str, str] = field(default_factory=dict)

    def new(self, where: str, name: str) -> str:
        """One for a field."""
        number = len(self.planted)
        one = f"{DIGITS}{number:05}" if any(part in name for part in NUMBERS) else f"{WORD}{_letters(number)}"
        self.planted[one] = where
        return one

    def body(self, command: str, patient: int) -> dict[str, Any]:
        """What a command may be given, about this patient: every field filled, free text with canaries."""
        return self._record(command, COMMANDS[command], _ids(patient))

    def _record(self, where: str, cls: Any, ids: dict[str, str]) -> dict[str, Any]:
        hints = get_type_hints(cls, include_extras=True)
        return {one.name: self._value(f"{where}.{one.name}", one.name, hints[one.name], ids) for one in fields(cls)}

    def _value(self, where: str, name: str, hint: Any, ids: dict[str, str]) -> Any:
        kind, notes = example._parts(hint)
        if get_origin(kind) in {Union, UnionType}:
            return self._value(where, name, next(one for one in get_args(kind) if one is not NoneType), ids)
        if is_dataclass(kind):
            return self._record(where, kind, ids)
        if get_origin(kind) is tuple:
            singular = name.removesuffix("s")
            return [self._value(where, singular, one, ids) for one in get_args(kind) if one is not Ellipsis]
        if name in ids | DATES:
            return (ids | DATES)[name]
        if name not in PUBLIC and kind is str and not any(getattr(note, "pattern", None) for note in notes):
            return self.new(where, name)
        return example._value(name, hint)


def _ids(patient: int) -> dict[str, str]:
    """What is there in the clinic, by the names of the fields that want it."""
    return {
        "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient), "program_id": PROGRAM,
        "payer_id": PAYER, "policy_id": POLICY, "group_id": GROUP, "clinician_id": an_id("clinician"),
        "session_id": an_id("session", 900 + patient), "note_id": an_id("note", 900 + patient),
        "authorization_id": an_id("authorization", patient), "author_id": an_id("clinician"),
        "attending_id": an_id("prescriber"), "service_date": on(-1), "made_on": on(-1), "signed_on": on(-1),
    }  # fmt: skip


def _letters(number: int) -> str:
    """A number in letters, for names hold no digits."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:05}")


def readable(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, bytes]]:
    """Where canaries stand in the database: each column and cell in which one is found."""
    columns = connection.execute(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, ordinal_position"
    ).fetchall()
    for schema, table, column, kind in columns:
        told = sql.Identifier(column) if kind == "bytea" else sql.SQL("convert_to({}::text, 'UTF8')").format(
            sql.Identifier(column))  # fmt: skip
        name = sql.Identifier(schema, table)
        found = connection.execute(sql.SQL("SELECT {} FROM {} WHERE {} IS NOT NULL").format(
            told, name, sql.Identifier(column)))  # fmt: skip
        for (cell,) in found:
            if SEEN.search(bytes(cell)):
                yield f"{table}.{column}", bytes(cell)
