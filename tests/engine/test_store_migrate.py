"""Making a store, and saying what is wrong when it cannot be made or reached."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from iop_es.engine.connections import open_pool
from iop_es.engine.errors import MigrationRefused, StoreUnavailable
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.migrate import STEPS, migrate


def test_two_migrations_at_once_make_one_store(empty_database_url: str) -> None:
    """One does everything, the other finds nothing left to do."""
    with ThreadPoolExecutor(2) as threads:
        done = sorted(threads.map(lambda _: migrate(empty_database_url, "clinic"), range(2)), key=len)
    assert done == [[], ["schema clinic", *STEPS[1:], "log iop-es/clinic"]]


def test_migrations_of_two_databases_at_once_share_the_roles(new_database: Callable[[str | None], str]) -> None:
    """Roles belong to the whole cluster; nobody trips over them."""
    urls = [new_database(None) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert all(len(done) == len(STEPS) + 1 for done in threads.map(lambda url: migrate(url, "iop"), urls))


def test_organizations_are_schemas_of_their_own(empty_database_url: str, new_fact: Callable[..., NewFact]) -> None:
    """Two logs in one database have their own heads, and nothing is made in `public`."""
    for schema in ("north", "south"):
        migrate(empty_database_url, schema)
    with (
        open_pool(empty_database_url, "north", "iop_api", 2) as north,
        open_pool(empty_database_url, "south", "iop_api", 2) as south,
    ):
        Log(north, "north").append(Append((new_fact(),)))
        assert (Log(north, "north").head().position, Log(south, "south").head().position) == (1, 0)
    with psycopg.connect(empty_database_url) as server:
        assert server.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone() == (0,)


def test_everything_belongs_to_the_owner_who_cannot_log_in(database_url: str) -> None:
    """Tables and functions of the log are owned by the role that no one logs in as."""
    with psycopg.connect(database_url) as server:
        owners = server.execute(
            "SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'iop'::regnamespace "
            "UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'iop'::regnamespace"
        ).fetchall()
        assert owners == [("iop_owner",)]
        logins = server.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'iop\\_%' AND rolcanlogin")
        assert logins.fetchone() == (0,)


def test_a_store_stays_what_it_was_created_as(empty_database_url: str) -> None:
    """A simulation says so in its name and stays one; a name is given once."""
    assert migrate(empty_database_url, "demo", simulation=True, name="clinic")[-1] == "log clinic/simulation"
    assert migrate(empty_database_url, "demo", simulation=True) == []
    assert migrate(empty_database_url, "demo", simulation=True, name="clinic") == []
    with pytest.raises(MigrationRefused, match="run migrate with --simulation"):
        migrate(empty_database_url, "demo")
    with pytest.raises(MigrationRefused, match="for ever"):
        migrate(empty_database_url, "demo", simulation=True, name="other")
    migrate(empty_database_url, "real")
    with pytest.raises(MigrationRefused, match="run migrate without --simulation"):
        migrate(empty_database_url, "real", simulation=True)


@pytest.mark.parametrize("schema", ["", "Iop", "pg_iop", "iop; DROP TABLE x", "1iop", "i" * 32])
def test_a_schemas_name_is_a_plain_one(schema: str, empty_database_url: str) -> None:
    """A name that would need quoting, or is PostgreSQL's own, is refused."""
    with pytest.raises(MigrationRefused, match="small letters"):
        migrate(empty_database_url, schema)


def test_a_login_that_may_not_is_told_so(database_url: str) -> None:
    """A migration by a login without the rights ends in a sentence."""
    with psycopg.connect(database_url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'nobody_special'").fetchone():
            server.execute("CREATE ROLE nobody_special LOGIN")
    with pytest.raises(MigrationRefused, match="as a login that may create roles and schemas"):
        migrate(make_conninfo(database_url, user="nobody_special"), "iop")


def test_a_database_that_is_down_is_said_with_how_to_fix_it(empty_database_url: str, tmp_path: object) -> None:
    """No server, no such database, no log in it, a URL that is none: each is a sentence with a remedy."""
    for url in (
        make_conninfo(empty_database_url, host=str(tmp_path)),
        make_conninfo(empty_database_url, dbname="none"),
        "nonsense",
    ):
        for attempt in (lambda url=url: migrate(url, "iop"), lambda url=url: open_pool(url, "iop", "iop_api", 1)):
            with pytest.raises(StoreUnavailable, match="IOP_ES_DATABASE_URL"):
                attempt()
    with pytest.raises(StoreUnavailable, match="run `iop-es migrate`"):
        open_pool(empty_database_url, "iop", None, 1)


def test_a_table_that_was_made_without_a_column_gets_it(database_url: str) -> None:
    """A store of an earlier release, whose read models do not say which code built them, is brought to this one."""
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute("ALTER TABLE iop.read_model DROP COLUMN code")
        server.execute("UPDATE iop.migration SET digest = 'earlier' WHERE name = '06_read_models'")
        assert migrate(database_url, "iop") == ["06_read_models", "20_grants"]  # what the column grants went with it
        assert server.execute("SELECT count(code) FROM iop.read_model").fetchone() == (0,)


def test_a_table_whose_index_lacks_the_position_gets_it(database_url: str) -> None:
    """A history as of a position is then found in the index alone, also in a store of an earlier release."""
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute("SET search_path = iop")
        server.execute("ALTER TABLE fact_patient DROP CONSTRAINT fact_patient_pkey, ADD PRIMARY KEY (patient_id, n)")
        server.execute("UPDATE migration SET digest = 'earlier' WHERE name = '02_log'")
        assert migrate(database_url, "iop") == ["02_log"]
        server.execute("VACUUM ANALYZE fact_patient")
        server.execute("SET enable_seqscan = off")
        plan = server.execute(
            "EXPLAIN SELECT position FROM fact_patient WHERE patient_id = gen_random_uuid() AND position < 9 ORDER BY n"
        ).fetchall()
        assert "Index Only Scan using fact_patient_pkey" in str(plan)
