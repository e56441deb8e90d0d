"""Commands over HTTP: what is refused and how, what is done once, and what the reply says."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from aggregates.kit import COMMANDS
from api.routes.commands import BEGINS, COLLECTION, GUARDED, MADE, SIGNED
from iop_es.load.example import example_line
from tests.api.clinic import PAYER, STRANGER, at, attendance, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem

IDENTITY = {"family_name": "Moss", "given_name": "Ida", "birth_date": "1991-02-03", "sex": "female"}


def path_of(name: str, stream: str) -> str:
    """The address of a command on a stream."""
    aggregate, _, verb = name.partition(".")
    return f"/{COLLECTION[aggregate]}/{stream}/{verb.replace('_', '-')}"


OF_A_PERSON = {"access.revoke", "access.grant"}
"""Whose id follows from the person's: any other one is refused as that."""


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - BEGINS - SIGNED - MADE - OF_A_PERSON))
def test_an_unknown_id_is_not_found(house: House, name: str) -> None:
    """Every command on something that does not exist is the same 404, with a body that is otherwise valid."""
    line = json.loads(example_line(name))
    body = dict(list(line["data"].items())[1:])
    role = line["actor"]["role"]
    response = house.post(role, path_of(name, str(uuid4())), body, If_Match='"0"')
    assert problem(response, 404, "not-found")["detail"].startswith(("No ", "Nothing "))


def test_other_programs_do_not_exist(house: House) -> None:
    """Commands on another program's episode, patient or by its id are 404, and nothing is recorded."""
    before = house.log.head().position
    leave = {"leave_id": str(uuid4()), "started_on": on(-1), "cause": "vacation"}
    theirs, nobodys = f"/enrollments/{an_id('enrollment', 99)}/start-leave", f"/enrollments/{uuid4()}/start-leave"
    known = problem(house.post("clinician", theirs, leave), 404, "not-found")
    unknown = problem(house.post("clinician", nobodys, leave), 404, "not-found")
    assert known["detail"] == unknown["detail"]
    contact = {"effective_from": on(-1), "instructions": "mornings"}
    problem(house.post("front_desk", f"/patients/{STRANGER}/set-confidential-contact", contact), 404, "not-found")
    referral = {"patient_id": an_id("patient"), "program_id": ELSEWHERE, "referred_on": on(-1), "source": "self"}
    problem(house.post("front_desk", "/enrollments", referral), 404, "not-found")
    joining = {"programs": [PROGRAM, ELSEWHERE], "discipline": "LCSW", "associate": False, "joined_on": on(-1),
               "family_name": "A", "given_name": "B"}
    problem(house.post("director", "/clinicians", joining), 404, "not-found")
    assert house.log.head().position == before


def test_a_discharge_is_taken_back_only_while_no_later_episode_followed(house: House) -> None:
    """Neither does one that is moved reach into it, whether that is open or has ended too."""
    patient, first, second = str(uuid4()), str(uuid4()), str(uuid4())
    house.done("front_desk", "/patients", {"patient_id": patient, "identity": IDENTITY})
    referral = {"patient_id": patient, "program_id": PROGRAM, "source": "self"}
    house.done("front_desk", "/enrollments", referral | {"enrollment_id": first, "referred_on": on(-9)})
    ending = {"discharged_on": on(-6), "reason": "other", "patient_status": "01"}
    house.done("clinician", f"/enrollments/{first}/discharge", ending)
    house.done("front_desk", "/enrollments", referral | {"enrollment_id": second, "referred_on": on(-4)})
    path = f"/enrollments/{first}/correct-discharge"
    problem(house.post("clinician", path, {"cause": "entry_error"}), 409, "opened-again")
    later = ending | {"discharged_on": on(-3), "cause": "entry_error"}
    problem(house.post("clinician", path, later), 409, "reaches-next-episode")
    house.done("clinician", path, later | {"discharged_on": on(-4)})
    house.done("clinician", f"/enrollments/{second}/discharge", ending | {"discharged_on": on(-1)})
    problem(house.post("clinician", path, {"cause": "entry_error"}), 409, "followed-by-episode")
    problem(house.post("clinician", path, later), 409, "reaches-next-episode")
    path = f"/enrollments/{second}/correct-discharge"
    assert house.done("clinician", path, {"cause": "entry_error"})["facts"] == ["enrollment.discharge_corrected"]
    problem(house.post("front_desk", "/enrollments", referral | {"referred_on": on()}), 409, "episode-already-open")


def test_an_id_names_one_thing(house: House) -> None:
    """A new thing cannot take the id of a thing of another kind."""
    body = {"patient_id": an_id("enrollment"), "identity": IDENTITY}
    problem(house.post("front_desk", "/patients", body), 409, "id-taken")


def test_what_is_begun_gets_an_address(house: House) -> None:
    """A new thing's id may be left out; the reply names it, its version and the position to wait for."""
    response = house.post("front_desk", "/patients", {"identity": IDENTITY}, Prefer="wait=5")
    assert response.status_code == 201
    reply = response.json()
    assert response.headers["location"] == f"/v1/patients/{reply['id']}"
    assert response.headers["etag"] == '"1"'
    assert reply["facts"] == ["patient.registered"]
    assert reply["projected"] is True
    assert (reply["position"], reply["version"]) == (house.log.head().position, 1)


def test_the_same_key_gives_the_first_answer(house: House) -> None:
    """A repeated order has one effect and the same answer; with another body it is refused."""
    body = {"identity": IDENTITY | {"given_name": "Twice"}}
    first = house.done("front_desk", "/patients", body, Idempotency_Key="once")
    again = house.done("front_desk", "/patients", body, Idempotency_Key="once")
    assert again == first | {"replayed": True}
    other = house.post("front_desk", "/patients", {"identity": IDENTITY}, Idempotency_Key="once")
    assert "once" not in problem(other, 422, "key-reused")["detail"]
    house.done("front_desk", "/patients", {"identity": IDENTITY}, Idempotency_Key="once", person=str(uuid4()))


def test_a_key_is_remembered_when_nothing_was_to_be_done(house: House) -> None:
    """A late repetition of an order that changed nothing changes nothing, whatever happened since."""
    session = morning(house, session=301, patients=range(1, 2))
    arrival = {"patient_id": an_id("patient"), "attendance_id": attendance(301, 1), "arrived_at": at("09:00")}
    house.done("front_desk", f"/sessions/{session}/check-in", arrival)
    quiet = house.done("front_desk", f"/sessions/{session}/check-in", arrival, Idempotency_Key="late-tap")
    assert quiet["facts"] == []
    leaving = {"attendance_id": attendance(301, 1), "left_at": at("09:30")}
    house.done("front_desk", f"/sessions/{session}/check-out", leaving)
    late = house.done("front_desk", f"/sessions/{session}/check-in", arrival, Idempotency_Key="late-tap")
    assert late == quiet | {"replayed": True}


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_overwriting_wants_if_match(house: House, name: str) -> None:
    """Commands that could undo another's work without seeing it ask for the version that was seen."""
    line = json.loads(example_line(name))
    body = dict(list(line["data"].items())[1:])
    problem(house.post(line["actor"]["role"], path_of(name, str(uuid4())), body), 428, "if-match-missing")


def test_a_stale_version_is_refused(house: House) -> None:
    """Whoever decides on an old version is told to read again; the current version passes, also as a weak tag."""
    session = morning(house, session=302, patients=range(1, 3))
    move = {"service_date": on(), "starts_at": at("10:00"), "ends_at": at("11:00"), "cause": "room"}
    problem(house.post("front_desk", f"/sessions/{session}/reschedule", move, If_Match='"1"'), 412, "version-changed")
    etag = house.get("front_desk", f"/sessions/{session}").headers["ETag"]
    house.done("front_desk", f"/sessions/{session}/reschedule", move, If_Match=f"W/{etag}")
    problem(house.post("front_desk", f"/sessions/{session}/reschedule", move, If_Match="abc"), 422, "invalid")


def test_impossible_times(house: House) -> None:
    """Leaving before arriving, the future, and service before the referral or after discharge are refused by name."""
    session = morning(house, session=303, patients=range(1, 2))
    mine = {"patient_id": an_id("patient"), "attendance_id": attendance(303, 1)}
    early = house.post("front_desk", f"/sessions/{session}/check-in", mine | {"arrived_at": at("09:00", 1)})
    problem(early, 409, "in-the-future")
    tomorrow = mine | {"arrived_at": at("09:00"), "occurred_at": at("09:00", 1)}
    problem(house.post("front_desk", f"/sessions/{session}/check-in", tomorrow), 409, "in-the-future")
    house.done("front_desk", f"/sessions/{session}/check-in", mine | {"arrived_at": at("09:30")})
    leaving = {"attendance_id": attendance(303, 1), "left_at": at("09:10")}
    problem(house.post("front_desk", f"/sessions/{session}/check-out", leaving), 409, "left-before-arriving")
    expected = [{"patient_id": an_id("patient"), "enrollment_id": an_id("enrollment"), "attendance_id": str(uuid4())}]
    before = {"program_id": PROGRAM, "service_kind": "individual", "level_of_care": "intensive_outpatient",
              "topic": "intake", "service_date": on(-40), "starts_at": at("09:00", -40), "ends_at": at("10:00", -40),
              "place_of_service": "53", "facilitators": [an_id("clinician")], "expected": expected}
    response = house.post("front_desk", "/sessions", before)
    assert response.status_code == 409, response.text
    no_offset = mine | {"arrived_at": "2026-03-02T09:00:00"}
    found = problem(house.post("front_desk", f"/sessions/{session}/check-in", no_offset), 422, "invalid")
    assert "offset" in found["errors"][0]["message"]


def test_a_refusal_names_its_rule_and_what_to_do(house: House) -> None:
    """A refusal is a 409 whose type is the rule; closing with people in the room asks for each end."""
    session = morning(house, session=304, patients=range(1, 3))
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00")})
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    response = house.post("clinician", f"/sessions/{session}/close", {"ended_at": at("12:30")}, If_Match=etag)
    found = problem(response, 409, "open-check-ins")
    assert attendance(304, 1) in found["detail"]


def test_a_role_cannot_order_what_is_not_its_work(house: House) -> None:
    """An auditor registers nobody; a front desk signs nothing."""
    problem(house.post("auditor", "/patients", {"identity": IDENTITY}), 403, "not-permitted")
    amend = {"content": {"sections": []}}
    problem(house.post("front_desk", f"/notes/{uuid4()}/revise", amend, If_Match='"1"'), 403, "not-permitted")


def test_a_director_opens_a_program_and_then_needs_its_token(house: House) -> None:
    """A new program is in nobody's token yet; once opened it belongs to those whose token names it."""
    opening = {"code": "iop-new", "name": "New", "level_of_care": "intensive_outpatient", "focus": "substance_use",
               "population": "adult", "time_zone": "UTC", "opened_on": "2026-01-01"}
    new = house.done("director", "/programs", opening)["id"]
    enrollment = {"payer_id": PAYER, "effective_from": "2026-01-01"}
    problem(house.post("director", f"/programs/{new}/record-payer-enrollment", enrollment), 404, "not-found")
    house.done("director", f"/programs/{new}/record-payer-enrollment", enrollment, programs=(PROGRAM, new))


def test_unverified_terms_bill_only_in_a_simulation(house: House) -> None:
    """A real store takes no claim that calls itself a demonstration."""
    body: dict[str, Any] = json.loads(example_line("claim.submit"))["data"] | {"demonstration": True}
    problem(house.post("biller", f"/claims/{body.pop('claim_id')}/submit", body), 409, "only-in-simulations")
