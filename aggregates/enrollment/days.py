"""What a named person decides about billing a service day of the episode: to answer for a hold, or to give it up."""

from __future__ import annotations

from typing import Any

from aggregates.decision import made
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.dates import must_be_inside, must_have_begun
from aggregates.enrollment.facts import DayWrittenOff, HoldReleased
from aggregates.enrollment.state import Episode
from aggregates.kit import Act

Outcomes = tuple[Any, ...]


def release_hold(state: Episode, command: ask.ReleaseHold, act: Act) -> Outcomes:
    """Once for each hold of a day; a day that is given up has nothing to release."""
    must_be_inside(state, act, command.service_date)
    for old in state.releases:
        if (old.service_date, old.hold) == (command.service_date, command.hold):
            if old.cause == command.cause:
                return ()
            raise no.HoldAlreadyReleased(hold=command.hold, on=command.service_date, cause=old.cause)
    return (made(HoldReleased, command, released_by=act.by),)


def write_off(state: Episode, command: ask.WriteOffDay, act: Act) -> Outcomes:
    """Once a day, also of one after the discharge.

    What was delivered there can never be billed in this episode, and no other way would ever let it rest. Before the
    referral nothing can have been delivered, so that there is nothing to give up.
    """
    must_have_begun(state, act, command.service_date)
    for old in state.written_off:
        if old.service_date == command.service_date:
            if old.cause == command.cause:
                return ()
            raise no.DayAlreadyWrittenOff(on=command.service_date, cause=old.cause)
    return (made(DayWrittenOff, command, approved_by=act.by),)
