"""An account's rules: a line posts once, a reversal names its posting, no balance moves without a fact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.account import AGGREGATE
from aggregates.account import facts as past
from aggregates.account import refusals as no
from aggregates.account.shares import Shares, divide
from aggregates.account.state import Account
from aggregates.account.streams import account_of, account_with
from aggregates.claim.facts import Adjustment
from aggregates.claim.refusals import UnknownClaim
from aggregates.decision import DateInTheFuture
from aggregates.kit import Claim, Stream
from tests.aggregates import biller
from tests.aggregates.biller import IT, PATIENT_ID, PAYER, PREPARED, PROGRAM_ID
from tests.aggregates.ledger import (
    ACCOUNT,
    ANSWERED,
    ANSWERED_AGAIN,
    REVERSED,
    SENT,
    adjust,
    assign,
    charges,
    decided_by,
    decision,
    give_back,
    investigate,
    overpaid,
    post,
    post_again,
    receive,
    refund,
    request_write_off,
    take_back,
    unmatched,
    write_off,
    written_off,
)
from tests.aggregates.scenario import an_id, every_prefix_folds, given, seen_as

POSTED = (post(), ANSWERED)
TAKEN_BACK = (take_back(), REVERSED)
POSTED_AGAIN = (post_again(), ANSWERED_AGAIN)


def reserved(line: int, trace: str, sequence: int) -> Claim:
    """The reservation of a remittance's line."""
    return Claim("remittance_line", f"{PAYER}:{trace}:{IT}:{line}:{sequence}", held=no.RemittanceLinePosted)


def test_an_accounts_id_is_made_from_what_it_is_about() -> None:
    """The same patient has the same account everywhere; a version 5 UUID, as the fixed namespace gives it."""
    assert account_of(PATIENT_ID) == account_of(PATIENT_ID) != account_of(an_id("patient", 2))
    assert account_of(PATIENT_ID)[14] == "5" and account_of(PATIENT_ID)[19] in "89ab"
    assert len({account_with(PROGRAM_ID, PAYER), account_with(PROGRAM_ID, None), account_with(None, None)}) == 3


def test_a_claims_charges_are_posted_once() -> None:
    """Each line of a claim that was sent, with its day and payer."""
    decided = decision((charges(), SENT)).once()
    assert [(one.line, one.service_date, one.charge_cents) for one in decided.facts] == [
        (1, "2026-03-02", 32_500), (2, "2026-03-04", 32_500),
    ]
    assert decided.state.patient_id == PATIENT_ID and decided.state.programs == {PROGRAM_ID}
    prepared = seen_as(biller.AGGREGATE, IT, *biller.after(*PREPARED).facts)
    decision((charges(), prepared)).refuses(no.ClaimNotSent)
    decision((charges(account_id=account_of(an_id("patient", 2))), SENT)).refuses(no.AccountOfAnother)
    decision((charges(), seen_as(biller.AGGREGATE, IT))).refuses(UnknownClaim)


def test_an_answer_is_posted_line_by_line_under_its_reservations() -> None:
    """With the charges that were not posted yet; told again it is nothing."""
    decided = decision(POSTED).once()
    assert [type(one) for one in decided.facts] == [past.ChargePosted] * 2 + [past.RemittancePosted] * 2
    assert decided.outcomes[4:] == (reserved(1, "EFT-1", 1), reserved(2, "EFT-1", 1))
    assert len(decision(POSTED, (charges(), SENT)).facts) == 2
    one, two = decided.state.lines.values()
    assert one.shares == Shares(paid=24_000, contractual=3_500, patient=5_000) and one.open_cents == 0
    assert two.shares == Shares(denied=32_500) and two.open_cents == 32_500


def test_only_the_answer_that_stands_on_the_claim_is_posted() -> None:
    """The account cannot say other than the claim, and one posting of a claim stands at a time."""
    decision((post(), SENT)).refuses(no.ClaimUnanswered)
    assert "EFT-1" in decision((post(trace_number="EFT-9"), ANSWERED)).refuses(no.AnswerOfAnotherRemittance)
    decision((post_again(), ANSWERED_AGAIN), POSTED).refuses(no.PostingStands)
    decision((post(remittance_on="2026-04-02"), ANSWERED), POSTED).refuses(no.PostedOtherwise)
    decision((post(remittance_on="2026-06-03"), ANSWERED)).refuses(DateInTheFuture)


def test_a_reversal_names_the_posting_that_it_takes_back() -> None:
    """Each line with what was paid, under reservations of its own; then the payer's new answer can be posted."""
    decided = decision(TAKEN_BACK, POSTED).once()
    assert decided.outcomes == (
        *(
            past.PaymentReversed(
                claim_id=IT, line=line, payer_id=PAYER, trace_number="EFT-2", sequence=1, remittance_on="2026-05-02",
                posted_trace_number="EFT-1", posted_sequence=1, paid_cents=cents, cause="payer-reversal",
            )
            for line, cents in ((1, 24_000), (2, 0))
        ),
        reserved(1, "EFT-2", 1), reserved(2, "EFT-2", 1),
    )  # fmt: skip
    assert [one.open_cents for one in decided.state.lines.values()] == [32_500, 32_500]
    again = decided_by(decided.after, POSTED_AGAIN).once()
    assert [one.open_cents for one in again.state.lines.values()] == [0, 0]
    decided_by(again.after, TAKEN_BACK).nothing_happened()


def test_a_reversal_needs_a_posting_and_an_answer_that_was_taken_back() -> None:
    """Nothing is reversed that was not posted, or that the payer still says."""
    decision(TAKEN_BACK, (charges(), SENT)).refuses(no.NothingPosted)
    decision((take_back(), ANSWERED), POSTED).refuses(no.AnswerStands)
    assert "EFT-1" in decision((take_back(posted_trace_number="EFT-0"), REVERSED), POSTED).refuses(
        no.AnotherPostingStands
    )


def test_a_provider_adjustment_posts_once_on_the_programs_account_with_the_payer() -> None:
    """It concerns no patient, keeps the 835's sign, and the payer's reference is sealed."""
    decided = decision(adjust()).once()
    (fact, claim) = decided.outcomes
    assert (fact.amount_cents, fact.reason_code, fact.has_reference) == (24_000, "WO", True)
    assert fact.sealed.reference == "P88"
    assert claim == Claim("provider_adjustment", f"{PAYER}:EFT-3:1", held=no.AdjustmentHeld)
    assert decided.state.patient_id is None
    decision(adjust(amount_cents=-1), adjust()).refuses(no.AdjustmentPosted)
    decision(adjust(account_id=ACCOUNT)).refuses(no.AccountOfAnother)
    assert decision(adjust(reference=None, claim_id=IT)).facts[0].sealed is None


def test_what_is_unmatched_waits_until_somebody_says_what_became_of_it() -> None:
    """It moves nothing; it is assigned once, to a claim that is known."""
    decision(unmatched()).once()
    assert decision(unmatched()).facts[0].sealed.sentence.startswith("No claim")
    decision(unmatched(paid_cents=5), unmatched()).refuses(no.UnmatchedToldOtherwise)
    decision(unmatched(account_id=ACCOUNT)).refuses(no.AccountOfAnother)
    decision(assign()).refuses(no.UnknownUnmatched)
    decision(assign(), unmatched()).once()
    decision((assign(), seen_as(biller.AGGREGATE, IT)), unmatched()).refuses(UnknownClaim)
    message = decision(assign(resolution="not-ours"), unmatched(), assign()).refuses(no.AlreadyAssigned)
    assert "posted-by-hand" in message
    assert decision(assign(resolution="not-ours", claim_id=None), unmatched()).facts


@pytest.mark.parametrize(("paid", "adjustments", "shares"), [
    (100, [("CO", "45", 20)], Shares(100, contractual=20)),
    (100, [("CO", "45", 20), ("CO", "198", 30)], Shares(100, contractual=20, denied=30)),
    (0, [("CO", "45", 20), ("PR", "1", 100)], Shares(contractual=20, patient=100)),
    (0, [("CO", "45", 20), ("CO", "197", 100)], Shares(contractual=20, denied=100)),
    (0, [("CO", "253", 120)], Shares(denied=120)),
    (100, [("CO", "253", 20)], Shares(100, contractual=20)),
    (0, [("OA", "23", 120)], Shares(other=120)),
    (0, [("OA", "18", 120)], Shares(denied=120)),
    (50, [("PI", "216", 70)], Shares(50, denied=70)),
    (120, [], Shares(120)),
])  # fmt: skip
def test_a_lines_answer_is_divided_by_group_and_code(paid: int, adjustments: Any, shares: Shares) -> None:
    """What nobody knows to be a discount stays open, and the parts are always the whole."""
    given_ones = [(Adjustment(group=g, carc=c, amount_cents=cents), cents) for g, c, cents in adjustments]
    found = divide(paid, given_ones)
    assert found == shares
    assert paid + sum(cents for _, cents in given_ones) == (
        found.paid + found.contractual + found.patient + found.denied + found.other
    )


def test_what_each_command_consults() -> None:
    """A posting its claim, the patient's money the patient, everything else the account alone."""
    consult = AGGREGATE.consult
    assert consult(Account(), charges()) == consult(Account(), take_back()) == {"claim": Stream("claim", IT)}
    assert consult(Account(), receive()) == {"patient": Stream("patient", PATIENT_ID)}
    assert consult(Account(), assign()) == {"claim": Stream("claim", IT)}
    assert consult(Account(), adjust()) == consult(Account(), refund(1)) == {}
    own = {f"claim:{IT}": Stream("claim", IT)}
    assert consult(decision(post()).state, refund(1)) == consult(Account(), write_off(1)) == own
    assert consult(Account(), request_write_off(1)) == own
    assert consult(Account(), request_write_off(1, None, claim_id=None, charge_id=an_id("charge"))) == {}


STEPS = (
    (charges(), SENT), POSTED, TAKEN_BACK, POSTED_AGAIN, receive(), receive(9_000, 2), *written_off(500),
    *written_off(700, 1, 2, share="patient"), *written_off(32_000, 2, 3), *written_off(4_300, 1, 4, share="patient"),
    refund(1_000), refund(3_000, 2), overpaid(), investigate(), give_back(),
    give_back(100, 2), adjust(), unmatched(), assign(),
)


@for_all(st.lists(st.sampled_from(STEPS), max_size=14))
def test_whatever_is_asked_nothing_happens_twice_and_every_line_stays_whole(steps: list[Any]) -> None:
    """Repetition has no second effect; a line is what was paid, given up, the patient's and open, none of which a
    write-off takes below zero; no more goes back to the patient than came; any prefix folds."""
    stream = given(AGGREGATE)
    for step in steps:
        decided = decided_by(stream, step)
        decided.never_twice()
        stream = decided.after
        for line in decided.state.lines.values():
            known = line.shares
            assert line.charge.charge_cents == (
                known.paid + known.contractual + known.patient + line.given_up.payer + line.open_cents
            )
            assert line.open_cents >= 0 and line.owed_cents >= 0
        assert decided.state.received_cents(PROGRAM_ID) >= 0
    every_prefix_folds(AGGREGATE, *stream.facts)
