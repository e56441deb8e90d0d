"""The authorization matrix: every operation of OpenAPI, in every role, in every situation, against a reviewed table.

`access_matrix.csv` says what each cell must be; its head says what the letters mean. The table is reviewed by people
against the policy and never written by the code. Whatever is out of reach is answered byte for byte, but for the
request's id, like what does not exist.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.access import ORDERS, QUESTIONS, TREATING, looks_from_outside, may_ask
from tests.api.house import PROGRAM, House, opened
from tests.api.matrix import (
    CANARY,
    DISCLOSING,
    SITUATIONS,
    TARGET_OF,
    TARGETS,
    WITHOUT_CONSENT,
    body_of,
    furnish,
    person_of,
)
from tests.api.test_packets import seal
from tests.api.test_permissions import PROBES, ROLES
from tests.api.test_queries import NEEDED, OF_LAST_MONTH

TABLE = Path(__file__).with_name("access_matrix.csv")
PAPERS = {"kind": "json", "paper": "html", "date": "2026-03-02", "monday": "2026-03-02", "instrument": "phq-9"}
WRONG_VERSION = '"999999"'
"""An order within reach is then refused as stale or by its own rules, so that no cell changes another."""
ABSENT: dict[tuple[Any, ...], str] = {}
"""What each operation says of what does not exist; whose token it is matters in no other way."""
NAMING_ANYBODY = {"enrollment.refer", "access.open_break_glass"}
EVERYBODYS = {"policy_id", "payer_id", "program_id", "one", "other"}
"""What is no program's, and the program itself, which every order is held to."""
COARSE = {"outcomes.cohorts", "outcomes.difference", "outcomes.stay", "outcomes.attendance"}
"""What those who look from outside may not narrow to a program."""


@pytest.fixture(scope="module")
def matrix_house(postgres_url: str, open_store: str, keys: Path) -> Iterator[House]:
    """A clinic with the matrix's things, sealed, so that packets can be made. The same picture is drawn once."""
    from projections.pictures import drawing

    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE matrix TEMPLATE {}").format(sql.Identifier(open_store)))
    url = make_conninfo(postgres_url, dbname="matrix")
    with opened(url, keys) as house, pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "drawn", cache(drawing.drawn))
        furnish(house)
        seal(url, keys)
        yield house


@pytest.fixture(scope="module")
def operations(matrix_house: House) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every operation's method, path and description by its name."""
    paths = matrix_house.client.ask("GET", "/v1/openapi.json").json()["paths"]
    return {
        one["operationId"]: (method.upper(), path, one)
        for path, methods in paths.items() for method, one in methods.items() if one["operationId"] not in PROBES
    }  # fmt: skip


def reviewed() -> dict[str, dict[str, str]]:
    """The table as it was reviewed."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {row.pop("operation"): row for row in csv.DictReader(lines)}


def test_every_operation_stands_in_the_reviewed_table(operations: dict[str, Any]) -> None:
    """One that nobody has reviewed fails here, and so does one that is gone."""
    assert set(reviewed()) == set(operations) | {f"{name} without consent" for name in DISCLOSING}


def test_every_cell_is_as_it_was_reviewed(matrix_house: House, operations: dict[str, Any]) -> None:
    """No mismatch in any role and situation."""
    table = reviewed()
    wrong = {
        (name, role): (cell, table[name][role]) for name in operations for role in ROLES
        if (cell := _cell(matrix_house, name, role, *operations[name])) != table[name][role]
    }  # fmt: skip
    assert wrong == {}


def test_what_an_order_names_beside_its_own_is_told_alike_elsewhere_and_nowhere(
    matrix_house: House, operations: dict[str, Any]
) -> None:
    """Of a thing within reach an order names another, of another program or of nobody: the answers are the same. Only a
    referral, and who breaks the glass, may name anybody."""
    own, wrong = TARGETS["own"].ids, set()
    for name in sorted(set(operations) & set(ORDERS) - NAMING_ANYBODY):
        role = min(ORDERS[name].roles & {"clinician"} or ORDERS[name].roles)
        path = re.sub(r"\{(\w+)\}", lambda found: own[found[1]], operations[name][1]).removeprefix("/v1")
        body = json.dumps(body_of(name, TARGETS["own"]))
        for one in (one for one, known in own.items() if known in body and one not in EVERYBODYS):
            answers = {
                _bare(matrix_house.post(role, path, json.loads(body.replace(own[one], TARGETS[which].ids[one])),
                                        If_Match=WRONG_VERSION))
                for which in ("elsewhere", "absent")
            }  # fmt: skip
            wrong |= {(name, one)} if len(answers) > 1 else set()
    assert wrong == set()


def test_nothing_is_disclosed_without_a_consent(matrix_house: House, operations: dict[str, Any]) -> None:
    """R is a refusal by the very rule; who may not disclose at all is told that and no more."""
    table = reviewed()
    for name, (rule, said) in DISCLOSING.items():
        for role in ROLES:
            method, path, description = operations[name]
            answer = _asked(
                matrix_house, name, role, "own", "without consent", method, path, description, **said
            )
            kind = answer.json()["type"].rpartition(":")[2] if not answer.is_success else "disclosed"
            cell = {"not-permitted": "F", rule: "R"}.get(kind, kind)
            assert cell == table[f"{name} without consent"][role], (name, role, answer.text)


def test_the_reviewed_table_and_the_policy_say_the_same() -> None:
    """Found without asking: who may at all, and who needs a relationship; so neither is widened alone."""
    for name, row in reviewed().items():
        rule = ORDERS.get(name) or QUESTIONS.get(name)
        if rule is not None:
            assert {role for role, cell in row.items() if cell != "F"} == rule.roles, name
            needy = {role for role in rule.roles & TREATING if row[role][1:3] == "NN" and row[role][0] == "A"}
            assert needy == (rule.roles & TREATING if rule.scope == "relationship" else set()), name


def test_the_access_log_tells_the_purpose_that_the_policy_names(matrix_house: House, operations: Any) -> None:
    """For every question, by whoever may ask it first."""
    for name, rule in QUESTIONS.items():
        role = min(rule.roles)
        answer = _asked(matrix_house, name, role, "own", "own", *operations[name])
        found = matrix_house.recorded_reads(
            "SELECT DISTINCT purpose FROM access_log WHERE request = %s AND resource = %s",
            answer.headers["x-request-id"], name,
        )
        said = {"note.print", "session.print", "patient.chart", "note.differences"}  # whose caller says the purpose
        assert name in {"me", "log.proof", "note.templates"} | said or found == [(rule.purpose,)], (name, found)


def test_a_biller_and_an_auditor_never_get_the_words_of_a_document(matrix_house: House, operations: Any) -> None:
    """A word that stands in every note and risk is in no answer of theirs, and in a clinician's it is."""
    for name, (method, path, description) in operations.items():
        for role in ("biller", "auditor") if method == "GET" and name in QUESTIONS else ():
            text = _asked(matrix_house, name, role, "own", "own", method, path, description).text
            assert CANARY not in text, (name, role)
    for name in ("note.read", "note.print", "patient.chart", "outcomes.risk"):
        assert CANARY in _asked(matrix_house, name, "clinician", "own", "own", *operations[name]).text, name


def _cell(house: House, name: str, role: str, method: str, path: str, description: dict[str, Any]) -> str:
    """The letters of one operation in one role, one for each situation; F alone where the role may never."""
    first = _letter(house, name, role, "own", method, path, description)
    if first == "F" and _letter(house, name, role, "elsewhere", method, path, description) == "F":
        return "F"
    return first + "".join(_letter(house, name, role, one, method, path, description) for one in SITUATIONS[1:])


def _letter(
    house: House, name: str, role: str, situation: str, method: str, path: str, description: dict[str, Any]
) -> str:
    """One letter; what is answered with something that it may not hold, or otherwise than what is not there, fails."""
    if situation in {"unrelated", "glass"} and role not in TREATING:
        return "-"
    ask: Callable[[str], Any] = lambda which: _asked(house, name, role, situation, which, method, path, description)  # noqa: E731
    answer = ask(TARGET_OF[situation])
    status, refused = answer.status_code, _refused(answer)
    if name in OF_LAST_MONTH and looks_from_outside(role) and status in {200, 404}:
        return "E"
    if status == 403 or refused == "not-permitted":
        return "F"
    if status == 404 or refused == "not-found":
        # Nobody is told by the answer whether there is something. That patients of one's own program are known to it
        # is no secret, so there only what is shown of them must say nothing.
        if method == "GET" or situation in {"elsewhere", "revoked"}:
            absent = "absent" if situation in {"elsewhere", "revoked"} else "absent here"
            key = (name, role, absent, situation == "revoked")
            if key not in ABSENT:
                ABSENT[key] = _bare(ask(absent))
            assert _bare(answer) == ABSENT[key], (name, role, situation)
        return "N"
    assert status in {200, 201, 401, 409, 412, 422}, (name, role, situation, status, answer.text)
    foreign = {"elsewhere": "elsewhere", "revoked": "own"}.get(situation)
    if foreign and status == 200 and method == "GET":
        hidden = {TARGETS[foreign].ids[one] for one in ("patient_id", "enrollment_id", "session_id", "note_id")}
        assert not [one for one in hidden if one in answer.text], (name, role, situation)
        return "E"
    return "P" if status == 401 else "A"


def _asked(
    house: House, name: str, role: str, situation: str, which: str, method: str, path: str, description: dict[str, Any],
    **said: Any,
) -> Any:
    """The answer to a role in a situation about a target; `said` stands beside what is asked, or in place of it."""
    one = TARGETS.get(which, WITHOUT_CONSENT)
    filled = re.sub(r"\{(\w+)\}", lambda found: PAPERS.get(found[1]) or one.ids[found[1]], path).removeprefix("/v1")
    who: dict[str, Any] = {
        "programs": () if situation == "revoked" else (PROGRAM,), "person": person_of(role, situation),
    }  # fmt: skip
    if method == "GET":
        named = {each["name"] for each in description.get("parameters", ()) if each["in"] == "query"}
        counting = name == "audit.counts" and not may_ask(role, "audit.entries")
        outside = counting or (name in COARSE and looks_from_outside(role))  # who may narrow nothing
        wanted = {key: value for key, value in one.ids.items() if key in named & {"program_id", "patient_id"}}
        wanted = {} if outside else wanted
        needed = {key: one.ids.get(key, value) for key, value in NEEDED.get(name, {}).items()}
        return house.get(role, filled, project=False, **who, **(needed | wanted | said))
    seen = {} if said else {"If_Match": WRONG_VERSION}
    return house.post(role, filled, body_of(name, one) | said, **seen, **who)


def _refused(answer: Any) -> str | None:
    """Why the one document of a challenge or a documentation cannot be signed or stored; the slug alone."""
    if answer.status_code != 200 or "application/json" not in answer.headers["content-type"]:
        return None
    found = answer.json()
    signatures = found.get("signatures") or found.get("documents") or ()
    kinds = [one["refused"]["type"].rpartition(":")[2] for one in signatures if one.get("refused")]
    return kinds[0] if kinds and "item" not in found else None


def _bare(answer: Any) -> str:
    """The answer but for the request's id; in a challenge's, but for the id that was asked."""
    found = json.loads(answer.content)
    found.pop("request", None)
    return re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d{10}\b", "id", json.dumps(found))
