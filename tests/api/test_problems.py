"""Every error has its problem document, and none of them says more than it may."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aggregates
import api
from aggregates.kit import Refusal
from api.gate import Gate
from api.problems import PROBLEMS
from iop_es.engine import errors
from tests.api.clinic import BIRTH_DATE, FAMILY, WORDS, draft, morning, on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_permissions import PROBES

INSIDE = {
    "StaleVersion", "KeysSeen", "ReservationTaken", "NotASimulation", "MigrationRefused", "UnknownTopic", "StoreError",
}
"""Errors of the store that no caller of the API can meet, because they are answered or impossible there."""


def modules(package: Any) -> Iterator[Any]:
    """Every module of a package."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def test_every_exception_has_a_row() -> None:
    """An error of the API or the store that is in no row would reach a person as an unexplained 500."""
    kinds = {
        kind for module in (*modules(api), errors) for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == module.__name__
    }
    assert kinds
    wrong = [
        kind.__name__ for kind in kinds
        if not issubclass(kind, (Refusal, *PROBLEMS)) and kind.__name__ not in INSIDE
    ]
    assert wrong == []


def test_a_taken_key_can_always_say_so() -> None:
    """What a reservation raises when it is held is made from its kind and key alone."""
    held = {kind for module in modules(aggregates) for kind in _held(module)}
    assert {"DayAlreadyBilled", "MedicalRecordNumberTaken", "EpisodeAlreadyOpen"} <= {kind.__name__ for kind in held}
    for kind in held:
        assert str(kind(kind="seat", key="7"))


def _held(module: Any) -> Iterator[type[Refusal]]:
    """What the module's claims name as `held`, a table's entry as all its entries."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Claim":
            held = next((one.value for one in node.keywords if one.arg == "held"), None)
            if isinstance(held, ast.Subscript):
                yield from vars(module)[held.value.id].values()  # type: ignore[attr-defined] # a table is named
            elif isinstance(held, ast.Name):
                yield vars(module)[held.id]
            else:
                yield getattr(vars(module)[held.value.id], held.attr)  # type: ignore[union-attr] # module.Refusal


def problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """The problem document of a response that must be one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["type"]) == (status, f"urn:iop-es:problem:{slug}")
    assert body["request"] == response.headers["x-request-id"]
    assert body["detail"].endswith((".", "?"))
    return body


def test_nobody_without_a_token(house: House) -> None:
    """No token, a broken one and one for somebody else's service are all the same 401."""
    other = house.issuer.token(an_id("clinician"), "clinician", [PROGRAM], "another-service")
    system = house.issuer.token(an_id("clinician"), "system", [PROGRAM], "iop-es")
    old = house.issuer.token(an_id("clinician"), "clinician", [PROGRAM], "iop-es", hours=-1)
    for token in (None, "abc", other, system, old):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = house.client.ask("GET", "/v1/me", headers=headers)
        problem(response, 401, "not-authenticated")
        assert response.headers["www-authenticate"] == "Bearer"


def test_addresses_that_do_not_exist(house: House) -> None:
    """An unknown command is a 404 problem, a command asked as a query a 405 one that names the method."""
    problem(house.post("clinician", f"/sessions/{an_id('session')}/dance"), 404, "not-found")
    response = house.get("clinician", f"/sessions/{an_id('session')}/close")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


def test_wrong_fields_are_named_and_not_repeated(house: House) -> None:
    """Each wrong field is named with its place; what stood in it is not sent back."""
    body = {
        "identity": {"family_name": FAMILY, "given_name": 7, "birth_date": f"{FAMILY}-1", "sex": FAMILY},
        "occurred_at": FAMILY, "surprise": 1,
    }
    found = problem(house.post("front_desk", "/patients", body), 422, "invalid")
    assert {error["field"] for error in found["errors"]} == {
        "body.identity.given_name", "body.identity.birth_date", "body.identity.sex", "body.occurred_at",
        "body.surprise",
    }
    assert FAMILY not in str(found)
    response = house.client.ask(
        "POST", "/v1/patients", content=b'{"identity": {"family_name": "Quill', headers=house.voice("front_desk")
    )
    assert "Quill" not in str(problem(response, 422, "invalid"))


def test_parameters_that_do_not_exist_are_refused(house: House) -> None:
    """A misspelled filter must not widen the answer."""
    found = problem(house.get("biller", "/billing/days", form_date=on()), 422, "invalid")
    assert found["errors"] == [{"field": "query.form_date", "message": "This address has no such parameter"}]


@pytest.mark.parametrize(
    "path",
    ["/billing/days", "/billing/claims", "/billing/authorizations", "/caseload/patients", "/caseload/sessions",
     "/outcomes/alerts", "/audit/entries"],
)  # fmt: skip
def test_odd_cursors_are_no_accident(house: House, path: str) -> None:
    """A cursor of another list gives an empty page or a problem, never an unexplained failure."""
    role = "auditor" if path.startswith("/audit") else "utilization_reviewer"
    role = "clinician" if path.startswith(("/outcomes", "/caseload")) else role
    for odd in ("nonsense", "2026-99-99|a|b", "2026-99-99~a~b", "9" * 30, "a\x00b"):
        assert house.get(role, path, after=odd, project=False).status_code in {200, 422}


def test_the_description_is_complete(house: House) -> None:
    """Every operation has a name of its own, and declares its problems and the bearer token."""
    described = house.client.ask("GET", "/v1/openapi.json").json()
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert described["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail"]
    for one in operations:
        if one["operationId"] in PROBES:
            continue
        assert one["security"] == [{"bearer": []}]
        assert {"401", "403", "503"} <= one["responses"].keys(), one["operationId"]
        for status, response in one["responses"].items():
            assert (list(response["content"]) == ["application/problem+json"]) == (status >= "400"), one["operationId"]


def test_the_description_speaks_of_null_and_not_of_python(house: House) -> None:
    """Its sentences are those of the code, where what JSON calls null is None."""
    described = house.client.ask("GET", "/v1/openapi.json").text
    assert "null: open" in described and not re.search(r"\bNone\b", described)


def test_nothing_personal_in_logs_or_problems(
    house: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Names, birth dates and words go in and may be refused; no log line and no problem repeats them."""
    morning(house, session=101)
    note = draft(house, note=101)
    personal = {"family_name": FAMILY, "given_name": WORDS, "birth_date": BIRTH_DATE, "sex": "female"}
    refused = [
        house.post("front_desk", "/patients", {"identity": personal | {"birth_date": "2999-01-01"}}),
        house.post("front_desk", "/patients", {"identity": personal | {"phone": BIRTH_DATE * 99}}),
        house.post("front_desk", "/patients", {"patient_id": an_id("patient"), "identity": personal}),
        house.post("auditor", "/patients", {"identity": personal}),
        house.post("clinician", f"/notes/{note}/revise", {"content": {"sections": [{"name": WORDS, "words": WORDS}]}}),
        house.post("clinician", f"/notes/{note}/amend", {"content": WORDS}, If_Match='"1"'),
        house.post("clinician", f"/sessions/{an_id('session', 101)}/cancel", {"cause": WORDS}),
        house.get("biller", "/caseload/patients"),
        house.get("clinician", "/caseload/sessions", date=WORDS),
        house.get("clinician", f"/patients/{WORDS}/summary"),
        house.get("clinician", "/caseload/patients", after=WORDS, limit=WORDS),
    ]
    house.found("clinician", f"/patients/{an_id('patient')}/summary")
    house.found("clinician", f"/notes/{note}")
    said = capsys.readouterr()
    logged = said.out + said.err + caplog.text
    assert "request_answered" in logged
    for response in refused:
        assert response.status_code >= 400
    for text in (logged, *(response.text for response in refused)):
        assert not any(planted in text for planted in (FAMILY, BIRTH_DATE, WORDS))


def test_the_unforeseen_is_a_problem_without_its_text(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that nobody foresaw is answered as a 500 problem and logged by its kind and place only."""

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"DETAIL: Key (name)=({FAMILY}) already exists.")

    monkeypatch.setattr(Gate, "read", fail)
    problem(house.get("clinician", "/caseload/sessions", date=on()), 500, "unexpected")
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert FAMILY not in logged
