"""What may be asked of a patient's risk. Each command's first field is its stream's id, as `risks.risk_of` makes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import command, value
from aggregates.risk.facts import Alert, Level
from aggregates.values import AssessmentId, Code, Date, EnrollmentId, Id, Instant, NoteId, PatientId, ProgramId, Text

Basis = Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]


@command("risk.assess")
@value
class AssessRisk:
    """A clinician's judgment now; `basis` says by what it was made, such as interview, c-ssrs or collateral."""

    risk_id: Id
    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    assessed_at: Instant
    level: Level
    basis: Basis
    assessment_id: AssessmentId | None = None
    words: Text | None = None


@command("risk.record_safety_plan")
@value
class RecordSafetyPlan:
    """A safety plan was made or reviewed with the patient."""

    risk_id: Id
    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    made_on: Date
    review_on: Date | None = None
    note_id: NoteId | None = None
    words: Text | None = None


@command("risk.make_follow_up")
@value
class MakeFollowUp:
    """Somebody tried to reach the patient."""

    risk_id: Id
    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    made_at: Instant
    means: Literal["in_person", "phone", "video", "message", "letter"]
    reached: bool
    cause: Code
    words: Text | None = None


@command("risk.acknowledge_alert")
@value
class AcknowledgeAlert:
    """Takes an alert, or clears it; `override_cause` clears one of safety without an assessment or a plan."""

    risk_id: Id
    patient_id: PatientId
    program_id: ProgramId
    alert: Alert
    outcome: Literal["taken", "cleared"]
    cause: Code
    override_cause: Code | None = None


Command = AssessRisk | RecordSafetyPlan | MakeFollowUp | AcknowledgeAlert
