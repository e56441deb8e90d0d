"""A session's figures in words, and which of them read otherwise than at another time."""

from __future__ import annotations

from aggregates.note.figures import SessionFigures
from projections.chart.shown import FigureChange
from projections.chart.words import clock, said


def in_words(figures: SessionFigures, zone: str) -> dict[str, str]:
    """The figures by what they are called, in the order in which they are printed."""
    planned = "" if figures.closed else " (planned; the session is not closed)"
    told = {"Session": f"{clock(figures.start, zone)} to {clock(figures.stop, zone)}{planned}"}
    if figures.status is not None:
        spans = ", ".join(f"{clock(one.start, zone)} to {clock(one.stop, zone)}" for one in figures.intervals)
        minutes = f"{figures.minutes} minutes without breaks"
        told["Patient present"] = f"{spans}; {minutes}" if spans else said(figures.status)
    if figures.head_count is not None:
        told["Participants"] = f"{figures.head_count}, of all payers"
    return told


def changes(then: SessionFigures | None, now: SessionFigures | None, zone: str) -> tuple[FigureChange, ...]:
    """What reads otherwise now; nothing where either is not known."""
    if then is None or now is None:
        return ()
    before, after = in_words(then, zone), in_words(now, zone)
    named = dict.fromkeys((*before, *after))
    found = (FigureChange(one, before.get(one), after.get(one)) for one in named)
    return tuple(one for one in found if one.before != one.after)
