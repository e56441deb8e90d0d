"""What a document shows of its session, which nobody types: start and stop, head-count, and of a patient's own part
when the patient was there. A signature covers these as they stood; a later correction of the session shows as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregates.kit import value
from aggregates.session.facts import AttendanceStatus, Interval
from aggregates.session.state import Closed, Known
from aggregates.values import Count, Instant, Minutes

if TYPE_CHECKING:
    from aggregates.note.facts import NoteDrafted


@value
class SessionFigures:
    """A session's figures for one document: as planned until it was `closed`, afterwards as last corrected.

    `head_count` is of all payers. Status, minutes (without breaks) and intervals are the patient's own; None and empty
    for the narrative that a group shares, and until the session is closed.
    """

    start: Instant
    stop: Instant
    closed: bool
    head_count: Count | None = None
    status: AttendanceStatus | None = None
    minutes: Minutes | None = None
    intervals: tuple[Interval, ...] = ()


def figures_of(about: NoteDrafted, session: Any) -> SessionFigures | None:
    """What the session says for this document; None of one that is of no session."""
    if about.session_id is None or not isinstance(session, Known):
        return None
    if not isinstance(session, Closed):
        return SessionFigures(start=session.plan.starts_at, stop=session.plan.ends_at, closed=False)
    entry = session.of(about.patient_id) if about.patient_id is not None else None
    own = session.attendances.get(about.attendance_id or (entry.attendance_id if entry else ""))
    own = own if about.patient_id is not None else None
    return SessionFigures(
        start=session.actual.start, stop=session.actual.stop, closed=True, head_count=session.head_count,
        status=own.status if own else None, minutes=own.minutes if own else None,
        intervals=own.intervals if own else (),
    )
