"""One therapy group: its seats, its weekly series, who has a place and who leads it.

Dates decide, not the order of recording.
"""

from __future__ import annotations

import msgspec

from aggregates.days import day_before
from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand

GROUP = Table("care_group", (
    "group_id", "program_id", "topic", "service_kind", "capacity", "modality", "formed_on", "version",
))
SERIES = Table("group_series", (
    "group_id", "series_id", "effective_from", "effective_through", "weekdays", "starts", "minutes",
))
PLACE = Table("group_place", (
    "group_id", "patient_id", "enrollment_id", "effective_from", "effective_through", "cause", "over_capacity",
))
FACILITATOR = Table("group_facilitator", ("group_id", "clinician_id", "effective_from"))
SUBSTITUTE = Table("group_substitute", ("group_id", "substitute_on", "clinician_id", "in_place_of"))


class Series(msgspec.Struct, omit_defaults=True):
    """A weekly template from a day on; the latest one that has begun is in force, until its last day."""

    series_id: str
    effective_from: str
    effective_through: str | None
    weekdays: tuple[int, ...]
    starts: str
    minutes: int


class Place(msgspec.Struct, omit_defaults=True):
    """A patient's place and its days, both ends included; through None: open."""

    patient_id: str
    enrollment_id: str
    effective_from: str
    effective_through: str | None
    cause: str
    over_capacity: bool


class Group(msgspec.Struct, omit_defaults=True, tag="group"):
    """A group; facilitators: clinician and first day; substitutes: day, clinician and whom they replace."""

    program_id: str | None = None
    topic: str | None = None
    service_kind: str | None = None
    capacity: int = 0
    modality: str | None = None
    formed_on: str | None = None
    series: list[Series] = []
    places: list[Place] = []
    facilitators: list[tuple[str, str]] = []
    substitutes: list[tuple[str, str, str]] = []
    version: int = 0


def _formed(group: Group, recorded: Recorded) -> None:
    fact: GroupFormed = recorded.fact
    for name in ("program_id", "topic", "service_kind", "capacity", "modality", "formed_on"):
        setattr(group, name, getattr(fact, name))


def _series(group: Group, recorded: Recorded) -> None:
    fact: SeriesScheduled | SeriesChanged = recorded.fact
    kept = [
        one for one in group.series if (one.series_id, one.effective_from) != (fact.series_id, fact.effective_from)
    ]
    changed = Series(
        fact.series_id, fact.effective_from, fact.effective_through, fact.weekdays, fact.starts, fact.minutes
    )
    group.series = [*kept, changed]


def _rostered(group: Group, recorded: Recorded) -> None:
    fact: PatientRostered = recorded.fact
    group.places.append(
        Place(
            fact.patient_id, fact.enrollment_id, fact.effective_from, fact.effective_through, fact.cause,
            fact.over_capacity,
        )
    )


def _unrostered(group: Group, recorded: Recorded) -> None:
    fact: PatientUnrostered = recorded.fact
    for place in group.places:
        if place.patient_id == fact.patient_id and not _over(place.effective_through, fact.effective_from):
            place.effective_through = day_before(fact.effective_from)
    group.places = [
        place for place in group.places
        if place.effective_through is None or place.effective_from <= place.effective_through
    ]


def _over(through: str | None, day: str) -> bool:
    """Whether a period is over when a day comes."""
    return through is not None and through < day


def _facilitator(group: Group, recorded: Recorded) -> None:
    fact: FacilitatorAssigned = recorded.fact
    group.facilitators.append((fact.clinician_id, fact.effective_from))


def _substitute(group: Group, recorded: Recorded) -> None:
    fact: FacilitatorSubstituted = recorded.fact
    kept = [one for one in group.substitutes if (one[0], one[2]) != (fact.on, fact.in_place_of)]
    group.substitutes = [*kept, (fact.on, fact.clinician_id, fact.in_place_of)]


APPLY: dict[str, Hand] = {
    "group.formed": _formed,
    "group.series_scheduled": _series,
    "group.series_changed": _series,
    "group.patient_rostered": _rostered,
    "group.patient_unrostered": _unrostered,
    "group.facilitator_assigned": _facilitator,
    "group.facilitator_substituted": _substitute,
}


def settle(group_id: str, group: Group) -> Rows:
    """The group's row, its series, places, facilitators and substitutes."""
    scope = (group_id,)
    formed = (
        group_id, group.program_id, group.topic, group.service_kind, group.capacity, group.modality, group.formed_on,
        group.version,
    )
    return {
        "care_group": {scope: [] if group.program_id is None else [formed]},
        "group_series": {scope: [
            (group_id, one.series_id, one.effective_from, one.effective_through, list(one.weekdays), one.starts,
             one.minutes)
            for one in group.series
        ]},
        "group_place": {scope: [
            (group_id, one.patient_id, one.enrollment_id, one.effective_from, one.effective_through, one.cause,
             one.over_capacity)
            for one in group.places
        ]},
        "group_facilitator": {scope: [(group_id, *one) for one in group.facilitators]},
        "group_substitute": {scope: [(group_id, *one) for one in group.substitutes]},
    }  # fmt: skip
