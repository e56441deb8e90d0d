"""What billing answers about accounts. Money is in whole cents; no view knows a name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from projections.billing.views import View


class AdjustmentView(View):
    """One reason why a line pays other than its charge, and whose the amount is."""

    group: str = Field(description="CO contractual, PR patient, OA other, PI payer-initiated.")
    carc: str
    rarc: str | None
    cents: int
    share: str = Field(description="contractual, patient, denied or other.")


class LineView(View):
    """One line of a claim that was sent: charge = paid + contractual + patient + written off + open."""

    patient_id: str
    claim_id: str
    line: int
    enrollment_id: str
    program_id: str
    payer_id: str
    service_date: str = Field(description="The decided day that the line bills.")
    decided_at: int = Field(description="The position of the log at which that day was decided for this claim.")
    counts: bool = Field(
        description="Balances count it: sent and standing, or taken back and the payer has yet to accept that."
    )
    claim_status: str
    charge_cents: int = Field(description="0 on a secondary claim: the charge is counted on the claim before.")
    paid_cents: int
    contractual_cents: int
    patient_cents: int = Field(
        description="The patient's share less what of it was written off; on a secondary claim, by how much its "
        "payer's answer changes that share."
    )
    written_off_cents: int = Field(
        description="What of the write-offs counts by the answers that stand, a second payer's with them: what is paid "
        "or taken off after all was not given up, until that answer is reversed. On a secondary claim, what of the "
        "write-offs of the line before is of what this answer leaves."
    )
    open_cents: int = Field(
        description="Neither paid, given up, nor the patient's; below zero: paid too much. On a secondary claim, by "
        "how much its payer's answer changes that."
    )
    denied_cents: int = Field(
        description="What of the charge the payer refused; open until it is paid or given up. On a secondary claim, by "
        "how much its payer's answer changes that."
    )
    other_cents: int = Field(description="Other adjustments (OA) that are no refusal; open as well.")
    posted_cents: int = Field(description="What was posted to the account from remittances.")
    allowed_cents: int | None = Field(description="What the payer allows for the line, where it says so.")
    adjustments: list[AdjustmentView]
    adjudicated_on: str | None
    trace_number: str | None = Field(description="The remittance that brought the answer.")


class SelfPayChargeView(View):
    """The charge of a day that no payer is asked for: charge = adjusted + patient + written off."""

    patient_id: str
    charge_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    basis: str = Field(description="self_pay, sliding_fee or disclosure_restricted.")
    agreement_id: str | None
    counts: bool = Field(description="It stands; one that was taken back counts in no balance.")
    charge_cents: int
    adjusted_cents: int = Field(description="What the agreement takes off.")
    patient_cents: int = Field(description="What the patient owes of it, less what of that was written off.")
    written_off_cents: int
    decided_at: int = Field(description="The position of the log at which the day was decided for this charge.")


class SumsView(View):
    """What lines and self-pay charges with one program come to, and the patients' own money.

    Charge = paid + contractual + patient + written off + open + adjusted.
    """

    program_id: str
    charge_cents: int
    paid_cents: int
    contractual_cents: int
    patient_cents: int
    written_off_cents: int
    open_cents: int
    denied_cents: int
    adjusted_cents: int = Field(description="What agreements took off self-pay charges.")
    credit_cents: int = Field(
        description="What payers paid for claims that stand no longer: theirs until taken back, withheld or returned; "
        "below zero, they took more."
    )
    returned_cents: int = Field(description="What of that was returned or withheld, less what payers put off taking.")
    received_cents: int = Field(description="What patients paid.")
    refunded_cents: int
    balance_cents: int = Field(description="What patients owe; below zero: their credit.")


class BalanceView(SumsView):
    """What a patient's lines with one program come to, and the patient's own money."""

    patient_id: str
    agreement: str | None = Field(description="The kind of the agreement set last.")


class CreditView(View):
    """What a payer paid for a claim that was replaced or voided; an overpayment only once a person identifies it."""

    patient_id: str
    claim_id: str
    program_id: str
    payer_id: str
    claim_status: str
    paid_cents: int
    returned_cents: int = Field(description="What of it was returned as an identified overpayment.")
    withheld_cents: int = Field(
        description="What more of it the payer recovered beside its claims (PLB WO, 72 and FB, by their signs) and says"
        " is about this one; below zero: it put off taking back what it reversed. How payers use these is unverified."
    )
    credit_cents: int = Field(description="What is left of it; below zero: the payer took more than it paid.")
    identified_cents: int = Field(description="What a person identified as overpaid on this claim.")
    unmatched_cents: int = Field(
        description="What the payer recovered (above zero) or put off beside its claims without a reversal, a claim "
        "that stands no longer or a return that bears it out: it moves no credit until a person finds why."
    )
    adjusted_cents: int = Field(
        description="All that the payer settled beside its claims and says is about this one (PLB); above zero: kept."
    )
    adjudicated_on: str | None
    trace_number: str | None = Field(description="The remittance that brought the payment.")


class WriteOffRequestView(View):
    """A write-off that somebody asked for and that waits for another person: approved or withdrawn as it stands here,
    of a line or charge on the patient's account, of a day in its episode."""

    patient_id: str
    kind: Literal["line", "charge", "day"]
    write_off_id: str | None = Field(description="Under which it is approved or withdrawn; none of a day.")
    program_id: str
    enrollment_id: str
    service_date: str
    claim_id: str | None
    line: int | None
    charge_id: str | None
    share: Literal["payer", "patient"]
    amount_cents: int | None = Field(description="What would be given up; of a day, what it would be billed for.")
    cause: str
    requested_by: str
    requested_at: str
    position: int


class OverpaymentView(View):
    """What a person found that a payer paid too much."""

    patient_id: str
    overpayment_id: str
    program_id: str
    payer_id: str
    claim_id: str | None
    cause: str
    amount_cents: int
    returned_cents: int
    identified_by: str
    identified_on: str
    return_days: int
    suspended_days: int
    return_due_on: str
    unverified: list[str] = Field(description="Numbers of days that come from secondary sources only.")


class AccountView(View):
    """A patient's account."""

    patient_id: str
    account_id: str = Field(description="The id to give with commands about this account.")
    balances: list[BalanceView]
    lines: list[LineView]
    self_pay: list[SelfPayChargeView] = Field(description="The charges of days that no payer is asked for.")
    overpayments: list[OverpaymentView]


class UnmatchedView(View):
    """A part of a payer's file that could not be trusted or matched."""

    unmatched_id: str
    account_id: str = Field(description="The account that it stands on, for `assign-unmatched`.")
    program_id: str | None
    payer_id: str | None
    source: str
    part: str
    why: str
    sentence: str = Field(description="Why, and what to do.")
    claim_id: str | None
    trace_number: str | None
    remittance_on: str | None
    charge_cents: int | None
    paid_cents: int | None
    recorded_at: str
    position: int
    resolution: str | None = Field(description="What became of it; None: it waits.")
    assigned_claim_id: str | None


class DenialView(View):
    """What one payer refused for one reason, on lines of claims that stand."""

    payer_id: str
    group: str
    carc: str
    rarc: str | None
    lines: int
    patients: int
    cents: int
    oldest: str = Field(description="The first day of service among them.")
    corrected: bool = Field(
        description="A corrected claim answers it (see the list of corrections), and no appeal (see that of disputes)."
    )


class ProviderAdjustmentView(View):
    """What a payer settled with the provider; a positive amount lowered the payment, as in the 835."""

    position: int
    account_id: str
    program_id: str
    payer_id: str
    trace_number: str
    sequence: int
    remittance_on: str
    reason_code: str
    amount_cents: int
    claim_id: str | None
