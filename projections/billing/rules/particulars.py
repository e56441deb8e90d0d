"""Is everything known that the claim must say: a diagnosis, a subscriber, the attending's identifier?

Asked before a claim is prepared, by whether it is recorded at all; what a payer would answer is a rejection.
"""

from __future__ import annotations

from projections.billing.day import Case
from projections.billing.rules.care import latest


def ask(case: Case) -> None:
    """Each particular that is missing holds the day, for the one who can record it."""
    diagnosis = latest(case.episode.diagnoses, case.date)
    if diagnosis is None:
        case.say("diagnosis", "held", "diagnosis_missing", case.episode.positions)
    else:
        case.say("diagnosis", positions=diagnosis.positions, diagnosis=diagnosis.value)
    attending = case.reference.clinicians.get(case.episode.attending_id or "")
    if case.term("claim_form") == "837I" and attending is not None and attending.has_npi is False:
        case.say("attending", "held", "attending_npi_missing", attending.positions)
    coverage = case.coverage
    if coverage is not None and coverage.relationship != "self" and not coverage.has_subscriber:
        case.say("subscriber", "held", "subscriber_missing", coverage.positions, relationship=coverage.relationship)
