"""The eventsourcing library's recorder is our log: what the house appends to and reads from is a `LogRecorder`.

So everything of the library that stands on a recorder (Application, EventStore, notification logs, subscriptions, its
projection runner) works on the very log that the house uses, through the very same append function. The factory and
the mapper here let the library build itself over it from its environment settings.

The library's default path locks the table (which an append-only role may not) and its database-function path loses
facts for a tailing reader; both are replaced by the one append function. The library's mapper imports whatever dotted
path a row names; ours looks a stored name up in a closed registry.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import rfc8785
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import IntegrityError, Mapper, MapperDeserialisationError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from iop_es.engine.connections import Pool
from iop_es.engine.errors import KeyReusedForOtherBody, ReservationTaken, StaleVersion, StoreUnavailable, UnknownTopic
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.sealer import Sealer
from iop_es.engine.stored import name_of

NO_ONE = UUID(int=0)
"""The actor of a fact that came through the library without one."""


class LogDatastore(PostgresDatastore):
    """The library's datastore over a pool of ours, which it neither opens nor closes; it reads rows by name."""

    def __init__(self, pool: Pool, schema: str) -> None:
        super().__init__(dbname="", host="", port="", user="", password="", schema=schema)
        self.pool = pool  # type: ignore[assignment] # the library asks for rows as dicts, which get_connection gives

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """A connection of the pool, whose rows are dicts while the library has it."""
        with super().get_connection() as connection:
            factory, connection.row_factory = connection.row_factory, dict_row
            try:
                yield connection
            finally:
                connection.row_factory = factory

    def close(self) -> None:
        """Nothing: the pool is closed by whoever opened it."""


class LogRecorder(Log, PostgresApplicationRecorder):
    """The log, which is also the library's application recorder: its events are facts, read back through a view.

    Makes no tables: `migrate` does. Override `fact` to give facts their actor, times and patients.
    """

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events", sealer: Sealer | None = None,
        personal: Collection[str] = (),
    ) -> None:  # fmt: skip
        # The library names a table for each application; here the schema is the log, and the view has one name.
        PostgresApplicationRecorder.__init__(self, datastore, events_table_name="stored_events")
        Log.__init__(self, datastore.pool, datastore.schema, sealer, personal)
        self.channel_name = datastore.schema

    def create_table(self) -> None:
        """Nothing: DDL runs in `migrate` only."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append; the positions of the facts.

        Raises the library's IntegrityError on a conflict, OperationalError if there is no database.
        """
        if not stored_events:
            return []
        self.datastore.pool.open()
        try:
            reply = self.append(Append(tuple(self.fact(event, **kwargs) for event in stored_events)))[0]
        except (StaleVersion, KeyReusedForOtherBody, ReservationTaken) as error:
            raise IntegrityError(str(error)) from error
        except StoreUnavailable as error:
            raise OperationalError(str(error)) from error
        return list(range(reply.first, reply.last + 1))

    def fact(self, event: StoredEvent, **_: Any) -> NewFact:
        """The fact that a stored event becomes, its context made on the spot; keyword arguments are those of
        `Application.save`.
        """
        occurred_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        context = {"actor": str(NO_ONE), "command": str(uuid4()), "name": event.topic, "occurred_at": occurred_at}
        stream = event.originator_id if isinstance(event.originator_id, UUID) else UUID(event.originator_id)
        return NewFact(
            stream=stream,
            version=event.originator_version,
            topic=event.topic,
            state=event.state,
            sealed=None,
            context=rfc8785.dumps(context),
            occurred_at=occurred_at,
            actor=str(NO_ONE),
        )


class RegistryMapper(Mapper[UUID]):
    """Maps events to stored names and back, by a closed registry: nothing that a row says is ever imported.

    A subclass sets `registry`, stored name → class. The topic is "name@class_version"; a topic without "@" is version
    1. A class of version n has static methods `upcast_v1_v2` … that change the state of an earlier version in place,
    as in the library.
    """

    registry: ClassVar[Mapping[str, type[Any]]] = {}

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The event in bytes, under its registered name. Raises UnknownTopic."""
        known = type(domain_event)
        state = dict(vars(domain_event))
        stream, version = state.pop("originator_id"), state.pop("originator_version")
        return StoredEvent(stream, version, f"{self._name(known)}@{_class_version(known)}", self._close(state))

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event, brought to the present version of its class. Raises UnknownTopic, MapperDeserialisationError."""
        known = self.registry.get(name_of(stored_event.topic))
        if known is None:
            raise UnknownTopic(stored_event.topic)
        state = self._open(stored_event)
        for version in range(int(stored_event.topic.partition("@")[2] or 1), _class_version(known)):
            getattr(known, f"upcast_v{version}_v{version + 1}")(state)
        state |= {"originator_id": stored_event.originator_id, "originator_version": stored_event.originator_version}
        event: DomainEventProtocol[UUID] = object.__new__(known)
        event.__dict__.update(state)
        return event

    def _name(self, known: type[Any]) -> str:
        for name, registered in self.registry.items():
            if registered is known:
                return name
        raise UnknownTopic(known.__qualname__)

    def _close(self, state: Mapping[str, Any]) -> bytes:
        stored = self.transcoder.encode(state)
        stored = self.compressor.compress(stored) if self.compressor else stored
        return self.cipher.encrypt(stored) if self.cipher else stored

    def _open(self, event: StoredEvent) -> dict[str, Any]:
        try:
            stored = self.cipher.decrypt(event.state) if self.cipher else event.state
            stored = self.compressor.decompress(stored) if self.compressor else stored
            return dict(self.transcoder.decode(stored))
        except Exception as error:
            place = f"{event.originator_id} version {event.originator_version} ({event.topic})"
            raise MapperDeserialisationError(f"The state of {place} cannot be decoded.") from error


class LogFactory(PostgresFactory):
    """Makes the library's parts over our log: name it, "iop_es.engine.recorder:LogFactory", in PERSISTENCE_MODULE,
    and a RegistryMapper in MAPPER_TOPIC."""

    application_recorder_class = LogRecorder

    def env_create_table(self) -> bool:
        """Never: DDL runs in `migrate` only."""
        return False


def _class_version(known: type[Any]) -> int:
    return int(getattr(known, "class_version", 1))
