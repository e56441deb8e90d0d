"""Pictures of outcomes and attendance: as SVG, or the same as text and table.

Each is asked like the list that it shows: by the one gate, for the same roles, on record. Nobody may keep one: like
every answer they come with `Cache-Control: no-store`, and without an ETag.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from aggregates.values import Code, Date, Id
from api.asking import PAST, AsOf, One, TheAsk, Then
from api.filters import invalid, must_run_forwards
from api.problems import declared
from api.routes.outcomes import TheScale
from projections.caseload.attendance import AttendanceMap, attendance_map
from projections.outcomes import pictured, queries
from projections.outcomes.cohorts import queries as cohorts
from projections.outcomes.cohorts.views import StayView
from projections.outcomes.views import CourseView, View
from projections.pictures.attendance import attendance
from projections.pictures.course import course
from projections.pictures.picture import Picture, PictureView, alternative
from projections.pictures.stay import stay_of, survival
from projections.pictures.svg import svg
from projections.pictures.trend import trend

LONGEST = 92
"""Days of a map of attendance: a quarter."""
SVG = "image/svg+xml"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

router = APIRouter(prefix="/v1", tags=["pictures"], responses=declared(401, 403, 404, 422, 503))
Kind = Annotated[
    Literal["svg", "json"], Path(description="svg: the picture; json: its text alternative and its table.")
]
OneInstrument = Annotated[Code, Path(description="The instrument's code, such as phq-9.")]
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        "model": One[PictureView], "description": "The picture, or what stands for it.",
        "content": {SVG: {"schema": {"type": "string"}}},
    }
}  # fmt: skip


class Program(View):
    """A program's courses."""

    program_id: str
    courses: tuple[CourseView, ...]


@router.get(
    "/patients/{patient_id}/outcomes/{instrument}.{kind}", operation_id="outcomes.patient_picture",
    responses=PAST | DRAWN, response_model=None,
)
def patient(
    ask: TheAsk, patient_id: Annotated[Id, Path()], instrument: OneInstrument, kind: Kind, scale: TheScale = "total",
    as_of: AsOf = None,
) -> Any:
    """A patient's trend on one scale, with bands, thresholds and, where there is one, the course to expect; now or as
    known then. Each version and each episode has a panel of its own."""
    found = ask.one(
        pictured.courses, then=Then(as_of, pictured.courses_from_rows), patient=patient_id, patient_id=patient_id,
        instrument=instrument, scale=scale,
    )  # fmt: skip
    shown = found.item
    return _answered(found, trend(shown.courses, shown.until, shown.expected), kind)


@router.get(
    "/programs/{program_id}/outcomes/{instrument}.{kind}", operation_id="outcomes.program_picture", responses=DRAWN,
    response_model=None,
)
def program(
    ask: TheAsk, program_id: Annotated[Id, Path()], instrument: OneInstrument, kind: Kind, scale: TheScale = "total",
    by: Annotated[Literal["month", "occasion"], Query(description="What the points of the course are.")] = "month",
) -> Any:
    """The mean course of a program's episodes with its 95 % interval, and how many were measured and are missing."""
    found = ask.one(_courses, program=program_id, instrument=instrument, scale=scale, by=by)
    return _answered(found, course(found.item.courses, program_id), kind)


@router.get("/programs/{program_id}/stay.{kind}", operation_id="outcomes.stay_picture", responses=DRAWN,
            response_model=None)  # fmt: skip
def stay(ask: TheAsk, program_id: Annotated[Id, Path()], kind: Kind) -> Any:
    """Which share of a program's admissions had not dropped out, by days of the stay, with its 95 % interval."""
    found = ask.one(_stay, program=program_id)
    return _answered(found, survival(stay_of(found.item)), kind)


@router.get("/programs/{program_id}/attendance.{kind}", operation_id="caseload.attendance_picture", responses=DRAWN,
            response_model=None)  # fmt: skip
def attended(
    ask: TheAsk, program_id: Annotated[Id, Path()], kind: Kind,
    first: Annotated[Date, Query(alias="from", description="The first day.")],
    through: Annotated[Date, Query(alias="to", description="The last day, at most a quarter later.")],
) -> Any:
    """Who came on which day: a row for each patient in care, under ids alone."""
    must_run_forwards(**{"from": first, "to": through})
    if (date.fromisoformat(through) - date.fromisoformat(first)).days >= LONGEST:
        raise invalid(("to", f"Ask for at most {LONGEST} days at once"))
    found: One[AttendanceMap] = ask.one(attendance_map, program=program_id, first=first, last=through)
    return _answered(found, attendance(found.item), kind)


def _courses(cursor: Any, *, programs: list[str], **asked: Any) -> Program | None:
    found = queries.course(cursor, programs=programs, **asked)
    return Program(program_id=programs[0], courses=tuple(found)) if found else None


def _stay(cursor: Any, *, programs: list[str], now: str) -> StayView | None:
    return next(iter(cohorts.stay(cursor, programs=programs, now=now, unit="day")), None)


def _answered(found: One[Any], picture: Picture, kind: str) -> Any:
    if kind == "json":
        return One(position=found.position, now=found.now, item=alternative(picture))
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(svg(picture), media_type=SVG, headers=headers)
