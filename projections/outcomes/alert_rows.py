"""The rows of alerts and of what was done about a patient's risk; the fields are the columns of `schema.sql`."""

from __future__ import annotations

from typing import Literal, NamedTuple

from aggregates.risk.facts import AlertKind, Level

ListedKind = Literal[AlertKind, "parked"]
"""An alert's kind, or that the patient's record cannot be followed."""
Record = Literal["followed", "parked"]
Standing = Literal["open", "taken", "cleared"]


class Alert(NamedTuple):
    """One reason to look at a patient, from the day `since` on, until `until` (None: until somebody clears it).

    `record` parts what the patient's facts say from that they cannot be followed, which is written when that happens.
    `value` is what reached `threshold`; `why` says it in a sentence. `owner_id` is who took it, else the attending of
    record of the patient's latest episode there. Judgment, plan and tries to reach the patient are the program's own;
    the tries count from `since` on, and `judged` is whether the risk was judged since the alert stands as it does. Of
    answers that were taken back `withdrawn` says how, and by whom. `left_on` is the patient's last day in the program.
    """

    patient_id: str
    record: Record
    kind: ListedKind
    about: str
    since: str
    until: str | None
    program_id: str
    enrollment_id: str | None
    urgent: bool
    why: str
    value: int | None
    threshold: int | None
    instrument: str | None
    instrument_version: str | None
    standing: Standing
    owner_id: str | None
    taken_by: str | None
    taken_at: str | None
    cleared_by: str | None
    cleared_at: str | None
    cause: str | None
    override_cause: str | None
    risk_level: Level | None
    risk_assessed_by: str | None
    risk_assessed_at: str | None
    judged: bool
    safety_plan_on: str | None
    safety_plan_review_on: str | None
    follow_ups: int
    followed_up_at: str | None
    reached: bool | None
    withdrawn: Literal["corrected", "voided"] | None
    withdrawn_by: str | None
    withdrawn_at: str | None
    left_on: str | None
    positions: list[int]


class Acknowledgment(NamedTuple):
    """Somebody took an alert or cleared it; kept also where what raised it was corrected away."""

    patient_id: str
    position: int
    program_id: str
    kind: AlertKind
    about: str
    since: str
    outcome: Literal["taken", "cleared"]
    acknowledged_by: str
    acknowledged_at: str
    cause: str
    override_cause: str | None


class RiskLevel(NamedTuple):
    """A clinician's judgment of the risk."""

    patient_id: str
    position: int
    program_id: str
    enrollment_id: str | None
    assessed_by: str
    assessed_at: str
    level: Level
    basis: list[str]
    assessment_id: str | None
    recorded_at: str


class SafetyPlan(NamedTuple):
    """A safety plan that was made or reviewed."""

    patient_id: str
    position: int
    program_id: str
    enrollment_id: str | None
    recorded_by: str
    made_on: str
    review_on: str | None
    note_id: str | None
    recorded_at: str


class FollowUp(NamedTuple):
    """A try to reach the patient."""

    patient_id: str
    position: int
    program_id: str
    enrollment_id: str | None
    made_by: str
    made_at: str
    means: str
    reached: bool
    cause: str
    recorded_at: str
