"""What can be true of a therapy group and its weekly series. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import fact, value
from aggregates.values import (
    ClinicianId,
    ClockTime,
    Code,
    Date,
    EnrollmentId,
    Id,
    Modality,
    PatientId,
    ProgramId,
    ServiceKind,
    Weekday,
)


@fact("group.formed", 1)
@value
class GroupFormed:
    """A group of a program: what it is about and how many seats it has."""

    program_id: ProgramId
    topic: Code
    service_kind: ServiceKind
    capacity: Annotated[int, Field(ge=1, le=100)]
    modality: Modality
    formed_on: Date


@fact("group.series_scheduled", 1)
@value
class SeriesScheduled:
    """A weekly template: on these weekdays, at this clock time in the program's zone, for so many minutes."""

    series_id: Id
    weekdays: tuple[Weekday, ...]
    starts: ClockTime
    minutes: Annotated[int, Field(ge=5, le=480)]
    effective_from: Date
    effective_through: Date | None = None


@fact("group.series_changed", 1)
@value
class SeriesChanged:
    """The template from a date on."""

    series_id: Id
    weekdays: tuple[Weekday, ...]
    starts: ClockTime
    minutes: Annotated[int, Field(ge=5, le=480)]
    effective_from: Date
    effective_through: Date | None = None
    cause: Code


@fact("group.patient_rostered", 1)
@value
class PatientRostered:
    """A place from a date on (through the same date for a visit); a full group gives an assigned one for a reason."""

    patient_id: PatientId
    enrollment_id: EnrollmentId
    effective_from: Date
    effective_through: Date | None = None
    cause: Literal["assigned", "walk_in", "make_up"]
    over_capacity: bool
    reason: Code | None = None


@fact("group.patient_unrostered", 1)
@value
class PatientUnrostered:
    """A patient's place ends: the first day without it."""

    patient_id: PatientId
    effective_from: Date
    cause: Code


@fact("group.facilitator_assigned", 1)
@value
class FacilitatorAssigned:
    """A clinician leads the group from a date on."""

    clinician_id: ClinicianId
    effective_from: Date


@fact("group.facilitator_substituted", 1)
@value
class FacilitatorSubstituted:
    """Someone stands in on one day."""

    clinician_id: ClinicianId
    in_place_of: ClinicianId
    on: Date
    cause: Code
