"""What two programs tell of the same patient, in streams that both write into: each is told its own, and none learns
from the other's what is treated there (42 CFR Part 2)."""

from __future__ import annotations

import json
from typing import Any

from aggregates.access.streams import access_of
from aggregates.shredding.streams import shredding_of
from tests.api.clinic import PAYER, STRANGER, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_presence import EPISODE, PATIENT, THERE, in_both
from tests.api.test_problems import problem

HERE, BOTH = (PROGRAM,), (PROGRAM, ELSEWHERE)
TRAIL = ("auditor", "privacy_officer")
CONSENT, FOREIGN, OWN = an_id("consent-there"), an_id("disclosure-there"), an_id("disclosure-here")
GRANT = an_id("grant-there")
REFERRED_LATER = 527


def told(disclosure: str, patient: str = PATIENT, **more: Any) -> dict[str, Any]:
    """A disclosure to a court, or as it is said."""
    return {
        "patient_id": patient, "disclosure_id": disclosure, "made_on": on(), "recipient": "Court of record",
        "information": ["summary"], "purpose": "legal", "basis": "required_by_law",
    } | more  # fmt: skip


def told_by_each(house: House) -> int:
    """The other program, which treats a substance use, tells the payer under a consent and breaks a glass that is
    reviewed there; this one tells a court. Answers the position before."""
    in_both(house, "09:10")
    house.done("front_desk", f"/patients/{PATIENT}/sign-consent", {
        "consent_id": CONSENT, "kind": "disclosure", "purpose": "payment", "recipient_payers": [PAYER],
        "discloser": "The program", "information": "Plan and attendance.", "recipients": "The payer.",
        "redisclosure_statement": "It may be told further.", "right_to_revoke_stated": True, "expires_upon": "none",
        "signed_by": "patient", "signed_on": on(-11), "capacity_rule": "adult", "programs": [ELSEWHERE],
    }, programs=THERE)  # fmt: skip
    house.done("utilization_reviewer", "/authorizations", {
        "authorization_id": an_id("authorization-there"), "patient_id": PATIENT, "enrollment_id": EPISODE,
        "program_id": ELSEWHERE, "payer_id": PAYER, "level_of_care": "intensive_outpatient", "requested_on": on(-1),
        "procedure_code": "H0015", "valid_from": on(-1), "valid_through": on(30), "units": 12, "unit_basis": "day",
    }, programs=THERE)  # fmt: skip
    before, path = house.log.head().position, f"/access/{access_of(PATIENT)}"
    house.done("clinician", f"{path}/open-break-glass", {
        "patient_id": PATIENT, "grant_id": GRANT, "program_id": ELSEWHERE, "cause": "crisis_call", "words": "Calls.",
    }, programs=THERE)  # fmt: skip
    judged = {"patient_id": PATIENT, "grant_id": GRANT, "justified": True, "words": "Right."}
    house.done("privacy_officer", f"{path}/review-break-glass", judged, programs=THERE)
    house.done("utilization_reviewer", f"{path}/record-disclosure", told(
        FOREIGN, enrollment_id=EPISODE, purpose="payment", basis="consent", consent_id=CONSENT, payer_id=PAYER,
    ), programs=THERE)  # fmt: skip
    house.done("front_desk", f"{path}/record-disclosure", told(OWN, enrollment_id=an_id("enrollment", 1)))
    return before


def names(house: House, role: str, programs: tuple[str, ...], **narrowed: Any) -> list[str]:
    """What the trail lists, oldest first."""
    found = house.found(role, "/audit/entries", programs=programs, limit=500, **narrowed)
    return [one["name"].partition(".")[2] for one in found][::-1]


def test_each_programs_auditor_sees_its_own_disclosures_and_glasses(own_house: House) -> None:
    """In the list, the history, the changes, the counts and the file in each format; whoever is cleared for both sees
    each under its own."""
    house = own_house
    before = told_by_each(house)
    theirs, ours = ["break_glass_opened", "break_glass_reviewed", "disclosure_made"], ["disclosure_made"]
    access = access_of(PATIENT)
    for role in TRAIL:
        for programs, expected in ((HERE, ours), (THERE, theirs), (BOTH, [*theirs, *ours])):
            asked: dict[str, Any] = {"programs": programs}
            assert names(house, role, programs, stream=access) == expected
            found = house.found(role, f"/audit/streams/{access}", **asked)
            assert [one["name"].partition(".")[2] for one in found] == expected
            assert {one["program_id"] for one in found} == set(programs)
            groups = house.found(role, f"/audit/patients/{PATIENT}/changes", **asked, **{"from": before})["groups"]
            assert sum(one["count"] for one in groups if one["name"].startswith("access.")) == len(expected)
            counted = house.found(role, "/audit/counts", by="name", stream=access, **asked)
            assert sum(one["entries"] for one in counted) == len(expected)
            for form in ("csv", "ndjson", "fhir"):
                file = house.get(role, "/audit/export", format=form, patient_id=PATIENT, **asked).text
                assert ("42-cfr-2.32" in file, GRANT in file) == (programs != HERE,) * 2


def test_a_disclosure_that_names_no_episode_is_of_the_programs_that_had_the_patient(house: House) -> None:
    """Of one alone it is that one's for good, and tells nobody that another came later; of two it is for whoever is
    cleared for both."""
    patient = take_in(house, REFERRED_LATER)
    path = f"/access/{access_of(patient)}/record-disclosure"
    house.done("front_desk", path, told(an_id("disclosure-early"), patient))
    house.done("front_desk", "/enrollments", {
        "enrollment_id": an_id("enrollment-later", REFERRED_LATER), "patient_id": patient, "program_id": ELSEWHERE,
        "referred_on": on(), "source": "hospital",
    }, programs=THERE)  # fmt: skip
    for programs, expected in ((HERE, 1), (THERE, 0), (BOTH, 1)):
        assert len(names(house, "auditor", programs, patient_id=patient, kind="disclosure")) == expected
    house.done("front_desk", path, told(an_id("disclosure-late"), patient), programs=THERE)
    for programs, expected in ((HERE, 1), (THERE, 0), (BOTH, 2)):
        assert len(names(house, "auditor", programs, patient_id=patient, kind="disclosure")) == expected
        counted = house.found("auditor", "/audit/counts", programs=programs, patient_id=patient, by="kind")
        assert sum(one["entries"] for one in counted if one["value"] == "disclosure") == expected
        found = house.found("privacy_officer", f"/patients/{patient}/disclosures", programs=programs, kind="hipaa")
        assert len(found["disclosures"]) == expected


def test_of_a_patient_out_of_reach_no_stream_and_no_broken_glass_is_told(own_house: House) -> None:
    """Not to the auditor of the program in which its breaker works, and not by the ids that follow from the patient's;
    it is as if nothing were there."""
    house = own_house
    house.done("clinician", f"/access/{access_of(STRANGER)}/open-break-glass", {
        "patient_id": STRANGER, "grant_id": GRANT, "program_id": PROGRAM, "cause": "crisis_call", "words": "Calls.",
    })  # fmt: skip
    house.done("privacy_officer", f"/shreddings/{shredding_of(STRANGER)}/place-hold", {
        "patient_id": STRANGER, "hold_id": an_id("hold"), "kind": "audit", "cause": "payer_audit",
    }, programs=THERE)  # fmt: skip
    for role in TRAIL:
        assert names(house, role, HERE, kind="break_glass") == []
        assert house.found(role, "/audit/counts", programs=HERE, kind="break_glass") == []
        for stream in (access_of(STRANGER), shredding_of(STRANGER)):
            problem(house.get(role, f"/audit/streams/{stream}", programs=HERE), 404, "not-found")
            assert len(house.found(role, f"/audit/streams/{stream}", programs=BOTH)) == 1
        assert names(house, role, BOTH, kind="break_glass") == ["break_glass_opened"]


def test_an_accounting_holds_what_ones_own_programs_disclosed(own_house: House) -> None:
    """A part of it is not passed for the whole, in the same words whether anything is left out or not, so that they
    tell of no other program; a privacy officer who is cleared for every program is told the whole."""
    house = own_house
    told_by_each(house)
    found: dict[tuple[str, str, str], Any] = {}
    for patient in (PATIENT, an_id("patient", 2)):
        for programs, asker in ((HERE, "here"), (THERE, "there"), (BOTH, "both")):
            for kind in ("part2", "hipaa"):
                path = f"/patients/{patient}/disclosures"
                answer = house.get("privacy_officer", path, kind=kind, programs=programs)
                if answer.status_code == 200:
                    found[asker, kind, patient] = answer.json()["item"]
    (here, there, both) = (found[asker, "part2", PATIENT] for asker in ("here", "there", "both"))
    assert (here["disclosures"], here["whole"]) == ([], False)
    for one in (PAYER, CONSENT, "H0015", "42 CFR", "Court"):
        assert one not in json.dumps(here)
    assert [one["description"][:8] for one in there["disclosures"]] == ["Request ", "summary"]
    assert there["disclosures"] == both["disclosures"]
    assert (there["whole"], both["whole"], both["caution"]) == (False, True, None)
    assert "every program" in here["caution"]
    assert {name: here[name] for name in here if name != "patient_id"} == {
        name: told for name, told in found["here", "part2", an_id("patient", 2)].items() if name != "patient_id"
    }
    courts = {asker: len(found[asker, "hipaa", PATIENT]["disclosures"]) for asker in ("here", "there", "both")}
    assert courts == {"here": 1, "there": 0, "both": 1}
