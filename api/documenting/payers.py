"""What the payer of each patient wants in a note beside the template's own sections, on the day of service.

Only the author is told, before signing. Billing asks for a signed note and does not read which sections it has: a payer
who wanted more says so when it asks for the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy
from aggregates.values import Code, Date, Id, PatientId
from api.commands.handle import Commands
from iop_es.engine.log import Log


def wanted_sections(
    commands: Commands, log: Log, patients: Mapping[PatientId, Any], day: Date
) -> dict[PatientId, tuple[Code, ...]]:
    """By patient, the sections that the payer who pays first on the day asks for; nothing where none is known."""
    paying = {patient: payer for patient, state in patients.items() if (payer := _payer(state, day)) is not None}
    policies = log.holders("policy_of_payer", sorted(set(paying.values())))
    states = commands.states("payer_policy", sorted(set(policies.values())))
    wanted = {payer: _sections(states[policy], day) for payer, policy in policies.items()}
    return {patient: wanted[payer] for patient, payer in paying.items() if wanted.get(payer)}


def _payer(state: Any, day: Date) -> Id | None:
    coverage = state.first_coverage_on(day) if isinstance(state, Patient) else None
    return None if coverage is None else coverage.payer_id


def _sections(state: Any, day: Date) -> tuple[Code, ...]:
    terms = state.terms_on(day) if isinstance(state, Policy) else None
    return () if terms is None else terms[1].note_sections
