"""One patient outside any episode: the sealed name, coverage, consents and guardians."""

from __future__ import annotations

import msgspec

from aggregates.patient.facts import (
    ConsentRevoked,
    ConsentSigned,
    CoverageEnded,
    CoverageRecorded,
    DemographicsCorrected,
    EligibilityChecked,
    GuardianEnded,
    GuardianRecorded,
    PatientRegistered,
)
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand

PATIENT = Table("patient", ("patient_id", "year_of_birth", "name_fact", "name_version", "sealed_name"))
COVERAGE = Table("coverage", (
    "patient_id", "coverage_id", "payer_id", "plan", "rank", "relationship", "effective_from", "effective_through",
    "checked_for", "eligible",
))
CONSENT = Table("consent", (
    "patient_id", "consent_id", "kind", "purpose", "programs", "signed_on", "expires_on", "revoked_at", "signed_by",
    "guardian_id",
))
GUARDIAN = Table("guardian", (
    "patient_id", "guardian_id", "relationship", "authority", "effective_from", "ended_on",
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


class Consent(msgspec.Struct, omit_defaults=True):
    """A signed consent, without its words, and when it was revoked."""

    kind: str
    purpose: str
    signed_on: str
    expires_on: str | None
    signed_by: str
    guardian_id: str | None
    programs: tuple[str, ...] = ()
    revoked_at: str | None = None


class Guardian(msgspec.Struct, omit_defaults=True):
    """Who may act for the patient, without a name, and the last day of it."""

    relationship: str
    authority: str
    effective_from: str
    ended_on: str | None = None


class Patient(msgspec.Struct, omit_defaults=True, tag="patient"):
    """A patient; the name's sealed bytes came with the fact `name_fact` at version `name_version` of the stream."""

    year_of_birth: int | None = None
    name_fact: str | None = None
    name_version: int | None = None
    sealed_name: bytes | None = None
    coverages: dict[str, Coverage] = {}
    consents: dict[str, Consent] = {}
    guardians: dict[str, Guardian] = {}
    version: int = 0


def _named(patient: Patient, recorded: Recorded) -> None:
    fact: PatientRegistered | DemographicsCorrected = recorded.fact
    patient.year_of_birth = fact.year_of_birth
    patient.name_fact, patient.name_version = recorded.name, recorded.version
    patient.sealed_name = recorded.sealed


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


def _consented(patient: Patient, recorded: Recorded) -> None:
    fact: ConsentSigned = recorded.fact
    patient.consents[fact.consent_id] = Consent(
        fact.kind, fact.purpose, fact.signed_on, fact.expires_on, fact.signed_by, fact.guardian_id, fact.programs
    )


def _revoked(patient: Patient, recorded: Recorded) -> None:
    fact: ConsentRevoked = recorded.fact
    if fact.consent_id in patient.consents:
        patient.consents[fact.consent_id].revoked_at = fact.revoked_at


def _guarded(patient: Patient, recorded: Recorded) -> None:
    fact: GuardianRecorded = recorded.fact
    patient.guardians[fact.guardian_id] = Guardian(fact.relationship, fact.authority, fact.effective_from)


def _dismissed(patient: Patient, recorded: Recorded) -> None:
    fact: GuardianEnded = recorded.fact
    if fact.guardian_id in patient.guardians:
        patient.guardians[fact.guardian_id].ended_on = fact.ended_on


APPLY: dict[str, Hand] = {
    "patient.registered": _named,
    "patient.demographics_corrected": _named,
    "patient.coverage_recorded": _covered,
    "patient.coverage_ended": _uncovered,
    "patient.eligibility_checked": _checked,
    "patient.consent_signed": _consented,
    "patient.consent_revoked": _revoked,
    "patient.guardian_recorded": _guarded,
    "patient.guardian_ended": _dismissed,
}


def settle(patient_id: str, patient: Patient) -> Rows:
    """The patient's row, coverages, consents and guardians."""
    known = (patient_id, patient.year_of_birth, patient.name_fact, patient.name_version, patient.sealed_name)
    coverages = [
        (patient_id, coverage_id, one.payer_id, one.plan, one.rank, one.relationship, one.effective_from,
         one.effective_through, one.checked_for, one.eligible)
        for coverage_id, one in patient.coverages.items()
    ]  # fmt: skip
    consents = [
        (patient_id, consent_id, one.kind, one.purpose, list(one.programs), one.signed_on, one.expires_on,
         one.revoked_at, one.signed_by, one.guardian_id)
        for consent_id, one in patient.consents.items()
    ]  # fmt: skip
    guardians = [
        (patient_id, guardian_id, one.relationship, one.authority, one.effective_from, one.ended_on)
        for guardian_id, one in patient.guardians.items()
    ]
    return {
        "patient": {(patient_id,): [] if patient.year_of_birth is None else [known]},
        "coverage": {(patient_id,): coverages},
        "consent": {(patient_id,): consents},
        "guardian": {(patient_id,): guardians},
    }
