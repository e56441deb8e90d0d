"""What the patient's payer wants to stand in a note, by the terms in force on the day of service."""

from __future__ import annotations

from collections.abc import Mapping

from aggregates.episode import enrollment_stream
from aggregates.kit import Seen, Stream
from aggregates.note.deadline import terms_in_force
from aggregates.note.facts import NoteDrafted
from aggregates.patient.state import Patient
from aggregates.values import Code

POLICY = "policy"


def patient_and_episode(about: NoteDrafted) -> dict[str, Stream]:
    """Whose coverage says who pays, and whose plan of care the goals are held to."""
    looks = {} if about.patient_id is None else {"patient": Stream("patient", about.patient_id)}
    return looks | (enrollment_stream(about.enrollment_id) if about.enrollment_id is not None else {})


def policy_of_payer(about: NoteDrafted, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The terms of the payer who pays first on the day of service."""
    patient = seen["patient"].state if "patient" in seen else None
    coverage = patient.first_coverage_on(about.service_date) if isinstance(patient, Patient) else None
    if coverage is None:
        return {}
    return {POLICY: Stream("payer_policy", holder_of=("policy_of_payer", coverage.payer_id))}


def wanted_sections(about: NoteDrafted, seen: Mapping[str, Seen]) -> tuple[Code, ...]:
    """The sections that this payer asks for beside the template's own."""
    policy = seen.get(POLICY)
    terms = None if policy is None else terms_in_force(policy.state, about.service_date)
    return () if terms is None else terms.note_sections
