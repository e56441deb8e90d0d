"""What the access policy answers: may this role do that, must the person treat the patient, which parts are shown.

    policy         the table itself, for whoever has to approve it
    vocabulary     the groups of roles that it names, and what a row says
    relationships  who treats a patient, asked of the log
    printed        the table as text and as data
"""

from __future__ import annotations

from aggregates.kit import COMMAND_NAME
from aggregates.values import Role
from api.access.policy import ORDERS, QUESTIONS
from api.access.vocabulary import ORGANIZATION_WIDE, TRAIL, TREATING, Roles, Rule

__all__ = [
    "ORDERS", "ORGANIZATION_WIDE", "QUESTIONS", "TREATING", "looks_from_outside", "may_ask", "may_order", "may_see",
    "may_see_unreferred", "may_see_version", "needs_relationship", "roles_for", "rule_of",
]  # fmt: skip
SYSTEM: Role = "system"
CONFIDED = frozenset({"note", "assessment", "risk", "access", "shredding"})
"""Of which things the version alone tells: when and how often risk was judged, a glass broken, a measure answered."""
OF_STAFF = frozenset({"access.revoke", "access.grant"})
"""Orders in streams of that kind which are about a person of the house."""


def rule_of(name: str) -> Rule | None:
    """The row of an order or a question; None for what nobody may."""
    return QUESTIONS.get(name) or ORDERS.get(name)


def looks_from_outside(role: Role) -> bool:
    """Whether a person in this role is told of scores only by cohorts and what may leave the program: it works for the
    organization, not with these patients. Nobody's answer reaches beyond the programs of the token."""
    return role in ORGANIZATION_WIDE


def roles_for(command: type) -> Roles:
    """The roles that may order a command; none for one that nobody has thought about."""
    row = ORDERS.get(COMMAND_NAME.get(command, ""))
    return row.roles if row else frozenset()


def may_order(role: Role, command: type) -> bool:
    """Whether a person in this role may order this command."""
    return role == SYSTEM or role in roles_for(command)


def may_see_unreferred(role: Role, query: str) -> bool:
    """Whether a patient who was referred to no program yet is within reach.

    Such a patient is whoever's may register one; the trail of it is the organization's.
    """
    return role in ORDERS["patient.register"].roles or (query.startswith("audit.") and role in ORGANIZATION_WIDE)


def may_ask(role: Role, query: str) -> bool:
    """Whether a person in this role may ask this query."""
    row = QUESTIONS.get(query)
    return row is not None and role in row.roles


def may_see(role: Role, query: str, part: str) -> bool:
    """Whether a person in this role gets a part of the answer to this query that not everybody does."""
    return role in QUESTIONS[query].narrowed[part]


def may_see_version(role: Role, kind: str) -> bool:
    """Whether a person in this role is told which version a thing of this kind is at: of what was confided only who may
    order something there, and who reads the trail, which says more."""
    ordering = (rule.roles for name, rule in ORDERS.items() if name.startswith(f"{kind}.") and name not in OF_STAFF)
    return kind not in CONFIDED or role in TRAIL or any(role in roles for roles in ordering)


def needs_relationship(role: Role, name: str) -> bool:
    """Whether a person in this role must treat the patient whom this order or question is about."""
    row = rule_of(name)
    return row is not None and row.scope == "relationship" and role in TREATING
