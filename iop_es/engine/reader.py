"""Reading the log: every read is one statement, in a short transaction of its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import structlog
from msgspec import MsgspecError, Struct
from msgspec.json import Decoder
from psycopg import Connection, sql
from psycopg.rows import tuple_row

from iop_es.engine.connections import Pool, persist
from iop_es.engine.sealer import CannotBeOpened, Part, PassThrough, Sealer
from iop_es.engine.statements import blocks, composed

Row = tuple[Any, ...]
INSTANT_WIDTH = 27
MANY = 10
"""For so many of anything the server plans a statement that it keeps, however many are given."""
UNREADABLE = b""
"""What stands for a sealed part that is not what was sealed there: no fact's own, since none is empty. It decodes to
nothing, so that the fact counts as damaged wherever it is read."""

logger = structlog.get_logger()


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


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come. In a simulation `recorded_at` is now; before the first fact it is 1970-01-01."""

    position: int
    recorded_at: str
    name: str
    simulation: bool


class Told(NamedTuple):
    """Whether any fact is about a patient, one of a name, and one of that name that says what was asked about."""

    known: bool
    named: bool
    said: bool


class Reader:
    """The reads of the log in one schema. Each raises StoreUnavailable when the database stays away.

    `personal` are kinds of reservations whose keys say something of a person: the database has them blinded.
    """

    def __init__(
        self, pool: Pool, schema: str, sealer: Sealer | None = None, personal: Collection[str] = ()
    ) -> None:
        self.pool = pool
        self.schema = schema
        self.sealer = sealer or PassThrough()
        self.personal = frozenset(personal)
        self._statements = _statements(schema)
        self._simulation: bool | None = None

    def as_stored(self) -> Reader:
        """The same reads, with sealed parts as they lie in the log: for what proves them, or keeps them sealed."""
        return Reader(self.pool, self.schema, PassThrough())

    def opened(self, parts: Sequence[Part]) -> list[bytes | None]:
        """Sealed parts opened, in order; None where the key was destroyed, UNREADABLE where one does not open, which is
        logged. Raises StoreUnavailable, MasterKeysUnusable."""
        found = self.sealer.open(parts)
        for one in found:
            if isinstance(one, CannotBeOpened):
                logger.error("part_unreadable", reason=str(one))
        return [UNREADABLE if isinstance(one, CannotBeOpened) else one for one in found]

    def head(self) -> Head:
        """How far the log has come."""
        return Head(*self._rows("head")[0])

    def simulation(self) -> bool:
        """Whether the log keeps a simulated clock: it does so for ever or never, and is asked once."""
        if self._simulation is None:
            self._simulation = self.head().simulation
        return self._simulation

    def holders(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Which of these reservations are held, each with the stream (uuid text) that holds it."""
        if not keys:
            return {}
        stored = dict(zip(self._stored_keys(kind, keys), keys, strict=True))
        found = self._rows("holders", kind=kind, keys=list(stored))
        return {stored[key]: stream for key, stream in found}

    def _stored_keys(self, kind: str, keys: Sequence[str]) -> list[str]:
        """The keys of reservations of a kind as the database has them."""
        return self.sealer.blinded(keys) if kind in self.personal else list(keys)

    def position_at(self, recorded_at: str) -> int:
        """The last position recorded at or before this time, 0 if there is none."""
        return int(self._rows("position_at", moment=recorded_at)[0][0])

    def streams(self, ids: Sequence[str], *, with_patients: bool = True) -> dict[str, list[StoredFact]]:
        """These streams (uuid text), each in order of version, `sealed` opened; an unknown stream is empty."""
        found: dict[str, list[StoredFact]] = {stream: [] for stream in ids}
        for fact in self._facts("streams", ids=list(ids), with_sealed=True, with_patients=with_patients):
            found[fact.stream].append(fact)
        return found

    def after(self, position: int, limit: int, upto: int | None = None, with_sealed: bool = False) -> list[StoredFact]:
        """The next `limit` facts after a position, up to and with `upto`."""
        return self._facts("after", position=position, limit=limit, upto=upto, with_sealed=with_sealed)

    def page(
        self, connection: Connection[Any], position: int, limit: int, upto: int | None = None, with_sealed: bool = False
    ) -> list[StoredFact]:
        """The same on a connection of the caller's, in its transaction."""
        given = {"position": position, "limit": limit, "upto": upto, "with_sealed": with_sealed}
        return self._made(_whole(self._execute(connection, "after", given)), with_sealed)

    def at(self, positions: Sequence[int], with_sealed: bool = False) -> list[StoredFact]:
        """The facts at these positions, in order."""
        return self._facts("at", positions=list(positions), with_sealed=with_sealed)

    def facts_of_streams(self, ids: Sequence[str], upto: int | None = None) -> list[StoredFact]:
        """Every fact of these streams, in order of position, `sealed` opened."""
        facts = (fact for facts in self.streams(list(dict.fromkeys(ids))).values() for fact in facts)
        return sorted(fact for fact in facts if upto is None or fact.position <= upto)

    def patients_of(self, connection: Connection[Any], streams: Sequence[str], upto: int | None = None) -> list[str]:
        """Every patient whom any fact of these streams is about, on a connection of the caller's."""
        given = {"streams": list(streams), "upto": upto}
        return [patient for (patient,) in self._execute(connection, "patients_of", given)]

    def members(self, stream: str) -> frozenset[str]:
        """Every patient whom any fact of a stream is about."""
        return frozenset(patient for (patient,) in self._rows("patients_of", streams=[stream], upto=None))

    def knows_patient(self, patient: str) -> bool:
        """Whether any fact is about a patient of this id."""
        return bool(self._rows("knows_patient", patient=patient)[0][0])

    def told_of_patient(
        self, patient: str, name: str, said: tuple[str, Collection[str]], upto: int | None = None
    ) -> Told:
        """What is known of a patient by the facts of a name that say one of some texts in a field."""
        given = {"patient": patient, "name": name, "said": _said(*said), "upto": upto}
        return Told(*self._rows("told_of_patient", **given)[0])

    def of_patient(
        self, patient: str, upto: int | None = None, *, with_sealed: bool = False, with_context: bool = True
    ) -> list[StoredFact]:
        """Every fact about one patient, in order of position; of the patients, only this one."""
        given = {"patient": patient, "upto": upto, "with_sealed": with_sealed, "with_context": with_context}
        return self._facts("of_patient", **given)

    def of_patients(
        self, first: str, last: str, upto: int | None = None, *, with_sealed: bool = False,
        with_context: bool = True, names: Sequence[str] | None = None,
    ) -> list[StoredFact]:  # fmt: skip
        """Every fact (or those of some names) about the patients whose ids lie in a range, in order of position, each
        with those of them that it is about."""
        given = {"first": first, "last": last, "upto": upto, "with_sealed": with_sealed}
        rows = self._rows("of_patients", names=names and list(names), with_context=with_context, **given)
        rows.sort(key=_position)
        return self._made(_joined(rows), with_sealed)

    def about(
        self, patients: Sequence[str], names: Sequence[str], upto: int | None = None, *, with_context: bool = True
    ) -> list[StoredFact]:
        """The facts of some names about any of these patients, in order of position, each with those of them that it is
        about; `sealed` is not read."""
        if not patients:
            return []
        asked = {"patients": list(patients), "names": list(names), "upto": upto}
        given = {**asked, "with_context": with_context, "with_sealed": False}
        keep = len(patients) <= MANY
        rows = persist(self.pool, lambda connection: self._execute(connection, "about", given, keep))
        rows.sort(key=_position)
        return list(_joined(rows))

    def latest_of_patients(
        self, patients: Sequence[str], names: Sequence[str], limit: int, *, said: tuple[str, Sequence[str]],
        apart: Sequence[str] = (),
    ) -> list[StoredFact]:  # fmt: skip
        """Of each patient the last `limit` facts of some names that say one of some texts in a field, outside the
        streams `apart`, in order of position; each with that patient alone, without context."""
        given = {"patients": list(patients), "names": list(names), "limit": limit, "apart": list(apart)}
        return self._facts("latest_of_patients", said=_said(*said), with_sealed=False, with_context=False, **given)

    def first_of_streams(self, ids: Sequence[str]) -> list[StoredFact]:
        """The first fact of each of these streams, without context."""
        return self._facts("first_of_streams", ids=list(ids), with_sealed=False, with_context=False) if ids else []

    def last_of_streams(self, ids: Sequence[str], names: Sequence[str]) -> list[StoredFact]:
        """The last fact of these names in each of these streams, `sealed` opened, without patients."""
        return self._facts("last_of_streams", ids=list(ids), names=list(names), with_sealed=True) if ids else []

    def of_streams(
        self, first: str, last: str, upto: int | None = None, *, with_sealed: bool = False, with_patients: bool = True
    ) -> list[StoredFact]:
        """Every fact of the streams whose ids lie in a range, in order of position."""
        given = {"first": first, "last": last, "upto": upto, "with_sealed": with_sealed}
        rows = self._rows("of_streams", with_patients=with_patients, **given)
        rows.sort(key=_position)
        return self._made(_whole(rows), with_sealed)

    def by_topics(
        self, names: Sequence[str], upto: int | None = None, after: int = 0, *, with_sealed: bool = False
    ) -> list[StoredFact]:
        """Every fact of these names after a position, of any schema version, in order."""
        return self._facts("by_topics", names=list(names), upto=upto, position=after, with_sealed=with_sealed)

    def _facts(self, statement: str, **parameters: Any) -> list[StoredFact]:
        rows = self._rows(statement, **parameters)
        return self._made(_whole(rows), parameters["with_sealed"])

    def _made(self, facts: Iterable[StoredFact], with_sealed: bool) -> list[StoredFact]:
        found = list(facts)
        parts = [part_of(fact) for fact in found if fact.sealed is not None] if with_sealed else []
        if not parts:
            return found
        opened = iter(self.opened(parts))
        return [fact if fact.sealed is None else fact._replace(sealed=next(opened)) for fact in found]

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        return persist(self.pool, lambda connection: self._execute(connection, statement, parameters))

    def _execute(
        self, connection: Connection[Any], statement: str, parameters: Mapping[str, Any], keep: bool = True
    ) -> list[Row]:
        """The rows; unless its plan is to `keep`, it is planned for these very parameters."""
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            given = {"with_context": True, **parameters}
            return cursor.execute(self._statements[statement], given, prepare=keep).fetchall()


_position = itemgetter(0)


def _whole(rows: Iterable[Row]) -> Iterator[StoredFact]:
    """Facts from rows that hold all their patients."""
    return (StoredFact._make((*row[:-1], tuple(row[-1]))) for row in rows)


def _joined(rows: Iterable[Row]) -> Iterator[StoredFact]:
    """Facts from rows of a fact and one of its patients, those of one fact beside each other."""
    for _, beside in groupby(rows, key=_position):
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


@cache
def _statements(schema: str) -> dict[str, bytes]:
    found = dict(blocks("iop_es.engine", "schema/queries.sql"))
    place = sql.Identifier(schema)
    parts = {name: sql.SQL(found.pop(name)).format(schema=place) for name in ("columns", "patients")}
    return composed(found, schema=place, **parts)


def _said(field: str, texts: Collection[str]) -> list[bytes]:
    """What the bytes of a fact that says one of some texts in a field have, as RFC 8785 writes a plain text."""
    return [f'"{field}":"{text}"'.encode() for text in texts]
