"""What may be asked of a program."""

from __future__ import annotations

from typing import Literal

from aggregates.kit import command, value
from aggregates.program.facts import Campus, Charge, ProviderIdentity
from aggregates.values import (
    CareFocus,
    Code,
    Date,
    Id,
    Label,
    LevelOfCare,
    Minutes,
    Npi,
    ProgramId,
    TimeZone,
    TradingPartner,
    Weekday,
)


@command("program.open")
@value
class OpenProgram:
    """Opens a program at one level of care; its code is unique among programs."""

    program_id: ProgramId
    code: Code
    name: Label
    level_of_care: LevelOfCare
    focus: CareFocus
    population: Literal["adult", "adolescent"]
    time_zone: TimeZone
    opened_on: Date


@command("program.record_provider_identity")
@value
class RecordProviderIdentity:
    """States what claims print about the billing provider from a date on."""

    program_id: ProgramId
    effective_from: Date
    npi: Npi
    taxonomy: Code
    ccn: Code | None = None
    identity: ProviderIdentity


@command("program.record_submitter")
@value
class RecordSubmitter:
    """States under which id the program's claim files are sent from a date on, and whom a payer calls about one."""

    program_id: ProgramId
    effective_from: Date
    submitter_id: TradingPartner
    contact_name: Label
    contact_phone: Label


@command("program.record_campus")
@value
class RecordCampus:
    """States that the program is a hospital's department from a date on, and whether on or off its campus."""

    program_id: ProgramId
    effective_from: Date
    campus: Campus


@command("program.record_payer_enrollment")
@value
class RecordPayerEnrollment:
    """States that the program is enrolled with a payer for a period; the same first day again changes the last."""

    program_id: ProgramId
    payer_id: Id
    effective_from: Date
    effective_through: Date | None = None


@command("program.adopt_schedule")
@value
class AdoptSchedule:
    """Adopts a weekly offer from a date on; one below the level's hours needs a shortfall_reason."""

    program_id: ProgramId
    effective_from: Date
    weekdays: tuple[Weekday, ...]
    daily_minutes: Minutes
    shortfall_reason: Code | None = None


@command("program.adopt_fee_schedule")
@value
class AdoptFeeSchedule:
    """Sets the program's charges from a day on: one for each procedure code, or for a revenue code billed alone."""

    program_id: ProgramId
    effective_from: Date
    charges: tuple[Charge, ...]


@command("program.declare_closure")
@value
class DeclareClosure:
    """Declares the program closed from one day through another."""

    program_id: ProgramId
    closed_from: Date
    closed_through: Date
    cause: Literal["holiday", "weather", "staffing", "facility", "other"]


@command("program.close")
@value
class CloseProgram:
    """Sets the program's last day."""

    program_id: ProgramId
    closed_on: Date


Command = (
    OpenProgram | RecordProviderIdentity | RecordSubmitter | RecordCampus | RecordPayerEnrollment | AdoptSchedule
    | AdoptFeeSchedule | DeclareClosure | CloseProgram
)  # fmt: skip
