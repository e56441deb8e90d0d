"""Who may do what, whatever the program above tries."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, errors, sql
from psycopg.types.json import Jsonb

from iop_es.engine.grants import ROLES
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


@pytest.mark.parametrize("role", [role for role in ROLES if role != "iop_owner"])
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
    """Who asks writes down a read at the database's time and cannot choose it, nor read what others read: that is
    another role's, which writes nothing."""
    server.execute("SET ROLE iop_query")
    server.execute(READ)
    for refused in (
        READ.replace("(actor", "(at, actor").replace("VALUES (", "VALUES ('2020-01-01', "),
        "SELECT actor FROM iop.access_log", "SELECT state FROM iop.fact",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            server.execute(refused)
    server.execute("SET ROLE iop_audit")
    recent = "SELECT count(*) FROM iop.access_log WHERE now() - at < interval '1 minute'"
    assert server.execute(recent).fetchone() == (1,)
    with pytest.raises(errors.InsufficientPrivilege):
        server.execute(READ)


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


def test_the_projector_makes_and_fills_read_models_that_become_the_owners(server: Connection[Any]) -> None:
    """A version of a read model is a schema: seen by nobody until it is guarded, then filled by one role that can
    neither change nor open it, read by another within its scope, and dropped only when out of use."""
    server.execute("SET ROLE iop_projector")
    for place in ("iop_billing_3", "iop_billing_3a", "iop_billing_3b"):
        assert server.execute("SELECT iop.open_read_model('billing', 3)").fetchone() == (place,)
    server.execute("CREATE TABLE iop_billing_3.day (id int, program_id text)")
    server.execute("SET ROLE iop_query")
    with pytest.raises(errors.InsufficientPrivilege, match="schema iop_billing_3"):
        server.execute("SELECT id FROM iop_billing_3.day")
    server.execute("SET ROLE iop_projector")
    reach = Jsonb({"day": {"kind": "listed", "column": "program_id"}})
    server.execute("SELECT iop.guard_read_model('iop_billing_3', %s)", (reach,))
    server.execute("INSERT INTO iop_billing_3.day VALUES (1, 'a'), (2, 'b'), (3, NULL)")
    for refused in (
        "ALTER TABLE iop_billing_3.day DISABLE ROW LEVEL SECURITY", "DROP POLICY in_reach ON iop_billing_3.day",
        "CREATE TABLE iop_billing_3.other (id int)",
    ):  # fmt: skip
        with pytest.raises((errors.InsufficientPrivilege, errors.WrongObjectType)):
            server.execute(refused)
    server.execute("GRANT SELECT ON iop_billing_3.day TO iop_api")  # gives nothing, because it holds nothing to give
    server.execute("UPDATE iop.read_model SET active = true WHERE schema = 'iop_billing_3'")
    for place in ("iop_billing_3", "iop", "pg_catalog"):
        with pytest.raises(errors.RaiseException, match="no read model that could be dropped"):
            server.execute("SELECT iop.drop_read_model(%s)", (place,))
    server.execute("SET ROLE iop_query")
    assert server.execute("SELECT id FROM iop_billing_3.day").fetchall() == []
    server.execute("SET iop.programs = 'b,c'")
    assert server.execute("SELECT id FROM iop_billing_3.day").fetchall() == [(2,)]
    for refused in ("INSERT INTO iop_billing_3.day VALUES (2)", "UPDATE iop.read_model SET position = 1"):
        with pytest.raises(errors.InsufficientPrivilege):
            server.execute(refused)
    server.execute("SET ROLE iop_api")
    with pytest.raises(errors.InsufficientPrivilege, match="schema iop_billing_3"):
        server.execute("SELECT id FROM iop_billing_3.day")
    server.execute("SET ROLE iop_projector")
    server.execute("UPDATE iop.read_model SET active = false")
    server.execute("SELECT iop.drop_read_model('iop_billing_3')")
    assert server.execute("SELECT to_regnamespace('iop_billing_3')").fetchone() == (None,)


def test_a_read_models_function_becomes_the_owners_unless_it_lends_its_rights(server: Connection[Any]) -> None:
    """Called by readers within their scope, and changed by the projector no more; one that would show its maker's rows
    to anybody is given to nobody."""
    server.execute("SET ROLE iop_projector")
    server.execute("SELECT iop.open_read_model('billing', 3)")
    server.execute("CREATE TABLE iop_billing_3.day (id int, program_id text)")
    for name in ("days", "all_days"):
        server.execute(
            sql.SQL("CREATE FUNCTION iop_billing_3.{}() RETURNS SETOF int LANGUAGE sql STABLE"
                    " BEGIN ATOMIC SELECT id FROM iop_billing_3.day; END").format(sql.Identifier(name))
        )  # fmt: skip
    server.execute("ALTER FUNCTION iop_billing_3.all_days SECURITY DEFINER")
    reach = Jsonb({"day": {"kind": "listed", "column": "program_id"}})
    server.execute("SELECT iop.guard_read_model('iop_billing_3', %s)", (reach,))
    server.execute("INSERT INTO iop_billing_3.day VALUES (1, 'a'), (2, 'b')")
    with pytest.raises(errors.InsufficientPrivilege, match="owner"):
        server.execute("ALTER FUNCTION iop_billing_3.days SECURITY DEFINER")
    server.execute("SET ROLE iop_query")
    server.execute("SET iop.programs = 'b'")
    assert server.execute("SELECT iop_billing_3.days()").fetchall() == [(2,)]
    with pytest.raises(errors.InsufficientPrivilege, match="all_days"):
        server.execute("SELECT iop_billing_3.all_days()")


def test_what_a_guard_is_told_becomes_no_statement(server: Connection[Any]) -> None:
    """Names are quoted, whatever they hold; only read models are guarded."""
    server.execute("SET ROLE iop_projector")
    server.execute("SELECT iop.open_read_model('caseload', 1)")
    server.execute("CREATE TABLE iop_caseload_1.day (id int)")
    bad = "x) OR (true); GRANT SELECT ON iop.fact TO iop_query; --"
    reach = Jsonb({"day": {"kind": "listed", "column": bad}})
    with pytest.raises(errors.UndefinedColumn):
        server.execute("SELECT iop.guard_read_model('iop_caseload_1', %s)", (reach,))
    with pytest.raises(errors.RaiseException, match="no read model"):
        server.execute("SELECT iop.guard_read_model('iop', '{}')")


@pytest.mark.parametrize(
    ("model", "version"), [("Billing", 1), ("billing; x", 1), ("", 1), ("billing", 0), ("b" * 60, 1)]
)
def test_a_read_models_name_is_a_plain_one(model: str, version: int, server: Connection[Any]) -> None:
    """Names that would need quoting, versions below 1 and names too long are refused."""
    server.execute("SET ROLE iop_projector")
    with pytest.raises(errors.RaiseException, match="small letters"):
        server.execute("SELECT iop.open_read_model(%s, %s)", (model, version))
