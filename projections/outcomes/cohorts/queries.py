"""Questions about cohorts. `programs` are those that the caller may see, `now` is an instant, UTC text.

With `outside`, what is under eleven patients or tells of so few is hidden; then nothing else must narrow the question,
because what one answer hides the difference of two would show.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from psycopg import Cursor

from aggregates.assessment.instruments import TOTAL
from iop_es.engine.statements import blocks
from projections.icd import block
from projections.outcomes.cohorts import comparing, staying
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
    found = members(cursor, programs, now, instrument, scale, only)
    return comparing.side_by_side(found, Asked(instrument, scale, by, outside))


def difference(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, one: str, other: str,
    scale: str = TOTAL, by: By = "program", outside: bool = False, only: Only = EVERY,
) -> list[DifferenceView] | None:  # fmt: skip
    """Two cohorts against each other, each way to look at them; None where one of them does not exist."""
    found = members(cursor, programs, now, instrument, scale, only)
    return comparing.against(found, Asked(instrument, scale, by, outside), one, other)


def stay(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, by: By = "program", unit: Unit = "week",
    outside: bool = False, only: Only = EVERY,
) -> list[StayView]:  # fmt: skip
    """How long each cohort stays, whether or not anybody was measured."""
    return staying.stays(members(cursor, programs, now, None, None, only), by, unit, outside)


def attendance(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, scale: str = TOTAL,
    outside: bool = False, only: Only = EVERY,
) -> list[AttendanceView]:  # fmt: skip
    """Attendance against outcome, one for each version of the instrument."""
    found = members(cursor, programs, now, instrument, scale, only)
    return staying.attendance(found, Asked(instrument, scale, "program", outside))


def members(
    cursor: Cursor[Any], programs: Sequence[str], now: str, instrument: str | None, scale: str | None, only: Only
) -> list[Member]:
    """The episodes with their courses on a scale."""
    asked = {"programs": list(programs), "now": now, "instrument": instrument, "scale": scale}
    cursor.execute(_statements()["members"], asked | only._asdict())
    found, group = [Member(*row) for row in cursor], only.diagnosis_group
    return found if group is None else [one for one in found if one.diagnosis and block(one.diagnosis) == group]


@cache
def _statements() -> dict[str, bytes]:
    return {name: text.encode() for name, text in blocks("projections.outcomes.cohorts", "queries.sql")}
