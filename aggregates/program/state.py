"""What a program remembers. Folding judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregates.days import covers
from aggregates.program.facts import (
    CampusRecorded,
    ClosureDeclared,
    FeeScheduleAdopted,
    PayerEnrollmentRecorded,
    ProgramClosed,
    ProgramOpened,
    ProviderIdentityRecorded,
    ScheduleAdopted,
    SubmitterRecorded,
)
from aggregates.values import CareFocus


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No program is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Program:
    """An opened program; `closed_on` is its last day, None while it is open."""

    opened: ProgramOpened
    identities: tuple[ProviderIdentityRecorded, ...] = ()
    submitters: tuple[SubmitterRecorded, ...] = ()
    campuses: tuple[CampusRecorded, ...] = ()
    payer_enrollments: tuple[PayerEnrollmentRecorded, ...] = ()
    schedules: tuple[ScheduleAdopted, ...] = ()
    fee_schedules: tuple[FeeScheduleAdopted, ...] = ()
    closures: tuple[ClosureDeclared, ...] = ()
    closed_on: str | None = None

    @property
    def program_id(self) -> str | None:
        """The stream's id."""
        return self.opened.program_id

    @property
    def focus(self) -> CareFocus:
        """What it treats."""
        return self.opened.focus

    @property
    def time_zone(self) -> str:
        """The zone that decides the program's days and weeks."""
        return self.opened.time_zone

    def open_on(self, day: str) -> bool:
        """Whether the program operates on a day: opened, not yet closed, no closure declared."""
        closed = any(covers(one.closed_from, one.closed_through, day) for one in self.closures)
        return covers(self.opened.opened_on, self.closed_on, day) and not closed

    def identity_on(self, day: str) -> ProviderIdentityRecorded | None:
        """The billing provider's identity in force on a day."""
        started = [one for one in self.identities if one.effective_from <= day]
        return max(started, key=lambda one: one.effective_from, default=None)

    def submitter_on(self, day: str) -> SubmitterRecorded | None:
        """Under which id claim files are sent on a day."""
        started = [one for one in self.submitters if one.effective_from <= day]
        return max(started, key=lambda one: one.effective_from, default=None)


State = NotOpened | Program


def evolve(state: State, fact: object) -> State:  # noqa: PLR0911 # one arm a fact
    """The state after the fact."""
    match state, fact:
        case _, ProgramOpened():
            return Program(opened=fact)
        case Program(), ProviderIdentityRecorded():
            return replace(state, identities=(*state.identities, fact))
        case Program(), SubmitterRecorded():
            return replace(state, submitters=(*state.submitters, fact))
        case Program(), CampusRecorded():
            return replace(state, campuses=(*state.campuses, fact))
        case Program(), PayerEnrollmentRecorded():
            return replace(state, payer_enrollments=_with_enrollment(state, fact))
        case Program(), ScheduleAdopted():
            return replace(state, schedules=(*state.schedules, fact))
        case Program(), FeeScheduleAdopted():
            return replace(state, fee_schedules=(*state.fee_schedules, fact))
        case Program(), ClosureDeclared():
            return replace(state, closures=(*state.closures, fact))
        case Program(), ProgramClosed():
            return replace(state, closed_on=fact.closed_on)
        case _:
            return state


def _with_enrollment(state: Program, fact: PayerEnrollmentRecorded) -> tuple[PayerEnrollmentRecorded, ...]:
    kept = (
        one for one in state.payer_enrollments
        if (one.payer_id, one.effective_from) != (fact.payer_id, fact.effective_from)
    )
    return (*kept, fact)
