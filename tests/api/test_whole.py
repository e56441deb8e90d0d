"""Orders that are recorded together or not at all: half a claim is never in the log."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from aggregates.account import refusals as no
from aggregates.account.commands import PostRemittance
from aggregates.account.streams import account_of
from aggregates.claim.commands import AdjudicateClaim
from aggregates.claim.facts import AdjudicatedLine, Adjustment
from api.commands.handle import Commands
from api.commands.order import Order
from iop_es.engine.log import Append, Log, Reservation
from tests.projections.billing.clinic import an_id
from tests.remittance.desk import BILLER, PATIENT, PAYER, a_desk

CLAIM = an_id("claim", 3)
ANSWER = AdjudicateClaim(
    claim_id=CLAIM, adjudicated_on="2026-04-01", payer_control_number="P", paid_cents=15_000, trace_number="EFT-1",
    lines=(AdjudicatedLine(line=1, paid_cents=15_000, adjustments=(
        Adjustment(group="CO", carc="45", amount_cents=5_000),
    )),),
)  # fmt: skip


def posting(trace: str = "EFT-1") -> PostRemittance:
    """The answer's posting."""
    account = account_of(PATIENT)
    return PostRemittance(account_id=account, claim_id=CLAIM, trace_number=trace, remittance_on="2026-04-01")


def orders(*commands: Any, run: int = 1) -> list[Order]:
    """The biller's orders, with keys of this run."""
    return [
        Order(one, BILLER, "biller", None, f"whole:{run}:{number}", b"1") for number, one in enumerate(commands)
    ]


@pytest.mark.parametrize("remember", [False, True])
def test_one_refusal_leaves_nothing_of_the_others(log: Log, remember: bool) -> None:
    """Also nothing in the memory of a door that remembers streams: afterwards the same answer is new."""
    desk = a_desk(log)
    door, before = Commands(log, remember), desk.position
    with pytest.raises(no.AnswerOfAnotherRemittance):
        door.handle_whole(orders(ANSWER, posting("EFT-9")))
    assert desk.position == before
    replies = door.handle_whole(orders(ANSWER, posting(), run=2))
    assert [reply.facts for reply in replies] == [
        ("claim.adjudicated",), ("account.charge_posted", "account.remittance_posted"),
    ]
    assert all(reply.replayed for reply in door.handle_whole(orders(ANSWER, posting(), run=2)))


def test_a_line_that_another_stream_holds_stops_the_whole(log: Log, new_fact: Any) -> None:
    """The reservation is the last guard, whatever the account believes."""
    desk = a_desk(log)
    key = f"{PAYER}:EFT-1:{CLAIM}:1:1"
    held = Reservation("remittance_line", key, uuid4())
    log.append(Append((new_fact(),), claim=(held,)))
    before = desk.position
    with pytest.raises(no.RemittanceLinePosted):
        Commands(log).handle_whole(orders(ANSWER, posting()))
    assert desk.position == before and desk.bill(3).adjudicated is None


def test_the_line_is_held_by_the_account_that_posted_it(log: Log) -> None:
    """So whoever posts it elsewhere is refused."""
    a_desk(log)
    Commands(log).handle_whole(orders(ANSWER, posting()))
    key = f"{PAYER}:EFT-1:{CLAIM}:1:1"
    assert log.holders("remittance_line", [key]) == {key: str(UUID(account_of(PATIENT)))}
