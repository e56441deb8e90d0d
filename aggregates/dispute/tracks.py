"""The ways that a dispute can take, each with its levels in order, and what may be asked for in a payer's letter.

Only the letter tells which way it is: a commercial plan's denial may be contested under the member's plan or under the
provider's contract. `further_review` stands for whatever comes after the levels whose names and clocks are known here.
"""

from __future__ import annotations

from typing import Literal, get_args

Track = Literal["medicare", "medicare_advantage", "commercial", "provider_contract", "medicaid_managed_care"]
Level = Literal[
    "redetermination", "reconsideration", "hearing", "council_review", "judicial_review", "plan_reconsideration",
    "internal_appeal", "external_review", "contract_reconsideration", "contract_appeal", "plan_appeal",
    "further_review",
]  # fmt: skip
RequestKind = Literal["medical_review", "claim", "other"]
"""A medical reviewer's additional documentation request (ADR), one for a single claim, or any other letter."""
Item = Literal[
    "remittance", "claim", "authorization", "call_log", "eligibility", "referral_source", "admission_physical",
    "psychiatric_evaluation", "level_of_care_criteria", "certification", "supervision_evidence", "treatment_plan",
    "team_plan", "group_notes", "individual_notes", "progress_notes", "signatures", "attendance", "schedules",
    "behavior_monitoring", "discharge_plan", "outcome_scores", "credentials", "beneficiary_notice", "timely_filing",
    "audit_trail",
]  # fmt: skip
"""What reviewers ask for and an appeal is made of: First Coast's checklist for partial hospitalization and community
mental health centers (official), and beside it attendance, schedules, licenses and the parts of an appeal packet, which
are general knowledge. `treatment_plan` is the plan in every version, `signatures` also cosignatures, amendments and
attestations. Never psychotherapy notes in the sense of 45 CFR 164.501: what a session's note holds is none of those."""
ITEMS: tuple[Item, ...] = get_args(Item)
WITHIN: dict[str, tuple[Item, ...]] = {"signatures": ("group_notes", "individual_notes", "progress_notes")}
"""What is asked for under one name and stands in the sections of others."""
UNASKED = frozenset({"letter", "policy"})
"""Parts of a packet that no letter asks for and that tell a payer nothing but what we say and what it wrote itself."""

LEVELS: dict[Track, tuple[Level, ...]] = {
    "medicare": ("redetermination", "reconsideration", "hearing", "council_review", "judicial_review"),
    "medicare_advantage": ("plan_reconsideration", "further_review"),
    "commercial": ("internal_appeal", "external_review", "further_review"),
    "provider_contract": ("contract_reconsideration", "contract_appeal", "further_review"),
    "medicaid_managed_care": ("plan_appeal", "further_review"),
}


def place_of(track: Track, level: Level) -> int | None:
    """Where a level stands on a way, from 0; None if it is not on it."""
    return LEVELS[track].index(level) if level in LEVELS[track] else None


def level_after(track: Track, level: Level) -> Level | None:
    """The level that comes next; None after the last."""
    following = LEVELS[track][LEVELS[track].index(level) + 1 :]
    return following[0] if following else None
