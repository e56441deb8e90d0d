"""Breaks: everybody paused. One is told while the session goes on; what was told wrong is corrected then or later.

A correction states all breaks anew, under the rules of a break. Once the session is closed it tells too whose minutes
become others by it; who was there, and so the head-count, stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.kit import Act
from aggregates.session.commands import CorrectBreaks, TakeBreak
from aggregates.session.facts import Attendance, BreaksCorrected, BreakTaken, Interval
from aggregates.session.minutes import minutes_present, whole_minute, within
from aggregates.session.refusals import BreakEndsBeforeItStarts, BreakOutsideSession
from aggregates.session.room import latest, must_have_happened, started
from aggregates.session.state import Closed, Started, State
from aggregates.values import Instant

Outcomes = tuple[Any, ...]


def take(state: State, command: TakeBreak, act: Act) -> Outcomes:
    """Everybody paused; a pause told twice is one."""
    session = started(state, command.session_id)
    pause = Interval(start=whole_minute(command.started_at), stop=whole_minute(command.ended_at))
    if pause in session.breaks:
        return ()
    _must_be_a_break(session, pause, act)
    return (BreakTaken(interval=pause),)


def correct(state: State, command: CorrectBreaks, act: Act) -> Outcomes:
    """The breaks as they really were, of a session that is going on or closed."""
    session = state if isinstance(state, Closed) else started(state, command.session_id)
    pauses = tuple(Interval(start=whole_minute(one.start), stop=whole_minute(one.stop)) for one in command.breaks)
    if pauses == session.breaks:
        return ()
    for pause in pauses:
        _must_be_a_break(session, pause, act)
    return (
        BreaksCorrected(
            service_date=session.plan.service_date, before=session.breaks, breaks=pauses,
            attendances=_changed(session, pauses) if isinstance(session, Closed) else (), cause=command.cause,
        ),
    )


def _changed(session: Closed, pauses: tuple[Interval, ...]) -> tuple[Attendance, ...]:
    """The attendances that have other minutes with these breaks."""
    after = (
        replace(one, minutes=minutes_present(within(one.intervals, session.actual), pauses))
        for one in session.attendances.values()
    )
    return tuple(one for one in after if one != session.attendances[one.attendance_id])


def _must_be_a_break(session: Started | Closed, pause: Interval, act: Act) -> None:
    must_have_happened(act, pause.start, pause.stop)
    if pause.stop <= pause.start:
        raise BreakEndsBeforeItStarts(started_at=pause.start, ended_at=pause.stop)
    began, last = _frame(session)
    if pause.start < began or pause.start > last or (isinstance(session, Closed) and pause.stop > last):
        raise BreakOutsideSession(started_at=pause.start, ended_at=pause.stop, session_started_at=began)


def _frame(session: Started | Closed) -> tuple[Instant, Instant]:
    """The first minute that a break may have, and the last: until the closing one may still begin rather late."""
    if isinstance(session, Closed):
        return session.actual.start, session.actual.stop
    return session.started_at, latest(session)
