"""What the versions of the streams that a patient's programs share tell each of them: what it recorded itself."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response

from aggregates.access.streams import access_of
from aggregates.account.streams import account_of
from aggregates.risk.streams import risk_of
from api.commands.told import SHARED
from api.routes.commands import GUARDED
from tests.api.clinic import at, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_presence import EPISODE, PATIENT, THERE, in_both
from tests.api.test_problems import problem
from tests.api.test_shared_account import charged_there, pay

ALONE = an_id("patient", 2)
OF = {"risk": risk_of, "account": account_of, "access": access_of}


def judge(house: House, patient: str, minute: int, program: str = PROGRAM, **headers: str) -> Response:
    """A clinician judges the risk."""
    body: dict[str, Any] = {"patient_id": patient, "program_id": program, "assessed_at": at(f"09:{minute:02}", -1),
                            "level": "low", "basis": ["interview"]}  # fmt: skip
    return house.post("clinician", f"/risks/{risk_of(patient)}/assess", body, programs=(program,), **headers)


def begun_there(house: House) -> None:
    """The other program judges the risk, has money on the account, broke the glass, and told somebody of its record."""
    charged_there(house)
    for minute in range(3):
        assert judge(house, PATIENT, minute, ELSEWHERE).status_code == 200
    house.done("clinician", f"/access/{access_of(PATIENT)}/open-break-glass", {
        "patient_id": PATIENT, "program_id": ELSEWHERE, "grant_id": an_id("grant", 70), "cause": "crisis_call",
        "words": "Calls.",
    }, programs=THERE)  # fmt: skip
    house.done("privacy_officer", f"/access/{access_of(PATIENT)}/record-disclosure", {
        "patient_id": PATIENT, "disclosure_id": an_id("disclosure", 70), "enrollment_id": EPISODE, "made_on": on(),
        "made_at": at("08:00"), "recipient": "Hospital", "affiliation": "Hospital", "words": "Unconscious.",
        "information": ["medications"], "purpose": "treatment", "basis": "emergency",
    }, programs=THERE)  # fmt: skip


@pytest.mark.parametrize("kind", OF)
def test_of_a_shared_stream_a_program_is_told_of_its_own_facts_alone(own_house: House, kind: str) -> None:
    """Where another program alone recorded something it is as if nobody had; what one's own recorded is counted, and in
    both programs all of it."""
    house = own_house
    begun_there(house)
    theirs = {"risk": 3, "account": 5, "access": 2}[kind]
    for asked in ({}, {"as_of": house.log.head().position}):
        shared, nobodys = (house.get("auditor", f"/streams/{OF[kind](one)}", **asked) for one in (PATIENT, ALONE))
        problem(shared, 404, "not-found")
        assert shared.json()["detail"] == nobodys.json()["detail"]
    assert judge(house, PATIENT, 10).json()["version"] is None
    assert pay(house, PATIENT, 1).json()["version"] is None
    opened = house.post("clinician", f"/access/{access_of(PATIENT)}/open-break-glass", {
        "patient_id": PATIENT, "program_id": PROGRAM, "grant_id": an_id("grant", 71), "cause": "crisis_call",
        "words": "Calls."}, person=an_id("clinician", 2))  # fmt: skip
    assert (opened.status_code, opened.json()["version"], "etag" in opened.headers) == (200, None, False)
    for programs, count in (((PROGRAM,), 1), (THERE, theirs), ((PROGRAM, ELSEWHERE), theirs + 1)):
        answer = house.get("auditor", f"/streams/{OF[kind](PATIENT)}", programs=programs)
        assert (answer.json()["item"]["version"], answer.headers["etag"]) == (count, f'"{count}"')


def test_if_match_asks_for_the_version_that_is_told(own_house: House) -> None:
    """No number that is tried tells how often another program judged the risk; the own count is what matches."""
    house = own_house
    in_both(house, "09:10")
    for minute in range(3):
        assert judge(house, PATIENT, minute, ELSEWHERE).status_code == 200
    for number in range(1, 6):
        for patient in (PATIENT, ALONE):
            problem(judge(house, patient, 10, if_match=f'"{number}"'), 412, "version-changed")
    for patient in (PATIENT, ALONE):
        assert judge(house, patient, 11).status_code == 200
        problem(judge(house, patient, 12, if_match='"4"'), 412, "version-changed")
        assert judge(house, patient, 12, if_match='"1"').status_code == 200


def test_a_grant_that_is_not_there_is_told_alike_whatever_another_program_has(own_house: House) -> None:
    """Whether the other program broke the glass, or told anybody: neither its grant nor another's is there to judge."""
    house = own_house
    begun_there(house)
    answers = {
        (answer.status_code, answer.json()["detail"]) for patient in (PATIENT, ALONE)
        if (answer := house.post("privacy_officer", f"/access/{access_of(patient)}/review-break-glass", {
            "patient_id": patient, "grant_id": an_id("grant", 99), "justified": True, "words": "It was."}))
    }  # fmt: skip
    assert len(answers) == 1, answers


def test_no_order_on_a_shared_stream_wants_a_version() -> None:
    """So that the answers to such orders need not tell one."""
    assert {name.partition(".")[0] for name in GUARDED}.isdisjoint(SHARED)
    assert set(OF) == SHARED
