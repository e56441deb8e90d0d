"""One line of a file of commands: what it may hold, and the order that it stands for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Annotated, Any

import msgspec
import rfc8785
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from aggregates.kit import COMMANDS
from aggregates.values import Code, Id, Instant, Role
from api.commands.order import Order, digest_of
from iop_es.engine.sealer import Sealer

LONGEST = 1_000_000
"""Bytes in the longest line that is read."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class BadLine(Exception):
    """The line is not a command; the message says why without quoting it."""


class Actor(BaseModel):
    """Who does it, in which role, and for whom."""

    model_config = ConfigDict(extra="forbid")

    id: Id
    role: Role
    on_behalf_of: Id | None = None


class Line(BaseModel):
    """A line. `key` makes it idempotent; `recorded_at` is the simulated clock, for simulations only."""

    model_config = ConfigDict(extra="forbid")

    command: str
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    actor: Actor
    occurred_at: Instant | None = None
    recorded_at: Instant | None = None
    reason: Code | None = None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A well-formed line: its number in the file, its order, and the simulated time at which it is recorded."""

    number: int
    order: Order
    recorded_at: str | None


@dataclass(slots=True)
class Reading:
    """Reads lines in order: a line without a key gets SHA-256 of its canonical form, as the sealer has what must not be
    found by trying, and its count among equal ones. `request` is what the log keeps as the orders' own."""

    sealer: Sealer
    request: str | None = None
    _equal: Counter[bytes] = field(default_factory=Counter)

    def entry(self, number: int, raw: bytes) -> Entry:
        """The order of one line. Raises BadLine."""
        if len(raw) > LONGEST:
            raise BadLine(f"It is longer than {LONGEST:,} bytes: one command a line.")
        canonical, given = _canonical(raw)
        key = self._key(canonical, given)
        line = _line(given)
        command = COMMANDS.get(line.command)
        if command is None:
            raise BadLine("There is no such command: `iop-es load --commands` lists them.")
        order = Order(
            command=_command(command, line.data),
            by=line.actor.id,
            role=line.actor.role,
            programs=None,
            key=key,
            digest=digest_of(line.command, given),
            occurred_at=line.occurred_at,
            on_behalf_of=line.actor.on_behalf_of,
            reason=line.reason,
            request=self.request,
        )
        return Entry(number, order, line.recorded_at)

    def _key(self, canonical: bytes, given: Any) -> str:
        if isinstance(given, dict) and isinstance(given.get("key"), str):
            return f"load:{given['key']}"
        digest = sha256(canonical)
        self._equal[digest.digest()] += 1
        [blinded] = self.sealer.blinded([digest.hexdigest()])
        return f"load:{blinded}:{self._equal[digest.digest()]}"


def fields_at_fault(error: ValidationError, within: str = "") -> str:
    """The fields that are wrong and why, never their values."""
    faults = (
        f"{_path(within, found['loc'])}: {_told(found['type'], found['msg'])}"
        for found in error.errors(include_input=False, include_url=False, include_context=False)
    )
    return f"Correct {'; '.join(dict.fromkeys(faults))}."


def _canonical(raw: bytes) -> tuple[bytes, Any]:
    try:
        given = msgspec.json.decode(raw)
        return rfc8785.dumps(given), given
    except msgspec.DecodeError as error:
        place = re.search(r"\(byte (\d+)\)", str(error))
        raise BadLine(f"It is not JSON{f' from byte {place[1]} on' if place else ''}.") from None
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        raise BadLine("It holds a number or text that JSON cannot carry safely, or is nested too deep.") from None


def _line(given: Any) -> Line:
    try:
        return Line.model_validate(given)
    except ValidationError as error:
        raise BadLine(fields_at_fault(error)) from None


def _command(cls: type, data: dict[str, Any]) -> Any:
    try:
        return _adapter(cls).validate_python(data)
    except ValidationError as error:
        raise BadLine(fields_at_fault(error, "data")) from None


@cache
def _adapter(cls: type) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _path(within: str, parts: tuple[int | str, ...]) -> str:
    named = [str(part) if _PLAIN_NAME.fullmatch(str(part)) or isinstance(part, int) else "?" for part in parts]
    return ".".join([within, *named] if within else named) or "the line"


def _told(kind: str, message: str) -> str:
    # A check of our own may quote the value (a date that no calendar has); pydantic's own messages do not.
    return "is not possible" if kind in {"value_error", "assertion_error"} else message[:1].lower() + message[1:]
