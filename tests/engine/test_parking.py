"""One bad fact stops those whom it concerns, in sight, and nobody else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.place import Documents
from tests.engine.bank import (
    ACCOUNTS,
    SECRET,
    A,
    All,
    B,
    Balances,
    Bank,
    C,
    D,
    E,
    Ledger,
    Trail,
    of_delta,
    others,
    without,
)

DOLLARS = [D, E]
OWN = ("decode", "apply", "settle", "entries")


def a_past(bank: Bank) -> None:
    """Three in euros, two in dollars."""
    bank.sets("EUR", 2)
    bank.sets("USD", 3)
    for number, account in enumerate(ACCOUNTS, 1):
        bank.moves(account, number, "USD" if account in DOLLARS else "EUR")
    bank.shares("payment", (A, B))


def everyone_else_is_right(bank: Bank, schema: str = "") -> dict[str, int]:
    """Rows and documents of those who flow are those of a log without the parked; answers who is parked."""
    parked, live = bank.parked(schema=schema), bank.rows(schema=schema)
    expected = of_delta(bank.model, without(bank.model, bank.facts(), parked))
    gone = [*parked, "reference"]
    assert others(live, gone) == others(expected, gone)
    shown = {account: (worth, stopped) for account, worth, stopped in live["balance"]}
    for account, position in parked.items():
        assert shown.get(account, (None, position)) == (None, position)
    assert {account for account, (_, stopped) in shown.items() if stopped} <= parked.keys()
    return parked


def table(bank: Bank) -> list[tuple[Any, ...]]:
    """Everything that is written down about the parked."""
    with bank.pool.connection() as connection:
        return connection.execute("SELECT * FROM parked ORDER BY kind, id").fetchall()


@pytest.mark.parametrize(
    ("bad", "batch"), [("decode", 1), ("apply", 4), ("settle", 1), ("settle", 4), ("entries", 100)]
)
def test_a_bad_fact_of_one_stops_that_one(bank: Bank, bad: str, batch: int) -> None:
    """Undecodable, not applicable, undecidable or without an entry: its patient is parked with its position."""
    a_past(bank)
    failing = bank.moves(C, 10, bad=bad)
    bank.moves(C, 4)
    bank.moves(A, 5)
    bank.sets("EUR", 9)
    assert bank.driver.catch_up(batch) == bank.log.head().position
    assert everyone_else_is_right(bank).keys() == {C}
    if batch == 1 or bad != "settle":  # in a batch it is the last fact before deciding that stops
        assert bank.parked() == {C: failing}
    assert not bank.parked("stream")


@pytest.mark.parametrize(("bad", "batch"), [("decode", 1), ("apply", 100), ("settle", 1), ("entries", 3)])
def test_a_bad_fact_of_several_stops_the_whole_roster_and_whoever_joins(bank: Bank, bad: str, batch: int) -> None:
    """All of the stream's patients are parked, not only those of the fact, and later ones when they come."""
    a_past(bank)
    failing = bank.shares("payment", (B, C), bad=bad)
    bank.moves(A, 5)
    bank.driver.catch_up(batch)
    expected = {B, C} if bad == "settle" else {A, B, C}  # deciding fails for each one alone
    assert everyone_else_is_right(bank).keys() == expected
    if bad != "settle":
        assert set(bank.parked("stream").values()) == set(bank.parked().values()) == {failing}
        bank.shares("payment", (D, A))
        bank.driver.catch_up(batch)
        assert everyone_else_is_right(bank) == dict.fromkeys((A, B, C, D), failing)


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.parametrize("bad", ["decode", "refer"])
def test_a_bad_reference_fact_stops_all_who_rest_on_it(bank: Bank, bad: str, batch: int) -> None:
    """Those in dollars are parked, nobody else, whether the driver is fresh or not; who comes to dollars is too."""
    a_past(bank)
    if batch == 1:
        bank.driver.catch_up()
    failing = bank.sets("USD", 8, bad=bad)
    bank.moves(A, 1)
    bank.driver.catch_up(batch)
    assert everyone_else_is_right(bank) == dict.fromkeys(DOLLARS, failing)
    assert bank.parked("reference") == {"USD": failing}
    bank.moves(B, 1, "USD")
    bank.moves(A, 1)
    bank.driver.catch_up(batch)
    assert everyone_else_is_right(bank) == dict.fromkeys((B, *DOLLARS), failing)


@pytest.mark.parametrize("batch", [1, 100])
def test_a_bad_reference_fact_of_nothing_known_stops_everybody(bank: Bank, batch: int) -> None:
    """Where it cannot be told whom it concerns, no amount is shown that may be wrong, not even of those who come."""
    a_past(bank)
    failing = bank.sets("JPY", 1, bad="decode")
    bank.driver.catch_up(batch)
    assert bank.parked() == dict.fromkeys(ACCOUNTS, failing)
    newcomer = A.replace("a", "9")
    bank.moves(newcomer, 1)
    bank.driver.catch_up(batch)
    assert bank.parked()[newcomer] == failing
    assert {worth for _, worth, _ in bank.rows()["balance"]} <= {None}


def test_a_second_bad_fact_of_the_parked_adds_nothing(bank: Bank) -> None:
    """Who is parked keeps the first cause and its position, in the table and in the rows, whatever comes."""
    a_past(bank)
    bank.driver.catch_up()
    failing = bank.moves(A, 10, bad="apply")
    bank.driver.catch_up()
    before = table(bank)
    bank.moves(A, 11, bad="decode")
    bank.driver.catch_up()
    assert table(bank) == before
    bank.shares("another", (A, C), bad="decode")
    bank.driver.catch_up()
    assert [one for one in table(bank) if one[2] == A] == before
    assert (A, None, failing) in bank.rows()["balance"]
    everyone_else_is_right(bank)


@pytest.mark.parametrize(("model", "bad"), [(Ledger, "decode"), (Ledger, "apply"), (Trail, "decode"),
                                            (Trail, "entries")])  # fmt: skip
def test_other_grains_park_too(bank: Bank, model: Any, bad: str) -> None:
    """With a document a stream or a row a fact, streams that have nothing to do with the parked are right."""
    one = Bank(bank.log, bank.pool, model(), bank.versions)
    a_past(bank)
    bank.shares("payment", (B, C), bad=bad)
    bank.moves(E, 5)
    one.driver.catch_up(3)
    assert one.parked().keys() == {A, B, C}
    live = one.rows()
    whole = of_delta(one.model, without(one.model, one.facts(), ()))
    free = {fact.stream for fact in one.facts() if not set(fact.patients) & one.parked().keys()}
    kept = [row for row in whole[one.model.tables[0].name] if free & set(map(str, row))]
    assert kept
    assert [row for row in live[one.model.tables[0].name] if free & set(map(str, row))] == kept


def test_no_text_of_a_fact_is_in_a_cause_or_a_log_line(bank: Bank) -> None:
    """Causes name the kind of error and its place in the code; logs hold ids only."""
    a_past(bank)
    for bad in OWN:
        bank.shares(bad, (A, B), bad=bad)
    bank.sets("USD", 5, bad="refer")
    with capture_logs() as logs:
        bank.driver.catch_up(1)
        with pytest.raises(FoldFailed) as failed:
            bank.rebuild()
        bank.rebuild(parking=True)
    assert {one["event"] for one in logs} == {"batch_projected", "lease_taken", "patients_parked"}
    written = repr(logs) + repr(table(bank)) + str(failed.value) + repr(failed.value)
    assert SECRET not in written
    assert "ValueError in bank, line" in written
    assert failed.value.__cause__ is None


class _Lost(Documents):
    """Documents that the database cannot give now."""

    def users(self, references: Any) -> Any:
        raise psycopg.OperationalError("the server went away")


def test_a_lost_database_parks_nobody(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong while documents are fetched is no fact's failure: the batch is undone and comes again."""
    a_past(bank)
    bank.driver.catch_up()
    bank.sets("EUR", 5)
    with monkeypatch.context() as patch:
        patch.setattr("iop_es.engine.readmodel.driver.Documents", _Lost)
        with pytest.raises((psycopg.OperationalError, StoreUnavailable)):
            bank.driver.catch_up()
    assert not table(bank)
    bank.driver.catch_up()
    assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))


def test_a_connection_that_ends_in_the_middle_of_a_batch_parks_nobody(bank: Bank) -> None:
    """The database ends the connection between two statements of a batch: nobody is parked, nothing is lost."""
    a_past(bank)
    bank.driver.catch_up()
    bank.driver.release()
    bank.sets("EUR", 5)

    class Cut(Balances):
        def refer(self, reference: Any, recorded: Any) -> tuple[str, ...]:
            with psycopg.connect(bank.log.pool.conninfo, autocommit=True) as owner:
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                    " AND datname = current_database()"
                )
            return super().refer(reference, recorded)

    with pytest.raises(StoreUnavailable):
        bank.another_driver(Cut()).catch_up()
    assert not table(bank)
    bank.driver.catch_up()
    assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))


@pytest.mark.parametrize(("bad", "share"), [("decode", 1), ("apply", 3), ("settle", 1_000), ("entries", 2)])
def test_a_rebuild_is_strict_and_leaves_what_is_in_use(bank: Bank, bad: str, share: int) -> None:
    """It ends at the bad fact and names it; readers keep what they have; parking, it goes on and says so."""
    a_past(bank)
    bank.driver.catch_up()
    live: All = bank.rows()
    failing = bank.moves(C, 10, bad=bad)
    for _ in range(2):
        with pytest.raises(FoldFailed, match=f"The fact at position {failing} .account.moved. cannot be folded"):
            bank.rebuild(share)
    assert bank.rows() == live
    schema = bank.build().open()
    assert schema != bank.driver.place.schema
    assert bank.rebuild(parking=True) == schema == bank.driver.place.schema
    assert everyone_else_is_right(bank) == {C: failing}
    assert (C, None, failing) in bank.rows()["balance"]


def test_a_build_that_parks_is_the_same_whatever_its_shares(bank: Bank) -> None:
    """Whoever is parked by a fact of another's share has the same rows and documents, made before it or after."""
    a_past(bank)
    bank.shares("payment", (B, C), bad="apply")
    bank.sets("USD", 5, bad="decode")
    bank.moves(A, 5)
    found = []
    for share in (1, 2, 5, 1_000):
        bank.rebuild(share, parking=True)
        found.append([bank.rows(), bank.parked(), bank.parked("stream"), bank.parked("reference")])
    for rows, *parked in found:
        for name, made in rows.items():
            assert made == found[0][0][name]
        assert parked == found[0][1:]
    assert everyone_else_is_right(bank).keys() == set(ACCOUNTS)
    assert len(found[0][0]["balance"]) == len(ACCOUNTS)


def test_a_bad_fact_after_the_shares_stops_catching_up_and_switching(bank: Bank) -> None:
    """What is appended while a build runs is judged as strictly, and parked when that is wanted."""
    a_past(bank)
    bank.driver.catch_up()
    active = bank.driver.place.schema
    build = bank.build()
    schema = build.open()
    build.work(schema)
    build.complete(schema)
    failing = bank.moves(C, 10, bad="apply")
    for going_on in (build.catch_up, build.switch):
        with pytest.raises(FoldFailed, match=f"position {failing}"):
            going_on(schema)
    assert bank.driver.place.schema == active
    bank.build(parking=True).switch(schema)
    assert bank.driver.place.schema == schema
    assert everyone_else_is_right(bank) == {C: failing}
