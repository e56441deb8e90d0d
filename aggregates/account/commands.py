"""What may be asked of an account. Each command's first field is the account's id, as `accounts` makes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.account.facts import Amount, Basis, LineNumber, Method, Part, Position, Sequence, Source
from aggregates.kit import command, value
from aggregates.values import (
    Cents,
    ClaimId,
    Code,
    Date,
    EnrollmentId,
    Id,
    Label,
    PatientId,
    ProgramId,
    SignedCents,
    Text,
    TraceNumber,
)

Days = Annotated[int, Field(ge=1, le=366)]


@command("account.post_charges")
@value
class PostCharges:
    """Posts every line of a claim that was sent; those already posted stay as they are.

    A secondary claim charges nothing, because its services are charged already, and neither does a void.
    """

    account_id: Id
    claim_id: ClaimId


@command("account.post_self_pay_charge")
@value
class PostSelfPayCharge:
    """Posts the charge of a day that no payer is asked for, as the day was decided at the position `decided_at`.

    A self-pay or sliding-fee day names the agreement. One charge of a day stands at a time.
    """

    account_id: Id
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


@command("account.reverse_self_pay_charge")
@value
class ReverseSelfPayCharge:
    """Takes a day's charge back, because the day is decided otherwise by now; what was paid stays the patient's."""

    account_id: Id
    charge_id: Id
    cause: Code


@command("account.post_remittance")
@value
class PostRemittance:
    """Posts the answer that stands on the claim, line by line, with the charges that were not posted yet.

    `sequence` numbers the answers to this claim in its remittance, from 1.
    """

    account_id: Id
    claim_id: ClaimId
    trace_number: TraceNumber
    remittance_on: Date
    sequence: Sequence = 1


@command("account.reverse_payment")
@value
class ReversePayment:
    """Takes back, line by line, the posting that stands for a claim whose answer was reversed.

    `posted_trace_number` and `posted_sequence` name the posting; left out, it is the one that stands.
    """

    account_id: Id
    claim_id: ClaimId
    trace_number: TraceNumber
    remittance_on: Date
    sequence: Sequence = 1
    posted_trace_number: TraceNumber | None = None
    posted_sequence: Sequence | None = None
    cause: Code = "payer-reversal"


@command("account.post_provider_adjustment")
@value
class PostProviderAdjustment:
    """Posts one adjustment of a remittance that concerns the provider (PLB), once; the sign is that of the 835."""

    account_id: Id
    program_id: ProgramId
    payer_id: Id
    trace_number: TraceNumber
    sequence: Sequence
    remittance_on: Date
    reason_code: Code
    amount_cents: SignedCents
    claim_id: ClaimId | None = None
    reference: Label | None = None


@command("account.receive_patient_payment")
@value
class ReceivePatientPayment:
    """The patient paid; a claim's line may be named for which it is."""

    account_id: Id
    patient_id: PatientId
    program_id: ProgramId
    payment_id: Id
    received_on: Date
    amount_cents: Amount
    method: Method
    claim_id: ClaimId | None = None
    line: LineNumber | None = None


@command("account.set_patient_agreement")
@value
class SetPatientAgreement:
    """Self-pay needs the price of a day, a sliding fee the patient's percent, a payment plan the installment."""

    account_id: Id
    patient_id: PatientId
    program_id: ProgramId
    agreement_id: Id
    kind: Literal["self_pay", "sliding_fee", "payment_plan"]
    effective_from: Date
    effective_through: Date | None = None
    day_cents: Cents | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    installment_cents: Amount | None = None


@command("account.request_write_off")
@value
class RequestWriteOff:
    """Asks that a part of a claim's line, or of the patient's share of a self-pay charge, be given up; another person
    has to approve it, under the same id."""

    account_id: Id
    write_off_id: Id
    claim_id: ClaimId | None = None
    line: LineNumber | None = None
    charge_id: Id | None = None
    share: Literal["payer", "patient"]
    amount_cents: Amount
    cause: Code


@command("account.withdraw_write_off_request")
@value
class WithdrawWriteOffRequest:
    """Takes a request back that nobody approved yet; its id is not used again."""

    account_id: Id
    write_off_id: Id
    cause: Code


@command("account.write_off_balance")
@value
class WriteOffBalance:
    """Approves what somebody else asked for under this id, and repeats it word for word."""

    account_id: Id
    write_off_id: Id
    claim_id: ClaimId
    line: LineNumber
    share: Literal["payer", "patient"]
    amount_cents: Amount
    cause: Code


@command("account.write_off_self_pay_charge")
@value
class WriteOffSelfPayCharge:
    """Gives up what the patient owes of a self-pay charge, or a part of it; asked for and approved as any write-off."""

    account_id: Id
    write_off_id: Id
    charge_id: Id
    amount_cents: Amount
    cause: Code


@command("account.issue_refund")
@value
class IssueRefund:
    """Gives the patient's credit with a program back, or a part of it."""

    account_id: Id
    program_id: ProgramId
    refund_id: Id
    issued_on: Date
    amount_cents: Amount
    method: Method
    cause: Code


@command("account.identify_overpayment")
@value
class IdentifyOverpayment:
    """Whoever orders it has identified it, and the clock starts; 60 days come from secondary sources (unverified)."""

    account_id: Id
    overpayment_id: Id
    program_id: ProgramId
    payer_id: Id
    claim_id: ClaimId | None = None
    amount_cents: Amount
    cause: Code
    identified_on: Date
    return_days: Days = 60


@command("account.open_overpayment_investigation")
@value
class OpenOverpaymentInvestigation:
    """Suspends the clock for an investigation in good faith; 180 days come from secondary sources (unverified)."""

    account_id: Id
    overpayment_id: Id
    opened_on: Date
    suspended_days: Days = 180


@command("account.return_overpayment")
@value
class ReturnOverpayment:
    """Gives an identified overpayment back, or a part of it."""

    account_id: Id
    overpayment_id: Id
    return_id: Id
    returned_on: Date
    amount_cents: Amount
    method: Literal["check", "transfer", "takeback"]


@command("account.record_unmatched")
@value
class RecordUnmatched:
    """Keeps a part of a payer's file that could not be trusted or matched, so that somebody can work on it."""

    account_id: Id
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
    sentence: Text
    file: Label | None = None
    control_number: Label | None = None
    payer: Label | None = None
    segments: Text | None = None


@command("account.assign_unmatched")
@value
class AssignUnmatched:
    """Says what became of an unmatched part: the claim that it was posted to, or why it is none of ours."""

    account_id: Id
    unmatched_id: Id
    resolution: Code
    claim_id: ClaimId | None = None


Command = (
    PostCharges | PostSelfPayCharge | ReverseSelfPayCharge | PostRemittance | ReversePayment | PostProviderAdjustment
    | ReceivePatientPayment | SetPatientAgreement | RequestWriteOff | WithdrawWriteOffRequest
    | WriteOffBalance | WriteOffSelfPayCharge
    | IssueRefund | IdentifyOverpayment | OpenOverpaymentInvestigation | ReturnOverpayment | RecordUnmatched
    | AssignUnmatched
)  # fmt: skip
