"""The library's own recorder cases, run through our append function as the API's role."""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, JSONTranscoder, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from psycopg.conninfo import conninfo_to_dict

from iop_es.engine.connections import Pool
from iop_es.engine.errors import UnknownTopic
from iop_es.engine.log import Append, NewFact
from iop_es.engine.recorder import LogDatastore, LogFactory, LogRecorder, RegistryMapper
from iop_es.engine.sealer import PassThrough


@pytest.fixture
def login(store_url: str) -> dict[str, str]:
    """How to reach the store as a login that has the API's role and nothing else."""
    with psycopg.connect(store_url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'api_login'").fetchone():
            server.execute("CREATE ROLE api_login LOGIN IN ROLE iop_api")
    return {name: str(value) for name, value in conninfo_to_dict(store_url).items()} | {"user": "api_login"}


@pytest.fixture
def new_recorder(login: dict[str, str]) -> Iterator[Callable[[], LogRecorder]]:
    """Makes the recorder under test."""
    stack = contextlib.ExitStack()

    def make() -> LogRecorder:
        datastore = PostgresDatastore(
            login["dbname"], login["host"], 5432, login["user"], "", schema="iop", pool_size=1, max_overflow=10
        )
        stack.callback(datastore.close)
        return LogRecorder(datastore)

    with stack:
        yield make


class RecorderCase(ApplicationRecorderTestCase[LogRecorder]):
    """The library's application recorder case over our recorder."""

    __test__ = False
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True
    make: Callable[[], LogRecorder]

    def create_recorder(self) -> LogRecorder:
        """The recorder under test."""
        return self.make()


class InterleavingCase(NonInterleavingNotificationIDsBaseCase):
    """The library's case for positions of two appends at once."""

    __test__ = False
    make: Callable[[], LogRecorder]

    def create_recorder(self) -> LogRecorder:
        """The recorder under test."""
        return self.make()


# The cases are run by name and not collected as they stand: they need a database a test.
del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


@pytest.mark.parametrize(
    "name",
    [
        "test_insert_select",
        "test_performance",
        "test_concurrent_no_conflicts",
        "test_concurrent_throughput",
        "optional_test_insert_subscribe",
    ],
)
def test_library_recorder_case(name: str, new_recorder: Callable[[], LogRecorder]) -> None:
    """Each of the library's application recorder tests passes, with contiguous positions."""
    case = RecorderCase(name)
    case.make = new_recorder
    with contextlib.redirect_stdout(io.StringIO()):
        case.debug()


def test_library_case_of_two_appends_at_once(new_recorder: Callable[[], LogRecorder]) -> None:
    """Positions of two large appends at once do not interleave."""
    case = InterleavingCase("test")
    case.make = new_recorder
    case.debug()


def test_a_conflict_is_the_librarys_integrity_error(new_recorder: Callable[[], LogRecorder]) -> None:
    """A version that exists is refused with the exception that the library's applications expect."""
    recorder = new_recorder()
    stored = StoredEvent(uuid4(), 1, "topic", b"{}")
    assert recorder.insert_events([stored]) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored])
    assert recorder.insert_events([]) == []


def test_a_database_that_is_gone_is_the_librarys_operational_error(login: dict[str, str]) -> None:
    """Without a database the library's own exception comes, not one of the driver's."""
    datastore = PostgresDatastore("gone", login["host"], 5432, login["user"], "", schema="iop", connect_timeout=0.2)
    recorder = LogRecorder.__new__(LogRecorder)
    recorder.datastore, recorder.pool, recorder.sealer = datastore, datastore.pool, PassThrough()
    with pytest.raises(OperationalError, match="Try again"):
        recorder.insert_events([StoredEvent(uuid4(), 1, "topic", b"{}")])
    datastore.close()


def test_what_the_house_appends_the_library_reads(pool: Pool, new_fact: Callable[..., NewFact]) -> None:
    """One recorder over the house's own pool: a fact appended is a notification and an event of the library too."""
    recorder = LogRecorder(LogDatastore(pool, "iop"))
    fact = new_fact()
    recorder.append(Append((fact,)))
    [notification] = recorder.select_notifications(start=1, limit=10)
    [event] = recorder.select_events(fact.stream)
    assert (notification.id, notification.topic, notification.state) == (1, fact.topic, fact.state)
    assert (event.originator_version, event.state) == (1, fact.state)
    assert recorder.max_notification_id() == recorder.head().position == 1
    recorder.insert_events([StoredEvent(fact.stream, 2, "kettle.boiled@1", b"{}")])
    assert [one.version for one in recorder.streams([str(fact.stream)])[str(fact.stream)]] == [1, 2]
    with pool.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,), "The pool's own rows stay tuples."


class Kettle(Aggregate):
    """An aggregate in the library's style."""

    @event("Filled")
    def __init__(self, liters: int) -> None:
        self.liters = liters

    @event("Boiled")
    def boil(self, degrees: int) -> None:
        """Heat it."""
        self.degrees = degrees


class KettleMapper(RegistryMapper):
    """Names for the kettle's events."""

    registry: ClassVar = {f"kettle.{name.lower()}": getattr(Kettle, name) for name in ("Filled", "Boiled")}


def test_an_application_of_the_library_runs_on_the_log(login: dict[str, str], store_url: str) -> None:
    """An application saves and loads through the factory, under registered names, and makes no tables."""
    env = {
        "PERSISTENCE_MODULE": "iop_es.engine.recorder:LogFactory",
        "MAPPER_TOPIC": f"{__name__}:KettleMapper",
        "POSTGRES_DBNAME": login["dbname"],
        "POSTGRES_HOST": login["host"],
        "POSTGRES_USER": login["user"],
        "POSTGRES_PASSWORD": "none",
        "POSTGRES_SCHEMA": "iop",
    }
    from eventsourcing.utils import register_topic

    register_topic(f"{__name__}:KettleMapper", KettleMapper)
    with Application[UUID](env=env) as application:
        assert isinstance(application.factory, LogFactory)
        kettle = Kettle(2)
        kettle.boil(100)
        application.save(kettle)
        loaded: Any = application.repository.get(kettle.id)
        assert (loaded.liters, loaded.degrees) == (2, 100)
    with psycopg.connect(store_url) as server:
        topics = server.execute("SELECT topic FROM iop.fact ORDER BY position").fetchall()
    assert topics == [("kettle.filled@1",), ("kettle.boiled@1",)]


@dataclass(frozen=True)
class Moved:
    """An event at its third version."""

    originator_id: UUID
    originator_version: int
    meters: int
    reason: str
    class_version: ClassVar[int] = 3

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Feet became meters."""
        state["meters"] = round(state.pop("feet") * 0.3048)

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        """A reason was added."""
        state["reason"] = "not recorded"


class MovedMapper(RegistryMapper):
    """A name for Moved."""

    registry: ClassVar = {"moved": Moved}


@pytest.mark.parametrize(
    ("topic", "state", "expected"),
    [
        ("moved", b'{"feet":100}', (30, "not recorded")),
        ("moved@1", b'{"feet":100}', (30, "not recorded")),
        ("moved@2", b'{"meters":7}', (7, "not recorded")),
        ("moved@3", b'{"meters":7,"reason":"rain"}', (7, "rain")),
    ],
)
def test_earlier_versions_are_upcast_by_name_and_version(topic: str, state: bytes, expected: tuple[int, str]) -> None:
    """A stored shape of any version loads as the present class."""
    mapper = MovedMapper(JSONTranscoder())
    moved: Any = mapper.to_domain_event(StoredEvent(uuid4(), 4, topic, state))
    assert (moved.meters, moved.reason) == expected
    assert moved.originator_version == 4


def test_a_name_that_no_one_registered_is_refused_and_never_imported() -> None:
    """A row cannot choose a class by a dotted path, and an unregistered class has no name."""
    mapper = MovedMapper(JSONTranscoder())
    with pytest.raises(UnknownTopic, match="os:system"):
        mapper.to_domain_event(StoredEvent(uuid4(), 1, "os:system", b"{}"))
    with pytest.raises(UnknownTopic, match="Kettle"):
        mapper.to_stored_event(Kettle(1).collect_events()[0])
