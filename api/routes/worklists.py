"""The biller's worklists: signatures, authorizations, papers, windows and payers that the money waits for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from aggregates.values import Id
from api.alike import pairs
from api.asking import OneProgram, Page, TheAsk, ThePage
from api.problems import declared
from projections.billing import worklists
from projections.billing.disputes import queries as disputing
from projections.billing.disputes.views import DisputeView
from projections.billing.worklist_views import (
    AlikeView,
    EligibilityView,
    FilingView,
    RecertificationView,
    RunningOutView,
    SecondaryView,
    UnansweredView,
    UnbilledView,
    UnsignedView,
)

router = APIRouter(prefix="/v1/billing", tags=["billing"], responses=declared(401, 403, 404, 422, 503))
Within = Annotated[int, Query(ge=0, le=366, description="What is due within so many days, beside what is overdue.")]
Older = Annotated[int, Query(ge=0, le=3_660, description="How many days ago may be too long; our own convention.")]


@router.get("/unsigned", operation_id="billing.unsigned")
def unsigned(ask: TheAsk, program_id: OneProgram = None) -> Page[UnsignedView]:
    """Documents to sign, revise or cosign, by clinician, with the days and money that wait for them."""
    return ask.all(worklists.unsigned, program=program_id)


@router.get("/running-out", operation_id="billing.running_out")
def running_out(
    ask: TheAsk, program_id: OneProgram = None, within_days: Within = worklists.SOON
) -> Page[RunningOutView]:
    """Authorizations that run out soon at the present pace, or end, and that no other one follows."""
    return ask.all(worklists.running_out, program=program_id, within_days=within_days)


@router.get("/recertifications", operation_id="billing.recertifications")
def recertifications(
    ask: TheAsk, program_id: OneProgram = None, within_days: Within = worklists.SOON
) -> Page[RecertificationView]:
    """Certifications and plan reviews that are due or overdue, where the payer's terms ask for them."""
    return ask.all(worklists.recertifications, program=program_id, within_days=within_days)


@router.get("/eligibility", operation_id="billing.eligibility")
def eligibility(
    ask: TheAsk, program_id: OneProgram = None, older_than_days: Older = worklists.MONTH
) -> Page[EligibilityView]:
    """Coverages of patients in care that nobody checked lately."""
    return ask.all(worklists.eligibility, program=program_id, older_than_days=older_than_days)


@router.get("/filing", operation_id="billing.filing")
def filing(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
    payer_id: Annotated[Id | None, Query(description="Only this payer.")] = None,
    within_days: Within = worklists.SOON,
) -> Page[FilingView]:
    """Days and claims that must be filed soon or are past the payer's window, the first to close first."""
    return ask.page(
        worklists.filing, page, worklists.cursor_of, program=program_id, patient=patient_id, patient_id=patient_id,
        payer_id=payer_id, within_days=within_days,
    )


@router.get("/secondary", operation_id="billing.secondary")
def secondary(
    ask: TheAsk, program_id: OneProgram = None,
    payer_id: Annotated[Id | None, Query(description="Only this second payer.")] = None,
) -> Page[SecondaryView]:
    """Answered claims of which something is left for the patient's second payer, with what stands against it."""
    return ask.all(worklists.secondary, program=program_id, payer_id=payer_id)


@router.get("/unanswered", operation_id="billing.unanswered")
def unanswered(
    ask: TheAsk, program_id: OneProgram = None,
    payer_id: Annotated[Id | None, Query(description="Only this payer.")] = None,
    older_than_days: Older = worklists.MONTH,
) -> Page[UnansweredView]:
    """Claims at the payer without an answer: those whose answer was taken back, then those sent too long ago."""
    return ask.all(worklists.unanswered, program=program_id, payer_id=payer_id, older_than_days=older_than_days)


@router.get("/unbilled", operation_id="billing.unbilled")
def unbilled(ask: TheAsk, program_id: OneProgram = None) -> Page[UnbilledView]:
    """Delivered days on no claim, by age and state, with their charges."""
    return ask.all(worklists.unbilled, program=program_id)


@router.get("/alike", operation_id="billing.alike")
def alike(ask: TheAsk, request: Request, program_id: OneProgram = None) -> Page[AlikeView]:
    """Records within reach that may be one person's, with the days that both have at one payer; `position` is what a
    finding that they are two people is told as `upto`."""
    programs = ask.caller.programs if program_id is None else {program_id}
    found = pairs(request.app.state.services.documenting.log).within(ask.caller, programs)
    return ask.all(worklists.alike, program=program_id, agreed=found)


@router.get("/disputes", operation_id="billing.disputes")
def disputes(
    ask: TheAsk, program_id: OneProgram = None,
    kind: Annotated[
        Literal["records", "dispute", "denial"] | None, Query(description="Only these; denial: nobody contests it.")
    ] = None,
    payer_id: Annotated[Id | None, Query(description="Only this payer.")] = None,
    owner_id: Annotated[Id | None, Query(description="Only what this person sees to.")] = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
    closed: Annotated[bool, Query(description="What is over or sent as well.")] = False,
) -> Page[DisputeView]:
    """Requests for records and disputes by their last day, and denials that nobody contests whose clock runs."""
    return ask.all(
        disputing.disputes, program=program_id, patient=patient_id, kind=kind, payer_id=payer_id, owner_id=owner_id,
        patient_id=patient_id, closed=closed,
    )
