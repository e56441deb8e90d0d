"""Every query as a route: the read models one by one, what the log says of one thing, and the house itself."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import audit, billing, caseload, house, outcomes, record


def query_routers() -> list[APIRouter]:
    """One router a read model, and two for what none of them holds."""
    return [caseload.router, billing.router, outcomes.router, audit.router, record.router, house.router]
