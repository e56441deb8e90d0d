"""Parking: one bad fact stops those whom it concerns, in sight, and nobody else.

The closure of a failing fact: the patients it is indexed to; for a fact of nobody or of several, its stream, and with
it every patient of that stream; for a reference fact, every patient whose documents rest on what it is about. Who comes
to depend on something parked later is parked then, by the fold. Nothing is lost: `retry` folds the parked from zero,
in order, through the fold of every rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import structlog
from psycopg import Cursor

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log
from iop_es.engine.reader import StoredFact
from iop_es.engine.readmodel.catalog import Catalog
from iop_es.engine.readmodel.failure import Failure, Parked
from iop_es.engine.readmodel.fold import Decode, Fold, fold_whole
from iop_es.engine.readmodel.model import EVERYONE, REFERENCE, Delta, ReadModel
from iop_es.engine.readmodel.place import Documents, Place

logger = structlog.get_logger()


def park(cursor: Cursor[Any], catalog: Catalog, place: Place, log: Log, failures: Iterable[Failure]) -> None:
    """Parks everyone whom the failures concern, and lets their rows say so; who is parked already stays as he is."""
    place.enter(cursor)
    documents = Documents(cursor)
    for failure in failures:
        whole = closure(cursor, log, documents, failure)
        known = catalog.parked(cursor, place.schema).patients
        new = [patient for patient in whole.patients if patient not in known]
        catalog.park(cursor, place.schema, whole)
        place.merge(cursor, _stopped(place.model, documents, new, whole.position))
        logger.error(
            "patients_parked", model=place.model.name, position=failure.position, fact=failure.name,
            cause=failure.cause, patients=len(new), streams=len(whole.streams),
        )  # fmt: skip


def closure(cursor: Cursor[Any], log: Log, documents: Documents, failure: Failure) -> Failure:
    """The failure with every patient that depends on what failed."""
    patients = dict.fromkeys(failure.patients)
    if failure.streams:
        patients.update(dict.fromkeys(log.patients_of(cursor.connection, failure.streams)))
    if EVERYONE in failure.references:
        patients.update(dict.fromkeys(documents.keys()))
    elif failure.references:
        users = documents.users(failure.references)
        patients.update(dict.fromkeys(key for keys in users.values() for key in keys))
    return failure._replace(patients=tuple(patients))


def remember(
    cursor: Cursor[Any], catalog: Catalog, place: Place, log: Log, decode: Decode, reference: Any, upto: int
) -> None:
    """Gives everyone who is parked in a build what is known of them before the fact that fails, as the live driver has
    it when it parks; their rows say so, whichever share was made first."""
    model, parked = place.model, catalog.parked(cursor, place.schema)
    place.enter(cursor)
    for patient, position in parked.patients.items() if model.grain == "patient" else ():
        own = [fact for fact in log.of_patient(patient, upto, with_sealed=bool(model.sealed))
               if fact.stream not in parked.streams]  # fmt: skip
        place.forget(cursor, [patient])
        place.merge(cursor, _known(model, own, decode, reference))
        place.merge(cursor, _stopped(model, Documents(cursor), [patient], position))
    for stream in _streams_of(log, parked, upto) if model.grain == "stream" else ():
        if not Documents(cursor).load([stream]):
            place.merge(cursor, _known(model, log.facts_of_streams([stream], upto), decode, reference))


def _streams_of(log: Log, parked: Parked, upto: int) -> list[str]:
    found = dict.fromkeys(parked.streams)
    for patient in parked.patients:
        found.update(dict.fromkeys(fact.stream for fact in log.of_patient(patient, upto)))
    return list(found)


def _known(model: ReadModel, own: Sequence[StoredFact], decode: Decode, reference: Any) -> Delta:
    """What a document's facts come to before the first of them that fails."""
    while True:
        fold = Fold(model, reference)
        rows = fold.take(fold.open(own, decode))
        if not fold.failures:
            delta = fold.settle()
            delta.add(rows)
            delta.documents.pop(REFERENCE, None)
            return delta
        first = min(fold.failures).position
        own = [fact for fact in own if fact.position < first]


def _stopped(model: ReadModel, documents: Documents, patients: Sequence[str], position: int) -> Delta:
    """What the rows of the parked say from now on, from what was remembered of them before."""
    delta = Delta()
    decode = msgspec.msgpack.Decoder(model.document).decode
    if model.grain == "patient":
        for key, body in documents.load(patients).items():
            delta.add(model.parked(key, decode(body), position))
    return delta


def retry(model: ReadModel, log: Log, pool: Pool, decode: Decode) -> Retried:
    """Folds everyone who is parked in the schema in use from zero, in order, up to where the read model is."""
    catalog = Catalog(log.schema)
    with transaction(pool) as cursor:
        schema = catalog.active(cursor, model)
        if schema is None or not catalog.parked(cursor, schema):
            return Retried(0, ())
        fenced = catalog.ask(cursor, "fence", schema=schema)
        if not fenced or not fenced[0][1]:  # another build took its place while this waited for the row
            return retry(model, log, pool, decode)
        position = fenced[0][0]
        parked = catalog.parked(cursor, schema)  # asked again: a driver that held the row until now may have parked
        delta, failures = fold_whole(model, _facts_of(model, log, parked, int(position)), decode)
        place = Place(model, schema)
        place.enter(cursor)
        catalog.ask(cursor, "unpark", schema=schema)
        still = {one for failure in failures for one in closure(cursor, log, Documents(cursor), failure).patients}
        place.forget(cursor, [one for one in parked.patients if one not in still])
        place.merge(cursor, delta)
        park(cursor, catalog, place, log, failures)
        left = len(catalog.parked(cursor, schema).patients)
    return Retried(len(parked.patients) - left, failures)


class Retried(NamedTuple):
    """How many patients flow again, and the failures that still stop others."""

    flowing: int
    failures: tuple[Failure, ...]


def _facts_of(model: ReadModel, log: Log, parked: Parked, upto: int) -> list[StoredFact]:
    """The references, and every fact that the documents and entries of the parked are made of."""
    sealed = bool(model.sealed)
    found = {fact.position: fact for fact in log.by_topics(sorted(model.references), upto, with_sealed=sealed)}
    for patient in parked.patients:
        own = log.of_patient(patient, upto, with_sealed=sealed)
        if model.grain == "fact":
            own = log.at([fact.position for fact in own], with_sealed=sealed)
        elif model.grain == "stream":
            own = log.facts_of_streams([fact.stream for fact in own], upto)
        found.update({fact.position: _with(fact, found.get(fact.position)) for fact in own})
    for fact in log.facts_of_streams(list(parked.streams), upto):
        ours = tuple(one for one in fact.patients if one in parked.patients)
        found.setdefault(fact.position, fact._replace(patients=ours) if model.grain == "patient" else fact)
    return [found[position] for position in sorted(found)]


def _with(fact: StoredFact, known: StoredFact | None) -> StoredFact:
    """The fact with the patients of both readings of it."""
    return fact if known is None else fact._replace(patients=tuple(dict.fromkeys((*known.patients, *fact.patients))))
