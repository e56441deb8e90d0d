"""What today's list, its counts, and one patient's risk answer with. Days are the program's own; instants are UTC."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from aggregates.risk.facts import AlertKind, Level
from aggregates.values import Instant
from projections.outcomes.alert_rows import ListedKind, Standing
from projections.outcomes.views import View


class AlertName(View):
    """Which alert, as the command to take or clear it wants it."""

    kind: AlertKind
    about: str = Field(description="The assessment or the episode that raised it.")
    since: date = Field(description="The day of the measure, or from which on one is missing or due.")


class AlertView(View):
    """A reason to look at a patient. No later score takes one of a measure away, and no correction or void one of
    safety: that is for a person to do. It is told in its own program alone."""

    patient_id: str = Field(description="Whom to look at.")
    program_id: str = Field(description="Where.")
    enrollment_id: str | None = Field(description="The episode.")
    kind: ListedKind = Field(
        description="safety_item (any answer but 0, or a score that cannot be reached without it), suicide_screen "
        "(moderate or high), reliable_deterioration, "
        "no_measure for 14 days, no_change after half of the planned stay, follow_up (7, 30 and 90 days after the "
        "discharge), or parked: the record cannot be followed, and nothing newer is known."
    )
    risk_id: str | None = Field(description="The stream to acknowledge it in; none for what is parked.")
    alert: AlertName | None = Field(description="Its name, as `risk.acknowledge_alert` wants it; none likewise.")
    since: date = Field(description="The day that it goes back to.")
    age_days: int = Field(description="Days from that day to today.")
    until: date | None = Field(description="The last day on which it can be seen to; none: until it is cleared.")
    urgent: bool = Field(description="Safety item at 2 or 3, screen high, or parked.")
    why: str = Field(description="The reason in a sentence with its numbers.")
    value: int | None = Field(description="The answer, the points of the change, or which follow-up.")
    threshold: int | None = Field(description="What the value reached, or after how many days.")
    instrument: str | None = Field(description="The instrument of the measure.")
    instrument_version: str | None = Field(description="Its version.")
    standing: Standing = Field(description="open, taken by somebody, or cleared.")
    owner_id: str | None = Field(
        description="Who took it, else the attending of record of the patient's latest episode there; none: nobody yet."
    )
    taken_by: str | None = Field(description="Who took it upon themselves last.")
    taken_at: Instant | None = Field(description="When.")
    cleared_by: str | None = Field(description="Who cleared it.")
    cleared_at: Instant | None = Field(description="When.")
    cause: str | None = Field(description="Why it was taken or cleared, whichever came last.")
    override_cause: str | None = Field(description="Why it was cleared without an assessment or a plan.")
    risk_level: Level | None = Field(description="The latest judgment of the patient's risk in this program.")
    risk_assessed_by: str | None = Field(description="Who judged.")
    risk_assessed_at: Instant | None = Field(description="When.")
    judged: bool = Field(description="Whether the risk was judged since the alert stands as it does.")
    safety_plan_on: date | None = Field(description="The day of the latest safety plan in this program.")
    safety_plan_review_on: date | None = Field(description="When it is to be reviewed.")
    follow_ups: int = Field(description="Tries to reach the patient since the alert's day.")
    followed_up_at: Instant | None = Field(description="The last of them.")
    reached: bool | None = Field(description="Whether any of them reached the patient; none without one.")
    withdrawn: Literal["corrected", "voided"] | None = Field(
        description="How the answers that raised it were taken back; it stands until somebody judges the risk."
    )
    withdrawn_by: str | None = Field(description="Who took them back.")
    withdrawn_at: Instant | None = Field(description="When.")
    left_on: date | None = Field(description="The patient's last day in the program; none: not discharged from it.")
    positions: tuple[int, ...] = Field(description="The facts that it rests on, and what was done about it.")
    cursor: str = Field(description="Goes on from here when given as `after`.")


class AlertCount(View):
    """How many open alerts of a kind a program has; nobody is named and nothing is said of a patient."""

    program_id: str = Field(description="The program.")
    kind: ListedKind = Field(description="The kind.")
    alerts: int = Field(description="Open ones, taken or not.")
    patients: int = Field(description="Of how many patients.")
    urgent: int = Field(description="Urgent ones.")
    not_taken: int = Field(description="Those that nobody has taken.")
    without_owner: int = Field(description="Those with neither a taker nor an attending of record.")
    left: int = Field(description="Those about patients who were discharged from the program.")
    oldest_days: int = Field(description="The age of the oldest.")


class Worded(View):
    """An act about a patient's risk. `words` are sealed: told only to who may read the text of a document."""

    position: int = Field(description="The fact.")
    program_id: str = Field(description="Where.")
    enrollment_id: str | None = Field(description="The episode.")
    recorded_at: Instant = Field(description="When it was recorded, whenever it was done.")
    words: str | None = Field(default=None, description="The words; none where there are none, or not for this role.")


class LevelView(Worded):
    """A clinician's judgment of the risk."""

    assessed_by: str
    assessed_at: Instant
    level: Level
    basis: tuple[str, ...] = Field(description="By what it was judged.")
    assessment_id: str | None = Field(description="The measure that was taken for it.")


class SafetyPlanView(Worded):
    """A safety plan that was made or reviewed."""

    recorded_by: str
    made_on: date
    review_on: date | None
    note_id: str | None = Field(description="The document that holds it.")


class FollowUpView(Worded):
    """A try to reach the patient."""

    made_by: str
    made_at: Instant
    means: str
    reached: bool
    cause: str


class AcknowledgmentView(View):
    """Somebody took or cleared an alert."""

    position: int = Field(description="The fact.")
    program_id: str
    kind: AlertKind
    about: str
    since: date
    outcome: Literal["taken", "cleared"]
    acknowledged_by: str
    acknowledged_at: Instant
    cause: str
    override_cause: str | None


class RiskView(View):
    """One patient's risk: what was judged, planned, tried, raised, taken and cleared, each in order of time."""

    patient_id: str
    risk_id: str = Field(description="The stream of what people do about it.")
    level: Level | None = Field(description="The latest judgment; none: nobody has judged.")
    levels: tuple[LevelView, ...]
    safety_plans: tuple[SafetyPlanView, ...]
    follow_ups: tuple[FollowUpView, ...]
    open: tuple[AlertView, ...] = Field(description="Alerts that stand today, urgent first, then the oldest.")
    cleared: tuple[AlertView, ...] = Field(description="Alerts that were cleared.")
    missed: tuple[AlertView, ...] = Field(description="Follow-ups whose window is over without one.")
    acknowledgments: tuple[AcknowledgmentView, ...] = Field(
        description="Everything that was taken or cleared, also what was corrected away since."
    )
