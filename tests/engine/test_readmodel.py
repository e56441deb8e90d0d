"""The mechanism of every read model, shown on a small one: how much each account holds in its shared currency."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iop_es.engine.readmodel.asof import as_of
from tests.engine.bank import ACCOUNTS, Balances, Bank, decode

STORY = [
    (ACCOUNTS[0], 5, "EUR"), ("", 2, "EUR"), (ACCOUNTS[1], 7, "USD"), (ACCOUNTS[0], -1, "EUR"), ("", 3, "EUR"),
    (ACCOUNTS[2], 1, "EUR"), ("", 4, "USD"), (ACCOUNTS[1], 1, "EUR"),
]


def test_a_reference_fact_decides_its_users_anew(bank: Bank) -> None:
    """A rate that is set later changes the rows that rest on it, and only through the fold."""
    bank.says(STORY)
    bank.driver.catch_up()
    worth = {account: amount for account, amount, _ in bank.rows()["balance"]}
    assert worth == {ACCOUNTS[0]: 12, ACCOUNTS[1]: 24, ACCOUNTS[2]: 3}


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_live_in_any_batches_equals_a_rebuild(bank: Bank, batch: int) -> None:
    """Rows and documents are the same however the facts were cut, and the same again from zero."""
    bank.says(STORY)
    bank.driver.catch_up(batch)
    live = bank.rows()
    bank.rebuild(batch)
    assert bank.rows() == live
    assert live["balance"]


def test_two_drivers_take_turns_without_a_row_twice(bank: Bank) -> None:
    """A driver that finds the position moved on by another one forgets what it remembers."""
    other = bank.another_driver()
    for number, one in enumerate(STORY):
        bank.says([one])
        turn = bank.driver if number % 2 else other
        turn.catch_up()
        turn.release()
    live = bank.rows()
    bank.rebuild()
    assert bank.rows() == live
    assert len(live["movement"]) == len([one for one in STORY if one[0]])


def test_a_failing_batch_leaves_rows_and_checkpoint_as_they_were(bank: Bank) -> None:
    """Rows and checkpoint are one transaction: after a failure the same facts are projected once, not twice."""
    bank.says(STORY[:3])
    bank.driver.catch_up()
    before = (bank.rows(), bank.standing()[0])
    bank.says(STORY[3:])
    bank.driver.release()
    with psycopg.connect(bank.log.pool.conninfo, autocommit=True) as owner:
        owner.execute("ALTER TABLE iop_balances_1.movement RENAME COLUMN amount TO sum")
        with pytest.raises(psycopg.errors.UndefinedColumn):  # no fact's failure: nobody is parked for it
            bank.driver.catch_up()
        owner.execute("ALTER TABLE iop_balances_1.movement RENAME COLUMN sum TO amount")
        assert (bank.rows(), bank.standing()[0]) == before
        assert not bank.parked()
    bank.driver.catch_up()
    live = bank.rows()
    bank.rebuild()
    assert bank.rows() == live


stories = st.lists(
    st.tuples(st.sampled_from(["", *ACCOUNTS]), st.integers(-9, 9), st.sampled_from(["EUR", "USD"])), max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
def test_as_of_a_position_is_what_was_live_then(bank: Bank, story: list[tuple[str, int, str]]) -> None:
    """An account's rows as of the head in memory equal its live row, whatever came before."""
    bank.says(story)
    head = bank.driver.catch_up(4)
    worth = {account: amount for account, amount, _ in bank.rows()["balance"]}
    for account, amount in worth.items():
        delta = as_of(Balances(), bank.log, decode, account, head)
        assert delta.rows["balance"] == {(account,): [(account, amount, None)]}
