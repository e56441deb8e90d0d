"""A reviewer's questions put to our own bills of a period, as they stood at any moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from aggregates.values import Date, Id
from api.asking import PAST, AsOf, One, OneProgram, TheAsk
from api.gate import Question
from api.problems import declared
from api.self_audit import audited
from projections.billing.self_audit import SelfAuditView, Window

router = APIRouter(prefix="/v1/billing", tags=["billing"], responses=declared(401, 403, 404, 422, 503))


@router.get("/self-audit", operation_id="billing.self_audit", responses=PAST)
def self_audit(
    ask: TheAsk, from_date: Annotated[Date, Query(description="The first day of service.")],
    to_date: Annotated[Date, Query(description="The last day of service.")], as_of: AsOf = None,
    program_id: OneProgram = None, payer_id: Annotated[Id | None, Query(description="Only this payer.")] = None,
    sample: Annotated[int | None, Query(ge=1, le=10_000, description="How many days to draw; left out: all.")] = None,
    seed: Annotated[str, Query(max_length=200, description="By which they are drawn.")] = "",
) -> One[SelfAuditView]:
    """What a reviewer would find in the billed days of a period, question by question, and what it exposes."""
    programs = sorted(ask.caller.programs) if program_id is None else [program_id]
    window = Window(from_date, to_date, program_id, payer_id, sample, seed)
    question = Question(ask.caller, ask.name, "payment")
    return ask.shown(audited(ask.gate, question, window, programs=programs, as_of=as_of))
