"""Decisions about an account: who is asked what, and the patient's own money. Refusals are in `refusals`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.account.counting import looked_at, owed_cents, taking_back
from aggregates.account.facts import (
    PatientAgreementSet,
    PatientPaymentReceived,
    RefundIssued,
)
from aggregates.account.giving_up import ask_for, give_up, must_be_charged, withdraw
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
        case ask.IssueRefund() | ask.RequestWriteOff() | ask.WriteOffBalance():
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
    counted = isinstance(command, ask.IssueRefund | ask.RequestWriteOff | ask.WriteOffBalance)
    return taking_back(seen) if counted else {}


def decide(state: Account, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    return _DECISIONS[type(command)](state, command, act, seen)


def _receive(state: Account, command: ask.ReceivePatientPayment, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    must_be_the_patients(command, seen)
    not_in_the_future(act, command.received_on)
    must_be_charged(state, command.claim_id, command.line)
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


def _refund(state: Account, command: ask.IssueRefund, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    not_in_the_future(act, command.issued_on)
    fact = made(RefundIssued, command)
    earlier = state.refunds.get(fact.refund_id)
    owed = max(0, owed_cents(state, command.program_id, seen))  # so that no more goes back than was received
    credit = state.received_cents(command.program_id) - owed
    if earlier is None and command.amount_cents > credit:
        raise no.RefundBeyondCredit(credit_cents=max(credit, 0), amount_cents=command.amount_cents)
    return only(earlier, fact, no.RefundToldOtherwise(refund_id=fact.refund_id))


_DECISIONS: dict[type, Callable[[Account, Any, Act, Mapping[str, Seen]], Outcomes]] = {
    ask.PostCharges: post_charges,
    ask.PostSelfPayCharge: post_self_pay,
    ask.ReverseSelfPayCharge: reverse_self_pay,
    ask.PostRemittance: post_remittance,
    ask.ReversePayment: reverse,
    ask.PostProviderAdjustment: post_adjustment,
    ask.ReceivePatientPayment: _receive,
    ask.SetPatientAgreement: _agree,
    ask.RequestWriteOff: ask_for,
    ask.WithdrawWriteOffRequest: withdraw,
    ask.WriteOffBalance: give_up,
    ask.WriteOffSelfPayCharge: give_up,
    ask.IssueRefund: _refund,
    ask.IdentifyOverpayment: identify,
    ask.OpenOverpaymentInvestigation: investigate,
    ask.ReturnOverpayment: send_back,
    ask.RecordUnmatched: keep_unmatched,
    ask.AssignUnmatched: assign,
}
