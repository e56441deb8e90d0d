"""What may be asked of a dispute. Each command's first field is its stream's id, a random one of the caller's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.dispute.facts import Edition, Means, Outcome, Position, Size
from aggregates.dispute.tracks import Item, Level, RequestKind, Track
from aggregates.kit import command, value
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

Claims = Annotated[tuple[ClaimId, ...], Field(min_length=1, max_length=200)]
Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=40)]
Codes = Annotated[tuple[Code, ...], Field(max_length=40)]


@command("dispute.receive_request")
@value
class ReceiveRequest:
    """A letter asks for the records of some of a patient's claims.

    `stated_due_on` is the day that the letter itself names; left out, the clock of its kind runs from receipt. A letter
    about several patients is told for each of them, under one random `letter_id`.
    """

    dispute_id: Id
    request_id: Id
    letter_id: Id
    patient_id: PatientId
    program_id: ProgramId
    payer_id: Id
    track: Track
    kind: RequestKind
    claims: Claims
    items: Items
    received_on: Date
    stated_due_on: Date | None = None
    words: Text | None = None
    reference: Label | None = None


@command("dispute.send_records")
@value
class SendRecords:
    """The records of a request left, in whole or in part: with a packet for its disclosure, else for that of
    `disclosure_id`, which a substance-use record needs where no consent is in force."""

    dispute_id: Id
    request_id: Id
    sent_on: Date
    means: Means
    tracking: TraceNumber | None = None
    items: Items
    packet_id: Id | None = None
    disclosure_id: Id | None = None
    words: Text | None = None


@command("dispute.open")
@value
class OpenDispute:
    """Contests a payer's decision about a patient's claims, at a level of its way; `codes` such as CO-197.

    One of `received_on` and `notice_on` is needed, because the clock runs from receipt.
    """

    dispute_id: Id
    patient_id: PatientId
    program_id: ProgramId
    payer_id: Id
    track: Track
    letter_id: Id | None = None
    claims: Claims
    codes: Codes
    level: Level
    notice_on: Date | None = None
    received_on: Date | None = None
    stated_due_on: Date | None = None
    amount_cents: Cents
    skipped_cause: Code | None = None
    words: Text | None = None
    reference: Label | None = None


@command("dispute.file_appeal")
@value
class FileAppeal:
    """An appeal went out at a level: this one's, or a later one after the answer or for a named cause.

    `disclosure_id` is as of records that are sent.
    """

    dispute_id: Id
    appeal_id: Id
    level: Level
    filed_on: Date
    means: Means
    tracking: TraceNumber | None = None
    amount_cents: Cents
    late_cause: Code | None = None
    skipped_cause: Code | None = None
    small_amount_cause: Code | None = None
    packet_id: Id | None = None
    disclosure_id: Id | None = None
    words: Text | None = None
    reference: Label | None = None


@command("dispute.hold_hearing")
@value
class HoldHearing:
    """We were heard at the dispute's level."""

    dispute_id: Id
    level: Level
    held_on: Date
    manner: Literal["telephone", "video", "in_person", "on_the_record"]
    attended_by: Annotated[tuple[PersonId, ...], Field(max_length=20)] = ()
    words: Text | None = None


@command("dispute.hold_peer_to_peer")
@value
class HoldPeerToPeer:
    """Our physician spoke with the payer's."""

    dispute_id: Id
    held_on: Date
    outcome: Literal["overturned", "upheld", "partial", "undecided"]
    physician_id: PersonId | None = None
    disclosure_id: Id | None = None
    words: Text | None = None
    reference: Label | None = None
    spoke_with: Label | None = None


@command("dispute.log_call")
@value
class LogCall:
    """Puts a call or message with the payer on record."""

    dispute_id: Id
    contacted_at: Instant
    channel: Literal["phone", "portal", "fax", "mail", "email"]
    direction: Literal["to_payer", "from_payer"] = "to_payer"
    outcome: Code
    words: Text | None = None
    reference: Label | None = None
    spoke_with: Label | None = None


@command("dispute.assign_owner")
@value
class AssignOwner:
    """Gives a dispute to a person; until then it is whoever's began it."""

    dispute_id: Id
    owner_id: PersonId
    cause: Code


@command("dispute.issue_packet")
@value
class IssuePacket:
    """Puts on record that a packet was built and, for the payer, that the person who orders this approves it.

    `beyond_cause` is why a payer's has more than its letters ask for.
    """

    dispute_id: Id
    packet_id: Id
    patient_id: PatientId
    claims: Claims
    edition: Edition
    as_of: Position
    known_to: Position
    checkpoint_size: Size | None = None
    checkpoint_root: Digest | None = None
    sha256: Digest
    bytes: Size
    pages: Size
    items: Codes
    left_out: Codes = ()
    approved_by: PersonId | None = None
    disclosure_id: Id | None = None
    beyond_cause: Code | None = None


@command("dispute.resolve")
@value
class ResolveDispute:
    """The answer at the dispute's level, in cents; or its end. `final`: nobody goes on to the next level."""

    dispute_id: Id
    level: Level
    outcome: Outcome
    decided_on: Date
    notice_on: Date | None = None
    received_on: Date | None = None
    upheld_cents: Cents
    overturned_cents: Cents
    final: bool = False
    stated_next_due_on: Date | None = None
    words: Text | None = None
    reference: Label | None = None


Command = (
    ReceiveRequest | SendRecords | OpenDispute | FileAppeal | HoldHearing | HoldPeerToPeer | LogCall | AssignOwner
    | IssuePacket | ResolveDispute
)
