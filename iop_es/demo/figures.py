"""What the report says, as data. Money is in cents, time in minutes, shares between 0 and 1; a person is an id only."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Figure(BaseModel):
    """A part of the report: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Program(Figure):
    """A program by its public code."""

    program_id: str
    code: str
    level_of_care: str
    focus: str
    population: str


class Facts(Figure):
    """How many facts the log has; each is in one kind of stream."""

    total: int
    by_stream: dict[str, int]


class CensusWeek(Figure):
    """One week of a program."""

    week: str = Field(description="Its Monday.")
    complete: bool = Field(description="Whether the week is over.")
    census: int = Field(description="In care at the end of the week, or now.")
    attended: int
    absent: int


class Census(Figure):
    """Who came to a program, who left and who is there, over all its weeks."""

    program: str
    referrals: int
    admissions: int
    discharges: int
    discharges_by_reason: dict[str, int]
    closed_without_admission: int
    in_care: int
    mean_stay_days: float | None = Field(description="Of those discharged, first and last day counted.")
    sessions_held: int
    sessions_cancelled: int
    attendance_rate: float | None = Field(description="Attended of attended and absent.")
    scheduled_minutes: int = Field(description="Planned minutes of everybody expected, also where it was called off.")
    delivered_minutes: int = Field(description="Minutes of attendance, without breaks.")
    weeks: list[CensusWeek]


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


class Point(Figure):
    """The mean so many months after the baseline."""

    month: int
    n: int
    mean: float


class Outcome(Figure):
    """One program's results on one instrument. Baseline, last and change are of those measured again."""

    program: str
    instrument: str
    n: int = Field(description="Episodes with a baseline and a later measure.")
    baseline_only: int = Field(description="Episodes with a baseline and nothing later.")
    baseline_mean: float | None
    last_mean: float | None
    mean_change: float | None
    share_improved: float | None = Field(description="Reliably better, of those that could be judged.")
    share_deteriorated: float | None
    threshold_verified: bool | None = Field(description="Whether an official source gave the limit of reliable change.")
    months: list[Point]


class Cohort(Figure):
    """One program's episodes on one instrument, who completed beside everybody."""

    program: str
    instrument: str
    everybody: int = Field(description="Episodes with a baseline; who was never measured again counts as unchanged.")
    never_again: int = Field(description="Of these, episodes with a baseline only.")
    change: float | None
    effect: float | None = Field(description="In standard deviations of the baseline; above zero is better.")
    completers: int = Field(description="Episodes of these that were completed.")
    completers_change: float | None
    completers_effect: float | None


class Stay(Figure):
    """How one program's episodes ended, and how many had not dropped out after so many weeks."""

    program: str
    admitted: int
    completed: int
    dropped_out: int
    other: int
    in_care: int
    survival: dict[str, float] = Field(description="Kaplan-Meier by week; completed, other and in care are censored.")


class Alerts(Figure):
    """Reasons to look at a patient, of one kind: what is on the list, and what was cleared."""

    kind: str
    alerts: int
    urgent: int
    patients: int
    open: int = Field(description="Those on today's list.")
    cleared: int


class Listed(Figure):
    """Somebody on today's list: why, for how long, whose it is, and what was done."""

    program: str
    patient_id: str
    kind: str
    since: str
    age_days: int
    urgent: bool
    why: str
    owner: str | None = Field(description="Who took it, else the attending of record; none: nobody yet.")
    done: str


class DocumentKind(Figure):
    """Documents of one kind by how far they came."""

    kind: str
    states: dict[str, int]


class Documents(Figure):
    """What was written and signed. `told`: signatures made elsewhere; `alike`: pairs of parts of one group."""

    kinds: list[DocumentKind]
    signatures: int
    verified: int
    told: int
    invalid: int
    late: int = Field(description="Signed with a reason for being late.")
    attested: int
    amendments: int
    returned: int
    alike: int


class Acts(Figure):
    """Entries of the audit trail of one kind."""

    kind: str
    entries: int
    late: int = Field(description="Recorded more than a day after it was true.")


class Audit(Figure):
    """What an auditor would ask first. Late signatures are days with a note signed after the payer's window."""

    entries: int
    late_entries: int
    corrections: int
    overrides: int
    signatures: int
    late_signatures: int
    by_kind: list[Acts]
    by_role: dict[str, int]


class Incident(Figure):
    """Something that goes wrong in every clinic: how often it did here, and one example."""

    kind: str
    what: str
    count: int
    program: str | None
    patient_id: str | None
    date: str | None = Field(description="When the example happened.")
    explain_date: str | None = Field(description="The day to look at: that day, or the patient's decided day before.")


class Drawn(Figure):
    """A picture that was drawn beside the report."""

    file: str = Field(description="Where it is, from the project's folder.")
    shows: str = Field(description="What it shows.")


class Report(Figure):
    """What the read models say at `now`, when they had reached `position`."""

    log: str
    simulation: bool
    position: int
    now: str
    programs: list[Program]
    facts: Facts
    census: list[Census]
    billing: Billing
    claims: Claims
    corrections: Corrections
    accounts: Accounts
    other_terms: OtherTerms | None = Field(description="None where no full month or no such payer is there yet.")
    outcomes: list[Outcome]
    cohorts: list[Cohort]
    stays: list[Stay]
    alerts: list[Alerts]
    today: list[Listed] = Field(description="Urgent first, then the oldest.")
    pictures: list[Drawn] = Field(description="What was drawn of it.")
    documents: Documents
    audit: Audit
    incidents: list[Incident]
