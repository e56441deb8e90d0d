"""Reading the log: every read is one statement, in a short transaction of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import structlog
from psycopg import Connection, Cursor, sql
from psycopg.rows import tuple_row

from iop_es.engine.connections import Pool, persist
from iop_es.engine.sealer import CannotBeOpened, Part, PassThrough, Sealer
from iop_es.engine.statements import blocks, composed
from iop_es.engine.stored import (
    BY_POSITION,
    UNREADABLE,
    Row,
    StoredFact,
    by_position,
    joined,
    paired,
    part_of,
    whole,
)

PAGE = 100
"""Facts that are made at once where they are made as they are wanted."""
MANY = 10
"""For so many of anything the server plans a statement that it keeps, however many are given."""

logger = structlog.get_logger()


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


class Sharing(NamedTuple):
    """What two streams both hold: the kind of the reservation, and from which position on."""

    kind: str
    stream: str
    other: str
    since: int


class Reader:
    """The reads of the log in one schema. Each raises StoreUnavailable when the database stays away.

    `personal` are kinds of reservations whose keys say something of a person: the database has them blinded, up to
    their first colon.
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

    def sharing(self, streams: Sequence[str] | None = None) -> list[Sharing]:
        """What these streams (None: any) hold that another one holds as well: reservations of a kind that begins with
        `shared:`, whose keys end in a colon and the stream, so that everybody may hold one."""
        given = {"streams": None if streams is None else list(streams)}
        found = persist(self.pool, lambda connection: self._execute(connection, "sharing", given, keep=False))
        return [Sharing._make(one) for one in found]

    def _stored_keys(self, kind: str, keys: Sequence[str]) -> list[str]:
        """The keys of reservations of a kind as the database has them."""
        if kind not in self.personal:
            return list(keys)
        parted = [key.partition(":") for key in keys]
        blinded = self.sealer.blinded([said for said, _, _ in parted])
        return [f"{one}{colon}{rest}" for one, (_, colon, rest) in zip(blinded, parted, strict=True)]

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
        return self._made(whole(self._execute(connection, "after", given)), with_sealed)

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
        self, first: str, last: str, upto: int | None = None, *, sealed: Collection[str] = (),
        with_context: bool = True, names: Sequence[str] | None = None,
    ) -> Iterator[StoredFact]:  # fmt: skip
        """Every fact (or those of some names) about the patients whose ids lie in a range, in order of position, each
        with those of them that it is about."""
        given = {"first": first, "last": last, "upto": upto}
        patients = by_position(self._rows("patients_in", **given))
        asked = {**given, "names": names and list(names), "with_context": with_context, **_of_names(sealed)}
        return self._each("of_patients", patients, **asked)

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
        rows.sort(key=BY_POSITION)
        return list(joined(rows))

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
        self, first: str, last: str, upto: int | None = None, *, sealed: Collection[str] = (),
        with_patients: bool = True, with_context: bool = True,
    ) -> list[StoredFact]:  # fmt: skip
        """Every fact of the streams whose ids lie in a range, in order of position."""
        given = {"first": first, "last": last, "upto": upto, "with_context": with_context}
        rows = self._rows("of_streams", **given, **_of_names(sealed))
        rows.sort(key=BY_POSITION)
        patients = by_position(self._rows("patients_at", positions=[row[0] for row in rows])) if with_patients else {}
        return self._made(paired(rows, patients), bool(sealed))

    def between(self, first: int, last: int, *, sealed: Collection[str] = ()) -> Iterator[StoredFact]:
        """Every fact from one position to another, of many quicker than `after`; patients are in order of their ids."""
        patients = by_position(self._rows("patients_between", first=first, last=last))
        return self._each("between", patients, first=first, last=last, **_of_names(sealed))

    def by_topics(
        self, names: Sequence[str], upto: int | None = None, after: int = 0, *, with_sealed: bool = False
    ) -> list[StoredFact]:
        """Every fact of these names after a position, of any schema version, in order."""
        return self._facts("by_topics", names=list(names), upto=upto, position=after, with_sealed=with_sealed)

    def _facts(self, statement: str, **parameters: Any) -> list[StoredFact]:
        rows = self._rows(statement, **parameters)
        return self._made(whole(rows), parameters["with_sealed"])

    def _made(self, facts: Iterable[StoredFact], with_sealed: bool) -> list[StoredFact]:
        found = list(facts)
        parts = [part_of(fact) for fact in found if fact.sealed is not None] if with_sealed else []
        if not parts:
            return found
        opened = iter(self.opened(parts))
        return [fact if fact.sealed is None else fact._replace(sealed=next(opened)) for fact in found]

    def _each(
        self, statement: str, patients: Mapping[int, tuple[str, ...]], **parameters: Any
    ) -> Iterator[StoredFact]:  # fmt: skip
        """Facts from rows without their patients. The answer is there at once, the facts are made as they are wanted:
        whoever lets them go soon has them in the processor's cache."""
        cursor = persist(self.pool, lambda connection: self._asked(connection, statement, parameters))
        while page := cursor.fetchmany(PAGE):
            yield from self._made(paired(page, patients), parameters["with_sealed"])

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        return persist(self.pool, lambda connection: self._execute(connection, statement, parameters))

    def _execute(
        self, connection: Connection[Any], statement: str, parameters: Mapping[str, Any], keep: bool = True
    ) -> list[Row]:
        """The rows; unless its plan is to `keep`, it is planned for these very parameters."""
        return self._asked(connection, statement, parameters, keep).fetchall()

    def _asked(
        self, connection: Connection[Any], statement: str, parameters: Mapping[str, Any], keep: bool = True
    ) -> Cursor[Row]:
        given = {"with_context": True, "sealed_of": None, **parameters}
        cursor = connection.cursor(binary=True, row_factory=tuple_row)
        return cursor.execute(self._statements[statement], given, prepare=keep)


def _of_names(sealed: Collection[str]) -> dict[str, Any]:
    """What has the sealed part read of facts of these names alone: it is long, and lies apart."""
    return {"with_sealed": bool(sealed), "sealed_of": sorted(sealed)}


@cache
def _statements(schema: str) -> dict[str, bytes]:
    found = dict(blocks("iop_es.engine", "schema/queries.sql"))
    place, opened = sql.Identifier(schema), sql.SQL(found.pop("opened"))
    parts = {name: sql.SQL(found.pop(name)).format(schema=place, opened=opened) for name in ("columns", "patients")}
    return composed(found, schema=place, **parts)


def _said(field: str, texts: Collection[str]) -> list[bytes]:
    """What the bytes of a fact that says one of some texts in a field have, as RFC 8785 writes a plain text."""
    return [f'"{field}":"{text}"'.encode() for text in texts]
