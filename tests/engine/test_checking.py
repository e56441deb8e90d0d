"""What the check at the start finds: each wall is taken away in turn, and named with how to put it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from iop_es.engine.checking import Finding, check, check_asking
from iop_es.engine.connections import open_pool
from iop_es.engine.grants import ROLES, expected
from iop_es.engine.log import Log
from iop_es.engine.migrate import migrate
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.reach import Listed, stated
from iop_es.engine.readmodel.securing import loosened, secured
from tests.engine.bank import Balances, decode

DEFECTS = {
    # a grant too much, a grant too little
    "GRANT UPDATE ON iop.fact TO iop_api": "iop_api has UPDATE on table fact, which nothing gives it.",
    "GRANT SELECT (state) ON iop.fact TO iop_query":
        "iop_query has SELECT on column fact.state, which nothing gives it.",
    "GRANT SELECT ON iop.access_log TO PUBLIC": "PUBLIC has SELECT on table access_log, which nothing gives it.",
    "GRANT EXECUTE ON FUNCTION iop.append TO PUBLIC": "PUBLIC has EXECUTE on function append, which nothing gives it.",
    "GRANT CREATE ON SCHEMA iop TO iop_projector": "iop_projector has CREATE on schema iop, which nothing gives it.",
    "REVOKE INSERT (grant_id) ON iop.access_log FROM iop_query":
        "iop_query lacks INSERT on column access_log.grant_id.",
    # a right that may be given on, by whom it was then given too
    "GRANT SELECT ON iop.fact TO iop_api WITH GRANT OPTION":
        "iop_api has SELECT on table fact to give on, which nothing gives it.",
    "GRANT INSERT (actor) ON iop.access_log TO iop_query WITH GRANT OPTION":
        "iop_query has INSERT on column access_log.actor to give on, which nothing gives it.",
    "GRANT EXECUTE ON FUNCTION iop.append TO iop_api WITH GRANT OPTION":
        "iop_api has EXECUTE on function append to give on, which nothing gives it.",
    "GRANT USAGE ON SCHEMA iop TO iop_query WITH GRANT OPTION":
        "iop_query has USAGE on schema iop to give on, which nothing gives it.",
    # the same of the keys
    "GRANT SELECT ON iop_keys.subject_key TO iop_query":
        "iop_query has SELECT on table iop_keys.subject_key, which nothing gives it.",
    "GRANT UPDATE (wrapped) ON iop_keys.subject_key TO iop_api":
        "iop_api has UPDATE on column iop_keys.subject_key.wrapped, which nothing gives it.",
    "GRANT USAGE ON SCHEMA iop_keys TO PUBLIC": "PUBLIC has USAGE on schema iop_keys, which nothing gives it.",
    "REVOKE UPDATE (destroyed_at) ON iop_keys.subject_key FROM iop_keeper":
        "iop_keeper lacks UPDATE on column iop_keys.subject_key.destroyed_at.",
    "ALTER TABLE iop_keys.subject_key OWNER TO iop": "iop_keys.subject_key belongs to iop, not to iop_owner.",
    "ALTER SCHEMA iop_keys OWNER TO iop": "iop_keys belongs to iop, not to iop_owner.",
    "ALTER TABLE iop_keys.subject_key DISABLE TRIGGER guard_key":
        "The trigger guard_key on subject_key is switched off, or not on ALWAYS.",
    "DROP TRIGGER keep_keys ON iop_keys.subject_key": "The trigger keep_keys on subject_key is gone.",
    "CREATE TABLE iop_keys.copy AS SELECT FROM iop_keys.subject_key; ALTER TABLE iop_keys.copy OWNER TO iop_owner":
        "iop_keys.copy is not ours.",
    # what refuses changes
    "DROP TRIGGER append_only ON iop.fact": "The trigger append_only on fact is gone.",
    "ALTER TABLE iop.access_log DISABLE TRIGGER append_only":
        "The trigger append_only on access_log is switched off, or not on ALWAYS.",
    "ALTER TABLE iop.log_head ENABLE TRIGGER head_moves_forward":
        "The trigger head_moves_forward on log_head is switched off, or not on ALWAYS.",
    "CREATE OR REPLACE TRIGGER append_only BEFORE DELETE ON iop.fact FOR EACH STATEMENT"
    " EXECUTE FUNCTION iop.refuse_change(); ALTER TABLE iop.fact ENABLE ALWAYS TRIGGER append_only":
        "The trigger append_only on fact is another one.",
    "CREATE TRIGGER copy AFTER INSERT ON iop.fact FOR EACH ROW EXECUTE FUNCTION iop.refuse_change()":
        "The trigger copy on fact is not ours.",
    # … the same triggers, and yet they refuse less
    "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON iop.fact FOR EACH STATEMENT"
    " WHEN (current_user <> 'iop_owner') EXECUTE FUNCTION iop.refuse_change();"
    "ALTER TABLE iop.fact ENABLE ALWAYS TRIGGER append_only": "The trigger append_only on fact is another one.",
    "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OF stamp OR DELETE OR TRUNCATE ON iop.fact FOR EACH STATEMENT"
    " EXECUTE FUNCTION iop.refuse_change(); ALTER TABLE iop.fact ENABLE ALWAYS TRIGGER append_only":
        "The trigger append_only on fact is another one.",
    "CREATE OR REPLACE TRIGGER head_moves_forward BEFORE UPDATE ON iop.log_head FOR EACH ROW"
    " WHEN (new.name <> old.name) EXECUTE FUNCTION iop.refuse_change();"
    "ALTER TABLE iop.log_head ENABLE ALWAYS TRIGGER head_moves_forward":
        "The trigger head_moves_forward on log_head is another one.",
    # what takes the place of what was asked, or hides or adds rows
    "CREATE RULE quiet AS ON INSERT TO iop.access_log DO INSTEAD NOTHING": "iop.access_log has a rule.",
    "CREATE RULE twice AS ON INSERT TO iop_balances_1.balance DO ALSO NOTHING": "iop_balances_1.balance has a rule.",
    "ALTER TABLE iop.access_log ENABLE ROW LEVEL SECURITY": "iop.access_log hides rows.",
    "ALTER TABLE iop_keys.subject_key ENABLE ROW LEVEL SECURITY": "iop_keys.subject_key hides rows.",
    "CREATE TABLE iop.more () INHERITS (iop.access_log); ALTER TABLE iop.more OWNER TO iop_owner":
        "iop.access_log has rows that stand elsewhere.",
    # who sees which rows
    "ALTER TABLE iop_balances_1.balance DISABLE ROW LEVEL SECURITY":
        "The row-level security of iop_balances_1.balance is not enabled and forced.",
    "ALTER TABLE iop_balances_1.balance NO FORCE ROW LEVEL SECURITY":
        "The row-level security of iop_balances_1.balance is not enabled and forced.",
    "CREATE POLICY open ON iop_balances_1.balance TO iop_query USING (true)":
        "The row-level security of iop_balances_1.balance is not as it was made.",
    "ALTER POLICY in_reach ON iop_balances_1.balance USING (true)":
        "The row-level security of iop_balances_1.balance is not as it was made.",
    "GRANT SELECT ON iop_balances_1.document TO iop_query":
        "The row-level security of iop_balances_1.document is not as it was made.",
    "CREATE TABLE iop_balances_1.copy (id int); ALTER TABLE iop_balances_1.copy OWNER TO iop_owner":
        "The row-level security of iop_balances_1.copy is not enabled and forced.",
    "ALTER VIEW iop.stored_events RESET (security_invoker)": "The view stored_events reads with its owner's rights.",
    # whose it is
    "ALTER TABLE iop.reservation OWNER TO iop": "iop.reservation belongs to iop, not to iop_owner.",
    "ALTER FUNCTION iop.position_at OWNER TO iop": "iop.position_at belongs to iop, not to iop_owner.",
    # what acts as the owner
    "ALTER FUNCTION iop.append RESET search_path":
        "iop.append acts as its owner and is bound to no search path of ours.",
    "ALTER FUNCTION iop.drop_read_model SET search_path = public, iop":
        "iop.drop_read_model acts as its owner and is bound to no search path of ours.",
    "CREATE OR REPLACE FUNCTION iop.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$":
        "The function refuse_change is not the one that this release ships.",
    "CREATE FUNCTION iop.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION iop.mine OWNER TO iop_owner;"
    "REVOKE ALL ON FUNCTION iop.mine FROM PUBLIC": "The function mine is not ours.",
    # who they are
    "ALTER ROLE iop_query BYPASSRLS": "The role iop_query has BYPASSRLS.",
    "ALTER ROLE iop_api SUPERUSER": "The role iop_api has SUPERUSER.",
    "ALTER ROLE iop_owner LOGIN": "The role iop_owner has LOGIN.",
    # the server
    "SET LOCAL synchronous_commit = off":
        "The server runs with synchronous_commit = off: facts may be lost or damaged unseen.",
    "SET LOCAL log_statement = 'all'":
        "The server runs with log_statement = all: the server's log may hold values of records.",
    "SET LOCAL log_error_verbosity = verbose":
        "The server runs with log_error_verbosity = verbose: the server's log may hold values of records.",
}  # fmt: skip
NOT_MIGRATES = (
    "OWNER TO", "iop.mine", "ALTER ROLE", "SET LOCAL", "TRIGGER copy", "in_reach", "balances_1.copy", "keys.copy",
    "CREATE RULE", "ENABLE ROW", "INHERITS",
)  # fmt: skip
"""What a person has to look into."""
QUIET = (
    "SET log_min_messages = log; SET log_min_error_statement = panic; SET log_error_verbosity = terse;"
    "SET log_parameter_max_length = 0; SET log_parameter_max_length_on_error = 0"
)


@pytest.fixture(scope="module")
def server(postgres_url: str, template: str) -> Iterator[Connection[Any]]:
    """The superuser's connection to a store with a read model, with a server as it should be but for its disk."""
    url = psycopg.conninfo.make_conninfo(postgres_url, dbname="checked")
    with psycopg.connect(postgres_url, autocommit=True) as maker:
        maker.execute(sql.SQL("CREATE DATABASE checked TEMPLATE {}").format(sql.Identifier(template)))
        maker.execute("GRANT CREATE ON DATABASE checked TO iop_owner")
    model: Any = Balances()
    model.reach = {"balance": Listed("patient_id")}
    with open_pool(url, "iop", "iop_projector", 2) as pool, psycopg.connect(url, autocommit=True) as connection:
        model.ddl = model.ddl.replace("patient_id uuid", "patient_id text")
        Driver(model, Log(pool, "iop"), pool, decode).prepare()
        connection.execute("SET search_path = iop, pg_temp")
        connection.execute(QUIET)
        yield connection


def walls(found: list[Finding]) -> list[str]:
    """What was found of a server whose disk keeps nothing, without that."""
    disk = ("fsync", "full_page_writes", "data_checksums")
    return [one.what for one in found if not any(f" {name} =" in one.what for name in disk)]


def test_a_store_as_it_was_made_has_no_finding(server: Connection[Any]) -> None:
    """Neither have its roles, also where they look at it themselves; the whole check is soon done."""
    for role in ("iop_api", "iop_projector"):
        with server.transaction(force_rollback=True):
            server.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            assert walls(check(server, "iop", ours=True)) == []
    started = time.process_time()
    check(server, "iop")
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_wall_that_is_gone_is_named(defect: str, server: Connection[Any]) -> None:
    """One sentence for one defect, and what to do about it."""
    with server.transaction(force_rollback=True):
        server.execute(defect.encode())
        found = [one for one in check(server, "iop", ours=True) if one.what in walls([one])]
        assert [one.what for one in found] == [DEFECTS[defect]]
        assert found[0].refused and found[0].mend.endswith((".", "`."))


def test_a_disk_that_keeps_nothing_is_refused_but_where_nothing_is_kept(server: Connection[Any]) -> None:
    """The tests' own server: the same findings, refusing a store, and only told of one that is thrown away."""
    disk = [one for one in check(server, "iop", ours=True) if one.about == "settings"]
    assert {one.what.split(" = ")[0] for one in disk} >= {"The server runs with fsync"}
    assert all(one.refused for one in disk)
    for role in ("UPDATE", "DELETE"):
        with server.transaction(force_rollback=True):
            server.execute(f"GRANT {role} ON iop.fact TO iop_api".encode())
            told = check(server, "iop", temporary=True, ours=True)
            assert {one.about for one in told if one.refused} == {"grants"}


def test_a_login_that_is_more_than_its_role_is_found(server: Connection[Any]) -> None:
    """A superuser's, one that can become the owner, and one for questions that can become who reads facts."""
    assert [one.what for one in check(server, "iop") if one.about == "login"] == ["The login iop is a superuser."]
    with server.transaction(force_rollback=True):
        server.execute("CREATE ROLE asker LOGIN IN ROLE iop_query, iop_api, iop_owner")
        server.execute("SET LOCAL SESSION AUTHORIZATION asker")
        assert "The login asker can become iop_owner." in [one.what for one in check(server, "iop")]
        asking = [one.what for one in check_asking(server, "iop", apart=True)]
        assert {f"The login asker can become {role}." for role in ("iop_api", "iop_owner")} <= set(asking)


def test_what_was_given_on_goes_with_the_right_to_do_so(database_url: str) -> None:
    """Which the owner did not give, and could not take back by itself."""
    migrate(database_url, "iop")
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute("SET search_path = iop, pg_temp")
        server.execute(QUIET)
        server.execute("GRANT SELECT ON iop.fact TO iop_api WITH GRANT OPTION")
        server.execute("SET ROLE iop_api; GRANT SELECT ON iop.fact TO iop_query; RESET ROLE")
        assert walls(check(server, "iop", ours=True)) == [
            "iop_api has SELECT on table fact to give on, which nothing gives it.",
            "iop_query has SELECT on table fact, which nothing gives it.",
        ]  # fmt: skip
        migrate(database_url, "iop")
        assert walls(check(server, "iop", ours=True)) == []


def test_migrate_mends_what_it_says_it_mends(database_url: str) -> None:
    """After each defect that it is named for, the store is as it was made."""
    migrate(database_url, "iop")
    model: Any = Balances()
    with (
        psycopg.connect(database_url, autocommit=True) as server,
        open_pool(database_url, "iop", "iop_projector", 2) as pool,
    ):
        Driver(model, Log(pool, "iop"), pool, decode).prepare()
        server.execute("SET search_path = iop, pg_temp")
        server.execute(QUIET)
        for defect in DEFECTS:
            if any(word in defect for word in NOT_MIGRATES):
                continue
            server.execute(defect.encode())
            assert walls(check(server, "iop", ours=True)), defect
            migrate(database_url, "iop")
            secured(pool, "iop", {"balances": model})
            assert walls(check(server, "iop", ours=True)) == [], defect
        assert migrate(database_url, "iop") == [] == secured(pool, "iop", {"balances": model})


def test_a_read_model_of_an_earlier_release_is_closed_until_it_is_secured(database_url: str) -> None:
    """One that nothing guards yet, and that the API could read, is found; migrate guards it."""
    model: Any = Balances()
    with (
        psycopg.connect(database_url, autocommit=True) as server,
        open_pool(database_url, "iop", "iop_projector", 2) as pool,
    ):
        Driver(model, Log(pool, "iop"), pool, decode).prepare()
        server.execute("UPDATE iop.read_model SET guard = NULL")
        for table in ("balance", "movement", "document", "document_use"):
            for change in ("DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY", "OWNER TO iop_projector"):
                server.execute(f"ALTER TABLE iop_balances_1.{table} {change}".encode())
        server.execute("SET search_path = iop, pg_temp")
        assert {one.about for one in check(server, "iop", ours=True)} >= {"row-level security", "owners"}
        assert secured(pool, "iop", {"balances": model}) == ["security of iop_balances_1"]
        assert not [one for one in check(server, "iop", ours=True) if one.about != "settings"]


def test_policies_of_an_earlier_release_are_made_anew(server: Connection[Any], postgres_url: str) -> None:
    """Where this release would guard a read model otherwise, migrating does it, once; what it does not know stays."""
    url = psycopg.conninfo.make_conninfo(postgres_url, dbname="checked")
    model: Any = Balances()
    model.reach = {"balance": Listed("patient_id")}
    with open_pool(url, "iop", "iop_projector", 1) as pool:
        assert secured(pool, "iop", {"balances": model}) == []
        model.reach = {"balance": Listed("patient_id", unnamed=True)}
        assert secured(pool, "iop", {}) == []
        assert secured(pool, "iop", {"balances": model}) == ["security of iop_balances_1"]
        assert secured(pool, "iop", {"balances": model}) == []
    assert walls(check(server, "iop", ours=True)) == []


def test_rows_that_somebody_had_shown_otherwise_are_found(server: Connection[Any]) -> None:
    """The projector may have a read model guarded, and says who sees what: other than the release states is a finding,
    to the API's role too."""
    model: Any = Balances()
    model.reach = {"balance": Listed("patient_id")}
    with server.transaction(force_rollback=True):
        guard = "SELECT iop.guard_read_model('iop_balances_1', %s)"
        server.execute("SET LOCAL ROLE iop_projector")
        server.execute(guard, (Jsonb(stated(model.reach)),))
        server.execute("SET LOCAL ROLE iop_api")
        assert list(loosened(server, "iop", {"balances": model})) == []
        server.execute("SET LOCAL ROLE iop_projector")
        server.execute(guard, (Jsonb({"balance": {"kind": "anybody"}}),))
        assert walls(check(server, "iop", ours=True)) == []
        server.execute("SET LOCAL ROLE iop_api")
        [found] = loosened(server, "iop", {"balances": model})
        assert (found.what, found.refused) == ("iop_balances_1 shows rows otherwise than this release states.", True)


def test_every_role_is_granted_something_and_nobody_else(template: str) -> None:
    """Each role that no one logs in as has a line, and the owner none."""
    assert {one.role for one in expected("iop")} == set(ROLES) - {"iop_owner"}
