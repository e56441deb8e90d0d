"""Questions about cohorts. `programs` are those that the caller may see, `now` is an instant, UTC text.

With `outside`, what is under eleven patients or tells of so few is hidden (`suppression`), and the rest is told as of
the end of the last month, and coarsely (`coarse`); then nothing else must narrow the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from psycopg import Cursor

from aggregates.assessment.instruments import TOTAL
from iop_es.engine.statements import blocks
from projections.icd import block
from projections.outcomes.cohorts import comparing, staying
from projections.outcomes.cohorts.coarse import Told, coarse, last_month
from projections.outcomes.cohorts.comparing import Asked
from projections.outcomes.cohorts.members import By, Member
from projections.outcomes.cohorts.staying import Unit
from projections.outcomes.cohorts.views import AttendanceView, CohortView, DifferenceView, StayView


class Only(NamedTuple):
    """What narrows a question: to one payer, level, block of diagnoses, or period of admission."""

    payer_id: str | None = None
    level_of_care: str | None = None
    diagnosis_group: str | None = None
    admitted_from: str | None = None
    admitted_through: str | None = None


EVERY = Only()


def cohorts(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, scale: str = TOTAL,
    by: By = "program", outside: bool = False, only: Only = EVERY,
) -> list[CohortView]:  # fmt: skip
    """Cohorts side by side, one for each version of the instrument."""
    through = last_month(now) if outside else None
    found = members(cursor, programs, now, instrument, scale, only, through)
    return _told(comparing.side_by_side(found, Asked(instrument, scale, by, outside)), through)


def difference(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, one: str, other: str,
    scale: str = TOTAL, by: By = "program", outside: bool = False, only: Only = EVERY,
) -> list[DifferenceView] | None:  # fmt: skip
    """Two cohorts against each other, each way to look at them; None where one of them does not exist."""
    through = last_month(now) if outside else None
    found = members(cursor, programs, now, instrument, scale, only, through)
    told = comparing.against(found, Asked(instrument, scale, by, outside), one, other)
    return None if told is None else _told(told, through)


def stay(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, by: By = "program", unit: Unit = "week",
    outside: bool = False, only: Only = EVERY,
) -> list[StayView]:  # fmt: skip
    """How long each cohort stays, whether or not anybody was measured."""
    through = last_month(now) if outside else None
    found = members(cursor, programs, now, None, None, only, through)
    return _told(staying.stays(found, by, unit, outside), through)


def attendance(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, scale: str = TOTAL,
    outside: bool = False, only: Only = EVERY,
) -> list[AttendanceView]:  # fmt: skip
    """Attendance against outcome, one for each version of the instrument; from outside, of stays that had ended."""
    through = last_month(now) if outside else None
    found = members(cursor, programs, now, instrument, scale, only, through)
    ended = [one for one in found if not outside or one.ended != "in_care"]  # what is attended by a day is not kept
    return _told(staying.attendance(ended, Asked(instrument, scale, "program", outside)), through)


def members(
    cursor: Cursor[Any], programs: Sequence[str], now: str, instrument: str | None, scale: str | None, only: Only,
    through: date | None = None,
) -> list[Member]:
    """The episodes with their courses on a scale, today or as they stood at the end of a day, by what is known now."""
    asked = {"programs": list(programs), "now": now, "instrument": instrument, "scale": scale, "through": through}
    cursor.execute(_statements()["members" if through is None else "members_through"], asked | only._asdict())
    found, group = [Member(*row) for row in cursor], only.diagnosis_group
    return found if group is None else [one for one in found if one.diagnosis and block(one.diagnosis) == group]


def _told(views: Sequence[Told], through: date | None) -> list[Told]:
    """What is shown inside as it is; what is as of a day, coarsely and with that day."""
    if through is None:
        return [*views]
    return [coarse(one.model_copy(update={"through": through})) for one in views]


@cache
def _statements() -> dict[str, bytes]:
    text = dict(blocks("projections.outcomes.cohorts", "queries.sql"))
    members = text["members"]
    return {
        "members": members.format(course=text["course"]).encode(),
        "members_through": members.format(course=text["course_through"]).encode(),
    }
