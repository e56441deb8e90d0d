"""Every read is written down, and what cannot be written down is not answered."""

from __future__ import annotations

from typing import Any

import psycopg

from aggregates.access.streams import access_of, access_of_person
from aggregates.risk.streams import risk_of
from aggregates.shredding.streams import shredding_of
from tests.api.clinic import FAMILY, STRANGER, at
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem


def last_read(house: House) -> dict[str, Any]:
    """The latest entry of the access log."""
    names = ("actor", "role", "purpose", "resource", "patients", "request", "rows", "outcome")
    columns = "actor::text, role, purpose, resource, patients::text[], request, rows, outcome"
    (row,) = house.recorded_reads(f"SELECT {columns} FROM access_log ORDER BY id DESC LIMIT 1")  # noqa: S608 - our own constant
    return dict(zip(names, row, strict=True))


def test_a_read_is_recorded(house: House) -> None:
    """Who, in which role, for what, which question, whose record, with the request's id."""
    response = house.get("clinician", f"/patients/{an_id('patient')}/summary")
    assert last_read(house) == {
        "actor": an_id("clinician"), "role": "clinician", "purpose": "treatment",
        "resource": "caseload.patient_summary", "patients": [an_id("patient")],
        "request": response.headers["x-request-id"], "rows": 1, "outcome": "answered",
    }
    house.get("clinician", "/caseload/patients", limit=3)
    assert len(last_read(house)["patients"]) == 3


def test_reads_as_of_and_of_documents_are_recorded(house: House) -> None:
    """What is folded in memory or read from the log is written down too."""
    house.get("clinician", f"/patients/{an_id('patient')}/summary", as_of=house.log.head().position)
    assert (last_read(house)["outcome"], last_read(house)["patients"]) == ("answered as of", [an_id("patient")])
    house.get("biller", f"/streams/{an_id('enrollment')}")
    assert (last_read(house)["resource"], last_read(house)["patients"]) == ("stream.version", [an_id("patient")])


def test_refused_reads_are_recorded(house: House) -> None:
    """An attempt on another program's patient, and one without the role, stand in the access log."""
    problem(house.get("clinician", f"/patients/{STRANGER}/summary"), 404, "not-found")
    assert (last_read(house)["outcome"], last_read(house)["patients"]) == ("out of reach", [STRANGER])
    problem(house.get("biller", f"/patients/{an_id('patient')}/summary"), 403, "not-permitted")
    assert (last_read(house)["outcome"], last_read(house)["role"]) == ("not permitted", "biller")


def test_an_order_that_is_turned_away_is_recorded(house: House) -> None:
    """By whoever's role may not give it, and about what is out of reach, whichever address it came to; nobody's record
    is said to be asked for. What a rule refuses is no such attempt."""
    away = {"started_on": "2026-03-02", "cause": "hospital", "leave_id": an_id("leave")}
    theirs = f"/enrollments/{an_id('enrollment', 99)}/start-leave"
    documents = f"/sessions/{an_id('session')}/documentation"
    for role, path, body, status, told in (
        ("biller", theirs, away, 403, ("enrollment.start_leave", "not permitted", "treatment")),
        ("front_desk", theirs, away, 404, ("enrollment.start_leave", "out of reach", "treatment")),
        ("biller", documents, {"parts": []}, 403, ("session.document", "not permitted", "operations")),
    ):
        answer = house.post(role, path, body)
        assert answer.status_code == status, answer.text
        found = last_read(house)
        assert (found["resource"], found["outcome"], found["purpose"]) == told
        assert (found["actor"], found["patients"], found["request"]) == (
            house.person(role), [], answer.headers["x-request-id"],
        )  # fmt: skip
    before = last_read(house)
    problem(house.post("clinician", f"/enrollments/{an_id('enrollment')}/admit", {
        "admitted_on": "2020-01-01", "level_of_care": "outpatient", "focus": "mental_health",
        "admission_type": "elective", "admission_source": "referral", "attending_id": an_id("clinician"),
        "planned_days": 3, "planned_minutes": 540,
    }), 409, "already-admitted")  # fmt: skip
    assert last_read(house) == before


def test_what_a_patient_s_own_streams_are_at_is_the_patient_s(own_house: House) -> None:
    """Their ids follow from the patient's: how often risk was judged, the glass broken or a hold placed is told in the
    patient's programs alone, to roles that have to do with it or read the trail, on record as a read of the patient; of
    whose access was revoked, to nobody."""
    house, theirs, words = own_house, an_id("patient", 7), {"cause": "crisis_call", "words": "Calls."}
    for patient, where in ((theirs, PROGRAM), (STRANGER, ELSEWHERE)):
        there = {"programs": (where,)}
        house.done("privacy_officer", f"/shreddings/{shredding_of(patient)}/place-hold", {
            "patient_id": patient, "hold_id": an_id("hold-gate"), "kind": "audit", "cause": "x"}, **there)
        house.done("clinician", f"/access/{access_of(patient)}/open-break-glass", {
            "patient_id": patient, "grant_id": an_id(f"grant-gate-{where}"), **words}, **there)
    house.done("clinician", f"/risks/{risk_of(theirs)}/assess", {
        "patient_id": theirs, "program_id": PROGRAM, "assessed_at": at("09:00", -1), "level": "high",
        "basis": ["interview"],
    })  # fmt: skip
    for stream in (shredding_of, access_of):
        problem(house.get("privacy_officer", f"/streams/{stream(STRANGER)}"), 404, "not-found")
        assert house.found("privacy_officer", f"/streams/{stream(theirs)}")["patient_id"] == theirs
        assert last_read(house)["patients"] == [theirs]
    seen = {"biller": (), "utilization_reviewer": (access_of,), "director": (shredding_of,), "auditor": (
        risk_of, access_of, shredding_of,
    ), "clinician": (risk_of, access_of)}  # fmt: skip
    for role, told in seen.items():
        for of in (risk_of, access_of, shredding_of):
            for asked in ({}, {"as_of": house.log.head().position}):
                status = house.get(role, f"/streams/{of(theirs)}", **asked).status_code
                assert status == (200 if of in told else 404), (role, of)
    left = {"access_id": access_of_person(an_id("left")), "person_id": an_id("left"), "cause": "left"}
    house.done("privacy_officer", f"/access/{left.pop('access_id')}/revoke", left)
    problem(house.get("biller", f"/streams/{access_of_person(an_id('left'))}"), 404, "not-found")


def test_a_privacy_officer_sees_who_looked(house: House) -> None:
    """Each time somebody asked for a patient's record is listed for the privacy officer, the latest first."""
    house.get("utilization_reviewer", f"/patients/{an_id('patient', 5)}/summary")
    first = house.found("privacy_officer", f"/patients/{an_id('patient', 5)}/reads")
    assert (first[0]["role"], first[0]["actor"]) == ("utilization_reviewer", an_id("utilization_reviewer"))
    again = house.found("privacy_officer", f"/patients/{an_id('patient', 5)}/reads", limit=1)
    assert (again[0]["resource"], again[0]["role"]) == ("audit.reads", "privacy_officer")


def test_what_cannot_be_recorded_is_not_answered(own_house: House, clinic_url: str) -> None:
    """When the access log takes no entry, no data leaves, whichever way it is read."""
    summary = f"/patients/{an_id('patient')}/summary"
    paths: tuple[tuple[str, dict[str, Any]], ...] = (
        (summary, {}), ("/caseload/patients", {}), (f"/streams/{an_id('enrollment')}", {}), (summary, {"as_of": 60}),
    )
    for path, given in paths:
        assert own_house.get("clinician", path, **given).status_code == 200
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON iop.access_log FROM iop_query")
        columns = "actor, role, purpose, resource, patients, request, rows, outcome, grant_id"
        owner.execute(f"REVOKE INSERT ({columns}) ON iop.access_log FROM iop_query")
    for path, given in paths:
        response = own_house.get("clinician", path, **given)
        problem(response, 503, "read-not-recorded")
        assert FAMILY not in response.text


def test_the_scope_is_told_to_the_database(house: House) -> None:
    """Programs, person and role are set for the transaction of the read, and for it alone."""
    house.get("clinician", "/caseload/patients")
    with house.asking.connection() as connection:
        row = connection.execute("SELECT coalesce(current_setting('iop.programs', true), '')").fetchone()
    assert row == ("",)
