"""What a referral shows of the consents that another program had signed: nothing, so that nobody learns by referring a
patient what that program treats."""

from __future__ import annotations

import json
from typing import Any

from aggregates.access.streams import access_of
from tests.api.clinic import at, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem

TREATED, TWIN, NEW, SHARED, TRAILED = 521, 522, 523, 524, 525
CONSENT: dict[str, Any] = {
    "discloser": "The program", "information": "All", "recipients": "Them", "redisclosure_statement": "None",
    "right_to_revoke_stated": True, "expires_on": on(100), "signed_by": "patient", "signed_on": on(-10),
    "capacity_rule": "adult",
}
SHOWING = ("front_desk", "clinician", "supervisor", "prescriber", "utilization_reviewer")


def signed(house: House, number: int, kind: str, program: str, named: tuple[str, ...] = ()) -> str:
    """A consent that a patient signs at a program's front desk; answers its id."""
    consent = an_id(f"consent-{kind}-{program}-{len(named)}", number)
    house.done("front_desk", f"/patients/{an_id('patient', number)}/sign-consent", CONSENT | {
        "consent_id": consent, "kind": kind, "purpose": kind.replace("_", "-"), "programs": named,
    }, programs=(program,))  # fmt: skip
    return consent


def refer(house: House, number: int, program: str, days: int = 0) -> None:
    """The patient is referred to a program, on a day that whoever refers says."""
    house.done("front_desk", "/enrollments", {
        "enrollment_id": an_id(f"referral-{program}", number), "patient_id": an_id("patient", number),
        "program_id": program, "referred_on": on(days), "source": "hospital",
    }, programs=(program,))  # fmt: skip


def summary(house: House, role: str, number: int, program: str = PROGRAM, **more: Any) -> Any:
    """What a role is shown of a patient."""
    return house.found(role, f"/patients/{an_id('patient', number)}/summary", programs=(program,), **more)


def consents(house: House, number: int, program: str = PROGRAM, **more: Any) -> set[str]:
    """The consents of it."""
    role = more.pop("role", "front_desk")
    return {one["consent_id"] for one in summary(house, role, number, program, **more)["consents"]}


def test_a_referral_does_not_tell_what_another_program_treats(house: House) -> None:
    """Two patients of another program, one treated for substance use and one not, look alike in every role, however
    early the referral is said to have been."""
    for number, focus in ((TREATED, "substance_use"), (TWIN, "mental_health")):
        take_in(house, number, program=ELSEWHERE, focus=focus)
        for kind in ("treatment", "disclosure", "counseling_notes") if focus == "substance_use" else ("treatment",):
            signed(house, number, kind, ELSEWHERE)
        refer(house, number, PROGRAM, days=-400)
    for role in SHOWING:
        shown = [
            json.dumps(summary(house, role, one)).replace(an_id("patient", one), "patient")
            .replace(an_id("coverage", one), "coverage").replace(an_id(f"referral-{PROGRAM}", one), "referral")
            .replace(f"Quillfeather{one}", "name")
            for one in (TREATED, TWIN)
        ]  # fmt: skip
        assert shown[0] == shown[1], role
        assert "counseling" not in shown[0]
    assert len(consents(house, TREATED, ELSEWHERE)) == 3


def test_a_consent_is_for_the_programs_that_had_the_patient_when_it_was_signed(house: House) -> None:
    """What was signed before any referral is the first one's; who breaks the glass sees all, as of then too."""
    patient = an_id("patient", NEW)
    house.done("front_desk", "/patients", {"patient_id": patient, "identity": {
        "family_name": "Otterburn", "given_name": "Ada", "birth_date": "1984-07-13", "sex": "female",
    }})  # fmt: skip
    early = signed(house, NEW, "treatment", PROGRAM)
    refer(house, NEW, PROGRAM)
    own = signed(house, NEW, "disclosure", PROGRAM)
    before = house.log.head().position
    refer(house, NEW, ELSEWHERE)
    later = signed(house, NEW, "telehealth", ELSEWHERE)
    assert consents(house, NEW) == {early, own, later}
    assert consents(house, NEW, as_of=before) == {early, own}
    assert consents(house, NEW, ELSEWHERE) == {later}
    house.done("clinician", f"/access/{access_of(patient)}/open-break-glass", {
        "patient_id": patient, "grant_id": an_id("grant-consents"), "cause": "crisis_call",
        "words": "On the telephone.", "program_id": ELSEWHERE,
    }, programs=(ELSEWHERE,), person=an_id("stranger"))  # fmt: skip
    assert consents(house, NEW, ELSEWHERE, role="clinician", person=an_id("stranger")) == {early, own, later}


def test_a_consent_that_names_programs_is_for_these_alone(house: House) -> None:
    """Also where both have the patient: the one learns nothing of the consent that names the other, nor does its front
    desk record one that does."""
    take_in(house, SHARED)
    refer(house, SHARED, ELSEWHERE)
    own = signed(house, SHARED, "disclosure", PROGRAM, named=(PROGRAM,))
    theirs = signed(house, SHARED, "disclosure", ELSEWHERE, named=(ELSEWHERE,))
    both = signed(house, SHARED, "disclosure", PROGRAM)
    assert own in consents(house, SHARED) and theirs not in consents(house, SHARED)
    assert consents(house, SHARED, ELSEWHERE) == {theirs, both}
    (shown,) = (one for one in summary(house, "front_desk", SHARED)["consents"] if one["consent_id"] == own)
    assert shown["programs"] == [PROGRAM]
    refused = house.post("front_desk", f"/patients/{an_id('patient', SHARED)}/sign-consent", CONSENT | {
        "consent_id": an_id("consent-foreign"), "kind": "disclosure", "purpose": "payment", "programs": [ELSEWHERE],
    })  # fmt: skip
    problem(refused, 404, "not-found")


def test_the_trail_tells_of_a_consent_whom_the_chart_tells(house: House) -> None:
    """In the list, the history, the file and the changes of a patient whom another program had first: nothing of what
    was signed there, and all of it to that program; what is signed from the referral on is known to both."""
    patient = take_in(house, TRAILED, program=ELSEWHERE, focus="substance_use")
    theirs = {signed(house, TRAILED, kind, ELSEWHERE) for kind in ("treatment", "counseling_notes")}
    house.done("front_desk", f"/patients/{patient}/revoke-consent", {
        "consent_id": an_id(f"consent-treatment-{ELSEWHERE}-0", TRAILED), "revoked_at": at("00:00"),
    }, programs=(ELSEWHERE,))  # fmt: skip
    refer(house, TRAILED, PROGRAM)
    both = signed(house, TRAILED, "disclosure", PROGRAM)
    house.project()
    for role in ("auditor", "privacy_officer"):
        for program, hidden, counted in ((PROGRAM, theirs, 1), (ELSEWHERE, set(), 4)):
            asked = {"programs": (program,)}
            voice = house.voice(role, (program,))
            file = house.client.ask("GET", f"/v1/audit/export?patient_id={patient}", headers=voice).text
            told = [
                json.dumps(house.found(role, "/audit/entries", patient_id=patient, limit=500, **asked)),
                json.dumps(house.found(role, f"/audit/streams/{patient}", **asked)), file,
            ]
            for text in told:
                assert both in text
                assert {one for one in theirs if one in text} == theirs - hidden
                assert ("counseling" in text) == (not hidden)
            changes = house.found(role, f"/audit/patients/{patient}/changes", **asked)
            groups = [one for one in changes["groups"] if one["name"].startswith("patient.consent_")]
            assert sum(one["count"] for one in groups) == counted
