"""What the caseload answers with about one patient."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aggregates.values import Date, Instant
from projections.caseload.names import PersonName
from projections.caseload.views import ALERTS, ATTENTION, AlertMark, Leave, View

Status = Literal["referred", "in_care", "on_leave", "discharged"]


class Plan(View):
    """The plan of care that was adopted last."""

    plan_id: str = Field(description="The plan.")
    adopted_on: Date = Field(description="Its day.")
    goals: tuple[str, ...] | None = Field(description="The goals by code; none: not for this role.")
    weekly_days: int = Field(description="Days of service a week.")
    weekly_minutes: int = Field(description="Minutes of service a week.")
    review_due_on: Date = Field(description="When the next review is due.")


class Certification(View):
    """The physician's certification that reaches furthest."""

    certified_on: Date = Field(description="When it was given.")
    certified_through: Date = Field(description="Its last day.")
    physician_id: str = Field(description="Who gave it.")


class AuthorizationView(View):
    """An authorization of the episode."""

    authorization_id: str = Field(description="The authorization.")
    payer_id: str = Field(description="The payer.")
    level_of_care: str = Field(description="For which level of care.")
    procedure_code: str = Field(description="For which procedure.")
    state: Literal["requested", "approved", "denied", "voided"] = Field(description="What the payer said.")
    valid_from: Date = Field(description="First day; until approved, as asked for.")
    valid_through: Date = Field(description="Last day; until approved, as asked for.")
    units: int = Field(description="How many units.")
    unit_basis: str = Field(description="What a unit is.")


class Diagnosis(View):
    """An ICD-10-CM diagnosis of the episode."""

    code: str = Field(description="The ICD-10-CM code.")
    rank: int = Field(description="1 is the principal one.")
    effective_from: Date = Field(description="First day, until the next one of the same rank.")


class LastAttendance(View):
    """The latest service that the patient came to."""

    session_id: str = Field(description="The session.")
    attendance_id: str = Field(description="The patient's attendance.")
    service_date: Date = Field(description="Its day.")
    service_kind: str | None = Field(description="The kind of service.")
    minutes: int | None = Field(description="Minutes of attendance, once the session is closed.")


class EpisodeView(View):
    """One episode of a patient."""

    enrollment_id: str = Field(description="The episode.")
    program_id: str = Field(description="The program.")
    status: Status = Field(description="Where it stands today.")
    referred_on: Date = Field(description="Day of the referral.")
    admitted_on: Date | None = Field(description="First day in care.")
    discharged_on: Date | None = Field(description="Last day.")
    discharge_reason: str | None = Field(description="Why it ended.")
    level_of_care: str | None = Field(description="The level of care today, or on the last day.")
    attending_id: str | None = Field(description="The attending physician of record.")
    leave: Leave | None = Field(description="The leave that the patient is on today.")
    diagnoses: tuple[Diagnosis, ...] | None = Field(
        description="By rank, then the oldest first; none: not for this role."
    )
    plan: Plan | None = Field(description="The plan of care in force.")
    certification: Certification | None = Field(description="The physician's certification.")
    authorizations: tuple[AuthorizationView, ...] = Field(description="By last day, the latest first.")
    last_attendance: LastAttendance | None = Field(description="The latest service that the patient came to.")
    attended: int = Field(description="How many services the patient came to.")
    absent: int = Field(description="How many the patient missed, excused or not.")


class CoverageView(View):
    """A period of coverage."""

    coverage_id: str = Field(description="The coverage.")
    payer_id: str = Field(description="The payer.")
    plan: str = Field(description="Its plan.")
    rank: int = Field(description="1 primary, 2 secondary, 3 tertiary.")
    effective_from: Date = Field(description="First day.")
    effective_through: Date | None = Field(description="Last day; none: open.")
    checked_for: Date | None = Field(description="The latest day that the payer was asked about.")
    eligible: bool | None = Field(description="What the payer answered for that day.")


class ConsentView(View):
    """A signed consent, without its words."""

    consent_id: str = Field(description="The consent.")
    kind: str = Field(description="What it allows.")
    purpose: str = Field(description="For what.")
    programs: tuple[str, ...] = Field(description="Which programs it permits to disclose; empty: every one.")
    signed_on: Date = Field(description="When it was signed.")
    expires_on: Date | None = Field(description="When it ends by itself.")
    revoked_at: Instant | None = Field(description="When it was revoked.")
    signed_by: str = Field(description="patient, guardian or patient_and_guardian.")
    guardian_id: str | None = Field(description="The guardian who signed.")


class GuardianView(View):
    """Who may act for the patient, without a name."""

    guardian_id: str = Field(description="The guardian.")
    relationship: str = Field(description="parent, legal_guardian, agency or other.")
    authority: str = Field(description="Under which authority.")
    effective_from: Date = Field(description="First day.")
    ended_on: Date | None = Field(description="Last day; none: open.")


class PatientSummary(View):
    """One patient: episodes, plan, certification, authorizations, coverage, consents, guardians, last attendance."""

    patient_id: str = Field(description="The patient.")
    name: PersonName | None = Field(description="The patient's name; none where it is not known or no longer readable.")
    year_of_birth: int | None = Field(description="Year of birth.")
    coverages: tuple[CoverageView, ...] = Field(description="By rank, then the latest first.")
    consents: tuple[ConsentView, ...] = Field(description="In order of signature.")
    guardians: tuple[GuardianView, ...] = Field(description="In order of their first day.")
    episodes: tuple[EpisodeView, ...] = Field(description="In the asked programs, the latest first.")
    attention: bool | None = ATTENTION
    alerts: tuple[AlertMark, ...] | None = ALERTS
