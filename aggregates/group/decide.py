"""Refusals and decisions of a group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aggregates.clinician.decide import UnknownClinician
from aggregates.days import must_run_forwards, overlap
from aggregates.decision import made
from aggregates.episode import enrollment_stream, episode_of, inside
from aggregates.group.commands import (
    AssignFacilitator,
    ChangeSeries,
    FormGroup,
    RosterPatient,
    ScheduleSeries,
    SubstituteFacilitator,
    UnrosterPatient,
)
from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from aggregates.group.state import Formed, Place, State
from aggregates.kit import Act, Refusal, Seen, Stream, Unknown
from aggregates.program.decide import UnknownProgram

Outcomes = tuple[Any, ...]
COMMANDS = (
    FormGroup, ScheduleSeries, ChangeSeries, RosterPatient, UnrosterPatient, AssignFacilitator, SubstituteFacilitator,
)


class UnknownGroup(Unknown):
    """No group is recorded under {group_id}; form it first or correct the id."""


class GroupAlreadyFormed(Refusal):
    """Group {group_id} exists with other particulars; give the new one an id of its own."""


class GroupFull(Refusal):
    """All {capacity} seats are taken on {day}; give a reason for one more, or choose another group."""


class PlacesOverlap(Refusal):
    """Patient {patient_id} already has a place from {first}; end it first, or give days that it does not cover."""


class NotOnGroupRoster(Refusal):
    """Patient {patient_id} has no place on or after {effective_from}; compare the date with the roster."""


class UnknownSeries(Unknown):
    """This group has no series {series_id}; schedule it first or correct the id."""


class SeriesAlreadyScheduled(Refusal):
    """Series {series_id} is scheduled otherwise; change it from a date on instead."""


class SeriesChangedBefore(Refusal):
    """The template from {latest} on is decided; change the series from that day or a later one."""


class SeriesHasNoWeekdays(Refusal):
    """A weekly series takes place on at least one day, each named once; give its weekdays."""


class NotFacilitating(Refusal):
    """{in_place_of} does not lead the group on {on}; name the facilitator who is replaced."""


class SubstituteForOneself(Refusal):
    """{clinician_id} cannot stand in for themselves; name somebody else."""


def decide(state: State, command: Any, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: ARG001, PLR0911 # one shape, one arm a command
    """The outcomes of one command."""
    match command:
        case FormGroup():
            return _form(state, command, seen)
        case ScheduleSeries():
            return _schedule(_formed(state, command), command)
        case ChangeSeries():
            return _change(_formed(state, command), command)
        case RosterPatient():
            return _roster(_formed(state, command), command, seen)
        case UnrosterPatient():
            return _unroster(_formed(state, command), command)
        case AssignFacilitator():
            return _assign(_formed(state, command), command, seen)
        case SubstituteFacilitator():
            return _substitute(_formed(state, command), command, seen)
    raise TypeError(f"{type(command).__name__} is not a command of a group.")


def consult(state: State, command: Any) -> dict[str, Stream]:  # noqa: ARG001 # one shape
    """The streams to look at: `program`, `enrollment:ID`, `clinician`."""
    match command:
        case FormGroup():
            return {"program": Stream("program", command.program_id)}
        case RosterPatient():
            return enrollment_stream(command.enrollment_id)
        case AssignFacilitator() | SubstituteFacilitator():
            return {"clinician": Stream("clinician", command.clinician_id)}
    return {}


def patients(state: State, fact: Any, seen: Mapping[str, Seen]) -> tuple[tuple[str, str | None], ...]:  # noqa: ARG001 # one shape
    """A place concerns the patient who has it; nothing else of a group concerns anybody."""
    return ((fact.patient_id, None),) if isinstance(fact, PatientRostered | PatientUnrostered) else ()


def _formed(state: State, command: Any) -> Formed:
    if not isinstance(state, Formed):
        raise UnknownGroup(group_id=command.group_id)
    return state


def _form(state: State, command: FormGroup, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(GroupFormed, command)
    if isinstance(state, Formed):
        if state.formed == fact:
            return ()
        raise GroupAlreadyFormed(group_id=command.group_id)
    if seen["program"].version == 0:
        raise UnknownProgram(program_id=command.program_id)
    return (fact,)


def _schedule(group: Formed, command: ScheduleSeries) -> Outcomes:
    fact = made(SeriesScheduled, command)
    if any(one.series_id == command.series_id for one in group.templates):
        if fact in group.templates:
            return ()
        raise SeriesAlreadyScheduled(series_id=command.series_id)
    _must_be_weekly(command)
    return (fact,)


def _change(group: Formed, command: ChangeSeries) -> Outcomes:
    fact = made(SeriesChanged, command)
    templates = [one for one in group.templates if one.series_id == command.series_id]
    if not templates:
        raise UnknownSeries(series_id=command.series_id)
    if templates[-1] == fact:
        return ()
    _must_be_weekly(command)
    if command.effective_from < templates[-1].effective_from:
        raise SeriesChangedBefore(latest=templates[-1].effective_from)
    return (fact,)


def _must_be_weekly(command: ScheduleSeries | ChangeSeries) -> None:
    if not command.weekdays or len(set(command.weekdays)) < len(command.weekdays):
        raise SeriesHasNoWeekdays()
    must_run_forwards(command.effective_from, command.effective_through)


def _roster(group: Formed, command: RosterPatient, seen: Mapping[str, Seen]) -> Outcomes:
    first = command.effective_from
    last = command.effective_through or (None if command.cause == "assigned" else first)
    must_run_forwards(first, last)
    inside(episode_of(command.enrollment_id, command.patient_id, seen), first)
    others = [one for one in group.places if overlap(one.first, one.last, first, last)]
    for one in others:
        if one.patient_id == command.patient_id:
            if one.holds(first) and (one.last is None or (last is not None and last <= one.last)):
                return ()
            raise PlacesOverlap(patient_id=command.patient_id, first=one.first)
    full_on = _full_on(others, first, group.capacity)
    if full_on is not None and command.cause == "assigned" and command.reason is None:
        raise GroupFull(capacity=group.capacity, day=full_on)
    return (made(PatientRostered, command, effective_through=last, over_capacity=full_on is not None),)


def _full_on(others: Iterable[Place], first: str, capacity: int) -> str | None:
    """The first day of the new place on which no seat is free: seats fill up only on days on which a place begins."""
    places = list(others)
    days = sorted({first, *(one.first for one in places if one.first > first)})
    return next((day for day in days if sum(one.holds(day) for one in places) >= capacity), None)


def _unroster(group: Formed, command: UnrosterPatient) -> Outcomes:
    own = [one for one in group.places if one.patient_id == command.patient_id]
    if not own:
        raise NotOnGroupRoster(patient_id=command.patient_id, effective_from=command.effective_from)
    if all(one.last is not None and one.last < command.effective_from for one in own):
        return ()
    return (made(PatientUnrostered, command),)


def _assign(group: Formed, command: AssignFacilitator, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(FacilitatorAssigned, command)
    if fact in group.leads:
        return ()
    _must_be_known(command.clinician_id, seen)
    return (fact,)


def _substitute(group: Formed, command: SubstituteFacilitator, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(FacilitatorSubstituted, command)
    if fact in group.substitutions:
        return ()
    if command.clinician_id == command.in_place_of:
        raise SubstituteForOneself(clinician_id=command.clinician_id)
    if command.in_place_of not in group.facilitators_on(command.on):
        raise NotFacilitating(in_place_of=command.in_place_of, on=command.on)
    _must_be_known(command.clinician_id, seen)
    return (fact,)


def _must_be_known(clinician_id: str, seen: Mapping[str, Seen]) -> None:
    if seen["clinician"].version == 0:
        raise UnknownClinician(clinician_id=clinician_id)
