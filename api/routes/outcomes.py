"""Is this patient getting better, how do programs fare, and who needs someone today?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from aggregates.values import Code, Id
from api.access import may_see
from api.asking import PAST, AsOf, One, OneProgram, Page, TheAsk, Then, ThePage
from api.problems import declared
from api.wording import worded
from projections.outcomes import queries, today
from projections.outcomes.alert_rows import ListedKind
from projections.outcomes.alert_views import AlertCount, AlertView, RiskView
from projections.outcomes.views import CourseView, ExpectedView, ProgramView, TrendView

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


@router.get("/outcomes/alerts", operation_id="outcomes.alerts")
def alerts(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller took or, where nobody did, attends.")] = False,
    kind: Annotated[ListedKind | None, Query(description="Only this kind.")] = None,
    urgent: Annotated[bool | None, Query(description="Only urgent ones, or only the others.")] = None,
    state: Annotated[Literal["open", "cleared"], Query(description="open: those that stand, taken or not.")] = "open",
) -> Page[AlertView]:
    """Today's list: who needs someone and why, urgent first, then the oldest; whose record cannot be followed, too."""
    owner = ask.caller.person if mine else None
    return ask.page(
        today.alerts, page, lambda alert: alert.cursor, program=program_id, patient=patient_id, patient_id=patient_id,
        owner=owner, kind=kind, urgent=urgent, state=state,
    )  # fmt: skip


@router.get("/outcomes/alerts/counts", operation_id="outcomes.alert_counts")
def alert_counts(ask: TheAsk, program_id: OneProgram = None) -> Page[AlertCount]:
    """How many alerts stand open in each program, by kind; nobody is named."""
    return ask.all(today.counts, program=program_id)


@router.get("/patients/{patient_id}/risk", operation_id="outcomes.risk", responses=PAST)
def risk(ask: TheAsk, patient_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[RiskView]:
    """One patient's risk: levels, safety plans, follow-ups, alerts open and cleared; now or as known then.

    The words come only to roles that may read the text of documents, and that they were read is recorded apart.
    """
    then = Then(as_of, today.risk_from_rows)
    found = ask.one(today.risk, then=then, patient=patient_id, patient_id=patient_id)
    return worded(ask, found) if may_see(ask.caller.role, "outcomes.risk", "words") else found
