"""What may be asked of a group."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import command, value
from aggregates.values import (
    ClinicianId,
    ClockTime,
    Code,
    Date,
    EnrollmentId,
    GroupId,
    Id,
    Modality,
    PatientId,
    ProgramId,
    ServiceKind,
    Weekday,
)


@command("group.form")
@value
class FormGroup:
    """Forms a group of a program with so many seats."""

    group_id: GroupId
    program_id: ProgramId
    topic: Code
    service_kind: ServiceKind = "group"
    capacity: Annotated[int, Field(ge=1, le=100)]
    modality: Modality = "in_person"
    formed_on: Date


@command("group.schedule_series")
@value
class ScheduleSeries:
    """Gives the group a weekly template."""

    group_id: GroupId
    series_id: Id
    weekdays: tuple[Weekday, ...]
    starts: ClockTime
    minutes: Annotated[int, Field(ge=5, le=480)]
    effective_from: Date
    effective_through: Date | None = None


@command("group.change_series")
@value
class ChangeSeries:
    """Changes a weekly template from a date on."""

    group_id: GroupId
    series_id: Id
    weekdays: tuple[Weekday, ...]
    starts: ClockTime
    minutes: Annotated[int, Field(ge=5, le=480)]
    effective_from: Date
    effective_through: Date | None = None
    cause: Code


@command("group.roster_patient")
@value
class RosterPatient:
    """Gives a patient a place. A walk-in or a make-up takes it for one day unless told otherwise.

    A full group takes an assigned patient only with a reason.
    """

    group_id: GroupId
    patient_id: PatientId
    enrollment_id: EnrollmentId
    effective_from: Date
    effective_through: Date | None = None
    cause: Literal["assigned", "walk_in", "make_up"] = "assigned"
    reason: Code | None = None


@command("group.unroster_patient")
@value
class UnrosterPatient:
    """Ends a patient's place: `effective_from` is the first day without it."""

    group_id: GroupId
    patient_id: PatientId
    effective_from: Date
    cause: Code


@command("group.assign_facilitator")
@value
class AssignFacilitator:
    """Has a clinician lead the group from a date on, together with whoever is assigned from the same date."""

    group_id: GroupId
    clinician_id: ClinicianId
    effective_from: Date


@command("group.substitute_facilitator")
@value
class SubstituteFacilitator:
    """Has someone stand in for a facilitator on one day."""

    group_id: GroupId
    clinician_id: ClinicianId
    in_place_of: ClinicianId
    on: Date
    cause: Code
