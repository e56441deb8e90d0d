"""One patient outside any episode: the sealed name, and coverage."""

from __future__ import annotations

import msgspec

from aggregates.codec import encode
from aggregates.patient.facts import (
    CoverageEnded,
    CoverageRecorded,
    DemographicsCorrected,
    EligibilityChecked,
    PatientRegistered,
)
from iop_es.engine.readmodel.fold import Recorded, Rows, Table
from projections.caseload.fold import Hand
from projections.caseload.names import seal_name

PATIENT = Table("patient", ("patient_id", "year_of_birth", "name_fact", "name_version", "sealed_name"))
COVERAGE = Table("coverage", (
    "patient_id", "coverage_id", "payer_id", "plan", "rank", "relationship", "effective_from", "effective_through",
    "checked_for", "eligible",
))
NAMED = frozenset({"patient.registered", "patient.demographics_corrected"})


class Coverage(msgspec.Struct, omit_defaults=True):
    """A period of coverage and the eligibility answer for the latest day that was asked about."""

    payer_id: str
    plan: str
    rank: int
    relationship: str
    effective_from: str
    effective_through: str | None = None
    checked_for: str | None = None
    eligible: bool | None = None


class Patient(msgspec.Struct, omit_defaults=True, tag="patient"):
    """A patient; the name's bytes came with the fact `name_fact` at version `name_version` of the patient's stream."""

    year_of_birth: int | None = None
    name_fact: str | None = None
    name_version: int | None = None
    sealed_name: bytes | None = None
    coverages: dict[str, Coverage] = {}
    version: int = 0


def _named(patient: Patient, recorded: Recorded) -> None:
    fact: PatientRegistered | DemographicsCorrected = recorded.fact
    patient.year_of_birth = fact.year_of_birth
    patient.name_fact, patient.name_version = recorded.name, recorded.version
    _, _, identity = encode(fact)
    patient.sealed_name = None if identity is None else seal_name(recorded.stream, identity)


def _covered(patient: Patient, recorded: Recorded) -> None:
    fact: CoverageRecorded = recorded.fact
    patient.coverages[fact.coverage_id] = Coverage(
        fact.payer_id, fact.plan, fact.rank, fact.relationship, fact.effective_from, fact.effective_through
    )


def _uncovered(patient: Patient, recorded: Recorded) -> None:
    fact: CoverageEnded = recorded.fact
    if fact.coverage_id in patient.coverages:
        patient.coverages[fact.coverage_id].effective_through = fact.ended_on


def _checked(patient: Patient, recorded: Recorded) -> None:
    fact: EligibilityChecked = recorded.fact
    coverage = patient.coverages.get(fact.coverage_id)
    if coverage is not None and fact.for_date >= (coverage.checked_for or ""):
        coverage.checked_for, coverage.eligible = fact.for_date, fact.active


APPLY: dict[str, Hand] = {
    "patient.registered": _named,
    "patient.demographics_corrected": _named,
    "patient.coverage_recorded": _covered,
    "patient.coverage_ended": _uncovered,
    "patient.eligibility_checked": _checked,
}


def settle(patient_id: str, patient: Patient) -> Rows:
    """The patient's row and coverages."""
    known = (patient_id, patient.year_of_birth, patient.name_fact, patient.name_version, patient.sealed_name)
    coverages = [
        (patient_id, coverage_id, one.payer_id, one.plan, one.rank, one.relationship, one.effective_from,
         one.effective_through, one.checked_for, one.eligible)
        for coverage_id, one in patient.coverages.items()
    ]  # fmt: skip
    return {
        "patient": {(patient_id,): [] if patient.year_of_birth is None else [known]},
        "coverage": {(patient_id,): coverages},
    }
