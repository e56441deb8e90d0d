"""A rebuild makes what is live, however it is cut, whoever works on it, and wherever it dies."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from psycopg import Cursor

from iop_es.engine.connections import transaction
from iop_es.engine.readmodel import code, rebuild
from iop_es.engine.readmodel.catalog import Catalog, Unfinished
from iop_es.engine.readmodel.driver import NotBuilt
from iop_es.engine.readmodel.place import Place
from iop_es.engine.readmodel.rebuild import SharesLeft
from iop_es.wiring import MODELS
from tests.engine.bank import Balances, Bank, Ledger, Trail, decode
from tests.engine.dying import dies
from tests.engine.test_lease import a_story

SMALL: tuple[Callable[..., Any], ...] = (Balances, Ledger, Trail)


@pytest.mark.slow
def test_a_build_killed_at_every_failpoint_is_gone_on_with(bank: Bank, store_url: str) -> None:
    """Process after process dies, each a step further; the last one finishes the first one's schema, equal to live."""
    a_story(bank)
    bank.driver.catch_up()
    live, active = bank.rows(), bank.driver.place.schema
    seen = set()
    for failpoint, call in (
        ("folded", 2), ("copied", 2), ("done", 2), ("filled", 1), ("built", 1), ("at_head", 1), ("switched", 1)
    ):  # fmt: skip
        assert dies(store_url, "build", failpoint, call) == -signal.SIGKILL, failpoint
        assert bank.driver.place.schema == active
        seen.add(bank.build().open())
    (schema,) = seen
    assert bank.build().progress(schema).shares_left == 0
    assert bank.rebuild() == schema == bank.driver.place.schema
    assert bank.rows() == live


@pytest.mark.parametrize("model", SMALL)
def test_shares_of_any_size_and_any_workers_make_the_live_rows(bank: Bank, model: Callable[..., Any]) -> None:
    """One fact a share or all in one, by one thread or several: the rows and documents are the live ones."""
    a_story(bank)
    one = Bank(bank.log, bank.pool, model())
    one.driver.catch_up(5)
    live = one.rows()
    assert any(live.values())
    for share, workers in ((1, 1), (3, 3), (7, 2), (1_000_000, 2)):
        schema = one.build().open(share)
        with ThreadPoolExecutor(workers) as threads:
            for working in [threads.submit(one.build().work, schema) for _ in range(workers)]:
                working.result()
        build = one.build()
        progress = build.progress(schema)
        assert (progress.done, progress.shares_left) == (progress.total, 0)
        build.complete(schema)
        build.complete(schema)
        build.switch(schema)
        assert one.driver.place.schema == schema != f"iop_{one.model.name}_1"
        assert one.rows() == live


def test_an_empty_log_is_built_too(bank: Bank) -> None:
    """Of nothing comes nothing, at position 0, and the driver goes on from there."""
    bank.rebuild()
    assert bank.standing()[0] == 0
    a_story(bank, 1)
    bank.driver.catch_up()
    live = bank.rows()
    bank.rebuild()
    assert bank.rows() == live


def test_a_build_is_not_completed_before_its_shares(bank: Bank) -> None:
    """Shares that are not done, or that somebody works on, keep a build from being completed."""
    a_story(bank, 1)
    build = bank.build()
    schema = build.open(3)
    with pytest.raises(SharesLeft):
        build.complete(schema)
    with pytest.raises(SharesLeft), transaction(bank.pool) as cursor:
        build.catalog.ask(cursor, "take", schema=schema)
        bank.build().work(schema)
        build.complete(schema)
    build.work(schema)
    build.complete(schema)


def test_a_fresh_build_throws_the_unfinished_one_away(bank: Bank) -> None:
    """`open` finds what was begun; `fresh` begins again, and what is in use cannot be thrown away."""
    a_story(bank, 1)
    schema = bank.build().open(3)
    assert bank.build().open(100) == schema
    bank.build().work(schema)
    again = bank.build().open(3, fresh=True)
    assert bank.build().progress(again).done == 0
    with bank.pool.connection() as connection:
        found = connection.execute("SELECT schema FROM read_model ORDER BY made_at").fetchall()
        assert found == [("iop_balances_1",), (again,)]
        with pytest.raises(Exception, match="in use"):
            connection.execute("SELECT drop_read_model('iop_balances_1')")


def test_a_build_that_other_code_began_is_not_gone_on_with(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens is told what was begun, how far it is, and whether it is gone on with."""
    a_story(bank, 1)
    found: list[tuple[str, str, bool]] = []

    def hear(one: Unfinished, goes_on: bool) -> None:
        found.append((one.schema, one.told, goes_on))

    first = bank.build().open(3, found=hear)
    with pytest.raises(Stop):
        bank.build().work(first, stop)
    assert bank.build().open(3, found=hear) == first
    bank.build().work(first)
    bank.build().complete(first)
    assert bank.build().open(3, found=hear) == first
    monkeypatch.setattr(rebuild, "code_of", lambda _model, _decode: "other")
    again = bank.build().open(3, found=hear)
    assert found == [
        (first, "1 of 3 shares are there", True), (first, "every share is there", True),
        (first, "every share is there", False),
    ]  # fmt: skip
    assert bank.build().open(3) == again != first
    assert bank.build().progress(again).done == 0


def test_code_is_known_by_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source of the package counts, SQL too, with its name; nothing else does."""
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "some_model" / "rules"
    package.mkdir(parents=True)
    (tmp_path / "some_model" / "__init__.py").touch()
    seen = []
    for name, text in (
        ("fold.py", "a = 1"), ("fold.py", "a = 2"), ("rows.sql", "SELECT"), ("rows.txt", "none"), ("also.py", "")
    ):  # fmt: skip
        (package / name).write_text(text)
        seen.append(code._digest.__wrapped__(("some_model",)))
    assert len(set(seen)) == 4 and seen[2] == seen[3]
    models = (*MODELS.values(), Balances())
    assert len({code.code_of(model, decode) for model in models}) == len(models)
    assert code.code_of(Balances(), decode) == code.code_of(Odd(), decode)


class Stop(Exception):
    """Enough was built."""


def stop(_progress: object) -> None:
    """Ends a build after a share."""
    raise Stop


def test_a_newer_version_is_built_beside_and_the_older_is_still_fed(bank: Bank) -> None:
    """Version 2 is not prepared but built; version 1 stays readable and its driver goes on while 2 is in use."""
    a_story(bank, 1)
    bank.driver.catch_up()
    newer = Balances(version=2)
    late = bank.another_driver(newer)
    late.prepare()
    with pytest.raises(NotBuilt, match="version 2 is not built: run `iop-es rebuild`"):
        late.step(5)
    with bank.pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM read_model").fetchall() == [(1,)]
    assert bank.rebuild(4, newer) == "iop_balances_2"
    a_story(bank, 1)
    bank.driver.catch_up()
    assert late.step(3).taken == 3
    assert bank.standing("iop_balances_1")[0] == bank.log.head().position > bank.standing("iop_balances_2")[0]
    late.catch_up()
    assert bank.rows(model=newer) == bank.rows()
    assert bank.driver.place.schema == "iop_balances_1"


def test_a_driver_follows_a_switch_to_the_schema_in_use(bank: Bank) -> None:
    """A live driver that knew the old schema writes into the new one from its next batch on."""
    a_story(bank, 1)
    bank.driver.step(4)
    old = bank.rows()
    bank.rebuild()
    a_story(bank, 1)
    bank.driver.catch_up(3)
    assert bank.rows(schema="iop_balances_1") == old
    live = bank.rows()
    bank.rebuild()
    assert bank.rows() == live


class Odd(Balances):
    """Tables with what DDL can say."""

    name = "odd"
    ddl = Balances.ddl + (
        'CREATE TABLE "Odd one" (account uuid, "from" int NOT NULL DEFAULT 3, note text COLLATE "C",'
        ' PRIMARY KEY (account, "from") INCLUDE (note),'
        " UNIQUE NULLS NOT DISTINCT (note) WITH (fillfactor = 50) DEFERRABLE INITIALLY DEFERRED,"
        " CHECK (note <> ''));"
        'CREATE UNIQUE INDEX "Odd index" ON "Odd one" (lower(note) text_pattern_ops) WHERE "from" > 0;'
        'CREATE INDEX ON "Odd one" USING hash (note);'
        'CREATE INDEX ON "Odd one" USING gin (string_to_array(note, \' \')) WITH (fastupdate = off);'
    )
    tables = Balances.tables


def test_a_completed_build_has_every_index_and_constraint(bank: Bank) -> None:
    """What `complete` makes is what `create` makes: columns, indexes and constraints, by table and definition."""
    models: list[Any] = [*MODELS.values(), Odd(), Ledger(), Trail()]
    for model in models:
        found = []
        for deferred in (False, True):
            with transaction(bank.pool) as cursor:
                (schema,) = Catalog("iop").ask(cursor, "open", name=model.name, version=1)[0]
                place = Place(model, schema)
                place.create(cursor, deferred=deferred)
                if deferred:
                    assert not _shape(cursor, schema)["indexes"]
                    place.complete(cursor)
                found.append(_shape(cursor, schema))
        plain, completed = found
        assert completed == plain, model.name
        assert len(plain["indexes"]) >= 3


def _shape(cursor: Cursor[Any], schema: str) -> dict[str, list[Any]]:
    """Definitions without the schema's name."""
    queries = {
        "columns": "SELECT table_name, column_name, ordinal_position, column_default, is_nullable, data_type,"
        " collation_name FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 3",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2",
        "constraints": "SELECT r.relname, c.conname, c.contype, c.condeferrable, c.condeferred, c.convalidated,"
        " pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " WHERE c.connamespace = %s::text::regnamespace ORDER BY 1, 2",
        "storage": "SELECT r.relname, a.attname, a.attstorage, r.reloptions FROM pg_attribute a"
        " JOIN pg_class r ON r.oid = a.attrelid WHERE r.relnamespace = %s::text::regnamespace AND a.attnum > 0"
        " AND r.relkind = 'r' ORDER BY 1, 2",
    }
    rows = {name: cursor.execute(query, (schema,)).fetchall() for name, query in queries.items()}
    return {
        name: [tuple(str(one).replace(schema, "here") for one in row) for row in made] for name, made in rows.items()
    }
