"""Who led two sessions in the same minutes, by what the log has of all sessions; told of an answer's days alone."""

from __future__ import annotations

from collections.abc import Sequence

from api.gate import Gate
from projections.billing.day import Day
from projections.billing.rooms import TELLING, Rooms, rooms
from projections.billing.times import plus_days


def rooms_of(gate: Gate, days: Sequence[Day], upto: int) -> Rooms:
    """As far as it may touch these days, as of a position: a session is told once it is over, so that none of a day is
    told before the day (a day earlier, for the program's zone)."""
    first = min((day.service_date for day in days), default=None)
    if first is None:
        return Rooms()
    return rooms(gate.told_since(f"{plus_days(first, -1)}T00:00:00.000000Z", TELLING, upto))
