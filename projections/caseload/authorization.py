"""One authorization: what the payer allows, and through which day. Its units are drawn in billing."""

from __future__ import annotations

import msgspec

from aggregates.authorization.facts import (
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationExtended,
    AuthorizationRequested,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand, unchanged

AUTHORIZATION = Table("authorization", (
    "authorization_id", "patient_id", "enrollment_id", "program_id", "payer_id", "level_of_care", "procedure_code",
    "state", "requested_on", "decided_on", "valid_from", "valid_through", "units", "unit_basis", "version",
))


class Authorization(msgspec.Struct, omit_defaults=True, tag="authorization"):
    """An authorization; `state` is requested, approved, denied or voided; the period is first the one asked for."""

    patient_id: str | None = None
    enrollment_id: str | None = None
    program_id: str | None = None
    payer_id: str | None = None
    level_of_care: str | None = None
    procedure_code: str | None = None
    state: str = "requested"
    requested_on: str | None = None
    decided_on: str | None = None
    valid_from: str | None = None
    valid_through: str | None = None
    units: int = 0
    unit_basis: str | None = None
    version: int = 0


def _requested(one: Authorization, recorded: Recorded) -> None:
    fact: AuthorizationRequested = recorded.fact
    for name in (
        "patient_id", "enrollment_id", "program_id", "payer_id", "level_of_care", "procedure_code", "requested_on",
        "valid_from", "valid_through", "units", "unit_basis",
    ):
        setattr(one, name, getattr(fact, name))


def _approved(one: Authorization, recorded: Recorded) -> None:
    fact: AuthorizationApproved = recorded.fact
    one.state = "approved"
    for name in ("procedure_code", "decided_on", "valid_from", "valid_through", "units", "unit_basis"):
        setattr(one, name, getattr(fact, name))


def _extended(one: Authorization, recorded: Recorded) -> None:
    fact: AuthorizationExtended = recorded.fact
    one.units += fact.added_units
    one.valid_through, one.decided_on = fact.valid_through, fact.decided_on


def _denied(one: Authorization, recorded: Recorded) -> None:
    fact: AuthorizationDenied = recorded.fact
    one.state, one.decided_on = "denied", fact.decided_on


def _voided(one: Authorization, _recorded: Recorded) -> None:
    one.state = "voided"


APPLY: dict[str, Hand] = {
    "authorization.requested": _requested,
    "authorization.review_submitted": unchanged,
    "authorization.peer_to_peer_held": unchanged,
    "authorization.payer_contact_logged": unchanged,
    "authorization.approved": _approved,
    "authorization.extended": _extended,
    "authorization.denied": _denied,
    "authorization.voided": _voided,
}


def settle(authorization_id: str, one: Authorization) -> Rows:
    """The authorization's row."""
    row = (
        authorization_id, one.patient_id, one.enrollment_id, one.program_id, one.payer_id, one.level_of_care,
        one.procedure_code, one.state, one.requested_on, one.decided_on, one.valid_from, one.valid_through, one.units,
        one.unit_basis, one.version,
    )
    return {"authorization": {(authorization_id,): [] if one.patient_id is None else [row]}}
