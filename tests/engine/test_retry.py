"""After the cause is mended, the parked are folded from zero, in order, and are right byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from iop_es.engine.connections import transaction
from iop_es.engine.readmodel import parking
from iop_es.engine.readmodel.parking import Retried, retry
from tests.engine.bank import (
    ACCOUNTS,
    A,
    B,
    Balances,
    Bank,
    C,
    D,
    E,
    Ledger,
    Trail,
    decode,
    decode_mended,
    of_delta,
    without,
)
from tests.engine.test_parking import OWN, a_past, everyone_else_is_right, table
from tests.engine.test_switch import running


def mended(bank: Bank) -> Retried:
    """A retry by a release in which the cause is mended."""
    return retry(type(bank.model)(mended=True), bank.log, bank.pool, decode_mended)


def is_whole(bank: Bank) -> None:
    """Nobody is parked; rows and documents are those of a rebuild and of the log in memory."""
    assert not table(bank)
    live = bank.rows()
    assert live == of_delta(bank.model, without(bank.model, bank.facts(), ()))
    better = type(bank.model)(mended=True)
    bank.rebuild(model=better, decode=decode_mended)
    assert bank.rows() == live


def everything_bad(bank: Bank) -> None:
    """Each kind of bad fact for somebody; one account is untouched."""
    a_past(bank)
    for number, bad in enumerate(OWN):
        bank.moves(A if number % 2 else C, number, bad=bad)
        bank.shares(f"payment {bad}", (A, C), bad=bad)
    bank.sets("USD", 5, bad="refer")
    bank.sets("USD", 6, bad="decode")
    for account in ACCOUNTS:
        bank.moves(account, 9, "USD" if account in {D, E} else "EUR")


def test_a_retry_after_the_mend_is_a_rebuild_byte_for_byte(bank: Bank) -> None:
    """Whatever was bad, rows, documents and references are then what the whole log makes, and stay so live."""
    everything_bad(bank)
    bank.driver.catch_up(4)
    assert everyone_else_is_right(bank).keys() == {A, B, C, D, E} - {B} | ({B} & bank.parked().keys())
    parked = len(bank.parked())
    assert mended(bank) == (parked, ())
    assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))
    bank.moves(A, 3)
    bank.sets("USD", 2)
    driver = bank.another_driver(Balances(mended=True), decode=decode_mended)
    bank.driver.release()
    driver.catch_up(1)
    is_whole(bank)
    assert retry(bank.model, bank.log, bank.pool, decode) == (0, ())


def test_a_retry_that_still_fails_harms_nobody(bank: Bank) -> None:
    """Who fails again is parked as before; everyone else keeps every row and document."""
    everything_bad(bank)
    bank.driver.catch_up(4)
    before, parked, streams = bank.rows(), bank.parked(), bank.parked("stream")
    flowing, failures = retry(bank.model, bank.log, bank.pool, decode)
    assert flowing == 0
    assert failures
    assert bank.parked() == parked
    assert streams.items() <= bank.parked("stream").items()  # with those whose bad facts nobody had come to yet
    assert bank.parked("reference")
    after = bank.rows()
    for rows in (before, after):
        rows["document"] = [row for row in rows["document"] if row[0] != "reference"]
    assert after == before
    everyone_else_is_right(bank)
    mended(bank)
    is_whole(bank)


def test_a_retry_frees_those_whose_cause_is_mended(bank: Bank) -> None:
    """Of two causes one is mended: those of the other stay parked, since their own fact."""
    a_past(bank)
    first, second = bank.moves(C, 10, bad="apply"), bank.moves(D, 10, "USD", bad="decode")
    bank.driver.catch_up()
    assert bank.parked() == {C: first, D: second}
    flowing, failures = retry(Balances(mended=True), bank.log, bank.pool, decode)
    assert flowing == 1
    assert [failure.position for failure in failures] == [second]
    assert everyone_else_is_right(bank) == {D: second}
    mended(bank)
    is_whole(bank)


@pytest.mark.parametrize(("model", "bad"), [(Ledger, "decode"), (Ledger, "apply"), (Trail, "decode"),
                                            (Trail, "entries")])  # fmt: skip
def test_other_grains_are_retried_too(bank: Bank, model: Any, bad: str) -> None:
    """Documents of streams and rows of facts are whole again, whoever else is in them."""
    one = Bank(bank.log, bank.pool, model(), bank.versions)
    a_past(bank)
    bank.shares("payment", (B, C), bad=bad)
    bank.moves(C, 5)
    bank.sets("USD", 5, bad=bad)
    bank.moves(A, 5)
    one.driver.catch_up(3)
    assert one.parked()
    retry(model(), one.log, one.pool, decode)
    assert one.parked()
    mended(one)
    is_whole(one)
    one.driver.release()
    bank.moves(B, 2)
    one.another_driver(model(mended=True), decode=decode_mended).catch_up()
    is_whole(one)


@pytest.mark.parametrize("model", [Ledger, Trail])
def test_other_grains_are_rebuilt_with_parking_and_retried(bank: Bank, model: Any) -> None:
    """A build that parks keeps what came before the bad fact, and a retry makes the rest."""
    one = Bank(bank.log, bank.pool, model(), bank.versions)
    a_past(bank)
    bank.shares("payment", (B, C), bad="decode")
    bank.moves(C, 5)
    one.rebuild(2, parking=True)
    assert one.parked().keys() == {A, B, C}
    if model is Ledger:
        assert len(one.rows()["flow"]) == 8  # two currencies, five accounts, the payment before its second fact
    mended(one)
    is_whole(one)


def test_the_driver_forgets_what_it_remembered_before_a_retry(bank: Bank) -> None:
    """A live driver with everything in memory goes on from the documents that the retry made."""
    a_past(bank)
    bank.moves(C, 10, bad="apply")
    driver = bank.another_driver(Balances(mended=False))
    driver.catch_up()
    bank.moves(A, 1)
    driver.catch_up()
    epoch = bank.standing()[1]
    mended(bank)
    assert bank.standing()[1] > epoch
    bank.moves(C, 2)
    bank.moves(A, 2)
    driver.catch_up(1)
    is_whole(bank)


@pytest.mark.slow
def test_retries_beside_a_live_driver_lose_nothing(bank: Bank) -> None:
    """Bad facts come in while one thread projects and another tries the parked again: in the end all is right."""
    a_past(bank)
    bank.driver.catch_up()
    bank.driver.release()
    live = bank.another_driver()
    with running(lambda: live.step(3)):
        for number in range(8):
            for account in ACCOUNTS:
                bank.moves(account, number, **({"bad": "apply"} if number % 3 == 0 and account == C else {}))
            bank.shares("payment", (A, D), number, **({"bad": "decode"} if number == 4 else {}))
            mended(bank)
            bank.sets("EUR", number)
            mended(bank)
    live.catch_up()
    mended(bank)
    is_whole(bank)


def test_who_is_parked_while_a_retry_waits_stays_parked(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that holds the row parks somebody just before the retry gets it: nobody is freed unfolded."""
    a_past(bank)
    bank.moves(C, 10, bad="apply")
    bank.driver.catch_up()
    failing = bank.moves(D, 5, "USD", bad="settle")
    ask = parking.Catalog.ask

    def parks_first(self: Any, cursor: Any, name: str, /, **parameters: Any) -> Any:
        if name == "fence":
            monkeypatch.setattr(parking.Catalog, "ask", ask)
            bank.driver.catch_up()
            assert failing in bank.parked().values()
        return ask(self, cursor, name, **parameters)

    monkeypatch.setattr(parking.Catalog, "ask", parks_first)
    mended(bank)
    is_whole(bank)


def test_a_retry_waits_for_the_batch_of_a_driver(bank: Bank) -> None:
    """While a batch has the row a retry waits; afterwards it folds up to the position that the batch reached."""
    a_past(bank)
    bank.moves(C, 10, bad="apply")
    bank.driver.catch_up()
    bank.moves(C, 3)
    bank.moves(A, 3)
    retrying: list[Thread] = []

    def start(name: str) -> None:
        if name == "merged" and not retrying:
            retrying.append(Thread(target=mended, args=(bank,)))
            retrying[0].start()
            retrying[0].join(0.2)
            assert retrying[0].is_alive()

    bank.driver.release()
    bank.another_driver(pause=start).catch_up()
    retrying[0].join(10)
    is_whole(bank)


def test_a_retry_is_one_transaction(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it dies on its way the parked are as they were."""
    a_past(bank)
    bank.moves(C, 10, bad="apply")
    bank.driver.catch_up()
    before = (bank.rows(), table(bank))
    remember: Callable[..., None] = parking.Lot.remember

    def dies(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(parking.Lot, "remember", dies)
    with pytest.raises(KeyboardInterrupt):
        mended(bank)
    assert (bank.rows(), table(bank)) == before
    monkeypatch.setattr(parking.Lot, "remember", remember)
    with transaction(bank.pool) as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)
    mended(bank)
    is_whole(bank)
