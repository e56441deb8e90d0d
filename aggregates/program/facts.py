"""What can be true of a program. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Literal

from aggregates.kit import fact, value
from aggregates.values import (
    CareFocus,
    Cents,
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


@value
class ProgramName:
    """The program's public name."""

    name: Label


@fact("program.opened", 1, subject="organization")
@value
class ProgramOpened:
    """A program opens at one level of care; its time zone decides days and weeks."""

    code: Code
    level_of_care: LevelOfCare
    focus: CareFocus
    population: Literal["adult", "adolescent"]
    time_zone: TimeZone
    opened_on: Date
    program_id: ProgramId | None = None
    sealed: ProgramName | None = None


@value
class ProviderIdentity:
    """What a claim prints about the billing provider."""

    legal_name: Label
    tax_id: Label
    license_number: Label | None = None
    address: Label
    city: Label
    state: Label
    postal_code: Label


@fact("program.provider_identity_recorded", 1, subject="organization")
@value
class ProviderIdentityRecorded:
    """The billing provider's identity from a date on."""

    effective_from: Date
    npi: Npi
    taxonomy: Code
    ccn: Code | None = None
    sealed: ProviderIdentity | None = None


@value
class SubmitterContact:
    """Whom a payer calls about a file."""

    name: Label
    phone: Label


@fact("program.submitter_recorded", 1, subject="organization")
@value
class SubmitterRecorded:
    """Under which id the program's claim files are sent from a date on, and whom a payer calls about one."""

    effective_from: Date
    submitter_id: TradingPartner
    sealed: SubmitterContact | None = None


Campus = Literal["on_campus", "off_campus_excepted", "off_campus_not_excepted"]
"""Where a hospital's provider-based department lies. Off campus, the ones excepted from section 603 of the Bipartisan
Budget Act of 2015 are paid as before; Medicare tells the two apart by a modifier."""


@fact("program.campus_recorded", 1)
@value
class CampusRecorded:
    """From a date on the program is a hospital's department, on or off its campus; without such a fact it is none."""

    effective_from: Date
    campus: Campus


@fact("program.payer_enrollment_recorded", 1)
@value
class PayerEnrollmentRecorded:
    """The program is enrolled with a payer for a period (through None: open)."""

    payer_id: Id
    effective_from: Date
    effective_through: Date | None = None


@fact("program.schedule_adopted", 1)
@value
class ScheduleAdopted:
    """The weekly offer from a date on: its days and total minutes, or why it offers less than its level needs."""

    effective_from: Date
    weekdays: tuple[Weekday, ...]
    daily_minutes: Minutes
    shortfall_reason: Code | None = None


@value
class Charge:
    """What the program charges every payer for one unit of a procedure, or of a revenue code billed without one."""

    procedure_code: Code | None = None
    revenue_code: Code | None = None
    charge_cents: Cents


@fact("program.fee_schedule_adopted", 1)
@value
class FeeScheduleAdopted:
    """The program's charges from a day on, whatever payers pay; the whole list, so that what it leaves out has none."""

    effective_from: Date
    charges: tuple[Charge, ...]


@fact("program.closure_declared", 1)
@value
class ClosureDeclared:
    """Closed from one day through another, such as a holiday or a storm."""

    closed_from: Date
    closed_through: Date
    cause: Literal["holiday", "weather", "staffing", "facility", "other"]


@fact("program.closed", 1)
@value
class ProgramClosed:
    """The program's last day."""

    closed_on: Date
