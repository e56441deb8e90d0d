"""Minutes of presence: half-open whole-minute intervals, a break subtracted once, never a negative.

Instants with seconds are floored to their minute, arrivals and departures alike: 9:00:40 is 9:00, 9:59:59 is 9:59.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aggregates.session.facts import Interval
from aggregates.values import Instant, moment

Span = tuple[int, int]


def whole_minute(at: Instant) -> Instant:
    """The minute in which an instant lies."""
    return f"{at[:17]}00.000000Z"


def minutes_between(start: Instant, stop: Instant) -> int:
    """Whole minutes from start to stop; negative when stop comes first."""
    return _minute(stop) - _minute(start)


def within(intervals: Iterable[Interval], frame: Interval) -> tuple[Interval, ...]:
    """The parts of the intervals inside the frame; what lies outside it or is empty falls away."""
    cut = (Interval(start=max(one.start, frame.start), stop=min(one.stop, frame.stop)) for one in intervals
           if max(one.start, frame.start) < min(one.stop, frame.stop))
    return tuple(cut)


def minutes_present(intervals: Iterable[Interval], breaks: Iterable[Interval] = ()) -> int:
    """Minutes covered by the intervals and by no break. What overlaps counts once, among either."""
    present, paused = _merged(intervals), _merged(breaks)
    lost = sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in present for b in paused)
    return sum(stop - start for start, stop in present) - lost


def head_count(presences: Iterable[Sequence[Interval]]) -> int:
    """How many people were there for at least a minute; one element a person."""
    return sum(1 for presence in presences if _merged(presence))


def peak_count(presences: Iterable[Sequence[Interval]]) -> int:
    """How many people were there at once, at most; who leaves in the minute in which another comes does not meet
    them.
    """
    moves = sorted(move for presence in presences for start, stop in _merged(presence)
                   for move in ((start, 1), (stop, -1)))
    here = peak = 0
    for _, step in moves:
        here += step
        peak = max(peak, here)
    return peak


def _merged(intervals: Iterable[Interval]) -> list[Span]:
    spans: list[Span] = []
    for start, stop in sorted((_minute(one.start), _minute(one.stop)) for one in intervals):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], stop))
        elif start < stop:
            spans.append((start, stop))
    return spans


def _minute(at: Instant) -> int:
    return int(moment(at).timestamp()) // 60
