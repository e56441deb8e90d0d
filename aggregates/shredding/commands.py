"""What may be asked of a patient's shredding. Each command's first field is its stream's id, as
`streams.shredding_of` makes it."""

from __future__ import annotations

from aggregates.kit import command, value
from aggregates.shredding.facts import HoldKind, ShreddedKey
from aggregates.values import Code, Date, EnrollmentId, Id, PatientId


@command("shredding.request")
@value
class RequestShredding:
    """Asks that a patient's names, numbers and words be given up for ever; another person has to approve."""

    shredding_id: Id
    patient_id: PatientId
    request_id: Id
    cause: Code


@command("shredding.approve")
@value
class ApproveShredding:
    """Agrees to what somebody else asked for; it can be carried out thirty days later."""

    shredding_id: Id
    patient_id: PatientId
    request_id: Id


@command("shredding.withdraw")
@value
class WithdrawShredding:
    """Takes a request back, approved or not, before it is carried out."""

    shredding_id: Id
    patient_id: PatientId
    request_id: Id
    cause: Code


@command("shredding.place_hold")
@value
class PlaceHold:
    """Keeps a patient's record from being given up, for litigation, an audit or a dispute."""

    shredding_id: Id
    patient_id: PatientId
    hold_id: Id
    kind: HoldKind
    cause: Code


@command("shredding.release_hold")
@value
class ReleaseHold:
    """Ends a hold."""

    shredding_id: Id
    patient_id: PatientId
    hold_id: Id
    cause: Code


@command("shredding.carry_out")
@value
class CarryOutShredding:
    """Gives an approved request's keys up. What is said of the record comes from the record (`retention`), and
    `iop-es keys shred` says it: no route takes this command, since it destroys nothing by itself."""

    shredding_id: Id
    patient_id: PatientId
    request_id: Id
    last_service_on: Date | None = None
    retained_until: Date
    in_care: tuple[EnrollmentId, ...] = ()
    open_disputes: tuple[Id, ...] = ()
    keys: tuple[ShreddedKey, ...] = ()


Command = RequestShredding | ApproveShredding | WithdrawShredding | PlaceHold | ReleaseHold | CarryOutShredding
