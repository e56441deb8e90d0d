"""What is remembered of an account: lines with what they came to, postings that stand, money of the patient's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aggregates.account.facts import (
    BalanceWrittenOff,
    ChargePosted,
    OverpaymentIdentified,
    OverpaymentInvestigationOpened,
    OverpaymentReturned,
    PatientAgreementSet,
    PatientPaymentReceived,
    PaymentReversed,
    ProviderAdjustmentPosted,
    RefundIssued,
    RemittancePosted,
    RemittanceUnmatched,
    SelfPayChargePosted,
    SelfPayChargeReversed,
    UnmatchedAssigned,
    WriteOffRequested,
    WriteOffRequestWithdrawn,
)
from aggregates.account.shares import Shares, WrittenOff, added, divide, in_force

Place = tuple[str, str, int]
"""Claim or payer, trace number, sequence: where in a remittance something stood."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Line:
    """One charged line; `shares` are those of the posting that stands, `further` what secondary payers answered to it,
    by claim and line of theirs, `written_off` all that was ever written off of it."""

    charge: ChargePosted
    shares: Shares = field(default_factory=Shares)
    written_off: WrittenOff = field(default_factory=WrittenOff)
    further: dict[tuple[str, int], Shares] = field(default_factory=dict)

    @property
    def settled(self) -> Shares:
        """What all answers come to together."""
        total = self.shares
        for one in self.further.values():
            more = added(total, one, self.charge.charge_cents)
            total = Shares(
                total.paid + more.paid, total.contractual + more.contractual, total.patient + more.patient,
                total.denied + more.denied,
            )
        return total

    @property
    def given_up(self) -> WrittenOff:
        """What of the write-offs counts."""
        return in_force(self.written_off, self.charge.charge_cents, self.settled)

    @property
    def open_cents(self) -> int:
        """What neither was paid or given up, nor is the patient's; below zero, the payer paid too much."""
        settled = self.settled
        given = settled.paid + settled.contractual + settled.patient + self.given_up.payer
        return self.charge.charge_cents - given

    @property
    def owed_cents(self) -> int:
        """What of the line the patient owes."""
        return self.settled.patient - self.given_up.patient


@dataclass(frozen=True, slots=True)
class SelfPay:
    """The charge of one day that no payer is asked for."""

    charge: SelfPayChargePosted
    written_off: int = 0
    reversed: SelfPayChargeReversed | None = None

    @property
    def owed_cents(self) -> int:
        """What of it the patient owes; nothing once it is taken back."""
        return 0 if self.reversed else self.charge.owed_cents - self.written_off


@dataclass(frozen=True, slots=True)
class Overpayment:
    """What a person found, whether the clock was suspended, what went back."""

    identified: OverpaymentIdentified
    investigation: OverpaymentInvestigationOpened | None = None
    returns: dict[str, OverpaymentReturned] = field(default_factory=dict)

    @property
    def left_cents(self) -> int:
        """What is still to be returned."""
        return self.identified.amount_cents - sum(one.amount_cents for one in self.returns.values())


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One account; without a patient it is one that a program has with a payer. `standing` is a claim's posting.

    Two of them are never compared, so that the empty one can be a key.
    """

    patient_id: str | None = None
    programs: frozenset[str] = frozenset()
    lines: dict[tuple[str, int], Line] = field(default_factory=dict)
    self_pay: dict[str, SelfPay] = field(default_factory=dict)
    postings: dict[Place, tuple[RemittancePosted, ...]] = field(default_factory=dict)
    standing: dict[str, Place] = field(default_factory=dict)
    reversals: dict[Place, tuple[PaymentReversed, ...]] = field(default_factory=dict)
    adjustments: dict[Place, ProviderAdjustmentPosted] = field(default_factory=dict)
    payments: dict[str, PatientPaymentReceived] = field(default_factory=dict)
    agreements: dict[str, PatientAgreementSet] = field(default_factory=dict)
    write_off_requests: dict[str, WriteOffRequested] = field(default_factory=dict)
    requests_withdrawn: dict[str, WriteOffRequestWithdrawn] = field(default_factory=dict)
    write_offs: dict[str, BalanceWrittenOff] = field(default_factory=dict)
    refunds: dict[str, RefundIssued] = field(default_factory=dict)
    overpayments: dict[str, Overpayment] = field(default_factory=dict)
    unmatched: dict[str, RemittanceUnmatched] = field(default_factory=dict)
    assigned: dict[str, UnmatchedAssigned] = field(default_factory=dict)

    def received_cents(self, program_id: str) -> int:
        """What the patient paid a program and did not get back."""
        received = sum(one.amount_cents for one in self.payments.values() if one.program_id == program_id)
        return received - sum(one.amount_cents for one in self.refunds.values() if one.program_id == program_id)


def place(posted: RemittancePosted | PaymentReversed) -> Place:
    """Where the answer to a claim stood."""
    return posted.claim_id, posted.trace_number, posted.sequence


def shares_of(posted: RemittancePosted) -> Shares:
    """What a posting comes to."""
    return divide(posted.paid_cents, ((one, one.amount_cents) for one in posted.adjustments))


def evolve(state: Account, fact: Any) -> Account:
    """The state after the fact."""
    change = _CHANGES.get(type(fact))
    return state if change is None else change(state, fact)


def _charged(state: Account, fact: ChargePosted) -> Account:
    lines = _with(state.lines, (fact.claim_id, fact.line), Line(fact))
    return replace(_owned(state, fact), lines=lines)


def _day_charged(state: Account, fact: SelfPayChargePosted) -> Account:
    return replace(_owned(state, fact), self_pay=_with(state.self_pay, fact.charge_id, SelfPay(fact)))


def _day_taken_back(state: Account, fact: SelfPayChargeReversed) -> Account:
    return _self_pay(state, fact.charge_id, reversed=fact)


def _posted(state: Account, fact: RemittancePosted) -> Account:
    where = place(fact)
    return replace(
        _further(state, fact) if fact.after_claim else _line(state, fact, shares=shares_of(fact)),
        postings=_with(state.postings, where, (*state.postings.get(where, ()), fact)),
        standing=_with(state.standing, fact.claim_id, where),
    )


def _reversed(state: Account, fact: PaymentReversed) -> Account:
    where = place(fact)
    return replace(
        _without(_line(state, fact, shares=Shares()), (fact.claim_id, fact.line)),
        reversals=_with(state.reversals, where, (*state.reversals.get(where, ()), fact)),
        standing={claim: posted for claim, posted in state.standing.items() if claim != fact.claim_id},
    )


def _adjusted(state: Account, fact: ProviderAdjustmentPosted) -> Account:
    where = fact.payer_id, fact.trace_number, fact.sequence
    return replace(_owned(state, fact), adjustments=_with(state.adjustments, where, fact))


def _received(state: Account, fact: PatientPaymentReceived) -> Account:
    return replace(_owned(state, fact), payments=_with(state.payments, fact.payment_id, fact))


def _agreed(state: Account, fact: PatientAgreementSet) -> Account:
    return replace(_owned(state, fact), agreements=_with(state.agreements, fact.agreement_id, fact))


def _write_off_requested(state: Account, fact: WriteOffRequested) -> Account:
    return replace(state, write_off_requests=_with(state.write_off_requests, fact.write_off_id, fact))


def _write_off_request_withdrawn(state: Account, fact: WriteOffRequestWithdrawn) -> Account:
    return replace(state, requests_withdrawn=_with(state.requests_withdrawn, fact.write_off_id, fact))


def _written_off(state: Account, fact: BalanceWrittenOff) -> Account:
    state = replace(state, write_offs=_with(state.write_offs, fact.write_off_id, fact))
    charge = state.self_pay.get(fact.charge_id or "")
    if charge is not None:
        return _self_pay(state, fact.charge_id or "", written_off=charge.written_off + fact.amount_cents)
    line = state.lines.get((fact.claim_id or "", fact.line or 0))
    if line is None:
        return state
    payer, patient = line.written_off
    if fact.share == "payer":
        return _line(state, fact, written_off=WrittenOff(payer + fact.amount_cents, patient))
    return _line(state, fact, written_off=WrittenOff(payer, patient + fact.amount_cents))


def _refunded(state: Account, fact: RefundIssued) -> Account:
    return replace(state, refunds=_with(state.refunds, fact.refund_id, fact))


def _identified(state: Account, fact: OverpaymentIdentified) -> Account:
    return replace(
        _owned(state, fact), overpayments=_with(state.overpayments, fact.overpayment_id, Overpayment(fact)),
    )


def _investigated(state: Account, fact: OverpaymentInvestigationOpened) -> Account:
    return _overpaid(state, fact.overpayment_id, investigation=fact)


def _returned(state: Account, fact: OverpaymentReturned) -> Account:
    known = state.overpayments.get(fact.overpayment_id)
    returns = {} if known is None else known.returns
    return _overpaid(state, fact.overpayment_id, returns=_with(returns, fact.return_id, fact))


def _unmatched(state: Account, fact: RemittanceUnmatched) -> Account:
    return replace(_owned(state, fact), unmatched=_with(state.unmatched, fact.unmatched_id, fact))


def _assigned(state: Account, fact: UnmatchedAssigned) -> Account:
    return replace(state, assigned=_with(state.assigned, fact.unmatched_id, fact))


def _owned(state: Account, fact: Any) -> Account:
    """Whose account it is, and which programs are on it."""
    named = {fact.program_id} - {None}
    patient_id = state.patient_id or getattr(fact, "patient_id", None)
    return replace(state, patient_id=patient_id, programs=state.programs | named)


def _line(state: Account, fact: Any, **changes: Any) -> Account:
    known = state.lines.get((fact.claim_id, fact.line))
    if known is None:
        return state
    return replace(state, lines=_with(state.lines, (fact.claim_id, fact.line), replace(known, **changes)))


def _self_pay(state: Account, charge_id: str, **changes: Any) -> Account:
    known = state.self_pay.get(charge_id)
    if known is None:
        return state
    return replace(state, self_pay=_with(state.self_pay, charge_id, replace(known, **changes)))


def _further(state: Account, fact: RemittancePosted) -> Account:
    """A secondary payer's answer stands beside the first one's, on the line that is charged."""
    key = (fact.after_claim or "", fact.charged_line or 0)
    known = state.lines.get(key)
    if known is None:
        return state
    further = _with(known.further, (fact.claim_id, fact.line), shares_of(fact))
    return replace(state, lines=_with(state.lines, key, replace(known, further=further)))


def _without(state: Account, answered: tuple[str, int]) -> Account:
    """Takes a secondary payer's answer off the line that is charged."""
    lines = {
        key: replace(line, further={one: shares for one, shares in line.further.items() if one != answered})
        for key, line in state.lines.items() if answered in line.further
    }  # fmt: skip
    return replace(state, lines={**state.lines, **lines}) if lines else state


def _overpaid(state: Account, overpayment_id: str, **changes: Any) -> Account:
    known = state.overpayments.get(overpayment_id)
    if known is None:
        return state
    return replace(state, overpayments=_with(state.overpayments, overpayment_id, replace(known, **changes)))


def _with(known: dict[K, V], key: K, value: V) -> dict[K, V]:
    return {**known, key: value}


_CHANGES: dict[type, Any] = {
    ChargePosted: _charged,
    SelfPayChargePosted: _day_charged,
    SelfPayChargeReversed: _day_taken_back,
    RemittancePosted: _posted,
    PaymentReversed: _reversed,
    ProviderAdjustmentPosted: _adjusted,
    PatientPaymentReceived: _received,
    PatientAgreementSet: _agreed,
    WriteOffRequested: _write_off_requested,
    WriteOffRequestWithdrawn: _write_off_request_withdrawn,
    BalanceWrittenOff: _written_off,
    RefundIssued: _refunded,
    OverpaymentIdentified: _identified,
    OverpaymentInvestigationOpened: _investigated,
    OverpaymentReturned: _returned,
    RemittanceUnmatched: _unmatched,
    UnmatchedAssigned: _assigned,
}
