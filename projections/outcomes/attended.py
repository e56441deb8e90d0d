"""A patient's visits as the sessions' facts told them, and how much of what was planned an episode attended.

A session counts once it is closed: one that was cancelled was taken from nobody. What it was to last for is what was
planned for everybody who is in it as present or absent, excused or not, and for who was forgotten there what the
correction says; a visit's attended minutes are those after breaks. Whose an attendance id is, the patient's own
check-in, absence or correction has said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from iop_es.engine.readmodel.model import Recorded
from projections.outcomes.rows import Attended

SESSION_FACTS = (
    "session.patient_checked_in", "session.patient_marked_absent", "session.closed", "session.attendance_corrected",
    "session.breaks_corrected",
)


class Visit(msgspec.Struct, array_like=True):
    """One patient's place in one session; `attended` is None until the session is closed."""

    enrollment_id: str
    day: str
    planned: int = 0
    attended: int | None = None


def attend(visits: dict[str, Visit], recorded: Recorded) -> bool:
    """Puts a session's fact into a patient's visits; answers whether what is attended may be another by it."""
    fact = recorded.fact
    match recorded.name:
        case "session.patient_checked_in" | "session.patient_marked_absent":
            visits.setdefault(fact.attendance_id, Visit(fact.enrollment_id, fact.service_date))
            return False
        case "session.closed":
            planned = _minutes(fact.scheduled.start, fact.scheduled.stop)
            for one in fact.attendances:
                if visit := visits.get(one.attendance_id):
                    visit.day, visit.planned, visit.attended = fact.service_date, planned, one.minutes
        case "session.attendance_corrected":
            added = Visit(fact.enrollment_id, fact.service_date, planned=fact.after.minutes)
            visits.setdefault(fact.attendance_id, added).attended = fact.after.minutes
        case "session.breaks_corrected":
            for one in fact.attendances:
                if visit := visits.get(one.attendance_id):
                    visit.attended = one.minutes
    return True


def attended(patient_id: str, visits: Mapping[str, Visit]) -> Iterator[Attended]:
    """One row an episode with a closed session."""
    by_episode: dict[str, list[Visit]] = {}
    for visit in visits.values():
        if visit.attended is not None:
            by_episode.setdefault(visit.enrollment_id, []).append(visit)
    for enrollment_id, closed in by_episode.items():
        yield Attended(
            patient_id, enrollment_id, len(closed), len({one.day for one in closed}),
            len({one.day for one in closed if one.attended}), sum(one.planned for one in closed),
            sum(one.attended or 0 for one in closed),
        )


def _minutes(start: str, stop: str) -> int:
    return int((datetime.fromisoformat(stop) - datetime.fromisoformat(start)).total_seconds()) // 60
