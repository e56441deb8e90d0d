"""What a continued-stay summary says. Days are the program's own, instants UTC, minutes whole."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from aggregates.values import Date, Instant
from projections.outcomes.rows import ChangeClass


class View(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class WeekView(View):
    """One week, Monday to Sunday, of what the plan wants and what came of it."""

    week: Date = Field(description="Its Monday.")
    whole: bool = Field(description="Whether the patient was in care on each of its days, and it is over.")
    planned_minutes: int | None = Field(description="Minutes that the plan in force wants; null: there is no plan.")
    planned_days: int | None = Field(description="Days that it wants.")
    scheduled_minutes: int = Field(description="Minutes of services that expected the patient.")
    attended_minutes: int = Field(description="Minutes of attendance, without breaks, of all services.")
    attended_days: int = Field(description="Days with a service that the patient came to.")
    excused: int = Field(description="Services missed and excused.")
    absent: int = Field(description="Services missed.")


class ResultView(View):
    """Where the patient stands on one scale of an instrument in this episode."""

    instrument: str = Field(description="The instrument.")
    instrument_version: str = Field(description="Its version, never mixed with another.")
    scale: str = Field(description="The scale.")
    name: str = Field(description="What it is called.")
    measures: int = Field(description="How many there are.")
    baseline_on: Date = Field(description="The day of the baseline, or of the first measure.")
    baseline_score: int | None = Field(description="Its score; null for levels.")
    last_on: Date = Field(description="The day of the last measure.")
    last_score: int | None = Field(description="Its score.")
    band: str | None = Field(description="The severity band, or the level, of the last measure.")
    band_verified: bool | None = Field(description="Whether an official source confirmed the band.")
    change: int | None = Field(description="Last score minus baseline.")
    change_class: ChangeClass | None = Field(description="Jacobson's class; null without an established threshold.")
    reliable_change: int | None = Field(description="Points from which a change is more than chance.")
    minimal_important_difference: int | None = Field(description="Points that matter to patients.")
    threshold_source: str | None = Field(description="Where each number comes from, marked where unverified.")
    slope_per_week: float | None = Field(description="Points a week, by least squares; null under three measures.")
    slope_low: float | None = Field(description="Lower end of its 95 % interval.")
    slope_high: float | None = Field(description="Upper end of it.")
    weeks_since_last: float = Field(description="Weeks since the last measure.")


class GoalView(View):
    """A goal of the plan of care."""

    goal: str = Field(description="Its code.")
    words: str | None = Field(description="The plan's words; null where there are none that can be read.")


class PlanView(View):
    """The plan of care in force and its latest review."""

    plan_id: str = Field(description="The plan.")
    adopted_on: Date = Field(description="Its day.")
    weekly_days: int = Field(description="Days of service a week.")
    weekly_minutes: int = Field(description="Minutes of service a week.")
    planned_weeks: int = Field(description="For so many weeks.")
    goals: tuple[GoalView, ...] = Field(description="What it is for.")
    reviewed_on: Date | None = Field(description="The latest review; null: none yet.")
    patient_agreed: bool | None = Field(description="Whether the patient agreed to it then.")
    review_due_on: Date = Field(description="When the next review is due by the plan.")
    certified_on: Date | None = Field(description="The certification that reaches furthest; null: none.")
    certified_through: Date | None = Field(description="Its last day.")


class RiskView(View):
    """What people judged and did about risk, without their words."""

    level: str | None = Field(description="The latest judgment: none, low, moderate, high or imminent; null: nobody's.")
    assessed_at: Instant | None = Field(description="When.")
    basis: tuple[str, ...] = Field(description="By what it was judged.")
    safety_plan_on: Date | None = Field(description="The latest safety plan; null: none recorded.")
    safety_plan_review_on: Date | None = Field(description="When it is to be reviewed.")
    alerts: tuple[str, ...] = Field(
        description="Why measures call for somebody, those of suicide first; only what nobody has cleared."
    )


class UnitsView(View):
    """One authorization of the episode."""

    authorization_id: str = Field(description="The authorization.")
    payer_id: str = Field(description="The payer.")
    status: str = Field(description="requested, approved, denied or voided.")
    valid_from: Date = Field(description="First day.")
    valid_through: Date = Field(description="Last day.")
    unit_basis: str = Field(description="What a unit is.")
    units: int = Field(description="Units allowed, or asked for.")
    used: int = Field(description="Units of delivered days, on a claim or not.")
    left: int = Field(description="Units that are left.")


class AskedView(View):
    """One thing that the payer's policy asks."""

    what: str = Field(description="certification, plan_review, weekly_hours, authorization or duration.")
    asks: str = Field(description="What is asked, in words.")
    met: bool | None = Field(description="Whether it is met on the day; null: cannot be told, and `stands` says why.")
    stands: str = Field(description="How it stands, in words.")
    unverified: bool = Field(description="Whether nobody has verified the payer's value.")


class PolicyView(View):
    """Whose terms hold on the day."""

    payer_id: str = Field(description="The payer of the first rank.")
    payer_name: str | None = Field(description="Its name.")
    policy_id: str | None = Field(description="The policy; null: no terms of this payer hold on the day.")
    policy_code: str | None = Field(description="Its code.")
    effective_from: Date | None = Field(description="Since when these terms hold.")
    asked: tuple[AskedView, ...] = Field(description="What they ask.")


class ContinuedStay(View):
    """One patient's latest episode, as it was known at a moment."""

    patient_id: str = Field(description="The patient.")
    program_id: str = Field(description="The program.")
    program_code: str = Field(description="Its code.")
    enrollment_id: str = Field(description="The episode: the open one, else the latest.")
    today: date = Field(description="The day that it was in the program's zone.")
    time_zone: str = Field(description="That zone.")
    level_of_care: str | None = Field(description="On that day, or on the last one.")
    admitted_on: Date | None = Field(description="First day in care; null: not admitted.")
    days_since_admission: int | None = Field(description="Days from it to the day, or to the discharge.")
    discharged_on: Date | None = Field(description="Last day; null: in care.")
    diagnosis: str | None = Field(description="The principal diagnosis, ICD-10-CM.")
    weeks: tuple[WeekView, ...] = Field(description="From the admission on, the latest last.")
    results: tuple[ResultView, ...] = Field(description="By instrument, version and scale.")
    plan: PlanView | None = Field(description="The plan of care; null: none is recorded.")
    risk: RiskView = Field(description="Risk and safety plan.")
    authorizations: tuple[UnitsView, ...] = Field(description="By first day.")
    policy: PolicyView | None = Field(description="What the payer asks; null: nobody covers the day.")
    missing: tuple[str, ...] = Field(description="What a reviewer will ask for and is not there, in words.")
