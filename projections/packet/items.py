"""What a packet can hold, in the order in which it is read: that of the field's own lists, a convention."""

from __future__ import annotations

from typing import Literal

from aggregates.dispute.tracks import Item as Asked

Item = Asked | Literal["letter", "policy"]
"""What a reviewer may ask for, and beside it the letter and the payer's terms."""
Withheld = Literal["outcome_answers"]
"""What stands in no packet for a payer, whatever is asked for; the sender is told."""
ITEMS: tuple[Item, ...] = (
    "letter", "remittance", "claim", "authorization", "call_log", "eligibility", "referral_source",
    "admission_physical", "psychiatric_evaluation", "level_of_care_criteria", "treatment_plan", "team_plan",
    "group_notes", "individual_notes", "progress_notes", "signatures", "attendance", "schedules",
    "behavior_monitoring", "outcome_scores", "certification", "supervision_evidence", "discharge_plan",
    "timely_filing", "credentials", "beneficiary_notice", "policy", "audit_trail",
)  # fmt: skip
TITLES: dict[Item, str] = {
    "letter": "Appeal letter (draft)",
    "remittance": "What the payer answered",
    "claim": "Claim as sent, every version",
    "authorization": "Authorization",
    "call_log": "Calls and reviews with the payer",
    "eligibility": "Coverage and eligibility as known",
    "referral_source": "Referral",
    "admission_physical": "Admission physical",
    "psychiatric_evaluation": "Intake and psychiatric evaluation",
    "level_of_care_criteria": "Admission and level of care",
    "treatment_plan": "Plan of care, every version",
    "team_plan": "Team plan",
    "group_notes": "Group notes",
    "individual_notes": "Notes of other services",
    "progress_notes": "Daily notes",
    "signatures": "Signatures, cosignatures, amendments and attestations",
    "attendance": "Attendance by the minute",
    "schedules": "Planned hours",
    "behavior_monitoring": "Behavior monitoring",
    "outcome_scores": "Outcome measures",
    "certification": "Orders, certification and recertification",
    "supervision_evidence": "Supervision",
    "discharge_plan": "Discharge",
    "timely_filing": "Proof of timely filing",
    "credentials": "Credentials of the signers on the days of service",
    "beneficiary_notice": "Advance beneficiary notice",
    "policy": "The payer's terms that were in force",
    "audit_trail": "Who recorded what, and when",
}
