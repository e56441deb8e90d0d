"""What a patient's record remembers. Folding judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from aggregates.days import covers
from aggregates.patient.facts import (
    AmendmentAnswered,
    AmendmentRequested,
    ConfidentialContactSet,
    ConsentRevoked,
    ConsentSigned,
    CoverageEnded,
    CoverageRecorded,
    DemographicsCorrected,
    DisagreementFiled,
    DisclosureRestricted,
    EligibilityChecked,
    GuardianEnded,
    GuardianRecorded,
    Identity,
    PatientDistinguished,
    PatientRegistered,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """No patient is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A coverage and its last day as known now (None: open)."""

    recorded: CoverageRecorded
    effective_through: str | None
    ended: CoverageEnded | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A signed consent and when it was revoked, if it was."""

    signed: ConsentSigned
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian and the last day on which they may act (None: open)."""

    recorded: GuardianRecorded
    ended_on: str | None = None


@dataclass(frozen=True, slots=True)
class AmendmentRequest:
    """A request to amend the record, how it was answered, and the disagreement with a denial."""

    requested: AmendmentRequested
    answer: AmendmentAnswered | None = None
    disagreement: DisagreementFiled | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """A registered patient. `identity` is None when its sealed part was not opened."""

    registered: PatientRegistered
    identity: Identity | None
    year_of_birth: int
    coverages: tuple[Coverage, ...] = ()
    eligibility_checks: tuple[EligibilityChecked, ...] = ()
    consents: tuple[Consent, ...] = ()
    guardians: tuple[Guardian, ...] = ()
    contact: ConfidentialContactSet | None = None
    restrictions: tuple[DisclosureRestricted, ...] = ()
    amendment_requests: tuple[AmendmentRequest, ...] = ()
    distinguished: tuple[PatientDistinguished, ...] = ()

    @property
    def patient_id(self) -> str | None:
        """The stream's id."""
        return self.registered.patient_id

    def first_coverage_on(self, day: str) -> CoverageRecorded | None:
        """The coverage that pays first on a day: of the lowest rank that is active."""
        active = [
            one.recorded for one in self.coverages
            if covers(one.recorded.effective_from, one.effective_through, day)
        ]
        return min(active, key=lambda one: (one.rank, one.coverage_id), default=None)

    def guardian_on(self, guardian_id: str, day: str) -> bool:
        """Whether this guardian may act on the day."""
        return any(
            one.recorded.guardian_id == guardian_id and covers(one.recorded.effective_from, one.ended_on, day)
            for one in self.guardians
        )


State = NotRegistered | Patient


def evolve(state: State, fact: object) -> State:
    """The state after the fact."""
    if isinstance(fact, PatientRegistered):
        return Patient(registered=fact, identity=fact.sealed, year_of_birth=fact.year_of_birth)
    return _evolved(state, fact) if isinstance(state, Patient) else state


def _evolved(state: Patient, fact: object) -> Patient:  # noqa: C901, PLR0911, PLR0912 # one arm a fact
    match fact:
        case DemographicsCorrected():
            return replace(state, identity=fact.sealed, year_of_birth=fact.year_of_birth)
        case PatientDistinguished():
            return replace(state, distinguished=(*state.distinguished, fact))
        case CoverageRecorded():
            return replace(state, coverages=(*state.coverages, Coverage(fact, fact.effective_through)))
        case CoverageEnded():
            return replace(state, coverages=_mapped(state.coverages, lambda one: _ended(one, fact)))
        case EligibilityChecked():
            return replace(state, eligibility_checks=(*state.eligibility_checks, fact))
        case ConsentSigned():
            return replace(state, consents=(*state.consents, Consent(fact)))
        case ConsentRevoked():
            return replace(state, consents=_mapped(state.consents, lambda one: _revoked(one, fact)))
        case GuardianRecorded():
            return replace(state, guardians=(*state.guardians, Guardian(fact)))
        case GuardianEnded():
            return replace(state, guardians=_mapped(state.guardians, lambda one: _dismissed(one, fact)))
        case ConfidentialContactSet():
            return replace(state, contact=fact)
        case DisclosureRestricted():
            return replace(state, restrictions=(*state.restrictions, fact))
        case AmendmentRequested():
            return replace(state, amendment_requests=(*state.amendment_requests, AmendmentRequest(fact)))
        case AmendmentAnswered() | DisagreementFiled():
            return replace(
                state, amendment_requests=_mapped(state.amendment_requests, lambda one: _furthered(one, fact))
            )
        case _:
            return state


def _mapped(items: tuple[T, ...], change: Callable[[T], T]) -> tuple[T, ...]:
    return tuple(change(one) for one in items)


def _ended(coverage: Coverage, fact: CoverageEnded) -> Coverage:
    if coverage.recorded.coverage_id != fact.coverage_id:
        return coverage
    return replace(coverage, effective_through=fact.ended_on, ended=fact)


def _revoked(consent: Consent, fact: ConsentRevoked) -> Consent:
    return replace(consent, revoked_at=fact.revoked_at) if consent.signed.consent_id == fact.consent_id else consent


def _dismissed(guardian: Guardian, fact: GuardianEnded) -> Guardian:
    return replace(guardian, ended_on=fact.ended_on) if guardian.recorded.guardian_id == fact.guardian_id else guardian


def _furthered(request: AmendmentRequest, fact: AmendmentAnswered | DisagreementFiled) -> AmendmentRequest:
    if request.requested.request_id != fact.request_id:
        return request
    if isinstance(fact, AmendmentAnswered):
        return replace(request, answer=fact)
    return replace(request, disagreement=fact)
