"""What can be true of one episode of care in one program. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.kit import fact, upcast, value
from aggregates.values import (
    CareFocus,
    Cents,
    ClinicianId,
    Code,
    Date,
    IcdCode,
    Id,
    Label,
    LevelOfCare,
    NoteId,
    PatientId,
    PersonId,
    ProgramId,
    Text,
)

DischargeReason = Literal[
    "completed", "left_against_advice", "dropped_out", "terminated_by_program", "transferred_step_up",
    "transferred_step_down", "incarcerated", "died", "other",
]


ReleasableHold = Literal[
    "authorization_missing", "authorization_denied", "authorization_not_started", "authorization_expired",
    "authorization_exhausted", "signature_late", "cosignature_missing", "weekly_minimum", "schedule_shape",
    "group_over_maximum", "group_under_minimum", "duration_rationale_missing", "overlap", "filing_window_over",
    "certification_recorded_late", "plan_review_recorded_late", "correction_window_over",
]
"""What a person may answer for; consent, credentials, coverage and unknown facts are for nobody to release. The last
one holds no day, but the correction of a claim that bills it."""


@value
class ReferralWords:
    """Who referred and why."""

    referrer: Label | None = None
    reason: Text | None = None


@fact("enrollment.patient_referred", 1, subject="patient")
@value
class PatientReferred:
    """A patient is referred to a program: the episode begins here, its services at the admission."""

    patient_id: PatientId
    program_id: ProgramId
    referred_on: Date
    source: Code
    sealed: ReferralWords | None = None


@fact("enrollment.benefits_verified", 2)
@value
class BenefitsVerified:
    """Benefits for this level of care were checked with a payer, and what the payer said the patient's share would be.

    A copayment is for a day, coinsurance a whole percentage of the expected payment; both None: the payer did not say.
    """

    payer_id: Id
    coverage_id: Id
    verified_on: Date
    authorization_required: bool
    effective_from: Date | None = None
    copayment_cents: Cents | None = None
    coinsurance_percent: Annotated[int, Field(ge=0, le=100)] | None = None


@upcast("enrollment.benefits_verified", 1)
def without_share(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape did not ask for the patient's share."""
    return fields


@fact("enrollment.level_of_care_assessed", 2)
@value
class LevelOfCareAssessed:
    """The level that criteria support, and its score as entered (LOCUS may not be computed without a license).

    `criteria_level` is the level in the criteria's own code as entered, such as ASAM 2.1: a code, never a number.
    """

    criteria: Literal["asam_3", "asam_4", "locus", "clinical"]
    level_of_care: LevelOfCare
    criteria_level: Code | None = None
    score: Annotated[int, Field(ge=0, le=100)] | None = None
    assessed_on: Date
    assessed_by: ClinicianId


@upcast("enrollment.level_of_care_assessed", 1)
def without_own_level(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape knew the level in our words only."""
    return fields


@fact("enrollment.patient_admitted", 1)
@value
class PatientAdmitted:
    """Admission to a level of care. Planned days and minutes are per week."""

    admitted_on: Date
    level_of_care: LevelOfCare
    focus: CareFocus
    admission_type: Code
    admission_source: Code
    attending_id: ClinicianId
    planned_days: Annotated[int, Field(ge=1, le=7)]
    planned_minutes: Annotated[int, Field(ge=0, le=10_080)]


@fact("enrollment.admission_corrected", 1)
@value
class AdmissionCorrected:
    """Day, type and source of the admission as they really were; level, focus and attending are those of the admission.
    `was_admitted_on` is the day that stood before."""

    was_admitted_on: Date
    admitted_on: Date
    admission_type: Code
    admission_source: Code
    cause: Code


@fact("enrollment.attending_corrected", 1)
@value
class AttendingCorrected:
    """Who attends, as it should have been since the admission or, with `effective_from`, does since that day;
    `was_attending_id` stood before."""

    was_attending_id: ClinicianId
    attending_id: ClinicianId
    cause: Code
    effective_from: Date | None = None


@fact("enrollment.diagnosis_recorded", 1)
@value
class DiagnosisRecorded:
    """An ICD-10-CM diagnosis from a date on; rank 1 is the principal one."""

    code: IcdCode
    rank: Annotated[int, Field(ge=1, le=25)]
    effective_from: Date
    diagnosed_by: ClinicianId


@value
class GoalWords:
    """The words of one goal."""

    goal: Code
    words: Text


@value
class PlanWords:
    """The words of a plan of care."""

    goals: tuple[GoalWords, ...]


@fact("enrollment.plan_of_care_adopted", 1, subject="patient")
@value
class PlanOfCareAdopted:
    """A plan of care: goals by code, the weekly amount, and when it is to be reviewed. `document_id` is the signed
    document that holds it and `late_reason` why it was recorded after its day, as in the facts below."""

    plan_id: Id
    adopted_on: Date
    goals: tuple[Code, ...]
    weekly_days: Annotated[int, Field(ge=1, le=7)]
    weekly_minutes: Annotated[int, Field(ge=0, le=10_080)]
    planned_weeks: Annotated[int, Field(ge=1, le=104)]
    review_due_on: Date
    document_id: NoteId | None = None
    late_reason: Code | None = None
    sealed: PlanWords | None = None


@fact("enrollment.plan_reviewed", 1, subject="patient")
@value
class PlanReviewed:
    """The plan was reviewed; the patient's agreement is recorded or its refusal stated."""

    plan_id: Id
    reviewed_on: Date
    next_review_due_on: Date
    patient_agreed: bool
    rationale_for_more_than_planned: bool
    document_id: NoteId | None = None
    late_reason: Code | None = None
    sealed: PlanWords | None = None


@fact("enrollment.plan_certified", 1)
@value
class PlanCertified:
    """The treating physician certifies the need for this level of care through a day (42 CFR 424.24)."""

    plan_id: Id
    certified_on: Date
    certified_through: Date
    physician_id: ClinicianId
    document_id: NoteId | None = None
    late_reason: Code | None = None


@fact("enrollment.plan_recertified", 1)
@value
class PlanRecertified:
    """The treating physician certifies again, through a later day."""

    plan_id: Id
    certified_on: Date
    certified_through: Date
    physician_id: ClinicianId
    document_id: NoteId | None = None
    late_reason: Code | None = None


@fact("enrollment.document_linked", 1)
@value
class DocumentLinked:
    """The signed document that a step of care rests on, where its own fact named none.

    The step is the plan itself, its review of `reviewed_on`, or its certification that reaches `certified_through`.
    """

    plan_id: Id
    reviewed_on: Date | None = None
    certified_through: Date | None = None
    document_id: NoteId


@fact("enrollment.level_of_care_changed", 1)
@value
class LevelOfCareChanged:
    """From this day on the patient is at another level: the day itself belongs to the new one."""

    effective_on: Date
    from_level: LevelOfCare
    to_level: LevelOfCare
    cause: Code


@fact("enrollment.hold_released", 1)
@value
class HoldReleased:
    """A named person lets a service day be billed although something holds it, and answers for it."""

    service_date: Date
    hold: ReleasableHold
    cause: Code
    released_by: PersonId


@fact("enrollment.day_write_off_requested", 1)
@value
class DayWriteOffRequested:
    """Somebody asks that billing a service day be given up."""

    service_date: Date
    cause: Code
    requested_by: PersonId


@fact("enrollment.day_write_off_request_withdrawn", 1)
@value
class DayWriteOffRequestWithdrawn:
    """The request for it is taken back."""

    service_date: Date
    cause: Code
    withdrawn_by: PersonId


@fact("enrollment.day_written_off", 1)
@value
class DayWrittenOff:
    """A named person gives up billing a service day that is on no claim."""

    service_date: Date
    cause: Code
    approved_by: PersonId


@fact("enrollment.hold_release_withdrawn", 1)
@value
class HoldReleaseWithdrawn:
    """Nobody answers for the hold any more; it holds the day again. The release is kept."""

    service_date: Date
    hold: ReleasableHold
    cause: Code
    withdrawn_by: PersonId


@fact("enrollment.day_write_off_withdrawn", 1)
@value
class DayWriteOffWithdrawn:
    """The day may be billed again, as what else is known of it says. The write-off is kept."""

    service_date: Date
    cause: Code
    withdrawn_by: PersonId


@fact("enrollment.leave_started", 1)
@value
class LeaveStarted:
    """First day away by arrangement."""

    leave_id: Id
    started_on: Date
    expected_return_on: Date | None = None
    cause: Code


@fact("enrollment.leave_ended", 1)
@value
class LeaveEnded:
    """First day back."""

    leave_id: Id
    returned_on: Date


@fact("enrollment.leave_corrected", 1)
@value
class LeaveCorrected:
    """The days away as they really were; without a first day there was no such leave."""

    leave_id: Id
    was_started_on: Date
    was_returned_on: Date | None = None
    started_on: Date | None = None
    returned_on: Date | None = None
    cause: Code


@fact("enrollment.discharge_planned", 1)
@value
class DischargePlanned:
    """The day on which discharge is intended."""

    planned_on: Date


@fact("enrollment.patient_discharged", 1)
@value
class PatientDischarged:
    """The last day of the episode and why; the UB-04 patient status goes on the last claim."""

    discharged_on: Date
    reason: DischargeReason
    patient_status: Annotated[str, Field(pattern=r"^\d{2}$")]


@fact("enrollment.discharge_corrected", 1)
@value
class DischargeCorrected:
    """The discharge as it really was; without a day, reason and status there was none: the patient is still in care.
    `was_discharged_on` is the day that stood before."""

    was_discharged_on: Date
    discharged_on: Date | None = None
    reason: DischargeReason | None = None
    patient_status: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    cause: Code

    @property
    def discharge(self) -> PatientDischarged | None:
        """What stands now."""
        if self.discharged_on is None or self.reason is None or self.patient_status is None:
            return None
        return PatientDischarged(
            discharged_on=self.discharged_on, reason=self.reason, patient_status=self.patient_status
        )
