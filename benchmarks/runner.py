"""The comparison: the library's own ProjectionRunner over the same facts, with all four read models in one runner.

Written as the library's documentation shows: an application, a Projection whose `process_event` hands each event to a
materialised view, and a view (a PostgresTrackingRecorder) that writes rows and tracking in one transaction an event.
The facts stand in the library's own table, in its own format but for the state, which is decoded as fast as ours; the
fold, the decisions and the rows are the very same objects. What is not there is what the library has not: batches,
COPY, shares, a second process. In the documented form the view holds all state, so an event's documents are read from
it; `RememberingView` keeps them in memory between events, which is more than the documentation shows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import Connection, Cursor, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from aggregates.codec import decode
from iop_es.engine.log import Log
from iop_es.engine.readmodel.fold import Fold
from iop_es.engine.readmodel.place import Documents, Place
from iop_es.engine.stored import StoredFact
from iop_es.wiring import MODELS, PROJECTOR, House

SCHEMA = "bench_runner"
PAGE = 5_000
TIMEOUT_SECONDS = 3_600.0


class Told(msgspec.Struct):
    """One event: a fact of ours with its place in the library's sequence."""

    originator_id: UUID
    originator_version: int
    fact: StoredFact


class State(msgspec.Struct):
    """The state of a stored event: all that a fold asks of a fact."""

    position: int
    stream: str
    version: int
    state: bytes
    sealed: bytes | None
    context: bytes
    stamp: bytes
    patients: tuple[str, ...]


class ToldMapper(Mapper[UUID]):
    """The library's mapper, with a decoder as fast as ours in the place of its transcoder."""

    _decode = msgspec.msgpack.Decoder(State).decode

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        one = self._decode(stored_event.state)
        fact = StoredFact(
            one.position, one.stream, one.version, stored_event.topic, one.state, one.sealed, one.context, one.stamp,
            one.patients,
        )  # fmt: skip
        return Told(stored_event.originator_id, stored_event.originator_version, fact)


class Clinic(Application[UUID]):
    """The application whose events are projected."""

    name = "clinic"


class View(PostgresTrackingRecorder):
    """The materialised view: four read models, and where the projection is."""

    remembering = False

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.places = [Place(model, f"{SCHEMA}_{name}") for name, model in MODELS.items()]
        self.folds = [Fold(model) for model in MODELS.values()]

    def take(self, fact: StoredFact, tracking: Tracking) -> None:
        """Folds one fact into every read model; rows and tracking in one transaction."""
        with self.datastore.transaction(commit=True) as given:
            self._insert_tracking(given, tracking)
            with given.connection.cursor(row_factory=tuple_row) as cursor:
                for place, kept in zip(self.places, self.folds, strict=True):
                    self._write(cursor, place, kept if self.remembering else Fold(place.model), fact)

    def _write(self, cursor: Cursor[Any], place: Place, fold: Fold, fact: StoredFact) -> None:
        facts = fold.open([fact], decode)
        if not facts:
            return
        place.enter(cursor)
        rows = fold.take(facts, Documents(cursor))
        delta = fold.settle()
        fold.strictly()
        delta.add(rows)
        for table, scopes in place.changes(delta):
            delete, insert = place.statements(cursor, table)
            cursor.execute(delete, [list(map(str, column)) for column in zip(*scopes, strict=True)])
            if any(scopes.values()):
                cursor.executemany(insert, [row for made in scopes.values() for row in made])


class RememberingView(View):
    """The same, with the documents in memory."""

    remembering = True


class ReadModels(Projection[View]):
    """Hands every event to the view."""

    topics: ClassVar[tuple[str, ...]] = ()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take(domain_event.fact, tracking)


def facts_per_second(environment: dict[str, str], facts: int, view: type[View] = View) -> float:
    """How many facts a second the runner projects, over so many that are prepared."""
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Clinic, projection_class=ReadModels, view_class=view, env=environment
    ) as runner:
        runner.wait(facts, TIMEOUT_SECONDS)
    return facts / (time.perf_counter() - started)


@contextmanager
def prepared(house: House, facts: int) -> Iterator[dict[str, str]]:
    """The library's table filled with the store's first facts, and empty read models; gone afterwards."""
    with psycopg.connect(house.url, autocommit=True) as connection:
        _drop(connection)
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for name, model in MODELS.items():
            connection.execute(f"CREATE SCHEMA {SCHEMA}_{name} AUTHORIZATION {PROJECTOR}")
            with connection.transaction(), connection.cursor() as cursor:
                Place(model, f"{SCHEMA}_{name}").create(cursor)
        environment = _environment(house.url)
        Clinic(environment).close()  # makes its table
        # As a read model gets them: what is sealed stays so.
        _fill(connection, Log(house.projector_pool, house.log.schema), facts)
        try:
            yield environment
        finally:
            _drop(connection)


def row_hash(connection: Connection[Any], schemas: dict[str, str]) -> str:
    """One hash over every row of every table of the read models in these schemas."""
    digest = sha256()
    for name, schema in sorted(schemas.items()):
        for table in Place(MODELS[name], schema).tables:
            query = sql.SQL("SELECT md5(t::text) FROM {} t ORDER BY 1").format(sql.Identifier(schema, table.name))
            for (row,) in connection.execute(query):
                digest.update(row.encode())
    return digest.hexdigest()


def _environment(url: str) -> dict[str, str]:
    given = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": f"{ToldMapper.__module__}:ToldMapper",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given.get("port", "5432")),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": str(given.get("password") or "none"),
        "POSTGRES_SCHEMA": SCHEMA,
    }


def _fill(connection: Connection[Any], log: Log, facts: int) -> None:
    encode = msgspec.msgpack.encode
    statement = (
        f"COPY {SCHEMA}.clinic_events (originator_id, originator_version, topic, state, notification_id) FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for start in range(0, facts, PAGE):
            for one in log.after(start, min(PAGE, facts - start), with_sealed=True):
                state = State(
                    one.position, one.stream, one.version, one.state, one.sealed, one.context, one.stamp, one.patients
                )
                copy.write_row((one.stream, one.version, one.topic, encode(state), one.position))
    connection.execute(f"ANALYZE {SCHEMA}.clinic_events".encode())


def _drop(connection: Connection[Any]) -> None:
    for schema in (SCHEMA, *(f"{SCHEMA}_{name}" for name in MODELS)):
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
