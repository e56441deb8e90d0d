"""What can be billed, what is held and why, what it is worth, what the payer answered; every day down to its facts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request

from aggregates.values import Date, Id
from api.asking import PAST, AsOf, One, OneProgram, Page, TheAsk, Then, ThePage
from api.beside import traces
from api.filters import Monday, OwnerRole, ReasonCode, must_run_forwards
from api.problems import declared
from iop_es.engine.log import Log
from projections.billing import queries
from projections.billing.day import State
from projections.billing.views import (
    ClaimView,
    CorrectionView,
    DayView,
    HeldView,
    LedgerView,
    MonthView,
    TotalView,
    TraceView,
    WeekView,
)

router = APIRouter(prefix="/v1", tags=["billing"], responses=declared(401, 403, 404, 422, 503))
ThePatient = Annotated[Id, Path(alias="patient_id")]
OnePatient = Annotated[Id | None, Query(description="Only this patient.")]
OnePayer = Annotated[Id | None, Query(description="Only this payer.")]
ClaimState = Literal["prepared", "submitted", "acknowledged", "rejected", "adjudicated", "replaced", "voided"]
Owner = Annotated[OwnerRole | None, Query(description="Only what this role must act on.")]
First = Annotated[Date | None, Query(description="The first day of service.")]
Last = Annotated[Date | None, Query(description="The last day of service.")]


@router.get("/billing/days", operation_id="billing.days")
def days(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None, patient_id: OnePatient = None,
    payer_id: OnePayer = None, claim_id: Id | None = None, owner: Owner = None, from_date: First = None,
    through_date: Last = None,
    state: Annotated[
        State | None, Query(description="billable (what can go on a claim today), waiting, held, billed, not_billable.")
    ] = None,
    reason: Annotated[ReasonCode | None, Query(description="Any reason of the day.")] = None,
) -> Page[DayView]:
    """Decided days in order of the date of service, each with its reasons, money and facts."""
    must_run_forwards(from_date=from_date, through_date=through_date)
    return ask.page(
        queries.days, page, queries.cursor_of, program=program_id, patient=patient_id, patient_id=patient_id,
        payer_id=payer_id, claim_id=claim_id, owner=owner, state=state, reason=reason, from_date=from_date,
        through_date=through_date,
    )


@router.get("/billing/totals", operation_id="billing.totals")
def totals(
    ask: TheAsk, program_id: OneProgram = None, from_date: First = None, through_date: Last = None
) -> Page[TotalView]:
    """Days and money by state and deciding reason: every decided day is in exactly one of them."""
    must_run_forwards(from_date=from_date, through_date=through_date)
    return ask.all(queries.totals, program=program_id, from_date=from_date, through_date=through_date)


@router.get("/billing/months", operation_id="billing.months")
def months(ask: TheAsk, program_id: OneProgram = None) -> Page[MonthView]:
    """Days and money by program, payer, month and state."""
    return ask.all(queries.months, program=program_id)


@router.get("/billing/held", operation_id="billing.held")
def held(ask: TheAsk, program_id: OneProgram = None, owner: Owner = None) -> Page[HeldView]:
    """Who has to do what so that held days can be billed, the oldest first."""
    return ask.all(queries.held, program=program_id, owner=owner)


@router.get("/billing/corrections", operation_id="billing.corrections")
def corrections(
    ask: TheAsk, program_id: OneProgram = None, payer_id: OnePayer = None, claim_id: Id | None = None
) -> Page[CorrectionView]:
    """Claims that are wrong by what is known now: old and new lines, the money, and the frequency code to send."""
    return ask.all(queries.corrections, program=program_id, payer_id=payer_id, claim_id=claim_id)


@router.get("/billing/denied-voids", operation_id="billing.denied_voids")
def denied_voids(ask: TheAsk, program_id: OneProgram = None, payer_id: OnePayer = None) -> Page[ClaimView]:
    """Voids that their payer denied, and replacements of claims whose own answer stands, until a person says whether it
    took them in: reject or acknowledge each."""
    return ask.all(queries.denied_voids, program=program_id, payer_id=payer_id)


@router.get("/billing/authorizations", operation_id="billing.authorizations")
def authorizations(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None, patient_id: OnePatient = None,
    ends_before: Annotated[Date | None, Query(description="Only those whose last day is before this one.")] = None,
    remaining_at_most: Annotated[int | None, Query(ge=0, le=10_000, description="Only with so few units left.")] = None,
) -> Page[LedgerView]:
    """The authorization ledger, the first to end first: units allowed, reserved, drawn and left."""
    return ask.page(
        queries.authorizations, page, queries.cursor_of, program=program_id, patient=patient_id,
        patient_id=patient_id, ends_before=ends_before, remaining_at_most=remaining_at_most,
    )


@router.get("/billing/claims", operation_id="billing.claims")
def claims(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None, patient_id: OnePatient = None,
    payer_id: OnePayer = None,
    status: Annotated[ClaimState | None, Query(description="Only claims that stand so, such as submitted.")] = None,
) -> Page[ClaimView]:
    """Claims in order of their first day, with what the payer answered."""
    return ask.page(
        queries.claims, page, queries.cursor_of, program=program_id, patient=patient_id, patient_id=patient_id,
        payer_id=payer_id, status=status,
    )


@router.get("/claims/{claim_id}", operation_id="billing.claim", responses=PAST)
def claim(ask: TheAsk, claim_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[ClaimView]:
    """One claim; now or as known then."""
    return ask.one(queries.claim, then=Then(as_of, queries.claim_from_rows), stream=claim_id, claim_id=claim_id)


@router.get("/patients/{patient_id}/days", operation_id="billing.patient_days", responses=PAST)
def patient_days(ask: TheAsk, page: ThePage, patient: ThePatient, as_of: AsOf = None) -> Page[DayView]:
    """A patient's decided days; now or as known then."""
    then = Then(as_of, queries.from_rows)
    return ask.page(queries.days, page, queries.cursor_of, then=then, patient=patient, patient_id=patient)


@router.get("/patients/{patient_id}/days/{date}", operation_id="billing.patient_day", responses=PAST)
def patient_day(
    request: Request, ask: TheAsk, patient: ThePatient, date: Annotated[Date, Path()], as_of: AsOf = None
) -> Page[TraceView]:
    """How a day was decided, one trace an episode: every rule asked, its answer, numbers and facts, in words, and what
    is to be looked at beside it."""
    then = Then(as_of, queries.decided_from_rows)
    found = ask.all(queries.decided, then=then, patient=patient, patient_id=patient, service_date=date)
    log: Log = request.app.state.services.documenting.log
    told = traces(
        log, ask.gate, ask.caller.role, found.items, found.position, found.now, past=as_of is not None
    )
    return Page(position=found.position, now=found.now, items=told, next=None)


@router.get("/patients/{patient_id}/weeks/{monday}", operation_id="billing.patient_week", responses=PAST)
def patient_week(
    ask: TheAsk, patient: ThePatient, monday: Annotated[Monday, Path()], as_of: AsOf = None
) -> One[WeekView]:
    """One week of a patient, by its Monday; now or as known then."""
    then = Then(as_of, queries.week_from_rows)
    return ask.one(queries.week, then=then, patient=patient, patient_id=patient, monday=monday)


@router.get("/patients/{patient_id}/authorizations", operation_id="billing.patient_authorizations", responses=PAST)
def patient_authorizations(ask: TheAsk, page: ThePage, patient: ThePatient, as_of: AsOf = None) -> Page[LedgerView]:
    """A patient's authorizations, the first to end first; now or as known then."""
    then = Then(as_of, queries.authorizations_from_rows)
    return ask.page(queries.authorizations, page, queries.cursor_of, then=then, patient=patient, patient_id=patient)


@router.get("/patients/{patient_id}/claims", operation_id="billing.patient_claims", responses=PAST)
def patient_claims(ask: TheAsk, page: ThePage, patient: ThePatient, as_of: AsOf = None) -> Page[ClaimView]:
    """A patient's claims in order of their first day; now or as known then."""
    then = Then(as_of, queries.claims_from_rows)
    return ask.page(queries.claims, page, queries.cursor_of, then=then, patient=patient, patient_id=patient)
