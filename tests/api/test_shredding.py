"""Shredding over HTTP: asked by one, approved by another, held and withdrawn; and what is left of a patient then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from aggregates.patient.identity import reservation_key
from aggregates.shredding.streams import shredding_of
from iop_es.engine.connections import open_pool
from iop_es.engine.subjects.keeping import KeyKeeper
from iop_es.engine.subjects.master import MasterFile
from tests.api.clinic import FAMILY
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_problems import problem
from tests.conftest import SCHEMA

PATIENT = an_id("patient", 3)
PLACE = f"/shreddings/{shredding_of(PATIENT)}"
WHO = {"patient_id": PATIENT}
ASKED = WHO | {"request_id": an_id("request")}


def test_it_takes_a_privacy_officer_and_somebody_else(own_house: House) -> None:
    """Clinicians do not ask; who asked does not approve; a director approves, and the trail says from when on."""
    house = own_house
    problem(house.post("clinician", f"{PLACE}/request", ASKED | {"cause": "x"}), 403, "not-permitted")
    problem(house.post("director", f"{PLACE}/request", ASKED | {"cause": "x"}), 403, "not-permitted")
    house.done("privacy_officer", f"{PLACE}/request", ASKED | {"cause": "retention-ended"})
    problem(house.post("privacy_officer", f"{PLACE}/approve", ASKED), 409, "approval-of-own-request")
    house.done("director", f"{PLACE}/approve", ASKED)
    house.done("director", f"{PLACE}/place-hold", WHO | {"hold_id": an_id("hold"), "kind": "audit", "cause": "x"})
    house.done("privacy_officer", f"{PLACE}/release-hold", WHO | {"hold_id": an_id("hold"), "cause": "over"})
    house.done("privacy_officer", f"{PLACE}/withdraw", ASKED | {"cause": "came-back"})
    assert house.post("privacy_officer", f"{PLACE}/carry-out", ASKED).status_code in {404, 405}
    told = [one["words"] for one in house.found("privacy_officer", f"/audit/streams/{shredding_of(PATIENT)}")]
    assert len(told) == 5
    [approved] = [words for words in told if "approved" in words]
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert day in approved


def test_the_requests_are_listed_with_what_holds_them(own_house: House) -> None:
    """Who asked, who approved, from when on, and what stands against it: for both who may approve, of the programs of
    the token; that a list was read is on record with its patients."""
    house = own_house
    house.done("privacy_officer", f"{PLACE}/request", ASKED | {"cause": "retention-ended"})
    [fresh] = house.found("director", "/audit/shreddings")
    assert (fresh["patient_id"], fresh["requested_by"], fresh["cause"]) == (
        PATIENT, an_id("privacy_officer"), "retention-ended",
    )  # fmt: skip
    assert (fresh["approved_by"], fresh["not_before"], fresh["due"], fresh["ended"]) == (None, None, False, None)
    house.done("director", f"{PLACE}/approve", ASKED)
    held = {"hold_id": an_id("hold"), "kind": "litigation", "cause": "subpoena"}
    house.done("director", f"{PLACE}/place-hold", WHO | held)
    [told] = house.found("privacy_officer", "/audit/shreddings", waiting=True)
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    assert (told["approved_by"], told["not_before"][:10], told["due"]) == (an_id("director"), day, False)
    hold, care, retention = told["held_by"]
    assert (hold["kind"], hold["hold"], hold["id"], hold["placed_by"]) == (
        "hold", "litigation", an_id("hold"), an_id("director"),
    )  # fmt: skip
    assert (care["kind"], care["id"]) == ("care", an_id("enrollment", 3))
    assert (retention["kind"], int(retention["until"][:4])) == ("retention", datetime.now(UTC).year + 6)
    found = house.recorded_reads(
        "SELECT patients::text[], purpose FROM access_log WHERE resource = 'audit.shreddings' ORDER BY id DESC LIMIT 1"
    )
    assert found == [([PATIENT], "privacy")]
    assert house.found("privacy_officer", "/audit/shreddings", programs=(ELSEWHERE,)) == []
    house.done("privacy_officer", f"{PLACE}/withdraw", ASKED | {"cause": "came-back"})
    assert house.found("privacy_officer", "/audit/shreddings", waiting=True) == []
    [over] = house.found("privacy_officer", "/audit/shreddings")
    assert (over["ended"], over["held_by"], over["due"], bool(over["ended_at"])) == ("withdrawn", [], False, True)


def test_what_is_left_of_a_shredded_patient(own_house: House, clinic_url: str, keys: Path) -> None:
    """Identity and roster are without the name, commands about the patient go on, and a corrected name is sealed with a
    new key; the record number stands nowhere in the database."""
    house = own_house
    known = house.found("front_desk", f"/patients/{PATIENT}/identity")
    assert known["identity"]["family_name"].startswith(FAMILY)
    with open_pool(clinic_url, SCHEMA, "iop_keeper", 1) as pool:
        keeper = KeyKeeper(pool, SCHEMA, MasterFile(keys / "master.keys"))
        assert keeper.destroy(keeper.standing([f"patient:{PATIENT}"])) == 1
    house.log.sealer.keys.forget()  # type: ignore[attr-defined] # the house has keys
    assert house.found("front_desk", f"/patients/{PATIENT}/identity")["identity"] is None
    assert house.found("clinician", f"/patients/{PATIENT}/summary")["name"] is None
    others = [one for one in house.found("clinician", "/caseload/patients") if one["patient_id"] != PATIENT]
    assert others
    assert all(one["name"] is not None for one in others)
    identity = {"family_name": "Returned", "given_name": "Ada", "birth_date": "1990-05-04", "sex": "female",
                "medical_record_number": "MRN-7788"}  # fmt: skip
    version = house.found("front_desk", f"/patients/{PATIENT}/identity")["version"]
    house.done("front_desk", f"/patients/{PATIENT}/correct-demographics", {"identity": identity, "cause": "came-back"},
               if_match=f'"{version}"')
    assert house.found("clinician", f"/patients/{PATIENT}/summary")["name"]["family_name"] == "Returned"
    found = house.get("front_desk", "/patients", medical_record_number="MRN-7788")
    assert found.json()["item"] == {"patient_id": PATIENT}
    with psycopg.connect(clinic_url) as server:
        held = server.execute("SELECT key FROM iop.reservation WHERE kind = 'medical_record_number'").fetchall()
    assert len(held) == 1
    assert held[0][0] not in {"MRN-7788", reservation_key("MRN-7788")}
