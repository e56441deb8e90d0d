"""The patient's own money, what is written off or given back, and the clock of an overpayment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.account import AGGREGATE
from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.facts import BalanceWrittenOff, WriteOffRequested, WriteOffRequestWithdrawn
from aggregates.account.shares import Shares, WrittenOff, in_force
from aggregates.account.state import Account, Line
from aggregates.approval import AnothersRequest, ApproverAskedThemselves
from aggregates.days import PeriodRunsBackwards
from aggregates.decision import DateInTheFuture
from aggregates.enrollment.refusals import UnknownPatient
from aggregates.patient import AGGREGATE as PATIENT
from tests.aggregates.biller import IT, JUNE, PATIENT_ID, PROGRAM_ID, adjudicate, reverse
from tests.aggregates.ledger import (
    ACCOUNT,
    ANSWERED,
    ANSWERED_AGAIN,
    BOSS,
    FIRST,
    REVERSED,
    SECOND,
    Asked,
    after,
    answered,
    claim_after,
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
    write_off,
    written_off,
)
from tests.aggregates.scenario import an_act, an_id, folded, given, seen_as

POSTED = (post(), ANSWERED)


def test_a_patients_payment_is_recorded_once() -> None:
    """For the account or for a line of it; its id stands for one payment."""
    decision(receive()).once()
    assert decision(receive(claim_id=IT, line=1), POSTED).facts
    decision(receive(4_000), receive()).refuses(no.PaymentToldOtherwise)
    decision(receive(line=1)).refuses(no.LineWithoutClaim)
    decision(receive(claim_id=IT)).refuses(no.UnknownClaimOnAccount)
    decision(receive(claim_id=IT, line=3), POSTED).refuses(no.UnknownLineOnAccount)
    decision(receive(received_on="2026-06-03")).refuses(DateInTheFuture)
    decision(receive(account_id=an_id("account"))).refuses(no.AccountOfAnother)
    unknown = {"patient": seen_as(PATIENT, PATIENT_ID)}
    after().when(receive(), JUNE, unknown).refuses(UnknownPatient)


def agreement(kind: Any, **terms: Any) -> ask.SetPatientAgreement:
    """From March on."""
    fields: dict[str, Any] = {
        "effective_from": "2026-03-01", "agreement_id": an_id("agreement"), "program_id": PROGRAM_ID,
    }
    return ask.SetPatientAgreement(account_id=ACCOUNT, patient_id=PATIENT_ID, kind=kind, **(fields | terms))


def test_an_agreement_says_what_its_kind_needs_and_nothing_else() -> None:
    """A price a day, a percent, or an installment."""
    decision(agreement("self_pay", day_cents=9_000)).once()
    decision(agreement("sliding_fee", percent=40)).once()
    decision(agreement("payment_plan", installment_cents=5_000)).once()
    assert "percent" in decision(agreement("sliding_fee", day_cents=9_000)).refuses(no.AgreementIncomplete)
    decision(agreement("self_pay", day_cents=9_000, percent=4)).refuses(no.AgreementIncomplete)
    decision(agreement("self_pay", day_cents=1), agreement("self_pay", day_cents=2)).refuses(no.AgreementToldOtherwise)
    decision(agreement("self_pay", day_cents=1, effective_through="2026-02-01")).refuses(PeriodRunsBackwards)


def test_a_write_off_has_an_approver_who_did_not_ask_for_it() -> None:
    """Who asked is who recorded the request, whatever anybody types; both are named in the fact, with the cause."""
    asked = POSTED, request_write_off(32_500)
    (fact,) = decision(write_off(32_500), *asked).once().facts
    assert (fact.requested_by, fact.approved_by, fact.cause) == (JUNE.by, BOSS.by, "small-balance")
    decision(write_off(32_500), *asked, act=JUNE).refuses(ApproverAskedThemselves)


def test_a_write_off_is_of_what_was_asked_for_and_of_nothing_else() -> None:
    """Of that line, share, amount and cause, once; without a request there is none."""
    decision(write_off(100), POSTED).refuses(no.UnknownWriteOffRequest)
    asked = POSTED, request_write_off(100)
    for other in (
        write_off(99), write_off(101), write_off(100, 1), write_off(100, share="patient"), write_off(100, cause="x"),
        write_off(100, claim_id=an_id("claim", 7)),
    ):  # fmt: skip
        decision(other, *asked).refuses(no.WriteOffRequestedOtherwise)
    decision(write_off(100, number=2), *asked).refuses(no.UnknownWriteOffRequest)
    decision(write_off(100), *asked, write_off(100)).nothing_happened()
    another = an_act(occurred_at=BOSS.now, role="director", by=an_id("director", 2))
    decision(write_off(100), *asked, write_off(100), act=another).refuses(no.WriteOffToldOtherwise)
    decision(write_off(200), *asked, write_off(100)).refuses(no.WriteOffToldOtherwise)


def test_a_request_for_a_write_off_stands_as_it_was_made() -> None:
    """Told again it is one; under its id nothing else is asked for, nor by anybody else."""
    asked = POSTED, request_write_off(100)
    (fact,) = decision(request_write_off(100), POSTED).once().facts
    assert fact == WriteOffRequested(
        write_off_id=an_id("write_off"), claim_id=IT, line=2, share="payer", amount_cents=100, cause="small-balance",
        requested_by=JUNE.by,
    )
    decision(request_write_off(101), *asked).refuses(no.WriteOffToldOtherwise)
    decision(request_write_off(100), *asked, act=BOSS).refuses(no.WriteOffToldOtherwise)
    for changes in ({"line": None}, {"claim_id": None}, {"charge_id": an_id("charge")}):
        decision(request_write_off(100, **changes), POSTED).refuses(no.WriteOffOfNothing)


def withdraw(number: int = 1, **changes: Any) -> ask.WithdrawWriteOffRequest:
    """The payer pays after all."""
    fields: dict[str, Any] = {"account_id": ACCOUNT, "write_off_id": an_id("write_off", number), "cause": "paid"}
    return ask.WithdrawWriteOffRequest(**(fields | changes))


def test_a_request_is_withdrawn_by_whoever_asked_or_a_director() -> None:
    """Once; it says again what of, and by whom and why it was withdrawn."""
    asked = POSTED, request_write_off(100)
    (fact,) = decision(withdraw(), *asked).once().facts
    assert fact == WriteOffRequestWithdrawn(
        write_off_id=an_id("write_off"), claim_id=IT, line=2, cause="paid", withdrawn_by=JUNE.by
    )
    assert decision(withdraw(), *asked, act=BOSS).facts
    decision(withdraw(), *asked, act=replace(JUNE, by=an_id("biller", 2))).refuses(AnothersRequest)
    decision(withdraw(cause="other"), *asked, withdraw()).nothing_happened()
    decision(withdraw(2), *asked).refuses(no.UnknownWriteOffRequest)
    decision(withdraw(), *asked, write_off(100)).refuses(no.WriteOffApproved)


def test_what_was_withdrawn_is_neither_approved_nor_asked_for_under_its_id() -> None:
    """Another id asks anew, of the same."""
    withdrawn = POSTED, request_write_off(100), withdraw()
    decision(write_off(100), *withdrawn).refuses(no.WriteOffRequestTakenBack)
    decision(request_write_off(100), *withdrawn).refuses(no.WriteOffRequestTakenBack)
    assert decision(write_off(100, number=2), *withdrawn, request_write_off(100, number=2)).facts


def test_a_write_off_of_before_requests_were_facts_stands_as_it_is() -> None:
    """The same again says nothing new, and its id is taken."""
    stream = after(POSTED)
    old = BalanceWrittenOff(
        write_off_id=an_id("write_off"), claim_id=IT, line=2, share="payer", amount_cents=100, cause="small-balance",
        requested_by=an_id("person"), approved_by=BOSS.by,
    )
    stream = given(AGGREGATE, *stream.facts, old)
    decided_by(stream, write_off(100)).nothing_happened()
    decided_by(stream, write_off(99)).refuses(no.WriteOffToldOtherwise)
    decided_by(stream, request_write_off(100)).refuses(no.WriteOffToldOtherwise)


def test_no_more_is_written_off_than_is_open() -> None:
    """Of the payer's part what is open, of the patient's part what is owed; one line's balance is not another's. When
    it is asked for, and again when it is approved."""
    assert "32500" in decision(request_write_off(32_501), POSTED).refuses(no.WriteOffBeyondBalance)
    decision(request_write_off(1, line=1), POSTED).refuses(no.WriteOffBeyondBalance)
    decision(request_write_off(5_001, line=1, share="patient"), POSTED).refuses(no.WriteOffBeyondBalance)
    of_the_patients = {"line": 1, "share": "patient"}
    state = decision(write_off(5_000, **of_the_patients), POSTED, request_write_off(5_000, **of_the_patients)).state
    assert state.lines[IT, 1].owed_cents == 0
    decision(request_write_off(1, number=2), POSTED, *written_off(32_500)).refuses(no.WriteOffBeyondBalance)
    both = request_write_off(32_500), request_write_off(1, number=2)
    decision(write_off(1, number=2), POSTED, *both, write_off(32_500)).refuses(no.WriteOffBeyondBalance)
    decision(request_write_off(1)).refuses(no.UnknownClaimOnAccount)
    decision(request_write_off(1, line=3), POSTED).refuses(no.UnknownLineOnAccount)


def a_line(number: int, *asked: Asked) -> Line:
    """A line of the claim after commands that are all accepted."""
    state: Account = folded(AGGREGATE, *after(*asked).facts)
    return state.lines[IT, number]


def test_what_a_payer_pays_after_all_was_not_given_up() -> None:
    """A denied line of 325 dollars is written off; the payer takes that back, pays 240, and leaves 50 to the patient:
    nothing is open below zero. Taken back again, the write-off counts as it did."""
    given_up = POSTED, *written_off(32_500)
    assert a_line(2, *given_up).open_cents == 0
    back = *given_up, (take_back(), REVERSED)
    assert a_line(2, *back).open_cents == 0
    line = a_line(2, *back, (post_again(), ANSWERED_AGAIN))
    assert (line.given_up, line.open_cents, line.owed_cents) == (WrittenOff(), 0, 5_000)
    again = take_back(trace_number="EFT-3", remittance_on="2026-05-20")
    taken = claim_after(FIRST, reverse(), SECOND, reverse(reversed_on="2026-05-20", trace_number="EFT-3"))
    line = a_line(2, *back, (post_again(), ANSWERED_AGAIN), (again, taken))
    assert (line.given_up, line.open_cents, line.owed_cents) == (WrittenOff(payer=32_500), 0, 0)


def test_a_written_off_share_that_a_payer_pays_after_all_is_nobodys_credit() -> None:
    """Nothing was received, so nothing goes back; what is left to the patient then is written off up to that."""
    answer = adjudicate(
        answered(1, 29_000, ("CO", "45", 3_500)), answered(2, 0, ("CO", "197", 32_500)),
        paid_cents=29_000, trace_number="EFT-2", remittance_on="2026-05-02", adjudicated_on="2026-04-30",
    )  # fmt: skip
    claim = claim_after(FIRST, reverse(), answer)
    paid = POSTED, *written_off(5_000, 1, share="patient"), (take_back(), REVERSED), (post_again(), claim)
    line = a_line(1, *paid)
    assert (line.open_cents, line.owed_cents) == (0, 0)
    assert " 0 cents" in decision((refund(1), claim), *paid).refuses(no.RefundBeyondCredit)
    decision((refund(7_000), claim), *paid, receive(7_000)).once()
    assert " 7000 cents" in decision((refund(7_001), claim), *paid, receive(7_000)).refuses(no.RefundBeyondCredit)
    decision((request_write_off(1, 1, 2, share="patient"), claim), *paid).refuses(no.WriteOffBeyondBalance)


def test_what_a_payer_gives_the_patient_back_is_no_money_of_theirs_here() -> None:
    """It paid 330 of 325 dollars with the patient's share below zero: without a payment received nothing goes back."""
    answer = adjudicate(
        answered(1, 33_000, ("PR", "2", -500)), answered(2, 32_500), paid_cents=65_500, trace_number="EFT-1",
        remittance_on="2026-04-01",
    )  # fmt: skip
    claim = claim_after(answer)
    assert " 0 cents" in decision((refund(1), claim), (post(), claim)).refuses(no.RefundBeyondCredit)
    decision((refund(501), claim), (post(), claim), receive(500)).refuses(no.RefundBeyondCredit)
    decision((refund(500), claim), (post(), claim), receive(500)).once()


@pytest.mark.parametrize(("settled", "counts"), [
    (Shares(), WrittenOff(payer=9_000)),
    (Shares(paid=6_000, contractual=1_000, patient=3_000), WrittenOff(patient=3_000)),
    (Shares(paid=8_000, patient=1_000), WrittenOff(payer=1_000, patient=1_000)),
    (Shares(denied=10_000), WrittenOff(payer=9_000)),
    (Shares(paid=12_000), WrittenOff()),
    (Shares(paid=10_500, patient=-500), WrittenOff()),
])  # fmt: skip
def test_a_write_off_counts_for_what_there_is_to_give_up(settled: Shares, counts: WrittenOff) -> None:
    """Of a line of 100 dollars, of which 90 of the payer's and 40 of the patient's were written off over time: no more
    than is open, no more than is left to the patient, and nothing where there is neither."""
    assert in_force(WrittenOff(payer=9_000, patient=4_000), 10_000, settled) == counts


def test_a_refund_never_exceeds_the_credit() -> None:
    """Credit is what the patient paid beyond the patient's share; what was refunded is gone."""
    decision(refund(1)).refuses(no.RefundBeyondCredit)
    assert "2000" in decision(refund(2_001), POSTED, receive(7_000)).refuses(no.RefundBeyondCredit)
    decision(refund(2_000), POSTED, receive(7_000)).once()
    decision(refund(1, 2), POSTED, receive(7_000), refund(2_000)).refuses(no.RefundBeyondCredit)
    decision(refund(1), POSTED, receive(7_000), refund(2_000)).refuses(no.RefundToldOtherwise)
    decision(refund(1, program_id=an_id("program", 2)), receive(7_000)).refuses(no.RefundBeyondCredit)
    decision(refund(1, issued_on="2026-06-03"), receive(7_000)).refuses(DateInTheFuture)


def test_the_clock_of_an_overpayment_starts_when_a_person_identifies_it() -> None:
    """Never at what a program computes; the person and the day are in the fact, and the day it is due."""
    (fact,) = decision(overpaid(), POSTED).once().facts
    assert (fact.identified_by, fact.identified_on, fact.return_due_on) == (JUNE.by, "2026-05-10", "2026-07-09")
    system = an_act(occurred_at="2026-06-01T12:00:00Z", role="system")
    assert "person" in decision(overpaid(), POSTED, act=system).refuses(no.NobodyIdentifiedIt)
    decision(overpaid(identified_on="2026-06-03"), POSTED).refuses(DateInTheFuture)
    decision(overpaid(claim_id=an_id("claim", 9)), POSTED).refuses(no.UnknownClaimOnAccount)
    decision(overpaid(amount_cents=1), POSTED, overpaid()).refuses(no.OverpaymentToldOtherwise)
    assert decision(overpaid(return_days=30, claim_id=None), POSTED).facts[0].return_due_on == "2026-06-09"
    for claim in (IT, None):
        elsewhere = overpaid(program_id=an_id("program", 9), claim_id=claim)
        decision(elsewhere, POSTED).refuses(no.UnknownClaimOnAccount)


def test_an_investigation_suspends_the_clock_once() -> None:
    """By the days given."""
    (fact,) = decision(investigate(), POSTED, overpaid()).once().facts
    assert fact.return_due_on == "2027-01-05"
    decision(investigate(opened_on="2026-05-13"), POSTED, overpaid(), investigate()).refuses(no.InvestigationOpen)
    decision(investigate(opened_on="2026-05-09"), POSTED, overpaid()).refuses(no.BeforeIdentified)
    decision(investigate(), POSTED).refuses(no.UnknownOverpayment)
    decision(investigate(), POSTED, overpaid(), give_back()).refuses(no.OverpaymentOver)


@pytest.mark.parametrize("before", [(), (give_back(20_000, 2),)], ids=["at once", "in parts"])
def test_no_more_goes_back_than_was_identified(before: tuple[Any, ...]) -> None:
    """In one return or several."""
    left = 24_000 - sum(one.amount_cents for one in before)
    decision(give_back(left), POSTED, overpaid(), *before).once()
    decision(give_back(left + 1), POSTED, overpaid(), *before).refuses(no.ReturnBeyondOverpayment)
    decision(give_back(1), POSTED, overpaid(), *before, give_back(left)).refuses(no.ReturnToldOtherwise)
    decision(give_back(returned_on="2026-05-09"), POSTED, overpaid()).refuses(no.BeforeIdentified)
