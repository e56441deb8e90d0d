"""What may be asked of an administration. Each command's first field is its id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.assessment.facts import Item
from aggregates.kit import command, value
from aggregates.values import AssessmentId, Code, Date, EnrollmentId, Instant, PatientId, ProgramId

Items = Annotated[tuple[Item | None, ...], Field(max_length=100)]
EnteredScore = Annotated[int, Field(ge=0, le=1_000)]


@command("assessment.administer")
@value
class AdministerAssessment:
    """Records answers by item in the instrument's order, or the score where only that is known.

    `instrument` is a code such as phq-9, in any case; without `instrument_version` today's version is meant.
    """

    assessment_id: AssessmentId
    patient_id: PatientId
    enrollment_id: EnrollmentId | None = None
    program_id: ProgramId
    instrument: Code
    instrument_version: Code | None = None
    administered_on: Date
    administered_at: Instant
    occasion: Literal["baseline", "routine", "discharge", "follow_up"]
    respondent: Literal["patient", "guardian", "clinician"]
    items: Items = ()
    entered_score: EnteredScore | None = None


@command("assessment.correct")
@value
class CorrectAssessment:
    """The answers and the day as they should have been; instrument and version stay."""

    assessment_id: AssessmentId
    items: Items = ()
    entered_score: EnteredScore | None = None
    administered_on: Date
    cause: Code


@command("assessment.void")
@value
class VoidAssessment:
    """It counts as never taken, such as when it was entered for the wrong patient."""

    assessment_id: AssessmentId
    cause: Code


Command = AdministerAssessment | CorrectAssessment | VoidAssessment
