"""What can be true of one administration of an instrument. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import fact, value
from aggregates.values import Code, Date, EnrollmentId, Instant, PatientId, ProgramId

Item = Annotated[int, Field(ge=0, le=100)]


@fact("assessment.administered", 1)
@value
class AssessmentAdministered:
    """Answers by item in the instrument's order (None: skipped by its rule), or the score if only that is known."""

    patient_id: PatientId
    enrollment_id: EnrollmentId | None = None
    program_id: ProgramId
    instrument: Code
    instrument_version: Code
    administered_on: Date
    administered_at: Instant
    occasion: Literal["baseline", "routine", "discharge", "follow_up"]
    respondent: Literal["patient", "guardian", "clinician"]
    items: tuple[Item | None, ...] = ()
    entered_score: Annotated[int, Field(ge=0, le=1_000)] | None = None


@fact("assessment.corrected", 1)
@value
class AssessmentCorrected:
    """The answers as they should have been."""

    items: tuple[Item | None, ...] = ()
    entered_score: Annotated[int, Field(ge=0, le=1_000)] | None = None
    administered_on: Date
    cause: Code


@fact("assessment.voided", 1)
@value
class AssessmentVoided:
    """It counts as never taken."""

    cause: Code
