"""What can be true of one account. Names and shapes are the storage format. Amounts are whole cents."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.claim.facts import Adjustment
from aggregates.kit import fact, upcast, value
from aggregates.values import (
    Cents,
    ClaimId,
    Code,
    Count,
    Date,
    EnrollmentId,
    Id,
    Label,
    PatientId,
    PersonId,
    ProgramId,
    SignedCents,
    Text,
    TraceNumber,
)

Amount = Annotated[int, Field(ge=1, le=100_000_000)]
LineNumber = Annotated[int, Field(ge=1, le=999)]
Sequence = Annotated[int, Field(ge=1, le=999)]
Method = Literal["cash", "check", "card", "transfer", "other"]
Source = Literal["835", "999", "277CA"]
Basis = Literal["self_pay", "sliding_fee", "disclosure_restricted"]
"""Why no payer is asked for a day: by which kind of agreement, or for the patient forbade it (45 CFR 164.522(a))."""
Position = Annotated[int, Field(ge=1)]
Part = Literal["file", "remittance", "claim", "provider_adjustment"]


@fact("account.charge_posted", 1)
@value
class ChargePosted:
    """A line of a claim that was sent is owed by its payer. A service is charged once: a secondary claim posts none."""

    patient_id: PatientId
    program_id: ProgramId
    payer_id: Id
    claim_id: ClaimId
    line: LineNumber
    service_date: Date
    charge_cents: Cents


@fact("account.self_pay_charge_posted", 1)
@value
class SelfPayChargePosted:
    """A day that no payer is asked for is the patient's to pay: `owed_cents` of the charge, the agreement takes off the
    rest. `decided_at` is the position of the log at which the day was decided."""

    charge_id: Id
    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId
    service_date: Date
    basis: Basis
    agreement_id: Id | None = None
    charge_cents: Cents
    owed_cents: Cents
    decided_at: Position


@fact("account.self_pay_charge_reversed", 1)
@value
class SelfPayChargeReversed:
    """The charge of a day counts no longer, and neither does what the agreement took off or was written off of it."""

    charge_id: Id
    cause: Code


@fact("account.remittance_posted", 1)
@value
class RemittancePosted:
    """The payer's answer to one line, posted; `sequence` numbers the answers to the claim in its remittance.

    An answer to a secondary claim says `after_claim` and, where it can be told, the `charged_line` of that claim: what
    it pays and leaves is of the charge there.
    """

    claim_id: ClaimId
    line: LineNumber
    payer_id: Id
    trace_number: TraceNumber
    sequence: Sequence
    remittance_on: Date
    paid_cents: Cents
    adjustments: tuple[Adjustment, ...]
    allowed_cents: Cents | None = None
    after_claim: ClaimId | None = None
    charged_line: LineNumber | None = None


@fact("account.payment_reversed", 1)
@value
class PaymentReversed:
    """A posted line is taken back: by which remittance, and which posting (`posted_…`) it reverses."""

    claim_id: ClaimId
    line: LineNumber
    payer_id: Id
    trace_number: TraceNumber
    sequence: Sequence
    remittance_on: Date
    posted_trace_number: TraceNumber
    posted_sequence: Sequence
    paid_cents: Cents
    cause: Code


@value
class AdjustmentReference:
    """The payer's own reference (PLB03-2), which may be a member's number."""

    reference: Label


@fact("account.provider_adjustment_posted", 1, subject="organization")
@value
class ProviderAdjustmentPosted:
    """The payer settles something with the provider (PLB). As in the 835, a positive amount lowers the payment."""

    program_id: ProgramId
    payer_id: Id
    trace_number: TraceNumber
    sequence: Sequence
    remittance_on: Date
    reason_code: Code
    amount_cents: SignedCents
    claim_id: ClaimId | None = None
    has_reference: bool
    sealed: AdjustmentReference | None = None


@fact("account.patient_payment_received", 1)
@value
class PatientPaymentReceived:
    """The patient, or somebody for the patient, paid."""

    patient_id: PatientId
    program_id: ProgramId
    payment_id: Id
    received_on: Date
    amount_cents: Amount
    method: Method
    claim_id: ClaimId | None = None
    line: LineNumber | None = None


@fact("account.patient_agreement_set", 1)
@value
class PatientAgreementSet:
    """What the patient and the program agreed to: a price a day, a share of the charge, or installments."""

    patient_id: PatientId
    program_id: ProgramId
    agreement_id: Id
    kind: Literal["self_pay", "sliding_fee", "payment_plan"]
    effective_from: Date
    effective_through: Date | None = None
    day_cents: Cents | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    installment_cents: Amount | None = None


@fact("account.write_off_requested", 1)
@value
class WriteOffRequested:
    """Somebody asks that a part of a claim's line, or of what the patient owes of a self-pay charge, be given up."""

    write_off_id: Id
    claim_id: ClaimId | None = None
    line: LineNumber | None = None
    charge_id: Id | None = None
    share: Literal["payer", "patient"]
    amount_cents: Amount
    cause: Code
    requested_by: PersonId


@fact("account.write_off_request_withdrawn", 1)
@value
class WriteOffRequestWithdrawn:
    """The request for it is taken back; it says again what of."""

    write_off_id: Id
    claim_id: ClaimId | None = None
    line: LineNumber | None = None
    charge_id: Id | None = None
    cause: Code
    withdrawn_by: PersonId


@fact("account.balance_written_off", 2)
@value
class BalanceWrittenOff:
    """Nobody is asked for this part of a line any more: of what is open with the payer, or of the patient's share; or
    (since schema version 2) of what the patient owes of a self-pay charge."""

    write_off_id: Id
    claim_id: ClaimId | None = None
    line: LineNumber | None = None
    charge_id: Id | None = None
    share: Literal["payer", "patient"]
    amount_cents: Amount
    cause: Code
    requested_by: PersonId
    approved_by: PersonId


@upcast("account.balance_written_off", 1)
def _written_off_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, only lines of claims were written off."""
    return fields | {"charge_id": None}


@fact("account.refund_issued", 1)
@value
class RefundIssued:
    """Credit given back to the patient."""

    program_id: ProgramId
    refund_id: Id
    issued_on: Date
    amount_cents: Amount
    method: Method
    cause: Code


@fact("account.overpayment_identified", 1)
@value
class OverpaymentIdentified:
    """A person found that a payer paid too much. `return_due_on` counts the days that were given, which are unverified
    unless somebody looked them up: 60 by secondary sources on 42 CFR 401.305."""

    overpayment_id: Id
    program_id: ProgramId
    payer_id: Id
    claim_id: ClaimId | None = None
    amount_cents: Amount
    cause: Code
    identified_by: PersonId
    identified_on: Date
    return_days: Count
    return_due_on: Date


@fact("account.overpayment_investigation_opened", 1)
@value
class OverpaymentInvestigationOpened:
    """An investigation in good faith suspends the clock for so many days."""

    overpayment_id: Id
    opened_on: Date
    suspended_days: Count
    return_due_on: Date


@fact("account.overpayment_returned", 1)
@value
class OverpaymentReturned:
    """Some or all of it went back to the payer."""

    overpayment_id: Id
    return_id: Id
    returned_on: Date
    amount_cents: Amount
    method: Literal["check", "transfer", "takeback"]


@value
class UnmatchedWords:
    """Why, in a sentence, and what stood there: numbers and text of the payer's, which may name people."""

    sentence: Text
    file: Label | None = None
    control_number: Label | None = None
    payer: Label | None = None
    segments: Text | None = None


@fact("account.remittance_unmatched", 1, subject="organization")
@value
class RemittanceUnmatched:
    """A part of a file from a payer that could not be trusted or matched, and so moved nothing; `why` is a code."""

    unmatched_id: Id
    program_id: ProgramId | None = None
    payer_id: Id | None = None
    source: Source
    part: Part
    why: Code
    claim_id: ClaimId | None = None
    trace_number: TraceNumber | None = None
    remittance_on: Date | None = None
    charge_cents: SignedCents | None = None
    paid_cents: SignedCents | None = None
    sealed: UnmatchedWords | None = None


@fact("account.unmatched_assigned", 1)
@value
class UnmatchedAssigned:
    """Somebody said what became of an unmatched part: which claim it was, or why it is none of ours."""

    unmatched_id: Id
    program_id: ProgramId | None = None
    resolution: Code
    claim_id: ClaimId | None = None
