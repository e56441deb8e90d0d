"""Every query as a route: the read models one by one, what the log says of one thing, and the house itself; and the
orders that are more than one command."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    accounts,
    audit,
    billing,
    caseload,
    charges,
    claims,
    clinic,
    cohorts,
    continued_stay,
    documentation,
    house,
    identity,
    log,
    outcomes,
    packets,
    pictures,
    printing,
    record,
    self_audit,
    signatures,
    unmatched,
    verification,
    worklists,
)


def query_routers() -> list[APIRouter]:
    """One router a read model, and the others for what none of them holds."""
    return [
        caseload.router, clinic.router, billing.router, claims.router, charges.router, worklists.router,
        accounts.router, self_audit.router, outcomes.router, cohorts.router, pictures.router, audit.router,
        record.router, printing.router, continued_stay.router, signatures.router, verification.router,
        documentation.router, identity.router, unmatched.router, log.router, packets.router, house.router,
    ]  # fmt: skip
