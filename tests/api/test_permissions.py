"""The two tables of permissions: complete, closed, and as narrow as the work allows."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from aggregates.kit import COMMANDS
from aggregates.values import Role
from api.access import ORDERS, QUESTIONS, looks_from_outside, may_ask, may_order, roles_for
from api.routes.commands import MADE
from tests.api.house import House

ROLES = tuple(role for role in get_args(Role) if role != "system")
PROBES = frozenset({"health", "ready", "log.checkpoint", "log.growth"})
"""What needs no token."""
PERSONAL = {"PersonName", "Section", "NoteContent", "Identity", "CoverageIdentity"}


def queries(house: House) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every query's path and operation by its name."""
    paths = house.client.ask("GET", "/v1/openapi.json").json()["paths"]
    return {
        methods["get"]["operationId"]: (path, methods["get"]) for path, methods in paths.items() if "get" in methods
    }


def test_every_command_stands_in_the_table_once() -> None:
    """A command that nobody has thought about cannot be ordered, so each must be named, and none that is gone."""
    assert list(ORDERS) == list(dict.fromkeys(ORDERS))
    assert set(ORDERS) == set(COMMANDS)
    assert all(row.roles and "system" not in row.roles for row in ORDERS.values())


def test_every_query_stands_in_the_table_once(house: House) -> None:
    """Every GET route that needs a token is a query with its roles."""
    assert set(QUESTIONS) == queries(house).keys() - PROBES
    assert all(row.roles and "system" not in row.roles for row in QUESTIONS.values())


def test_what_is_not_named_is_denied() -> None:
    """An unknown command or query has no role; the operator's own tools may order whatever is registered."""

    class Unheard:
        """Not registered."""

    assert roles_for(Unheard) == frozenset()
    assert not any(may_order(role, Unheard) or may_ask(role, "unheard") for role in ROLES)
    assert all(may_order("system", command) for command in COMMANDS.values())
    assert not may_ask("system", "caseload.sessions")


@pytest.mark.parametrize(
    ("role", "prefixes"),
    [
        ("auditor", ()),
        ("privacy_officer", ("patient.", "access.re", "access.grant", "dispute.issue_packet", "shredding.")),
        ("biller", ("claim.", "account.", "authorization.", "payer_policy.", "patient.", "enrollment.verify",
                    "enrollment.request_day_write_off", "enrollment.withdraw_day_write_off_request",
                    "dispute.", "program.record_payer", "program.adopt_fee_schedule", "clinician.record_payer")),
        ("director", ("program.", "clinician.", "group.", "session.schedule", "session.reschedule", "session.cancel",
                      "payer_policy.verify", "patient.distinguish",
                      "enrollment.release_hold", "enrollment.write_off_day", "enrollment.withdraw", "account.write_off",
                      "account.withdraw_write_off_request",
                      "account.set_patient_agreement", "account.identify", "account.open_over",
                      "account.return_over", "dispute.assign_owner", "access.revoke", "access.grant",
                       "shredding.")),
        ("front_desk", ("patient.", "enrollment.", "group.", "session.", "account.receive_patient_payment",
                        "risk.make_follow_up", "access.record_disclosure")),
    ],
)  # fmt: skip
def test_a_role_orders_only_its_own_work(role: Role, prefixes: tuple[str, ...]) -> None:
    """An auditor changes nothing; the others stay in their rooms."""
    assert [name for name, row in ORDERS.items() if role in row.roles and not name.startswith(prefixes)] == []


@pytest.mark.parametrize("command", ["note.sign", "note.draft", "session.correct_attendance", "assessment.administer"])
def test_only_clinicians_write_the_clinical_record(command: str) -> None:
    """Documents, corrections of attendance and measures come from clinical staff alone."""
    assert ORDERS[command].roles == {"clinician", "supervisor", "prescriber"}
    assert ORDERS["note.cosign"].roles == {"supervisor"}
    assert ORDERS["enrollment.certify_plan"].roles == {"prescriber"}


def test_no_token_carries_a_shredding_out() -> None:
    """The API asks, approves and holds; keys are destroyed at the command line, by whoever keeps them."""
    assert "shredding.carry_out" in MADE
    assert ORDERS["shredding.request"].roles < ORDERS["shredding.approve"].roles == {"privacy_officer", "director"}


def test_whoever_takes_or_clears_an_alert_sees_it_and_what_was_done() -> None:
    """Nobody clears what is only a count to them, and a director, who is told counts alone, clears nothing."""
    taken = ORDERS["risk.acknowledge_alert"].roles
    assert taken <= QUESTIONS["outcomes.alerts"].roles & QUESTIONS["outcomes.risk"].roles
    assert "director" not in taken
    assert "director" in QUESTIONS["outcomes.alert_counts"].roles


def test_whoever_looks_from_outside_is_told_of_scores_by_coarse_cohorts_alone() -> None:
    """The exact means of a program beside the coarse ones would undo what is hidden there."""
    outside = {role for role in ROLES if looks_from_outside(role)}
    asked = {name for name, row in QUESTIONS.items() if name.startswith("outcomes.") and row.roles & outside}
    assert asked == {
        "outcomes.cohorts", "outcomes.difference", "outcomes.stay", "outcomes.attendance", "outcomes.alert_counts",
        "outcomes.risk",
    }
    assert QUESTIONS["outcomes.risk"].roles & outside == {"privacy_officer"}  # who looks at one record, for cause


def test_a_biller_writes_nothing_off() -> None:
    """Whoever asks for a write-off is never the one who approves it, so the role that asks may not order it."""
    assert ORDERS["account.request_write_off"].roles == {"biller"}
    for approving in ("account.write_off_balance", "account.write_off_self_pay_charge"):
        assert ORDERS[approving].roles == {"director"}


def test_a_biller_sees_no_name_and_no_words(house: House) -> None:
    """No answer that a biller or an auditor may have can hold a person's name or a section of a document."""
    schemas = house.client.ask("GET", "/v1/openapi.json").json()["components"]["schemas"]
    known = queries(house)
    for role in ("biller", "auditor"):
        for name in (name for name, row in QUESTIONS.items() if role in row.roles):
            reached = _reached(known[name][1]["responses"]["200"], schemas)
            assert not reached & PERSONAL, name
    assert {"Identity", "CoverageIdentity"} <= _reached(known["patient.identity"][1]["responses"]["200"], schemas)
    assert _reached(known["caseload.sessions"][1]["responses"]["200"], schemas) & PERSONAL


def _reached(part: Any, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """The names of all schemas that a description leads to."""
    if isinstance(part, list):
        return {name for one in part for name in _reached(one, schemas, seen)}
    if not isinstance(part, dict):
        return set()
    name = str(part.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        return {name.partition("-")[0]} | _reached(schemas[name], schemas, seen | {name})
    return {found for one in part.values() for found in _reached(one, schemas, seen)}
