"""A substance-use record leaves the treating program under a consent or a named exception, on record, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.access.streams import access_of
from tests.api.clinic import PAYER, draft, on, take_in
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_problems import problem

NUMBER = 301
PATIENT, EPISODE = an_id("patient", NUMBER), an_id("enrollment", NUMBER)
PRINT = f"/patients/{PATIENT}/continued-stay.html"


@pytest.fixture(scope="module", autouse=True)
def treated(house: House) -> None:
    """A patient whom a program of another focus treats for substance use: the admission says so."""
    take_in(house, NUMBER, focus="substance_use")


def agree(house: House, consent: str, **changes: Any) -> str:
    """The patient signs a consent that names the payer; answers its id."""
    said = {
        "consent_id": consent, "kind": "disclosure", "purpose": "payment",
        "recipient_payers": [PAYER], "discloser": "The program", "information": "Plan and attendance.",
        "recipients": "The payer.", "redisclosure_statement": "It may be told further.",
        "right_to_revoke_stated": True, "expires_upon": "none", "signed_by": "patient", "signed_on": on(-11),
        "capacity_rule": "adult",
    }  # fmt: skip
    house.done("front_desk", f"/patients/{PATIENT}/sign-consent", said | changes)
    return consent


def ask_for(house: House, number: int) -> Any:
    """The reviewer asks the payer for more days."""
    return house.post("utilization_reviewer", "/authorizations", {
        "authorization_id": an_id("authorization-release", number), "patient_id": PATIENT, "enrollment_id": EPISODE,
        "program_id": PROGRAM, "payer_id": PAYER, "level_of_care": "intensive_outpatient", "requested_on": on(-9),
        "procedure_code": "H0015", "units": 6, "unit_basis": "day", "valid_from": on(-10), "valid_through": on(30),
    })  # fmt: skip


def tell(house: House, disclosure: str, **changes: Any) -> Any:
    """Somebody records that the payer was told."""
    said = {
        "patient_id": PATIENT, "disclosure_id": disclosure, "enrollment_id": EPISODE, "made_on": on(),
        "recipient": "The payer's reviewer", "information": ["summary"], "purpose": "payment", "basis": "payment",
    }  # fmt: skip
    path = f"/access/{access_of(PATIENT)}/record-disclosure"
    return house.post("utilization_reviewer", path, said | changes)


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
    assert house.get("utilization_reviewer", PRINT, disclosure_id=disclosure).status_code == 200
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
