"""People's names: kept as the log has them, sealed, and opened only for the few answers that show them.

A row has the sealed part of the fact that named a person, and what binds it to its place: the fact's stored name and
its version of the person's own stream. So a rebuild opens nothing, and when a person's key is destroyed the name is
gone from here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from iop_es.engine.sealer import Part

Opening = Callable[[Sequence[Part]], Sequence[bytes | None]]
"""Opens sealed parts, in order: the log's `opened`."""

KEPT = ("name_fact", "name_version", "sealed_name")
"""The columns of a row that keeps a name."""


class PersonName(BaseModel):
    """How a patient or a clinician is called."""

    model_config = ConfigDict(frozen=True)

    family_name: str = Field(description="Family name.")
    given_name: str = Field(description="Given name.")


class _Named(msgspec.Struct):
    family_name: str
    given_name: str


_named = msgspec.json.Decoder(_Named).decode


def with_names(rows: Iterable[dict[str, Any]], opening: Opening, kind: str = "patient") -> list[dict[str, Any]]:
    """The rows with a `name` in place of what keeps it sealed, opened at once; None where there is none, or where it
    opens no more. `kind` is that of the person whose id the row has."""
    kept = [dict(row) for row in rows]
    sealed = [[row.pop(column, None) for column in KEPT] for row in kept]
    parts = [
        Part(f"{kind}:{row[f'{kind}_id']}", row[f"{kind}_id"], version, fact, data)
        for row, (fact, version, data) in zip(kept, sealed, strict=True)
        if data is not None
    ]
    opened = iter(opening(parts) if parts else ())
    for row, (_, _, data) in zip(kept, sealed, strict=True):
        row["name"] = None if data is None else _name(next(opened))
    return kept


def _name(opened: bytes | None) -> PersonName | None:
    if not opened:
        return None
    named = _named(opened)
    return PersonName(family_name=named.family_name, given_name=named.given_name)


def by_name(name: PersonName | None) -> tuple[str, str]:
    """How people are ordered in a roster; those without a readable name come first."""
    return ("", "") if name is None else (name.family_name.casefold(), name.given_name.casefold())
