"""Whichever call of the database fails, and however: what is stored in the end is as if none had."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine import connections
from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.log import Append, Keyed, Log, NewFact
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.failure import FactsFailed
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.origin import verifier_of
from iop_es.engine.transparency.verifying import Verification
from iop_es.engine.transparency.witness import Witness
from tests.chaos.failing import KINDS, each
from tests.engine.bank import ACCOUNTS, Bank, bank_at, of_delta, without

GIVES_UP = (StoreUnavailable, psycopg.Error, FactsFailed)
EVERY = 1 if os.environ.get("IOP_ES_CHAOS") else 8
"""A build asks some hundred times: in the tests only every eighth of them fails."""

WAYS = [(kind, after) for kind in KINDS for after in (False, True) if EVERY == 1 or not after or kind.startswith("c")]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lost its connection tries again at once, and a lease that could not be given back ends at once."""
    monkeypatch.setattr(connections, "WAITS", (0.0,) * 5)
    monkeypatch.setitem(Driver.__init__.__kwdefaults__, "lease_seconds", 0.0)  # type: ignore[arg-type]


@pytest.fixture
def bank(store_url: str) -> Iterator[Bank]:
    """A bank with some money in it."""
    with bank_at(store_url) as made:
        made.says([(account, 5, "EUR") for account in ACCOUNTS] + [("", 3, "EUR")])
        yield made


def persistently(work: Callable[[], Any]) -> Any:
    """What the product's loops do: begin again, until it is done."""
    for _ in range(5):
        with suppress(*GIVES_UP):
            return work()
    return work()


@pytest.mark.parametrize(("kind", "after"), WAYS)
def test_an_append_has_one_effect(log: Log, new_fact: Callable[..., NewFact], kind: str, after: bool) -> None:
    """Asked again with its key, whatever failed: one fact, one reply, dense positions."""
    begun, done = log.head().position, []

    def work(_made: Any) -> None:
        fact, key = new_fact(), f"key {uuid4()}"
        append = Append((fact,), (Keyed(key, b"x" * 32, 1, fact.stream),))
        replies = [persistently(lambda: log.append(append))[0] for _ in range(2)]
        assert {(one.first, one.last, one.version) for one in replies} == {(replies[0].first, replies[0].last, 1)}
        assert replies[1].replayed
        done.append(fact.stream)

    failed = each(work, kind, after)
    assert failed >= 1
    facts = log.after(begun, 1_000)
    assert [one.position for one in facts] == list(range(begun + 1, begun + len(done) + 1))
    assert [UUID(one.stream) for one in facts] == done


@pytest.mark.parametrize(("kind", "after"), WAYS)
def test_a_batch_is_there_whole_or_not_at_all(bank: Bank, kind: str, after: bool) -> None:
    """Rows, documents and position after each failure and its repetition are those of a fold in memory."""
    number = 0

    def work(_made: Any) -> None:
        nonlocal number
        number += 1
        persistently(lambda: bank.driver.catch_up(3))

    def again(made: Any) -> None:
        made.pass_by()
        bank.says([(ACCOUNTS[number % 5], number, "EUR"), (ACCOUNTS[(number + 1) % 5], 1, "USD"), ("", number, "USD")])
        made.calls = 0
        work(made)

    assert each(again, kind, after) >= 5
    assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))
    assert bank.parked() == {}
    assert bank.standing()[0] == bank.log.head().position


@pytest.mark.parametrize(("kind", "after"), [("connection lost", False), ("connection lost", True)])
def test_a_build_that_fails_anywhere_is_finished(bank: Bank, kind: str, after: bool) -> None:
    """Opened again where it was, whatever failed, a build ends with the rows that are live."""
    bank.driver.catch_up()
    bank.driver.release()
    live = bank.rows()

    def work(made: Any) -> None:
        def build() -> None:
            one = bank.build()
            schema = one.open(20)
            one.work(schema)
            one.complete(schema)
            one.switch(schema)

        persistently(build)
        made.pass_by()
        assert bank.rows() == live

    assert each(work, kind, after, step=EVERY) >= 10


@pytest.mark.parametrize(("kind", "after"), WAYS)
def test_a_seal_is_whole(store_url: str, pool: Pool, log: Log, new_fact: Callable[..., NewFact], tmp_path: Path,
                         kind: str, after: bool) -> None:  # fmt: skip
    """Whatever fails between the facts and the checkpoint, the next step seals, and the log verifies."""
    key, witness = Ed25519PrivateKey.generate(), Witness(tmp_path)
    verifier = verifier_of(pool, "iop", key.public_key().public_bytes_raw())
    witness.trust(verifier)
    with open_pool(store_url, "iop", "iop_sealer", 2) as own:
        sealer = LogSealer("iop", own, key, witness)

        def work(made: Any) -> None:
            made.pass_by()
            for _ in range(40):
                log.append(Append((new_fact(),)))
            made.calls = 0
            persistently(sealer.catch_up)

        assert each(work, kind, after) >= 5
        report = Verification(pool, "iop", verifier, witness).run()
    assert report.sound, report.findings
    assert report.sealed == report.cosigned == report.facts == log.head().position
