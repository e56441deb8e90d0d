"""What a person records by hand where a file posts nothing: a claim that the payer split, an answer to correct."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from aggregates.account.commands import AssignUnmatched, PostRemittance
from aggregates.account.streams import account_of, account_with
from aggregates.claim.commands import AdjudicateClaim, ReverseAdjudication
from aggregates.claim.facts import AdjudicatedLine, Adjustment
from api.commands.handle import Commands
from api.commands.order import Order
from iop_es.engine.log import Log
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Claim, Payment, Service
from tests.remittance.desk import BILLER, DENIED, PATIENT, PAYER, Desk, a_desk, paid, reversal, service

PROGRAM, FIRST = an_id("program"), an_id("claim")
SHARES = (
    Adjustment(group="CO", carc="45", amount_cents=2_000), Adjustment(group="PR", carc="2", amount_cents=3_000),
)  # fmt: skip
LINES = tuple(AdjudicatedLine(line=number, paid_cents=15_000, adjustments=SHARES) for number in (1, 2))
POSTED: Any = {"claim_id": FIRST, "trace_number": "EFT-1", "remittance_on": "2026-04-01"}


@pytest.fixture
def desk(log: Log) -> Desk:
    """Claims that were sent."""
    return a_desk(log)


def act(desk: Desk, command: Any) -> None:
    """A biller orders a command by hand."""
    key = f"hand:{command!r}"
    Commands(desk.log).handle(Order(command, BILLER, "biller", None, key, sha256(key.encode()).digest()))


def whys(found: Any) -> list[str]:
    """Why each part is unmatched."""
    return [one.why for one in found.unmatched]


def part(line: int, icn: str, **more: Any) -> Claim:
    """One of the claim's two lines as a claim (CLP) of its own."""
    return Claim("C1", [service(line)], icn=icn, **more)


SPLIT = Payment([part(1, "A"), part(2, "B")])


def test_a_claim_that_the_payer_split_says_so(desk: Desk) -> None:
    """Two parts that are exactly our claim's lines: neither is posted, and each says what happened and what to do."""
    found = desk.imported(SPLIT)
    assert whys(found) == ["claim-split"] * 2 and desk.bill().adjudicated is None
    for one in found.unmatched:
        assert "split our claim into several" in one.sentence and "claim.adjudicate" in one.sentence
        assert (one.control_number, one.paid_cents) == ("C1", 15_000)


def test_a_split_claim_of_which_a_part_is_denied_is_split_too(desk: Desk) -> None:
    """Each part has the status of its own."""
    denied = Claim("C1", [service(2, 0.0, DENIED)], status="4", icn="B")
    assert whys(desk.imported(Payment([part(1, "A"), denied]))) == ["claim-split"] * 2


def test_a_split_claim_that_is_taken_back_is_split_too(desk: Desk) -> None:
    """Part by part, with every sign turned; also where the new answer comes with it."""
    desk.imported(Payment([paid()]))
    first, second = reversal().services
    parts = [Claim("C1", [one], status="22") for one in (first, second)]
    assert whys(desk.imported(Payment(parts, trace="EFT-2"))) == ["claim-split"] * 2
    anew = [reversal(), part(1, "A"), part(2, "B")]
    assert whys(desk.imported(Payment(anew, trace="EFT-3"))) == ["claim-split"] * 3
    assert desk.bill().adjudicated is not None


@pytest.mark.parametrize("parts", [
    [part(1, "A")], [part(1, "A"), part(1, "B")],
    [part(1, "A"), Claim("C1", [Service("2026-03-04", 199.0, 149.0, (("CO", "45", 50.0),), number="2")])],
])  # fmt: skip
def test_parts_that_are_not_the_claims_lines_are_no_split_claim(desk: Desk, parts: list[Claim]) -> None:
    """A line is missing, told twice, or charges something else: what is posted there has to be compared."""
    assert set(whys(desk.imported(Payment(parts)))) == {"charge-differs"}


def test_the_parts_of_a_split_claim_are_recorded_by_hand_and_settled(desk: Desk) -> None:
    """One answer of all lines, posted once, and each part assigned: the same file again then leaves nothing."""
    found = desk.imported(SPLIT)
    act(desk, AdjudicateClaim(
        adjudicated_on="2026-04-01", payer_control_number="A", lines=LINES, paid_cents=30_000, **POSTED
    ))  # fmt: skip
    act(desk, PostRemittance(account_id=account_of(PATIENT), sequence=1, **POSTED))
    for one in found.unmatched:
        act(desk, AssignUnmatched(
            account_id=account_with(PROGRAM, PAYER), unmatched_id=one.unmatched_id, resolution="by-hand",
            claim_id=FIRST,
        ))  # fmt: skip
    assert {line.open_cents for line in desk.account().lines.values()} == {0}
    position = desk.position
    assert desk.imported(SPLIT).unmatched == [] and desk.position == position


def test_an_answer_that_said_forwarded_is_corrected_by_hand(desk: Desk) -> None:
    """The second payer says that it did not get the claim: the answer is taken back and recorded anew without its
    status. No money moves, and the payer's own reversal still finds what it takes back."""
    desk.imported(Payment([paid(status="19")]))
    before = desk.account().lines
    act(desk, ReverseAdjudication(claim_id=FIRST, reversed_on="2026-04-01", cause="not-forwarded"))
    act(desk, AdjudicateClaim(
        adjudicated_on="2026-04-01", payer_control_number="ICN1", lines=LINES, paid_cents=30_000, **POSTED
    ))  # fmt: skip
    answer = desk.bill().adjudicated
    assert answer is not None and answer.status is None
    assert desk.account().lines == before
    assert desk.imported(Payment([reversal()], trace="EFT-2")).unmatched == []
    assert desk.bill().adjudicated is None


@pytest.mark.parametrize(("status", "why"), [("19", "claim-forwarded"), ("1", "payer-differs")])
def test_the_next_payers_answer_to_a_forwarded_claim_says_how_to_record_it(desk: Desk, status: str, why: str) -> None:
    """It names our claim to the first payer, which nothing but that one's answer makes the next one's."""
    desk.imported(Payment([paid(status=status)]))
    found = desk.imported(Payment([paid()], payer="PAYER 2", trace="EFT-9"))
    assert whys(found) == [why]
    assert ("claims prepare --secondary" in found.unmatched[0].sentence) == (status == "19")
