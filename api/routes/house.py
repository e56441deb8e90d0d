"""Who is asking, and whether the house stands."""

from __future__ import annotations

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

    version: int
    position: int
    facts_behind: int = Field(description="Facts of the log that it does not show yet.")
    seconds_behind: float = Field(description="Age of the first of them; 0 when it shows all.")
    parked: int = Field(description="Patients whose facts are passed over; `iop-es parked` says why.")
    held: bool = Field(description="Whether a projector holds its lease now.")


class Health(BaseModel):
    """How the store stands."""

    database: str = Field(description="up; when it is away the answer is a 503 problem.")
    now: Instant = Field(description="What counts as now: the clock, or in a simulation the last fact's time.")
    simulation: bool = Field(description="Whether the log keeps a simulated clock.")
    head: int = Field(description="The log's last position.")
    ready: bool = Field(description="Whether every read model of this release is built.")
    parked: int = Field(description="Patients parked in any read model, each read model counted.")
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
    """Whether the database answers, and how each read model stands; needs no token.

    Live: it answered. Ready: `ready`. Behind: the age of the oldest fact that a read model does not show.
    """
    standing = request.app.state.services.gate.standing()
    return Health(
        database="up", now=standing.now, simulation=standing.simulation, head=standing.head,
        ready=not standing.missing, parked=sum(one.parked for one in standing.read_models.values()),
        read_models={
            name: Behind(
                version=one.version, position=one.position, facts_behind=max(0, one.facts_behind),
                seconds_behind=max(0.0, round(one.seconds_behind, 3)), parked=one.parked, held=one.held,
            )
            for name, one in sorted(standing.read_models.items())
        },
    )
