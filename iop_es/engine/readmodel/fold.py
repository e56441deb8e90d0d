"""The one mechanism of every read model: facts up to a position, through a pure fold, into a place.

A read model keeps **documents**: what it must remember of one thing (a patient, a session) to make that thing's
rows. `apply` puts a fact into a document and marks what became dirty; `settle` turns the dirty parts into rows, once
a batch, from the document and the shared **reference** alone. Live projection, rebuild, as-of and what-if are the same
fold with another range of facts and another place for the rows. Nothing here knows a clock, a database or a domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

REFERENCE = "reference"


class Recorded(NamedTuple):
    """One decoded fact with its envelope; times are UTC text of fixed width, `sealed` is opened or None."""

    position: int
    stream: str
    version: int
    name: str
    fact: Any
    context: bytes
    occurred_at: str
    recorded_at: str
    actor: str
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a read model. Rows are replaced scope by scope; the scope's columns are the table's first ones."""

    name: str
    columns: tuple[str, ...]
    scope: int = 1


Row = tuple[Any, ...]
Rows = dict[str, dict[Row, list[Row]]]  # table -> scope -> all rows of that scope


class ReadModel(Protocol):
    """What a read model states of itself; `version` names its schema, `ddl` makes its tables (names unqualified).

    `handles` are the stored names of the facts it folds; of those, `references` change what is shared, and `sealed`
    need the personal part. `document` and `reference` are msgspec Structs with a default for every field.
    """

    name: str
    version: int
    ddl: str
    tables: tuple[Table, ...]
    handles: frozenset[str]
    references: frozenset[str]
    sealed: frozenset[str]
    document: type[msgspec.Struct]
    reference: type[msgspec.Struct]

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """The documents that a fact belongs to."""

    def apply(self, key: str, document: Any, recorded: Recorded) -> None:
        """Puts a fact into a document and marks what became dirty."""

    def refer(self, reference: Any, recorded: Recorded) -> tuple[str, ...]:
        """Puts a reference fact into what is shared; answers the ids whose users must be decided again."""

    def touch(self, document: Any, reference_id: str, recorded: Recorded) -> None:
        """Marks dirty what of a document rests on a reference id."""

    def uses(self, document: Any) -> Iterable[str]:
        """The reference ids that this document rests on."""

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        """The rows of the dirty scopes, complete; afterwards nothing of the document is dirty."""

    def entries(self, recorded: Recorded) -> Rows:
        """Rows that a fact makes by itself, each scope once (an audit entry)."""


@dataclass(slots=True)
class Delta:
    """What one batch changed: rows by table and scope, documents by key, and the references each one uses."""

    rows: Rows = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, rows: Rows) -> None:
        """Takes rows in; a scope that comes again replaces the earlier one."""
        for table, scopes in rows.items():
            self.rows.setdefault(table, {}).update(scopes)


class Stored(Protocol):
    """Where documents are when they are not in memory."""

    def load(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Stored documents by key."""

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By reference id, the keys of the stored documents that rest on it."""


class Nothing:
    """A place that holds nothing yet: a rebuild's, or an as-of's."""

    def load(self, keys: Sequence[str]) -> dict[str, bytes]:
        """No document."""
        return {}

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """No user."""
        return {}


NOTHING = Nothing()


class Fold:
    """Folds facts of one read model; a document comes from where it is stored when first needed, and stays."""

    def __init__(self, model: ReadModel) -> None:
        self.model = model
        self._documents: dict[str, Any] = {}
        self._uses: dict[str, tuple[str, ...]] = {}
        self._reference: Any = None
        self._dirty: dict[str, None] = {}
        self._changed: dict[str, None] = {}
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(model.document).decode

    def take(self, facts: Sequence[Recorded], stored: Stored = NOTHING) -> Rows:
        """Applies facts in order and answers the rows that they make by themselves; nothing is decided yet."""
        direct: Rows = {}
        keyed = [(recorded, self.model.keys(recorded)) for recorded in facts]
        self._fetch_reference(stored)
        self._fetch((key for _, keys in keyed for key in keys), stored)
        for recorded, keys in keyed:
            for table, scopes in self.model.entries(recorded).items():
                direct.setdefault(table, {}).update(scopes)
            for key in keys:
                self.model.apply(key, self._documents[key], recorded)
                self._dirty[key] = self._changed[key] = None
            if recorded.name in self.model.references:
                self._refer(recorded, stored)
        return direct

    def settle(self) -> Delta:
        """Decides everything dirty, once, and answers what changed."""
        delta = Delta()
        for key in self._dirty:
            document = self._documents[key]
            delta.add(self.model.settle(key, document, self._reference))
            uses = tuple(sorted(set(self.model.uses(document))))
            if uses != self._uses.get(key):
                self._uses[key] = delta.uses[key] = uses
        for key in self._changed:
            document = self._reference if key == REFERENCE else self._documents[key]
            delta.documents[key] = self._encode(document)
        self._dirty.clear()
        self._changed.clear()
        return delta

    def forget(self, keep: int) -> None:
        """Drops the documents that were used longest ago, down to `keep` of them."""
        for key in list(self._documents)[: max(0, len(self._documents) - keep)]:
            del self._documents[key]
            self._uses.pop(key, None)

    def _refer(self, recorded: Recorded, stored: Stored) -> None:
        changed = self.model.refer(self._reference, recorded)
        self._changed[REFERENCE] = None
        users = stored.users(changed) if changed else {}
        for reference_id in changed:
            keys = dict.fromkeys(users.get(reference_id, ()))
            keys.update(dict.fromkeys(key for key, uses in self._uses.items() if reference_id in uses))
            keys.update(dict.fromkeys(self._dirty))
            self._fetch(keys, stored)
            for key in keys:
                self.model.touch(self._documents[key], reference_id, recorded)
                self._dirty[key] = self._changed[key] = None

    def _fetch_reference(self, stored: Stored) -> None:
        if self._reference is None:
            body = stored.load([REFERENCE]).get(REFERENCE)
            kind = self.model.reference
            self._reference = kind() if body is None else msgspec.msgpack.decode(body, type=kind)

    def _fetch(self, keys: Iterable[str], stored: Stored) -> None:
        missing = list(dict.fromkeys(key for key in keys if key not in self._documents))
        found = stored.load(missing) if missing else {}
        for key in missing:
            body = found.get(key)
            self._documents[key] = self.model.document() if body is None else self._decode(body)
