"""What may be asked of a clinician's record."""

from __future__ import annotations

from aggregates.kit import command, value
from aggregates.values import (
    ClinicianId,
    Code,
    Count,
    Date,
    Id,
    Instant,
    KeyId,
    Label,
    Npi,
    PersonId,
    ProgramId,
    PublicKey,
)


@command("clinician.join")
@value
class JoinAsClinician:
    """Takes a clinician on; an associate signs under supervision."""

    clinician_id: ClinicianId
    programs: tuple[ProgramId, ...]
    discipline: Code
    associate: bool
    joined_on: Date
    family_name: Label
    given_name: Label
    npi: Npi | None = None


@command("clinician.record_credential")
@value
class RecordCredential:
    """States a period in which a license or certification is active; a renewal is a further period of the same id."""

    clinician_id: ClinicianId
    credential_id: Id
    title: Code
    jurisdiction: Code
    active_from: Date
    active_through: Date | None = None
    number: Label | None = None


@command("clinician.lapse_credential")
@value
class LapseCredential:
    """States the first day on which a credential was no longer active."""

    clinician_id: ClinicianId
    credential_id: Id
    lapsed_on: Date
    cause: Code


@command("clinician.record_payer_credentialing")
@value
class RecordPayerCredentialing:
    """States that a payer accepts this clinician for a period; the same first day again changes the last."""

    clinician_id: ClinicianId
    payer_id: Id
    effective_from: Date
    effective_through: Date | None = None


@command("clinician.assign_supervisor")
@value
class AssignSupervisor:
    """Names who supervises this clinician from a date on."""

    clinician_id: ClinicianId
    supervisor_id: PersonId
    effective_from: Date


@command("clinician.assign_on_call")
@value
class AssignOnCall:
    """Puts this clinician on call for a program: until it ends, the charts of its patients are open to them."""

    clinician_id: ClinicianId
    on_call_id: Id
    program_id: ProgramId
    starts_at: Instant
    ends_at: Instant


@command("clinician.end_on_call")
@value
class EndOnCall:
    """Ends it now, before its time."""

    clinician_id: ClinicianId
    on_call_id: Id


@command("clinician.leave")
@value
class LeaveAsClinician:
    """Sets the clinician's last day."""

    clinician_id: ClinicianId
    left_on: Date


@command("clinician.create_signing_key")
@value
class CreateSigningKey:
    """Gives the clinician who acts a key to sign with from now on; the ones before sign nothing more."""

    clinician_id: ClinicianId
    number: Count
    public_key: PublicKey


@command("clinician.revoke_signing_key")
@value
class RevokeSigningKey:
    """Ends a key from now on; what it signed before stands."""

    clinician_id: ClinicianId
    key_id: KeyId
    cause: Code


Command = (
    JoinAsClinician
    | RecordCredential
    | LapseCredential
    | RecordPayerCredentialing
    | AssignSupervisor
    | AssignOnCall
    | EndOnCall
    | LeaveAsClinician
    | CreateSigningKey
    | RevokeSigningKey
)
