"""What may be asked of an authorization. Each command's first field is the authorization's id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import command, value
from aggregates.values import (
    AuthorizationId,
    Code,
    Date,
    EnrollmentId,
    Id,
    Instant,
    Label,
    LevelOfCare,
    PatientId,
    ProgramId,
    Text,
    UnitBasis,
    Units,
)

SomeUnits = Annotated[int, Field(ge=1, le=10_000)]


@command("authorization.request")
@value
class RequestAuthorization:
    """Asks a payer for units in a period, for one episode."""

    authorization_id: AuthorizationId
    patient_id: PatientId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    payer_id: Id
    level_of_care: LevelOfCare
    procedure_code: Code
    units: SomeUnits
    unit_basis: UnitBasis
    valid_from: Date
    valid_through: Date
    requested_on: Date


@command("authorization.submit_review")
@value
class SubmitReview:
    """A clinical review went to the payer; its words are stored sealed."""

    authorization_id: AuthorizationId
    kind: Literal["initial", "concurrent", "retrospective"]
    submitted_on: Date
    words: Text | None = None
    reference: Label | None = None


@command("authorization.hold_peer_to_peer")
@value
class HoldPeerToPeer:
    """Our physician spoke with the payer's; the words are stored sealed.

    A substance-use record needs a consent in force or, in `disclosure_id`, a disclosure on record by an exception.
    """

    authorization_id: AuthorizationId
    held_on: Date
    outcome: Literal["approved", "denied", "partial", "undecided"]
    disclosure_id: Id | None = None
    words: Text | None = None
    reference: Label | None = None


@command("authorization.log_payer_contact")
@value
class LogPayerContact:
    """A call or message with the payer; the words are stored sealed."""

    authorization_id: AuthorizationId
    contacted_at: Instant
    channel: Literal["phone", "portal", "fax", "mail"]
    outcome: Code
    words: Text | None = None
    reference: Label | None = None


@command("authorization.approve")
@value
class ApproveAuthorization:
    """Records the payer's approval; its number is stored sealed."""

    authorization_id: AuthorizationId
    procedure_code: Code
    revenue_code: Code | None = None
    units: Units
    unit_basis: UnitBasis
    valid_from: Date
    valid_through: Date
    decided_on: Date
    number: Label | None = None


@command("authorization.extend")
@value
class ExtendAuthorization:
    """Records more units, a later last day, or both."""

    authorization_id: AuthorizationId
    added_units: Units
    valid_through: Date
    decided_on: Date


@command("authorization.deny")
@value
class DenyAuthorization:
    """Records the payer's denial."""

    authorization_id: AuthorizationId
    decided_on: Date
    cause: Code


@command("authorization.void")
@value
class VoidAuthorization:
    """The authorization counts as never given."""

    authorization_id: AuthorizationId
    voided_on: Date
    cause: Code


Command = (
    RequestAuthorization | SubmitReview | HoldPeerToPeer | LogPayerContact | ApproveAuthorization
    | ExtendAuthorization | DenyAuthorization | VoidAuthorization
)
