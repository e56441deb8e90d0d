"""The 837P, segment by segment, as the guide 005010X222A1 wants it; every file passes pyx12."""

from __future__ import annotations

import pytest

from tests.projections.claim_file.office import CLAIM, LATER, PRIMARY, SUBSCRIBER, Office, a_line, office, paid

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
