"""A fact whose rows cannot be written stops those whom it concerns, as one that cannot be folded does."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from iop_es.engine.readmodel import place
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.model import Delta
from iop_es.engine.readmodel.parking import retry
from iop_es.engine.readmodel.place import Place
from tests.engine.bank import (
    SECRET,
    UNWRITABLE,
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
    of_delta,
    without,
)
from tests.engine.test_parking import a_past, everyone_else_is_right, table
from tests.engine.test_retry import is_whole, mended

KINDS = (*UNWRITABLE, "entry")


@pytest.fixture(params=[place.FEW, 0], ids=["statements", "copy"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are written by statements, many by COPY."""
    monkeypatch.setattr(place, "FEW", request.param)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("bad", KINDS)
@pytest.mark.parametrize("batch", [1, 100])
def test_its_patient_is_parked_and_nobody_else(bank: Bank, bad: str, batch: int) -> None:
    """Out of range, no text, too long: whatever the batch, it is this fact's failure; mended, everything is right."""
    a_past(bank)
    bank.moves(C, 3)
    failing = bank.moves(C, 10, bad=bad)
    bank.moves(C, 4)
    bank.moves(A, 5)
    bank.sets("EUR", 9)
    assert bank.driver.catch_up(batch) == bank.log.head().position
    assert everyone_else_is_right(bank) == {C: failing}
    assert not bank.parked("stream")
    assert SECRET not in repr(table(bank))
    stands = (bank.rows(), table(bank)[0][:6])
    assert [one.position for one in retry(bank.model, bank.log, bank.pool, decode).failures] == [failing]
    assert (bank.rows(), table(bank)[0][:6]) == stands
    mended(bank)
    is_whole(bank)


def test_of_several_only_those_whose_rows_cannot_be_written_are_parked(bank: Bank) -> None:
    """A rate that makes two accounts' worth too large for its column stops those two, not all in its currency."""
    a_past(bank)
    failing = bank.sets("EUR", 4 * 10**18)
    bank.moves(D, 1, "USD")
    bank.driver.catch_up()
    assert everyone_else_is_right(bank) == {B: failing, C: failing}
    assert not bank.parked("reference")


def test_rows_that_cannot_stand_beside_each_other_are_the_later_facts_failure(bank: Bank) -> None:
    """A constraint that two accounts break together stops the second one; its cause names the constraint only."""
    a_past(bank)
    bank.moves(C, 100)
    bank.driver.catch_up()
    with psycopg.connect(bank.log.pool.conninfo, autocommit=True) as owner:
        owner.execute("ALTER TABLE iop_balances_1.balance ADD CONSTRAINT unlike UNIQUE (worth)")
    bank.moves(A, 1_000)
    failing = bank.moves(B, 999)
    bank.moves(E, 1, "USD")
    bank.driver.catch_up()
    assert everyone_else_is_right(bank) == {B: failing}
    assert {one[5] for one in table(bank)} == {"UniqueViolation when its rows are written (unlike)"}


@pytest.mark.parametrize(("model", "bad"), [(Ledger, "row"), (Trail, "entry")])
def test_other_grains_park_too(bank: Bank, model: Any, bad: str) -> None:
    """A document a stream or a row a fact: live and built the same, and freed by a retry."""
    one = Bank(bank.log, bank.pool, model(), bank.versions)
    a_past(bank)
    failing = bank.shares("payment", (B, C), bad=bad)
    bank.moves(E, 5)
    one.driver.catch_up()
    assert one.parked() == dict.fromkeys((A, B, C), failing)
    live = one.rows()
    one.rebuild(3, parking=True)
    assert one.rows() == live
    assert one.parked() == dict.fromkeys((A, B, C), failing)
    assert not mended(one).failures
    assert not one.parked()
    assert one.rows() == of_delta(one.model, without(one.model, one.facts(), ()))


@pytest.mark.parametrize("bad", KINDS)
def test_without_parking_it_is_named(bank: Bank, bad: str) -> None:
    """A driver that does not park and a strict build end at the fact, whatever stands around it; rows stay."""
    a_past(bank)
    bank.driver.catch_up()
    bank.driver.release()
    before = bank.rows()
    failing = bank.moves(C, 10, bad=bad)
    bank.moves(C, 1)
    bank.moves(A, 5)
    with pytest.raises(FoldFailed, match=f"position {failing} .account.moved.") as failed:
        bank.another_driver(parking=False).catch_up()
    assert failed.value.__cause__ is failed.value.__context__ is None
    assert bank.rows() == before
    bank.driver.release()
    for share in (3, 1_000):
        with pytest.raises(FoldFailed, match=f"position {failing} .account.moved."):
            bank.build().work(bank.build().open(share, fresh=True))
    assert bank.rows() == before


@pytest.mark.parametrize("bad", KINDS)
@pytest.mark.parametrize("share", [3, 1_000])
def test_a_build_that_parks_goes_on_without_it(bank: Bank, bad: str, share: int) -> None:
    """Whatever its shares, it parks whom a live driver parks, and makes the same rows."""
    a_past(bank)
    failing = bank.moves(C, 10, bad=bad)
    bank.moves(C, 1)
    bank.moves(A, 5)
    bank.driver.catch_up()
    live = bank.rows()
    bank.rebuild(share, parking=True)
    assert everyone_else_is_right(bank) == {C: failing}
    assert bank.rows() == live


class Noted(Balances):
    """A read model whose reference facts make rows."""

    makes = frozenset({"account.moved", "rate.set"})

    def entries(self, recorded: Any, rows: Any) -> None:
        number = 2**70 if recorded.fact.get("bad") == "entry" and not self.mended else 1
        rows.setdefault("movement", {})[recorded.position,] = [(recorded.position, number)]


def test_a_reference_fact_whose_row_cannot_be_written_stops_those_who_rest_on_it(bank: Bank) -> None:
    """Live and built the same; a strict build names it."""
    one = Bank(bank.log, bank.pool, Noted(), bank.versions)
    a_past(bank)
    failing = bank.sets("USD", 5, bad="entry")
    bank.moves(E, 5, "USD")
    one.driver.catch_up()
    assert one.parked() == dict.fromkeys((D, E), failing)
    live = one.rows()
    with pytest.raises(FoldFailed, match=f"position {failing} .rate.set."):
        one.rebuild()
    one.rebuild(2, parking=True)
    assert one.parked() == dict.fromkeys((D, E), failing)
    assert one.rows() == live
    assert not mended(one).failures
    assert not one.parked()
    assert one.rows() == of_delta(one.model, without(one.model, one.facts(), ()))


def test_rows_that_are_refused_only_all_together_are_the_whole_facts_failure(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no document and no entry alone is to blame, the fact stops whom it is about, and the rest flows."""
    a_past(bank)
    bank.driver.catch_up()
    merge = Place.merge

    def refuses(self: Place, cursor: Any, delta: Delta) -> int:
        if {A, C} <= delta.documents.keys():
            raise psycopg.DataError(SECRET)
        return merge(self, cursor, delta)

    monkeypatch.setattr(Place, "merge", refuses)
    failing = bank.shares("another", (A, C))
    bank.moves(B, 4)
    bank.driver.catch_up()
    assert everyone_else_is_right(bank) == {A: failing, C: failing}
    assert SECRET not in repr(table(bank))


def test_what_is_no_facts_fault_is_raised_as_it_is(bank: Bank) -> None:
    """A lock that is not given in time parks nobody, and is waited for anew."""
    a_past(bank)
    bank.driver.catch_up()
    bank.driver.release()
    bank.moves(A, 1)
    before = bank.rows()
    driver = bank.another_driver()
    hold = driver.catalog.hold

    def impatient(cursor: psycopg.Cursor, *given: Any) -> Any:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        return hold(cursor, *given)

    driver.catalog.hold = impatient  # type: ignore[method-assign]
    with psycopg.connect(bank.log.pool.conninfo) as owner:
        owner.execute("LOCK TABLE iop_balances_1.movement")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            driver.catch_up()
        owner.rollback()
        assert bank.rows() == before
    assert not table(bank)
    driver.catch_up()
    is_whole(bank)


def test_a_build_is_not_blamed_on_a_fact_for_a_table_that_is_not_there(bank: Bank) -> None:
    """A missing column is raised as it is and parks nobody."""
    a_past(bank)
    build = bank.build(parking=True)
    schema = build.open()
    with psycopg.connect(bank.log.pool.conninfo, autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {schema}.movement DROP COLUMN amount")
    with pytest.raises(psycopg.errors.UndefinedColumn):
        build.work(schema)
    assert not bank.parked(schema=schema)
