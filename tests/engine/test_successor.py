"""A read model's next version beside the one in use: how they differ at one position, and the end of the old one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from psycopg.errors import LockNotAvailable

from iop_es.engine.connections import transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel import successor
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import Rows
from iop_es.engine.readmodel.rebuild import Build
from iop_es.engine.readmodel.successor import NoCommonPosition, Other, at_one_position, differences, drop, predecessor
from tests.engine.bank import Account, Balances, Bank, Rates, decode
from tests.engine.test_readmodel import STORY


class Doubled(Balances):
    """The next version: everything is worth twice as much."""

    def __init__(self) -> None:
        super().__init__(version=2)

    def settle(self, key: str, document: Account, reference: Rates) -> Rows:
        ((_, worth, _),) = Balances.settle(self, key, document, reference)["balance"][(key,)]
        return {"balance": {(key,): [(key, 2 * worth, None)]}}


def build_of(bank: Bank, model: Balances) -> tuple[Build, str]:
    """A build of this model, complete."""
    build = Build(model, Log(bank.pool, bank.log.schema), bank.pool, decode)
    schema = build.open()
    build.work(schema)
    build.complete(schema)
    return build, schema


def test_versions_are_compared_row_for_row_at_one_position(bank: Bank) -> None:
    """The new version is brought to where the old one is, and each table says how many rows only one of them has."""
    bank.says(STORY[:5])
    bank.driver.catch_up()
    build, schema = build_of(bank, Doubled())
    bank.says(STORY[5:])
    bank.driver.catch_up()
    with transaction(bank.pool) as cursor:
        old = predecessor(cursor, build.catalog, Doubled(), schema)
    assert old == Other("iop_balances_1", 1, True)
    with at_one_position(build, bank.pool, old, schema) as (cursor, both):
        assert both.position == len(STORY)
        assert [(one.table, one.only_old, one.only_new) for one in differences(cursor, Doubled(), both)] == [
            ("balance", 3, 3)
        ]


def test_the_same_version_again_has_no_difference(bank: Bank) -> None:
    """A build of the version in use is equal to it in every table, wherever either was when the comparison began."""
    bank.says(STORY)
    bank.driver.step(3)
    bank.driver.release()
    build, schema = build_of(bank, Balances())
    with at_one_position(build, bank.pool, Other("iop_balances_1", 1, True), schema) as (cursor, both):
        assert (both.position, differences(cursor, Balances(), both)) == (len(STORY), [])


def test_a_comparison_keeps_nobody_from_writing(bank: Bank) -> None:
    """While it lasts the live driver goes on and the new version may be followed up, or dropped only afterwards; what
    it sees stays."""
    bank.says(STORY)
    bank.driver.catch_up()
    build, schema = build_of(bank, Doubled())
    old = Other("iop_balances_1", 1, True)
    with ThreadPoolExecutor(2) as threads, at_one_position(build, bank.pool, old, schema) as (cursor, both):
        before = differences(cursor, Doubled(), both)
        bank.says(STORY)
        going_on = [
            threads.submit(bank.driver.catch_up), threads.submit(build.catch_up, schema, upto=2 * len(STORY)),
        ]  # fmt: skip
        assert [one.result(5) for one in going_on] == [2 * len(STORY)] * 2
        with pytest.raises(LockNotAvailable), transaction(bank.pool) as dropping:
            dropping.execute("SET LOCAL lock_timeout = '100ms'")
            build.catalog.ask(dropping, "drop", schema=schema)
        assert (both.position, differences(cursor, Doubled(), both)) == (len(STORY), before)
    assert [(one.table, one.only_old, one.only_new) for one in before] == [("balance", 3, 3)]


def test_a_comparison_and_a_switch_at_once_do_not_lock_each_other_out(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A switch that comes while the comparison brings both to one position waits, and then is made."""
    bank.says(STORY[:5])
    build, schema = build_of(bank, Balances())
    bank.says(STORY[5:])
    bank.driver.catch_up()
    switching = Thread(target=bank.build().switch, args=(schema,), daemon=True)
    catch_up = build.catch_up

    def while_switching(schema: str, *, upto: int) -> int:
        switching.start()
        switching.join(0.3)
        return catch_up(schema, upto=upto)

    monkeypatch.setattr(build, "catch_up", while_switching)
    found: list[int] = []

    def compare() -> None:
        with at_one_position(build, bank.pool, Other("iop_balances_1", 1, True), schema) as (cursor, both):
            found.append(len(differences(cursor, Balances(), both)))

    comparing = Thread(target=compare, daemon=True)
    comparing.start()
    comparing.join(5)
    switching.join(5)
    assert (found, switching.is_alive(), bank.driver.place.schema) == ([0], False, schema)


def test_a_version_that_nobody_moves_on_is_not_compared(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old version's own release must move it; without one the comparison gives up and says what to do."""
    monkeypatch.setattr(successor, "PATIENCE_SECONDS", 0.3)
    bank.says(STORY)
    build, schema = build_of(bank, Doubled())
    with pytest.raises(NoCommonPosition), at_one_position(build, bank.pool, Other("iop_balances_1", 1, True), schema):
        pass


def test_an_old_version_is_dropped_when_its_readers_have_left(bank: Bank) -> None:
    """A reader in the middle of a transaction goes on reading; then the schema and everything about it are gone."""
    bank.says(STORY)
    bank.driver.catch_up()
    build, schema = build_of(bank, Doubled())
    build.switch(schema)
    waited = Event()
    with transaction(bank.pool) as cursor:
        cursor.execute("SELECT count(*) FROM iop_balances_1.balance")
        dropping = Thread(
            target=drop, args=(bank.pool, build.catalog, "iop_balances_1", lambda _schema: waited.set())
        )
        dropping.start()
        assert waited.wait(10)
        assert cursor.execute("SELECT count(*) FROM iop_balances_1.balance").fetchone() == (3,)
    dropping.join(10)
    with transaction(bank.pool) as cursor:
        assert cursor.execute("SELECT to_regnamespace('iop_balances_1')").fetchone() == (None,)
        assert cursor.execute("SELECT schema FROM iop.read_model").fetchall() == [("iop_balances_2",)]
    successor_driver = Driver(Doubled(), Log(bank.pool, "iop"), bank.pool, decode)
    assert successor_driver.catch_up() == len(STORY)
