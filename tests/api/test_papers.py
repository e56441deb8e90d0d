"""Plans of care and certifications through the door: the physician's signature, the patient's, and who has left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from iop_es.demo.policies import load_policy
from tests.api.clinic import POLICY, REST, at, draft, on, put_on_call, take_in
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_documentation import acts, closed, documented, part
from tests.api.test_problems import problem

DOCTOR = an_id("prescriber")
PLANNED = 774
"""Whose plan is adopted here: the documents of a patient without one may name any goal."""


def certification(house: House, author: str = "prescriber") -> str:
    """A certification drafted in a role; answers its id."""
    note_id = str(uuid4())
    house.done(author, "/notes", {
        "note_id": note_id, "kind": "certification", "program_id": PROGRAM, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient", PLANNED),
        "enrollment_id": an_id("enrollment", PLANNED),
        "content": {"sections": [{"name": "need", "words": "Needs three days a week to stay out of hospital."}]},
    })  # fmt: skip
    return note_id


def test_the_treating_physician_signs_the_certification_and_the_episode_names_it(house: House) -> None:
    """A clinician is shown the refusal instead of something to sign; the physician certifies on the signed document."""
    take_in(house, PLANNED)
    theirs = certification(house, "clinician")
    [shown] = house.shown("clinician", ("note.sign", {"note_id": theirs}))["signatures"]
    assert (shown["to_be_signed"], shown["refused"]["type"].rsplit(":")[-1]) == (None, "not-the-certifier")
    own, plan = certification(house), str(uuid4())
    path = f"/enrollments/{an_id('enrollment', PLANNED)}"
    house.done("clinician", f"{path}/adopt-plan", {
        "plan_id": plan, "adopted_on": on(-1), "goals": ["mood"], "weekly_days": 3, "weekly_minutes": 540,
        "planned_weeks": 8, "review_due_on": on(20),
    })  # fmt: skip
    certify = {"plan_id": plan, "certified_on": on(-1), "certified_through": on(30), "physician_id": DOCTOR}
    early = house.post("prescriber", f"{path}/certify-plan", certify | {"document_id": own})
    problem(early, 409, "document-not-signed")
    house.signed("prescriber", ("note.sign", {"note_id": own, "incomplete_cause": "brief"}))
    done = house.done("prescriber", f"{path}/certify-plan", certify | {"document_id": own})
    assert done["facts"] == ["enrollment.plan_certified"]
    other = certification(house)
    link = {"plan_id": plan, "certified_through": on(30)}
    problem(house.post("clinician", f"{path}/link-document", link | {"document_id": other}), 409, "step-has-document")
    paper = draft(house, note=773, patient=PLANNED, kind="plan_of_care")
    house.signed("clinician", ("note.sign", {"note_id": paper, "incomplete_cause": "brief"}))
    linked = house.done("clinician", f"{path}/link-document", {"plan_id": plan, "document_id": paper})
    assert linked["facts"] == ["enrollment.document_linked"]
    trail = house.found("auditor", f"/audit/streams/{an_id('enrollment', PLANNED)}")
    assert trail[-1]["words"] == f"Plan {plan} rests on document {paper}."


def test_a_plan_of_care_is_signed_by_its_author_and_answered_by_the_patient(house: House) -> None:
    """The list says that the patient is missing; refusal and signature stand beside each other in the document."""
    note = draft(house, note=771, patient=3, kind="plan_of_care")
    draft(house, note=772, patient=3, service_ended_at=at("11:00", -1))
    house.signed("clinician", ("note.sign", {"note_id": note, "incomplete_cause": "brief"}))

    def waiting() -> list[str]:
        found = house.found("clinician", "/caseload/notes-to-sign")
        return [one["task"] for one in found if one["note_id"] == note]

    assert waiting() == ["patient_sign"]
    pages, after = 0, {}
    while after is not None:
        body = house.get("clinician", "/caseload/notes-to-sign", limit=1, **after).json()
        pages, after = pages + len(body["items"]), {"after": body["next"]} if body["next"] else None
    assert pages == len(house.found("clinician", "/caseload/notes-to-sign"))
    refusal = {"refused_by": "patient", "cause": "disagrees", "words": "Not the second goal.", "refused_on": on()}
    house.done("clinician", f"/notes/{note}/patient-refuse", refusal)
    answer = {"signed_by": "patient", "capacity_rule": "adult", "how": "on_screen", "signed_on": on()}
    problem(house.post("front_desk", f"/notes/{note}/patient-sign", answer), 403, "not-permitted")
    house.done("clinician", f"/notes/{note}/patient-sign", answer)
    read = house.found("clinician", f"/notes/{note}")
    assert [(one["answer"], one["cause"], one["witnessed_by"]) for one in read["answers"]] == [
        ("refused", "disagrees", an_id("clinician")), ("signed", None, an_id("clinician")),
    ]
    assert read["wordings"][-1]["sections"] == [{"name": "words", "words": "Not the second goal."}]
    assert waiting() == []


def joins(house: House, name: str, **more: Any) -> str:
    """Somebody new, licensed, in the program; answers their id."""
    person = an_id(name)
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": [PROGRAM], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Marsh", "given_name": "Ines", **more,
    })  # fmt: skip
    house.done("director", f"/clinicians/{person}/record-credential", {
        "credential_id": an_id(name, 2), "title": "LCSW", "jurisdiction": "NY", "active_from": "2020-01-01",
    })  # fmt: skip
    put_on_call(house, person)
    return person


def test_who_has_left_still_signs_and_amends_what_they_did(own_house: House) -> None:
    """The credential of the day of service counts, not the employment of today."""
    person = joins(own_house, "leaver")
    note = str(uuid4())
    own_house.done("clinician", "/notes", {
        "note_id": note, "kind": "individual", "program_id": PROGRAM, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient", 1),
        "enrollment_id": an_id("enrollment", 1),
        "goals": ["goal-1"], "content": {"sections": [{"name": "data", "words": "Spoke about the move."}, *REST]},
    }, person=person)  # fmt: skip
    own_house.done("director", f"/clinicians/{person}/leave", {"left_on": on(-1)})
    own_house.signed("clinician", ("note.sign", {"note_id": note, "late_reason": "left_the_program"}), person=person)
    own_house.signed("clinician", ("note.amend", {
        "note_id": note, "amendment_id": str(uuid4()), "kind": "addendum", "cause": "omission",
        "content": {"sections": [{"name": "data", "words": "The move is in May."}]},
    }), person=person, methods=("pwd",))  # fmt: skip
    read = own_house.found("clinician", f"/notes/{note}")
    assert (read["signed_by"], [one["by"] for one in read["wordings"]]) == (person, [person, person])
    standings = own_house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert [(one["standing"], one["meaning"], one["lapsed_signer"]) for one in standings] == [
        ("verified", "author", False), ("verified", "amend", False),
    ]


def test_a_supervisor_who_countersigned_amends(own_house: House) -> None:
    """Another supervisor, who did not, is refused."""
    person = joins(own_house, "associate", associate=True)
    own_house.done("director", f"/clinicians/{person}/assign-supervisor", {
        "supervisor_id": an_id("supervisor"), "effective_from": "2020-01-01",
    })  # fmt: skip
    note = str(uuid4())
    own_house.done("clinician", "/notes", {
        "note_id": note, "kind": "individual", "program_id": PROGRAM, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient", 1),
        "enrollment_id": an_id("enrollment", 1),
        "goals": ["goal-1"], "content": {"sections": [{"name": "data", "words": "Spoke about the move."}, *REST]},
    }, person=person)  # fmt: skip
    own_house.signed("clinician", ("note.sign", {"note_id": note}), person=person)
    amend = ("note.amend", {
        "note_id": note, "amendment_id": str(uuid4()), "kind": "correction", "section": "data", "cause": "wrong_month",
        "content": {"sections": [{"name": "data", "words": "Spoke about the move in May."}]},
    })  # fmt: skip
    own_house.signed("supervisor", ("note.cosign", {"note_id": note}))
    own_house.signed("supervisor", amend, methods=("pwd",))
    first, correction = own_house.found("supervisor", f"/notes/{note}")["wordings"]
    assert (first["amendment"], first["sections"][0]["words"]) == (None, "Spoke about the move.")
    told = {name: correction[name] for name in ("amendment", "section", "cause", "by")}
    assert told == {
        "amendment": "correction", "section": "data", "cause": "wrong_month", "by": an_id("supervisor"),
    }
    other = joins(own_house, "other-supervisor")
    again = ("note.amend", amend[1] | {"amendment_id": str(uuid4())})
    [shown] = own_house.shown("supervisor", again, person=other)["signatures"]
    assert shown["refused"]["type"].endswith(":not-the-signer")


def test_a_late_entry_and_a_late_signature_say_so(house: House) -> None:
    """The payer waits 72 hours from the end of the service; what is begun or signed later is marked, not refused."""
    late = draft(house, note=781, patient=4, service_date=on(-5), service_ended_at=at("10:00", -5))
    house.signed("clinician", ("note.sign", {"note_id": late, "late_reason": "was_ill"}))
    read = house.found("clinician", f"/notes/{late}")
    assert (read["late"], read["late_reason"], read["late_entry"]) == (True, "was_ill", True)
    assert datetime.fromisoformat(read["due_at"]) == datetime.fromisoformat(at("10:00", -5)) + timedelta(hours=72)
    timely = draft(house, note=782, patient=4)
    house.signed("clinician", ("note.sign", {"note_id": timely}), methods=("pwd",))
    read = house.found("clinician", f"/notes/{timely}")
    assert (read["late"], read["late_reason"], read["late_entry"]) == (False, None, False)


def test_the_mark_of_lateness_is_as_it_was_known_then(own_house: House) -> None:
    """Terms that the payer sets afterwards, from an earlier day on, mark what they make late; what was known stays."""
    note = draft(own_house, note=783, patient=4)
    own_house.signed("clinician", ("note.sign", {"note_id": note}))
    then = own_house.log.head().position
    terms = msgspec.to_builtins(load_policy("commercial_mental_health"))["terms"] | {"signature_hours": 0}
    revision = {"effective_from": on(-3), "terms": terms, "cause": "contract_amended"}
    etag = own_house.get("biller", f"/streams/{POLICY}").headers["ETag"]
    own_house.done("biller", f"/payer-policies/{POLICY}/revise", revision, If_Match=etag)
    known = [own_house.found("clinician", f"/notes/{note}", **when) for when in ({}, {"as_of": then})]
    assert [(one["late"], one["late_entry"]) for one in known] == [(True, True), (False, False)]


def test_the_signer_sees_before_signing_that_it_is_late_and_the_signature_says_so(own_house: House) -> None:
    """Until when, in the look, in a group's documentation and beside the signature; a cosignature has no window."""
    due = datetime.fromisoformat(at("10:00", -5)) + timedelta(hours=72)
    late = draft(own_house, note=784, patient=4, service_date=on(-5), service_ended_at=at("10:00", -5))
    timely = draft(own_house, note=785, patient=4)
    shown = own_house.shown("clinician", ("note.sign", {"note_id": late}), ("note.sign", {"note_id": timely}))
    looks = [one["look"] for one in shown["signatures"]]
    assert [one["late"] for one in looks] == [True, False]
    assert datetime.fromisoformat(looks[0]["due_at"]) == due
    own_house.signed("clinician", ("note.sign", {"note_id": late}), ("note.sign", {"note_id": timely}))
    for note, expected in ((late, True), (timely, False)):
        [signature] = own_house.found("clinician", f"/notes/{note}/signatures")["signatures"]
        assert (signature["late"], signature["due_at"] is None) == (expected, False)
    [signature] = own_house.found("clinician", f"/notes/{late}/signatures")["signatures"]
    assert datetime.fromisoformat(signature["due_at"]) == due


def test_a_narrative_is_due_by_the_earliest_window_of_those_who_were_there(own_house: House) -> None:
    """Three days by payer 1; patient 2's payer gives an hour, which is over when somebody documents the next day."""
    terms = msgspec.to_builtins(load_policy("commercial_mental_health"))["terms"]
    hasty = {"policy_id": an_id("policy", 2), "payer_id": an_id("payer", 2), "payer_kind": "commercial",
             "payer_name": "Payer 2", "code": "payer-2", "effective_from": "2020-01-01",
             "terms": terms | {"signature_hours": 1}}  # fmt: skip
    own_house.done("biller", "/payer-policies", hasty)
    insured = f"/patients/{an_id('patient', 2)}"
    ended = {"coverage_id": an_id("coverage", 2), "ended_on": on(-9), "cause": "changed_payer"}
    own_house.done("biller", f"{insured}/end-coverage", ended)
    own_house.done("front_desk", f"{insured}/record-coverage", {
        "coverage_id": an_id("coverage", 102), "payer_id": an_id("payer", 2), "plan": "ppo", "rank": 1,
        "relationship": "self", "effective_from": on(-8), "member": {"member_number": "N-1"},
    })  # fmt: skip
    session = closed(own_house, 786, range(1, 4), days=-1)
    answer = documented(own_house, session, part(1), part(2), part(3))
    soon, later = (at(clock, days) for clock, days in (("11:30", -1), ("10:30", 2)))
    due = [(one["due_at"], one["late"]) for one in answer["documents"]]
    assert [(datetime.fromisoformat(at_), late) for at_, late in due] == [
        (datetime.fromisoformat(when), when == soon) for when in (soon, later, soon, later)
    ]
    own_house.signed("clinician", *acts(answer))
    narrative = answer["documents"][0]["note_id"]
    read = own_house.found("clinician", f"/notes/{narrative}")
    assert (datetime.fromisoformat(read["due_at"]), read["late"]) == (datetime.fromisoformat(soon), True)
    [signature] = own_house.found("clinician", f"/notes/{narrative}/signatures")["signatures"]
    assert signature["late"]
    page = own_house.get("clinician", f"/notes/{narrative}/print", format="html").text
    assert "Late: the payer&#39;s window" in page
    first = own_house.get("clinician", f"/notes/{answer['documents'][1]['note_id']}/print", format="html").text
    assert "Late:" not in first
