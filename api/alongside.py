"""What one read model adds to another's answer, in the same transaction and the same entry of the access log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from iop_es.engine.readmodel.model import Delta


@dataclass(frozen=True, slots=True)
class Alongside:
    """`live(cursor, now, result)` adds from the tables of `model`, `then(deltas, now, result)` from its folds of the
    patients whom the answer shows, as of the same moment (None: such a record cannot be followed). Where the model is
    not built, the answer goes without: who waits in the room is not kept waiting."""

    model: str
    live: Callable[[Cursor[Any], str, Any], Any]
    then: Callable[[Mapping[str, Delta | None], str, Any], Any]
