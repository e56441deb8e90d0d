"""Many at once: one wins, the others are decided again or told; the same order has one effect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.api.clinic import PATIENTS, at, attendance, morning, on
from tests.api.house import House, an_id

TIMES = 50


def together(*calls: Callable[[], Any]) -> list[Any]:
    """The answers of calls that all start at the same moment."""
    barrier = Barrier(len(calls))

    def wait_and(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [one.result() for one in [threads.submit(wait_and, call) for call in calls]]


def test_the_same_key_fifty_times_at_once(house: House) -> None:
    """One patient, one fact, fifty equal answers."""
    before = house.log.head().position
    body = {"identity": {"family_name": "Ash", "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female",
                         "medical_record_number": "MRN-50"}}
    answers = together(*[lambda: house.post("front_desk", "/patients", body, Idempotency_Key="fifty")] * TIMES)
    assert {answer.status_code for answer in answers} == {201}
    assert len({str(answer.json() | {"replayed": None}) for answer in answers}) == 1
    assert sum(not answer.json()["replayed"] for answer in answers) == 1
    assert house.log.head().position == before + 1


def test_an_order_is_not_refused_for_its_own_effect(house: House) -> None:
    """Fifty times the same order on the version that it changes: all have the first answer, none finds it stale."""
    path = f"/sessions/{morning(house, session=401, patients=range(1, 3))}/reschedule"
    etag = house.get("front_desk", path.removesuffix("/reschedule")).headers["ETag"]
    move = {"service_date": on(), "starts_at": at("10:00"), "ends_at": at("11:00"), "cause": "room"}
    answers = together(
        *[lambda: house.post("front_desk", path, move, If_Match=etag, Idempotency_Key="move")] * TIMES
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(answer.json() | {"replayed": None}) for answer in answers}) == 1


def test_everybody_arrives_at_nine(house: House) -> None:
    """Twelve taps on one session at once: none is lost and none is refused."""
    session = morning(house, session=402)
    arrivals = [
        {"patient_id": an_id("patient", one), "attendance_id": attendance(402, one), "arrived_at": at("09:00")}
        for one in range(1, PATIENTS + 1)
    ]
    answers = together(*[
        lambda one=one: house.post("front_desk", f"/sessions/{session}/check-in", one) for one in arrivals
    ])  # fmt: skip
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    roster = house.found("front_desk", f"/sessions/{session}")["roster"]
    assert {entry["state"] for entry in roster} == {"checked_in"}


def test_two_who_saw_the_same_version(house: House) -> None:
    """Of two who overwrite what they both saw, one is recorded and the other is told to look again."""
    session = morning(house, session=403, patients=range(1, 3))
    etag = house.get("front_desk", f"/sessions/{session}").headers["ETag"]
    moves = [
        {"service_date": on(), "starts_at": at(begin), "ends_at": at("15:00"), "cause": "room"}
        for begin in ("10:00", "11:00")
    ]
    answers = together(*[
        lambda move=move: house.post("front_desk", f"/sessions/{session}/reschedule", move, If_Match=etag)
        for move in moves
    ])  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 412]


def test_two_patients_with_one_record_number(house: House) -> None:
    """What must be unique is refused by name to whoever comes second, however close."""
    bodies = [
        {"identity": {"family_name": "Elm", "given_name": given, "birth_date": "1993-03-03", "sex": "male",
                      "medical_record_number": "MRN-2"}}
        for given in ("Tom", "Tim")
    ]
    answers = together(*[lambda body=body: house.post("front_desk", "/patients", body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["type"].endswith(":medical-record-number-taken")
