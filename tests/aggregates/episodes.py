"""An episode for the tests of enrollments: one patient from a referral in February to a discharge in May."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.enrollment import AGGREGATE
from aggregates.enrollment import commands as ask
from aggregates.enrollment import facts as past
from aggregates.kit import Seen
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import CoverageRecorded, PatientRegistered
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.program.facts import ProgramOpened
from tests.aggregates.scenario import Given, an_act, an_id, given, seen_as

EPISODE, DOCTOR, PLAN, LEAVE = an_id("enrollment"), an_id("physician"), an_id("plan"), an_id("leave")
PATIENT_ID, PROGRAM_ID, PAYER, COVERAGE = an_id("patient"), an_id("program"), an_id("payer"), an_id("coverage")
KEY = f"{PATIENT_ID}:{PROGRAM_ID}"
JUNE = an_act(occurred_at="2026-06-01T12:00:00Z", role="prescriber", by=DOCTOR)
MONTHS = ("2026-02-27", "2026-03-02", "2026-03-18", "2026-04-06", "2026-05-06", "2026-05-20")

OPENED = ProgramOpened(
    code="adult-mh", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
    time_zone="America/New_York", opened_on="2024-01-02", program_id=PROGRAM_ID,
)
COVERED = CoverageRecorded(
    coverage_id=COVERAGE, payer_id=PAYER, plan="ppo", rank=1, relationship="self", effective_from="2026-01-01",
    has_member_number=False, has_group_number=False, has_subscriber=False,
)
REGISTERED = PatientRegistered(
    year_of_birth=1988, has_medical_record_number=False, has_address=False, patient_id=PATIENT_ID,
)


def around(*program: Any, patient: tuple[Any, ...] = (REGISTERED, COVERED)) -> dict[str, Seen]:
    """The consulted streams: a registered, covered patient and the program's facts."""
    return {
        "patient": seen_as(PATIENT, PATIENT_ID, *patient),
        "program": seen_as(PROGRAM, PROGRAM_ID, *(program or (OPENED,))),
    }


def refer(**changes: Any) -> ask.ReferPatient:
    """Refers the patient on 26 February."""
    fields: dict[str, Any] = {"patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "source": "self"}
    return ask.ReferPatient(**({"enrollment_id": EPISODE, "referred_on": "2026-02-26"} | fields | changes))


def admit(**changes: Any) -> ask.AdmitPatient:
    """Admits on Monday 2 March."""
    fields: dict[str, Any] = {
        "admitted_on": "2026-03-02", "level_of_care": "intensive_outpatient", "focus": "mental_health",
        "admission_type": "3", "admission_source": "1", "attending_id": DOCTOR, "planned_days": 3,
        "planned_minutes": 540,
    }
    return ask.AdmitPatient(enrollment_id=EPISODE, **(fields | changes))


def adopt(**changes: Any) -> ask.AdoptPlan:
    """Adopts a plan with two goals on 3 March."""
    fields: dict[str, Any] = {
        "plan_id": PLAN, "adopted_on": "2026-03-03", "goals": ("mood", "work"), "weekly_days": 3,
        "weekly_minutes": 540, "planned_weeks": 8, "review_due_on": "2026-04-02",
        "words": (past.GoalWords(goal="mood", words="Get up by eight."),),
    }
    return ask.AdoptPlan(enrollment_id=EPISODE, **(fields | changes))


def review(**changes: Any) -> ask.ReviewPlan:
    """Reviews the plan on 1 April."""
    fields: dict[str, Any] = {
        "plan_id": PLAN, "reviewed_on": "2026-04-01", "next_review_due_on": "2026-05-01", "patient_agreed": True,
    }
    return ask.ReviewPlan(enrollment_id=EPISODE, **(fields | changes))


def certify(**changes: Any) -> ask.CertifyPlan:
    """Certifies the plan on 3 March through 1 May."""
    fields: dict[str, Any] = {"certified_on": "2026-03-03", "certified_through": "2026-05-01", "physician_id": DOCTOR}
    return ask.CertifyPlan(enrollment_id=EPISODE, **({"plan_id": PLAN} | fields | changes))


def recertify(**changes: Any) -> ask.RecertifyPlan:
    """Certifies again on 30 April through 29 June."""
    fields: dict[str, Any] = {"certified_on": "2026-04-30", "certified_through": "2026-06-29", "physician_id": DOCTOR}
    return ask.RecertifyPlan(enrollment_id=EPISODE, **({"plan_id": PLAN} | fields | changes))


def step_up(**changes: Any) -> ask.ChangeLevelOfCare:
    """Steps up to partial hospitalization on 18 March."""
    fields: dict[str, Any] = {"from_level": "intensive_outpatient", "to_level": "partial_hospitalization"}
    return ask.ChangeLevelOfCare(
        enrollment_id=EPISODE, **({"effective_on": "2026-03-18", "cause": "worse"} | fields | changes)
    )


def leave(**changes: Any) -> ask.StartLeave:
    """Away from 6 April."""
    return ask.StartLeave(
        enrollment_id=EPISODE, **({"leave_id": LEAVE, "started_on": "2026-04-06", "cause": "medical"} | changes)
    )


def back(**changes: Any) -> ask.EndLeave:
    """Back on 10 April."""
    return ask.EndLeave(enrollment_id=EPISODE, **({"leave_id": LEAVE, "returned_on": "2026-04-10"} | changes))


def discharge(**changes: Any) -> ask.DischargePatient:
    """Completed on 6 May."""
    fields: dict[str, Any] = {"discharged_on": "2026-05-06", "reason": "completed", "patient_status": "01"}
    return ask.DischargePatient(enrollment_id=EPISODE, **(fields | changes))


def diagnose(**changes: Any) -> ask.RecordDiagnosis:
    """Recurrent severe depression, known since January."""
    fields: dict[str, Any] = {"code": "F33.2", "rank": 1, "effective_from": "2026-01-10", "diagnosed_by": DOCTOR}
    return ask.RecordDiagnosis(enrollment_id=EPISODE, **(fields | changes))


def assess(on: str = "2026-02-27") -> ask.AssessLevelOfCare:
    """LOCUS as entered."""
    return ask.AssessLevelOfCare(
        enrollment_id=EPISODE, criteria="locus", level_of_care="intensive_outpatient", score=18, assessed_on=on,
        assessed_by=DOCTOR,
    )


def benefits(**changes: Any) -> ask.VerifyBenefits:
    """Benefits checked on the day after the referral."""
    fields: dict[str, Any] = {"payer_id": PAYER, "coverage_id": COVERAGE, "verified_on": "2026-02-27"}
    return ask.VerifyBenefits(enrollment_id=EPISODE, authorization_required=True, **(fields | changes))


WAY = (
    refer(), benefits(), assess(), diagnose(), admit(), adopt(), certify(), step_up(), review(), leave(), back(),
    recertify(), ask.CorrectLeave(enrollment_id=EPISODE, leave_id=LEAVE, started_on="2026-04-07", cause="entry_error"),
    ask.PlanDischarge(enrollment_id=EPISODE, planned_on="2026-06-08"), discharge(),
    ask.CorrectDischarge(enrollment_id=EPISODE, discharged_on="2026-05-05", reason="completed", patient_status="01",
                         cause="entry_error"),
    ask.CorrectAdmission(enrollment_id=EPISODE, admitted_on="2026-03-03", admission_type="2", admission_source="4",
                         cause="entry_error"),
    ask.CorrectAttending(enrollment_id=EPISODE, attending_id=an_id("physician", 2), cause="entry_error"),
)


def after(*commands: Any) -> Given:
    """The stream after commands that are all accepted in June."""
    return given(AGGREGATE).having(*commands, act=JUNE, seen=around())


def refused(stream: Given, command: Any, rule: Any, **act: Any) -> str:
    """The message of a refusal in June."""
    return stream.when(command, replace(JUNE, **act), around()).refuses(rule)


ADMITTED = (refer(), admit())
PLANNED = (*ADMITTED, adopt())
