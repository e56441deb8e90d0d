"""Who may do what, whatever the program above tries."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.conninfo import make_conninfo

from iop_es.engine.log import Append, Log
from tests.engine.test_store_append import NewFacts

GUARDED = ("fact", "fact_patient", "idempotency", "access_log")
TABLES = (*GUARDED, "log_head", "reservation")
CHANGES = {
    "update": {
        "fact": "UPDATE iop.fact SET state = ''",
        "fact_patient": "UPDATE iop.fact_patient SET n = 7",
        "idempotency": "UPDATE iop.idempotency SET body = ''",
        "access_log": "UPDATE iop.access_log SET purpose = ''",
        "log_head": "UPDATE iop.log_head SET position = 0",
        "reservation": "UPDATE iop.reservation SET stream = gen_random_uuid()",
    },
    "delete": {table: "DELETE FROM iop." + table for table in TABLES},  # noqa: S608 - our own names
    "truncate": {table: "TRUNCATE iop." + table for table in TABLES},
    "insert": {
        "fact": "INSERT INTO iop.fact SELECT 9, gen_random_uuid(), 1, 't', '', '', '', '', now(), now(), stream "
        "FROM iop.fact",
        "fact_patient": "INSERT INTO iop.fact_patient SELECT gen_random_uuid(), 1, 9, gen_random_uuid()",
        "idempotency": "INSERT INTO iop.idempotency SELECT 'k', '', 1, 1, gen_random_uuid(), 1",
        "reservation": "INSERT INTO iop.reservation SELECT 'k', 'k', gen_random_uuid(), 1",
        "log_head": "INSERT INTO iop.log_head (name, simulation) VALUES ('x', true)",
    },
}
READ = (
    "INSERT INTO iop.access_log (actor, role, purpose, resource, outcome) "
    "VALUES (gen_random_uuid(), 'auditor', 'audit', 'x', 'ok')"
)


@pytest.fixture
def server(store_url: str, log: Log, new_fact: NewFacts) -> Iterator[Connection[Any]]:
    """The superuser's connection to a log with a fact about a patient in it."""
    log.append(Append((new_fact(patients=((str(uuid4()), str(uuid4())),)),)))
    with psycopg.connect(store_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("role", ["iop_api", "iop_projector"])
@pytest.mark.parametrize("change", CHANGES)
def test_no_working_role_can_touch_the_log_itself(change: str, role: str, server: Connection[Any]) -> None:
    """Updating, deleting, truncating and inserting are refused for every table of the log."""
    server.execute(f"SET ROLE {role}")
    for statement in CHANGES[change].values():
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
            server.execute(statement)


@pytest.mark.parametrize("role", ["iop_owner", "iop"])
@pytest.mark.parametrize("change", ["update", "delete", "truncate"])
@pytest.mark.parametrize("replication", ["origin", "replica"])
def test_even_the_owner_and_a_superuser_are_stopped_by_triggers(
    change: str, role: str, replication: str, server: Connection[Any]
) -> None:
    """The triggers hold for everyone, also where replication switches ordinary triggers off."""
    server.execute(f"SET session_replication_role = {replication}")
    server.execute(f"SET ROLE {role}")
    for table in (*GUARDED, "log_head"):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            server.execute(CHANGES[change][table])


def test_what_a_store_was_created_as_stays(server: Connection[Any]) -> None:
    """Nobody turns a real store into a simulation or renames it."""
    for change in ("simulation = true", "name = 'other'", "recorded_at = 'epoch'"):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            server.execute("UPDATE iop.log_head SET " + change)  # noqa: S608 - our own words


def test_reads_are_recorded_but_not_forged(server: Connection[Any]) -> None:
    """The API's role writes down a read at the database's time, reads it back, and cannot choose the time."""
    server.execute("SET ROLE iop_api")
    server.execute(READ)
    assert server.execute("SELECT count(*) FROM iop.access_log WHERE now() - at < interval '1 minute'").fetchone() == (
        1,
    )
    with pytest.raises(errors.InsufficientPrivilege):
        server.execute(READ.replace("(actor", "(at, actor").replace("VALUES (", "VALUES ('2020-01-01', "))


def test_append_is_not_for_everyone(server: Connection[Any]) -> None:
    """A role that was granted nothing, and the projector, cannot append."""
    for role in ("pg_monitor", "iop_projector"):
        server.execute("RESET ROLE")
        server.execute(f"GRANT USAGE ON SCHEMA iop TO {role}")
        server.execute(f"SET ROLE {role}")
        with pytest.raises(errors.InsufficientPrivilege, match="append"):
            server.execute("SELECT iop.append(" + ", ".join(["NULL"] * 22) + ")")


def test_a_temporary_table_cannot_stand_in_for_the_log(log: Log, server: Connection[Any], new_fact: NewFacts) -> None:
    """The append function looks into its own schema only, whatever the caller's session holds."""
    with log.pool.connection() as connection:
        for table in ("fact", "log_head", "idempotency", "reservation"):
            connection.execute(f"CREATE TEMP TABLE {table} (LIKE iop.{table})")
        connection.execute("SET search_path = pg_temp, pg_catalog")
        rows = log._append(connection, log._parameters(Append((fact := new_fact(),)), (_key(fact),)))
    assert rows[0][1] == 2
    assert server.execute("SELECT max(position), (SELECT position FROM iop.log_head) FROM iop.fact").fetchone() == (
        2,
        2,
    )


def _key(fact: Any) -> Any:
    from iop_es.engine.log import Keyed

    return Keyed("k", bytes(32), 1, fact.stream)


def test_the_projector_makes_and_fills_read_models_that_the_api_reads(server: Connection[Any], store_url: str) -> None:
    """A version of a read model is a schema: written by one role, read by the other, dropped only when out of use."""
    server.execute("SET ROLE iop_projector")
    for place in ("iop_billing_3", "iop_billing_3a", "iop_billing_3b"):
        assert server.execute("SELECT iop.open_read_model('billing', 3)").fetchone() == (place,)
    server.execute("CREATE TABLE iop_billing_3.day (id int)")
    server.execute("INSERT INTO iop_billing_3.day VALUES (1)")
    server.execute("UPDATE iop.read_model SET active = true WHERE schema = 'iop_billing_3'")
    for place in ("iop_billing_3", "iop", "pg_catalog"):
        with pytest.raises(errors.RaiseException, match="no read model that could be dropped"):
            server.execute("SELECT iop.drop_read_model(%s)", (place,))
    with psycopg.connect(make_conninfo(store_url, options="-c role=iop_api"), autocommit=True) as api:
        assert api.execute("SELECT id FROM iop_billing_3.day").fetchall() == [(1,)]
        assert api.execute("SELECT schema FROM iop.read_model WHERE active").fetchall() == [("iop_billing_3",)]
        for refused in ("INSERT INTO iop_billing_3.day VALUES (2)", "UPDATE iop.read_model SET position = 1"):
            with pytest.raises(errors.InsufficientPrivilege):
                api.execute(refused)
    server.execute("UPDATE iop.read_model SET active = false")
    server.execute("SELECT iop.drop_read_model('iop_billing_3')")
    assert server.execute("SELECT to_regnamespace('iop_billing_3')").fetchone() == (None,)


def test_tables_that_the_projector_makes_are_read_by_the_api(server: Connection[Any]) -> None:
    """No grant of its own is needed for a table made in a read model's schema."""
    server.execute("SET ROLE iop_projector")
    server.execute("SELECT iop.open_read_model('caseload', 1)")
    server.execute("CREATE TABLE iop_caseload_1.day (id int)")
    server.execute("SET ROLE iop_api")
    assert server.execute("SELECT count(*) FROM iop_caseload_1.day").fetchone() == (0,)


def test_read_models_made_by_the_owner_can_be_filled_by_the_projector(server: Connection[Any]) -> None:
    """A migration may make the first version; the projector writes and empties its tables."""
    server.execute("SET ROLE iop_owner")
    server.execute("SELECT iop.open_read_model('audit', 1)")
    server.execute("CREATE TABLE iop_audit_1.entry (id int)")
    server.execute("SET ROLE iop_projector")
    server.execute("INSERT INTO iop_audit_1.entry VALUES (1)")
    server.execute("TRUNCATE iop_audit_1.entry")


@pytest.mark.parametrize(
    ("model", "version"), [("Billing", 1), ("billing; x", 1), ("", 1), ("billing", 0), ("b" * 60, 1)]
)
def test_a_read_models_name_is_a_plain_one(model: str, version: int, server: Connection[Any]) -> None:
    """Names that would need quoting, versions below 1 and names too long are refused."""
    server.execute("SET ROLE iop_projector")
    with pytest.raises(errors.RaiseException, match="small letters"):
        server.execute("SELECT iop.open_read_model(%s, %s)", (model, version))
