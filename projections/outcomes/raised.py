"""An alert as it is found, before it is known what anybody did about it."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregates.values import moment
from projections.outcomes.alert_rows import ListedKind
from projections.outcomes.documents import Withdrawal


class Raised(NamedTuple):
    """What `Alert` has of it. What was done up to the position `changed_at` was done about something else. A judgment
    is about it from its day on, or, with `judged_since`, if it was recorded after a position and made at a time or
    later.
    """

    kind: ListedKind
    about: str
    since: str
    program_id: str
    enrollment_id: str | None
    why: str
    positions: tuple[int, ...]
    urgent: bool = False
    until: str | None = None
    value: int | None = None
    threshold: int | None = None
    instrument: str | None = None
    instrument_version: str | None = None
    changed_at: int = 0
    judged_since: tuple[int, str] | None = None
    taken_back: Withdrawal | None = None


def local_day(at: str, zone: str | None) -> str:
    """The day of an instant in a program's zone; before the program is known, in UTC."""
    return moment(at).astimezone(ZoneInfo(zone or "UTC")).date().isoformat()
