"""What the biller's worklists answer with. Money is in cents; no view knows a name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from projections.billing.views import View

Age = Literal["0-30", "31-60", "61-90", "over 90"]


class UnsignedView(View):
    """The documents that wait for one clinician's signature, with the days that they keep from being billed."""

    task: Literal["sign", "revise", "cosign", "sign_as_facilitator", "rest_on", "attest"] = Field(
        description="As in the list of documents to sign; revise: returned by the supervisor."
    )
    clinician_id: str | None = Field(description="Who is to act; null: no supervisor was named.")
    notes: int
    days: int
    held: int = Field(description="How many of these days are held by now; the others still wait.")
    cents: int = Field(description="What the program charges for the days.")
    expected_cents: int
    unknown: int = Field(description="How many of the days have no known charge.")
    oldest: str = Field(description="The first day of service among them.")
    due_at: str | None = Field(description="When the next of the payers' windows closes; null: all have, or have none.")


class RunningOutView(View):
    """An authorization that runs out soon, by units or by its last day, and that no other one follows."""

    patient_id: str
    authorization_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    procedure_code: str
    unit_basis: str
    units: int
    remaining: int
    valid_through: str
    pace_units: int = Field(description="Units of the delivered days of the last four weeks.")
    pace_days: int = Field(description="Over how many calendar days: 28, or fewer for who came later.")
    units_end_on: str | None = Field(description="When the units run out at this pace; null: none were used.")
    due_on: str = Field(description="The earlier of that day and the last day.")
    days_left: int = Field(description="Days from today to then; below zero: over.")
    because: Literal["units", "last_day"]
    first_day_without: str | None = Field(description="The first delivered day that found no unit left.")


class RecertificationView(View):
    """A certification or plan review of a patient in care that the payer's terms ask for, or a consent to disclose a
    substance-use record to the payer."""

    kind: Literal["certification", "plan_review", "consent"]
    patient_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    attending_id: str | None
    last_on: str | None = Field(description="When it was done last; null: never, so that it is due since admission.")
    due_on: str = Field(description="The last day that is covered, or of the consent, or the day of the review.")
    days_left: int = Field(description="Days from today to that day; below zero: overdue.")
    unverified: bool = Field(description="Nobody has verified the payer's interval.")


class EligibilityView(View):
    """A coverage in force of a patient in care whose payer was not asked lately whether it is active."""

    patient_id: str
    coverage_id: str
    program_id: str
    payer_id: str
    rank: int
    checked_on: str | None = Field(description="The latest day that the payer was asked about; null: never.")
    active: bool | None = Field(description="What it answered for that day.")
    age_days: int | None
    unverified: list[str] = Field(description="How old a check may be is our convention, confirmed nowhere.")


class FilingView(View):
    """A day that is on no claim, a claim that is not filed, or a secondary claim, and the last day for filing it."""

    kind: Literal["day", "claim", "secondary"]
    patient_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    claim_id: str | None = Field(description="The claim; of a secondary one that is not prepared, the one before.")
    from_date: str
    days: int
    status: str = Field(
        description="The day's state, or how far the claim is: to_prepare, forwarded (the payer before sent it on "
        "itself), prepared, submitted."
    )
    cents: int | None = Field(description="The charge, or what is left of it for a secondary payer.")
    due_on: str
    days_left: int = Field(description="Days from today to the last day for filing; below zero: past it.")
    unverified: bool = Field(description="Nobody has verified the payer's window, or from when it runs.")


class SecondaryView(View):
    """A claim that its payer answered and that can go to the next one."""

    patient_id: str
    claim_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    next_payer_id: str
    coverage_id: str
    from_date: str = Field(description="The first of the claim's days that the second coverage covers.")
    through_date: str
    charge_cents: int = Field(description="What those days charge.")
    left_cents: int = Field(description="The charge less what was paid, reduced by contract and written off.")
    answered_on: str = Field(description="The day of the remittance, from which the clock for filing runs.")
    filing_due_on: str | None
    reason: str | None = Field(description="The code of what stands against preparing it.")
    objection: str | None = Field(description="What to do before it can be prepared; null: it can.")
    warning: str | None = Field(description="What to look at first though nothing stops it: an authorization missing.")
    unverified: list[str] = Field(description="What is confirmed by secondary sources only, or by nobody.")


class UnansweredView(View):
    """A claim that the payer has and that has no answer: none came, or the payer took the last one back."""

    patient_id: str
    claim_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    after_claim: str | None = Field(description="On a secondary claim: the claim that the payer before answered.")
    from_date: str
    through_date: str
    status: Literal["taken_back", "submitted", "acknowledged"]
    since: str = Field(description="The day on which its answer was taken back, or it was sent.")
    days: int = Field(description="Days from then to today.")
    cents: int = Field(description="What it charges; of a secondary claim what was left for its payer.")
    payer_control_number: str | None = Field(description="The payer's own number of it; null: it never answered.")
    unmatched: bool = Field(description="A part of a payer's file that names it could not be posted, and waits.")
    next_step: str = Field(description="What to do, in words.")
    unverified: list[str] = Field(description="How long is too long is our convention, confirmed nowhere.")


class UnbilledView(View):
    """Delivered days on no claim, of one age and state."""

    age: Age = Field(description="Days since the day of service.")
    state: str
    days: int
    cents: int = Field(description="What the program charges for them.")
    expected_cents: int
    unknown: int = Field(description="How many of them have no known charge.")
    oldest: str


class AlikeView(View):
    """Two records that may be one person's. Until a person finds two people in them, a day that both have at one payer
    goes on the claims of one of them alone."""

    patient_ids: list[str] = Field(description="The two.")
    grounds: list[str] = Field(description="In what they agree, such as name_and_birth_date.")
    since: int = Field(description="From which position of the log on they have agreed.")
    days: int = Field(description="Delivered days of one date that both have at one payer, of your programs.")
    cents: int = Field(description="Of each of these days the smaller charge.")
    first_day: str | None = Field(description="The first of them; null: there is none.")
