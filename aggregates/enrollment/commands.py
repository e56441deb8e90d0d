"""What may be asked of an episode of care. Each command's first field is the episode's id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.enrollment.facts import DischargeReason, GoalWords, ReleasableHold
from aggregates.kit import command, value
from aggregates.values import (
    CareFocus,
    Cents,
    ClinicianId,
    Code,
    Date,
    EnrollmentId,
    IcdCode,
    Id,
    Label,
    LevelOfCare,
    NoteId,
    PatientId,
    ProgramId,
    Text,
)


@command("enrollment.refer")
@value
class ReferPatient:
    """Opens an episode: a patient is referred to a program. Referrer and words are personal and stored sealed."""

    enrollment_id: EnrollmentId
    patient_id: PatientId
    program_id: ProgramId
    referred_on: Date
    source: Code
    referrer: Label | None = None
    referral_reason: Text | None = None


@command("enrollment.verify_benefits")
@value
class VerifyBenefits:
    """Benefits for this level of care were checked with a payer: the patient's share holds from `effective_from`, or
    from the day of the check."""

    enrollment_id: EnrollmentId
    payer_id: Id
    coverage_id: Id
    verified_on: Date
    authorization_required: bool
    effective_from: Date | None = None
    copayment_cents: Cents | None = None
    coinsurance_percent: Annotated[int, Field(ge=0, le=100)] | None = None


@command("enrollment.assess_level_of_care")
@value
class AssessLevelOfCare:
    """The level that the named criteria support; its code (ASAM 2.1) and a score are entered, never computed."""

    enrollment_id: EnrollmentId
    criteria: Literal["asam_3", "asam_4", "locus", "clinical"]
    level_of_care: LevelOfCare
    criteria_level: Code | None = None
    score: Annotated[int, Field(ge=0, le=100)] | None = None
    assessed_on: Date
    assessed_by: ClinicianId


@command("enrollment.admit")
@value
class AdmitPatient:
    """Admits to the level of care that the program offers. Planned days and minutes are per week."""

    enrollment_id: EnrollmentId
    admitted_on: Date
    level_of_care: LevelOfCare
    focus: CareFocus
    admission_type: Code
    admission_source: Code
    attending_id: ClinicianId
    planned_days: Annotated[int, Field(ge=1, le=7)]
    planned_minutes: Annotated[int, Field(ge=0, le=10_080)]


@command("enrollment.correct_admission")
@value
class CorrectAdmission:
    """States day, type and source of the admission as they really were."""

    enrollment_id: EnrollmentId
    admitted_on: Date
    admission_type: Code
    admission_source: Code
    cause: Code


@command("enrollment.correct_attending")
@value
class CorrectAttending:
    """States who attends, as it should have been since the admission; with `effective_from`, who does since that day,
    so that nothing is wrong that was told of the days before."""

    enrollment_id: EnrollmentId
    attending_id: ClinicianId
    cause: Code
    effective_from: Date | None = None


@command("enrollment.record_diagnosis")
@value
class RecordDiagnosis:
    """An ICD-10-CM diagnosis from a date on; rank 1 is the principal one."""

    enrollment_id: EnrollmentId
    code: IcdCode
    rank: Annotated[int, Field(ge=1, le=25)]
    effective_from: Date
    diagnosed_by: ClinicianId


@command("enrollment.adopt_plan")
@value
class AdoptPlan:
    """Adopts a plan of care: goals by code, their words apart and sealed, amounts per week.

    `document_id` names the signed document that holds it, `late_reason` why it is recorded after its day, as in the
    commands below.
    """

    enrollment_id: EnrollmentId
    plan_id: Id
    adopted_on: Date
    goals: Annotated[tuple[Code, ...], Field(min_length=1)]
    weekly_days: Annotated[int, Field(ge=1, le=7)]
    weekly_minutes: Annotated[int, Field(ge=0, le=10_080)]
    planned_weeks: Annotated[int, Field(ge=1, le=104)]
    review_due_on: Date
    words: tuple[GoalWords, ...] = ()
    document_id: NoteId | None = None
    late_reason: Code | None = None


@command("enrollment.review_plan")
@value
class ReviewPlan:
    """The plan was reviewed, and whether the patient agreed."""

    enrollment_id: EnrollmentId
    plan_id: Id
    reviewed_on: Date
    next_review_due_on: Date
    patient_agreed: bool
    rationale_for_more_than_planned: bool = False
    words: tuple[GoalWords, ...] = ()
    document_id: NoteId | None = None
    late_reason: Code | None = None


@command("enrollment.certify_plan")
@value
class CertifyPlan:
    """A prescriber certifies the need for this plan for the first time."""

    enrollment_id: EnrollmentId
    plan_id: Id
    certified_on: Date
    certified_through: Date
    physician_id: ClinicianId
    document_id: NoteId | None = None
    late_reason: Code | None = None


@command("enrollment.recertify_plan")
@value
class RecertifyPlan:
    """A prescriber certifies again, through a later day."""

    enrollment_id: EnrollmentId
    plan_id: Id
    certified_on: Date
    certified_through: Date
    physician_id: ClinicianId
    document_id: NoteId | None = None
    late_reason: Code | None = None


@command("enrollment.link_document")
@value
class LinkDocument:
    """Names afterwards the signed document that a plan rests on, or its review of `reviewed_on`, or its certification
    that reaches `certified_through`."""

    enrollment_id: EnrollmentId
    plan_id: Id
    reviewed_on: Date | None = None
    certified_through: Date | None = None
    document_id: NoteId


@command("enrollment.change_level_of_care")
@value
class ChangeLevelOfCare:
    """Moves the patient to another level; the effective day itself belongs to the new one."""

    enrollment_id: EnrollmentId
    effective_on: Date
    from_level: LevelOfCare
    to_level: LevelOfCare
    cause: Code


@command("enrollment.release_hold")
@value
class ReleaseHold:
    """Lets a held service day be billed for a cause; the person who acts answers for it."""

    enrollment_id: EnrollmentId
    service_date: Date
    hold: ReleasableHold
    cause: Code


@command("enrollment.request_day_write_off")
@value
class RequestDayWriteOff:
    """Asks that billing a service day that is on no claim be given up, also one after the discharge; another person has
    to approve it."""

    enrollment_id: EnrollmentId
    service_date: Date
    cause: Code


@command("enrollment.withdraw_day_write_off_request")
@value
class WithdrawDayWriteOffRequest:
    """Takes a request back that nobody approved yet; the day can be asked about anew."""

    enrollment_id: EnrollmentId
    service_date: Date
    cause: Code


@command("enrollment.write_off_day")
@value
class WriteOffDay:
    """Approves what somebody else asked for: gives up billing a service day, for the cause that they named."""

    enrollment_id: EnrollmentId
    service_date: Date
    cause: Code


@command("enrollment.withdraw_hold_release")
@value
class WithdrawHoldRelease:
    """Takes back the release of a hold; the person who acts answers for that."""

    enrollment_id: EnrollmentId
    service_date: Date
    hold: ReleasableHold
    cause: Code


@command("enrollment.withdraw_day_write_off")
@value
class WithdrawDayWriteOff:
    """Takes back that a service day was given up; the person who acts answers for that."""

    enrollment_id: EnrollmentId
    service_date: Date
    cause: Code


@command("enrollment.start_leave")
@value
class StartLeave:
    """The first day away by arrangement."""

    enrollment_id: EnrollmentId
    leave_id: Id
    started_on: Date
    expected_return_on: Date | None = None
    cause: Code


@command("enrollment.end_leave")
@value
class EndLeave:
    """The first day back."""

    enrollment_id: EnrollmentId
    leave_id: Id
    returned_on: Date


@command("enrollment.correct_leave")
@value
class CorrectLeave:
    """States both days of a leave as they really were; without a first day there was no such leave."""

    enrollment_id: EnrollmentId
    leave_id: Id
    started_on: Date | None = None
    returned_on: Date | None = None
    cause: Code


@command("enrollment.plan_discharge")
@value
class PlanDischarge:
    """The day on which discharge is intended; it may lie in the future."""

    enrollment_id: EnrollmentId
    planned_on: Date


@command("enrollment.discharge")
@value
class DischargePatient:
    """Ends the episode: its last day, why, and the UB-04 patient status for the last claim."""

    enrollment_id: EnrollmentId
    discharged_on: Date
    reason: DischargeReason
    patient_status: Annotated[str, Field(pattern=r"^\d{2}$")]


@command("enrollment.correct_discharge")
@value
class CorrectDischarge:
    """States the whole discharge as it really was; without day, reason and status there was none, so that the patient
    is still in care."""

    enrollment_id: EnrollmentId
    discharged_on: Date | None = None
    reason: DischargeReason | None = None
    patient_status: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    cause: Code


Command = (
    ReferPatient | VerifyBenefits | AssessLevelOfCare | AdmitPatient | CorrectAdmission | CorrectAttending
    | RecordDiagnosis | AdoptPlan | ReviewPlan
    | CertifyPlan | RecertifyPlan | LinkDocument | ChangeLevelOfCare | ReleaseHold
    | RequestDayWriteOff | WithdrawDayWriteOffRequest | WriteOffDay | WithdrawHoldRelease | WithdrawDayWriteOff
    | StartLeave | EndLeave | CorrectLeave | PlanDischarge | DischargePatient | CorrectDischarge
)
