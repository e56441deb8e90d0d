"""What people did about a patient's risk. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Literal

from aggregates.kit import fact, value
from aggregates.values import Code, Date, EnrollmentId, Id, Instant, NoteId, PatientId, PersonId, ProgramId, Text

AlertKind = Literal[
    "safety_item", "suicide_screen", "reliable_deterioration", "no_measure", "no_change", "follow_up",
]  # fmt: skip
Level = Literal["none", "low", "moderate", "high", "imminent"]


@value
class Alert:
    """Which alert: its kind, what raised it (an assessment, or the episode), and the day that it goes back to.

    The day is that of the measure, or from which on one is missing, nothing has changed, or a follow-up is due.
    """

    kind: AlertKind
    about: Id
    since: Date


@value
class RiskWords:
    """How the clinician puts it: warning signs, means, protective factors, why this level."""

    words: Text


@fact("risk.assessed", 1, subject="patient")
@value
class RiskAssessed:
    """A clinician's judgment of the risk of suicide or violence, by talking and by what is known; `basis` says by what.

    The level is the clinician's word, and no score makes it. `assessment_id` is the C-SSRS screener, if one was taken.
    """

    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    assessed_by: PersonId
    assessed_at: Instant
    level: Level
    basis: tuple[Code, ...]
    assessment_id: Id | None = None
    sealed: RiskWords | None = None


@fact("risk.safety_plan_recorded", 1, subject="patient")
@value
class SafetyPlanRecorded:
    """A safety plan was made, or reviewed, with the patient; `note_id` is the document that holds it."""

    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    recorded_by: PersonId
    made_on: Date
    review_on: Date | None = None
    note_id: NoteId | None = None
    sealed: RiskWords | None = None


@fact("risk.follow_up_made", 1, subject="patient")
@value
class FollowUpMade:
    """Somebody tried to reach the patient, such as after a missed day, an alert or the discharge."""

    patient_id: PatientId
    program_id: ProgramId
    enrollment_id: EnrollmentId | None = None
    made_by: PersonId
    made_at: Instant
    means: Literal["in_person", "phone", "video", "message", "letter"]
    reached: bool
    cause: Code
    sealed: RiskWords | None = None


@fact("risk.alert_acknowledged", 1)
@value
class AlertAcknowledged:
    """A named person takes an alert upon themselves, or clears it and says why. Nothing else ever ends one."""

    patient_id: PatientId
    program_id: ProgramId
    alert: Alert
    outcome: Literal["taken", "cleared"]
    acknowledged_by: PersonId
    cause: Code
    override_cause: Code | None = None
