"""What a payer takes back beside its answers (PLB), puts off, or acknowledges: what is left of its credit."""

from __future__ import annotations

import pytest

from aggregates.claim import facts as claim
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL
from projections.billing.accounts import queries
from projections.billing.accounts.payer_credits import TABLE
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.test_accounts import (
    CLAIM,
    NOW,
    PAID,
    PROGRAM,
    account,
    answer,
    billed,
    give_back,
    take_back,
    withhold,
)
from tests.projections.story import asking, folded, project


def voided() -> Clinic:
    """A claim that was paid 300 dollars, then voided, which its payer accepted."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    clinic.story.tell(CLAIM, claim.ClaimVoided(voided_on="2026-04-01", cause="error"), role="biller")
    return clinic


def credit(clinic: Clinic) -> int:
    """What stands to the payer's credit, in the balance."""
    found = queries.account_from_rows(
        folded(MODEL, clinic.story.recorded(MODEL)), patient_id=an_id("patient"), programs=[PROGRAM]
    )
    facts = clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows["payer_credit"] == folded(MODEL, facts).rows["payer_credit"]
    return sum(one.credit_cents for one in found.balances) if found else 0


def test_an_acknowledged_check_leaves_the_credit_as_the_return_made_it() -> None:
    """100 of 300 dollars went back by check; the payer tells it with WO 100 and 72 of as much below zero."""
    clinic = voided()
    give_back(clinic, 10_000, method="check")
    assert credit(clinic) == 20_000
    withhold(clinic, 10_000)
    withhold(clinic, -10_000, reason="72")
    assert credit(clinic) == 20_000


@pytest.mark.parametrize("reason", ["WO", "FB"])
def test_a_takeback_that_is_put_off_leaves_the_money_with_us(reason: str) -> None:
    """The answer is reversed and the money not taken yet: 300 dollars stay the payer's until it takes them, or they go
    back by check."""
    clinic = voided()
    take_back(clinic)
    withhold(clinic, -30_000, reason=reason)
    assert credit(clinic) == 30_000
    withhold(clinic, 30_000, reason=reason)
    assert credit(clinic) == 0

    clinic = voided()
    take_back(clinic)
    withhold(clinic, -30_000, reason=reason)
    give_back(clinic, 30_000, method="check")
    assert credit(clinic) == 0


def test_an_answer_that_is_reversed_and_given_anew_puts_off_the_first_payment_too() -> None:
    """The claim stands: its new answer pays 300 dollars, and the 300 of the old one are to go back yet."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    take_back(clinic)
    answer(clinic, PAID, PAID, trace="EFT-2")
    withhold(clinic, -30_000)
    (balance,) = account(clinic).balances
    assert (balance.paid_cents, balance.credit_cents) == (30_000, 30_000)


def test_what_is_taken_beyond_the_credit_is_below_zero_and_on_the_list(log: Log, projector: Pool) -> None:
    """400 dollars taken of 300: one hundred is ours."""
    clinic = voided()
    withhold(clinic, 40_000)
    assert credit(clinic) == -10_000
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (told,) = queries.payer_credits(cursor, programs=[PROGRAM], now=NOW)
    assert (told.claim_id, told.credit_cents, told.withheld_cents) == (CLAIM, -10_000, 40_000)


@pytest.mark.parametrize("cents", [30_000, -30_000], ids=["taken", "put off"])
def test_a_takeback_of_a_claim_that_stands_without_a_reversal_rests_for_a_person(
    log: Log, projector: Pool, cents: int
) -> None:
    """Paid 300 dollars and standing: nothing on record bears it out, so that it is no credit and on a list."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    withhold(clinic, cents)
    assert (credit(clinic), account(clinic).balances[0].returned_cents) == (0, 0)
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (told,) = queries.unmatched_takebacks(cursor, programs=[PROGRAM], now=NOW)
        assert queries.payer_credits(cursor, programs=[PROGRAM], now=NOW) == []
    assert (told.claim_id, told.unmatched_cents, told.adjusted_cents) == (CLAIM, cents, cents)


def test_a_takeback_by_a_return_that_a_person_records_is_matched() -> None:
    """The same money told twice, of a claim that stands: nothing rests."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    withhold(clinic, 30_000)
    give_back(clinic, 30_000)
    assert (credit(clinic), unmatched(clinic)) == (0, 0)


def test_no_more_is_put_off_than_was_ever_reversed() -> None:
    """Of a voided claim 300 dollars are the payer's; without a reversal a WO below zero adds nothing to that, and with
    one of 300 it puts off these alone."""
    clinic = voided()
    withhold(clinic, -30_000)
    assert (credit(clinic), unmatched(clinic)) == (30_000, -30_000)
    take_back(clinic)
    assert (credit(clinic), unmatched(clinic)) == (30_000, 0)
    withhold(clinic, -10_000)
    assert (credit(clinic), unmatched(clinic)) == (30_000, -10_000)


def unmatched(clinic: Clinic) -> int:
    """What nothing on record bears out."""
    rows = folded(MODEL, clinic.story.recorded(MODEL)).rows["payer_credit"]
    return sum(row[TABLE.columns.index("unmatched_cents")] for scope in rows.values() for row in scope)


def test_what_another_program_returned_lowers_no_credit_here() -> None:
    """Without a claim it is of the payer's credits in that program."""
    clinic = voided()
    give_back(clinic, 10_000, None, program_id=an_id("program", 2))
    assert {one.program_id: one.credit_cents for one in account(clinic).balances}[PROGRAM] == 30_000
