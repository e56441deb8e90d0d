"""The access policy as a table for people and as data for programs; both are made of the rows that are enforced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.access.policy import ORDERS, QUESTIONS
from api.access.vocabulary import TREATING, Rule


def rows() -> list[dict[str, Any]]:
    """Every row of the policy, orders before questions, as JSON has it."""
    return [*_told("order", ORDERS), *_told("question", QUESTIONS)]


def _told(kind: str, table: Mapping[str, Rule]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind, "name": name, "roles": sorted(rule.roles), "scope": rule.scope, "purpose": rule.purpose,
            "relationship": sorted(rule.roles & TREATING) if rule.scope == "relationship" else [],
            "narrowed": {part: sorted(roles) for part, roles in rule.narrowed.items()},
        }
        for name, rule in table.items()
    ]  # fmt: skip
