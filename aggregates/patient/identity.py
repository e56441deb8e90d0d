"""Who the patient is: registration and its corrections."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256
from typing import Any

from aggregates.decision import made, not_in_the_future
from aggregates.kit import Act, Claim, Refusal, Release
from aggregates.patient.commands import CorrectDemographics, DistinguishPatient, RegisterPatient
from aggregates.patient.facts import DemographicsCorrected, Identity, PatientDistinguished, PatientRegistered
from aggregates.patient.state import Patient, State

Outcomes = tuple[Any, ...]
NUMBER_KIND = "medical_record_number"


class PatientAlreadyRegistered(Refusal):
    """Another identity is registered under {patient_id}; correct the demographics, or use a new id for a new person."""


class MedicalRecordNumberTaken(Refusal):
    """Another patient has this medical record number; look that patient up, or correct the number."""


class BirthYearImplausible(Refusal):
    """A birth in {year} is before 1900; correct the birth date."""


def reservation_key(number: str) -> str:
    """What a reservation says in place of a medical record number: its SHA-256 in hex, which the log blinds."""
    return sha256(number.encode()).hexdigest()


def register(state: State, command: RegisterPatient, act: Act) -> Outcomes:
    """The outcomes of a registration."""
    identity = command.identity
    _must_be_born(act, identity)
    fact = PatientRegistered(
        patient_id=command.patient_id,
        year_of_birth=_year(identity),
        has_medical_record_number=identity.medical_record_number is not None,
        has_address=identity.address is not None,
        sealed=identity,
    )
    if isinstance(state, Patient):
        if identity in (state.registered.sealed, state.identity):
            return ()
        raise PatientAlreadyRegistered(patient_id=command.patient_id)
    return fact, *_claimed(identity.medical_record_number)


def _must_be_born(act: Act, identity: Identity) -> None:
    not_in_the_future(act, identity.birth_date)
    if _year(identity) < 1900:
        raise BirthYearImplausible(year=_year(identity))


def _year(identity: Identity) -> int:
    return int(identity.birth_date[:4])


def correct(state: Patient, command: CorrectDemographics, act: Act) -> Outcomes:
    """The outcomes of a correction; without the earlier identity at hand, every part counts as changed."""
    identity, before = command.identity, state.identity
    changed = tuple(
        one.name for one in fields(Identity)
        if before is None or getattr(before, one.name) != getattr(identity, one.name)
    )
    if not changed:
        return ()
    _must_be_born(act, identity)
    if command.effective_from is not None:
        not_in_the_future(act, command.effective_from)
    fact = DemographicsCorrected(
        changed=changed,
        cause=command.cause,
        effective_from=command.effective_from,
        year_of_birth=_year(identity),
        has_medical_record_number=identity.medical_record_number is not None,
        has_address=identity.address is not None,
        sealed=identity,
    )
    return fact, *_number_moved(before, identity)


def distinguish(state: Patient, command: DistinguishPatient) -> Outcomes:
    """The outcomes of a comparison."""
    fact = made(PatientDistinguished, command)
    return () if fact in state.distinguished else (fact,)


def _number_moved(before: Identity | None, after: Identity) -> Outcomes:
    old = None if before is None else before.medical_record_number
    if old == after.medical_record_number:
        return ()
    released = () if old is None else (Release(NUMBER_KIND, reservation_key(old)),)
    return *released, *_claimed(after.medical_record_number)


def _claimed(number: str | None) -> Outcomes:
    return () if number is None else (Claim(NUMBER_KIND, reservation_key(number), held=MedicalRecordNumberTaken),)
