"""A patient is found by number, read as a whole and corrected as a whole; and one rule says whose a patient is."""

from __future__ import annotations

from typing import Any

import pytest

from iop_es.engine.reader import Reader
from tests.api.clinic import BIRTH_DATE, FAMILY, STRANGER
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

PERSON: dict[str, Any] = {
    "family_name": "Vane", "given_name": "Mika", "birth_date": "1979-11-30", "sex": "male",
    "medical_record_number": "MRN 77-A", "social_security_number": "900-11-2222", "address": "4 Elm Way",
    "city": "Troy", "state": "NY", "postal_code": "12180", "phone": "555-0144", "email": "mika@example.org",
}  # fmt: skip


@pytest.fixture(scope="module")
def registered(house: House) -> str:
    """A patient who is known and was referred nowhere."""
    return str(house.done("front_desk", "/patients", {"identity": PERSON})["id"])


def test_the_identity_is_read_and_recorded(house: House) -> None:
    """Name, birth date and member numbers, with the stream's version as the ETag; the read is written down."""
    patient = an_id("patient", 3)
    response = house.get("clinician", f"/patients/{patient}/identity")
    item = response.json()["item"]
    assert (item["identity"]["family_name"], item["identity"]["birth_date"]) == (f"{FAMILY}03", BIRTH_DATE)
    assert [one["member"]["member_number"] for one in item["coverages"]] == ["M-3"]
    assert response.headers["etag"] == f'"{house.log.streams([patient])[patient][-1].version}"'
    read = last_read(house)
    assert (read["resource"], read["purpose"], read["patients"]) == ("patient.identity", "treatment", [patient])


def test_read_correct_and_read_again(house: House, registered: str) -> None:
    """What was read, with one part changed, is a whole correction: nothing else is lost."""
    response = house.get("front_desk", f"/patients/{registered}/identity", project=False)
    assert response.json()["item"]["identity"] == PERSON
    changed = response.json()["item"]["identity"] | {"phone": "555-0199"}
    house.done("front_desk", f"/patients/{registered}/correct-demographics",
               {"identity": changed, "cause": "moved"}, If_Match=response.headers["ETag"])
    assert house.found("front_desk", f"/patients/{registered}/identity", project=False)["identity"] == changed


def test_the_social_security_number_is_for_those_who_may_correct_it(house: House, registered: str) -> None:
    """A clinician reads the identity without it."""
    seen = house.found("clinician", f"/patients/{registered}/identity")["identity"]
    assert (seen["medical_record_number"], seen["social_security_number"]) == ("MRN 77-A", None)


def test_a_patient_referred_nowhere_is_whoevers_may_register(house: House, registered: str) -> None:
    """Any program's front desk reaches such a patient, a director does not; once referred, the program decides."""
    paths = (f"/patients/{registered}/identity", f"/streams/{registered}")
    for path in paths:
        assert house.get("front_desk", path, programs=(ELSEWHERE,)).status_code == 200
        problem(house.get("director", path), 404, "not-found")
    other = str(house.done("front_desk", "/patients", {"identity": PERSON | {"medical_record_number": "B-1"}})["id"])
    house.done("front_desk", "/enrollments", {
        "patient_id": other, "program_id": ELSEWHERE, "referred_on": "2026-01-05", "source": "hospital"
    }, programs=(ELSEWHERE,))  # fmt: skip
    # Not projected on purpose: the log itself knows whose the patient is.
    problem(house.get("front_desk", f"/patients/{other}/identity", project=False), 404, "not-found")
    problem(house.get("front_desk", "/patients", project=False, medical_record_number="B-1"), 404, "not-found")


@pytest.mark.parametrize("role", ["biller", "auditor", "utilization_reviewer", "privacy_officer"])
def test_identities_are_not_for_everybody(house: House, role: str) -> None:
    """Who does not meet the patient gets neither the identity nor the id of a number."""
    problem(house.get(role, f"/patients/{an_id('patient')}/identity", project=False), 403, "not-permitted")
    problem(house.get(role, "/patients", project=False, medical_record_number="MRN 77-A"), 403, "not-permitted")


def test_a_number_finds_its_patient_exactly(house: House, registered: str) -> None:
    """The exact number answers the id; a part of it, and another program's, read like one that nobody has."""
    found = house.found("front_desk", "/patients", medical_record_number="MRN 77-A")
    assert found == {"patient_id": registered}
    assert (last_read(house)["resource"], last_read(house)["patients"]) == ("patient.find", [registered])
    problem(house.get("front_desk", "/patients"), 422, "invalid")
    nobody = problem(house.get("front_desk", "/patients", medical_record_number="MRN 77"), 404, "not-found")
    theirs = problem(house.get("director", "/patients", medical_record_number="MRN 77-A"), 404, "not-found")
    assert nobody | {"request": None} == theirs | {"request": None}
    assert (last_read(house)["outcome"], last_read(house)["patients"]) == ("out of reach", [registered])


def test_another_things_id_is_no_patient(house: House) -> None:
    """An enrollment's id, an unknown one and another program's patient are the same 404."""
    for thing in (an_id("enrollment"), an_id("nobody"), STRANGER):
        problem(house.get("front_desk", f"/patients/{thing}/identity"), 404, "not-found")


@pytest.mark.parametrize("role", ["auditor", "privacy_officer"])
def test_one_rule_for_the_trail_of_a_patient(house: House, registered: str, role: str) -> None:
    """By stream, by filter or by patient: another program's patient is a 404, the own and the unreferred are not."""
    for asked, status in ((STRANGER, 404), (an_id("patient"), 200), (registered, 200)):
        assert house.get(role, f"/audit/streams/{asked}").status_code == status
        for narrowed in ({"patient_id": asked}, {"stream": asked}):
            assert house.get(role, "/audit/entries", **narrowed).status_code == status
            assert house.get(role, "/audit/counts", **narrowed).status_code == status
    assert house.get(role, f"/audit/streams/{STRANGER}", programs=(ELSEWHERE,)).status_code == 200
    assert house.get(role, f"/audit/streams/{an_id('policy')}").status_code == 200


@pytest.mark.parametrize("role", ["front_desk", "clinician"])
def test_a_patient_of_another_program_costs_as_much_as_nobody(
    own_house: House, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """Asked for by number or by id. Not only is the answer the same: the log is asked the same and gives as many rows,
    however long the record is."""
    house, patient, there = own_house, an_id("patient", 99), {"programs": (ELSEWHERE,)}
    known = house.found("front_desk", f"/patients/{patient}/identity", **there)
    house.done("front_desk", f"/patients/{patient}/correct-demographics", {
        "identity": known["identity"] | {"medical_record_number": "MRN-ELSEWHERE"}, "cause": "moved",
    }, if_match=f'"{known["version"]}"', **there)  # fmt: skip
    asked: list[tuple[str, int]] = []
    rows_of = Reader._rows

    def counting(log: Reader, statement: str, **parameters: Any) -> list[Any]:
        rows = rows_of(log, statement, **parameters)
        asked.append((statement, len(rows)))
        return rows

    def cost(path: str, **more: str) -> list[tuple[str, int]]:
        asked.clear()
        problem(house.get(role, path, project=False, **more), 404, "not-found")
        return [one for one in asked if one[0] != "holders"]

    monkeypatch.setattr(Reader, "_rows", counting)
    nobody = an_id("nobody")
    assert cost(f"/patients/{patient}/identity") == cost(f"/patients/{nobody}/identity")
    assert ("told_of_patient", 1) in asked
    if role == "front_desk":
        theirs, nobodys = ({"medical_record_number": number} for number in ("MRN-ELSEWHERE", "MRN-NOBODY"))
        assert cost("/patients", **theirs) == cost("/patients", **nobodys)
        assert house.found(role, "/patients", project=False, **theirs, **there)
