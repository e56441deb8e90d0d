"""What auditors and privacy officers ask: who broke a glass, what changed between two moments, what was disclosed."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregates.access.streams import access_of
from aggregates.risk.streams import risk_of
from aggregates.values import instant
from api import exporting
from api.gate.admission import Admission
from tests.api.clinic import FAMILY, STRANGER, at, attendance, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_break_glass import ALONE, GRANT, open_glass
from tests.api.test_consents_known import refer, signed
from tests.api.test_documentation import closed
from tests.api.test_every_read import entries_of
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

BOTH = (PROGRAM, ELSEWHERE)
COUNTED = 526
"""A patient of both programs, of the other one first."""


def test_a_privacy_officer_sees_a_broken_glass_at_once_and_reviews_it(
    own_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any projection, with every look; after a day without a review it is overdue; whoever broke it cannot
    judge it, and who has not the patient's program sees nothing of it."""
    house = own_house
    open_glass(house)
    (found,) = house.found("privacy_officer", "/audit/break-glass", programs=BOTH, project=False)
    assert (found["grant_id"], found["patient_id"], found["opened_by"]) == (GRANT, STRANGER, an_id("clinician"))
    assert (found["words"], found["open"], found["overdue"], found["looks"]) == (
        "Calls from a bridge.", True, False, []
    )  # fmt: skip
    house.get("clinician", ALONE.format(STRANGER))
    (found,) = house.found("privacy_officer", "/audit/break-glass", programs=BOTH)
    assert [(one["resource"], one["outcome"]) for one in found["looks"]] == [("caseload.patient_summary", "answered")]
    assert last_read(house)["patients"] == [STRANGER]
    assert house.found("privacy_officer", "/audit/break-glass") == []
    for hours, overdue in ((24, False), (25, True)):
        later = instant(datetime.now(UTC) + timedelta(hours=hours, seconds=-60))
        monkeypatch.setattr(Admission, "now", lambda _self, at=later: at)
        (found,) = house.found("privacy_officer", "/audit/break-glass", programs=BOTH)
        assert (found["open"], found["overdue"]) == (False, overdue)
    judged = {"patient_id": STRANGER, "grant_id": GRANT, "justified": True, "words": "Right."}
    path = f"/access/{access_of(STRANGER)}/review-break-glass"
    own = house.post("privacy_officer", path, judged, programs=BOTH, person=an_id("clinician"))
    problem(own, 409, "review-of-own")
    house.done("privacy_officer", path, judged, programs=BOTH)
    (found,) = house.found("privacy_officer", "/audit/break-glass", programs=BOTH)
    assert (found["justified"], found["review"], found["overdue"]) == (True, "Right.", False)
    assert house.found("privacy_officer", "/audit/break-glass", programs=BOTH, unreviewed=True) == []
    kinds = house.found("auditor", "/audit/entries", kind="break_glass", programs=BOTH)
    assert [one["name"] for one in kinds] == ["access.break_glass_reviewed", "access.break_glass_opened"]


def test_of_a_patient_of_two_programs_each_auditor_sees_the_own_programs_judgment(own_house: House) -> None:
    """In the trail and between two moments; whoever looks after both programs sees both, each under its own."""
    house, patient = own_house, an_id("patient", 3)
    there = {"programs": (ELSEWHERE,)}
    referred = {"enrollment_id": an_id("enrollment", 993), "patient_id": patient, "program_id": ELSEWHERE,
                "referred_on": on(-3), "source": "hospital"}  # fmt: skip
    house.done("front_desk", "/enrollments", referred, **there)
    for program, level in ((PROGRAM, "low"), (ELSEWHERE, "high")):
        judged = {"patient_id": patient, "program_id": program, "assessed_at": at("09:00", -1), "level": level,
                  "basis": ["interview"], "words": "As said."}  # fmt: skip
        house.done("clinician", f"/risks/{risk_of(patient)}/assess", judged, programs=(program,))
    levels = {}
    for programs in ((PROGRAM,), (ELSEWHERE,), BOTH):
        found = house.found("auditor", "/audit/entries", patient_id=patient, name="risk.assessed", programs=programs)
        levels[programs] = {(one["program_id"], "high" in one["words"]) for one in found}
        told = house.found("auditor", f"/audit/patients/{patient}/changes", programs=programs)["groups"]
        assert sum(one["count"] for one in told if one["name"] == "risk.assessed") == len(found)
    assert levels[(PROGRAM,)] == {(PROGRAM, False)}
    assert levels[(ELSEWHERE,)] == {(ELSEWHERE, True)}
    assert levels[BOTH] == {(PROGRAM, False), (ELSEWHERE, True)}


def test_what_came_between_two_moments_of_one_episode_alone(own_house: House) -> None:
    """Of the patient's two each has its own; one of another patient, of another program and of nobody are one 404."""
    house, patient = own_house, an_id("patient", 3)
    path, there = f"/audit/patients/{patient}/changes", an_id("enrollment", 993)
    house.done("front_desk", "/enrollments", {
        "enrollment_id": there, "patient_id": patient, "program_id": ELSEWHERE, "referred_on": on(-3),
        "source": "hospital",
    }, programs=(ELSEWHERE,))  # fmt: skip
    whole = house.found("auditor", path, programs=BOTH)
    own = house.found("auditor", path, programs=BOTH, enrollment_id=an_id("enrollment", 3))
    other = house.found("auditor", path, programs=BOTH, enrollment_id=there)
    assert (other["entries"], other["enrollment_id"]) == (1, there)
    assert 1 < own["entries"] < whole["entries"]
    assert "patient.registered" in {one["name"] for one in whole["groups"]}
    assert not {one["name"] for one in own["groups"]} & {"patient.registered", "patient.consent_signed"}
    missing = [
        house.get("auditor", path, enrollment_id=one)
        for one in (there, an_id("enrollment", 1), an_id("enrollment", 998))
    ]
    for one in missing:
        problem(one, 404, "not-found")
    assert len({tuple(sorted(one.json().items() - {("request", one.json()["request"])})) for one in missing}) == 1


def test_corrections_have_both_values_and_a_period_is_told_in_words(own_house: House) -> None:
    """In the list, in the history of the thing, and between two moments of the whole episode."""
    house = own_house
    session = closed(house, 790, range(1, 4))
    before = house.log.head().position
    body = {"attendance_id": attendance(790, 2), "status": "absent", "cause": "sign_in_sheet",
            "explanation": "Not on the sheet."}  # fmt: skip
    etag = house.get("clinician", f"/sessions/{session}").headers["ETag"]
    answer = house.post("clinician", f"/sessions/{session}/correct-attendance", body, If_Match=etag)
    assert answer.status_code == 200, answer.text
    patient = an_id("patient", 2)
    (entry,) = house.found("auditor", "/audit/entries", patient_id=patient, kind="correction")
    (whole,) = [one for one in house.found("auditor", f"/audit/streams/{session}") if one["kind"] == "correction"
                and one["name"] == "session.attendance_corrected"]  # fmt: skip
    status = next(one for one in entry["changes"] if one["field"] == "status")
    assert (status["before"], entry["changes"]) == ("present", whole["changes"])
    found = house.found("auditor", f"/audit/patients/{patient}/changes", **{"from": before})
    assert found["groups"][0]["words"].startswith(f"1 attendance changed from present to {status['after']}")
    assert (found["entries"], found["groups"][0]["examples"]) == (1, [entry["position"]])
    assert last_read(house)["patients"] == [patient]
    everything = house.found("auditor", f"/audit/patients/{patient}/changes", to=before)
    assert sum(group["count"] for group in everything["groups"]) == everything["entries"]
    path = f"/audit/patients/{patient}/changes"
    problem(house.get("auditor", path, **{"from": before, "to": 1}), 422, "invalid")
    problem(house.get("auditor", f"/audit/patients/{STRANGER}/changes"), 404, "not-found")


def test_a_patient_is_told_what_was_disclosed(house: House) -> None:
    """By a privacy officer; now and as it was known then."""
    patient = an_id("patient", 6)
    told = {"patient_id": patient, "disclosure_id": an_id("disclosure", 6), "made_on": on(), "recipient": FAMILY,
            "information": ["summary"], "purpose": "legal", "basis": "required_by_law"}  # fmt: skip
    before = house.log.head().position
    house.done("front_desk", f"/access/{access_of(patient)}/record-disclosure", told)
    path = f"/patients/{patient}/disclosures"
    found = house.found("privacy_officer", path, kind="hipaa")
    assert [(one["recipient"], one["on"], one["purpose"]) for one in found["disclosures"]] == [(FAMILY, on(), "legal")]
    assert last_read(house)["patients"] == [patient]
    assert house.found("privacy_officer", path, kind="hipaa", as_of=before)["disclosures"] == []
    assert house.found("privacy_officer", path, kind="part2")["disclosures"] == []
    problem(house.get("privacy_officer", f"/patients/{STRANGER}/disclosures", kind="hipaa"), 404, "not-found")


def test_the_trail_is_a_file_whose_pages_are_on_record(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oldest first with the same filters; each page leaves one entry with its patients, and what is not of the caller's
    programs is in no page of the reads."""
    house = own_house
    monkeypatch.setattr(exporting, "PAGE", 40)
    house.get("clinician", ALONE.format(an_id("patient", 3)))
    house.get("clinician", ALONE.format(STRANGER), programs=(ELSEWHERE,))
    answer = house.get("auditor", "/audit/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    listed = house.found("auditor", "/audit/entries", limit=500)
    assert [one["position"] for one in lines] == sorted(one["position"] for one in listed)
    pages = entries_of(house, answer.headers["x-request-id"])
    assert len(pages) == len(lines) // 40 + 1 > 2
    shown = {patient for one in lines for patient in one["patient_ids"]}
    assert {patient for page in pages for patient in page[3]} == shown
    assert answer.headers["content-disposition"] == 'attachment; filename="writes.ndjson"'
    one = house.get("auditor", "/audit/export", patient_id=an_id("patient", 3), kind=["signature", "write"])
    assert {tuple(json.loads(line)["patient_ids"]) for line in one.text.splitlines()} == {(an_id("patient", 3),)}
    reads = house.get("privacy_officer", "/audit/export", of="reads", format="csv", actor=an_id("clinician"))
    assert (reads.headers["content-type"], STRANGER in reads.text) == ("text/csv; charset=utf-8", False)
    assert [row["resource"] for row in csv.DictReader(reads.text.splitlines())] == ["caseload.patient_summary"]
    both = house.get("privacy_officer", "/audit/export", of="reads", patient_id=STRANGER, programs=BOTH)
    assert STRANGER in both.text
    problem(house.get("auditor", "/audit/export", of="reads", kind="write"), 422, "invalid")
    problem(house.get("auditor", "/audit/export", of="reads", patient_id=STRANGER), 404, "not-found")
    problem(house.get("biller", "/audit/export"), 403, "not-permitted")


def test_a_director_counts_work_and_no_patient(house: House) -> None:
    """Counted by the names of facts, one patient's entries would tell what the director may not ask for; by who works
    they are counted."""
    patient = an_id("patient", 3)
    for narrowed in ({"patient_id": patient}, {"stream": patient}, {"patient_id": patient, "stream": patient}):
        body = problem(house.get("director", "/audit/counts", by="name", **narrowed), 422, "invalid")
        assert {one["field"] for one in body["errors"]} == {f"query.{name}" for name in narrowed}
        assert house.found("auditor", "/audit/counts", by="name", **narrowed)
    assert house.found("director", "/audit/counts", by="name", actor=an_id("clinician"), program_id=PROGRAM)


def test_nobody_finds_another_program_s_patient_by_leafing_through_the_trail(house: House) -> None:
    """A patient's own entries are of no program: they are in the list and in the file for whom the patient is in reach
    alone, also page by page; whoever was referred to nobody yet is the organization's."""
    new = house.done("front_desk", "/patients", {"identity": {
        "family_name": "Harrow", "given_name": "Ida", "birth_date": "1990-01-01", "sex": "female",
    }})["id"]  # fmt: skip
    house.project()
    for role in ("auditor", "privacy_officer"):
        for program, near, far in ((PROGRAM, an_id("patient"), STRANGER), (ELSEWHERE, STRANGER, an_id("patient"))):
            asked = {"name": "patient.registered", "programs": (program,)}
            voice = house.voice(role, (program,))
            file = house.client.ask("GET", "/v1/audit/export?format=csv&name=patient.registered", headers=voice).text
            entries = leafed(house, role, 2, **asked)
            listed = {one["stream"] for one in entries}
            assert {near, new} <= listed
            assert far not in listed
            assert all(one in file for one in (near, new))
            assert far not in file
            assert len(listed) == len(entries)
            assert far not in last_read(house)["patients"]


def test_the_trail_counts_what_it_lists(house: House) -> None:
    """By whatever it is counted, for whoever may count: nothing that a patient of other programs has of no program,
    and of somebody whom another program had first no consent that was signed there."""
    take_in(house, COUNTED, program=ELSEWHERE, focus="substance_use")
    signed(house, COUNTED, "counseling_notes", ELSEWHERE)
    refer(house, COUNTED, PROGRAM)
    signed(house, COUNTED, "disclosure", PROGRAM)
    for programs in ((PROGRAM,), (ELSEWHERE,), BOTH):
        asked = {"programs": programs, "late_after_seconds": 0}
        entries = leafed(house, "auditor", 500, **asked)
        for role in ("auditor", "privacy_officer", "director"):
            for by in ("name", "program_id", "actor"):
                told = house.found(role, "/audit/counts", by=by.removesuffix("_id"), **asked)
                assert {one["value"]: one["entries"] for one in told} == Counter(one[by] for one in entries)
                late = Counter(one[by] for one in entries if one["late"])
                assert {one["value"]: one["late"] for one in told if one["late"]} == late


def leafed(house: House, role: str, limit: int, **asked: Any) -> list[dict[str, Any]]:
    """The whole trail that somebody may see, page by page."""
    entries, after = list[dict[str, Any]](), dict[str, str]()
    while page := house.get(role, "/audit/entries", limit=limit, **asked, **after).json():
        entries += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    return entries
