"""Who pays: coverages, their ends, and what payers answered."""

from __future__ import annotations

from typing import Any

from aggregates.days import day_before, must_run_forwards, overlap
from aggregates.kit import Refusal, Unknown
from aggregates.patient.commands import CheckEligibility, CoverageCommand, EndCoverage, RecordCoverage
from aggregates.patient.facts import CoverageEnded, CoverageIdentity, CoverageRecorded, EligibilityAnswer
from aggregates.patient.facts import EligibilityChecked as Checked
from aggregates.patient.state import Coverage, Patient

Outcomes = tuple[Any, ...]


class UnknownCoverage(Unknown):
    """The patient has no coverage {coverage_id}; record it first or correct the id."""


class CoverageAlreadyRecorded(Refusal):
    """Coverage {coverage_id} is recorded with other particulars; end it and record the change under a new id."""


class CoverageOverlaps(Refusal):
    """Coverage {coverage_id} already has rank {rank} from {effective_from}; end it first or give this one another
    rank."""


class CoverageEndsBeforeStart(Refusal):
    """Coverage {coverage_id} starts on {effective_from}; end it on that day or later, or on the day before to void
    it."""


def decide(state: Patient, command: CoverageCommand) -> Outcomes:
    """The outcomes of a command about coverage."""
    match command:
        case RecordCoverage():
            return _record(state, command)
        case EndCoverage():
            return _end(state, command)
        case CheckEligibility():
            return _check(state, command)


def _record(state: Patient, command: RecordCoverage) -> Outcomes:
    member = command.member or CoverageIdentity()
    fact = CoverageRecorded(
        coverage_id=command.coverage_id,
        payer_id=command.payer_id,
        plan=command.plan,
        rank=command.rank,
        relationship=command.relationship,
        effective_from=command.effective_from,
        effective_through=command.effective_through,
        has_member_number=member.member_number is not None,
        has_group_number=member.group_number is not None,
        has_subscriber=member.subscriber_family_name is not None,
        has_subscriber_address=member.subscriber_address is not None,
        sealed=command.member,
    )
    for one in state.coverages:
        if one.recorded == fact:
            return ()
        if one.recorded.coverage_id == command.coverage_id:
            raise CoverageAlreadyRecorded(coverage_id=command.coverage_id)
    must_run_forwards(command.effective_from, command.effective_through)
    _must_not_overlap(state, fact, fact.effective_through)
    return (fact,)


def _must_not_overlap(state: Patient, fact: CoverageRecorded, through: str | None) -> None:
    for one in state.coverages:
        other = one.recorded
        if other.rank != fact.rank or other.coverage_id == fact.coverage_id:
            continue
        if overlap(fact.effective_from, through, other.effective_from, one.effective_through):
            raise CoverageOverlaps(
                coverage_id=other.coverage_id, rank=other.rank, effective_from=other.effective_from
            )


def _known(state: Patient, coverage_id: str) -> Coverage:
    for one in state.coverages:
        if one.recorded.coverage_id == coverage_id:
            return one
    raise UnknownCoverage(coverage_id=coverage_id)


def _end(state: Patient, command: EndCoverage) -> Outcomes:
    known = _known(state, command.coverage_id)
    fact = CoverageEnded(coverage_id=command.coverage_id, ended_on=command.ended_on, cause=command.cause)
    if known.ended == fact:
        return ()
    effective_from = known.recorded.effective_from
    if command.ended_on < day_before(effective_from):
        raise CoverageEndsBeforeStart(coverage_id=command.coverage_id, effective_from=effective_from)
    # A later end than before reinstates the coverage, so it must still leave the other ones their days.
    _must_not_overlap(state, known.recorded, command.ended_on)
    return (fact,)


def _check(state: Patient, command: CheckEligibility) -> Outcomes:
    _known(state, command.coverage_id)
    said = command.trace_number is not None or command.benefits is not None
    fact = Checked(
        coverage_id=command.coverage_id,
        for_date=command.for_date,
        source=command.source,
        active=command.active,
        has_trace_number=command.trace_number is not None,
        sealed=EligibilityAnswer(trace_number=command.trace_number, benefits=command.benefits) if said else None,
    )
    return () if _latest_check(state, fact) == fact else (fact,)


def _latest_check(state: Patient, fact: Checked) -> Checked | None:
    same = [
        one for one in state.eligibility_checks
        if (one.coverage_id, one.for_date) == (fact.coverage_id, fact.for_date)
    ]
    return same[-1] if same else None
