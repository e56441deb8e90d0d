"""What billing answers with. Money is in cents, None where a rate is unknown; times are UTC, days the program's own.

Every view about a patient has `patient_id`, so that reading it can be recorded. No view knows a name.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class View(BaseModel):
    """An answer: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonView(View):
    """Why a day is not simply billable."""

    code: str = Field(description="The reason's stable code, such as below_minimum_minutes.")
    outcome: str = Field(description="warning, waiting, held or not_billable, at the moment asked about.")
    sentence: str = Field(description="The reason in words, with the numbers compared; times are the program's.")
    owner: str = Field(description="The role that must act.")
    next_step: str = Field(description="What to do.")
    denial: str | None = Field(description="The CARC a payer may answer with; unverified. Null: nothing was read.")
    due_at: str | None = Field(description="Until when it waits; None: no date is set, or it does not wait.")
    numbers: dict[str, int | str] = Field(description="The numbers that the rule compared.")
    positions: list[int] = Field(description="Positions in the log of the facts that the rule used.")
    unverified: list[str] = Field(description="Fields of the payer's terms behind the rule that nobody has verified.")


class BillLineView(View):
    """A line that a day is billed as; cents are for all its units."""

    use: str = Field(description="per_diem, short_day, day_line or carved_out.")
    revenue_code: str
    procedure_code: str | None
    modifiers: list[str]
    units: int
    charge_cents: int | None
    expected_cents: int | None
    form: str


class DayView(View):
    """One day of one episode as it stands at the moment asked about."""

    patient_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    week: str = Field(description="The Monday of its week.")
    state: str = Field(description="billable, waiting, held, billed or not_billable, at the moment asked about.")
    underlying: str = Field(description="What it would be without its claim, at that moment; differs for billed days.")
    reason: str | None = Field(description="The code of the reason that decides; None when nothing stands against it.")
    owner: str | None = Field(description="The role that must act on that reason.")
    due_at: str | None = Field(description="When a waiting day changes by itself.")
    becomes: str | None = Field(description="What a waiting day changes to.")
    minutes: int = Field(description="Counted minutes.")
    sessions: int = Field(description="Sessions that gave those minutes.")
    units: int
    cents: int | None = Field(description="What the program charges for the day, billable or not.")
    expected_cents: int | None = Field(description="What the payer is expected to allow, under its terms.")
    share_cents: int | None = Field(description="The patient's part of that, as the payer said of the benefits.")
    owed_cents: int | None = Field(description="What the patient owes where no payer is asked to pay.")
    charged_cents: int | None = Field(description="What of that stands on the patient's account; null: no charge does.")
    lines: list[BillLineView] = Field(description="The lines that the day is billed as.")
    demo_rate: bool = Field(description="The rate was made up for a demonstration.")
    unverified: list[str] = Field(description="Fields of the payer's terms that were used and nobody has verified.")
    level_of_care: str | None
    payer_id: str | None
    policy_id: str | None
    policy_code: str | None
    policy_version: int | None
    procedure_code: str | None
    revenue_code: str | None
    authorization_id: str | None
    authorization_units: list[int] = Field(description="The numbered units that the day reserves or draws.")
    claim_id: str | None
    claim_status: str | None
    charge_cents: int | None
    paid_cents: int | None
    patient_cents: int | None
    denied_cents: int | None
    adjustments: list[str] = Field(description="Group code and CARC of the payer's adjustments, such as CO-197.")
    filing_due_on: str | None = Field(description="The last day for filing the claim.")
    reasons: list[ReasonView]
    positions: list[int] = Field(description="Positions of all facts that decided the day.")


class AnswerView(View):
    """One rule that was asked, and its answer."""

    rule: str
    outcome: str
    code: str | None
    sentence: str
    numbers: dict[str, int | str]
    positions: list[int]
    unverified: list[str]


class TraceView(View):
    """A day with everything that was asked about it, and the whole told in sentences."""

    patient_id: str
    day: DayView
    answers: list[AnswerView]
    beside: list[str] = Field(
        default_factory=list, description="What is to be looked at before the day is billed and its decision cannot "
        "know, in sentences; it holds nothing, but a record that may be the same person's keeps the day off claims.",
    )  # fmt: skip
    told: list[str] = Field(description="The decision line by line, as a person would tell it.")


class TotalView(View):
    """Days and money in one state for one reason. Billed days count what was charged, all others their charge."""

    state: str
    reason: str | None
    owner: str | None
    next_step: str | None = Field(description="What that role is to do.")
    days: int
    cents: int
    expected_cents: int = Field(description="What the payers are expected to allow for them, where that is known.")
    unknown: int = Field(description="How many of these days have no known charge and so add nothing to the cents.")
    demo: int = Field(description="How many of these days are priced by a demo rate.")
    unverified: int = Field(description="How many of these days rest on a value that nobody has verified.")


class MonthView(View):
    """Days and money of one program, payer and month, by state."""

    program_id: str
    payer_id: str | None
    month: str = Field(description="YYYY-MM")
    state: str
    days: int
    cents: int
    expected_cents: int
    paid_cents: int
    denied_cents: int
    patient_cents: int = Field(
        description="What patients were charged for the days that no payer is asked for, less what agreements take off."
    )
    open_cents: int = Field(description="Of what this payer was charged: neither paid, given up nor the patient's.")


class HeldView(View):
    """What one role has to do for one reason."""

    owner: str
    reason: str
    next_step: str
    days: int
    cents: int
    expected_cents: int
    oldest: str = Field(description="The first day of service that is held for it.")


class CoveredView(View):
    """Whose days one payer covers, or any."""

    payer_id: str | None
    patient_ids: list[str]


class ClaimedLineView(View):
    """A line as a claim says it; cents are for all its units."""

    revenue_code: str
    procedure_code: str | None
    modifiers: list[str]
    units: int
    charge_cents: int


class CorrectedDayView(View):
    """A billed day that its claim says otherwise than it is decided now."""

    service_date: str
    enrollment_id: str
    state: str = Field(description="What the day is now without its claim.")
    reason: str | None = Field(description="Why it does not stand; None when it does, with other lines.")
    sentence: str | None = Field(
        description="That reason in words; or that another payer or another authorization covers the day."
    )
    claimed: list[ClaimedLineView]
    right: list[ClaimedLineView] = Field(description="What would be billed now; none where the day does not stand.")
    positions: list[int] = Field(description="Facts behind the day that came after the claim was decided.")


class CorrectionView(View):
    """A claim that is wrong by what is known now, or that its payer denied as to be corrected."""

    patient_id: str
    claim_id: str
    program_id: str
    payer_id: str
    status: str
    payer_control_number: str | None = Field(description="What the correction must name (REF*F8).")
    decided_at: int = Field(description="The position of the log at which its lines were decided.")
    frequency: str | None = Field(
        description="7 to replace, 8 to void; null: it waits, or was never filed (not sent yet, or returned as "
        "unprocessable), so that it is voided here."
    )
    claimed_cents: int
    right_cents: int = Field(description="What the claim would charge now.")
    difference_cents: int = Field(description="right_cents - claimed_cents.")
    days: list[CorrectedDayView]
    from_date: str = Field(description="The first day of the claim.")
    header: list[str] = Field(
        default_factory=list, description="What the claim says beside its lines that is not so now: a sentence each."
    )
    patient_status: str | None = Field(default=None, description="The patient's status on such a bill now (CL103).")
    waits: str | None = Field(default=None, description="What must come before it can be corrected; null: nothing.")
    after_claim: str | None = Field(default=None, description="On a secondary claim: the claim that it was made from.")
    correct_by: str | None = Field(
        default=None, description="The last day on which the payer takes a correction; null: no window is known."
    )
    late: str | None = Field(
        default=None, description="That the day is over, and what follows; null: it is not, or a person released it."
    )
    late_released: str | None = Field(default=None, description="Who answers for one after that day, and why.")
    unverified: list[str] = Field(
        default_factory=list, description="Fields of the payer's terms behind that day that nobody has verified."
    )
    denied: list[str] = Field(
        default_factory=list, description="Codes of the payer's denial that a corrected claim answers, and no appeal."
    )
    denied_cents: int = Field(default=0, description="What the payer denied with them, without what was given up.")
    look: str | None = Field(
        default=None,
        description="What a person must find out first, because only the payer says that the claim is wrong: it is "
        "corrected for whoever names it, and left out by the order for all; null: nothing.",
    )
    unprocessable: bool = Field(
        default=False, description="The payer returned it (MA130): voided here, its days go on a new claim."
    )
    twice: str | None = Field(
        default=None, description="The payer has another claim for the same: a person says which one is to go."
    )


class WeekView(View):
    """One week of a patient."""

    patient_id: str
    week: str
    minutes: int
    days: list[DayView]


class LedgerView(View):
    """One authorization: what was allowed, what delivered days reserve, what claims drew, what is left."""

    patient_id: str
    authorization_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    status: str
    level_of_care: str
    procedure_code: str
    unit_basis: str
    units: int
    reserved: int = Field(description="Units of delivered days that are not on a claim yet.")
    drawn: int = Field(description="Units on claims that stand.")
    remaining: int
    valid_from: str
    valid_through: str
    retroactive: bool = Field(description="Decided after its first day.")
    last_day: str | None = Field(description="The last day of service that got a unit.")
    first_day_without: str | None = Field(description="The first delivered day that found no unit left.")


class ClaimView(View):
    """Where one claim stands."""

    patient_id: str
    claim_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    policy_id: str
    status: str
    form: str
    frequency: str
    replaces: str | None
    coverage_id: str | None
    after_claim: str | None = Field(description="On a secondary claim: the claim that the payer before answered.")
    from_date: str
    through_date: str
    line_count: int
    total_cents: int
    paid_cents: int | None
    patient_cents: int | None
    denied_cents: int | None
    decided_at: int = Field(description="The position of the log at which its lines were decided.")
    submitted_at: str | None
    acknowledged_at: str | None
    adjudicated_on: str | None
    payer_control_number: str | None
    adjustments: list[str]
    denied_on: str | None = Field(
        description="On a void, or a replacement of a claim whose own answer stands: when its payer denied it, until "
        "that is settled."
    )
    reversed_on: str | None = Field(
        description="When its payer took its last answer back; null: it did not, or has given another one since."
    )
    to_correct: list[str] = Field(description="Codes of a denial that a corrected claim answers, and no appeal.")
    to_correct_cents: int = Field(description="What of the denied that is, without what was given up.")
    unprocessable: bool = Field(description="The payer returned all of it (MA130): for it the claim was never filed.")
