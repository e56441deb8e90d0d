"""Questions to outcomes. `programs` are those that the caller may see; `now` is an instant, UTC text.

A patient's trend can also be made from an as-of fold: `trends_from_rows(as_of(MODEL, …), programs=…, now=…, …)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any, Literal

from psycopg import Cursor, sql

from aggregates.assessment.instruments import TOTAL
from iop_es.engine.readmodel.model import Delta
from iop_es.engine.statements import blocks, named
from projections.outcomes.expected import expectations
from projections.outcomes.rows import Measure
from projections.outcomes.trends import in_time, shown
from projections.outcomes.views import CourseView, ExpectedView, PointView, ProgramView, TrendView

CLOCK = (
    "SELECT DISTINCT asked.program_id,"
    " (%(now)s::timestamptz AT TIME ZONE coalesce(program.time_zone, 'UTC'))::date AS today"
    " FROM unnest(%(programs)s::text[]) AS asked (program_id) LEFT JOIN program USING (program_id)"
)
"""The programs that the caller may see, each with its own day at `now`."""
_PIECES = {
    "measure": ", ".join(Measure._fields),
    "clock": CLOCK,
    "statistics": (
        "count(*) AS n, count(*) FILTER (WHERE due) AS n_due, avg(score)::float8 AS mean,"
        " stddev_samp(score)::float8 AS standard_deviation, avg(change)::float8 AS mean_change"
    ),
    "point": (
        "c.cohort, n, c.due - n_due AS missing, c.cohort - n - (c.due - n_due) AS not_yet_due,"
        " mean, standard_deviation, mean_change"
    ),
}


def trends(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, instrument: str | None = None
) -> list[TrendView]:
    """A patient's courses, one for each episode, instrument, version and scale."""
    _ask(cursor, "measures", patient_id=patient_id, programs=list(programs), instrument=instrument)
    measures = [Measure(*row) for row in cursor]
    _ask(cursor, "zones", programs=list(programs))
    zones: dict[str, str] = dict(cursor)
    return shown(measures, zones, now)


def trends_from_rows(
    delta: Delta, *, programs: Sequence[str], now: str, patient_id: str, instrument: str | None = None
) -> list[TrendView]:
    """The same from the rows of a fold."""
    measures = (Measure(*row) for scope in delta.rows.get("measure", {}).values() for row in scope)
    own = (one for one in measures if one.patient_id == patient_id and one.program_id in programs)
    wanted = (one for one in own if instrument in (None, one.instrument))
    zones = {program_id: zone for scope in delta.rows.get("program", {}).values() for program_id, zone in scope}
    return shown(sorted(wanted, key=in_time), zones, now)


def expected(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is given it; what had ended when an episode began does not move
    patient_id: str,
    instrument: str | None = None,
) -> list[ExpectedView]:
    """What to expect of a patient's courses, by what is known today of earlier episodes."""
    _ask(cursor, "expected", patient_id=patient_id, programs=list(programs), instrument=instrument)
    return expectations(named(cursor))


def course(
    cursor: Cursor[Any],
    *,
    programs: Sequence[str],
    now: str,
    instrument: str,
    scale: str = TOTAL,
    by: Literal["month", "occasion"] = "month",
) -> list[CourseView]:
    """How the episodes of these programs fare on a scale, point by point, one course for each of its versions."""
    _ask(cursor, f"by_{by}", programs=list(programs), now=now, instrument=instrument, scale=scale)
    return [
        CourseView(
            instrument=instrument, instrument_version=version, scale=scale, by=by, cohort=rows[0][2],
            points=_points(rows),
        )
        for version, group in groupby(cursor, key=lambda row: row[0])
        if (rows := list(group))
    ]


def comparison(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, instrument: str, scale: str = TOTAL,
    coverage_days: int = 14,
) -> list[ProgramView]:
    """These programs side by side on a scale of an instrument, a row for each program and version."""
    _ask(
        cursor, "comparison", programs=list(programs), now=now, instrument=instrument, scale=scale,
        coverage_days=coverage_days,
    )
    return [ProgramView(**row) for row in named(cursor)]


def _points(rows: Sequence[tuple[Any, ...]]) -> tuple[PointView, ...]:
    names = ("point", "cohort", "n", "missing", "not_yet_due", "mean", "standard_deviation", "mean_change")
    return tuple(PointView.model_validate(dict(zip(names, row[1:], strict=True))) for row in rows)


def _ask(cursor: Cursor[Any], name: str, **parameters: Any) -> None:
    cursor.execute(_statements()[name], parameters)


@cache
def _statements() -> dict[str, sql.SQL]:
    found = blocks("projections.outcomes", "queries.sql")
    return {name: sql.SQL(statement.format(**_PIECES)) for name, statement in found}
