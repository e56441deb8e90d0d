"""What named people decide about billing a service day of the episode: one to answer for a hold, two to give it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.approval import must_be_another, must_be_theirs
from aggregates.decision import made, only
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.dates import must_be_inside, must_have_begun
from aggregates.enrollment.facts import (
    DayWriteOffRequested,
    DayWriteOffRequestWithdrawn,
    DayWriteOffWithdrawn,
    DayWrittenOff,
    HoldReleased,
    HoldReleaseWithdrawn,
)
from aggregates.enrollment.state import Episode
from aggregates.kit import Act, Refusal

Outcomes = tuple[Any, ...]


def _release_hold(state: Episode, command: ask.ReleaseHold, act: Act) -> Outcomes:
    """Once for each hold of a day; a day that is given up has nothing to release."""
    must_be_inside(state, act, command.service_date)
    for old in state.releases:
        if (old.service_date, old.hold) == (command.service_date, command.hold):
            if old.cause == command.cause:
                return ()
            raise no.HoldAlreadyReleased(hold=command.hold, on=command.service_date, cause=old.cause)
    for given_up in state.written_off:
        if given_up.service_date == command.service_date:
            raise no.NothingToRelease(on=command.service_date, cause=given_up.cause)
    return (made(HoldReleased, command, released_by=act.by),)


def _ask_write_off(state: Episode, command: ask.RequestDayWriteOff, act: Act) -> Outcomes:
    """Whoever orders it asks, also of a day after the discharge.

    What was delivered there can never be billed in this episode, and no other way would ever let it rest. Before the
    referral nothing can have been delivered, so that there is nothing to give up.
    """
    must_have_begun(state, act, command.service_date)
    for given_up in state.written_off:
        if given_up.service_date == command.service_date:
            raise no.DayAlreadyWrittenOff(on=command.service_date, cause=given_up.cause)
    fact, asked = made(DayWriteOffRequested, command, requested_by=act.by), _asked(state, command.service_date)
    return only(asked, fact, _otherwise(asked or fact))


def _write_off(state: Episode, command: ask.WriteOffDay, act: Act) -> Outcomes:
    """Whoever orders it approves what somebody else asked for; once a day."""
    must_have_begun(state, act, command.service_date)
    for old in state.written_off:
        if old.service_date == command.service_date:
            if old.cause == command.cause:
                return ()
            raise no.DayAlreadyWrittenOff(on=command.service_date, cause=old.cause)
    asked = _asked(state, command.service_date)
    if asked is None:
        raise no.DayWriteOffNotRequested(on=command.service_date)
    if asked.cause != command.cause:
        raise _otherwise(asked)
    must_be_another(asked.requested_by, act)
    return (made(DayWrittenOff, command, approved_by=act.by),)


def _withdraw_release(state: Episode, command: ask.WithdrawHoldRelease, act: Act) -> Outcomes:
    """Of a release that stands; what is withdrawn can be released again."""
    fact = made(HoldReleaseWithdrawn, command, withdrawn_by=act.by)
    if any((one.service_date, one.hold) == (fact.service_date, fact.hold) for one in state.releases):
        return (fact,)
    if fact in state.withdrawn:
        return ()
    raise no.HoldNotReleased(hold=command.hold, on=command.service_date)


def _withdraw_request(state: Episode, command: ask.WithdrawDayWriteOffRequest, act: Act) -> Outcomes:
    """Whoever asked takes it back, or a director."""
    fact, asked = made(DayWriteOffRequestWithdrawn, command, withdrawn_by=act.by), _asked(state, command.service_date)
    if asked is None:
        if fact in state.withdrawn:
            return ()
        raise no.DayWriteOffNotRequested(on=command.service_date)
    must_be_theirs(asked.requested_by, act)
    return (fact,)


def _withdraw_write_off(state: Episode, command: ask.WithdrawDayWriteOff, act: Act) -> Outcomes:
    """Of a day that is given up; it can be given up again."""
    fact = made(DayWriteOffWithdrawn, command, withdrawn_by=act.by)
    if any(one.service_date == fact.service_date for one in state.written_off):
        return (fact,)
    if fact in state.withdrawn:
        return ()
    raise no.DayNotWrittenOff(on=command.service_date)


def _asked(state: Episode, day: str) -> DayWriteOffRequested | None:
    return next((one for one in state.write_offs_asked if one.service_date == day), None)


def _otherwise(asked: DayWriteOffRequested) -> Refusal:
    return no.DayWriteOffRequestedOtherwise(
        on=asked.service_date, cause=asked.cause, requested_by=asked.requested_by
    )


OF_A_DAY: dict[type, Callable[[Episode, Any, Act], Outcomes]] = {
    ask.ReleaseHold: _release_hold,
    ask.RequestDayWriteOff: _ask_write_off,
    ask.WithdrawDayWriteOffRequest: _withdraw_request,
    ask.WriteOffDay: _write_off,
    ask.WithdrawHoldRelease: _withdraw_release,
    ask.WithdrawDayWriteOff: _withdraw_write_off,
}
