"""Facts to stored bytes and back: RFC 8785 JSON, the personal part apart, older shapes brought up to date.

Decoding trusts what a command once validated: msgspec fills the same class without checking again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec
from pydantic import TypeAdapter, ValidationError

from aggregates.canonical import canonical
from aggregates.kit import FACT_OF, FACTS, UPCASTERS, Stored


class UnknownFact(Exception):
    """A stored name or schema version that this release does not know."""


def encode(fact: object) -> tuple[Stored, bytes, bytes | None]:
    """The registered name of a fact, its clear state, and the bytes to be sealed (None: nothing to seal)."""
    stored = FACT_OF[type(fact)]
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    sealed = fields.pop("sealed", None)
    return stored, canonical(fields), None if sealed is None else canonical(sealed)


def decode(topic: str, state: bytes, sealed: bytes | None = None) -> Any:
    """The fact that was stored under `topic` (`name@schema-version`); without `sealed`, its personal part is None.

    Raises UnknownFact for a name or version that is not registered.
    """
    fact = _decoder(topic)(state)
    if sealed is not None:
        # Not a copy, which would be checked again; nobody else has this fact yet.
        object.__setattr__(fact, "sealed", _sealed_decoder(topic).decode(sealed))
    return fact


@dataclass(frozen=True, slots=True)
class Damaged:
    """A stored fact that can no longer be read; `name` is its stored name."""

    name: str


def salvaged(topic: str, state: bytes, sealed: bytes | None = None, *, checked: bool = True) -> Any:
    """What can still be read of a stored fact: all of it, its clear part alone, or that it is Damaged.

    For what people read, which one damaged fact must not keep from them; decisions and read models use `decode`. The
    clear part is checked as a command's would be, unless it is only to be compared. Raises UnknownFact for a name or
    version that is not registered.
    """
    try:
        fact = _decoder(topic)(state)
        if checked:
            _checker(_find(topic)[0].name).validate_python(msgspec.to_builtins(fact))
    except (msgspec.MsgspecError, ValidationError, ValueError, KeyError, TypeError):
        return Damaged(_find(topic)[0].name)
    if sealed is None:
        return fact
    try:
        object.__setattr__(fact, "sealed", _sealed_decoder(topic).decode(sealed))
    except (msgspec.MsgspecError, ValueError):
        return fact
    return fact


def legible(topic: str, state: bytes) -> Any:
    """The clear part of a fact unchecked, or that it is Damaged: also one that this release does not know."""
    try:
        return salvaged(topic, state, checked=False)
    except UnknownFact:
        return Damaged(topic.partition("@")[0])


@cache
def _checker(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(FACTS[name].cls)


@cache
def _decoder(topic: str) -> Any:
    stored, version = _find(topic)
    if version == stored.version:
        return msgspec.json.Decoder(stored.cls).decode
    return lambda state: msgspec.convert(_upcast(stored.name, version, msgspec.json.decode(state)), stored.cls)


@cache
def _sealed_decoder(topic: str) -> msgspec.json.Decoder[Any]:
    stored, _ = _find(topic)
    return msgspec.json.Decoder(get_type_hints(stored.cls)["sealed"])


def _find(topic: str) -> tuple[Stored, int]:
    name, _, version = topic.partition("@")
    stored = FACTS.get(name)
    if stored is None or not version.isdigit() or not 1 <= int(version) <= stored.version:
        raise UnknownFact(f"No fact is registered as {topic}; a newer release may have written it.")
    return stored, int(version)


def _upcast(name: str, version: int, fields: dict[str, Any]) -> dict[str, Any]:
    while (step := UPCASTERS.get((name, version))) is not None:
        fields, version = step(fields), version + 1
    return fields
