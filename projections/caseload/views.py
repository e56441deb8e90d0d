"""What the caseload answers with. Days are the program's own; instants are UTC; minutes are whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aggregates.values import Date, Instant
from projections.caseload.names import PersonName

Percent = Annotated[float, Field(ge=0, le=100)]
CURSOR = Field(description="Give it as `after` to go on behind this row.")

UNVERIFIED = Field(
    description="Whether that, or that there is none, follows from a payer's time for signatures that nobody verified."
)
ATTENTION = Field(
    default=None, description="Whether an alert about the patient stands open: ask the clinician. None: not known."
)
ALERTS = Field(
    default=None, description="Which ones, urgent first, then the oldest; none: not for this role, or not known."
)


class View(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class AmendmentNotice(View):
    """That the narrative which a part rests on was amended or written anew after the part was signed; no words of it
    are here."""

    amendment_id: str | None = Field(description="The amendment of the narrative; none of one that was written anew.")
    kind: Literal["addendum", "correction", "late_entry", "rewritten"] = Field(
        description="What sort of amendment; rewritten: the part was signed over other words than those that stand now."
    )
    section: str | None = Field(description="The section of the narrative that a correction corrects.")
    author_id: str = Field(description="Who wrote it, and of an amendment signed it.")
    signed_at: Instant | None = Field(description="When an amendment was signed; other words are signed by themselves.")
    recorded_at: Instant = Field(description="When it was recorded.")


class AlertMark(View):
    """That somebody should look at the patient; the rest is in today's list."""

    kind: str = Field(description="What kind of alert, as in today's list.")
    since: Date | None = Field(description="The day that it goes back to; none: not known.")
    urgent: bool = Field(description="Whether at once.")
    left_on: Date | None = Field(
        default=None, description="The patient's last day in the program where it is open; none: not discharged there."
    )


class RosterEntry(View):
    """One patient of a session's roster."""

    attendance_id: str = Field(description="The attendance id under which the session speaks of the patient.")
    patient_id: str = Field(description="Whose attendance it is.")
    enrollment_id: str = Field(description="The episode that it belongs to.")
    name: PersonName | None = Field(description="The patient's name; none where it is not known or no longer readable.")
    state: Literal["expected", "checked_in", "left", "absent", "absent_excused", "attended"] = Field(
        description="How far it came; `attended` once the session is closed."
    )
    cause: str | None = Field(description="Why the patient is on the roster, or why absent.")
    arrived_at: Instant | None = Field(description="First arrival.")
    left_at: Instant | None = Field(description="Last departure; none while in the room.")
    minutes: int | None = Field(description="Minutes of attendance without breaks, once the session is closed.")
    modality: str | None = Field(description="How the patient takes part.")
    corrected: bool = Field(description="Whether the entry was corrected after closing.")
    attention: bool | None = ATTENTION
    alerts: tuple[AlertMark, ...] | None = ALERTS


class SessionView(View):
    """A session with its roster."""

    session_id: str = Field(description="The session.")
    program_id: str = Field(description="The program that offers it.")
    group_id: str | None = Field(description="The group, if it is a group's.")
    service_kind: str = Field(description="What kind of service it is.")
    level_of_care: str = Field(description="At which level of care.")
    topic: str = Field(description="What it is about.")
    service_date: Date = Field(description="Its day.")
    starts_at: Instant = Field(description="Planned start.")
    ends_at: Instant = Field(description="Planned end.")
    modality: str | None = Field(description="How it is held.")
    facilitators: tuple[str, ...] = Field(description="Who leads it.")
    state: Literal["scheduled", "started", "closed", "cancelled"] = Field(description="How far it came.")
    started_at: Instant | None = Field(description="Actual start.")
    ended_at: Instant | None = Field(description="Actual end, once closed.")
    cancel_cause: str | None = Field(description="Why it was called off.")
    head_count: int | None = Field(description="How many attended, of all payers, once closed.")
    peak_count: int | None = Field(description="How many were in the room at once, once closed.")
    version: int = Field(description="The version of the session's stream, for If-Match.")
    roster: tuple[RosterEntry, ...] = Field(description="Everybody on the roster, by name.")
    cursor: str = CURSOR


class DocumentTask(View):
    """A document that waits for somebody: to be written, signed, changed, cosigned or brought to the patient; or a
    session whose documents wait for it to be closed."""

    task: Literal[
        "write", "sign", "revise", "cosign", "sign_as_facilitator", "attest", "rest_on", "patient_sign", "close"
    ] = Field(
        description="close: a session that nobody closed though its planned end is past; write: an attended service "
        "without a document; revise: returned by the supervisor; sign_as_facilitator: its author has signed, and a "
        "payer of those who came wants the signature of each who led the group; attest: signed late, and the payer "
        "takes that only with the author's attestation; rest_on: the narrative under it was struck, and it must be "
        "signed to rest on another; patient_sign: a plan of care or a review that the patient has neither signed nor "
        "refused to."
    )
    people: tuple[str, ...] = Field(description="Whose task it is; the facilitators, where nobody has begun to write.")
    note_id: str | None = Field(description="The document; none while it is to be written.")
    kind: str | None = Field(description="What kind of document; none while it is to be written.")
    program_id: str = Field(description="The program.")
    patient_id: str | None = Field(description="Whom it is about; none for a narrative that a group shares.")
    session_id: str | None = Field(description="The session that it documents.")
    attendance_id: str | None = Field(description="The attendance that it documents.")
    service_kind: str | None = Field(description="The kind of service.")
    service_date: Date = Field(description="The day of service.")
    service_ended_at: Instant = Field(description="When the service ended.")
    age_minutes: int = Field(description="Minutes from the end of the service to now.")
    due_at: Instant | None = Field(
        description="The last moment at which a signature is in time by the patient's payer; for what a group shares "
        "the earliest of all. Null: the payer sets none, or is not known; a patient's own answer has none."
    )
    due_unverified: bool = UNVERIFIED
    overdue: bool = Field(description="Whether that moment is over.")
    missing: tuple[str, ...] = Field(
        description="Sections that a draft still lacks, or that still say what its template does, by name; whether "
        "their words are ready, the call to document says."
    )
    cursor: str = CURSOR


class PartView(View):
    """What a session's documentation has of one patient, or of what all share, and what is missing."""

    patient_id: str | None = Field(description="Whose part it is; none: what all share.")
    attendance_id: str | None = Field(description="The attendance that it documents.")
    note_id: str | None = Field(description="The document; none while there is none.")
    kind: str | None = Field(description="What kind of document; none while there is none.")
    state: Literal["none", "draft", "returned", "awaiting_cosignature", "signed"] = Field(
        description="How far it came; signed: by all who have to."
    )
    missing: tuple[str, ...] = Field(
        description="Sections that a draft still lacks, or that still say what its template does, by name."
    )
    people: tuple[str, ...] = Field(description="Whose task it is now; the facilitators where nobody has begun.")
    due_at: Instant | None = Field(description="The last moment at which a signature is in time by the payer.")
    due_unverified: bool = UNVERIFIED
    overdue: bool = Field(description="Whether that moment is over, and the part is not done.")


class SessionDocumentation(View):
    """A session that is closed or should be, and what is missing of its documentation."""

    session_id: str = Field(description="The session.")
    program_id: str = Field(description="The program that offers it.")
    service_kind: str = Field(description="What kind of service it is.")
    topic: str = Field(description="What it is about.")
    service_date: Date = Field(description="Its day.")
    closed: bool = Field(description="Whether somebody closed it; while nobody did, that is to be done first.")
    ended_at: Instant = Field(description="Actual end; of one that nobody closed the planned one.")
    facilitators: tuple[str, ...] = Field(description="Who led it, or is to.")
    narrative: PartView | None = Field(description="What a group shares; none where nothing rests on one.")
    parts: tuple[PartView, ...] = Field(description="One for everybody who came, or is to have come.")
    undone: int = Field(description="How many of these, the narrative among them, still wait for somebody.")
    unsigned_facilitators: tuple[str, ...] = Field(
        description="Who led the group and signed neither what all share nor the part of somebody whose payer wants "
        "the signature of each; empty until it is closed."
    )
    due_at: Instant | None = Field(
        description="The earliest moment at which one of those, or a facilitator's signature, is due."
    )
    due_unverified: bool = UNVERIFIED
    version: int = Field(description="The version of the session's stream.")
    cursor: str = CURSOR


class Due(View):
    """Something of an open episode that runs out."""

    kind: Literal["plan_review", "certification", "authorization"] = Field(description="What runs out.")
    due_on: Date = Field(description="The day of the review, or the last day that is covered.")
    days_left: int = Field(description="Days from today to that day; below zero: overdue.")
    patient_id: str = Field(description="The patient.")
    enrollment_id: str = Field(description="The episode.")
    program_id: str = Field(description="The program.")
    attending_id: str | None = Field(description="The attending physician of record.")
    authorization_id: str | None = Field(description="The authorization that runs out.")
    payer_id: str | None = Field(description="Its payer.")
    cursor: str = CURSOR


class Leave(View):
    """Days away by arrangement."""

    leave_id: str = Field(description="Which leave.")
    started_on: Date = Field(description="First day away.")
    expected_return_on: Date | None = Field(description="When the patient is expected back.")


class PatientView(View):
    """A patient in care."""

    patient_id: str = Field(description="The patient.")
    name: PersonName | None = Field(description="The patient's name; none where it is not known or no longer readable.")
    enrollment_id: str = Field(description="The open episode.")
    program_id: str = Field(description="The program.")
    admitted_on: Date = Field(description="First day in care.")
    level_of_care: str | None = Field(description="Today's level of care.")
    attending_id: str | None = Field(description="The attending physician of record.")
    discharge_planned_on: Date | None = Field(description="The day on which discharge is intended.")
    leave: Leave | None = Field(description="The leave that the patient is on today.")
    cursor: str = CURSOR


class Waiting(View):
    """A patient who is referred and not admitted."""

    patient_id: str = Field(description="The patient.")
    name: PersonName | None = Field(description="The patient's name; none where it is not known or no longer readable.")
    enrollment_id: str = Field(description="The episode that the referral began.")
    program_id: str = Field(description="The program.")
    referred_on: Date = Field(description="Day of the referral.")
    source: str = Field(description="Where the referral came from.")
    age_days: int = Field(description="Days from the referral to today.")
    cursor: str = CURSOR


class CensusWeek(View):
    """One program in one week, Monday to Sunday in the program's zone, as it is known now."""

    program_id: str = Field(description="The program.")
    week: Date = Field(description="Its Monday.")
    complete: bool = Field(description="Whether the week is over.")
    referrals: int = Field(description="Referrals of the week.")
    admissions: int = Field(description="Admissions of the week.")
    discharges: int = Field(description="Discharges of admitted patients, by their last day.")
    discharges_by_reason: dict[str, int] = Field(description="The same by reason.")
    referrals_closed: int = Field(description="Episodes that ended without an admission.")
    census: int = Field(description="In care after the week's last day: admitted, and not discharged on or before it.")
    length_of_stay_mean: float | None = Field(
        description="Days from admission through the last day, both counted, of those discharged."
    )
    length_of_stay_median: float | None = Field(description="The same, median.")
    sessions_held: int = Field(description="Sessions that were closed.")
    sessions_cancelled: int = Field(description="Sessions that were called off.")
    attended: int = Field(description="Attendances at closed sessions.")
    absent: int = Field(description="Absences from closed sessions, excused or not.")
    attendance_rate: Percent | None = Field(description="Attended of attended and absent, in percent.")
    excused_share: Percent | None = Field(description="Excused of all absences, in percent.")
    scheduled_minutes: int = Field(
        description="Planned minutes of everybody expected, breaks among them, in sessions whose planned end is past; "
        "also in those called off."
    )
    delivered_minutes: int = Field(description="Minutes of attendance, without breaks, of closed sessions.")
    cursor: str = CURSOR
