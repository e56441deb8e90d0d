"""The words of the access policy: groups of roles, each named for what its people do, and what a row says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aggregates.values import Role

Roles = frozenset[Role]


def roles(*groups: Role | Roles) -> Roles:
    """All of these roles, and of these groups."""
    return frozenset(role for group in groups for role in ((group,) if isinstance(group, str) else group))


TREATING: Roles = roles("clinician", "supervisor", "prescriber")
"""The roles that treat patients, and so need a relationship with whomever a row of that scope is about."""
CLINICAL = TREATING
FRONT_DESK = roles("front_desk")
PRESCRIBER = roles("prescriber")
DIRECTOR = roles("director")
LEADERS = roles("supervisor", "director")
SUPERVISOR = roles("supervisor")
CARE = roles(FRONT_DESK, CLINICAL)
SCHEDULING = roles(CARE, "director")
REVENUE = roles("biller", "utilization_reviewer")
COVERAGE = roles(FRONT_DESK, REVENUE)
BILLER = roles("biller")
PRIVACY = roles("privacy_officer")
TRAIL = roles("auditor", "privacy_officer")
REVIEWER = roles("utilization_reviewer")
ANYONE: Roles = roles(CARE, REVENUE, TRAIL, DIRECTOR)
CHART = roles(CARE, REVIEWER)
IDENTIFYING = roles(CARE, DIRECTOR)
DETAILED: Roles = roles(CLINICAL, REVIEWER)
CHARGES = roles(REVENUE, CLINICAL)
MANAGING = roles(REVENUE, CLINICAL, DIRECTOR)
WORKING = roles(CARE, REVIEWER, DIRECTOR)
ORGANIZATION_WIDE: Roles = roles(TRAIL, DIRECTOR)
"""Who works for the organization: sees the audit entries of what belongs to no program (clinicians, payer policies, and
of patients within reach what is their own), and of scores only cohorts."""

Scope = Literal["organization", "program", "relationship"]
Purpose = Literal["treatment", "payment", "operations", "audit", "privacy"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the policy; `narrowed` names parts of an answer, each with the roles that get it."""

    roles: Roles
    scope: Scope
    purpose: Purpose
    narrowed: Mapping[str, Roles] = field(default_factory=dict)


Row = Roles | Rule


def rows(scope: Scope, purpose: Purpose, told: Mapping[str, Row]) -> dict[str, Rule]:
    """The rows of one scope and purpose; a row that differs is a Rule of its own."""
    return {name: row if isinstance(row, Rule) else Rule(row, scope, purpose) for name, row in told.items()}
