"""What goes wrong with a fact, whom that stops, and who is passed over because of it.

A fact fails that cannot be decoded, applied or decided, and one whose rows cannot be written.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psycopg

from iop_es.engine.readmodel.model import Recorded
from iop_es.engine.stored import StoredFact

AFTER_ALL = 1 << 63
"""Beyond every position."""


class Failure(NamedTuple):
    """A fact that could not be taken in, and whom it stops: patients, streams, reference ids.

    `cause` says what went wrong without quoting anything of the fact: the kind of error and where it was raised.
    """

    position: int
    name: str
    cause: str
    patients: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parked:
    """Whose facts are passed over, each with the position of the fact that stopped it."""

    patients: dict[str, int] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    references: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.patients or self.streams or self.references)

    def stops(self, fact: StoredFact | Recorded) -> bool:
        """Whether a fact lies at or after what stopped its stream, or each of its patients."""
        if self.streams.get(fact.stream, AFTER_ALL) <= fact.position:
            return True
        return bool(fact.patients) and all(
            self.patients.get(one, AFTER_ALL) <= fact.position for one in fact.patients
        )

    def beyond(self, known: Parked) -> Parked:
        """Those of these who are not known."""
        return Parked(*(
            {one: position for one, position in mine.items() if one not in theirs}
            for mine, theirs in ((self.patients, known.patients), (self.streams, known.streams),
                                 (self.references, known.references))
        ))  # fmt: skip

    def with_those_of(self, failures: Iterable[Failure]) -> Parked:
        """These and everyone whom the failures stop; the first cause stays."""
        more = Parked({**self.patients}, {**self.streams}, {**self.references})
        for failure in failures:
            for known, ids in (
                (more.patients, failure.patients), (more.streams, failure.streams),
                (more.references, failure.references),
            ):  # fmt: skip
                for one in ids:
                    known.setdefault(one, failure.position)
        return more


NOBODY = Parked()


class FoldFailed(Exception):
    """A fact cannot be folded, and nobody is to be parked for it."""

    def __init__(self, model: str, failure: Failure) -> None:
        self.model, self.failure = model, failure
        super().__init__(model, failure)

    def __str__(self) -> str:
        position, name, cause, *_ = self.failure
        return f"The fact at position {position} ({name}) cannot be folded into {self.model}: {cause}."


class FactsFailed(Exception):
    """Something of a batch cannot be folded or written; it is undone and comes again in pieces, until one fact is left
    that fails alone."""

    def __init__(self, schema: str, first: int, facts: int) -> None:
        self.schema, self.first, self.facts = schema, first, facts
        super().__init__(f"One of the {facts} facts from position {first} on cannot be folded into {schema}.")


class RestsOnParked(Exception):
    """What a document rests on is parked, because of the fact at `position`."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(position)


def told(error: Exception) -> str:
    """The kind of an error and where it was raised, or what of a table it broke; never its text, which may quote a
    person's data."""
    if isinstance(error, RestsOnParked):
        return "what it rests on is parked"
    if isinstance(error, psycopg.Error):
        where = error.diag.constraint_name or error.diag.column_name
        return f"{type(error).__name__} when its rows are written" + (f" ({where})" if where else "")
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).stem}, line {last.lineno}"
