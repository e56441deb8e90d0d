"""A fact as the log keeps it, and how it is made of rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from iop_es.engine.sealer import Part

Row = tuple[Any, ...]
INSTANT_WIDTH = 27
BY_POSITION = itemgetter(0)
"""What rows of facts are sorted by."""
UNREADABLE = b""
"""What stands for a sealed part that is not what was sealed there: no fact's own, since none is empty. It decodes to
nothing, so that the fact counts as damaged wherever it is read."""


class StoredFact(NamedTuple):
    """A fact as the log keeps it. Ids are uuid text, times "YYYY-MM-DDTHH:MM:SS.ffffffZ", `patients` in byte order of
    their aliases.

    `sealed` holds the opened bytes, or None if the fact has none, if they were not asked for or if their key was
    destroyed, and UNREADABLE if they do not open; `context` is empty if it was not asked for. The log's other columns
    repeat what `context` and `stamp` say, and are not read: formatting two times and an id costs more than the rest.
    """

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    sealed: bytes | None
    context: bytes
    stamp: bytes
    patients: tuple[str, ...]

    @property
    def name(self) -> str:
        """The topic without its schema version."""
        return name_of(self.topic)

    @property
    def recorded_at(self) -> str:
        """When it was known; the first line of the stamp."""
        return self.stamp[:INSTANT_WIDTH].decode()

    @property
    def occurred_at(self) -> str:
        """When it was true, as the context says. Raises KeyError when it does not."""
        return str(json.loads(self.context)["occurred_at"])

    @property
    def actor(self) -> str:
        """Who recorded it, as the context says. Raises KeyError when it does not."""
        return str(json.loads(self.context)["actor"])


def whole(rows: Iterable[Row]) -> Iterator[StoredFact]:
    """Facts from rows that hold all their patients."""
    return (StoredFact._make((*row[:-1], tuple(row[-1]))) for row in rows)


def paired(rows: Iterable[Row], patients: Mapping[int, tuple[str, ...]]) -> Iterator[StoredFact]:
    """Facts from rows without their patients, which stand apart."""
    return (StoredFact._make((*row, patients.get(row[0], ()))) for row in rows)


def by_position(rows: Iterable[Row]) -> dict[int, tuple[str, ...]]:
    """The patients of each fact, from rows of a patient and the positions of all facts."""
    found: dict[int, tuple[str, ...]] = {}
    for patient, positions in rows:
        alone = (patient,)
        for position in positions:
            found[position] = found[position] + alone if position in found else alone
    return found


def joined(rows: Iterable[Row]) -> Iterator[StoredFact]:
    """Facts from rows of a fact and one of its patients, those of one fact beside each other."""
    for _, beside in groupby(rows, key=BY_POSITION):
        first, *others = beside
        yield StoredFact._make((*first[:-1], (first[-1], *(row[-1] for row in others))))


def about_several(stamp: bytes) -> bool:
    """Whether a fact is about several patients, even if only one of them was read: its stamp has a line for each."""
    return stamp.count(b"\n") > 2


def name_of(topic: str) -> str:
    """A topic without its schema version: "note.signed" of "note.signed@1"."""
    return topic.partition("@")[0]


def part_of(fact: StoredFact) -> Part:
    """A fact's sealed part as it is stored, at its place."""
    return Part(subject_of(fact.context), fact.stream, fact.version, fact.name, fact.sealed or b"")


def subject_of(context: bytes) -> str:
    """The one subject, "kind:id", whose key seals a fact. Raises ValueError if the context names none."""
    try:
        subject = _SUBJECT.decode(context).subject
        return f"{subject.kind}:{subject.id}"
    except (MsgspecError, ValueError) as error:
        message = 'A fact with a sealed part names its subject in context: {"subject": {"kind": …, "id": …}}.'
        raise ValueError(message) from error


class _Subject(Struct):
    kind: str
    id: str


class _Context(Struct):
    subject: _Subject


_SUBJECT = Decoder(_Context)
