"""The 837P, segment by segment, as the guide 005010X222A1 wants it; every file passes pyx12."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim.facts import ClaimLine
from tests.projections.claim_file.office import (
    CLAIM,
    DOCTOR,
    LATER,
    PRESCRIBER,
    PRIMARY,
    SUBSCRIBER,
    Office,
    a_line,
    office,
    paid,
)

WEEK = (a_line(charge_cents=17_003), a_line(2, "2026-03-04", charge_cents=17_003, modifiers=("HF",)))


def professional(**changes: object) -> Office:
    """An office whose claim of the week is an 837P."""
    clinic = office()
    clinic.prepare(form="837P", lines=WEEK, **changes)
    return clinic


def claim_of(found: list[str]) -> list[str]:
    """From the claim to its last line."""
    begin = next(place for place, one in enumerate(found) if one.startswith("CLM"))
    return found[begin:-3]


def test_an_original_says_where_who_and_for_which_diagnoses() -> None:
    """Place of service from the check-ins, the rendering provider, and each line's pointers to the diagnoses."""
    found = professional().file()
    assert found[1].endswith("*X*005010X222A1") and found[2] == "ST*837*0001*005010X222A1"
    assert claim_of(found) == [
        "CLM*CN000147*340.06***53:B:1*Y*A*Y*Y",
        "REF*G1*AUTH-5501",
        "HI*ABK:F331*ABF:F411",
        "NM1*82*1*O'NEIL*SAM****XX*2999999081",
        "LX*1",
        "SV1*HC:S9480*170.03*UN*1***1:2",
        "DTP*472*D8*20260302",
        "LX*2",
        "SV1*HC:S9480:HF*170.03*UN*1***1:2",
        "DTP*472*D8*20260304",
    ]


def test_a_line_elsewhere_says_its_own_place() -> None:
    """The claim has the first day's place of service, and only a line that differs says another."""
    clinic = office()
    clinic.story.facts = [one for one in clinic.story.facts if one.name != "session.patient_checked_in"]
    clinic.come("2026-03-02", place="11")
    clinic.come("2026-03-04", place="10")
    clinic.prepare(form="837P", lines=WEEK)
    found = clinic.file()
    assert "CLM*CN000147*340.06***11:B:1*Y*A*Y*Y" in found
    assert "SV1*HC:S9480:HF*170.03*UN*1*10**1:2" in found


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_replacement_and_a_void_name_the_payers_number(frequency: str) -> None:
    """REF*F8, as on the institutional form."""
    clinic = professional()
    clinic.answer(CLAIM, paid(1, 17_003), paid(2, 17_003), number="PCN-1")
    clinic.prepare(LATER, form="837P", lines=WEEK, frequency=frequency, replaces=CLAIM)
    found = clinic.file(LATER)
    assert f"CLM*CN000147*340.06***53:B:{frequency}*Y*A*Y*Y" in found
    assert "REF*F8*PCN-1" in found


def test_a_secondary_claim_of_a_dependent_shows_the_primarys_answer() -> None:
    """The payer before insures a dependent here, and its answer stands under each line without a revenue code."""
    clinic = office()
    clinic.uncover()
    clinic.publish(3)
    clinic.cover(3, rank=1, relationship="spouse", **SUBSCRIBER)
    clinic.prepare(PRIMARY, payer=3, form="837P", lines=WEEK)
    clinic.answer(PRIMARY, paid(1, 15_000, ("PR", "3", 2_003)), paid(2, 0, ("OA", "23", 17_003)))
    clinic.publish(2, filed_as="MC", kind="medicaid")
    clinic.cover(2, rank=2)
    clinic.prepare(form="837P", lines=WEEK, payer=2, after_claim=PRIMARY)
    found = claim_of(clinic.file())
    assert found[4:10] == [
        "SBR*P*01*G77******CI",
        "AMT*D*150",
        "OI***Y***Y",
        "NM1*IL*1*DOE*PAT****MI*W300123-01",
        "NM1*PR*2*MERIDIAN MUTUAL 3*****PI*MRDN3",
        "REF*F8*PCN-88120",
    ]
    assert found[10:] == [
        "LX*1",
        "SV1*HC:S9480*170.03*UN*1***1:2",
        "DTP*472*D8*20260302",
        "SVD*MRDN3*150*HC:S9480**1",
        "CAS*PR*3*20.03",
        "DTP*573*D8*20260320",
        "LX*2",
        "SV1*HC:S9480:HF*170.03*UN*1***1:2",
        "DTP*472*D8*20260304",
        "SVD*MRDN3*0*HC:S9480:HF**1",
        "CAS*OA*23*170.03",
        "DTP*573*D8*20260320",
    ]


SERVICES = (
    {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "revenue_code": "0510",
     "form": "837P"},
    {"service_kind": "individual", "procedure_code": "90834", "use": "carved_out", "revenue_code": "0914",
     "form": "837P"},
)  # fmt: skip


def visited(**changes: Any) -> Office:
    """An office with a prescriber who saw the patient on Monday, and an 837P of that visit."""
    clinic = office(services=SERVICES)
    clinic.hire("1234567893", PRESCRIBER, "Adeyemi", **changes)
    clinic.visit(11, "2026-03-02")
    return clinic


def a_visit(number: int = 1, code: str = "99213", day: str = "2026-03-02") -> ClaimLine:
    """A line of a service that the payer takes on this form."""
    return a_line(
        number, day, procedure_code=code, charge_cents=15_000, authorization_id=None, authorization_units=()
    )


def test_whoever_gave_the_service_renders_it() -> None:
    """The facilitator of the medication visit, not the episode's attending."""
    clinic = visited()
    clinic.prepare(form="837P", lines=(a_visit(),))
    assert [one for one in clinic.file() if one.startswith("NM1*82")] == ["NM1*82*1*ADEYEMI*SAM****XX*1234567893"]


def test_a_line_that_somebody_else_rendered_says_so_itself() -> None:
    """The claim names who rendered its first line; the whole day on the second one is the attending's."""
    clinic = visited()
    clinic.prepare(form="837P", lines=(a_visit(), a_line(2, "2026-03-04", charge_cents=17_003)))
    found = claim_of(clinic.file())
    assert found[3] == "NM1*82*1*ADEYEMI*SAM****XX*1234567893"
    assert found[-2:] == ["DTP*472*D8*20260304", "NM1*82*1*O'NEIL*SAM****XX*2999999081"]


def test_where_one_clinician_cannot_be_told_the_attending_renders() -> None:
    """An associate, two leaders, an absence by a later correction, or a visit of another kind."""
    associate = visited(associate=True)
    two = visited()
    two.visit(12, "2026-03-02", by=(PRESCRIBER, DOCTOR))
    absent = visited()
    absent.absent(11, "2026-03-02")
    other = office(services=SERVICES)
    other.visit(11, "2026-03-02", kind="individual")
    for clinic in (associate, two, absent, other):
        clinic.prepare(form="837P", lines=(a_visit(),))
        assert "NM1*82*1*O'NEIL*SAM****XX*2999999081" in clinic.file()


def test_a_clinician_who_gave_the_service_needs_an_npi() -> None:
    """Somebody else's number would be a false one."""
    clinic = visited()
    clinic.story.facts = [one for one in clinic.story.facts if one.stream != PRESCRIBER]
    clinic.hire(None, PRESCRIBER, "Adeyemi")
    clinic.prepare(form="837P", lines=(a_visit(),))
    assert [one.startswith("Rendering provider") for one in clinic.objections()] == [True]
