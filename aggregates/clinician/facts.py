"""What can be true of a clinician. Names and shapes are the storage format."""

from __future__ import annotations

from aggregates.kit import fact, value
from aggregates.values import Code, Count, Date, Id, Instant, KeyId, Label, Npi, PersonId, ProgramId, PublicKey


@value
class ClinicianIdentity:
    """Who the clinician is to the outside."""

    family_name: Label
    given_name: Label
    npi: Npi | None = None


@fact("clinician.joined", 1, subject="clinician")
@value
class ClinicianJoined:
    """A clinician joins; an associate signs under supervision. The stream's id is the person's id in tokens."""

    programs: tuple[ProgramId, ...]
    discipline: Code
    associate: bool
    joined_on: Date
    has_npi: bool
    sealed: ClinicianIdentity | None = None


@value
class CredentialNumber:
    """The number on the license or certificate."""

    number: Label


@fact("clinician.credential_recorded", 1, subject="clinician")
@value
class CredentialRecorded:
    """A license or certification and the period in which it is active (through None: open)."""

    credential_id: Id
    title: Code
    jurisdiction: Code
    active_from: Date
    active_through: Date | None = None
    sealed: CredentialNumber | None = None


@fact("clinician.credential_lapsed", 1)
@value
class CredentialLapsed:
    """A credential stopped being active: the first day on which it was not."""

    credential_id: Id
    lapsed_on: Date
    cause: Code


@fact("clinician.payer_credentialing_recorded", 1)
@value
class PayerCredentialingRecorded:
    """A payer accepts this clinician for a period."""

    payer_id: Id
    effective_from: Date
    effective_through: Date | None = None


@fact("clinician.supervisor_assigned", 1)
@value
class SupervisorAssigned:
    """Who supervises this clinician from a date on."""

    supervisor_id: PersonId
    effective_from: Date


@fact("clinician.on_call_assigned", 1)
@value
class OnCallAssigned:
    """The clinician is on call for a program, from a moment until before another."""

    on_call_id: Id
    program_id: ProgramId
    starts_at: Instant
    ends_at: Instant


@fact("clinician.on_call_ended", 1)
@value
class OnCallEnded:
    """The clinician was on call no longer than until this moment."""

    on_call_id: Id
    ended_at: Instant


@fact("clinician.left", 1)
@value
class ClinicianLeft:
    """The clinician's last day."""

    left_on: Date


@fact("clinician.signing_key_created", 1)
@value
class SigningKeyCreated:
    """From now on the clinician signs with this key (Ed25519). `number` counts the clinician's keys from 1."""

    number: Count
    key_id: KeyId
    public_key: PublicKey
    created_at: Instant


@fact("clinician.signing_key_revoked", 1)
@value
class SigningKeyRevoked:
    """From this instant on the key signs nothing more; what it signed before stands."""

    key_id: KeyId
    revoked_at: Instant
    cause: Code
