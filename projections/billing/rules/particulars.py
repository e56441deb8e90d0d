"""Is everything known that the claim must say: a diagnosis, a subscriber, identifiers, where it goes?

Asked before a claim is prepared, by whether it is recorded at all; what a payer would answer is a rejection.
"""

from __future__ import annotations

from projections.billing.day import Case
from projections.billing.references import Clinician
from projections.billing.rules.care import latest


def ask(case: Case) -> None:
    """Each particular that is missing holds the day, for the one who can record it."""
    diagnosis = latest(case.episode.diagnoses, case.date)
    if diagnosis is None:
        case.say("diagnosis", "held", "diagnosis_missing", case.episode.positions)
    else:
        case.say("diagnosis", positions=diagnosis.positions, diagnosis=diagnosis.value)
    attending = case.reference.clinicians.get(case.episode.attending_on(case.date) or "")
    if case.term("claim_form") == "837I" and attending is not None and attending.has_npi is False:
        case.say("attending", "held", "attending_npi_missing", attending.positions)
    if not case.claimed:  # what has been prepared was written with what there was, or is held back by the file's checks
        _rendering(case)
        _address(case)
    coverage = case.coverage
    if coverage is not None and coverage.relationship != "self" and not coverage.has_subscriber:
        case.say("subscriber", "held", "subscriber_missing", coverage.positions, relationship=coverage.relationship)


def _address(case: Case) -> None:
    """Whether files can name the payer and find it; terms that are only supposed go where the payer's own do."""
    policies = [one for one in case.reference.policies.values() if one.payer_id == case.payer_id]
    if policies and not any(one.addressed for one in policies):
        case.say("address", "held", "payer_address_missing", [place for one in policies for place in one.positions])


def _rendering(case: Case) -> None:
    """Whoever renders a line of an 837P is named by an identifier; who that is `claim_file.visits` finds alike."""
    for line in case.lines:
        who = _renderer(case, line.procedure_code) if line.form == "837P" else None
        if who is not None and who.has_npi is False:
            case.say("rendering", "held", "rendering_npi_missing", who.positions, procedure=line.procedure_code or "")
            return


def _renderer(case: Case, code: str | None) -> Clinician | None:
    """The one who led the day's sessions of a line's kind, else the attending; an associate does not render."""
    kinds = {price.service_kind for price in case.terms.services if price.procedure_code == code}
    gave = {
        one for _, visit in case.visits if visit.status == "present" and visit.kind in kinds
        for one in visit.facilitators
    }  # fmt: skip
    clinicians = case.reference.clinicians
    alone = clinicians.get(next(iter(gave))) if len(gave) == 1 else None
    attending = clinicians.get(case.episode.attending_on(case.date) or "")
    return attending if alone is None or alone.associate else alone
