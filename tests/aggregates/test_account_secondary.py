"""A service is charged once: what a second payer answers stands on the charge that the first payer's claim made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.account import AGGREGATE
from aggregates.account import facts as past
from aggregates.account import refusals as no
from aggregates.account.shares import Shares
from aggregates.claim import AGGREGATE as CLAIM
from aggregates.kit import Seen
from tests.aggregates import biller
from tests.aggregates.biller import IT, ON_ITS_WAY, PATIENT_ID, PAYER, PROGRAM_ID
from tests.aggregates.ledger import (
    ANSWERED,
    after,
    answered,
    charges,
    decided_by,
    decision,
    post,
    request_write_off,
    take_back,
    written_off,
)
from tests.aggregates.scenario import an_id, given, seen_as

POSTED = (post(), ANSWERED)
AFTER = an_id("claim", 7)


def secondary(*commands: Any, **changes: Any) -> Seen:
    """A claim to a second payer for the same two days, sent and then whatever else."""
    first = biller.prepared(**{"payer_id": an_id("payer", 2), "after_claim": IT, "frequency": "1"} | changes)
    facts = (first, *biller.after(*ON_ITS_WAY, *commands).facts[1:])
    return seen_as(CLAIM, AFTER, *facts)


SECONDS = biller.adjudicate(
    answered(1, 4_000, ("CO", "45", 3_500), ("OA", "23", 24_000), ("PR", "2", 1_000)),
    answered(2, 30_000, ("CO", "45", 2_500)), paid_cents=34_000, trace_number="EFT-5", remittance_on="2026-05-01",
)
POST_SECOND = post(claim_id=AFTER, trace_number="EFT-5", remittance_on="2026-05-01")


def test_a_service_is_charged_once() -> None:
    """A claim to the second payer charges nothing, sent or answered, and neither does one that voids another."""
    decision((charges(claim_id=AFTER), secondary()), POSTED).nothing_happened()
    void = secondary(after_claim=None, payer_id=PAYER, frequency="8", replaces=an_id("claim", 8))
    decision((charges(claim_id=AFTER), void), POSTED).nothing_happened()
    decided = decision((POST_SECOND, secondary(SECONDS)), POSTED).once()
    assert [(type(one), one.after_claim, one.line, one.charged_line) for one in decided.facts] == [
        (past.RemittancePosted, IT, 1, 1), (past.RemittancePosted, IT, 2, 2)
    ]
    decision((POST_SECOND, secondary(SECONDS))).refuses(no.ChargedClaimNotPosted)


def test_a_second_payers_answer_stands_on_the_charge_that_was_made() -> None:
    """325 = 240 + 40 paid, 35 reduced once, ten the patient's; 325 = 300 paid, 25 reduced. Taken back, it is as before.
    """
    decided = decision((POST_SECOND, secondary(SECONDS)), POSTED)
    one, two = decided.state.lines.values()
    assert one.settled == Shares(paid=28_000, contractual=3_500, patient=1_000)
    assert (one.open_cents, one.owed_cents) == (0, 1_000)
    assert two.settled == Shares(paid=30_000, contractual=2_500)
    assert (two.open_cents, two.owed_cents) == (0, 0)
    back = take_back(claim_id=AFTER, trace_number="EFT-6", remittance_on="2026-05-20")
    reversal = biller.reverse(reversed_on="2026-05-20", trace_number="EFT-6")
    taken = decided_by(decided.after, (back, secondary(SECONDS, reversal)))
    assert [line.open_cents for line in taken.state.lines.values()] == [0, 32_500]
    assert [line.owed_cents for line in taken.state.lines.values()] == [5_000, 0]


def test_what_a_second_payer_leaves_is_written_off_where_it_is_charged() -> None:
    """The claim to the second payer has no balance of its own, and says which one has."""
    both = (POST_SECOND, secondary(SECONDS))
    assert IT in decision(request_write_off(100, claim_id=AFTER), POSTED, both).refuses(no.ChargedElsewhere)
    decision(request_write_off(100), POSTED, both).refuses(no.WriteOffBeyondBalance)
    decision(request_write_off(1_001, 1, share="patient"), POSTED, both).refuses(no.WriteOffBeyondBalance)
    request, approval = written_off(1_000, 1, share="patient")
    assert decision(approval, POSTED, both, request).refusal is None


def test_charges_that_an_earlier_release_posted_for_a_second_payer_are_answered_there() -> None:
    """An old history has them on the account: it folds, and the answer to them stays where they are."""
    once = past.ChargePosted(
        patient_id=PATIENT_ID, program_id=PROGRAM_ID, payer_id=an_id("payer", 2), claim_id=AFTER, line=1,
        service_date="2026-03-02", charge_cents=32_500,
    )
    stream = given(AGGREGATE, *after(POSTED).facts, once, replace(once, line=2, service_date="2026-03-04"))
    decided = decided_by(stream, (POST_SECOND, secondary(SECONDS))).once()
    assert {one.after_claim for one in decided.facts} == {None}
    assert decided.state.lines[AFTER, 2].shares.paid == 30_000
