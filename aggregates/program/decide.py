"""Refusals and decisions of a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregates.days import must_run_forwards, overlap
from aggregates.kit import Act, Claim, Refusal, Seen, Unknown
from aggregates.program.commands import (
    AdoptFeeSchedule,
    AdoptSchedule,
    CloseProgram,
    Command,
    DeclareClosure,
    OpenProgram,
    RecordCampus,
    RecordPayerEnrollment,
    RecordProviderIdentity,
    RecordSubmitter,
)
from aggregates.program.facts import (
    CampusRecorded,
    ClosureDeclared,
    FeeScheduleAdopted,
    PayerEnrollmentRecorded,
    ProgramClosed,
    ProgramName,
    ProgramOpened,
    ProviderIdentityRecorded,
    ScheduleAdopted,
    SubmitterContact,
    SubmitterRecorded,
)
from aggregates.program.state import NotOpened, Program, State

Outcomes = tuple[Any, ...]


class UnknownProgram(Unknown):
    """No program is recorded under {program_id}; open it first or correct the id."""


class ProgramAlreadyOpened(Refusal):
    """This program opened on {opened_on} with other particulars; use a new id for another program."""


class ProgramCodeTaken(Refusal):
    """Another program has this code; choose one that tells the two apart."""


class TimeZoneUnknown(Refusal):
    """{time_zone} is not a zone of the IANA database; use a name such as America/New_York."""


class BeforeProgramOpened(Refusal):
    """{day} is before the program opened on {opened_on}; correct the date."""


class ProgramIsClosed(Refusal):
    """The program's last day was {closed_on}, and {day} is later; record it under the program that goes on."""


class IdentityFromSameDay(Refusal):
    """Another provider identity already starts on {effective_from}; give the change its own first day."""


class SubmitterFromSameDay(Refusal):
    """Another submitter already starts on {effective_from}; give the change its own first day."""


class CampusFromSameDay(Refusal):
    """Another campus already starts on {effective_from}; give the change its own first day."""


class PayerEnrollmentsOverlap(Refusal):
    """The program is already enrolled with this payer from {effective_from}; end that period first."""


class ScheduleTooShort(Refusal):
    """This level of care offers at least {needed_minutes} minutes on {needed_days} days a week, and the schedule has
    {minutes} on {days}; lengthen it or state a shortfall_reason."""


class ScheduleHasNoDays(Refusal):
    """A schedule names each of its weekdays once, from 1 (Monday) to 7; list at least one and none twice."""


class ScheduleFromSameDay(Refusal):
    """Another schedule already starts on {effective_from}; give the change its own first day."""


class FeeScheduleFromSameDay(Refusal):
    """Other charges already start on {effective_from}; give the change its own first day."""


class ChargeOfNothing(Refusal):
    """A charge is for a procedure code or for a revenue code; name exactly one of the two."""


class ChargeTwice(Refusal):
    """{code} has two charges; keep one."""


class ClosuresOverlap(Refusal):
    """The program is already closed from {closed_from} through {closed_through}; declare only the days around it."""


def decide(state: State, command: Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: ARG001, C901 # every decide has the same shape; one arm a command
    """The outcomes of a command, or a refusal."""
    match state, command:
        case _, OpenProgram():
            outcomes = _open(state, command)
        case NotOpened(), _:
            raise UnknownProgram(program_id=command.program_id)
        case Program(), RecordProviderIdentity():
            outcomes = _record_identity(state, command)
        case Program(), RecordSubmitter():
            outcomes = _record_submitter(state, command)
        case Program(), RecordCampus():
            outcomes = _record_campus(state, command)
        case Program(), RecordPayerEnrollment():
            outcomes = _enroll_with_payer(state, command)
        case Program(), AdoptSchedule():
            outcomes = _adopt_schedule(state, command)
        case Program(), AdoptFeeSchedule():
            outcomes = _adopt_fee_schedule(state, command)
        case Program(), DeclareClosure():
            outcomes = _declare_closure(state, command)
        case Program(), CloseProgram():
            outcomes = _close(state, command)
    return outcomes


def _open(state: State, command: OpenProgram) -> Outcomes:
    fact = ProgramOpened(
        program_id=command.program_id,
        code=command.code,
        level_of_care=command.level_of_care,
        focus=command.focus,
        population=command.population,
        time_zone=command.time_zone,
        opened_on=command.opened_on,
        sealed=ProgramName(name=command.name),
    )
    if isinstance(state, Program):
        if state.opened == fact:
            return ()
        raise ProgramAlreadyOpened(opened_on=state.opened.opened_on)
    _zone_must_exist(command.time_zone)
    return fact, Claim("program_code", command.code, held=ProgramCodeTaken)


def _zone_must_exist(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(time_zone=time_zone) from None


def _must_be_in_life(state: Program, day: str) -> None:
    if day < state.opened.opened_on:
        raise BeforeProgramOpened(day=day, opened_on=state.opened.opened_on)
    if state.closed_on is not None and day > state.closed_on:
        raise ProgramIsClosed(day=day, closed_on=state.closed_on)


def _record_identity(state: Program, command: RecordProviderIdentity) -> Outcomes:
    fact = ProviderIdentityRecorded(
        effective_from=command.effective_from,
        npi=command.npi,
        taxonomy=command.taxonomy,
        ccn=command.ccn,
        sealed=command.identity,
    )
    if fact in state.identities:
        return ()
    # An identity may be older than the program: the company existed before it opened.
    if state.closed_on is not None and command.effective_from > state.closed_on:
        raise ProgramIsClosed(day=command.effective_from, closed_on=state.closed_on)
    if any(one.effective_from == command.effective_from for one in state.identities):
        raise IdentityFromSameDay(effective_from=command.effective_from)
    return (fact,)


def _record_submitter(state: Program, command: RecordSubmitter) -> Outcomes:
    fact = SubmitterRecorded(
        effective_from=command.effective_from,
        submitter_id=command.submitter_id,
        sealed=SubmitterContact(name=command.contact_name, phone=command.contact_phone),
    )
    if fact in state.submitters:
        return ()
    # The last claims of a closed program are sent after its last day, so that day is no limit here.
    if any(one.effective_from == command.effective_from for one in state.submitters):
        raise SubmitterFromSameDay(effective_from=command.effective_from)
    return (fact,)


def _record_campus(state: Program, command: RecordCampus) -> Outcomes:
    fact = CampusRecorded(effective_from=command.effective_from, campus=command.campus)
    if fact in state.campuses:
        return ()
    # The department may be older than the program, as an identity may.
    if state.closed_on is not None and command.effective_from > state.closed_on:
        raise ProgramIsClosed(day=command.effective_from, closed_on=state.closed_on)
    if any(one.effective_from == command.effective_from for one in state.campuses):
        raise CampusFromSameDay(effective_from=command.effective_from)
    return (fact,)


def _enroll_with_payer(state: Program, command: RecordPayerEnrollment) -> Outcomes:
    fact = PayerEnrollmentRecorded(
        payer_id=command.payer_id,
        effective_from=command.effective_from,
        effective_through=command.effective_through,
    )
    if fact in state.payer_enrollments:
        return ()
    must_run_forwards(command.effective_from, command.effective_through)
    if state.closed_on is not None and command.effective_from > state.closed_on:
        raise ProgramIsClosed(day=command.effective_from, closed_on=state.closed_on)
    for one in state.payer_enrollments:
        other = one.payer_id == fact.payer_id and one.effective_from != fact.effective_from
        if other and overlap(fact.effective_from, fact.effective_through, one.effective_from, one.effective_through):
            raise PayerEnrollmentsOverlap(effective_from=one.effective_from)
    return (fact,)


def needed(level_of_care: str, population: str) -> tuple[int, int]:
    """Minutes and days a week that a level of care offers.

    ASAM level 2.1: adults nine hours, adolescents six; level 2.5, partial hospitalization: twenty.
    Three days a week for adults follows the descriptor of H0015, the intensive outpatient code.
    """
    if level_of_care == "partial_hospitalization":
        return 20 * 60, 1
    if level_of_care == "intensive_outpatient":
        return (9 * 60, 3) if population == "adult" else (6 * 60, 1)
    return 0, 1


def _adopt_schedule(state: Program, command: AdoptSchedule) -> Outcomes:
    weekdays = tuple(sorted(command.weekdays))
    fact = ScheduleAdopted(
        effective_from=command.effective_from,
        weekdays=weekdays,
        daily_minutes=command.daily_minutes,
        shortfall_reason=command.shortfall_reason,
    )
    if fact in state.schedules:
        return ()
    _must_be_in_life(state, command.effective_from)
    if not weekdays or len(set(weekdays)) < len(weekdays):
        raise ScheduleHasNoDays
    if any(one.effective_from == command.effective_from for one in state.schedules):
        raise ScheduleFromSameDay(effective_from=command.effective_from)
    if command.shortfall_reason is None:
        _must_be_long_enough(state, fact)
    return (fact,)


def _must_be_long_enough(state: Program, fact: ScheduleAdopted) -> None:
    needed_minutes, needed_days = needed(state.opened.level_of_care, state.opened.population)
    days = len(fact.weekdays)
    minutes = days * fact.daily_minutes
    if minutes < needed_minutes or days < needed_days:
        raise ScheduleTooShort(needed_minutes=needed_minutes, needed_days=needed_days, minutes=minutes, days=days)


def _adopt_fee_schedule(state: Program, command: AdoptFeeSchedule) -> Outcomes:
    fact = FeeScheduleAdopted(effective_from=command.effective_from, charges=command.charges)
    if fact in state.fee_schedules:
        return ()
    if any(one.effective_from == command.effective_from for one in state.fee_schedules):
        raise FeeScheduleFromSameDay(effective_from=command.effective_from)
    codes = []
    for one in command.charges:
        if (one.procedure_code is None) == (one.revenue_code is None):
            raise ChargeOfNothing
        codes.append(one.procedure_code or one.revenue_code)
    for code, times in Counter(codes).items():
        if times > 1:
            raise ChargeTwice(code=code)
    return (fact,)


def _declare_closure(state: Program, command: DeclareClosure) -> Outcomes:
    fact = ClosureDeclared(
        closed_from=command.closed_from, closed_through=command.closed_through, cause=command.cause
    )
    if fact in state.closures:
        return ()
    must_run_forwards(command.closed_from, command.closed_through)
    _must_be_in_life(state, command.closed_from)
    for one in state.closures:
        if overlap(fact.closed_from, fact.closed_through, one.closed_from, one.closed_through):
            raise ClosuresOverlap(closed_from=one.closed_from, closed_through=one.closed_through)
    return (fact,)


def _close(state: Program, command: CloseProgram) -> Outcomes:
    if state.closed_on == command.closed_on:
        return ()
    if state.closed_on is not None:
        raise ProgramIsClosed(day=command.closed_on, closed_on=state.closed_on)
    _must_be_in_life(state, command.closed_on)
    return (ProgramClosed(closed_on=command.closed_on),)
