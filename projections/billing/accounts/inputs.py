"""Account facts of a patient: what was posted or written off goes to the claim's line, the rest is the patient's own.

What an answer comes to is told by the claim's own facts; the account posts the same, so it is not taken in twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregates.account import facts
from iop_es.engine.readmodel.model import Recorded
from projections.billing.accounts import write_offs
from projections.billing.accounts.documents import Agreement, Line, Money, Overpaid, SelfPayCharge
from projections.billing.keeping import together

if TYPE_CHECKING:
    from projections.billing.documents import Patient


def charged(patient: Patient, recorded: Recorded) -> None:
    """The claim says as much; here the account begins."""
    _money(patient, recorded, recorded.fact.program_id)


def day_charged(patient: Patient, recorded: Recorded) -> None:
    """A day that no payer is asked for; it is decided again, because no payer may be asked while that stands."""
    fact: facts.SelfPayChargePosted = recorded.fact
    _money(patient, recorded, fact.program_id).self_pay[fact.charge_id] = SelfPayCharge(
        enrollment_id=fact.enrollment_id, date=fact.service_date, basis=fact.basis, agreement_id=fact.agreement_id,
        charge_cents=fact.charge_cents, owed_cents=fact.owed_cents, decided_at=fact.decided_at,
        position=recorded.position,
    )
    patient.touch_day(fact.service_date)


def day_taken_back(patient: Patient, recorded: Recorded) -> None:
    """The charge stands no longer, and so the day is decided again."""
    known = _self_pay(patient, recorded)
    if known is not None:
        known.stands = False
        patient.touch_day(known.date)


def posted(patient: Patient, recorded: Recorded) -> None:
    """Money came for a line."""
    line = _line(patient, recorded.fact)
    if line is not None:
        line.posted_cents += recorded.fact.paid_cents


def taken_back(patient: Patient, recorded: Recorded) -> None:
    """And went again."""
    line = _line(patient, recorded.fact)
    if line is not None:
        line.posted_cents -= recorded.fact.paid_cents


def written_off(patient: Patient, recorded: Recorded) -> None:
    """Of what is open with the payer, or of the patient's share."""
    fact = recorded.fact
    write_offs.answered(patient, recorded)
    charge = _self_pay(patient, recorded) if fact.charge_id else None
    if charge is not None:
        charge.written_off += fact.amount_cents
        patient.touch_day(charge.date)
        return
    line = _line(patient, fact)
    if line is None:
        return
    if fact.share == "payer":
        line.payer_written_off += fact.amount_cents
    else:
        line.patient_written_off += fact.amount_cents


def received(patient: Patient, recorded: Recorded) -> None:
    """The patient paid."""
    _money(patient, recorded, recorded.fact.program_id).received_cents += recorded.fact.amount_cents


def refunded(patient: Patient, recorded: Recorded) -> None:
    """The patient got credit back."""
    _money(patient, recorded, recorded.fact.program_id).refunded_cents += recorded.fact.amount_cents


def agreed(patient: Patient, recorded: Recorded) -> None:
    """The agreement that was set last; the days from its first on may be the patient's to pay."""
    fact: facts.PatientAgreementSet = recorded.fact
    money = _money(patient, recorded, fact.program_id)
    money.agreement = fact.kind
    money.agreements.append(Agreement(
        kind=fact.kind, on=fact.effective_from, through=fact.effective_through, day_cents=fact.day_cents,
        percent=fact.percent, position=recorded.position, agreement_id=fact.agreement_id,
    ))  # fmt: skip
    patient.touch_from(fact.effective_from)


def identified(patient: Patient, recorded: Recorded) -> None:
    """A person found that a payer paid too much."""
    fact: Any = recorded.fact
    _money(patient, recorded, fact.program_id).overpaid[fact.overpayment_id] = Overpaid(
        payer_id=fact.payer_id, claim_id=fact.claim_id, cause=fact.cause, amount_cents=fact.amount_cents,
        identified_by=fact.identified_by, identified_on=fact.identified_on, return_days=fact.return_days,
        return_due_on=fact.return_due_on, position=recorded.position,
    )


def investigated(patient: Patient, recorded: Recorded) -> None:
    """The clock stands still for a while."""
    known = _overpaid(patient, recorded)
    if known is not None:
        known.suspended_days, known.return_due_on = recorded.fact.suspended_days, recorded.fact.return_due_on


def returned(patient: Patient, recorded: Recorded) -> None:
    """Some or all went back."""
    known = _overpaid(patient, recorded)
    if known is not None:
        known.returned_cents += recorded.fact.amount_cents
        known.taken_cents += recorded.fact.amount_cents if recorded.fact.method == "takeback" else 0


def _line(patient: Patient, fact: Any) -> Line | None:
    """The line of a claim, whose rows are then made again with those of second payers' claims, on which a write-off may
    count; the day's decision does not rest on the account."""
    claim = patient.claims.get(fact.claim_id)
    if claim is None:
        return None
    patient.dirty_claims.update(dict.fromkeys(together(patient, fact.claim_id)))
    return next((line for line in claim.lines if line.line == fact.line), None)


def _money(patient: Patient, recorded: Recorded, program_id: str) -> Money:
    patient.dirty_money = True
    known = patient.money.setdefault(program_id, Money())
    known.position = recorded.position
    return known


def _self_pay(patient: Patient, recorded: Recorded) -> SelfPayCharge | None:
    for program_id, money in patient.money.items():
        known = money.self_pay.get(recorded.fact.charge_id)
        if known is not None:
            _money(patient, recorded, program_id)
            known.position = recorded.position
            return known
    return None


def _overpaid(patient: Patient, recorded: Recorded) -> Overpaid | None:
    for program_id, money in patient.money.items():
        known = money.overpaid.get(recorded.fact.overpayment_id)
        if known is not None:
            _money(patient, recorded, program_id)
            known.position = recorded.position
            return known
    return None


TAKES = {
    **write_offs.TAKES,
    "account.charge_posted": charged,
    "account.self_pay_charge_posted": day_charged,
    "account.self_pay_charge_reversed": day_taken_back,
    "account.remittance_posted": posted,
    "account.payment_reversed": taken_back,
    "account.balance_written_off": written_off,
    "account.patient_payment_received": received,
    "account.refund_issued": refunded,
    "account.patient_agreement_set": agreed,
    "account.overpayment_identified": identified,
    "account.overpayment_investigation_opened": investigated,
    "account.overpayment_returned": returned,
}
