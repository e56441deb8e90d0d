"""Who is asking, and whether the house stands."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aggregates.values import Id, Instant, Role
from api.asking import TheAsk
from api.permissions import ORDERS, QUESTIONS
from api.problems import declared

router = APIRouter()


class Me(BaseModel):
    """The caller, as the token says, and what that role may do."""

    person: Id
    role: Role
    programs: list[Id] = Field(description="The programs in which the person acts.")
    orders: list[str] = Field(description="Names of the commands that the role may order.")
    questions: list[str] = Field(description="Names of the queries that the role may ask.")


class Behind(BaseModel):
    """How far a read model has come."""

    position: int
    facts_behind: int = Field(description="Facts of the log that it does not show yet.")
    seconds_behind: float = Field(description="Age of the first of them; 0 when it shows all.")


class Health(BaseModel):
    """How the store stands."""

    database: str = Field(description="up; when it is away the answer is a 503 problem.")
    now: Instant = Field(description="What counts as now: the clock, or in a simulation the last fact's time.")
    simulation: bool = Field(description="Whether the log keeps a simulated clock.")
    head: int = Field(description="The log's last position.")
    read_models: dict[str, Behind]


@router.get("/v1/me", operation_id="me", tags=["house"], responses=declared(401, 403, 503))
def me(ask: TheAsk) -> Me:
    """Who the token says you are, and what you may do."""
    caller = ask.caller
    return Me(
        person=caller.person, role=caller.role, programs=sorted(caller.programs),
        orders=[name for name, roles in ORDERS.items() if caller.role in roles],
        questions=[name for name, roles in QUESTIONS.items() if caller.role in roles],
    )


@router.get("/health", operation_id="health", tags=["house"], responses=declared(503))
def health(request: Request) -> Health:
    """Whether the database answers, and how far each read model is behind the log; needs no token."""
    standing = request.app.state.services.gate.standing()
    return Health(
        database="up", now=standing.now, simulation=standing.simulation, head=standing.head,
        read_models={
            name: Behind(
                position=position, facts_behind=max(0, standing.head - position),
                seconds_behind=_seconds(standing.waiting_since.get(name), standing.now),
            )
            for name, position in sorted(standing.positions.items())
        },
    )


def _seconds(since: str | None, now: str) -> float:
    if since is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds())
