"""Decisions between admission and discharge: plans, certifications, levels of care, leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregates.decision import made
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.dates import must_be_in_care
from aggregates.enrollment.facts import (
    DischargePlanned,
    GoalWords,
    LeaveCorrected,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareChanged,
    PlanCertified,
    PlanOfCareAdopted,
    PlanRecertified,
    PlanReviewed,
    PlanWords,
)
from aggregates.enrollment.papers import must_be_signed
from aggregates.enrollment.state import Discharged, Episode, Leave
from aggregates.kit import Act, Seen

Outcomes = tuple[Any, ...]


def adopt_plan(state: Episode, command: ask.AdoptPlan, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A plan needs the admission; its goals are distinct, and words belong to a goal."""
    fact = made(PlanOfCareAdopted, command, sealed=_words(command.words))
    for old in state.plans:
        if old == fact:
            return ()
        if old.plan_id == fact.plan_id:
            raise no.PlanAlreadyAdopted(plan_id=old.plan_id, adopted_on=old.adopted_on)
    must_be_in_care(state, act, command.adopted_on)
    if command.review_due_on <= command.adopted_on:
        raise no.ReviewDueTooEarly(due_on=command.review_due_on, on=command.adopted_on)
    _goals_must_be_distinct(command.goals)
    _words_must_have_goals(command.words, command.goals)
    must_be_signed(command, seen)
    return (fact,)


def _words(words: tuple[GoalWords, ...]) -> PlanWords | None:
    return PlanWords(goals=words) if words else None


def _goals_must_be_distinct(goals: tuple[str, ...]) -> None:
    for place, goal in enumerate(goals):
        if goal in goals[:place]:
            raise no.GoalTwice(goal=goal)


def _words_must_have_goals(words: tuple[GoalWords, ...], goals: tuple[str, ...]) -> None:
    for one in words:
        if one.goal not in goals:
            raise no.WordsWithoutGoal(goal=one.goal)


def _plan(state: Episode, plan_id: str, day: str) -> PlanOfCareAdopted:
    for plan in state.plans:
        if plan.plan_id == plan_id:
            if day < plan.adopted_on:
                raise no.BeforePlan(on=day, plan_id=plan_id, adopted_on=plan.adopted_on)
            return plan
    raise no.UnknownPlan(plan_id=plan_id)


def review_plan(state: Episode, command: ask.ReviewPlan, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A plan has one review a day, and each says when the next is due."""
    fact = made(PlanReviewed, command, sealed=_words(command.words))
    for old in state.reviews:
        if old == fact:
            return ()
        if (old.plan_id, old.reviewed_on) == (fact.plan_id, fact.reviewed_on):
            raise no.PlanReviewedThatDay(plan_id=fact.plan_id, on=fact.reviewed_on)
    plan = _plan(state, command.plan_id, command.reviewed_on)
    must_be_in_care(state, act, command.reviewed_on)
    if command.next_review_due_on <= command.reviewed_on:
        raise no.ReviewDueTooEarly(due_on=command.next_review_due_on, on=command.reviewed_on)
    _words_must_have_goals(command.words, plan.goals)
    must_be_signed(command, seen)
    return (fact,)


def certify(state: Episode, command: ask.CertifyPlan, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The first certification of a plan (42 CFR 424.24: by a physician who knows the treatment)."""
    fact = made(PlanCertified, command)
    if fact in state.certifications:
        return ()
    _must_be_certifiable(state, command, act)
    must_be_signed(command, seen)
    for old in state.certifications:
        if old.plan_id == command.plan_id:
            raise no.AlreadyCertified(plan_id=command.plan_id, certified_through=state.certified_through)
    if command.certified_through < command.certified_on:
        raise no.CertificationTooShort(certified_through=command.certified_through, reached=command.certified_on)
    return (fact,)


def recertify(state: Episode, command: ask.RecertifyPlan, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A later certification extends what is certified, also under a newer plan."""
    fact = made(PlanRecertified, command)
    if fact in state.certifications:
        return ()
    _must_be_certifiable(state, command, act)
    must_be_signed(command, seen)
    reached = state.certified_through
    if reached is None:
        raise no.NotCertified
    if command.certified_through <= max(reached, command.certified_on):
        raise no.CertificationTooShort(certified_through=command.certified_through, reached=reached)
    return (fact,)


def _must_be_certifiable(state: Episode, command: ask.CertifyPlan | ask.RecertifyPlan, act: Act) -> None:
    if act.role != "prescriber" or command.physician_id != act.by:
        raise no.CertificationNeedsPrescriber
    _plan(state, command.plan_id, command.certified_on)
    must_be_in_care(state, act, command.certified_on)


def change_level(state: Episode, command: ask.ChangeLevelOfCare, act: Act) -> Outcomes:
    """Closes the span of days at one level and opens the next; from must be the level that holds on that day."""
    fact = made(LevelOfCareChanged, command)
    if fact in state.changes:
        return ()
    must_be_in_care(state, act, command.effective_on)
    current = state.spans[-1]
    if command.effective_on <= current.from_date:
        raise no.LevelAlreadySet(on=current.from_date)
    if current.level_of_care == command.to_level:
        return ()
    if current.level_of_care != command.from_level:
        raise no.LevelIsOther(on=command.effective_on, level_of_care=current.level_of_care)
    return (fact,)


def start_leave(state: Episode, command: ask.StartLeave, act: Act) -> Outcomes:
    """Leaves do not overlap; one that is recorded late may lie before another."""
    fact = made(LeaveStarted, command)
    for leave in state.leaves:
        if leave.started == fact:
            return ()
        if leave.leave_id == fact.leave_id:
            raise no.LeaveDiffers(leave_id=fact.leave_id)
    _must_start(state, act, command.started_on)
    if command.expected_return_on and command.expected_return_on < command.started_on:
        raise no.ReturnBeforeLeave(returned_on=command.expected_return_on, started_on=command.started_on)
    return (fact,)


def end_leave(state: Episode, command: ask.EndLeave, act: Act) -> Outcomes:
    """The first day back is not before the first day away, and not inside another leave."""
    leave = _leave(state, command.leave_id)
    if leave.returned_on == command.returned_on:
        return ()
    if leave.returned_on:
        raise no.LeaveDiffers(leave_id=command.leave_id)
    must_be_in_care(state, act, command.returned_on)
    _must_end(state, leave.started.started_on, command.returned_on)
    return (made(LeaveEnded, command),)


def correct_leave(state: Episode, command: ask.CorrectLeave, act: Act) -> Outcomes:
    """Both days are stated anew, under the rules of a leave's start and end; without a first day it never was."""
    leave = _leave(state, command.leave_id)
    started_on, returned_on = command.started_on, command.returned_on
    if (started_on, returned_on) == (leave.started.started_on, leave.returned_on):
        return ()
    if started_on is None and returned_on is not None:
        raise no.LeaveWithoutStart(returned_on=returned_on)
    if started_on is not None:
        others = replace(state, leaves=tuple(one for one in state.leaves if one is not leave))
        _must_start(others, act, started_on)
        if returned_on is not None:
            must_be_in_care(state, act, returned_on)
            _must_end(others, started_on, returned_on)
    before = {"was_started_on": leave.started.started_on, "was_returned_on": leave.returned_on}
    return (made(LeaveCorrected, command, **before),)


def _leave(state: Episode, leave_id: str) -> Leave:
    for leave in state.leaves:
        if leave.leave_id == leave_id:
            return leave
    raise no.UnknownLeave(leave_id=leave_id)


def _must_start(state: Episode, act: Act, day: str) -> None:
    for leave in state.leaves:
        if leave.holds(day):
            raise no.LeavesOverlap(leave_id=leave.leave_id)
    must_be_in_care(state, act, day)


def _must_end(state: Episode, started_on: str, returned_on: str) -> None:
    if returned_on < started_on:
        raise no.ReturnBeforeLeave(returned_on=returned_on, started_on=started_on)
    for other in state.leaves:
        if started_on < other.started.started_on < returned_on:
            raise no.LeavesOverlap(leave_id=other.leave_id)


def plan_discharge(state: Episode, command: ask.PlanDischarge) -> Outcomes:
    """An intention: it may lie ahead, and the last one stands."""
    if isinstance(state, Discharged):
        raise no.EpisodeEnded(discharged_on=state.discharged_on)
    if state.admitted_on is None:
        raise no.NotAdmitted
    if command.planned_on < state.admitted_on:
        raise no.BeforeAdmission(on=command.planned_on, admitted_on=state.admitted_on)
    if state.planned_discharge_on == command.planned_on:
        return ()
    return (made(DischargePlanned, command),)
