"""Claims prepared from the days that billing decided, and wrong ones put right (see `api.claiming`)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from aggregates.claim.commands import PrepareClaim
from aggregates.values import ClaimId, Date, Id, PatientId
from api import turned_away
from api.access import may_order
from api.claiming import BILLING, Made, Remedy, Wanted, billable, left, order_of, remedies
from api.commands.handle import Commands
from api.commands.order import Answer, NotPermitted, Reply
from api.filters import ServiceDays
from api.gate import Gate, Question
from api.identity import Caller, TheCaller
from api.problems import declared
from api.routes.signatures import Refused, refused
from api.strict import StrictRoute
from iop_es.engine.log import Log
from projections.billing.claims import OUT_OF_TURN
from projections.billing.views import CorrectionView

router = APIRouter(
    prefix="/v1/claims", tags=["claim"], route_class=StrictRoute,
    responses=declared(400, 401, 403, 404, 409, 413, 422, 503),
)
MOST = 100
"""Claims of one answer, which share one append."""


class WantedBody(ServiceDays):
    """Which days are to go on claims; what is left out does not narrow."""

    program_id: Id | None = Field(None, description="Only this program, one of your token's.")
    payer_id: Id | None = Field(None, description="Only this payer; of secondary claims, the second one.")
    period: Literal["week", "month"] = Field("week", description="What one claim covers, where the payer says nothing.")
    secondary: bool = Field(False, description="Of claims that their payer answered, what is left for the second one.")
    dry_run: bool = Field(False, description="Show what would be prepared, and record nothing.")


class CorrectBody(BaseModel):
    """Whether to do it."""

    model_config = ConfigDict(extra="forbid")
    dry_run: bool = Field(False, description="Show what would be done, and record nothing.")


class ClaimMade(BaseModel):
    """A claim as it was prepared from its days, or why it was refused."""

    claim_id: ClaimId
    patient_id: PatientId
    payer_id: Id
    frequency: str
    from_date: Date
    through_date: Date
    total_cents: int
    lines: int = Field(description="How many.")
    facts: list[str] = Field(description="Names of the new facts; empty when it was already so, or not to be done.")
    refused: Refused | None


class NotOnClaim(BaseModel):
    """A day that goes on no claim, out of turn, or is to be looked at before its claim leaves, with why."""

    patient_id: PatientId
    service_date: Date | None = Field(description="The day; null: what an answered claim left.")
    claim_id: ClaimId | None = Field(description="The answered claim; null: a day.")
    why: str


class ClaimsMade(BaseModel):
    """The claims of one call. `decided_at` is the position at which their days were decided."""

    decided_at: int
    claims: list[ClaimMade]
    more: int = Field(description=f"How many are left; one call prepares {MOST} at most.")
    beside: list[NotOnClaim]


class ClaimCorrected(BaseModel):
    """What was wrong with a claim, and what came of putting it right."""

    correction: CorrectionView | None = Field(description="Null: by what is known now there is nothing to correct.")
    action: str | None
    prepared_claim_id: ClaimId | None = Field(description="The replacement or void that was prepared.")
    facts: list[str]
    waits: str | None = Field(description="Why nothing is to be done yet.")
    refused: Refused | None


@router.post("/prepare", operation_id="claim.prepare_due")
async def prepare(request: Request, caller: TheCaller, body: WantedBody) -> ClaimsMade:
    """Prepares claims from the days that can be billed now; their lines are what billing decided, and nobody else says
    what they are."""
    doors, log = _doors(request, caller), request.app.state.services.documenting.log
    return await run_in_threadpool(_prepare, log, *doors, caller, body, await _seen(request))


@router.post("/{claim_id}/correct", operation_id="claim.correct")
async def correct(
    request: Request, caller: TheCaller, claim_id: Annotated[ClaimId, Path()], body: CorrectBody
) -> ClaimCorrected:
    """Puts a claim right that is wrong by what is known now: a replacement (frequency 7) or a void (8) is prepared for
    what the payer has, and what was never sent is voided here. Also one that only its payer says is wrong, denied as to
    be corrected: its lines are sent again, or where it was unprocessable as a whole (MA130) it is voided here and its
    days go on a new claim."""
    doors = _doors(request, caller)
    return await run_in_threadpool(_correct, *doors, caller, claim_id, body, await _seen(request))


def _prepare(
    log: Log, gate: Gate, commands: Commands, caller: Caller, body: WantedBody, least: int
) -> ClaimsMade:
    programs = sorted(caller.programs) if body.program_id is None else [body.program_id]
    wanted = Wanted(programs, body.payer_id, body.from_date, body.through_date, body.period)
    question = Question(caller, "claim.prepare_due", "payment", body.program_id)
    make = left if body.secondary else partial(billable, log)
    made = make(gate, question, wanted, least=least, simulation=commands.simulation())
    due = made.claims[:MOST]
    answers: list[Answer | None] = [None] * len(due)
    if due and not body.dry_run:
        answers = [*commands.handle_all([order_of(caller, PrepareClaim, one) for one in due])]
        turned_away.recorded(gate, caller, "claim.prepare_due", answers)
    return ClaimsMade(
        decided_at=made.position, claims=[_made(one, answer) for one, answer in zip(due, answers, strict=True)],
        more=len(made.claims) - len(due), beside=_beside(made),
    )


def _correct(
    gate: Gate, commands: Commands, caller: Caller, claim_id: ClaimId, body: CorrectBody, least: int
) -> ClaimCorrected:
    found = remedies(
        gate, Question(caller, "claim.correct", "payment"), sorted(caller.programs), claim_id,
        least=least, simulation=commands.simulation(), known=True,
    )  # fmt: skip
    if not found:
        return ClaimCorrected(
            correction=None, action=None, prepared_claim_id=None, facts=[], waits=None, refused=None
        )
    return _corrected(found[0], caller, gate, commands, body.dry_run)


def _corrected(remedy: Remedy, caller: Caller, gate: Gate, commands: Commands, dry_run: bool) -> ClaimCorrected:
    answer: Answer | None = None
    if remedy.command is not None and remedy.data is not None and not dry_run:
        (answer,) = commands.handle_all([order_of(caller, remedy.command, remedy.data)])
        turned_away.recorded(gate, caller, "claim.correct", [answer])
    prepares = remedy.command is PrepareClaim and remedy.data is not None
    return ClaimCorrected(
        correction=remedy.wrong.correction, action=remedy.action, waits=remedy.refused,
        prepared_claim_id=remedy.data["claim_id"] if prepares and remedy.data else None, **_came_of(answer),
    )


def _doors(request: Request, caller: Caller) -> tuple[Gate, Commands]:
    """Both prepare claims, so whoever may not order one asks neither. Raises NotPermitted."""
    services = request.app.state.services
    if not may_order(caller.role, PrepareClaim):
        raise NotPermitted
    return services.gate, services.documenting.commands


async def _seen(request: Request) -> int:
    """How much of the log billing has seen at least. Raises NotCaughtUp."""
    seen: int = await request.app.state.services.caught_up(BILLING)
    return seen


def _made(data: dict[str, Any], answer: Answer | None) -> ClaimMade:
    shown = {name: data[name] for name in (
        "claim_id", "patient_id", "payer_id", "frequency", "from_date", "through_date", "total_cents",
    )}  # fmt: skip
    return ClaimMade(**shown, lines=len(data["lines"]), **_came_of(answer))


def _came_of(answer: Answer | None) -> dict[str, Any]:
    return {
        "facts": list(answer.facts) if isinstance(answer, Reply) else [],
        "refused": refused(answer) if isinstance(answer, Exception) else None,
    }


def _beside(made: Made) -> list[NotOnClaim]:
    days = [
        *((one.day, one.why) for one in (*made.left_out, *made.to_look_at)),
        *((day, OUT_OF_TURN) for day in made.out_of_turn),
    ]
    return [
        *(NotOnClaim(patient_id=day.patient_id, service_date=day.service_date, claim_id=None, why=why)
          for day, why in days),
        *(NotOnClaim(patient_id=one.due.patient_id, service_date=None, claim_id=one.due.claim_id, why=one.why)
          for one in made.not_ready),
    ]  # fmt: skip
