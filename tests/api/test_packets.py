"""Packets over HTTP: made, released, disclosed and given out again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aggregates.risk.risks import risk_of
from iop_es.engine.connections import open_pool
from iop_es.engine.packet.verify_packet import unpacked, verify, words_of
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.origin import verifier_of
from tests.api.clinic import CHARGE, REST, at, on
from tests.api.house import ELSEWHERE, House, an_id, log_key
from tests.api.test_disputes import CLAIM, DISPUTE, PATIENT, denied_claim, matter
from tests.api.test_problems import problem
from tests.conftest import SCHEMA

PATH = f"/disputes/{DISPUTE}/packets"
REVIEWER = "utilization_reviewer"
PAYERS: dict[str, Any] = {"edition": "payer", "items": ["claim", "attendance"], "recipient": "Appeals unit"}


@pytest.fixture
def contested(own_house: House, clinic_url: str, keys: Any) -> House:
    """A denied claim in a dispute, and the log sealed."""
    denied_claim(own_house)
    opening = matter(codes=["CO-50"], level="internal_appeal", received_on=on(), amount_cents=CHARGE)
    own_house.done("biller", f"/disputes/{DISPUTE}/open", opening)
    own_house.project()
    seal(clinic_url, keys)
    return own_house


def seal(url: str, keys: Any) -> None:
    """Seals everything that is on record by now."""
    with open_pool(url, SCHEMA, "iop_sealer", 2) as pool:
        LogSealer(SCHEMA, pool, log_key(keys), None).catch_up()


def test_a_packet_is_made_put_on_record_and_given_out_again(contested: House, keys: Any) -> None:
    """Its bytes are those whose hash is on record, today and after more was recorded; they prove themselves."""
    made = contested.post(REVIEWER, PATH, {"edition": "internal"})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["patient_id"], told["claims"], told["approved_by"]) == (PATIENT, [CLAIM], None)
    first = contested.get(REVIEWER, f"{PATH}/{told['packet_id']}", project=False)
    assert first.headers["content-type"] == "application/zip" and first.headers["etag"] == f'"{told["sha256"]}"'
    contested.done("biller", f"/disputes/{DISPUTE}/log-call", {
        "contacted_at": f"{on()}T00:00:00Z".replace("Z", ".000000Z"), "channel": "phone", "outcome": "in-review",
    })  # fmt: skip
    assert contested.get(REVIEWER, f"{PATH}/{told['packet_id']}", project=False).content == first.content
    key = verifier_of(contested.pool, SCHEMA, log_key(keys).public_key().public_bytes_raw())
    assert verify(first.content, [str(key)]).failures == []
    assert [one["packet_id"] for one in contested.found("biller", PATH)] == [told["packet_id"]]


def test_what_goes_to_a_payer_is_a_disclosure_that_somebody_answers_for(contested: House) -> None:
    """Packet, approval and disclosure are recorded together; it holds what was asked for; the same key makes one."""
    made = contested.post(REVIEWER, PATH, PAYERS, Idempotency_Key="once")
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["items"], told["approved_by"]) == (["claim", "attendance"], contested.person(REVIEWER))
    assert contested.post(REVIEWER, PATH, PAYERS, Idempotency_Key="once").json() == told
    assert len(contested.found("biller", PATH)) == 1
    archive = contested.get("privacy_officer", f"{PATH}/{told['packet_id']}", project=False).content
    assert "claim.json" not in unpacked(archive)
    trail = [one["name"] for one in contested.found("auditor", "/audit/entries", patient_id=PATIENT)]
    assert {"dispute.packet_issued", "access.disclosure_made"} <= {*trail}
    nobody = {name: value for name, value in PAYERS.items() if name != "recipient"}
    problem(contested.post(REVIEWER, PATH, nobody), 422, "invalid")
    unsigned = PAYERS | {"consent_id": PATIENT}
    problem(contested.post(REVIEWER, PATH, unsigned), 409, "consent-not-in-force")
    assert len(contested.found("biller", PATH)) == 1


def test_who_may_not_have_the_words_makes_no_packet(contested: House) -> None:
    """A biller sees which there are; who is of another program finds no dispute; a position ahead is refused."""
    problem(contested.post("biller", PATH, {"edition": "internal"}), 403, "not-permitted")
    problem(contested.get("biller", f"{PATH}/{DISPUTE}", project=False), 403, "not-permitted")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal"}, programs=(ELSEWHERE,)), 404, "not-found")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal", "as_of": 10**9}), 422, "not-yet-known")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal", "claims": [PATIENT]}), 422, "not-their-claim")


def test_a_packet_holds_nothing_that_another_program_recorded(contested: House, clinic_url: str, keys: Any) -> None:
    """Neither for the house nor for a payer: no word of its documents, one of them outside of any episode, nor of the
    risk that it judged. All of it is withheld and counted, so that the packet still proves itself."""
    house, there, episode = contested, {"programs": (ELSEWHERE,)}, an_id("enrollment-elsewhere")
    house.done("front_desk", "/enrollments", {
        "enrollment_id": episode, "patient_id": PATIENT, "program_id": ELSEWHERE, "referred_on": on(-3),
        "source": "hospital",
    }, **there)  # fmt: skip
    house.done("clinician", f"/risks/{risk_of(PATIENT)}/assess", {
        "patient_id": PATIENT, "program_id": ELSEWHERE, "enrollment_id": episode, "assessed_at": at("10:00", -1),
        "level": "high", "basis": ["interview"], "words": "zebra",
    }, **there)  # fmt: skip
    for number, more in enumerate(({"kind": "individual", "enrollment_id": episode}, {"kind": "intake"})):
        house.done("clinician", "/notes", {
            "note_id": an_id("note-elsewhere", number), "program_id": ELSEWHERE, "author_id": an_id("clinician"),
            "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": PATIENT,
            "content": {"sections": [{"name": "data", "words": "zebra"}, *REST]}, **more,
        }, **there)  # fmt: skip
    seal(clinic_url, keys)
    asked = ["claim", "psychiatric_evaluation", "individual_notes"]
    for edition in ({"edition": "internal"}, PAYERS | {"items": asked}):
        made = house.post(REVIEWER, PATH, edition)
        assert made.status_code == 201, made.text
        archive = house.get(REVIEWER, f"{PATH}/{made.json()['packet_id']}", project=False).content
        evidence = json.loads(unpacked(archive)["evidence.json"])
        assert not any(ELSEWHERE in one["state"] or one["stream"] == episode for one in evidence["facts"])
        assert not any("zebra" in json.dumps(words_of(one)) for one in evidence["facts"])
        told = json.dumps(evidence["withheld"])
        assert evidence["withheld"] and risk_of(PATIENT) not in told and episode not in told
        assert verify(archive).failures == []
