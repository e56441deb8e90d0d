"""A past for the tests of outcomes, in short notation."""

from __future__ import annotations

from typing import Any

from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected, AssessmentVoided
from aggregates.enrollment.facts import PatientAdmitted, PatientDischarged, PatientReferred
from aggregates.program.facts import ProgramOpened
from tests.projections.story import Story, an_id

PROGRAM, OTHER = an_id("program", 1), an_id("program", 2)
PATIENT = an_id("patient", 1)
ENROLLMENT = an_id("enrollment", 1)


def open_program(story: Story, program_id: str = PROGRAM, zone: str = "America/New_York") -> None:
    """A program opens."""
    opened = ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus="mental_health", population="adult", time_zone=zone,
        opened_on="2026-01-01",
    )
    story.tell(program_id, opened)


def admit(story: Story, number: int = 1, program_id: str = PROGRAM, on: str = "2026-01-05") -> None:
    """Patient and episode of a number are referred and admitted."""
    patient, enrollment = an_id("patient", number), an_id("enrollment", number)
    story.tell(enrollment, PatientReferred(patient_id=patient, program_id=program_id, referred_on=on, source="self"))
    admitted = PatientAdmitted(
        admitted_on=on, level_of_care="intensive_outpatient", focus="mental_health", admission_type="elective",
        admission_source="self", attending_id=an_id("clinician"), planned_days=3, planned_minutes=540,
    )
    story.tell(enrollment, admitted)


def discharge(story: Story, on: str, number: int = 1) -> None:
    """The episode of a number ends."""
    ended = PatientDischarged(discharged_on=on, reason="completed", patient_status="01")
    story.tell(an_id("enrollment", number), ended)


def taken(on: str, score: int | None = None, number: int = 1, **more: Any) -> AssessmentAdministered:
    """An administration for the patient of a number: PHQ-9 unless said otherwise, with a score or with `items`."""
    fields: dict[str, Any] = {
        "patient_id": an_id("patient", number), "enrollment_id": an_id("enrollment", number), "program_id": PROGRAM,
        "instrument": "phq-9", "instrument_version": "1", "administered_on": on, "administered_at": f"{on}T15:00:00Z",
        "occasion": "routine", "respondent": "patient", "entered_score": score,
    }
    return AssessmentAdministered(**(fields | more))


def corrected(on: str, score: int) -> AssessmentCorrected:
    """The day and score as they should have been."""
    return AssessmentCorrected(entered_score=score, administered_on=on, cause="entry_error")


VOIDED = AssessmentVoided(cause="wrong_patient")
