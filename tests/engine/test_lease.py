"""Of several drivers one writes: the lease, its end, and a holder that dies or comes back from the dead."""

from __future__ import annotations

import signal
import time
from threading import Event, Thread

import pytest
from structlog.testing import capture_logs

from tests.engine.bank import ACCOUNTS, Bank, of_delta, without
from tests.engine.dying import BATCH, LEASE_SECONDS, dies

SHORT = 0.5


def a_story(bank: Bank, rounds: int = 4) -> None:
    """Rates, moves and shared payments."""
    for number in range(rounds):
        bank.sets("EUR", 2 + number)
        for place, account in enumerate(ACCOUNTS):
            bank.moves(account, 1 + number * place, "USD" if place == 3 else "EUR")
        bank.shares(f"payment {number}", ACCOUNTS[number % 3 :], 3)
        bank.sets("USD", 7 - number)


def is_whole(bank: Bank) -> None:
    """Live rows and documents are what the log comes to in memory, and what a rebuild makes."""
    live = bank.rows()
    assert live == of_delta(bank.model, without(bank.model, bank.facts(), ()))
    bank.rebuild()
    assert bank.rows() == live
    assert live["balance"]


def test_a_second_driver_waits_and_gets_its_turn_at_once_after_a_release(bank: Bank) -> None:
    """While one holds the lease the other writes nothing; given back, it is the other's without a wait."""
    other = bank.another_driver()
    a_story(bank)
    assert bank.driver.step(3).taken == 3
    before = (bank.rows(), bank.standing())
    assert other.step(3)[:3] == (3, 0, False)
    assert (bank.rows(), bank.standing()) == before
    bank.driver.release()
    assert other.step(3)[:3] == (6, 3, True)
    assert bank.standing()[2] == other.holder
    assert bank.driver.step(3)[:3] == (6, 0, False)
    other.catch_up()
    is_whole(bank)


def test_a_lease_is_renewed_by_looking(bank: Bank) -> None:
    """A holder that has nothing to do keeps its lease as long as it looks in time."""
    holder, other = bank.another_driver(lease_seconds=SHORT), bank.another_driver()
    for _ in range(4):
        assert holder.step(10).holding
        time.sleep(SHORT / 2)
        assert not other.step(10).holding


def test_a_lease_ends_and_the_first_comes_back_without_harm(bank: Bank) -> None:
    """After the lease time another driver takes over; the first finds its epoch gone, forgets, and waits."""
    a_story(bank, 1)
    first = bank.another_driver(lease_seconds=SHORT)
    first.catch_up(3)
    epoch = bank.standing()[1]
    other = bank.another_driver(lease_seconds=SHORT)
    a_story(bank, 2)
    assert not other.step(3).holding
    time.sleep(SHORT * 1.2)
    assert other.step(3).taken == 3
    assert bank.standing()[1] == epoch + 1
    before = bank.rows()
    assert first.step(100).holding is False
    assert bank.rows() == before
    time.sleep(SHORT * 1.2)
    assert first.step(3).taken == 3  # the second expired in its turn; what the first remembers is two steps old
    assert bank.standing()[1] == epoch + 2
    first.catch_up(3)
    is_whole(bank)


def test_who_takes_a_lease_says_so_once(bank: Bank) -> None:
    """With whom it had it before: nobody after a release, else the one whose lease ended; a taking undone is no
    taking, and keeping it says nothing."""
    a_story(bank, 1)
    failing = iter((True, False))

    def fail(name: str) -> None:
        if name == "merged" and next(failing):
            raise RuntimeError(name)

    first = bank.another_driver(lease_seconds=SHORT)
    other = bank.another_driver(pause=fail)
    with capture_logs() as logs:
        first.step(2)
        first.step(2)
        assert not other.step(2).holding
        time.sleep(SHORT * 1.2)
        with pytest.raises(RuntimeError):
            other.step(2)
        first.step(2)
        assert not other.step(2).holding
        time.sleep(SHORT * 1.2)
        other.step(2)
        assert not first.step(2).holding
        other.release()
        first.step(2)
    taken = [entry for entry in logs if entry["event"] == "lease_taken"]
    assert [(entry["holder"], entry["former"]) for entry in taken] == [
        (first.holder, None), (other.holder, first.holder), (first.holder, None),
    ]  # fmt: skip
    assert {(entry["model"], entry["log_level"]) for entry in taken} == {("balances", "info")}


def test_nobody_else_writes_inside_a_slow_batch(bank: Bank) -> None:
    """A batch that outlasts its lease keeps the row: another driver waits for its end and goes on after it."""
    a_story(bank)
    inside, leave = Event(), Event()

    def slow(name: str) -> None:
        if name == "merged":
            inside.set()
            leave.wait(10)

    slept = bank.another_driver(lease_seconds=0.1, pause=slow)
    thread = Thread(target=slept.step, args=(5,))
    thread.start()
    assert inside.wait(10)
    steps = []
    other = Thread(target=lambda: steps.append(bank.driver.step(5)))
    other.start()
    time.sleep(0.3)
    assert not steps
    leave.set()
    thread.join(10)
    other.join(10)
    assert [step[:3] for step in steps] == [(10, 5, True)]
    bank.driver.catch_up()
    is_whole(bank)


@pytest.mark.slow
def test_a_driver_killed_anywhere_in_a_batch_is_followed_within_the_lease(bank: Bank, store_url: str) -> None:
    """Killed when folded, merged or advanced: another takes over in the lease's time, no row twice, none missing."""
    other = bank.another_driver(lease_seconds=LEASE_SECONDS)
    for failpoint, call in (("folded", 2), ("merged", 1), ("advanced", 3)):
        a_story(bank, 2)
        position = bank.standing()[0]
        assert dies(store_url, "drive", failpoint, call) == -signal.SIGKILL
        killed = time.monotonic()
        assert bank.standing()[0] == position + BATCH * (call - 1)
        while not (step := other.step(BATCH)).holding:
            assert time.monotonic() < killed + LEASE_SECONDS + 0.5
            time.sleep(0.02)
        assert step.position == position + BATCH * call
        assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(step.position), ()))
        other.catch_up(BATCH)
        other.release()
    is_whole(bank)
