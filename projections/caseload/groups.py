"""Groups on a day: seats, leaders and meetings, by the dates of what was arranged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Cursor

from projections.caseload.group_views import GroupView, Meeting, Seat
from projections.caseload.names import Opening, by_name, with_names
from projections.caseload.statements import ask

Row = dict[str, Any]


def groups(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    on: str | None = None,
    after: str | None = None,
    limit: int = 100,
    opening: Opening,
) -> list[GroupView]:
    """Groups with roster and seats on a day (None: today)."""
    found = ask(cursor, "groups", programs=list(programs), now=now, on=on, after=after, limit=limit)
    ids = [row["group_id"] for row in found]
    parts = {name: _by_group(ask(cursor, name, groups=ids)) for name in ("seats", "series", "leads", "substitutes")}
    parts["seats"] = _by_group(with_names((row for own in parts["seats"].values() for row in own), opening))
    return [_view(row, {name: rows[row["group_id"]] for name, rows in parts.items()}) for row in found]


def _by_group(rows: list[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["group_id"]].append(row)
    return grouped


def _view(group: Row, parts: dict[str, list[Row]]) -> GroupView:
    day: date = group["on"]
    roster = {row["patient_id"]: _seat(row, day) for row in parts["seats"] if _holds(row, day)}
    return GroupView(
        **group, taken=len(roster), free=max(0, group["capacity"] - len(roster)),
        facilitators=_facilitators(parts["leads"], parts["substitutes"], day),
        meetings=_meetings(parts["series"], day),
        roster=tuple(sorted(roster.values(), key=lambda seat: (by_name(seat.name), seat.patient_id))),
    )  # fmt: skip


def _holds(row: Row, day: date) -> bool:
    return bool(row["effective_from"] <= day and (row["effective_through"] is None or day <= row["effective_through"]))


def _seat(row: Row, day: date) -> Seat:
    ended = row["discharged_on"]
    return Seat(
        patient_id=row["patient_id"], enrollment_id=row["enrollment_id"], cause=row["cause"],
        over_capacity=row["over_capacity"], discharged=ended is not None and ended < day,
        name=row["name"],
    )  # fmt: skip


def _facilitators(leads: list[Row], substitutes: list[Row], day: date) -> tuple[str, ...]:
    """Those assigned last, all from one date, with the day's substitutes in their place."""
    begun = [row for row in leads if row["effective_from"] <= day]
    latest = max((row["effective_from"] for row in begun), default=None)
    stand_ins = {row["in_place_of"]: row["clinician_id"] for row in substitutes if row["substitute_on"] == day}
    leading = [row["clinician_id"] for row in begun if row["effective_from"] == latest]
    return tuple(dict.fromkeys(stand_ins.get(who, who) for who in leading))


def _meetings(series: list[Row], day: date) -> tuple[Meeting, ...]:
    """The templates in force, each series' latest that has begun, where they meet on that weekday."""
    latest = {row["series_id"]: row for row in series if row["effective_from"] <= day}
    meeting = [row for row in latest.values() if _holds(row, day) and day.isoweekday() in row["weekdays"]]
    found = [Meeting(series_id=row["series_id"], starts=row["starts"], minutes=row["minutes"]) for row in meeting]
    return tuple(sorted(found, key=lambda one: (one.starts, one.series_id)))
