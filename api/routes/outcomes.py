"""Is this patient getting better, how do programs fare, and who needs someone today?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from aggregates.values import Code, Date, Id
from api.asking import PAST, AsOf, OneProgram, Page, TheAsk, Then, ThePage
from api.problems import declared
from projections.outcomes import queries
from projections.outcomes.rows import FlagKind
from projections.outcomes.views import CourseView, ExpectedView, FlagView, ProgramView, TrendView

router = APIRouter(prefix="/v1", tags=["outcomes"], responses=declared(401, 403, 404, 422, 503))
TheInstrument = Annotated[Code, Query(description="The instrument's code, such as phq-9.")]
TheScale = Annotated[Code, Query(description="One of its scales: total, or a subscale where it has no total.")]
OneInstrument = Annotated[Code | None, Query(description="Only this instrument, such as phq-9.")]


@router.get("/patients/{patient_id}/outcomes", operation_id="outcomes.patient", responses=PAST)
def patient(
    ask: TheAsk, patient_id: Annotated[Id, Path()], instrument: OneInstrument = None, as_of: AsOf = None
) -> Page[TrendView]:
    """A patient's courses, one for each episode, instrument, version and scale; now or as known then."""
    then = Then(as_of, queries.trends_from_rows)
    return ask.all(queries.trends, then=then, patient=patient_id, patient_id=patient_id, instrument=instrument)


@router.get("/patients/{patient_id}/outcomes/expected", operation_id="outcomes.expected")
def expected(
    ask: TheAsk, patient_id: Annotated[Id, Path()], instrument: OneInstrument = None
) -> Page[ExpectedView]:
    """What this program's own earlier episodes came to, for each of a patient's courses; not shown of under fifty."""
    return ask.all(queries.expected, patient=patient_id, patient_id=patient_id, instrument=instrument)


@router.get("/programs/{program_id}/outcomes", operation_id="outcomes.program")
def program(
    ask: TheAsk, program_id: Annotated[Id, Path()], instrument: TheInstrument, scale: TheScale = "total",
    by: Annotated[Literal["month", "occasion"], Query(description="What the points of the course are.")] = "month",
) -> Page[CourseView]:
    """How a program's episodes fare on an instrument, point by point; who is missing is missing, never zero."""
    return ask.all(queries.course, program=program_id, instrument=instrument, scale=scale, by=by)


@router.get("/outcomes/programs", operation_id="outcomes.programs")
def programs(
    ask: TheAsk, instrument: TheInstrument, scale: TheScale = "total", program_id: OneProgram = None,
    coverage_days: Annotated[int, Query(ge=1, le=366, description="Measured in so many days counts as lately.")] = 14,
) -> Page[ProgramView]:
    """Programs side by side on an instrument."""
    return ask.all(
        queries.comparison, program=program_id, instrument=instrument, scale=scale, coverage_days=coverage_days
    )


@router.get("/outcomes/flags", operation_id="outcomes.flags")
def flags(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
    since: Annotated[Date | None, Query(description="Only from this day on.")] = None,
    kind: Annotated[FlagKind | None, Query(description="Only this kind.")] = None,
) -> Page[FlagView]:
    """Reasons to look at someone, newest first: a safety item, or a reliable deterioration."""
    return ask.page(
        queries.flags, page, lambda flag: flag.cursor, program=program_id, patient=patient_id, patient_id=patient_id,
        since=since, kind=kind,
    )
