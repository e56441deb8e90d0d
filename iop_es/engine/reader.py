"""Reading the log: every read is one statement, in a short transaction of its own."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from iop_es.engine.connections import Pool, persist
from iop_es.engine.sealer import PassThrough, Sealer

Row = tuple[Any, ...]


class StoredFact(NamedTuple):
    """A fact as the log keeps it. Ids are uuid text, times "YYYY-MM-DDTHH:MM:SS.ffffffZ", `patients` in byte order of
    their aliases.

    `sealed` holds the opened bytes, or None if the fact has none or they were not asked for.
    """

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    sealed: bytes | None
    context: bytes
    occurred_at: str
    recorded_at: str
    actor: str
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come. In a simulation `recorded_at` is now; before the first fact it is 1970-01-01."""

    position: int
    recorded_at: str
    name: str
    simulation: bool


class Reader:
    """The reads of the log in one schema. Each raises StoreUnavailable when the database stays away."""

    def __init__(self, pool: Pool, schema: str, sealer: Sealer | None = None) -> None:
        self.pool = pool
        self.schema = schema
        self.sealer = sealer or PassThrough()
        self._statements = _statements(schema)

    def head(self) -> Head:
        """How far the log has come."""
        return Head(*self._rows("head")[0])

    def holders(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Which of these reservations are held, each with the stream (uuid text) that holds it."""
        return dict(self._rows("holders", kind=kind, keys=list(keys)))

    def position_at(self, recorded_at: str) -> int:
        """The last position recorded at or before this time, 0 if there is none."""
        return int(self._rows("position_at", moment=recorded_at)[0][0])

    def streams(self, ids: Sequence[str]) -> dict[str, list[StoredFact]]:
        """These streams (uuid text), each in order of version, `sealed` opened; an unknown stream is empty."""
        found: dict[str, list[StoredFact]] = {stream: [] for stream in ids}
        for fact in self._facts("streams", ids=list(ids), with_sealed=True):
            found[fact.stream].append(fact)
        return found

    def after(self, position: int, limit: int, upto: int | None = None, with_sealed: bool = False) -> list[StoredFact]:
        """The next `limit` facts after a position, up to and with `upto`."""
        return self._facts("after", position=position, limit=limit, upto=upto, with_sealed=with_sealed)

    def of_patient(self, patient: str, upto: int | None = None, with_sealed: bool = False) -> list[StoredFact]:
        """Every fact about one patient, in order of position."""
        return self._facts("of_patient", patient=patient, upto=upto, with_sealed=with_sealed)

    def by_topics(self, names: Sequence[str], upto: int | None = None) -> list[StoredFact]:
        """Every fact of these names, of any schema version, in order of position; `sealed` left closed."""
        return self._facts("by_topics", names=list(names), upto=upto, with_sealed=False)

    def _facts(self, statement: str, **parameters: Any) -> list[StoredFact]:
        facts = [StoredFact._make((*row[:-1], tuple(row[-1]))) for row in self._rows(statement, **parameters)]
        if not parameters["with_sealed"]:
            return facts
        return [fact if fact.sealed is None else self._opened(fact, fact.sealed) for fact in facts]

    def _opened(self, fact: StoredFact, sealed: bytes) -> StoredFact:
        subject = subject_of(fact.context)
        return fact._replace(
            sealed=self.sealer.open(subject, fact.stream, fact.version, name_of(fact.topic), sealed),
        )

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        return persist(self.pool, lambda connection: self._execute(connection, statement, parameters))

    def _execute(self, connection: Connection[Any], statement: str, parameters: Mapping[str, Any]) -> list[Row]:
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return cursor.execute(self._statements[statement], parameters, prepare=True).fetchall()


def name_of(topic: str) -> str:
    """A topic without its schema version: "note.signed" of "note.signed@1"."""
    return topic.partition("@")[0]


def subject_of(context: bytes) -> str:
    """The one subject, "kind:id", whose key seals a fact. Raises ValueError if the context names none."""
    try:
        subject = json.loads(context)["subject"]
        return f"{subject['kind']}:{subject['id']}"
    except (KeyError, TypeError, ValueError) as error:
        message = 'A fact with a sealed part names its subject in context: {"subject": {"kind": …, "id": …}}.'
        raise ValueError(message) from error


def _statements(schema: str) -> dict[str, sql.Composed]:
    text = (files("iop_es.engine") / "schema" / "queries.sql").read_text(encoding="utf-8")
    place = sql.Identifier(schema)
    blocks = dict(_blocks(text))
    columns = sql.SQL(blocks.pop("columns")).format(schema=place)
    return {name: sql.SQL(block).format(schema=place, columns=columns) for name, block in blocks.items()}


def _blocks(text: str) -> Iterable[tuple[str, str]]:
    """The statements of a file, each after a line `-- name: …`; other comments are left out."""
    for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]:
        name, _, statement = block.partition("\n")
        yield name.strip(), re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE).strip()
