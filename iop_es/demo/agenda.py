"""The simulated clock: what is to happen when, done in order, each moment's commands in one append."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregates.values import instant

ZONE = ZoneInfo("America/New_York")
Doing = Callable[[], None]


def local(day: date, clock: str) -> datetime:
    """A clock time, "HH:MM", of a day in the clinic's zone."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def at(day: date, clock: str) -> str:
    """The same as an instant of the record."""
    return instant(local(day, clock))


def minutes_later(moment: datetime, minutes: int) -> datetime:
    """So many real minutes later, also across a change to daylight-saving time."""
    return (moment.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)).astimezone(ZONE)


class Agenda:
    """Things to do, by moment; what is put down for one moment is done in the order in which it was put down."""

    def __init__(self) -> None:
        self._heap: list[tuple[str, int, Doing]] = []
        self._number = 0

    def put(self, moment: datetime, doing: Doing) -> None:
        """Puts something down for a moment."""
        self._number += 1
        heapq.heappush(self._heap, (instant(moment), self._number, doing))

    def moments(self, end: datetime) -> Iterator[tuple[str, list[Doing]]]:
        """Each moment before the end with everything to be done in it; doing may put down more, also for now."""
        last = instant(end)
        while self._heap and self._heap[0][0] < last:
            moment = self._heap[0][0]
            doings = []
            while self._heap and self._heap[0][0] == moment:
                doings.append(heapq.heappop(self._heap)[2])
            yield moment, doings
