"""Cohorts of episodes side by side: change, stay and attendance; outside the program nothing that tells of few."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from aggregates.values import Code, Date, Id, LevelOfCare
from api.access import looks_from_outside
from api.asking import Ask, OneProgram, Page, TheAsk
from api.filters import invalid, must_run_forwards
from api.problems import declared
from api.routes.outcomes import TheInstrument, TheScale
from projections.outcomes.cohorts import queries
from projections.outcomes.cohorts.members import By
from projections.outcomes.cohorts.staying import Unit
from projections.outcomes.cohorts.views import AttendanceView, CohortView, DifferenceView, StayView

router = APIRouter(prefix="/v1/outcomes", tags=["outcomes"], responses=declared(401, 403, 404, 422, 503))
Name = Annotated[str, Query(min_length=1, max_length=64, description="A cohort's name, as `cohort` tells it.")]
TheBy = Annotated[
    By, Query(
        description="What makes a cohort: the program; who covers the admission day first; the level of care, the block"
        " of the principal diagnosis (ICD-10-CM) or the month of the admission."
    ),
]  # fmt: skip
Period = Annotated[Date | None, Query(description="Only episodes admitted from or through this day.")]
NARROWED = "Leave it out: from outside the program, the difference of two answers would show what each one hides"


class Wanted:
    """Which episodes, and for whom the answer is."""

    def __init__(
        self, ask: TheAsk, program_id: OneProgram = None,
        payer_id: Annotated[Id | None, Query(description="Only this first payer's.")] = None,
        level_of_care: Annotated[LevelOfCare | None, Query(description="Only admitted to this level.")] = None,
        diagnosis_group: Annotated[Code | None, Query(description="Only this block, such as F30-F39.")] = None,
        admitted_from: Period = None, admitted_through: Period = None,
        outside: Annotated[
            bool, Query(
                description="Hide what is of 1 to 10 patients or tells of such, for an answer that leaves the program;"
                " a director's answer always does. Then nothing else may narrow it."
            ),
        ] = False,
    ) -> None:  # fmt: skip
        must_run_forwards(admitted_from=admitted_from, admitted_through=admitted_through)
        self.ask: Ask = ask
        self.program = program_id
        self.outside = outside or looks_from_outside(ask.caller.role)
        self.only = queries.Only(payer_id, level_of_care, diagnosis_group, admitted_from, admitted_through)
        given = {"program_id": program_id, **self.only._asdict()}
        narrowing = [name for name, value in given.items() if value is not None]
        if self.outside and narrowing:
            raise invalid(*((name, NARROWED) for name in narrowing))


TheWanted = Annotated[Wanted, Depends()]


@router.get("/cohorts", operation_id="outcomes.cohorts")
def cohorts(
    wanted: TheWanted, instrument: TheInstrument, scale: TheScale = "total", by: TheBy = "program"
) -> Page[CohortView]:
    """Cohorts side by side: everybody, those measured again and completers, so that drop-out cannot flatter."""
    return wanted.ask.all(
        queries.cohorts, program=wanted.program, instrument=instrument, scale=scale, by=by, outside=wanted.outside,
        only=wanted.only,
    )  # fmt: skip


@router.get("/cohorts/difference", operation_id="outcomes.difference")
def difference(
    wanted: TheWanted, instrument: TheInstrument, one: Name, other: Name, scale: TheScale = "total",
    by: TheBy = "program",
) -> Page[DifferenceView]:
    """Two cohorts against each other, in change and in the last score; nobody drew lots who came into which."""
    return wanted.ask.all(
        queries.difference, program=wanted.program, instrument=instrument, scale=scale, by=by, one=one, other=other,
        outside=wanted.outside, only=wanted.only,
    )  # fmt: skip


@router.get("/stay", operation_id="outcomes.stay")
def stay(
    wanted: TheWanted, by: TheBy = "program",
    unit: Annotated[Unit, Query(description="Each day on which anything happened, or the end of each week.")] = "week",
) -> Page[StayView]:
    """How long cohorts stay: Kaplan-Meier's curve of dropping out, and beside it who ended how by then."""
    return wanted.ask.all(
        queries.stay, program=wanted.program, by=by, unit=unit, outside=wanted.outside, only=wanted.only
    )


@router.get("/attendance", operation_id="outcomes.attendance")
def attendance(
    wanted: TheWanted, instrument: TheInstrument, scale: TheScale = "total"
) -> Page[AttendanceView]:
    """Attendance against outcome: thirds by the share of planned minutes attended, and a rank correlation."""
    return wanted.ask.all(
        queries.attendance, program=wanted.program, instrument=instrument, scale=scale, outside=wanted.outside,
        only=wanted.only,
    )  # fmt: skip
