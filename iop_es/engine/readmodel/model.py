"""What a read model states of itself, and the values that pass between it and the fold.

A read model keeps **documents**: what it must remember of one thing (a patient, a session) to make that thing's
rows. `apply` puts a fact into a document and marks what became dirty; `settle` turns the dirty parts into rows, once
a batch, from the document and the shared **reference** alone. Nothing here knows a clock, a database or a domain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec

from iop_es.engine.readmodel.reach import Reaches
from iop_es.engine.stored import INSTANT_WIDTH, Row

REFERENCE = "reference"
"""The key of the document that is shared by all others."""

EVERYONE = "*"
"""The reference id that stands for all of them, where it cannot be told which ones a fact concerns."""

Grain = Literal["patient", "stream", "fact"]
"""What a read model's documents are about, so that a share of them can be made from a share of the log."""


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One decoded fact with its envelope; times are UTC text of fixed width. Its personal part is never opened here:
    `sealed` are its bytes as the log has them, where the model keeps them."""

    position: int
    stream: str
    version: int
    name: str
    fact: Any
    context: bytes
    stamp: bytes
    patients: tuple[str, ...]
    sealed: bytes | None = None

    @property
    def recorded_at(self) -> str:
        """When it was known; the first line of the stamp."""
        return self.stamp[:INSTANT_WIDTH].decode()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a read model. Rows are replaced scope by scope; the scope's columns are the table's first ones."""

    name: str
    columns: tuple[str, ...]
    scope: int = 1


Rows = dict[str, dict[Row, list[Row]]]  # table -> scope -> all rows of that scope


class ReadModel(Protocol):
    """What a read model states of itself; `version` names its schema, `ddl` makes its tables (names unqualified).

    `reach` says of each table whose rows a reader sees; nobody sees those of one that it leaves out.
    `handles` are the stored names of the facts it folds; of those, `makes` make rows by themselves, `references` change
    what is shared, and of `sealed` it keeps the sealed part; with `context`, its rows show what contexts say.
    `document` and `reference` are msgspec Structs with a default for every field. With the grain "patient" the keys are
    patient ids, with "stream" the fact's own stream, with "fact" there are none.
    """

    name: str
    version: int
    ddl: str
    reach: Reaches
    tables: tuple[Table, ...]
    grain: Grain
    handles: frozenset[str]
    makes: frozenset[str]
    references: frozenset[str]
    sealed: frozenset[str]
    context: bool
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

    def concerns(self, reference: Any, name: str, stream: str) -> tuple[str, ...]:
        """The reference ids that a reference fact of this name and stream may concern, when it cannot be taken in;
        EVERYONE where that cannot be told."""

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        """The rows of the dirty scopes, complete; afterwards nothing of the document is dirty."""

    def parked(self, key: str, document: Any, position: int) -> Rows:
        """The rows of a document that cannot follow the log beyond the fact at `position`: they say so."""

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """Adds the rows that a fact makes by itself, each scope once (an audit entry). With the grain "patient" such a
        fact is a reference or about one patient."""


class Unshared:
    """What a read model says of its reference where nothing is shared and no document rests on another."""

    def refer(self, reference: Any, recorded: Recorded) -> tuple[str, ...]:
        """Nothing is shared."""
        return ()

    def touch(self, document: Any, reference_id: str, recorded: Recorded) -> None:
        """Nothing rests on a reference."""

    def uses(self, document: Any) -> Iterable[str]:
        """Nothing rests on a reference."""
        return ()

    def concerns(self, reference: Any, name: str, stream: str) -> tuple[str, ...]:
        """Nothing is shared."""
        return ()


@dataclass(slots=True)
class Delta:
    """What one batch changed: rows by table and scope, documents by key, and the references each one uses."""

    rows: Rows = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, rows: Rows) -> None:
        """Takes rows in, for good; a scope that comes again replaces the earlier one."""
        for table, scopes in rows.items():
            if self.rows.setdefault(table, scopes) is not scopes:
                self.rows[table].update(scopes)
