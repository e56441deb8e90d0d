"""Days that no payer is asked for, charged to their patients (see `api.charging`)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from aggregates.account.commands import PostSelfPayCharge
from aggregates.values import Id, PatientId
from api import turned_away
from api.access import may_order
from api.charging import Charging, Wanted, due
from api.claiming import BILLING, order_of
from api.commands.order import Answer, NotPermitted, Reply
from api.filters import ServiceDays
from api.gate import Question
from api.identity import Caller, TheCaller
from api.problems import declared
from api.routes.signatures import Refused, refused
from api.services import Services
from api.strict import StrictRoute
from projections.billing.self_pay import SelfPayView

router = APIRouter(
    prefix="/v1/accounts", tags=["account"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
NAME = "account.charge_self_pay"
MOST = 50
"""Days of one answer, whose orders share one append."""


class ChargeBody(ServiceDays):
    """Which days are to be charged; what is left out does not narrow."""

    program_id: Id | None = Field(None, description="Only this program, one of your token's.")
    patient_id: PatientId | None = Field(
        None, description="Only this patient. One day of theirs that is not the patient's to pay is refused by name."
    )
    charge_id: Id | None = Field(
        None, description="Only this charge, of which something may be written off: by its name it is posted anew."
    )
    dry_run: bool = Field(False, description="Show what would be done, and record nothing.")


class DayCharged(BaseModel):
    """What was to be done about a day, and what became of it."""

    day: SelfPayView
    posted_charge_id: Id | None = Field(description="The new charge; null: none is posted.")
    facts: list[str] = Field(description="Names of the new facts; empty when it was already so, or not to be done.")
    refused: Refused | None


class DaysCharged(BaseModel):
    """The days of one call. `decided_at` is the position at which they were decided."""

    decided_at: int
    days: list[DayCharged]
    more: int = Field(description=f"How many are left; one call takes {MOST} at most.")
    left_out: list[SelfPayView] = Field(description="Days whose charge has to be named (`by_name` says why).")


@router.post("/charge-self-pay", operation_id=NAME)
async def charge(request: Request, caller: TheCaller, body: ChargeBody) -> DaysCharged:
    """Charges patients for the days that billing has decided to be theirs, and takes back what is decided otherwise by
    now; what a day comes to follows from that decision, and nobody else says it."""
    services: Services = request.app.state.services
    if not may_order(caller.role, PostSelfPayCharge):
        raise NotPermitted
    return await run_in_threadpool(_charge, services, caller, body, await services.caught_up(BILLING))


def _charge(services: Services, caller: Caller, body: ChargeBody, least: int) -> DaysCharged:
    programs = sorted(caller.programs) if body.program_id is None else [body.program_id]
    found = due(
        services.gate, Question(caller, NAME, "payment", body.program_id, body.patient_id),
        Wanted(programs, body.patient_id, body.from_date, body.through_date, body.charge_id), least,
    )  # fmt: skip
    now = found.days[:MOST]
    orders = [[order_of(caller, *step) for step in one.steps] for one in now]
    answers: list[Answer] = []
    if now and not body.dry_run:
        answers = services.documenting.commands.handle_all([order for each in orders for order in each])
        turned_away.recorded(services.gate, caller, NAME, answers)
    left = iter(answers)
    return DaysCharged(
        decided_at=found.position, more=len(found.days) - len(now), left_out=found.left_out,
        days=[_charged(one, [answer for answer, _ in zip(left, one.steps, strict=False)]) for one in now],
    )  # fmt: skip


def _charged(one: Charging, answers: list[Answer]) -> DayCharged:
    wrong = next((answer for answer in answers if isinstance(answer, Exception)), None)
    return DayCharged(
        day=one.view, posted_charge_id=one.posted,
        facts=[fact for answer in answers if isinstance(answer, Reply) for fact in answer.facts],
        refused=refused(wrong) if wrong is not None else None,
    )
