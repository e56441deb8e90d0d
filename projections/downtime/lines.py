"""The commands with which a downtime sheet is recorded afterwards, one a line, for whoever types the paper in.

Whatever the paper has to tell stands as `__`, which no command takes: a line that nobody filled in is refused, and
nothing is recorded that was not written down. Lines that do not apply are taken out: a patient's, a break's. Times are
the program's own, with their offset. When a command says when something happened, it is taken to have occurred then, so
that what is typed in a day later stands in the record as a late entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.values import moment
from projections.downtime.views import Downtime, Seat, Sheet

BLANK = "__"


def lines(found: Downtime, typist: str | None) -> Iterator[str]:
    """Sheet by sheet: the start, everybody's coming, going or absence, and the close."""
    for sheet in found.sheets:
        yield from (json.dumps(one, ensure_ascii=False) for one in _sheet(found, sheet, typist or BLANK))


def _sheet(found: Downtime, sheet: Sheet, typist: str) -> Iterator[dict[str, Any]]:
    start, end = (_blank(at, found.zone) for at in (sheet.starts_at, sheet.ends_at))

    def line(command: str, about: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        # The code is the one on the paper; the id keeps keys of two prints apart.
        key, actor = f"downtime:{about}:{command}", {"id": typist, "role": "clinician"}
        return {"command": command, "key": key, "actor": actor, **more, "data": data}

    own = {"session_id": sheet.session_id}
    if not sheet.scheduled:
        yield line("session.schedule", sheet.session_id, own | _planned(found, sheet), occurred_at=sheet.starts_at)
    yield line("session.start", sheet.session_id, own | {"started_at": start})
    for seat in sheet.seats:
        who, about = {"attendance_id": seat.attendance_id}, f"{seat.code}:{seat.attendance_id}"
        yield line("session.check_in", about, own | who | {"patient_id": seat.patient_id, "arrived_at": start})
        yield line("session.check_out", about, own | who | {"left_at": end})
        absent = own | who | {"excused": BLANK, "cause": BLANK}
        yield line("session.mark_absent", about, absent, occurred_at=sheet.starts_at)
    yield line("session.take_break", sheet.session_id, own | {"started_at": start, "ended_at": start})
    yield line("session.close", sheet.session_id, own | {"ended_at": end, "everyone_else_stayed": True})


def _planned(found: Downtime, sheet: Sheet) -> dict[str, Any]:
    """What a session needs that is not scheduled yet; of the place nothing is known."""
    return {
        "program_id": found.program_id, "group_id": sheet.group_id, "service_kind": sheet.service_kind,
        "level_of_care": sheet.level_of_care, "topic": sheet.topic, "service_date": found.day.isoformat(),
        "starts_at": sheet.starts_at, "ends_at": sheet.ends_at, "modality": sheet.modality,
        "place_of_service": sheet.place or BLANK, "facilitators": list(sheet.facilitator_ids),
        "expected": [_expected(seat) for seat in sheet.seats],
    }  # fmt: skip


def _expected(seat: Seat) -> dict[str, str]:
    return {
        "patient_id": seat.patient_id, "enrollment_id": seat.enrollment_id, "attendance_id": seat.attendance_id,
    }  # fmt: skip


def _blank(at: str, zone: str) -> str:
    """A time of that day to be filled in, with the offset that the day has there."""
    local = moment(at).astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d}T{BLANK}:{BLANK}{offset[:3]}:{offset[3:]}"
