"""Decisions about an account: who is asked what, and the patient's own money. Refusals are in `refusals`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.counting import counts, looked_at, owed_cents, taking_back
from aggregates.account.facts import (
    BalanceWrittenOff,
    PatientAgreementSet,
    PatientPaymentReceived,
    RefundIssued,
)
from aggregates.account.overpayment import identify, investigate, send_back
from aggregates.account.posting import post_charges, post_remittance, reverse
from aggregates.account.provider import assign, keep_unmatched, post_adjustment
from aggregates.account.self_pay import (
    must_be_the_patients,
    per_diems_of,
    post_self_pay,
    reverse_self_pay,
    terms_of,
)
from aggregates.account.state import Account
from aggregates.days import must_run_forwards
from aggregates.decision import made, not_in_the_future, only
from aggregates.kit import Act, Seen, Stream

Outcomes = tuple[Any, ...]
NEEDED = {"self_pay": "day_cents", "sliding_fee": "percent", "payment_plan": "installment_cents"}


def consult(state: Account, command: Any) -> dict[str, Stream]:
    """A posting looks at its claim, a patient's payment or agreement at the patient, a day's charge at what makes it
    the patient's and at the claims that charge it, a refund or a write-off at the claims whose charges are there."""
    match command:
        case ask.PostCharges() | ask.PostRemittance() | ask.ReversePayment():
            return {"claim": Stream("claim", command.claim_id)}
        case ask.ReceivePatientPayment() | ask.SetPatientAgreement():
            return {"patient": Stream("patient", command.patient_id)}
        case ask.PostSelfPayCharge():
            return {
                "patient": Stream("patient", command.patient_id), "program": Stream("program", command.program_id),
                "enrollment": Stream("enrollment", command.enrollment_id), **looked_at(state, command),
            }  # fmt: skip
        case ask.IssueRefund() | ask.WriteOffBalance():
            return looked_at(state, command)
        case ask.PostProviderAdjustment() | ask.AssignUnmatched() | ask.RecordUnmatched() if command.claim_id:
            return {"claim": Stream("claim", command.claim_id)}
        case _:
            return {}


def further(_state: Account, command: Any, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """Of the claims that are taken back, what takes them back; of a day that is charged to the patient, who holds its
    per diem, and where it is kept from its payer, the payer's terms."""
    if isinstance(command, ask.PostSelfPayCharge):
        return terms_of(command, seen) | taking_back(seen) | per_diems_of(command, seen)
    return taking_back(seen) if isinstance(command, ask.IssueRefund | ask.WriteOffBalance) else {}


def decide(state: Account, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    return _DECISIONS[type(command)](state, command, act, seen)


def _receive(state: Account, command: ask.ReceivePatientPayment, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    must_be_the_patients(command, seen)
    not_in_the_future(act, command.received_on)
    _must_be_charged(state, command.claim_id, command.line)
    fact = made(PatientPaymentReceived, command)
    told = no.PaymentToldOtherwise(payment_id=fact.payment_id)
    return only(state.payments.get(fact.payment_id), fact, told)


def _agree(state: Account, command: ask.SetPatientAgreement, _act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    must_be_the_patients(command, seen)
    if command.effective_through is not None:
        must_run_forwards(command.effective_from, command.effective_through)
    given = [name for name in NEEDED.values() if getattr(command, name) is not None]
    if given != [NEEDED[command.kind]]:
        raise no.AgreementIncomplete(kind=command.kind, needed=NEEDED[command.kind])
    fact = made(PatientAgreementSet, command)
    told = no.AgreementToldOtherwise(agreement_id=fact.agreement_id)
    return only(state.agreements.get(fact.agreement_id), fact, told)


def _write_off(state: Account, command: ask.WriteOffBalance, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    _must_be_charged(state, command.claim_id, command.line)
    if not counts(command.claim_id, seen) and command.write_off_id not in state.write_offs:
        raise no.ChargeWithdrawn(claim_id=command.claim_id)
    line = state.lines[command.claim_id, command.line]
    left = line.open_cents if command.share == "payer" else line.owed_cents
    fact = made(BalanceWrittenOff, command, approved_by=act.by)
    return _given_up(state, fact, f"Line {command.line}", left)


def _write_off_self_pay(
    state: Account, command: ask.WriteOffSelfPayCharge, act: Act, _seen: Mapping[str, Seen]
) -> Outcomes:
    charge = state.self_pay.get(command.charge_id)
    if charge is None:
        raise no.UnknownSelfPayCharge(charge_id=command.charge_id)
    fact = made(BalanceWrittenOff, command, share="patient", approved_by=act.by)
    return _given_up(state, fact, f"Charge {command.charge_id}", charge.owed_cents)


def _given_up(state: Account, fact: BalanceWrittenOff, what: str, left: int) -> Outcomes:
    """Somebody else asked for it, and it is no more than is `left`."""
    if fact.requested_by == fact.approved_by:
        raise no.ApproverAskedThemselves
    earlier = state.write_offs.get(fact.write_off_id)
    if earlier is None and fact.amount_cents > left:
        raise no.WriteOffBeyondBalance(
            what=what, share=fact.share, open_cents=max(left, 0), amount_cents=fact.amount_cents,
        )
    return only(earlier, fact, no.WriteOffToldOtherwise(write_off_id=fact.write_off_id))


def _refund(state: Account, command: ask.IssueRefund, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    not_in_the_future(act, command.issued_on)
    fact = made(RefundIssued, command)
    earlier = state.refunds.get(fact.refund_id)
    credit = state.received_cents(command.program_id) - owed_cents(state, command.program_id, seen)
    if earlier is None and command.amount_cents > credit:
        raise no.RefundBeyondCredit(credit_cents=max(credit, 0), amount_cents=command.amount_cents)
    return only(earlier, fact, no.RefundToldOtherwise(refund_id=fact.refund_id))


def _must_be_charged(state: Account, claim_id: str | None, number: int | None) -> None:
    """A named line is on the account. Raises UnknownLineOnAccount, UnknownClaimOnAccount, ChargedElsewhere or
    LineWithoutClaim."""
    if claim_id is None:
        if number is not None:
            raise no.LineWithoutClaim
        return
    if not any(claim == claim_id for claim, _ in state.lines):
        posted = (one for (claim, _, _), facts in state.postings.items() if claim == claim_id for one in facts)
        after = next((one.after_claim for one in posted), None)
        if after is not None:
            raise no.ChargedElsewhere(claim_id=claim_id, after_claim=after)
        raise no.UnknownClaimOnAccount(claim_id=claim_id)
    if number is not None and (claim_id, number) not in state.lines:
        raise no.UnknownLineOnAccount(claim_id=claim_id, line=number)


_DECISIONS: dict[type, Callable[[Account, Any, Act, Mapping[str, Seen]], Outcomes]] = {
    ask.PostCharges: post_charges,
    ask.PostSelfPayCharge: post_self_pay,
    ask.ReverseSelfPayCharge: reverse_self_pay,
    ask.PostRemittance: post_remittance,
    ask.ReversePayment: reverse,
    ask.PostProviderAdjustment: post_adjustment,
    ask.ReceivePatientPayment: _receive,
    ask.SetPatientAgreement: _agree,
    ask.WriteOffBalance: _write_off,
    ask.WriteOffSelfPayCharge: _write_off_self_pay,
    ask.IssueRefund: _refund,
    ask.IdentifyOverpayment: identify,
    ask.OpenOverpaymentInvestigation: investigate,
    ask.ReturnOverpayment: send_back,
    ask.RecordUnmatched: keep_unmatched,
    ask.AssignUnmatched: assign,
}
