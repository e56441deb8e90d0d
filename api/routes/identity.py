"""Who a patient is to the outside: found by the medical record number, read and corrected as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from aggregates.patient.facts import CoverageIdentity, Identity
from aggregates.patient.identity import NUMBER_KIND, reservation_key
from aggregates.patient.state import Coverage, Patient
from aggregates.values import Date, Id, Label
from api.access import may_see
from api.asking import PAST, AsOf, One, TheAsk
from api.problems import declared
from api.routes.record import folded
from iop_es.engine.log import StoredFact

router = APIRouter(prefix="/v1", tags=["identity"], responses=declared(401, 403, 404, 422, 503))


class PatientFound(BaseModel):
    """A patient's id."""

    patient_id: Id


class MemberView(BaseModel):
    """What a payer calls the patient."""

    coverage_id: Id
    payer_id: Id
    plan: str
    rank: int = Field(description="1 primary, 2 secondary, 3 tertiary.")
    relationship: str = Field(description="The patient's relationship to the subscriber.")
    effective_from: Date
    effective_through: Date | None = Field(description="Last day; null: open.")
    member: CoverageIdentity | None = Field(description="Numbers and subscriber; null: none given, or unreadable.")


class IdentityView(BaseModel):
    """The whole identity as it is known at the moment asked about."""

    patient_id: Id
    version: int = Field(description="For If-Match; also the ETag.")
    identity: Identity | None = Field(
        description="Null: no longer readable. The social security number stands there only for roles that may correct "
        "it: a correction replaces the whole, so it must send every part again."
    )
    coverages: list[MemberView] = Field(description="By rank, then the latest first.")


@router.get("/patients", operation_id="patient.find")
def find(
    ask: TheAsk, medical_record_number: Annotated[Label, Query(description="The exact number.")]
) -> One[PatientFound]:
    """The patient of a medical record number, if that patient is yours to see."""
    return ask.holder(NUMBER_KIND, reservation_key(medical_record_number), lambda held: PatientFound(patient_id=held))


@router.get("/patients/{patient_id}/identity", operation_id="patient.identity", responses=PAST)
def identity(ask: TheAsk, patient_id: Annotated[Id, Path()], as_of: AsOf = None) -> One[IdentityView]:
    """Name, birth date, numbers and address, now or as known then, with the ETag that a correction of them wants."""
    whole = may_see(ask.caller.role, "patient.identity", "social_security_number")
    return ask.stream(patient_id, lambda facts: _identity(facts, whole=whole), as_of, of_patient=True)


def _identity(facts: Sequence[StoredFact], *, whole: bool) -> IdentityView | None:
    if not facts or not facts[0].topic.startswith("patient."):
        return None
    state: Patient = folded("patient", facts)
    known = state.identity
    if known is not None and not whole:
        known = replace(known, social_security_number=None)
    covered = sorted(state.coverages, key=lambda one: one.recorded.effective_from, reverse=True)
    return IdentityView(
        patient_id=facts[0].stream, version=facts[-1].version, identity=known,
        coverages=[_member(one) for one in sorted(covered, key=lambda one: one.recorded.rank)],
    )


def _member(coverage: Coverage) -> MemberView:
    given: dict[str, Any] = {
        name: getattr(coverage.recorded, name)
        for name in ("coverage_id", "payer_id", "plan", "rank", "relationship", "effective_from")
    }
    return MemberView(**given, effective_through=coverage.effective_through, member=coverage.recorded.sealed)
