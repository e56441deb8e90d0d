"""One episode: referral, admission, levels, leaves, plan, certification, discharge.

All of it by the facts' own dates, so that a late entry about an earlier day does not hide a newer plan.
"""

from __future__ import annotations

import msgspec

from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    DiagnosisRecorded,
    DischargeCorrected,
    DischargePlanned,
    LeaveCorrected,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareChanged,
    PatientAdmitted,
    PatientDischarged,
    PatientReferred,
    PlanCertified,
    PlanOfCareAdopted,
    PlanRecertified,
    PlanReviewed,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from iop_es.engine.stored import Row
from projections.caseload.fold import Hand, unchanged

EPISODE = Table("episode", (
    "enrollment_id", "patient_id", "program_id", "referred_on", "referral_source", "admitted_on", "focus",
    "attending_id", "planned_days", "planned_minutes", "discharge_planned_on", "discharged_on", "discharge_reason",
    "plan_id", "plan_adopted_on", "plan_goals", "weekly_days", "weekly_minutes", "review_due_on",
    "certified_on", "certified_through", "certified_by", "version",
))
DIAGNOSIS = Table("episode_diagnosis", ("enrollment_id", "code", "rank", "effective_from"))
LEVEL = Table("episode_level", ("enrollment_id", "effective_on", "level_of_care"))
LEAVE = Table("episode_leave", ("enrollment_id", "leave_id", "started_on", "expected_return_on", "returned_on"))


class Plan(msgspec.Struct, omit_defaults=True):
    """A plan of care, and when its latest review wants the next one."""

    plan_id: str
    adopted_on: str
    weekly_days: int
    weekly_minutes: int
    review_due_on: str
    reviewed_on: str | None = None
    goals: tuple[str, ...] = ()


class Certification(msgspec.Struct, omit_defaults=True):
    """The physician's certification that reaches furthest."""

    certified_on: str
    certified_through: str
    physician_id: str


class Leave(msgspec.Struct, omit_defaults=True):
    """Days away; `returned_on` is the first day back."""

    started_on: str
    expected_return_on: str | None = None
    returned_on: str | None = None


class Enrollment(msgspec.Struct, omit_defaults=True, tag="enrollment"):
    """An episode; `levels` by the first day of each, `leaves` by id, `diagnoses` by rank and first day."""

    patient_id: str | None = None
    program_id: str | None = None
    referred_on: str | None = None
    referral_source: str | None = None
    admitted_on: str | None = None
    focus: str | None = None
    attending_id: str | None = None
    planned_days: int | None = None
    planned_minutes: int | None = None
    discharge_planned_on: str | None = None
    discharged_on: str | None = None
    discharge_reason: str | None = None
    plans: dict[str, Plan] = {}
    certification: Certification | None = None
    levels: dict[str, str] = {}
    leaves: dict[str, Leave] = {}
    diagnoses: dict[str, tuple[str, int, str]] = {}
    version: int = 0


def _referred(episode: Enrollment, recorded: Recorded) -> None:
    fact: PatientReferred = recorded.fact
    episode.patient_id, episode.program_id = fact.patient_id, fact.program_id
    episode.referred_on, episode.referral_source = fact.referred_on, fact.source


def _admitted(episode: Enrollment, recorded: Recorded) -> None:
    fact: PatientAdmitted = recorded.fact
    episode.admitted_on, episode.focus, episode.attending_id = fact.admitted_on, fact.focus, fact.attending_id
    episode.planned_days, episode.planned_minutes = fact.planned_days, fact.planned_minutes
    episode.levels[fact.admitted_on] = fact.level_of_care


def _admission_corrected(episode: Enrollment, recorded: Recorded) -> None:
    fact: AdmissionCorrected = recorded.fact
    episode.admitted_on = fact.admitted_on
    levels = sorted(episode.levels.items())
    episode.levels = dict([(fact.admitted_on, level) for _, level in levels[:1]] + levels[1:])


def _attending_corrected(episode: Enrollment, recorded: Recorded) -> None:
    fact: AttendingCorrected = recorded.fact
    episode.attending_id = fact.attending_id


def _diagnosed(episode: Enrollment, recorded: Recorded) -> None:
    fact: DiagnosisRecorded = recorded.fact
    episode.diagnoses[f"{fact.rank} {fact.effective_from}"] = (fact.code, fact.rank, fact.effective_from)


def _level_changed(episode: Enrollment, recorded: Recorded) -> None:
    fact: LevelOfCareChanged = recorded.fact
    episode.levels[fact.effective_on] = fact.to_level


def _plan_adopted(episode: Enrollment, recorded: Recorded) -> None:
    fact: PlanOfCareAdopted = recorded.fact
    episode.plans[fact.plan_id] = Plan(
        fact.plan_id, fact.adopted_on, fact.weekly_days, fact.weekly_minutes, fact.review_due_on,
        goals=fact.goals,
    )


def _plan_reviewed(episode: Enrollment, recorded: Recorded) -> None:
    fact: PlanReviewed = recorded.fact
    plan = episode.plans.get(fact.plan_id)
    if plan is not None and fact.reviewed_on >= (plan.reviewed_on or ""):
        plan.reviewed_on, plan.review_due_on = fact.reviewed_on, fact.next_review_due_on


def _certified(episode: Enrollment, recorded: Recorded) -> None:
    fact: PlanCertified | PlanRecertified = recorded.fact
    known = episode.certification
    if known is None or fact.certified_through >= known.certified_through:
        episode.certification = Certification(fact.certified_on, fact.certified_through, fact.physician_id)


def _leave_started(episode: Enrollment, recorded: Recorded) -> None:
    fact: LeaveStarted = recorded.fact
    episode.leaves[fact.leave_id] = Leave(fact.started_on, fact.expected_return_on)


def _leave_ended(episode: Enrollment, recorded: Recorded) -> None:
    fact: LeaveEnded = recorded.fact
    if fact.leave_id in episode.leaves:
        episode.leaves[fact.leave_id].returned_on = fact.returned_on


def _leave_corrected(episode: Enrollment, recorded: Recorded) -> None:
    fact: LeaveCorrected = recorded.fact
    leave = episode.leaves.get(fact.leave_id)
    if leave is not None and fact.started_on is not None:
        leave.started_on, leave.returned_on = fact.started_on, fact.returned_on
    elif leave is not None:
        del episode.leaves[fact.leave_id]


def _discharge_planned(episode: Enrollment, recorded: Recorded) -> None:
    fact: DischargePlanned = recorded.fact
    episode.discharge_planned_on = fact.planned_on


def _discharged(episode: Enrollment, recorded: Recorded) -> None:
    fact: PatientDischarged | DischargeCorrected = recorded.fact
    episode.discharged_on, episode.discharge_reason = fact.discharged_on, fact.reason


APPLY: dict[str, Hand] = {
    "enrollment.patient_referred": _referred,
    "enrollment.benefits_verified": unchanged,
    "enrollment.level_of_care_assessed": unchanged,
    "enrollment.patient_admitted": _admitted,
    "enrollment.admission_corrected": _admission_corrected,
    "enrollment.attending_corrected": _attending_corrected,
    "enrollment.diagnosis_recorded": _diagnosed,
    "enrollment.plan_of_care_adopted": _plan_adopted,
    "enrollment.plan_reviewed": _plan_reviewed,
    "enrollment.plan_certified": _certified,
    "enrollment.plan_recertified": _certified,
    "enrollment.document_linked": unchanged,
    "enrollment.level_of_care_changed": _level_changed,
    "enrollment.leave_started": _leave_started,
    "enrollment.leave_ended": _leave_ended,
    "enrollment.leave_corrected": _leave_corrected,
    "enrollment.discharge_planned": _discharge_planned,
    "enrollment.patient_discharged": _discharged,
    "enrollment.discharge_corrected": _discharged,
}


def settle(enrollment_id: str, episode: Enrollment) -> Rows:
    """The episode's row, its levels, leaves and diagnoses."""
    scope = (enrollment_id,)
    rows = [] if episode.patient_id is None else [_row(enrollment_id, episode)]
    levels = [(enrollment_id, day, level) for day, level in sorted(episode.levels.items())]
    leaves = [
        (enrollment_id, leave_id, leave.started_on, leave.expected_return_on, leave.returned_on)
        for leave_id, leave in episode.leaves.items()
    ]
    diagnoses = [(enrollment_id, *one) for one in episode.diagnoses.values()]
    return {
        "episode": {scope: rows}, "episode_level": {scope: levels}, "episode_leave": {scope: leaves},
        "episode_diagnosis": {scope: diagnoses},
    }


def _row(enrollment_id: str, one: Enrollment) -> Row:
    plan = max(reversed(one.plans.values()), key=lambda plan: plan.adopted_on, default=None)
    certification = one.certification
    return (
        enrollment_id, one.patient_id, one.program_id, one.referred_on, one.referral_source, one.admitted_on,
        one.focus, one.attending_id, one.planned_days, one.planned_minutes, one.discharge_planned_on,
        one.discharged_on, one.discharge_reason,
        *((plan.plan_id, plan.adopted_on, list(plan.goals), plan.weekly_days, plan.weekly_minutes, plan.review_due_on)
          if plan else (None,) * 6),
        *((certification.certified_on, certification.certified_through, certification.physician_id)
          if certification else (None,) * 3),
        one.version,
    )
