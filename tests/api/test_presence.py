"""A patient whom two programs treat: each has its own room, and neither learns of the other's by its own."""

from __future__ import annotations

from tests.api.clinic import at, attendance, morning, on
from tests.api.house import ELSEWHERE, House, an_id

PATIENT = an_id("patient", 1)
EPISODE, SESSION, PLACE = an_id("enrollment", 555), an_id("session", 900), an_id("attendance", 900)
THERE = (ELSEWHERE,)


def in_both(house: House, arrived: str) -> None:
    """Patient 1 is treated for a substance use in the other program, too, and is in a session there this morning."""
    referral = {"enrollment_id": EPISODE, "patient_id": PATIENT, "program_id": ELSEWHERE, "referred_on": on(-12),
                "source": "hospital"}  # fmt: skip
    house.done("front_desk", "/enrollments", referral, programs=THERE)
    house.done("clinician", f"/enrollments/{EPISODE}/admit", {
        "admitted_on": on(-10), "level_of_care": "intensive_outpatient", "focus": "substance_use",
        "admission_type": "elective", "admission_source": "referral", "attending_id": an_id("prescriber"),
        "planned_days": 3, "planned_minutes": 540,
    }, programs=THERE)  # fmt: skip
    house.done("front_desk", "/sessions", {
        "session_id": SESSION, "program_id": ELSEWHERE, "service_kind": "individual",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": on(),
        "starts_at": at("09:00"), "ends_at": at("10:00"), "place_of_service": "53",
        "facilitators": [an_id("clinician")],
        "expected": [{"patient_id": PATIENT, "enrollment_id": EPISODE, "attendance_id": PLACE}],
    }, programs=THERE)  # fmt: skip
    house.done("front_desk", f"/sessions/{SESSION}/start", {"started_at": at("09:00")}, programs=THERE)
    came = {"patient_id": PATIENT, "attendance_id": PLACE, "arrived_at": at(arrived)}
    house.done("front_desk", f"/sessions/{SESSION}/check-in", came, programs=THERE)


def test_an_arrival_ends_no_stay_of_another_program_and_tells_of_none(own_house: House) -> None:
    """Who may write in one program alone writes nothing into the other's session, and is answered as for anybody."""
    house = own_house
    in_both(house, "09:10")
    here = morning(house, 1)
    house.done("front_desk", f"/sessions/{here}/start", {"started_at": at("09:00")})
    answers = [
        house.done("front_desk", f"/sessions/{here}/check-in", {
            "patient_id": an_id("patient", number), "attendance_id": attendance(1, number), "arrived_at": at("09:30"),
        })["facts"] for number in (1, 2)
    ]  # fmt: skip
    assert answers == [["session.patient_checked_in"]] * 2
    [place] = house.found("front_desk", f"/sessions/{SESSION}", programs=THERE)["roster"]
    assert (place["state"], place["left_at"]) == ("checked_in", None)
    again = morning(house, 2, range(1, 2), start="10:00", end="11:00")
    moved = {"patient_id": PATIENT, "attendance_id": attendance(2, 1), "arrived_at": at("10:00")}
    house.done("front_desk", f"/sessions/{again}/start", {"started_at": at("10:00")})
    assert house.done("front_desk", f"/sessions/{again}/check-in", moved)["facts"] == [
        "session.patient_checked_in", "session.patient_checked_out",
    ]
    left = next(one for one in house.found("front_desk", f"/sessions/{here}")["roster"] if one["patient_id"] == PATIENT)
    assert left["left_at"] == at("10:00")
