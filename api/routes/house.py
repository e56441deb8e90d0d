"""Who is asking, and whether the house stands."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from aggregates.values import Id, Instant, Role
from api.access import ORDERS, QUESTIONS
from api.asking import TheAsk
from api.gate import NotProjectedYet, Standing
from api.problems import declared
from api.services import Metrics
from iop_es.engine.errors import StoreUnavailable

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
    """How the process and its store stand; what only the store knows is null while the database is away."""

    database: Literal["up", "away"]
    now: Instant | None = Field(description="What counts as now: the clock, or in a simulation the last fact's time.")
    simulation: bool | None = Field(description="Whether the log keeps a simulated clock.")
    head: int | None = Field(description="The log's last position.")
    sealed: int | None = Field(description="How far the log is sealed by a signed checkpoint.")
    takes_facts: bool | None = Field(description="False while what is here is not what was sealed.")
    ready: bool = Field(description="Whether the database answers and every read model of this release is built.")
    parked: int = Field(description="Patients parked in any read model, each read model counted.")
    read_models: dict[str, Behind]


AWAY = Health(
    database="away", now=None, simulation=None, head=None, sealed=None, takes_facts=None, ready=False, parked=0,
    read_models={},
)  # fmt: skip


@router.get("/v1/me", operation_id="me", tags=["house"], responses=declared(401, 403, 503))
def me(ask: TheAsk) -> Me:
    """Who the token says you are, and what you may do."""
    caller = ask.caller
    return Me(
        person=caller.person, role=caller.role, programs=sorted(caller.programs),
        orders=[name for name, row in ORDERS.items() if caller.role in row.roles],
        questions=[name for name, row in QUESTIONS.items() if caller.role in row.roles],
    )


@router.get("/health", operation_id="health", tags=["house"])
def health(request: Request) -> Health:
    """Whether this process lives, which needs no database, and how the store stands; needs no token.

    Live: it answered. Ready: `ready`. Behind: the age of the oldest fact that a read model does not show.
    """
    try:
        return _told(request.app.state.services.gate.standing())
    except StoreUnavailable:
        return AWAY


@router.get("/health/ready", operation_id="ready", tags=["house"], responses=declared(503))
def ready(request: Request) -> Health:
    """The same when requests can be answered, else a problem; needs no token.

    It is one while the database is away, or while a read model of this release is not built.
    """
    standing = request.app.state.services.gate.standing()
    if standing.missing:
        them = ", ".join(standing.missing)
        raise NotProjectedYet(f"This release's {them} must be built first: run `iop-es rebuild`, then ask again.")
    return _told(standing)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """What is measured, for Prometheus; needs no token, and names nobody."""
    measured: Metrics | None = request.app.state.services.metrics
    if measured is None:
        raise HTTPException(404)
    body, kind = measured(request.headers.get("accept", ""))
    return Response(body, media_type=None, headers={"Content-Type": kind})


def _told(standing: Standing) -> Health:
    behind = {
        name: Behind(
            version=one.version, position=one.position, facts_behind=max(0, one.facts_behind),
            seconds_behind=max(0.0, round(one.seconds_behind, 3)), parked=one.parked, held=one.held,
        )
        for name, one in sorted(standing.read_models.items())
    }  # fmt: skip
    return Health(
        database="up", now=standing.now, simulation=standing.simulation, head=standing.head, sealed=standing.sealed,
        takes_facts=standing.refusal is None, ready=not standing.missing,
        parked=sum(one.parked for one in behind.values()), read_models=behind,
    )
