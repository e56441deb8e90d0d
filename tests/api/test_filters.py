"""A filter that means nothing is refused with what it may be; it is never answered with an empty list."""

from __future__ import annotations

from typing import Any

import pytest

from api.filters import CURSORS
from projections.billing.reasons import REASONS
from tests.api.clinic import on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_permissions import queries
from tests.api.test_problems import problem
from tests.api.test_queries import NEEDED, filled

CURSOR_OF_NOBODY = ("x", "2026-03-02", "1 2", "2026-99-99 " + an_id("nobody"), "2026-03-02T09:00:00.000000Z x", "-1")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/billing/days", "state"), ("/billing/days", "reason"), ("/billing/days", "owner"),
        ("/billing/held", "owner"), ("/billing/claims", "status"), ("/outcomes/alerts", "kind"),
        ("/audit/entries", "kind"),
    ],
)  # fmt: skip
def test_an_unknown_choice_is_refused_with_the_choices(house: House, path: str, name: str) -> None:
    """A misspelled value is a 422 for its field, and the API's description lists what it may be."""
    _, operation = next(found for found in queries(house).values() if found[0] == f"/v1{path}")
    schema = next(one for one in operation["parameters"] if one["name"] == name)["schema"]
    assert "enum" in repr(schema) or "$ref" in repr(schema)
    role = {"/outcomes/alerts": "clinician", "/audit/entries": "auditor"}.get(path, "biller")
    found = problem(house.get(role, path, project=False, **{name: "nonsense"}), 422, "invalid")
    assert [error["field"].split(".")[:2] for error in found["errors"]] == [["query", name]]


def test_every_reason_and_state_is_still_a_choice(house: House) -> None:
    """What billing can answer can also be asked for."""
    for name, known in (("reason", REASONS), ("state", ("billable", "waiting", "held", "billed", "not_billable"))):
        for value in known:
            assert house.get("biller", "/billing/days", project=False, **{name: value}).status_code == 200
    for owner in {reason.owner for reason in REASONS.values()}:
        assert house.get("biller", "/billing/held", project=False, owner=owner).status_code == 200


@pytest.mark.parametrize(
    ("role", "path", "given", "field"),
    [
        ("biller", "/billing/days", {"from_date": on(), "through_date": on(-1)}, "query.through_date"),
        ("biller", "/billing/totals", {"from_date": on(), "through_date": on(-1)}, "query.through_date"),
        ("director", f"/programs/{PROGRAM}/census", {"first": on(), "last": on(-30)}, "query.last"),
        ("auditor", "/audit/entries",
         {"recorded_from": "2026-02-01T00:00:00Z", "recorded_before": "2026-01-01T00:00:00Z"}, "query.recorded_before"),
    ],
)  # fmt: skip
def test_reversed_bounds_are_said_as_reversed(
    house: House, role: str, path: str, given: dict[str, str], field: str
) -> None:
    """A range that ends before it begins names the bound to change."""
    found = problem(house.get(role, path, project=False, **given), 422, "invalid")
    assert [error["field"] for error in found["errors"]] == [field]
    assert "Comes before" in found["errors"][0]["message"]


def test_a_parameter_with_one_value_comes_once(house: House) -> None:
    """Given twice it is refused; a parameter that takes a list may be repeated."""
    found = problem(house.get("biller", "/billing/days", project=False, state=["held", "billable"]), 422, "invalid")
    assert found["errors"] == [{"field": "query.state", "message": "Give this parameter once"}]
    problem(house.get("biller", "/billing/days", project=False, limit=[1, 2]), 422, "invalid")
    assert house.get("auditor", "/audit/entries", project=False, kind=["write", "correction"]).status_code == 200


def test_a_week_begins_on_monday(house: House) -> None:
    """Another weekday is refused instead of being answered like a week without days."""
    path = f"/patients/{an_id('patient')}/weeks/2020-01-07"
    found = problem(house.get("biller", path, project=False), 422, "invalid")
    assert found["errors"] == [{"field": "path.monday", "message": "Give a Monday."}]


def test_every_list_knows_its_own_cursors(house: House) -> None:
    """Each list that goes on from page to page refuses a cursor that it cannot have given out."""
    paged: dict[str, tuple[str, dict[str, Any]]] = {
        name: found for name, found in queries(house).items()
        if any(one["name"] == "after" for one in found[1].get("parameters", ()))
    }
    assert paged.keys() == CURSORS.keys()
    for name, (path, _) in paged.items():
        role = "privacy_officer" if name.startswith("audit.") else "clinician"
        role = "biller" if name.startswith("billing.") else role
        for cursor in CURSOR_OF_NOBODY:
            given = NEEDED.get(name, {}) | {"after": cursor}
            problem(house.get(role, filled(path), project=False, **given), 422, "cursor-unknown")
