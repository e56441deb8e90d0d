"""The access policy at the command line: what is printed is what is enforced."""

import json
from collections.abc import Callable
from typing import Any

from api.access import ORDERS, QUESTIONS, TREATING


def test_the_policy_is_printed_as_it_is_enforced(run: Callable[..., Any]) -> None:
    """Every row with its roles, scope and purpose; no store is asked."""
    rules = json.loads(run("access", "policy", "--json").stdout)["rules"]
    assert [one["name"] for one in rules] == [*ORDERS, *QUESTIONS]
    for one in rules:
        row = ORDERS.get(one["name"]) or QUESTIONS[one["name"]]
        assert (set(one["roles"]), one["scope"], one["purpose"]) == (row.roles, row.scope, row.purpose)
        assert set(one["relationship"]) == (row.roles & TREATING if row.scope == "relationship" else set())
    whole = next(one for one in rules if one["name"] == "patient.identity")
    assert whole["narrowed"] == {"social_security_number": ["front_desk", "privacy_officer"]}


def test_one_roles_part_of_the_policy(run: Callable[..., Any]) -> None:
    """Marked where it wants a relationship; a role that does not exist is refused in a sentence."""
    told = run("access", "policy", "--role", "prescriber")
    assert told.exit_code == 0 and "note.read" in told.stdout and "prescriber*" in told.stdout
    assert "claim.submit" not in told.stdout
    wrong = run("access", "policy", "--role", "king")
    assert wrong.exit_code == 2 and "prescriber" in wrong.stderr
