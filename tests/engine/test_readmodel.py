"""The mechanism of every read model, shown on a small one: how much each account holds in its shared currency."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import EVERYONE, Grain, Recorded, Rows, Table
from iop_es.engine.readmodel.rebuild import Build

AT = "2026-03-02T14:00:00.000000Z"
ACTOR = "00000000-0000-4000-8000-000000000001"
ACCOUNTS = [f"00000000-0000-4000-8000-00000000000{digit}" for digit in "abc"]
RATES = "00000000-0000-4000-8000-00000000000f"


class Account(msgspec.Struct):
    """What is remembered of one account."""

    total: int = 0
    currency: str = ""


class Rates(msgspec.Struct):
    """What all accounts share."""

    rates: dict[str, int] = msgspec.field(default_factory=dict)


class Balances:
    """A read model with documents, a reference and entries."""

    name = "balances"
    version = 1
    ddl = (
        "CREATE TABLE balance (account uuid PRIMARY KEY, worth bigint NOT NULL);"
        "CREATE TABLE movement (position bigint PRIMARY KEY, amount bigint NOT NULL);"
    )
    tables = (Table("balance", ("account", "worth")), Table("movement", ("position", "amount")))
    grain: Grain = "patient"
    handles = frozenset({"account.moved", "rate.set"})
    makes = frozenset({"account.moved"})
    references = frozenset({"rate.set"})
    sealed: frozenset[str] = frozenset()
    document = Account
    reference = Rates

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        return recorded.patients if recorded.name == "account.moved" else ()

    def apply(self, key: str, document: Account, recorded: Recorded) -> None:
        document.total += recorded.fact["amount"]
        document.currency = recorded.fact["currency"]

    def refer(self, reference: Rates, recorded: Recorded) -> tuple[str, ...]:
        reference.rates[recorded.fact["currency"]] = recorded.fact["rate"]
        return (recorded.fact["currency"],)

    def touch(self, document: Account, reference_id: str, recorded: Recorded) -> None:
        """The whole row is decided anew."""

    def uses(self, document: Account) -> tuple[str, ...]:
        return (document.currency,)

    def concerns(self, reference: Rates, name: str, stream: str) -> tuple[str, ...]:
        return (EVERYONE,)

    def parked(self, key: str, document: Account, position: int) -> Rows:
        return {"balance": {(key,): []}}

    def settle(self, key: str, document: Account, reference: Rates) -> Rows:
        return {"balance": {(key,): [(key, document.total * reference.rates.get(document.currency, 0))]}}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        rows.setdefault("movement", {})[recorded.position,] = [(recorded.position, recorded.fact["amount"])]


def decode(topic: str, state: bytes, sealed: bytes | None) -> Any:
    """Facts of this test are plain objects."""
    return json.loads(state)


class Bank:
    """Appends facts and projects them."""

    def __init__(self, log: Log, pool: Pool) -> None:
        self.log = log
        self.pool = pool
        self.driver = self.another_driver()
        self.driver.prepare()

    def another_driver(self) -> Driver:
        return Driver(Balances(), Log(self.pool, self.log.schema), self.pool, decode)

    def says(self, what: Sequence[tuple[str, int, str]]) -> None:
        """(account, amount, currency) moves money; ("", rate, currency) sets a rate."""
        for account, number, currency in what:
            name, state = ("account.moved", "amount") if account else ("rate.set", "rate")
            self._append(name, {state: number, "currency": currency}, account)

    def rebuild(self, share: int = 20_000) -> None:
        """Builds the rows anew and switches to them."""
        build = Build(Balances(), Log(self.pool, self.log.schema), self.pool, decode)
        schema = build.open(share)
        build.work(schema)
        build.complete(schema)
        build.switch(schema)

    def _append(self, name: str, state: dict[str, object], account: str) -> None:
        patients = ((account, str(uuid4())),) if account else ()
        fact = NewFact(uuid4(), 1, f"{name}@1", json.dumps(state).encode(), None, b"{}", AT, ACTOR, patients)
        self.log.append(Append((fact,)))

    def rows(self, *, documents: bool = True) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, in order."""
        names = ["balance", "movement", *(["document", "document_use"] if documents else [])]
        with self.pool.connection() as connection:
            query = sql.SQL("SELECT * FROM {} ORDER BY 1, 2")
            schema = self.driver.place.schema
            return {
                name: connection.execute(query.format(sql.Identifier(schema, name))).fetchall()
                for name in names
            }


@pytest.fixture
def bank(log: Log, store_url: str) -> Iterator[Bank]:
    """An empty bank."""
    with open_pool(store_url, "iop", "iop_projector", 4) as pool:
        yield Bank(log, pool)


STORY = [
    (ACCOUNTS[0], 5, "EUR"), ("", 2, "EUR"), (ACCOUNTS[1], 7, "USD"), (ACCOUNTS[0], -1, "EUR"), ("", 3, "EUR"),
    (ACCOUNTS[2], 1, "EUR"), ("", 4, "USD"), (ACCOUNTS[1], 1, "EUR"),
]


def test_a_reference_fact_decides_its_users_anew(bank: Bank) -> None:
    """A rate that is set later changes the rows that rest on it, and only through the fold."""
    bank.says(STORY)
    bank.driver.catch_up()
    worth = {str(account): amount for account, amount in bank.rows()["balance"]}
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
    before = bank.rows()
    bank.says(STORY[3:])
    bank.driver.release()
    with psycopg.connect(bank.log.pool.conninfo, autocommit=True) as owner:
        owner.execute("ALTER TABLE iop_balances_1.movement ADD CONSTRAINT broken CHECK (position < 4) NOT VALID")
        with pytest.raises(psycopg.errors.CheckViolation):
            bank.driver.catch_up()
        assert bank.rows() == before
        owner.execute("ALTER TABLE iop_balances_1.movement DROP CONSTRAINT broken")
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
    worth = {str(account): amount for account, amount in bank.rows()["balance"]}
    for account, amount in worth.items():
        delta = as_of(Balances(), bank.log, decode, account, head)
        assert delta.rows["balance"] == {(account,): [(account, amount)]}
