"""While a read model is built and switched to, readers read on, writers write on, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread, Timer
from typing import Any

import pytest
from psycopg import sql

from iop_es.engine.connections import transaction
from iop_es.engine.log import Log
from iop_es.engine.readmodel import rebuild
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.reading import enter, set_scope
from iop_es.engine.readmodel.rebuild import Build, SharesLeft
from tests.engine.bank import ACCOUNTS, ACTOR, Bank, Trail, decode, of_delta, open_bank, without
from tests.engine.test_lease import a_story


@pytest.fixture
def trail(log: Log, store_url: str) -> Iterator[Bank]:
    """A bank whose read model has one row a fact, so that a count is a position."""
    with open_bank(log, store_url, 12, Trail()) as opened:
        yield opened


@contextmanager
def running(*works: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Threads that do their work again and again beside the test; what failed in them fails the test."""
    stopping, failures = Event(), list[BaseException]()

    def again(work: Callable[[], object]) -> None:
        try:
            while not stopping.is_set():
                work()
        except BaseException as failure:  # noqa: BLE001 - told below
            failures.append(failure)

    threads = [Thread(target=again, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stopping.set()
        for thread in threads:
            thread.join(20)
    assert not failures


class Readers:
    """Reads the number of rows beside the position that is said to be reached."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.seen: list[int] = []

    def read(self) -> None:
        """One read as a query makes it, in one snapshot."""
        assert self.bank.asking is not None
        with transaction(self.bank.asking) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            set_scope(cursor, person=ACTOR)
            entered = enter(cursor, "iop", self.bank.model)
            assert entered is not None
            counted = cursor.execute("SELECT count(*), coalesce(max(position), 0) FROM line").fetchone()
            assert counted == (entered[0], entered[0])
            self.seen.append(entered[0])


@pytest.mark.slow
def test_readers_and_writers_notice_nothing_of_a_rebuild(trail: Bank) -> None:
    """Under full load of appends, reads and live batches, three rebuilds lose no fact, show no half table, and no
    reader goes back in time."""
    a_story(trail, 5)
    trail.driver.catch_up()
    trail.driver.release()
    readers, written = Readers(trail), []
    driver = trail.another_driver()
    numbers = iter(range(1_000_000))
    with running(
        readers.read, lambda: written.append(trail.moves(ACCOUNTS[0], 1)),
        lambda: written.append(trail.shares("payment", ACCOUNTS[1:3], next(numbers))), lambda: driver.step(7),
    ) as failures:  # fmt: skip
        for share in (10, 50, 1_000):
            before = len(readers.seen)
            schema = trail.rebuild(share)
            assert trail.driver.place.schema == schema
            while len(readers.seen) < before + 60 and not failures:
                time.sleep(0.01)
    driver.release()
    trail.driver.catch_up()
    assert readers.seen == sorted(readers.seen)
    assert len(set(readers.seen)) > 5
    assert len(written) > 50
    head = trail.log.head().position
    assert [row[0] for row in trail.rows()["line"]] == sorted(range(1, head + 1), key=repr)


@pytest.mark.slow
def test_documents_are_whole_after_a_rebuild_under_load(bank: Bank) -> None:
    """What was appended from the build's first moment to the switch is in its rows and documents, once."""
    a_story(bank, 4)
    bank.driver.catch_up()
    numbers = iter(range(1_000_000))
    with running(
        lambda: bank.moves(ACCOUNTS[next(numbers) % 5], 1), lambda: bank.shares("payment", ACCOUNTS[:3], 2),
        lambda: bank.sets("EUR", 1 + next(numbers) % 9),
    ):  # fmt: skip
        time.sleep(0.2)
        reached = bank.rebuild(20)
        assert bank.standing(reached)[0] > 32
    bank.driver.catch_up(11)
    assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))


def test_nothing_is_appended_between_the_last_fact_and_the_switch(bank: Bank) -> None:
    """At its head a switch holds the log: an append waits, and is the first fact after the switch."""
    a_story(bank, 1)
    appended: list[int] = []
    waiting = Thread(target=lambda: appended.append(bank.moves(ACCOUNTS[0], 5)))

    def append(name: str) -> None:
        if name == "at_head":
            waiting.start()
            time.sleep(0.3)
            assert not appended

    head = bank.log.head().position
    build = bank.build(pause=append)
    schema = build.open()
    build.work(schema)
    build.complete(schema)
    assert build.switch(schema) == head
    waiting.join(10)
    assert appended == [head + 1]
    assert bank.driver.step(10).position == head + 1


def complete(bank: Bank) -> tuple[Build, str]:
    """A build whose shares are all there, of a story that goes on by a fact."""
    a_story(bank, 1)
    build = bank.build()
    schema = build.open()
    build.work(schema)
    build.complete(schema)
    bank.moves(ACCOUNTS[0], 1)
    return build, schema


def test_a_switch_waits_for_whoever_follows_into_the_build(bank: Bank) -> None:
    """One who gives the build back is waited for, and so is the end of the lease of one who died."""
    for gives_back in (True, False):
        build, schema = complete(bank)
        other = Driver(bank.model, build.log, bank.pool, decode, schema=schema, lease_seconds=9 if gives_back else 0.5)
        other.step(1)
        leaving = Timer(0.3, other.release if gives_back else int)
        leaving.start()
        assert build.switch(schema) == bank.log.head().position
        assert bank.driver.place.schema == schema
        leaving.join()


def test_a_switch_does_not_wait_for_ever(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind one who keeps the build and does not get on it says so and changes nothing."""
    monkeypatch.setattr(rebuild, "PATIENCE_SECONDS", 0.3)
    build, schema = complete(bank)
    other = build.driver(schema)
    other.step(1)
    with pytest.raises(SharesLeft, match="does not get on"):
        build.switch(schema)
    assert bank.driver.place.schema != schema
    other.release()
    build.switch(schema)
    assert bank.driver.place.schema == schema


def test_a_switch_that_somebody_else_made_is_answered(bank: Bank) -> None:
    """Of two who switch at once both are told the position; so is one who comes when the projector has gone on."""
    one, schema = complete(bank)
    other = bank.build()
    with ThreadPoolExecutor(2) as threads:
        found = [each.result() for each in [threads.submit(build.switch, schema) for build in (one, other)]]
    assert found == [bank.log.head().position] * 2
    assert bank.driver.place.schema == schema
    bank.moves(ACCOUNTS[0], 1)
    bank.driver.catch_up()
    before = bank.standing()
    assert other.switch(schema) == bank.log.head().position
    assert bank.standing() == before


def test_the_readers_of_each_version_have_their_own_place(trail: Bank) -> None:
    """A switch of version 2 changes nothing for the readers of version 1."""
    a_story(trail, 1)
    trail.driver.catch_up()
    trail.rebuild(3, Trail(version=2))
    models: list[tuple[Any, str]] = [(Trail(), "iop_trail_1"), (Trail(version=2), "iop_trail_2")]
    for model, schema in models:
        with transaction(trail.pool) as cursor:
            assert enter(cursor, "iop", model) is not None
            assert cursor.execute(sql.SQL("SELECT current_schema()")).fetchone() == (schema,)
    with transaction(trail.pool) as cursor:
        assert enter(cursor, "iop", Trail(version=3)) is None
