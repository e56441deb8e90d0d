"""What is remembered of a group: its places, its weekly templates, and who leads it on which day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregates.days import covers, day_before
from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from aggregates.values import ClinicianId, Date, EnrollmentId, PatientId, ProgramId


@dataclass(frozen=True, slots=True)
class Place:
    """One patient's seat, from a day through a day (None: open)."""

    patient_id: PatientId
    enrollment_id: EnrollmentId
    first: Date
    last: Date | None

    def holds(self, day: Date) -> bool:
        """Whether the patient belongs to the group on that day."""
        return covers(self.first, self.last, day)


@dataclass(frozen=True, slots=True)
class NotFormed:
    """No group has this id yet."""

    program_id: None = None


@dataclass(frozen=True, slots=True)
class Formed:
    """A group and all that was arranged for it."""

    formed: GroupFormed
    places: tuple[Place, ...] = ()
    templates: tuple[SeriesScheduled | SeriesChanged, ...] = ()
    leads: tuple[FacilitatorAssigned, ...] = ()
    substitutions: tuple[FacilitatorSubstituted, ...] = ()

    @property
    def program_id(self) -> ProgramId:
        """The program that offers the group."""
        return self.formed.program_id

    @property
    def capacity(self) -> int:
        """How many seats it has."""
        return self.formed.capacity

    def roster_on(self, day: Date) -> tuple[Place, ...]:
        """Whose places hold on a day."""
        return tuple(place for place in self.places if place.holds(day))

    def facilitators_on(self, day: Date) -> tuple[ClinicianId, ...]:
        """Who leads the group on a day: those assigned last, all from one date, with the day's substitutes."""
        begun = [one for one in self.leads if one.effective_from <= day]
        latest = max((one.effective_from for one in begun), default=day)
        stand_ins = {one.in_place_of: one.clinician_id for one in self.substitutions if one.on == day}
        leading = (one.clinician_id for one in begun if one.effective_from == latest)
        return tuple(dict.fromkeys(stand_ins.get(one, one) for one in leading))


State = NotFormed | Formed


def evolve(state: State, fact: object) -> State:  # noqa: PLR0911 # one arm a fact
    """The state after one more fact."""
    match state, fact:
        case _, GroupFormed():
            return Formed(fact)
        case Formed(), SeriesScheduled() | SeriesChanged():
            return replace(state, templates=(*state.templates, fact))
        case Formed(), PatientRostered():
            place = Place(fact.patient_id, fact.enrollment_id, fact.effective_from, fact.effective_through)
            return replace(state, places=(*state.places, place))
        case Formed(), PatientUnrostered():
            return replace(state, places=tuple(kept for one in state.places for kept in _ended(one, fact)))
        case Formed(), FacilitatorAssigned():
            return replace(state, leads=(*state.leads, fact))
        case Formed(), FacilitatorSubstituted():
            return replace(state, substitutions=(*state.substitutions, fact))
    return state


def _ended(place: Place, fact: PatientUnrostered) -> tuple[Place, ...]:
    """What is left of a place: all of it, its days before the end, or nothing."""
    if place.patient_id != fact.patient_id or (place.last is not None and place.last < fact.effective_from):
        return (place,)
    return (replace(place, last=day_before(fact.effective_from)),) if place.first < fact.effective_from else ()
