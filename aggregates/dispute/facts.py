"""What can be true of one patient's dispute with a payer, and of its requests for records. Names and shapes are the
storage format.

A payer's letter over several patients is told once for each of them, with the same `letter_id`, so that no fact is
about two patients.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.dispute.clocks import Deadline
from aggregates.dispute.tracks import Item, Level, RequestKind, Track
from aggregates.kit import fact, upcast, value
from aggregates.values import (
    Cents,
    ClaimId,
    Code,
    Date,
    Digest,
    Id,
    Instant,
    Label,
    PatientId,
    PersonId,
    ProgramId,
    Text,
    TraceNumber,
)

Means = Literal["portal", "electronic", "fax", "mail", "courier", "in_person"]
Outcome = Literal["upheld", "partly_overturned", "overturned", "dismissed", "withdrawn"]
Edition = Literal["internal", "payer"]
Position = Annotated[int, Field(ge=1)]
Size = Annotated[int, Field(ge=0)]


@value
class DisputeWords:
    """What was written or said, the other side's own number of it, and whom we spoke with."""

    words: Text | None = None
    reference: Label | None = None
    spoke_with: Label | None = None


@fact("dispute.records_requested", 1, subject="patient")
@value
class RecordsRequested:
    """A payer or its reviewer asks for records; `deadline` is what was known of it when it was recorded."""

    patient_id: PatientId
    program_id: ProgramId
    payer_id: Id
    track: Track
    request_id: Id
    letter_id: Id
    kind: RequestKind
    claims: tuple[ClaimId, ...]
    items: tuple[Item, ...]
    received_on: Date
    due_on: Date
    deadline: Deadline
    recorded_by: PersonId
    sealed: DisputeWords | None = None


@fact("dispute.records_sent", 2, subject="patient")
@value
class RecordsSent:
    """What was asked for left, by which means; `tracking` is the proof that it did.

    `disclosure_id` (since schema version 2) is the disclosure on record that this was; None: it is one by itself.
    """

    request_id: Id
    sent_on: Date
    means: Means
    tracking: TraceNumber | None = None
    items: tuple[Item, ...]
    packet_id: Id | None = None
    disclosure_id: Id | None = None
    sent_by: PersonId
    sealed: DisputeWords | None = None


@fact("dispute.opened", 1, subject="patient")
@value
class DisputeOpened:
    """We contest a payer's decision about these claims, at a level; `codes` are those of the decision, such as CO-197.

    The clock runs from receipt, or where only the notice's day is known from the receipt that is presumed. `deadline`
    is None where nobody knows one. `skipped_cause` is why it begins at a later level than the first.
    """

    patient_id: PatientId
    program_id: ProgramId
    payer_id: Id
    track: Track
    letter_id: Id | None = None
    claims: tuple[ClaimId, ...]
    codes: tuple[Code, ...]
    level: Level
    notice_on: Date | None = None
    received_on: Date | None = None
    due_on: Date | None = None
    deadline: Deadline | None = None
    amount_cents: Cents
    skipped_cause: Code | None = None
    opened_by: PersonId
    sealed: DisputeWords | None = None


@fact("dispute.appeal_filed", 2, subject="patient")
@value
class AppealFiled:
    """An appeal went out at a level. `late` says that it went after `due_on`; `late_cause` is why.

    `skipped_cause` is why the level before was not waited for, `small_amount_cause` why less than the least amount in
    controversy is brought, such as claims that are heard together. `disclosure_id` (since schema version 2) is as of
    records that are sent.
    """

    appeal_id: Id
    level: Level
    filed_on: Date
    means: Means
    tracking: TraceNumber | None = None
    amount_cents: Cents
    due_on: Date | None = None
    late: bool = False
    late_cause: Code | None = None
    skipped_cause: Code | None = None
    small_amount_cause: Code | None = None
    packet_id: Id | None = None
    disclosure_id: Id | None = None
    filed_by: PersonId
    sealed: DisputeWords | None = None


@fact("dispute.hearing_held", 1, subject="patient")
@value
class HearingHeld:
    """Somebody heard us at a level; what it came to is a resolution's to say."""

    level: Level
    held_on: Date
    manner: Literal["telephone", "video", "in_person", "on_the_record"]
    attended_by: tuple[PersonId, ...] = ()
    sealed: DisputeWords | None = None


@fact("dispute.peer_to_peer_held", 2, subject="patient")
@value
class PeerToPeerHeld:
    """Our physician spoke with the payer's; `disclosure_id` (since schema version 2) as of records that are sent."""

    held_on: Date
    outcome: Literal["overturned", "upheld", "partial", "undecided"]
    physician_id: PersonId | None = None
    disclosure_id: Id | None = None
    sealed: DisputeWords | None = None


@upcast("dispute.records_sent", 1)
@upcast("dispute.appeal_filed", 1)
@upcast("dispute.peer_to_peer_held", 1)
def _told_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, no disclosure was named."""
    return fields | {"disclosure_id": None}


@fact("dispute.call_logged", 1, subject="patient")
@value
class CallLogged:
    """A call or message with the payer, by whomever it was begun."""

    contacted_at: Instant
    channel: Literal["phone", "portal", "fax", "mail", "email"]
    direction: Literal["to_payer", "from_payer"]
    outcome: Code
    logged_by: PersonId
    sealed: DisputeWords | None = None


@fact("dispute.owner_assigned", 1)
@value
class OwnerAssigned:
    """From now on this person sees to it."""

    owner_id: PersonId
    assigned_by: PersonId
    cause: Code


@fact("dispute.packet_issued", 2)
@value
class PacketIssued:
    """A packet was built and approved: as of which position, from what was known at which, and the archive's hash.

    `checkpoint_size` and `checkpoint_root` are of the signed tree that its proofs lead to; None where the log is not
    sealed. `items` are in it, `left_out` are not and the sender is told. A payer's edition is approved by whoever
    issues it, and `disclosure_id` is the disclosure that it was. `beyond_cause` (since schema version 2) is why it has
    more than the payer's letters ask for, if it has.
    """

    dispute_id: Id
    packet_id: Id
    patient_id: PatientId
    claims: tuple[ClaimId, ...]
    edition: Edition
    as_of: Position
    known_to: Position
    checkpoint_size: Size | None = None
    checkpoint_root: Digest | None = None
    sha256: Digest
    bytes: Size
    pages: Size
    items: tuple[Code, ...]
    left_out: tuple[Code, ...] = ()
    approved_by: PersonId | None = None
    disclosure_id: Id | None = None
    beyond_cause: Code | None = None


@upcast("dispute.packet_issued", 1)
def _issued_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, nobody compared a packet with the letters."""
    return fields | {"beyond_cause": None}


@fact("dispute.resolved", 1, subject="patient")
@value
class DisputeResolved:
    """The answer at a level, or its end without one (withdrawn, dismissed). It moves no money: a remittance does.

    `final`: nobody goes on. Else `next_level` can be asked until `next_due_on`, where a clock of it is known.
    """

    level: Level
    outcome: Outcome
    decided_on: Date
    notice_on: Date | None = None
    received_on: Date | None = None
    upheld_cents: Cents
    overturned_cents: Cents
    final: bool
    next_level: Level | None = None
    next_due_on: Date | None = None
    next_deadline: Deadline | None = None
    resolved_by: PersonId
    sealed: DisputeWords | None = None
