"""Requests that the API's own description allows, or nearly: made from it, sent in process and held against it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, get_args

import requests
import schemathesis
from httpx import Response
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aggregates.access.streams import access_of
from aggregates.values import Role
from api.access import rule_of
from tests.api.clinic import DIRECTOR, GROUP, PAYER, POLICY, attendance, draft, morning
from tests.api.house import PROGRAM, House, an_id

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
)  # fmt: skip
ROLES = tuple(role for role in get_args(Role) if role != "system")
QUIETLY: dict[str, Any] = {
    "database": None, "deadline": None, "suppress_health_check": list(HealthCheck), "verbosity": Verbosity.quiet,
    "phases": [Phase.generate],
}  # fmt: skip
STEPS = 4


@dataclass
class Fuzzing:
    """The API of one house, asked by its description. `found` are its defects: where, and what is wrong."""

    house: House
    known: Mapping[str, str]
    schema: Any
    found: dict[str, str] = field(default_factory=dict)
    answered: Counter[int] = field(default_factory=Counter)

    def each(self, operation: Any, number: int, drawn: int, roles: Sequence[Role] = ()) -> None:
        """One operation so many times in each of these roles, every second time with something wrong; without roles in
        one that is drawn, with nothing wrong. What is sent is made up once for all of them."""
        asking = roles or (_role_for(_name_of(operation), random.Random(f"{drawn}{_name_of(operation)}")),)
        wrong = number // 2 if roles else 0
        self._run(operation.as_strategy(), asking, number - wrong, drawn)
        if wrong:
            with suppress(Unsatisfiable):  # there is nothing to get wrong
                self._run(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), asking, wrong, drawn)

    def one_after_the_other(self, number: int, drawn: int) -> None:
        """Things are begun, and gone on with by the links of the description."""
        fuzzing, machine = self, self.schema.as_state_machine()

        class Machine(machine):  # type: ignore[misc] # made at run time
            """Asks the house instead of an address."""

            def call(self, case: Any, **_: Any) -> Any:
                name = _name_of(case.operation)
                response = fuzzing.ask(case, _role_for(name, random.Random(f"{drawn}{name}")))
                sent = case.as_transport_kwargs(base_url="http://test")
                asked = requests.Request(sent["method"], sent["url"], json=sent.get("json")).prepare()
                headers = {name: [value] for name, value in response.headers.items()}
                return schemathesis.Response(response.status_code, headers, response.content, asked, 0.0, verify=False)

            def validate_response(self, response: Any, case: Any, **_: Any) -> None:
                fuzzing.check(response, case)

        Machine.run(settings=settings(max_examples=number, stateful_step_count=STEPS, **QUIETLY))

    def ask(self, case: Any, role: Role) -> Response:
        """Sends it."""
        sent = case.as_transport_kwargs(base_url="http://test")
        headers = {name: value for name, value in (sent.get("headers") or {}).items() if str(value).isascii()}
        body = {"content": sent["data"]} if sent.get("data") is not None else {"json": sent.get("json")}
        response = self.house.client.ask(
            sent["method"], sent["url"].removeprefix("http://test"), params=sent.get("params"), cookies=None,
            headers=headers | self.house.voice(role, DIRECTOR), **body,
        )  # fmt: skip
        self.answered[response.status_code] += 1
        return response

    def check(self, response: Any, case: Any) -> None:
        """Notes whatever of the answer the description does not say."""
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                where = f"{case.operation.label} {response.status_code} {type(one).__name__}"
                told = f"{one} {response.content[:500]!r} for {str(case.body)[:500]} {case.query}"
                self.found.setdefault(where, told)

    def _run(self, strategy: Any, roles: Sequence[Role], number: int, drawn: int) -> None:
        def ask(case: Any, dice: random.Random) -> None:
            for part in (case.path_parameters, case.query, case.body):
                self._known(part, dice)
            for role in roles:
                self.check(self.ask(case, role), case)

        asked = given(case=strategy, dice=st.randoms(use_true_random=False))(ask)
        seed(drawn)(settings(max_examples=number, **QUIETLY)(asked))()

    def _known(self, part: Any, dice: random.Random) -> None:
        """Puts ids that exist in the place of most that were made up."""
        if isinstance(part, list):
            for one in part:
                self._known(one, dice)
        elif isinstance(part, dict):
            for name, value in part.items():
                if name in self.known and isinstance(value, str):
                    part[name] = self.known[name] if dice.random() < 0.8 else value
                else:
                    self._known(value, dice)


def fuzzing(house: House) -> Fuzzing:
    """The API of a clinic with a session this morning and a draft."""
    session, note = morning(house), draft(house)
    house.project()
    known = {
        "patient_id": an_id("patient"), "enrollment_id": an_id("enrollment"), "program_id": PROGRAM,
        "clinician_id": an_id("clinician"), "payer_id": PAYER, "policy_id": POLICY, "group_id": GROUP,
        "session_id": session, "note_id": note, "authorization_id": an_id("authorization"),
        "attendance_id": attendance(1, 1), "access_id": access_of(an_id("patient")), "stream_id": an_id("patient"),
        "coverage_id": an_id("coverage"), "account_id": an_id("account"), "claim_id": an_id("claim"),
        "since": "1",
    }  # fmt: skip
    return Fuzzing(house, known, schemathesis.openapi.from_dict(house.client.ask("GET", "/v1/openapi.json").json()))


def operations(schema: Any) -> list[Any]:
    """Those of a description, in its order."""
    return [one.ok() for one in schema.get_all_operations()]


def _name_of(operation: Any) -> str:
    return str(operation.definition.raw["operationId"])


def _role_for(operation: str, dice: random.Random) -> Role:
    """One that may ask this, three times out of four."""
    rule = rule_of(operation)
    allowed = sorted((rule.roles if rule else frozenset(ROLES)) - {"system"})
    return dice.choice(allowed if dice.random() < 0.75 else ROLES)
