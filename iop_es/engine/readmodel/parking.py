"""Parking: one bad fact stops those whom it concerns, in sight, and nobody else.

The closure of a failing fact: the patients it is indexed to; for a fact of nobody or of several, its stream, and with
it every patient of that stream; for a reference fact, every document that rests on what it is about. Who comes to
depend on something parked later is parked then, by the fold, at the position of what is parked. What is known of the
parked is what the facts before that position come to: it rests on the log and on who is parked since when, never on how
the facts were cut or when the failure was noticed. Nothing is lost: `retry` folds the parked from zero, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import structlog
from psycopg import Cursor

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.reader import Reader
from iop_es.engine.readmodel.asof import References, references_of
from iop_es.engine.readmodel.catalog import Catalog
from iop_es.engine.readmodel.failure import AFTER_ALL, FactsFailed, Failure, FoldFailed, Parked
from iop_es.engine.readmodel.fold import Decode, Fold, Stored
from iop_es.engine.readmodel.model import EVERYONE, REFERENCE, Delta, ReadModel, Rows
from iop_es.engine.readmodel.pieces import failing, in_pieces, project
from iop_es.engine.readmodel.place import Documents, Place
from iop_es.engine.stored import StoredFact

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lot:
    """Who is parked in one place, and what is known of them. Each method runs in the caller's transaction."""

    place: Place
    catalog: Catalog
    log: Reader
    decode: Decode

    @property
    def model(self) -> ReadModel:
        """Whose place it is."""
        return self.place.model

    def parked(self, cursor: Cursor[Any]) -> Parked:
        """Whose facts are passed over."""
        return self.catalog.parked(cursor, self.place.schema)

    def failing(
        self, cursor: Cursor[Any], page: Sequence[StoredFact], failed: FactsFailed, stored: Stored
    ) -> tuple[Failure, ...]:
        """Whom a fact stops that fails alone: one whose rows cannot be written only all together fails as a whole."""
        fold = Fold(self.model, parked=self.parked(cursor))
        found = failing(cursor, self.place.merge, fold, page, self.decode, stored)
        if found:
            return found
        error = failed.__cause__ if isinstance(failed.__cause__, Exception) else failed
        for recorded in fold.open(page, self.decode):
            fold.fail(error, recorded)
        return tuple(fold.failures)

    def park(self, cursor: Cursor[Any], failures: Iterable[Failure], position: int) -> None:
        """Parks everyone whom the failures of the fact at this position concern, where everything before it is in
        place, and lets their rows say so."""
        self.remember(cursor, self.file(cursor, failures, position), position - 1)

    def suspect(self, cursor: Cursor[Any], failures: Iterable[Failure]) -> None:
        """Writes down whom failures may concern, until `again` looks closer."""
        self.place.enter(cursor)
        for failure in failures:
            self.catalog.park(cursor, self.place.schema, self._closure(cursor, failure, None))

    def file(self, cursor: Cursor[Any], failures: Iterable[Failure], position: int) -> Parked:
        """Parks everyone whom the failures of the fact at this position concern; answers those who were not."""
        self.place.enter(cursor)
        before = self.parked(cursor)
        for failure in sorted(failures):
            known = self.parked(cursor)
            self.catalog.park(cursor, self.place.schema, self._closure(cursor, failure, position))
            new = self.parked(cursor).beyond(known)
            logger.error(
                "patients_parked", model=self.model.name, position=failure.position, fact=failure.name,
                cause=failure.cause, patients=len(new.patients), streams=len(new.streams),
            )  # fmt: skip
        found = self.parked(cursor).beyond(before)
        if not found:
            raise FoldFailed(self.model.name, min(failures))
        return found

    def remember(self, cursor: Cursor[Any], new: Parked, upto: int) -> None:
        """Where the facts up to a position are in place, leaves of those who are newly parked what the facts before
        that come to which stops them, and lets their rows say so."""
        self.place.enter(cursor)
        parked, shared = self.parked(cursor), _Shared(self)
        for key, limit, facts in self._behind(new, upto):
            kept = [fact for fact in facts if not parked.stops(fact)]
            self.clear(cursor, facts, [key] if key else [])  # also where all are kept: what is shared has gone on
            self.place.merge(cursor, self._known(kept, shared.before(min(limit, upto + 1), parked)))
        if self.model.grain == "patient":
            self.place.merge(cursor, _stopped(self.model, Documents(cursor), new.patients))

    def clear(self, cursor: Cursor[Any], facts: Sequence[StoredFact], keys: Sequence[str]) -> None:
        """Takes away what facts made: documents, and every row."""
        fold = Fold(self.model)
        rows = fold.take(fold.open(facts, self.decode))
        made = fold.settle()
        made.add(rows)
        gone: Rows = {table: {scope: [] for scope in scopes} for table, scopes in made.rows.items()}
        self.place.merge(cursor, Delta(rows=gone))
        if self.model.grain == "patient":
            self.place.forget(cursor, keys)
        self.place.forget_documents(cursor, keys)

    def again(self, cursor: Cursor[Any], upto: int) -> tuple[Failure, ...]:
        """Folds everyone who is parked from zero, in order, as the live driver would; answers what still fails."""
        self.place.enter(cursor)
        facts = self._facts_of(self.parked(cursor), upto)
        keys = self._keys_of(self.parked(cursor), facts)
        self.clear(cursor, facts, keys)
        self.place.forget_documents(cursor, [REFERENCE])
        self.catalog.ask(cursor, "unpark", schema=self.place.schema)
        failures = _Replay(self, cursor, facts, keys).run()
        self.remember(cursor, self.parked(cursor), upto)
        return failures

    def first(self, cursor: Cursor[Any], failures: Sequence[Failure], upto: int) -> Failure:
        """The fact at which those begin to fail of whom only the last one is known. What it tries is to be undone."""
        self.place.enter(cursor)
        parked = Parked().with_those_of(failure for failure in failures if not failure.references)
        facts = self._facts_of(parked, upto) if parked else []
        found = _Replay(self, cursor, facts, self._keys_of(parked, facts), parking=False).run()
        return min(found or failures)

    def _closure(self, cursor: Cursor[Any], failure: Failure, upto: int | None) -> Failure:
        """The failure with everyone who depends on what failed, by the facts up to a position."""
        documents = Documents(cursor)
        mine: dict[str, None] = {}
        if EVERYONE in failure.references:
            mine = dict.fromkeys(documents.keys())
        elif failure.references:
            mine = dict.fromkeys(key for keys in documents.users(failure.references).values() for key in keys)
        by_stream = self.model.grain == "stream"
        streams = tuple(dict.fromkeys((*failure.streams, *(mine if by_stream else ()))))
        theirs = self.log.patients_of(cursor.connection, streams, upto) if streams else ()
        patients = tuple(dict.fromkeys((*failure.patients, *theirs, *(() if by_stream else mine))))
        return failure._replace(patients=patients, streams=streams)

    def _behind(self, new: Parked, upto: int) -> Iterator[tuple[str, int, list[StoredFact]]]:
        """The documents that may hold more than what is known of the parked, each with the position up to which the
        references count, and its facts; facts that make rows by themselves have none."""
        late = {patient: position for patient, position in new.patients.items() if position <= upto}
        streams = [stream for stream, position in new.streams.items() if position <= upto]
        sealed, grain = bool(self.model.sealed), self.model.grain
        own = ((patient, self.log.of_patient(patient, upto, with_sealed=sealed)) for patient in late)
        if grain == "patient":
            yield from ((patient, late[patient], facts) for patient, facts in own)
            return
        stopped = [fact for patient, facts in own for fact in facts if fact.position >= late[patient]]
        if grain == "stream":
            for stream in dict.fromkeys((*streams, *(fact.stream for fact in stopped))):
                yield stream, new.streams.get(stream, AFTER_ALL), self.log.facts_of_streams([stream], upto)
        else:
            found = {fact.position: fact for fact in self.log.facts_of_streams(streams, upto)}
            found.update((fact.position, fact) for fact in self.log.at([fact.position for fact in stopped], sealed))
            yield "", AFTER_ALL, [found[position] for position in sorted(found)]

    def _known(self, own: Sequence[StoredFact], reference: Any) -> Delta:
        """What a document's facts come to before the first of them that fails."""
        while True:
            fold = Fold(self.model, reference)
            rows = fold.take(fold.open(own, self.decode))
            delta = fold.settle()
            if not fold.failures:
                delta.add(rows)
                delta.documents.pop(REFERENCE, None)
                return delta
            first = min(fold.failures).position
            own = [fact for fact in own if fact.position < first]

    def _keys_of(self, parked: Parked, facts: Iterable[StoredFact]) -> list[str]:
        """The documents that these facts are the whole of."""
        if self.model.grain == "patient":
            return list(parked.patients)
        return list(dict.fromkeys(fact.stream for fact in facts)) if self.model.grain == "stream" else []

    def _facts_of(self, parked: Parked, upto: int) -> list[StoredFact]:
        """The references, and every fact that the documents and entries of the parked are made of."""
        log, grain, sealed = self.log, self.model.grain, bool(self.model.sealed)
        found = {fact.position: fact for fact in references_of(self.model, log, upto)}
        streams = dict.fromkeys((*parked.streams, *(fact.stream for fact in found.values())))
        for patient in parked.patients:
            own = log.of_patient(patient, upto, with_sealed=sealed)
            if grain == "stream":
                streams.update(dict.fromkeys(fact.stream for fact in own))
            else:
                own = log.at([fact.position for fact in own], sealed) if grain == "fact" else own
                found.update({fact.position: _with(fact, found.get(fact.position)) for fact in own})
        for fact in log.facts_of_streams(list(streams if grain == "stream" else parked.streams), upto):
            ours = tuple(one for one in fact.patients if one in parked.patients)
            found.setdefault(fact.position, fact._replace(patients=ours) if grain == "patient" else fact)
        return [found[position] for position in sorted(found)]


class _Shared:
    """What is shared, as it was before any position."""

    def __init__(self, lot: Lot) -> None:
        self._lot = lot
        self._facts = References(lot.model, lot.log, lot.decode)
        self._made: dict[int, Any] = {}

    def before(self, position: int, parked: Parked) -> Any:
        """What the reference facts before a position come to; of those that are parked, before they were."""
        if position not in self._made:
            fold = Fold(self._lot.model)
            fold.take([fact for fact in self._facts.read(position - 1)[0] if not parked.stops(fact)])
            self._made[position] = fold.reference
        return self._made[position]


class _Some(Documents):
    """Of the stored documents those of some keys: nobody else is decided again."""

    def __init__(self, cursor: Cursor[Any], keys: Iterable[str]) -> None:
        super().__init__(cursor)
        self._keys = frozenset(keys)

    def users(self, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By reference id, those that rest on it."""
        found = super().users(references)
        return {one: tuple(key for key in keys if key in self._keys) for one, keys in found.items()}


class _Replay:
    """Facts of some, projected once more from the first on; who fails is parked."""

    def __init__(
        self, lot: Lot, cursor: Cursor[Any], facts: Sequence[StoredFact], keys: Iterable[str], *, parking: bool = True
    ) -> None:
        self._lot = lot
        self._parking = parking
        self._cursor = cursor
        self._facts = facts
        self._stored = _Some(cursor, keys)
        self._done = 0
        self._fold: Fold | None = None
        self._failures: list[Failure] = []

    def run(self) -> tuple[Failure, ...]:
        """Answers the failures; without parking it ends at the first fact that fails."""
        in_pieces(len(self._facts), self._piece, self._alone)
        return tuple(self._failures)

    def _piece(self, size: int) -> int:
        page, lot = self._facts[self._done : self._done + size], self._lot
        if self._failures and not self._parking:
            return 0
        fold, self._fold = self._fold or Fold(lot.model, parked=lot.parked(self._cursor)), None
        with self._cursor.connection.transaction():
            project(self._cursor, lot.place, fold, page, lot.decode, self._stored)
        self._fold = fold
        self._done += len(page)
        return len(page)

    def _alone(self, failed: FactsFailed) -> None:
        page = self._facts[self._done : self._done + 1]
        failures = self._lot.failing(self._cursor, page, failed, self._stored)
        self._failures += failures
        if self._parking:
            self._lot.file(self._cursor, failures, failed.first)


def retry(model: ReadModel, log: Reader, pool: Pool, decode: Decode) -> Retried:
    """Folds everyone who is parked in the schema in use from zero, in order, up to where the read model is."""
    catalog = Catalog(log.schema)
    with transaction(pool) as cursor:
        schema = catalog.active(cursor, model)
        if schema is None or not catalog.parked(cursor, schema):
            return Retried(0, ())
        fenced = catalog.ask(cursor, "fence", schema=schema)
        if not fenced or not fenced[0][1]:  # another build took its place while this waited for the row
            return retry(model, log, pool, decode)
        lot = Lot(Place(model, schema), catalog, log.as_stored(), decode)
        before = len(lot.parked(cursor).patients)  # asked now: a driver that held the row until now may have parked
        failures = lot.again(cursor, int(fenced[0][0]))
        return Retried(before - len(lot.parked(cursor).patients), failures)


class Retried(NamedTuple):
    """How many patients flow again, and the failures that still stop others."""

    flowing: int
    failures: tuple[Failure, ...]


def _stopped(model: ReadModel, documents: Documents, patients: dict[str, int]) -> Delta:
    """What the rows of the parked say from now on, from what is remembered of them."""
    delta = Delta()
    decode = msgspec.msgpack.Decoder(model.document).decode
    for key, body in documents.load(list(patients)).items():
        delta.add(model.parked(key, decode(body), patients[key]))
    return delta


def _with(fact: StoredFact, known: StoredFact | None) -> StoredFact:
    """The fact with the patients of both readings of it."""
    return fact if known is None else fact._replace(patients=tuple(dict.fromkeys((*known.patients, *fact.patients))))
