"""A substance-use record leaves the treating program under a consent or a named exception, on record, or not at all."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from aggregates.access.notice import SHORT, TEXTS
from aggregates.access.streams import access_of
from tests.api.clinic import PAYER, REST, at, draft, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_problems import problem

NUMBER = 301
PATIENT, EPISODE = an_id("patient", NUMBER), an_id("enrollment", NUMBER)
PRINT = f"/patients/{PATIENT}/continued-stay.html"


@pytest.fixture(scope="module", autouse=True)
def treated(house: House) -> None:
    """A patient whom a program of another focus treats for substance use: the admission says so."""
    take_in(house, NUMBER, focus="substance_use")


def agree(house: House, consent: str, at: str = PROGRAM, **changes: Any) -> str:
    """The patient signs a consent that names the payer, at a program; answers its id."""
    said = {
        "consent_id": consent, "kind": "disclosure", "purpose": "payment",
        "recipient_payers": [PAYER], "discloser": "The program", "information": "Plan and attendance.",
        "recipients": "The payer.", "redisclosure_statement": "It may be told further.",
        "right_to_revoke_stated": True, "expires_upon": "none", "signed_by": "patient", "signed_on": on(-11),
        "capacity_rule": "adult",
    }  # fmt: skip
    house.done("front_desk", f"/patients/{PATIENT}/sign-consent", said | changes, programs=(at,))
    return consent


def ask_for(house: House, number: int, **changes: Any) -> Any:
    """The reviewer asks the payer for more days."""
    return house.post("utilization_reviewer", "/authorizations", {
        "authorization_id": an_id("authorization-release", number), "patient_id": PATIENT, "enrollment_id": EPISODE,
        "program_id": PROGRAM, "payer_id": PAYER, "level_of_care": "intensive_outpatient", "requested_on": on(-9),
        "procedure_code": "H0015", "units": 6, "unit_basis": "day", "valid_from": on(-10), "valid_through": on(30),
    } | changes)  # fmt: skip


def tell(house: House, disclosure: str, at: str = PROGRAM, **changes: Any) -> Any:
    """Somebody of a program records that the payer was told."""
    said = {
        "patient_id": PATIENT, "disclosure_id": disclosure, "enrollment_id": EPISODE, "made_on": on(),
        "recipient": "The payer's reviewer", "information": ["summary"], "purpose": "payment", "basis": "payment",
    }  # fmt: skip
    path = f"/access/{access_of(PATIENT)}/record-disclosure"
    return house.post("utilization_reviewer", path, said | changes, programs=(at,))


def referred_elsewhere(house: House) -> str:
    """A second episode of the patient, in another program; answers its id."""
    second = {
        "enrollment_id": an_id("enrollment-second"), "patient_id": PATIENT, "program_id": ELSEWHERE,
        "referred_on": on(-14), "source": "hospital",
    }  # fmt: skip
    house.done("front_desk", "/enrollments", second, programs=(ELSEWHERE,))
    return second["enrollment_id"]


def test_without_a_consent_nothing_leaves_and_with_one_what_it_covers_does(house: House) -> None:
    """An authorization request, a disclosure, a print: refused by name, then made under the consent."""
    disclosure = an_id("disclosure-release")
    problem(ask_for(house, 1), 409, "no-consent-to-disclose")
    problem(tell(house, disclosure), 409, "substance-use-needs-consent")
    problem(house.get("utilization_reviewer", PRINT), 409, "release-not-recorded")
    consent = agree(house, an_id("consent-release"))
    assert ask_for(house, 1).status_code == 201
    told = {"basis": "consent", "consent_id": consent, "payer_id": PAYER}
    problem(tell(house, disclosure, **told, made_on=on(-12)), 409, "consent-not-in-force")
    problem(tell(house, disclosure, **(told | {"payer_id": an_id("payer", 2)})), 409, "consent-not-in-force")
    problem(tell(house, disclosure, **told, purpose="oversight"), 409, "consent-not-in-force")
    assert tell(house, disclosure, **told).status_code == 200
    printed = house.get("utilization_reviewer", PRINT, disclosure_id=disclosure)
    assert TEXTS[SHORT] in printed.text and "Plan and attendance." in printed.text
    for wrong in ({}, {"disclosure_id": an_id("nobody")}, {"disclosure_id": disclosure, "purpose": "legal"}):
        problem(house.get("utilization_reviewer", PRINT, **wrong), 409, "release-not-recorded")
    accounted = house.found("privacy_officer", f"/patients/{PATIENT}/disclosures", kind="part2")["disclosures"]
    assert [(one["basis"], one["consent_id"]) for one in accounted] == [("consent", consent)] * 2
    assert accounted[0]["description"].startswith("Request to authorize 6 units of H0015")


def test_an_auditor_is_told_by_the_named_exception(house: House) -> None:
    """42 CFR 2.53: no consent, but for whom it is done, and the print names it."""
    disclosure, note = an_id("disclosure-audit"), draft(house, 391, NUMBER)
    path = f"/notes/{note}/print"
    problem(house.get("privacy_officer", path, purpose="oversight"), 409, "release-not-recorded")
    audit = {"basis": "audit", "purpose": "oversight"}
    problem(tell(house, disclosure, **audit), 409, "auditor-unnamed")
    assert tell(house, disclosure, **audit, affiliation="State Department of Health").status_code == 200
    assert house.get("privacy_officer", path, purpose="oversight", disclosure_id=disclosure).status_code == 200
    chart = {"from": on(-30), "through": on(), "purpose": "oversight"}
    problem(house.get("privacy_officer", f"/patients/{PATIENT}/chart", **chart), 409, "release-not-recorded")
    chart["disclosure_id"] = disclosure
    assert house.get("privacy_officer", f"/patients/{PATIENT}/chart", **chart).status_code == 200
    changed = house.get("privacy_officer", f"/notes/{note}/differences", since=1, purpose="legal")
    problem(changed, 409, "release-not-recorded")


def test_inside_the_program_and_to_the_patient_nothing_is_asked(house: House) -> None:
    """Duties of the treating program's staff, and the patient's own request (42 CFR 2.12(c)(3), 2.23)."""
    for purpose in ("treatment", "operations", "patient_request"):
        assert house.get("utilization_reviewer", PRINT, purpose=purpose).status_code == 200
    assert house.get("utilization_reviewer", f"/patients/{PATIENT}/continued-stay").status_code == 200
    other = f"/patients/{an_id('patient')}/continued-stay.html"
    assert house.get("utilization_reviewer", other).status_code == 200  # of mental-health treatment


def test_what_goes_under_a_consent_carries_the_notice_and_its_scope(own_house: House) -> None:
    """42 CFR 2.32: on each print that leaves under it, and on none that stays; an audit's is under no consent."""
    house = own_house
    take_in(house, NUMBER, focus="substance_use")
    told = {"basis": "consent", "consent_id": agree(house, an_id("consent-notice"))}
    assert tell(house, an_id("disclosure-notice"), **told).status_code == 200
    audit = {"basis": "audit", "purpose": "oversight", "affiliation": "State Department of Health"}
    assert tell(house, an_id("disclosure-none"), **audit).status_code == 200
    note = draft(house, 392, NUMBER)
    under = {"purpose": "payment", "disclosure_id": an_id("disclosure-notice")}
    by_exception = {"purpose": "oversight", "disclosure_id": an_id("disclosure-none")}
    stretch = {"from": on(-30), "through": on()}
    for path, given in ((f"/notes/{note}/print", {}), (f"/patients/{PATIENT}/chart", stretch)):
        text = house.get("privacy_officer", path, **given, **under).text
        assert TEXTS[SHORT] in text and "Plan and attendance." in text and "To: The payer." in text
        for others in ({}, by_exception):
            response = house.get("privacy_officer", path, **given, **others)
            assert response.status_code == 200 and TEXTS[SHORT] not in response.text
    page = house.get("utilization_reviewer", PRINT.replace(".html", ".pdf"), **under)
    words = " ".join(PdfReader(BytesIO(page.content)).pages[0].extract_text().split())
    assert TEXTS[SHORT] in words and "Plan and attendance." in words


def test_after_a_revocation_nothing_more_leaves_and_what_was_told_stands(own_house: House) -> None:
    """From that moment on, not from the next day: no further disclosure, request or print, also of what was told
    before; the accounting still tells of it."""
    house, disclosure = own_house, an_id("disclosure-revoked")
    take_in(house, NUMBER, focus="substance_use")
    consent = agree(house, an_id("consent-revoked"))
    told = {"basis": "consent", "consent_id": consent, "payer_id": PAYER}
    assert tell(house, disclosure, **told).status_code == 200
    assert house.get("utilization_reviewer", PRINT, disclosure_id=disclosure).status_code == 200
    house.done("front_desk", f"/patients/{PATIENT}/revoke-consent", {"consent_id": consent})
    problem(house.get("utilization_reviewer", PRINT, disclosure_id=disclosure), 409, "release-ended")
    problem(tell(house, an_id("disclosure-late"), **told), 409, "consent-not-in-force")
    problem(ask_for(house, 3, requested_on=on()), 409, "no-consent-to-disclose")
    accounted = house.found("privacy_officer", f"/patients/{PATIENT}/disclosures", kind="part2")["disclosures"]
    assert [one["consent_id"] for one in accounted] == [consent]


def test_through_a_broken_glass_a_print_for_others_wants_a_disclosure_too(own_house: House) -> None:
    """Who looks at the record of another program's patient prints it for no court either (42 CFR 2.51, 2.61)."""
    house, patient, there = own_house, an_id("patient", 302), {"programs": (ELSEWHERE,)}
    take_in(house, 302, program=ELSEWHERE, focus="substance_use")
    note = an_id("note", 393)
    house.done("clinician", "/notes", {
        "note_id": note, "kind": "individual", "program_id": ELSEWHERE, "author_id": an_id("clinician"),
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "patient_id": patient,
        "enrollment_id": an_id("enrollment", 302), "content": {"sections": [{"name": "data", "words": "x"}, *REST]},
    }, **there)  # fmt: skip
    house.done("clinician", f"/access/{access_of(patient)}/open-break-glass", {
        "patient_id": patient, "grant_id": an_id("grant-release"), "cause": "crisis_call", "words": "Calls.",
    })  # fmt: skip
    assert house.get("clinician", f"/notes/{note}/print").status_code == 200
    problem(house.get("clinician", f"/notes/{note}/print", purpose="legal"), 409, "release-not-recorded")
    problem(house.get("clinician", f"/notes/{note}/differences", since=1, purpose="legal"), 409, "release-not-recorded")


def test_a_consent_for_one_program_opens_no_other_ones_record(own_house: House) -> None:
    """42 CFR 2.31(a)(2): of a patient whom two programs treat for substance use, a disclosure recorded under the
    consent of one of them prints, asks and tells of that one's record alone."""
    house, here, there = own_house, an_id("disclosure-here"), an_id("disclosure-there")
    take_in(house, NUMBER, focus="substance_use")
    second = referred_elsewhere(house)
    consent = agree(house, an_id("consent-program"), programs=[ELSEWHERE], at=ELSEWHERE)
    under = {"basis": "consent", "consent_id": consent}
    problem(tell(house, here, **under), 409, "consent-of-other-programs")
    problem(ask_for(house, 4), 409, "no-consent-to-disclose")
    told = {"enrollment_id": second} | under
    assert tell(house, there, at=ELSEWHERE, **told).status_code == 200
    problem(house.get("utilization_reviewer", PRINT, disclosure_id=there), 409, "release-not-recorded")
    agree(house, consent_here := an_id("consent-here"), programs=[PROGRAM])
    assert tell(house, here, basis="consent", consent_id=consent_here).status_code == 200
    assert house.get("utilization_reviewer", PRINT, disclosure_id=here).status_code == 200


def test_a_disclosure_of_one_programs_episode_prints_no_other_ones_record(own_house: House) -> None:
    """Also where no consent is asked: what an auditor was told of there is not what is kept here."""
    house, there, here = own_house, an_id("disclosure-audit-there"), an_id("disclosure-audit-here")
    take_in(house, NUMBER, focus="substance_use")
    second = referred_elsewhere(house)
    audit = {"basis": "audit", "purpose": "oversight", "affiliation": "State Department of Health"}
    told = {"enrollment_id": second} | audit
    assert tell(house, there, at=ELSEWHERE, **told).status_code == 200
    chart = {"from": on(-30), "through": on(), "purpose": "oversight"}
    path = f"/patients/{PATIENT}/chart"
    problem(house.get("privacy_officer", path, disclosure_id=there, **chart), 409, "release-not-recorded")
    assert tell(house, here, **audit).status_code == 200
    assert house.get("privacy_officer", path, disclosure_id=here, **chart).status_code == 200
