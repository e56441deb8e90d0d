"""Accounts: what became of each charge, what a patient owes, what payers refused, and what nobody could place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from aggregates.values import Code, Id
from api.asking import PAST, AsOf, One, OneProgram, Page, TheAsk, Then, ThePage
from api.problems import declared
from projections.billing import self_pay
from projections.billing.accounts import queries
from projections.billing.accounts.views import (
    AccountView,
    CreditView,
    DenialView,
    LineView,
    ProviderAdjustmentView,
    UnmatchedView,
    WriteOffRequestView,
)
from projections.billing.self_pay import SelfPayView

router = APIRouter(prefix="/v1/billing", tags=["billing"], responses=declared(401, 403, 404, 422, 503))
OnePayer = Annotated[Id | None, Query(description="Only this payer.")]
OneCarc = Annotated[Code | None, Query(description="Only this claim adjustment reason code, such as 197.")]


@router.get("/accounts/{patient_id}", operation_id="billing.account", responses=PAST)
def account(
    ask: TheAsk, patient: Annotated[Id, Path(alias="patient_id")], as_of: AsOf = None
) -> One[AccountView]:  # fmt: skip
    """A patient's account: balances, every charged line, overpayments; now or as known then."""
    then = Then(as_of, queries.account_from_rows)
    return ask.one(queries.account, then=then, patient=patient, patient_id=patient)


@router.get("/self-pay", operation_id="billing.self_pay")
def self_pay_days(
    ask: TheAsk, program_id: OneProgram = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
) -> Page[SelfPayView]:
    """Days that no payer is asked for and whose charge is to be posted, taken back, or both, in order of the day."""
    return ask.all(self_pay.due, program=program_id, patient=patient_id, patient_id=patient_id)


@router.get("/unmatched", operation_id="billing.unmatched")
def unmatched(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None,
    assigned: Annotated[bool | None, Query(description="false: what still waits; true: what was assigned.")] = None,
) -> Page[UnmatchedView]:
    """What of payers' files could not be trusted or matched, with why and what to do, in the order of recording."""
    return ask.page(queries.unmatched, page, queries.cursor_of, program=program_id, assigned=assigned)


@router.get("/denials", operation_id="billing.denials")
def denials(
    ask: TheAsk, program_id: OneProgram = None, payer_id: OnePayer = None, carc: OneCarc = None
) -> Page[DenialView]:
    """What payers refused of claims that stand, by payer, group code, CARC and RARC; most money first."""
    return ask.all(queries.denials, program=program_id, payer_id=payer_id, carc=carc)


@router.get("/denials/lines", operation_id="billing.denied_lines")
def denied_lines(
    ask: TheAsk, page: ThePage, program_id: OneProgram = None, payer_id: OnePayer = None, carc: OneCarc = None
) -> Page[LineView]:
    """Refused lines, each with the day and the position of the decision that the denial contests."""
    return ask.page(
        queries.denied_lines, page, queries.cursor_of, program=program_id, payer_id=payer_id, carc=carc
    )


@router.get("/write-off-requests", operation_id="billing.write_off_requests")
def write_off_requests(
    ask: TheAsk, program_id: OneProgram = None,
    patient_id: Annotated[Id | None, Query(description="Only this patient.")] = None,
) -> Page[WriteOffRequestView]:
    """Write-offs that somebody asked for and nobody approved or withdrew, of lines, charges and days, the oldest
    first."""
    return ask.all(queries.write_off_requests, program=program_id, patient=patient_id, patient_id=patient_id)


@router.get("/payer-credits", operation_id="billing.payer_credits")
def payer_credits(ask: TheAsk, program_id: OneProgram = None, payer_id: OnePayer = None) -> Page[CreditView]:
    """What payers paid for claims that were replaced or voided since: to be looked at as overpaid, the oldest first."""
    return ask.all(queries.payer_credits, program=program_id, payer_id=payer_id)


@router.get("/unmatched-takebacks", operation_id="billing.unmatched_takebacks")
def unmatched_takebacks(
    ask: TheAsk, program_id: OneProgram = None, payer_id: OnePayer = None
) -> Page[CreditView]:
    """Claims that payers recovered money for beside their answers, or put that off (PLB), and nothing on record bears
    that out: it moves no credit until the reversal comes or a person records the return."""
    return ask.all(queries.unmatched_takebacks, program=program_id, payer_id=payer_id)


@router.get("/provider-adjustments", operation_id="billing.provider_adjustments")
def provider_adjustments(ask: TheAsk, page: ThePage, program_id: OneProgram = None) -> Page[ProviderAdjustmentView]:
    """What payers settled with the programs beside any claim (PLB), in the order of recording."""
    return ask.page(queries.adjustments, page, queries.cursor_of, program=program_id)
