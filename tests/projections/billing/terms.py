"""A payer's terms that bill a day of 180 minutes; a test says only what differs."""

from __future__ import annotations

from typing import Any

from aggregates.payer_policy.terms import Terms

COUNTED = (
    "group", "individual", "family_with_patient", "family_without_patient", "education", "activity", "nursing",
    "medication_visit",
)
DEFAULT_TERMS: dict[str, Any] = {
    "per_diems": (
        {"level_of_care": "intensive_outpatient", "focus": "mental_health", "procedure_code": "S9480",
         "revenue_code": "0905", "unit_basis": "day", "rate_cents": 20_000, "rate_kind": "contract"},
        {"level_of_care": "intensive_outpatient", "focus": "substance_use", "procedure_code": "H0015",
         "revenue_code": "0906", "unit_basis": "day", "rate_cents": 17_003, "rate_kind": "published"},
    ),
    "minimum_minutes": 180, "minimum_sessions": 0, "counted_kinds": COUNTED,
    "weekly": {"measure": "none", "minutes": 0, "days": 0, "consequence": "none"},
    "group_maximum": None, "group_consequence": "warn", "signature_hours": 24, "late_signature": "warn",
    "cosignature_required": True, "credential_required": True, "authorization_required": True,
    "certification_days": None, "plan_review_days": None, "duration_cap_weeks": None, "condition_codes": (),
    "claim_form": "837I", "type_of_bill": "0131", "timely_filing_days": 90, "unverified": (),
}


DEFAULT_CHARGES = {"S9480": 20_000, "H0015": 17_003}
"""By default the program charges what the payer pays."""


def terms(**changes: Any) -> Terms:
    """A payer's terms: 180 minutes a day, a note signed in 24 hours, an authorization; changes by field."""
    return Terms(**DEFAULT_TERMS | changes)
