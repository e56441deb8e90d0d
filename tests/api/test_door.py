"""What a stranger, a borrowed key or another program's patient meets at the door."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregates.risk.streams import risk_of
from aggregates.values import instant
from tests.api.clinic import STRANGER, at, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem


def test_nothing_is_read_before_the_token(house: House) -> None:
    """Without a token a broken body and a misspelled parameter are a 401 like everything else."""
    problem(house.client.ask("POST", "/v1/patients", content=b"{"), 401, "not-authenticated")
    problem(house.client.ask("GET", "/v1/billing/days?zzz=1"), 401, "not-authenticated")


def test_a_body_has_a_size(house: House) -> None:
    """More than a megabyte is refused by its announced length, and so is a length that is not announced."""
    voice = house.voice("front_desk")
    huge = json.dumps({"identity": "x" * 1_000_001}).encode()
    problem(house.client.ask("POST", "/v1/patients", content=huge, headers=voice), 413, "too-large")
    unannounced = voice | {"Transfer-Encoding": "chunked"}
    problem(house.client.ask("POST", "/v1/patients", content=b"{}", headers=unannounced), 413, "too-large")


def test_a_key_does_not_answer_another_role(house: House) -> None:
    """The same person's key in a role that may not order it is no way to the first answer."""
    identity = {"family_name": "Door", "given_name": "Ida", "birth_date": "1990-01-01", "sex": "female"}
    person, body = an_id("person", 7), {"identity": identity}
    first = house.post("front_desk", "/patients", body, person=person, idempotency_key="same")
    assert first.status_code == 201
    again = house.post("auditor", "/patients", body, person=person, idempotency_key="same")
    assert again.status_code in {403, 422}
    assert first.json()["id"] not in again.text


def test_the_first_use_of_a_key_is_not_a_replay(house: House) -> None:
    """What was already so says so, but only a key that comes again is replayed."""
    session = morning(house, session=701, days=-3)
    start = {"started_at": at("09:00", -3)}
    assert house.done("clinician", f"/sessions/{session}/start", start)["replayed"] is False
    told = house.done("clinician", f"/sessions/{session}/start", start, idempotency_key="another")
    assert (told["facts"], told["replayed"]) == ([], False)
    assert house.done("clinician", f"/sessions/{session}/start", start, idempotency_key="another")["replayed"] is True


def test_a_note_about_another_programs_patient_is_refused(house: House) -> None:
    """A patient named without an episode must have been referred to a program of the caller."""
    draft = {"kind": "case_management", "program_id": PROGRAM, "service_date": on(-1),
             "service_ended_at": at("12:00", -1), "content": {"sections": [{"name": "plan", "words": "Called."}]}}
    refused = house.post("clinician", "/notes", draft | {"patient_id": STRANGER})
    problem(refused, 404, "not-found")
    assert house.post("clinician", "/notes", draft | {"patient_id": an_id("patient", 1)}).status_code == 201
    there = draft | {"patient_id": STRANGER, "program_id": ELSEWHERE}
    assert house.post("clinician", "/notes", there, programs=(ELSEWHERE,)).status_code == 201


@pytest.mark.parametrize("said", [{}, {"occurred_at": "now"}])
def test_what_is_typed_in_later_was_true_earlier(house: House, said: dict[str, str]) -> None:
    """A fact takes the time that its command tells, whatever later one is said beside it, so that the audit sees it was
    late."""
    beside = {name: instant(datetime.now(UTC)) for name in said}
    session = morning(house, session=702 + len(said), days=-3)
    house.done("clinician", f"/sessions/{session}/start", {"started_at": at("09:00", -3), **beside})
    entries = house.found("auditor", f"/audit/streams/{session}")
    started = next(entry for entry in entries if entry["name"] == "session.started")
    assert started["occurred_at"] == at("09:00", -3)
    assert started["late"] is True


def test_a_judgment_told_later_was_made_earlier(house: House) -> None:
    """So are judgments of risk and what was tried to reach somebody."""
    patient = an_id("patient")
    for name, time, more in (
        ("assess", "assessed_at", {"level": "low", "basis": ["interview"]}),
        ("make-follow-up", "made_at", {"means": "phone", "reached": True, "cause": "alert"}),
    ):
        asked = {"patient_id": patient, "program_id": PROGRAM, time: at("10:00", -2), **more}
        house.done("clinician", f"/risks/{risk_of(patient)}/{name}", asked)
    told = house.found("auditor", f"/audit/streams/{risk_of(patient)}")
    assert [one["late"] for one in told] == [True] * len(told)


def hung_up(house: House, path: str, role: str) -> list[int]:
    """The status that is answered to a caller who goes away in the middle of a body."""
    said: list[Any] = []
    heard: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return heard.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    headers = house.voice(role) | {"Content-Type": "application/json", "Content-Length": "100"}
    asyncio.run(house.client.app({
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path, "raw_path": b"",
        "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }, receive, send))  # fmt: skip
    return [one["status"] for one in said if one["type"] == "http.response.start"]


def test_who_hangs_up_is_no_failure_of_ours(own_house: House) -> None:
    """A command's and another's body that ends too early are refused alike, and nobody is woken by an error."""
    with capture_logs() as logs:
        for path, role in (("/v1/patients", "front_desk"), ("/v1/claims/prepare", "biller")):
            assert hung_up(own_house, path, role) == [400]
    assert not [one for one in logs if one["log_level"] == "error"]


def test_no_address_leads_elsewhere(house: House) -> None:
    """A slash too many is no address: nothing answers with the host or the scheme that the caller's words make up."""
    stranger = house.voice("front_desk") | {"Host": "elsewhere.example"}
    for method, path in (("POST", "/v1/patients/"), ("GET", "/v1/me/"), ("GET", "/health/"), ("GET", "/v1/docs/")):
        answer = house.client.ask(method, path, headers=stranger)
        problem(answer, 404, "not-found")
        assert "location" not in answer.headers


def test_a_wrong_method_is_told_the_right_one_whatever_else_is_wrong(house: House) -> None:
    """Also with a parameter that the address does not have."""
    for path in ("/v1/me", "/v1/me?zzz=1"):
        answer = house.client.ask("PUT", path, headers=house.voice("biller"))
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET"
