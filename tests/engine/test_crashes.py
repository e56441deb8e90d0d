"""Whatever crashes, and wherever: what is live in the end is what a rebuild makes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.parking import retry
from tests.engine.bank import (
    ACCOUNTS,
    Balances,
    Bank,
    bank_at,
    decode,
    decode_mended,
    of_delta,
    others,
    without,
)

LIVE = ("folded", "merged", "advanced")
BUILD = ("folded", "copied", "done", "filled", "built", "merged", "advanced", "at_head", "switched")


class Crash(Exception):
    """What no part of the engine knows."""


def crashing(name: str | None) -> Any:
    """A `pause` that crashes at a failpoint."""

    def pause(reached: str) -> None:
        if reached == name:
            raise Crash

    return pause


moves = st.tuples(st.sampled_from(["", *ACCOUNTS]), st.integers(-9, 9), st.sampled_from(["EUR", "USD"]))
says = st.tuples(st.just("say"), st.lists(moves, min_size=1, max_size=8))
steps = st.tuples(
    st.just("step"), st.integers(0, 2), st.integers(1, 6), st.sampled_from((None, *LIVE)), st.booleans()
)
builds = st.tuples(st.just("build"), st.sampled_from((None, *BUILD)), st.integers(1, 9))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.one_of(says, steps, steps, builds), min_size=4, max_size=20))
def test_drivers_and_builds_that_crash_at_random_lose_nothing(bank: Bank, acts: list[tuple[Any, ...]]) -> None:
    """Three drivers whose leases end at once take turns, some crash, builds begin and die: live = memory = rebuild."""
    drivers = [bank.another_driver(lease_seconds=0.0) for _ in range(3)]
    for act in acts:
        match act:
            case ("say", what):
                bank.says(what)
            case ("step", which, batch, crash, release):
                _step(drivers[which], batch, crash, release)
            case ("build", crash, share):
                _build(bank, crash, share)
    for driver in drivers:
        driver.release()
    bank.driver.catch_up(3)
    live = bank.rows()
    assert live == of_delta(bank.model, without(bank.model, bank.facts(), ()))
    bank.rebuild(5)
    assert bank.rows() == live
    bank.driver.release()
    _forget_old(bank)


def _step(driver: Driver, batch: int, crash: str | None, release: bool) -> None:
    driver._pause = crashing(crash)
    with suppress(Crash):
        driver.step(batch)
    if release:
        driver.release()


def _build(bank: Bank, crash: str | None, share: int) -> None:
    build = bank.build(pause=crashing(crash))
    with suppress(Crash):
        schema = build.open(share)
        build.work(schema)
        build.complete(schema)
        build.catch_up(schema, 3)
        build.switch(schema, 3)


def _forget_old(bank: Bank) -> None:
    """Schemas that nobody reads are dropped, as there may be 26 of one version."""
    with bank.pool.connection() as connection:
        for (schema,) in connection.execute("SELECT schema FROM read_model WHERE NOT active").fetchall():
            connection.execute("SELECT drop_read_model(%s)", (schema,))


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
BAD = ("decode", "apply", "settle", "entries")
plain = st.tuples(st.just("move"), st.sampled_from(ACCOUNTS), st.sampled_from((None, None, None, None, *BAD)))
shared = st.tuples(
    st.just("share"), st.lists(st.sampled_from(ACCOUNTS), min_size=2, max_size=3, unique=True),
    st.sampled_from((None, None, *BAD)),
)  # fmt: skip
rates = st.tuples(
    st.just("rate"), st.sampled_from(("EUR", "USD")), st.sampled_from((None, None, None, "decode", "refer"))
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(what=st.lists(st.one_of(plain, plain, shared, rates), min_size=3, max_size=16), batch=st.integers(1, 6),
       share=st.integers(1, 9))  # fmt: skip
def test_bad_facts_at_random_stop_only_whom_they_concern(
    new_database: Any, template: str, what: list[tuple[str, Any, str | None]], batch: int, share: int
) -> None:
    """Parked live or in a rebuild, everyone else's rows are right; after the mend a retry makes everything right."""
    with bank_at(new_database(template)) as bank:
        for number, (kind, whom, bad) in enumerate(what):
            more = {"bad": bad} if bad else {}
            match kind:
                case "move":
                    bank.moves(whom, number, "USD" if number % 3 else "EUR", **more)
                case "share":
                    bank.shares(f"payment {number % 2}", whom, 2, **more)
                case "rate":
                    bank.sets(whom, 1 + number, **more)
        bank.driver.catch_up(batch)
        _holds(bank)
        assert retry(Balances(), bank.log, bank.pool, decode).failures or not bank.parked()
        _holds(bank)
        bank.rebuild(share, parking=True)
        _holds(bank)
        retry(Balances(mended=True), bank.log, bank.pool, decode_mended)
        assert not bank.parked()
        assert not bank.parked("stream")
        assert not bank.parked("reference")
        assert bank.rows() == of_delta(bank.model, without(bank.model, bank.facts(), ()))


def _holds(bank: Bank) -> None:
    """Whoever flows has the rows of a world without the parked; whoever is parked has a row without an amount."""
    parked, live = bank.parked(), bank.rows()
    assert others(live, [*parked, "reference"]) == others(
        of_delta(bank.model, without(bank.model, bank.facts(), parked)), [*parked, "reference"]
    )
    for account, worth, stopped in live["balance"]:
        assert (worth, stopped) == (None, parked[account]) if account in parked else stopped is None
    if not parked:
        return
    with pytest.raises(FoldFailed):
        bank.build().work(bank.build().open(fresh=True))
