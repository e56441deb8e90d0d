"""Packets over HTTP: made, released, disclosed and given out again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aggregates.access.streams import access_of
from aggregates.claim.facts import ClaimLine, ClaimPrepared
from aggregates.risk.streams import risk_of
from iop_es.engine.connections import open_pool
from iop_es.engine.packet.verify_packet import unpacked, verify, words_of
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.origin import verifier_of
from tests.api.clinic import CHARGE, PAYER, REST, at, draft, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id, log_key
from tests.api.test_disputes import CLAIM, DISPUTE, PATIENT, denied_claim, matter
from tests.api.test_problems import problem
from tests.conftest import SCHEMA
from tests.projections.story import Story

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


def agree(house: House, consent: str) -> str:
    """The patient signs a consent that names the payer; answers its id."""
    house.done("front_desk", f"/patients/{PATIENT}/sign-consent", {
        "consent_id": consent, "kind": "disclosure", "purpose": "payment", "recipient_payers": [PAYER],
        "discloser": "The program", "information": "Plan and attendance.", "recipients": "The payer.",
        "redisclosure_statement": "It may be told further.", "right_to_revoke_stated": True, "expires_upon": "none",
        "signed_by": "patient", "signed_on": on(-11), "capacity_rule": "adult",
    })  # fmt: skip
    return consent


def test_a_payer_s_packet_is_given_out_again_only_while_what_allowed_it_stands(contested: House) -> None:
    """A consent that is revoked, and a day that the patient forbids, end it; ours is given out as before."""
    consent = agree(contested, an_id("consent-packet"))
    freely = contested.post(REVIEWER, PATH, PAYERS).json()["packet_id"]
    under = contested.post(REVIEWER, PATH, PAYERS | {"consent_id": consent}).json()["packet_id"]
    ours = contested.post(REVIEWER, PATH, {"edition": "internal"}).json()["packet_id"]
    for one in (freely, under, ours):
        assert contested.get(REVIEWER, f"{PATH}/{one}", project=False).status_code == 200
    contested.done("front_desk", f"/patients/{PATIENT}/revoke-consent", {"consent_id": consent})
    problem(contested.get(REVIEWER, f"{PATH}/{under}", project=False), 409, "release-ended")
    problem(contested.get("privacy_officer", f"{PATH}/{under}", project=False), 409, "release-ended")
    assert contested.get(REVIEWER, f"{PATH}/{freely}", project=False).status_code == 200
    contested.done("privacy_officer", f"/patients/{PATIENT}/restrict-disclosure", {
        "restriction_id": an_id("restriction-packet"), "payer_id": PAYER, "effective_from": on(-1),
        "effective_through": on(-1), "paid_in_full": True,
    })  # fmt: skip
    problem(contested.get(REVIEWER, f"{PATH}/{freely}", project=False), 409, "disclosure-forbidden")
    problem(contested.post(REVIEWER, PATH, PAYERS | {"items": ["claim"]}), 409, "disclosure-forbidden")
    assert contested.get(REVIEWER, f"{PATH}/{ours}", project=False).status_code == 200


def test_a_packet_holds_what_the_letters_ask_for_and_more_only_for_a_cause(contested: House) -> None:
    """Before anything is made of it; the letter is ours, and the cause is on record."""
    letter = matter(request_id=an_id("request"), letter_id=an_id("letter"), kind="other", received_on=on(),
                    items=["attendance"], stated_due_on=on(30))  # fmt: skip
    contested.done("biller", f"/disputes/{DISPUTE}/receive-request", letter)
    refused = contested.post(REVIEWER, PATH, PAYERS)
    problem(refused, 409, "not-asked-for")
    assert "asks for claim;" in refused.json()["detail"]
    left = {name: value for name, value in PAYERS.items() if name != "items"}
    assert contested.post(REVIEWER, PATH, left).json()["items"] == ["attendance"]
    free = contested.post(REVIEWER, PATH, PAYERS | {"items": ["letter", "attendance"]}).json()
    assert (free["items"], free["beyond_cause"]) == (["letter", "attendance"], None)
    more = contested.post(REVIEWER, PATH, PAYERS | {"beyond_cause": "asked-by-telephone"}).json()
    assert (more["items"], more["beyond_cause"]) == (["claim", "attendance"], "asked-by-telephone")


def test_what_stays_in_the_house_is_made_under_no_consent(contested: House) -> None:
    """So that it can be given out again, whatever becomes of one."""
    for more in ({"consent_id": an_id("consent-packet")}, {"beyond_cause": "wanted"}):
        problem(contested.post(REVIEWER, PATH, {"edition": "internal", **more}), 422, "invalid")


def test_of_a_claim_of_another_dispute_nothing_is_told_or_read(contested: House) -> None:
    """Nobody's, another program's and another one of ours are answered alike, and no read of theirs is on record."""
    stranger = an_id("patient", 302)
    take_in(contested, 302, program=ELSEWHERE, focus="substance_use")
    line = ClaimLine(
        line=1, service_date=on(-1), level_of_care="intensive_outpatient", revenue_code="0906", procedure_code="H0015",
        units=1, charge_cents=CHARGE,
    )  # fmt: skip
    told = ClaimPrepared(
        patient_id=stranger, enrollment_id=an_id("enrollment", 302), program_id=ELSEWHERE, payer_id=PAYER,
        policy_id=an_id("policy"), form="837I", type_of_bill="0131", frequency="1", from_date=on(-1),
        through_date=on(-1), lines=(line,), total_cents=CHARGE, decided_at=1,
    )  # fmt: skip
    ours = replace(told, patient_id=PATIENT, enrollment_id=an_id("enrollment", 5), program_id=PROGRAM)
    story, named = Story(), [an_id("claim-none"), an_id("claim-elsewhere"), an_id("claim-ours")]
    story.tell(named[1], told)
    story.tell(named[2], ours)
    story.append(contested.log)
    answers = [contested.post(REVIEWER, PATH, {"edition": "internal", "claims": [one]}) for one in named]
    for answer in answers:
        problem(answer, 422, "not-their-claim")
    assert len({answer.json()["detail"].replace(one, "") for one, answer in zip(named, answers, strict=True)}) == 1
    reads = "SELECT resource FROM access_log WHERE patients @> ARRAY[%s::uuid]"
    assert contested.recorded_reads(reads, stranger) == []


def test_who_may_not_have_the_words_makes_no_packet(contested: House) -> None:
    """A biller sees which there are; who is of another program finds no dispute; a position ahead is refused."""
    problem(contested.post("biller", PATH, {"edition": "internal"}), 403, "not-permitted")
    problem(contested.get("biller", f"{PATH}/{DISPUTE}", project=False), 403, "not-permitted")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal"}, programs=(ELSEWHERE,)), 404, "not-found")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal", "as_of": 10**9}), 422, "not-yet-known")
    problem(contested.post(REVIEWER, PATH, {"edition": "internal", "claims": [PATIENT]}), 422, "not-their-claim")


def record_in_shared_streams(house: House, program: str, episode: str) -> None:
    """A consent, a broken glass and a disclosure of one program, with its words."""
    there, word = {"programs": (program,)}, "zebra" if program == ELSEWHERE else "horse"
    consent, access = an_id("consent", len(word) + (program == ELSEWHERE)), access_of(PATIENT)
    house.done("front_desk", f"/patients/{PATIENT}/sign-consent", {
        "consent_id": consent, "kind": "disclosure", "purpose": "treatment", "programs": [program],
        "recipient_payers": [], "discloser": word, "information": word, "recipients": word,
        "redisclosure_statement": "It may be told further.", "right_to_revoke_stated": True, "expires_upon": "none",
        "signed_by": "patient", "signed_on": on(-3), "capacity_rule": "adult",
    }, **there)  # fmt: skip
    house.done("clinician", f"/access/{access}/open-break-glass", {
        "patient_id": PATIENT, "grant_id": an_id(f"glass-{word}"), "program_id": program, "cause": "crisis_call",
        "words": word,
    }, person=an_id(word), **there)  # fmt: skip
    house.done("front_desk", f"/access/{access}/record-disclosure", {
        "patient_id": PATIENT, "disclosure_id": an_id(f"disclosure-{word}"), "enrollment_id": episode,
        "made_on": on(-1), "recipient": word, "information": ["summary"], "purpose": "treatment", "basis": "consent",
        "consent_id": consent,
    }, **there)  # fmt: skip


def test_a_packet_holds_nothing_that_another_program_recorded(contested: House, clinic_url: str, keys: Any) -> None:
    """Neither for the house nor for a payer: no word of its documents, one of them outside of any episode, of the risk
    that it judged, of the consent that it had signed, of the glass that it broke or of whom it told. All of it is
    withheld and counted, so that the packet still proves itself; of the own program's the like is there."""
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
    for program in (ELSEWHERE, PROGRAM):
        record_in_shared_streams(house, program, episode if program == ELSEWHERE else an_id("enrollment", 5))
    seal(clinic_url, keys)
    asked = ["claim", "psychiatric_evaluation", "individual_notes"]
    for edition in ({"edition": "internal"}, PAYERS | {"items": asked}):
        made = house.post(REVIEWER, PATH, edition)
        assert made.status_code == 201, made.text
        archive = house.get(REVIEWER, f"{PATH}/{made.json()['packet_id']}", project=False).content
        evidence = json.loads(unpacked(archive)["evidence.json"])
        assert not any(ELSEWHERE in one["state"] or one["stream"] == episode for one in evidence["facts"])
        assert not any("zebra" in json.dumps(words_of(one)) for one in evidence["facts"])
        if edition["edition"] == "internal":
            assert sum("horse" in json.dumps(words_of(one)) for one in evidence["facts"]) == 3
        told = json.dumps(evidence["withheld"])
        assert evidence["withheld"] and risk_of(PATIENT) not in told and episode not in told
        assert verify(archive).failures == []


def test_a_packet_proves_what_is_signed_of_a_document_later(contested: House, clinic_url: str, keys: Any) -> None:
    """Corrections of its words and of its goals, and that it was entered in error: all over words that are shown."""
    house, author = contested, "clinician"
    note, struck = draft(house, 71, patient=5), draft(house, 72, patient=5)
    amended = {"note_id": note, "kind": "correction", "cause": "slip"}
    house.signed(author, ("note.sign", {"note_id": note}), ("note.sign", {"note_id": struck}))
    words = {"sections": [{"name": "plan", "words": "The same in two weeks."}]}
    of_words, of_goals = {"section": "plan", "content": words}, {"section": "goals", "goals": ["goal-2"]}
    for number, more in enumerate((of_words, of_goals)):
        house.signed(author, ("note.amend", amended | {"amendment_id": an_id("amendment", number)} | more))
    wrong = {"note_id": struck, "cause": "wrong_day", "words": "Of another day."}
    house.signed(author, ("note.enter_in_error", wrong))
    seal(clinic_url, keys)
    made = house.post(REVIEWER, PATH, {"edition": "internal"})
    assert made.status_code == 201, made.text
    archive = house.get(REVIEWER, f"{PATH}/{made.json()['packet_id']}", project=False).content
    found = verify(archive)
    assert found.failures == []
    assert "5 electronic signatures hold; 5 of them over words that are shown here." in found.told
