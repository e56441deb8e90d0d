"""Dispatches a patient's commands to the part of the record that they concern."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from aggregates.kit import Act, Seen, Unknown
from aggregates.patient import consent, coverage, identity, marks, privacy
from aggregates.patient.commands import (
    Command,
    ConsentCommand,
    CorrectDemographics,
    CoverageCommand,
    DistinguishPatient,
    PrivacyCommand,
    RegisterPatient,
)
from aggregates.patient.state import NotRegistered, Patient, State, evolve

Outcomes = tuple[Any, ...]


class UnknownPatient(Unknown):
    """No patient is recorded under {patient_id}; register the patient first or correct the id."""


def decide(state: State, command: Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: ARG001 # every decide has the same shape
    """The outcomes of a command, or a refusal; with them the marks of the record that come and go."""
    outcomes = _outcomes(state, command, act)
    return *outcomes, *marks.moved(command.patient_id, state, reduce(evolve, outcomes, state))


def _outcomes(state: State, command: Command, act: Act) -> Outcomes:
    if isinstance(command, RegisterPatient):
        return identity.register(state, command, act)
    if isinstance(state, NotRegistered):
        raise UnknownPatient(patient_id=command.patient_id)
    return _of_registered(state, command, act)


def _of_registered(
    state: Patient,
    command: CorrectDemographics | DistinguishPatient | CoverageCommand | ConsentCommand | PrivacyCommand, act: Act,
) -> Outcomes:  # fmt: skip
    if isinstance(command, CoverageCommand):
        return coverage.decide(state, command)
    if isinstance(command, ConsentCommand):
        return consent.decide(state, command, act)
    if isinstance(command, PrivacyCommand):
        return privacy.decide(state, command, act)
    if isinstance(command, DistinguishPatient):
        return identity.distinguish(state, command)
    return identity.correct(state, command, act)


def patients(state: State, _fact: object, _seen: Mapping[str, Seen]) -> tuple[tuple[str, str | None], ...]:
    """The stream's one patient, under a random alias."""
    return ((state.patient_id, None),) if isinstance(state, Patient) and state.patient_id is not None else ()
