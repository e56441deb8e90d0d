"""The money of the report: decided days, claims, corrections, accounts, other terms. Money is in cents."""

from __future__ import annotations

from pydantic import Field

from iop_es.demo.figures.figure import Figure


class Days(Figure):
    """Some decided days, what was or would be charged for them, and what the payers are expected to allow."""

    days: int
    cents: int
    expected_cents: int
    unknown: int = Field(description="Days without a known charge: they add nothing to the cents.")
    demo: int = Field(description="Days priced by a demo rate.")
    unverified: int = Field(description="Days that rest on a value of the payer's terms that nobody has verified.")


class State(Days):
    """All days of one state."""

    state: str
    by_program: dict[str, int] = Field(description="Days by the program's code.")


class Reason(Days):
    """The days of one state whose deciding reason is the same."""

    state: str
    reason: str
    owner: str
    next_step: str


class Billing(Figure):
    """Every decided day, once by state and, where something stands against it, once more by its deciding reason."""

    states: list[State]
    reasons: list[Reason]


class ClaimStatus(Figure):
    """All claims that stand at the same place."""

    status: str
    claims: int
    cents: int


class Payer(Figure):
    """What one payer was asked for and answered."""

    payer: str
    claims: int
    charged_cents: int
    answered: int = Field(description="Claims that the payer has decided.")
    paid_cents: int
    denied_cents: int


class Denial(Figure):
    """Denied days with the same adjustments, by group code and CARC."""

    adjustments: str
    days: int
    cents: int


class Claims(Figure):
    """Claims by where they stand, and the money of those that were answered."""

    prepared: int = Field(description="All claims that were ever prepared.")
    submitted: int = Field(description="Of these, how many left for the payer.")
    rejected: int
    paid: int = Field(description="Claims of which something was paid.")
    denied: int = Field(description="Claims with a denied day.")
    secondary: int = Field(description="Of the submitted ones, those that went to a second payer.")
    secondary_paid_cents: int = Field(description="What second payers paid; it is in what is paid.")
    charged_cents: int = Field(description="Charges of the submitted ones that were not corrected since, each once.")
    paid_cents: int
    patient_cents: int
    denied_cents: int
    by_status: list[ClaimStatus]
    by_payer: list[Payer]
    denials: list[Denial]


class CorrectionsDue(Figure):
    """Claims that are wrong by what is known now and are put right in the same way."""

    frequency: str | None = Field(description="7 to replace, 8 to void; None: voided here, or it waits.")
    waits: bool = Field(description="Whether an answer or something else must come first.")
    claims: int
    claimed_cents: int
    right_cents: int
    difference_cents: int
    example: str = Field(description="The id of one of these claims.")


class Corrections(Figure):
    """Claims that are to be put right, and those that went to the payers to put others right."""

    due: list[CorrectionsDue]
    replacements: int
    voids: int


class Account(Figure):
    """All patients' accounts with one program: charged = contractual + paid + patient + written off + open."""

    program: str
    charged_cents: int = Field(description="Lines of claims that were sent and stand.")
    contractual_cents: int
    paid_cents: int
    patient_cents: int = Field(description="The patients' share.")
    written_off_cents: int
    open_cents: int = Field(description="Not answered yet, or denied and neither paid nor given up.")
    denied_cents: int = Field(description="What of the open is denied.")
    patient_paid_cents: int = Field(description="What patients paid of their share, less what they got back.")


class Takeback(Figure):
    """A payer's answer that it took back itself, and what it said instead in the same remittance."""

    payer: str
    claim_id: str
    on: str
    trace_number: str
    taken_cents: int
    paid_cents: int = Field(description="What it paid instead.")
    adjustments: list[str] = Field(description="What it refuses now, as group code and CARC.")


class Accounts(Figure):
    """What became of charges, and what payers settled beside claims."""

    programs: list[Account]
    remittances: int
    takebacks: list[Takeback]
    provider_adjustments_cents: int = Field(description="Adjustments of the provider (PLB); below zero: paid to us.")


class Terms(Figure):
    """Days and expected money under one head, under the terms in force and under the others."""

    head: str = Field(description="billed, billable, held (or waiting) or not_billable.")
    now_days: int
    now_cents: int
    then_days: int
    then_cents: int
    now_demo: bool = Field(description="Whether a demo rate is in it.")
    then_demo: bool


class OtherTerms(Figure):
    """One payer's last full month under another payer's terms; nothing of it is stored."""

    payer: str
    terms_of: str
    from_date: str
    to_date: str
    patients: int
    heads: list[Terms]
    command: str = Field(description="The arguments of `iop-es` that tell the same claim by claim.")


class Disputed(Figure):
    """A request for records, or a decision that is contested."""

    dispute_id: str
    kind: str = Field(description="records or dispute.")
    payer: str
    claims: list[str]
    sentence: str
    owner: str
    contacts: int
    charge_cents: int
    denied_cents: int
    decided_at: int | None = Field(description="The position at which the contested claims were decided last.")
    changed: list[str] = Field(description="What is other today than it was known then, in words and money.")


class Disputes(Figure):
    """What payers asked for and what is contested, and the denials that nobody contests."""

    entries: list[Disputed] = Field(description="Those that are open, by their last day.")
    uncontested: int = Field(description="Denied claims that nobody contests whose clock runs.")
    uncontested_cents: int
    unverified: int = Field(description="Of all these, how many rest on a clock that nobody has verified.")
