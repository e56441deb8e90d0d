"""What is known of the parked is what their facts come to before the one that stopped them, and nothing else."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from iop_es.engine.readmodel.asof import References, as_of
from iop_es.engine.readmodel.model import Rows
from iop_es.engine.readmodel.parking import retry
from tests.engine.bank import (
    UNWRITABLE,
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
    bank_at,
    decode,
    decode_mended,
    without,
)

EUROS, DOLLARS = (A, B, C), (D, E)
BAD = ("decode", "apply", "settle", "entries", "entry", *UNWRITABLE)
Said = tuple[str, Any, str | None]
_numbers = count(1)


class Priced(Ledger):
    """A document a stream, which rests on a currency."""

    name = "priced"

    def refer(self, reference: Any, recorded: Any) -> tuple[str, ...]:
        self.fails("refer", recorded)
        return (recorded.fact["currency"],)

    def apply(self, key: str, document: Any, recorded: Any) -> None:
        super().apply(key, document, recorded)
        document.name = recorded.fact["currency"]

    def uses(self, document: Any) -> tuple[str, ...]:
        return (document.name,)

    def concerns(self, reference: Any, name: str, stream: str) -> tuple[str, ...]:
        return ("USD",)


class Kept(Balances):
    """The last rows of the parked stay as they were."""

    name = "kept"

    def parked(self, key: str, document: Any, position: int) -> Rows:
        return {}


def says(bank: Bank, what: list[Said]) -> None:
    """Moves, shared payments and rates; nobody changes the currency."""
    for number, (kind, whom, bad) in enumerate(what):
        more = {"bad": bad} if bad else {}
        match kind:
            case "move":
                bank.moves(whom, 1 + number, "USD" if whom in DOLLARS else "EUR", **more)
            case "share":
                currency = "USD" if set(whom) & {*DOLLARS} else "EUR"
                bank.shares(f"payment of {currency} {number % 2}", whom, 2, currency=currency, **more)
            case "rate":
                bank.sets(whom, 1 + number, **more)


def shows(bank: Bank) -> tuple[All, dict[str, Any]]:
    """All rows and documents, and who is parked since when."""
    return bank.rows(), {kind: bank.parked(kind) for kind in ("patient", "stream", "reference")}


bads = st.sampled_from((None, None, None, None, *BAD))
moves = st.tuples(st.just("move"), st.sampled_from((*EUROS, *DOLLARS)), bads)
payments = st.tuples(st.just("share"), st.sampled_from(((A, B), (A, C), (B, C), (D, E), (A, B, C))), bads)
rates = st.tuples(
    st.just("rate"), st.sampled_from(("EUR", "USD")), st.sampled_from((None, None, None, "decode", "refer"))
)
pasts = st.lists(st.one_of(moves, moves, payments, rates), min_size=3, max_size=24)


@pytest.mark.slow
@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(what=pasts, share=st.integers(1, 9))
@example(
    what=[("move", A, None), ("share", (A, B), None), ("move", B, None), ("share", (A, C), "apply"), ("move", A, None),
          ("move", B, "settle"), ("share", (A, B), "decode"), ("move", C, None)], share=2,
)  # fmt: skip
@example(
    what=[("rate", "EUR", None), ("move", C, None), ("share", (A, B), "decode"), ("move", C, None),
          ("rate", "EUR", None), ("move", C, None), ("share", (A, C), None), ("move", C, None)], share=3,
)  # fmt: skip
@example(
    what=[("rate", "USD", None), ("move", E, "digits"), ("share", (A, B), None), ("rate", "USD", None),
          ("share", (A, C), "entry"), ("share", (D, E), None), ("share", (A, C), None), ("share", (A, B), "decode"),
          ("move", A, "entry"), ("move", D, "nul"), ("move", E, None), ("rate", "EUR", None), ("rate", "USD", "decode"),
          ("share", (A, C), None), ("rate", "EUR", "refer"), ("move", A, "settle"), ("rate", "EUR", "refer"),
          ("move", D, "entries")], share=9,
)  # fmt: skip
@pytest.mark.parametrize("model", [Balances, Kept, Ledger, Trail, Priced])
def test_it_is_the_same_however_the_facts_are_cut(
    new_database: Any, template: str, model: Any, what: list[Said], share: int
) -> None:
    """Live by one, by seven and in one, and in a build that parks: the same are parked, with the same rows."""
    with bank_at(new_database(template)) as bank:
        says(bank, what)
        found = []
        for batch in (1, 7, 1_000, None):
            one = Bank(bank.log, bank.pool, named(model))
            if batch is None:
                one.rebuild(share, parking=True)
            else:
                one.driver.catch_up(batch)
            found.append(shows(one))
        for other in found[1:]:
            assert other[1] == found[0][1]
            assert other[0] == found[0][0]
        is_what_came_before(bank, found[0])


def named(model: Any) -> Any:
    """A model of its own name, so that several stand beside each other."""
    made = model()
    made.name = f"{model.name}_{next(_numbers)}"
    return made


def is_what_came_before(bank: Bank, shown: tuple[All, dict[str, Any]]) -> None:
    """Each parked account's document is what its own facts before the one that stopped it come to."""
    rows, parked = shown
    if "balance" not in rows:
        return
    documents = dict(rows["document"])
    for account, position in parked["patient"].items():
        own = [fact._replace(patients=(account,)) for fact in bank.facts(position - 1) if account in fact.patients]
        expected = without(Balances(), own, ()).documents
        assert documents.get(account) == expected.get(account)


@pytest.mark.parametrize("model", [Balances, Ledger, Trail])
def test_whoever_joins_is_known_as_of_what_is_parked(bank: Bank, model: Any) -> None:
    """Noticed late or early, whoever joins a parked payment has the same rows, also of facts in between."""
    early, late = Bank(bank.log, bank.pool, named(model), bank.versions), Bank(
        bank.log, bank.pool, named(model), bank.versions
    )  # fmt: skip
    bank.sets("EUR", 2)
    bank.moves(C, 5)
    failing = bank.shares("payment", (A, B), bad="decode")
    bank.moves(C, 6)
    bank.shares("dinner", (C, D))
    late.driver.catch_up()
    assert C not in late.parked()
    bank.shares("payment", (A, C))
    bank.moves(C, 7)
    for one in (early, late):
        one.driver.catch_up(2)
        assert one.parked() == dict.fromkeys((A, B, C), failing)
    assert shows(late) == shows(early)
    is_what_came_before(bank, shows(late))
    early.rebuild(2, parking=True)
    assert shows(late) == shows(early)


def test_whoever_fails_before_joining_keeps_the_own_cause(bank: Bank) -> None:
    """What comes later in the log changes nothing, whether it is there already or not."""
    early, late = (Bank(bank.log, bank.pool, named(Balances), bank.versions) for _ in range(2))
    first = bank.shares("payment", (A, B), bad="decode")
    bank.moves(C, 6)
    failing = bank.moves(C, 1, bad="apply")
    late.driver.catch_up()
    bank.shares("payment", (A, C))
    for one in (early, late):
        one.driver.catch_up()
        assert one.parked() == {A: first, B: first, C: failing}
    assert shows(late) == shows(early)


def test_a_retry_decides_nobody_else_again(bank: Bank) -> None:
    """The reference facts of a retry touch the parked alone, however many rest on them."""
    bank.sets("EUR", 2)
    for account in (A, B, D):
        bank.moves(account, 5)
    bank.moves(C, 5, bad="apply")
    bank.sets("EUR", 3)
    bank.driver.catch_up()
    better = Balances(mended=True)
    assert not retry(better, bank.log, bank.pool, decode_mended).failures
    assert better.touched == 2  # what there was is taken away, and made anew


def test_what_is_noticed_in_another_share_counts(bank: Bank) -> None:
    """Facts of a parked account that stand in a share of their own, made before it was known, are taken back."""
    one = Bank(bank.log, bank.pool, named(Ledger), bank.versions)
    for number in range(6):
        bank.moves(A, number)
        bank.shares(f"payment {number}", (A, B))
    failing = bank.shares("payment 3", (A, C), bad="apply")
    for number in range(6):
        bank.moves(A, number)
        bank.shares(f"payment {number}", (A, B))
    one.driver.catch_up()
    live = shows(one)
    assert one.parked() == dict.fromkeys((A, B, C), failing)
    build = one.build(parking=True)
    schema = build.open(2)
    build.work(schema)
    build.complete(schema)
    build.switch(schema)
    assert shows(one) == live
    assert max(version for _, _, version, _ in one.rows()["flow"]) < 7


@pytest.mark.parametrize("bad", ["decode", "refer"])
def test_documents_of_streams_that_rest_on_a_reference_are_parked_as_streams(bank: Bank, bad: str) -> None:
    """With a document a stream it is streams that rest on a reference, and their patients with them."""
    one = Bank(bank.log, bank.pool, named(Priced), bank.versions)
    bank.sets("USD", 3)
    for account in (*EUROS, *DOLLARS):
        bank.moves(account, 1, "USD" if account in DOLLARS else "EUR")
    failing = bank.sets("USD", 4, bad=bad)
    bank.moves(D, 2, "USD")
    bank.moves(A, 2)
    one.driver.catch_up()
    assert one.parked() == dict.fromkeys(DOLLARS, failing)
    streams = {fact.stream for fact in bank.facts() if set(fact.patients) & {*DOLLARS} or fact.position in {1, failing}}
    assert one.parked("stream") == dict.fromkeys(streams, failing)
    live = shows(one)
    one.rebuild(2, parking=True)
    assert shows(one) == live


class Names(Balances):
    """What is shared is kept under its sealed name."""

    sealed = frozenset({"rate.set"})

    def refer(self, reference: Any, recorded: Any) -> tuple[str, ...]:
        reference.streams[recorded.sealed.decode()] = recorded.fact["currency"]
        return super().refer(reference, recorded)


def test_what_is_sealed_in_a_reference_comes_along_everywhere(bank: Bank) -> None:
    """Live, built and in memory a reference fact has its sealed part, if the read model keeps it."""
    one = Bank(bank.log, bank.pool, named(Names), bank.versions)
    bank.sets("EUR", 2)
    bank.moves(A, 5)
    failing = bank.moves(B, 5, bad="apply")
    one.driver.catch_up()
    live = shows(one)
    assert live[1]["patient"] == {B: failing}
    one.rebuild(parking=True)
    assert shows(one) == live
    references = References(Names(), one.log, decode)
    assert [recorded.sealed for recorded in references.facts(3)] == [b"Name of EUR"]
    assert as_of(Names(), one.log, decode, A, None).rows["balance"] == {(A,): [(A, 10, None)]}
