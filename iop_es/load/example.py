"""A valid line for any command, made from the command's own types, and what the command is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, uuid5

import msgspec

from aggregates import values
from aggregates.kit import COMMANDS
from api.access import roles_for

IDS = uuid5(NAMESPACE_URL, "urn:iop-es:example")
INSTANT = "2026-03-02T14:00:00.000000Z"
BY_NAME: dict[str, Any] = {
    "procedure_code": "S9480", "revenue_code": "0905", "instrument": "phq-9", "type_of_bill": "0131",
    "patient_status": "01", "daily_minutes": 180,
    "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",  # RFC 8032, 7.1, test 1
}
"""Better than any code: values that say what is meant."""

BY_PATTERN: dict[str | None, str] = {None: "Example", values.INSTANT_PATTERN: INSTANT}
for _type, _example in (
    (values.Date, "2026-03-02"), (values.ClockTime, "09:00"), (values.Code, "example"), (values.Digest, "0" * 64),
    (values.KeyId, "0" * 32), (values.Signature, "0" * 128), (values.TokenId, "token-1"),
    (values.TraceNumber, "835-0001"), (values.Npi, "1234567893"), (values.IcdCode, "F33.1"),
    (values.TimeZone, "America/New_York"), (values.TradingPartner, "EXAMPLE1"), (values.ElectronicPayerId, "EXAMPLE1"),
):  # fmt: skip
    BY_PATTERN[next(note.pattern for note in get_args(_type)[1:] if hasattr(note, "pattern"))] = _example


def about(name: str) -> str:
    """The first line of what a command is for."""
    return (COMMANDS[name].__doc__ or name).strip().partition("\n")[0]


def example_line(name: str) -> str:
    """A line for this command: its required fields filled in, the others with what they are when left out."""
    command = COMMANDS[name]
    actor = {"id": str(uuid5(IDS, "person_id")), "role": min(roles_for(command) - {"system"})}
    line = {"command": name, "actor": actor, "occurred_at": INSTANT, "data": _record(command)}
    return msgspec.json.encode(line).decode()


def _record(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {
        one.name: _value(one.name, hints[one.name]) if one.default is MISSING else one.default
        for one in fields(cls)
    }


def _value(name: str, hint: Any) -> Any:
    """An example of a type; `name` is the field's."""
    kind, notes = _parts(hint)
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return arguments[0]
    if get_origin(kind) in {Union, UnionType}:
        return _value(name, next(one for one in arguments if one is not NoneType))
    if get_origin(kind) is tuple:
        many = max(_limit(notes, "min_length", 1), 1) if arguments[-1] is Ellipsis else 1
        return [_value(name.removesuffix("s"), one) for one in arguments if one is not Ellipsis] * many
    return _record(kind) if is_dataclass(kind) else _plain(name, kind, notes)


def _plain(name: str, kind: Any, notes: list[Any]) -> Any:
    if kind is bool:
        return False
    if kind is int:
        return max(_limit(notes, "ge", 0), min(1, _limit(notes, "le", 1)))
    if name in BY_NAME:
        return BY_NAME[name]
    pattern = next((note.pattern for note in notes if getattr(note, "pattern", None)), None)
    return str(uuid5(IDS, name)) if pattern == values.UUID_PATTERN else BY_PATTERN[pattern]


def _limit(notes: list[Any], what: str, otherwise: int) -> int:
    return int(next((getattr(note, what) for note in notes if getattr(note, what, None) is not None), otherwise))


def _parts(hint: Any) -> tuple[Any, list[Any]]:
    """A type without its annotations, and those, one by one."""
    if get_origin(hint) is not Annotated:
        return hint, []
    kind, *notes = get_args(hint)
    return kind, list(_flat(notes))


def _flat(notes: list[Any]) -> Iterator[Any]:
    for note in notes:
        yield note
        yield from getattr(note, "metadata", ())
