"""What the payer of each patient wants of notes on the day of service: sections beside the template's own, and until
when they are signed.

The author is told of sections before signing, and a signature without one of them takes a cause and names it. Billing
asks for a signed note and does not read which sections it has: a payer who wanted more says so when it asks for the
record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from aggregates.codec import decode
from aggregates.note import deadline
from aggregates.note.deadline import terms_in_force
from aggregates.note.facts import NoteDrafted
from aggregates.patient.state import Patient
from aggregates.payer_policy.terms import Terms
from aggregates.registry import AGGREGATES
from aggregates.values import Code, Date, Id, Instant, PatientId
from iop_es.engine.log import Log

States = Callable[[str, Sequence[str]], Mapping[str, Any]]
"""The states of streams of one aggregate, by their ids."""


class Reservations(Protocol):
    """Whoever knows which streams hold which keys: the log, or a door that has looked at some already."""

    def holders(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """The streams that hold keys of a kind, by key."""


def as_known(log: Log, upto: int | None) -> States:
    """The states as they were at a position of the log; None: as they are."""

    def states(aggregate: str, streams: Sequence[str]) -> Mapping[str, Any]:
        kind = AGGREGATES[aggregate]
        found = dict.fromkeys(streams, kind.initial)
        for fact in log.facts_of_streams(streams, upto):
            found[fact.stream] = kind.evolve(found[fact.stream], decode(fact.topic, fact.state, fact.sealed))
        return found

    return states


def wanted_sections(
    states: States, log: Reservations, patients: Mapping[PatientId, Any], day: Date
) -> dict[PatientId, tuple[Code, ...]]:
    """By patient, the sections that the payer who pays first on the day asks for."""
    return {patient: terms.note_sections for patient, terms in _terms(states, log, patients, day).items()}


def signature_due(states: States, log: Log, about: NoteDrafted) -> Instant | None:
    """The last moment at which a signature under this document is in time by the patient's payer; None where it sets
    no window or is not known, and for what a group shares."""
    if about.patient_id is None:
        return None
    terms = _terms(states, log, states("patient", [about.patient_id]), about.service_date).get(about.patient_id)
    program = states("program", [about.program_id])[about.program_id]
    session = states("session", [about.session_id])[about.session_id] if about.session_id is not None else None
    return deadline.signature_due(about, terms, program, session)


def _terms(states: States, log: Reservations, patients: Mapping[PatientId, Any], day: Date) -> dict[PatientId, Terms]:
    """The terms in force on the day, of the payer who pays first for each patient."""
    paying = {patient: payer for patient, state in patients.items() if (payer := _payer(state, day)) is not None}
    policies = log.holders("policy_of_payer", sorted(set(paying.values())))
    known = states("payer_policy", sorted(set(policies.values())))
    found = {patient: terms_in_force(known.get(policies.get(payer, "")), day) for patient, payer in paying.items()}
    return {patient: terms for patient, terms in found.items() if terms is not None}


def _payer(state: Any, day: Date) -> Id | None:
    coverage = state.first_coverage_on(day) if isinstance(state, Patient) else None
    return None if coverage is None else coverage.payer_id
