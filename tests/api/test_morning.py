"""A clinician's morning by the API alone."""

from __future__ import annotations

from tests.api.clinic import GROUP, PATIENTS, at, attendance, morning, on
from tests.api.house import PROGRAM, House, an_id


def test_a_clinicians_morning(own_house: House) -> None:
    """Groups, one call for a roster of twelve, one leaves early, the close: the day waits for notes."""
    house = own_house
    session_id = morning(house)
    [group] = house.found("clinician", f"/programs/{PROGRAM}/groups")
    assert (group["group_id"], group["taken"], len(group["roster"])) == (GROUP, 12, 12)
    [today] = house.found("clinician", "/caseload/sessions", date=on(), mine=True)
    assert (today["session_id"], len(today["roster"])) == (session_id, PATIENTS)

    taken = house.done("clinician", f"/sessions/{session_id}/take-roster", {"started_at": at("09:00")}, Prefer="wait=5")
    assert taken["projected"] is True
    assert taken["facts"].count("session.patient_checked_in") == PATIENTS
    leaving = {"attendance_id": attendance(1, 12), "left_at": at("10:30")}
    house.done("front_desk", f"/sessions/{session_id}/check-out", leaving)
    etag = house.get("clinician", f"/sessions/{session_id}").headers["ETag"]
    close = {"ended_at": at("12:30"), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{session_id}/close", close, If_Match=etag, Prefer="wait=5")

    days = house.found("biller", "/billing/days", from_date=on(), project=False)
    by_patient = {day["patient_id"]: day for day in days}
    assert len(by_patient) == PATIENTS
    for number in range(1, PATIENTS):
        day = by_patient[an_id("patient", number)]
        assert (day["minutes"], day["state"], day["reason"]) == (210, "waiting", "note_missing")
    left = by_patient[an_id("patient", 12)]
    assert (left["minutes"], left["state"]) == (90, "not_billable")
    tasks = house.found("clinician", "/caseload/notes-to-sign")
    assert {task["task"] for task in tasks} == {"write"}
    assert len(tasks) == PATIENTS
