"""What can be true of one authorization with one payer. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Any, Literal

from aggregates.kit import fact, upcast, value
from aggregates.values import (
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


@fact("authorization.requested", 1)
@value
class AuthorizationRequested:
    """Units asked of a payer for a period."""

    patient_id: PatientId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    payer_id: Id
    level_of_care: LevelOfCare
    procedure_code: Code
    units: Units
    unit_basis: UnitBasis
    valid_from: Date
    valid_through: Date
    requested_on: Date


@value
class ReviewWords:
    """What was told to the payer or heard from it."""

    words: Text
    reference: Label | None = None


@fact("authorization.review_submitted", 1, subject="patient")
@value
class ReviewSubmitted:
    """A clinical review went to the payer."""

    kind: Literal["initial", "concurrent", "retrospective"]
    submitted_on: Date
    sealed: ReviewWords | None = None


@fact("authorization.peer_to_peer_held", 2, subject="patient")
@value
class PeerToPeerHeld:
    """Our physician spoke with the payer's. `disclosure_id` (since schema version 2) is the disclosure on record that
    this was; None: it is one by itself."""

    held_on: Date
    outcome: Literal["approved", "denied", "partial", "undecided"]
    disclosure_id: Id | None = None
    sealed: ReviewWords | None = None


@upcast("authorization.peer_to_peer_held", 1)
def _held_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, no disclosure was named."""
    return fields | {"disclosure_id": None}


@fact("authorization.payer_contact_logged", 1, subject="patient")
@value
class PayerContactLogged:
    """A call or message with the payer."""

    contacted_at: Instant
    channel: Literal["phone", "portal", "fax", "mail"]
    outcome: Code
    sealed: ReviewWords | None = None


@value
class AuthorizationNumber:
    """The payer's number."""

    number: Label


@fact("authorization.approved", 1, subject="patient")
@value
class AuthorizationApproved:
    """Approved units and period. Decided after `valid_from`, it is retroactive, and that stays visible."""

    procedure_code: Code
    revenue_code: Code | None = None
    units: Units
    unit_basis: UnitBasis
    valid_from: Date
    valid_through: Date
    decided_on: Date
    has_number: bool
    sealed: AuthorizationNumber | None = None


@fact("authorization.extended", 1)
@value
class AuthorizationExtended:
    """More units, a later end, or both."""

    added_units: Units
    valid_through: Date
    decided_on: Date


@fact("authorization.denied", 1)
@value
class AuthorizationDenied:
    """The payer said no."""

    decided_on: Date
    cause: Code


@fact("authorization.voided", 1)
@value
class AuthorizationVoided:
    """The authorization counts as never given."""

    voided_on: Date
    cause: Code
