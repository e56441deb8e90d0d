"""What staff of one program learn, from its billing, of another program that treats the same patient."""

from __future__ import annotations

import pytest

from tests.api.clinic import at, attendance, morning, on
from tests.api.house import House
from tests.api.test_presence import EPISODE, PATIENT, SESSION, THERE, in_both


@pytest.mark.parametrize("role", ["biller", "clinician"])
def test_billing_tells_nothing_of_another_programs_record(own_house: House, role: str) -> None:
    """A day that overlaps one of the other program is held all the same; who is in both finds the other day there."""
    house = own_house
    in_both(house, "09:30")
    here = morning(house, 1, range(1, 2))
    house.done("front_desk", f"/sessions/{here}/start", {"started_at": at("09:00")})
    house.done("front_desk", f"/sessions/{here}/check-in",
               {"patient_id": PATIENT, "attendance_id": attendance(1, 1), "arrived_at": at("09:00")})  # fmt: skip
    for session, where, end in ((here, {}, "12:30"), (SESSION, {"programs": THERE}, "10:00")):
        version = house.found("front_desk", f"/sessions/{session}", **where)["version"]
        house.done("clinician", f"/sessions/{session}/close", {"ended_at": at(end), "everyone_else_stayed": True},
                   if_match=f'"{version}"', **where)  # fmt: skip
    theirs = {
        one["position"] for stream in (SESSION, EPISODE)
        for one in house.found("auditor", f"/audit/streams/{stream}", programs=THERE)
    }
    [shown] = house.found(role, f"/patients/{PATIENT}/days/{on()}")
    assert (shown["day"]["state"], "overlap" in {one["code"] for one in shown["answers"]}) == ("held", True)
    assert theirs.isdisjoint(position for answer in shown["answers"] for position in answer["positions"])
    assert theirs.isdisjoint(shown["day"]["positions"])
    [other] = house.found(role, f"/patients/{PATIENT}/days/{on()}", programs=THERE)
    assert theirs & set(other["day"]["positions"])
