"""The 837I, segment by segment, as guide 005010X223A2 and the rules of the field want it; every file passes pyx12."""

from __future__ import annotations

from dataclasses import fields

import pytest

from aggregates.claim.facts import AdjudicationReversed, ClaimHeader
from aggregates.enrollment.facts import DiagnosisRecorded
from aggregates.patient.facts import CoverageIdentity, CoverageRecorded, Identity
from projections.billing.inputs.people import TOLD
from tests.projections.claim_file.office import (
    CLAIM,
    LATER,
    PRIMARY,
    SUBSCRIBER,
    a_line,
    an_id,
    office,
    paid,
)

OTHER = {
    "family_name": "Roe", "given_name": "Ann", "birth_date": "1988-04-10", "sex": "male", "address": "1 Elm Street",
    "city": "Troy", "state": "VT", "postal_code": "12208", "medical_record_number": "M-1", "phone": "518-555-0100",
    "social_security_number": "000-00-0000", "email": "a@example.org",
}  # fmt: skip
"""Another value of each part of who the patient is."""


def after(found: list[str], mark: str) -> list[str]:
    """The segments from the first that begins so."""
    return found[next(place for place, one in enumerate(found) if one.startswith(mark)) :]


def test_an_original_says_who_bills_whom_for_what() -> None:
    """The whole file of one claim of a patient who is the subscriber and has left."""
    clinic = office()
    clinic.discharge()
    clinic.prepare()
    assert clinic.file() == [
        "ISA*00*          *00*          *ZZ*HARBOR01       *ZZ*CLEARWAY1      *260309*2230*^*00501*000000905*0*P*:",
        "GS*HC*HARBOR01*CLEARWAY1*20260309*2230*905*X*005010X223A2",
        "ST*837*0001*005010X223A2",
        "BHT*0019*00*905*20260309*2230*CH",
        "NM1*41*2*HARBOR BEHAVIORAL CARE, LLC*****46*HARBOR01",
        "PER*IC*BILLING OFFICE*TE*5185550142",
        "NM1*40*2*CLEARWAY EXCHANGE*****46*CLEARWAY1",
        "HL*1**20*1",
        "PRV*BI*PXC*261QM0801X",
        "NM1*85*2*HARBOR BEHAVIORAL CARE, LLC*****XX*1234567893",
        "N3*12 WHARF STREET",
        "N4*ALBANY*NY*122071234",
        "REF*EI*987654321",
        "HL*2*1*22*0",
        "SBR*P*18*G77******CI",
        "NM1*IL*1*ANGSTROM*MARY-JO****MI*W100123-01",
        "N3*12 WHARF STREET, APT. 4",
        "N4*ALBANY*NY*12207",
        "DMG*D8*19880409*F",
        "NM1*PR*2*MERIDIAN MUTUAL 1*****PI*MRDN1",
        "CLM*CN000147*651***13:A:1**A*Y*I",
        "DTP*434*RD8*20260302-20260304",
        "CL1*3*1*01",
        "REF*G1*AUTH-5501",
        "HI*ABK:F331",
        "HI*ABF:F411",
        "NM1*71*1*O'NEIL*SAM****XX*2999999081",
        "LX*1",
        "SV2*0905*HC:S9480*325.5*UN*1",
        "DTP*472*D8*20260302",
        "LX*2",
        "SV2*0905*HC:S9480:95:HF*325.5*UN*1",
        "DTP*472*D8*20260304",
        "SE*32*0001",
        "GE*1*905",
        "IEA*1*000000905",
    ]


@pytest.mark.parametrize("part", sorted(one.name for one in fields(Identity)))
def test_the_parts_of_a_name_that_billing_compares_are_those_that_a_file_says(part: str) -> None:
    """Whoever else learns to be said is to be compared as well: another value gives another file, or is nowhere."""
    files = []
    for corrected in ({}, {part: OTHER[part]}):
        clinic = office()
        clinic.correct(**corrected)
        clinic.prepare()
        files.append(clinic.file())
    assert (files[0] != files[1]) == (part in TOLD)


@pytest.mark.parametrize(
    ("frequency", "discharged", "status"),
    [("2", False, "30"), ("3", False, "30"), ("4", True, "07"), ("1", True, "07")],
)
def test_interim_bills_are_of_patients_still_here(frequency: str, discharged: bool, status: str) -> None:
    """30 while care goes on, how it ended on the bill that ends it, also when the last service was before the end."""
    clinic = office(kind="medicare", filed_as="MB", condition_codes=("92",))
    if discharged:
        clinic.discharge("2026-03-06", status="07")
    clinic.prepare(frequency=frequency)
    found = clinic.file()
    assert f"CLM*CN000147*651***13:A:{frequency}**A*Y*I" in found
    assert f"CL1*3*1*{status}" in found
    assert "HI*BG:92" in found
    assert "SBR*P*18*G77******MB" in found


def test_several_condition_codes_stand_in_the_order_of_the_terms() -> None:
    """In one segment of its own, each behind BG."""
    clinic = office(kind="medicare", filed_as="MB", condition_codes=("92", "89", "04"))
    clinic.prepare(frequency="2")
    assert "HI*BG:92*BG:89*BG:04" in clinic.file()


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_replacement_and_a_void_name_the_payers_number(frequency: str) -> None:
    """REF*F8 leads the payer to the claim that is corrected, whose lines are all sent again."""
    clinic = office()
    clinic.prepare()
    clinic.answer(CLAIM, paid(1, 32_550), paid(2, 32_550), number="PCN-88120")
    clinic.prepare(LATER, frequency=frequency, replaces=CLAIM)
    found = clinic.file(LATER)
    assert f"CLM*CN000147*651***13:A:{frequency}**A*Y*I" in found
    assert "REF*F8*PCN-88120" in found
    assert found.count("SV2*0905*HC:S9480*325.5*UN*1") == 1


def test_a_dependent_stands_below_the_subscriber() -> None:
    """Who holds the insurance is the subscriber, and the patient a level of its own with the relationship."""
    clinic = office()
    clinic.uncover()
    clinic.cover(2, rank=1, relationship="child", **SUBSCRIBER)
    clinic.publish(2)
    clinic.prepare(payer=2)
    found = clinic.file()
    people = found[found.index("HL*2*1*22*1") : found.index("CLM*CN000147*651***13:A:1**A*Y*I")]
    assert people == [
        "HL*2*1*22*1",
        "SBR*P**G77******CI",
        "NM1*IL*1*DOE*PAT****MI*W200123-01",
        "N3*9 HILL ROAD",
        "N4*TROY*NY*121801234",
        "DMG*D8*19600131*M",
        "NM1*PR*2*MERIDIAN MUTUAL 2*****PI*MRDN2",
        "HL*3*2*23*0",
        "PAT*19",
        "NM1*QC*1*ANGSTROM*MARY-JO",
        "N3*12 WHARF STREET, APT. 4",
        "N4*ALBANY*NY*12207",
        "DMG*D8*19880409*F",
    ]


def test_a_secondary_claim_shows_what_the_primary_answered() -> None:
    """In all (2320, 2330) and line by line (2430): what was paid, every reason under its group, and when."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(
        PRIMARY,
        paid(1, 20_000, ("CO", "45", 5_050), ("PR", "2", 7_000), ("CO", "253", 500)),
        paid(2, 0, ("CO", "197", 32_550)),
    )
    clinic.publish(2, kind="medicare", filed_as="MB")
    clinic.cover(2, rank=2, relationship="spouse", **SUBSCRIBER)
    clinic.prepare(payer=2, after_claim=PRIMARY, frequency="2")
    found = clinic.file()
    assert "SBR*S**G77******MB" in found
    other = after(found, "NM1*71")
    assert other[1:7] == [
        "SBR*P*18*G77******CI",
        "AMT*D*200",
        "OI***Y***I",
        "NM1*IL*1*ANGSTROM*MARY-JO****MI*W100123-01",
        "NM1*PR*2*MERIDIAN MUTUAL 1*****PI*MRDN1",
        "REF*F8*PCN-88120",
    ]
    assert other[7:-3] == [
        "LX*1",
        "SV2*0905*HC:S9480*325.5*UN*1",
        "DTP*472*D8*20260302",
        "SVD*MRDN1*200*HC:S9480*0905*1",
        "CAS*CO*45*50.5**253*5",
        "CAS*PR*2*70",
        "DTP*573*D8*20260320",
        "LX*2",
        "SV2*0905*HC:S9480:95:HF*325.5*UN*1",
        "DTP*472*D8*20260304",
        "SVD*MRDN1*0*HC:S9480:95:HF*0905*1",
        "CAS*CO*197*325.5",
        "DTP*573*D8*20260320",
    ]


def test_a_claim_of_some_days_tells_what_was_paid_of_those() -> None:
    """Two days were answered with 200 and 100 dollars: the claim of the later one says 100, in all and of its line."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(PRIMARY, paid(1, 20_000, ("CO", "45", 12_550)), paid(2, 10_000, ("CO", "45", 22_550)))
    clinic.publish(2)
    clinic.cover(2, rank=2)
    clinic.prepare(payer=2, after_claim=PRIMARY, lines=(a_line(1, "2026-03-04"),))
    found = clinic.file()
    assert [one for one in found if one.startswith(("CLM", "AMT", "SVD", "CAS"))] == [
        "CLM*CN000147*325.5***13:A:1**A*Y*I", "AMT*D*100", "SVD*MRDN1*100*HC:S9480:95:HF*0905*1", "CAS*CO*45*225.5",
    ]


def test_a_void_of_a_secondary_claim_says_what_was_sent_though_the_answer_was_taken_back() -> None:
    """The payer before has reversed its answer; the claim that takes the secondary one back still names it."""
    clinic = office()
    clinic.prepare(PRIMARY)
    clinic.answer(PRIMARY, paid(1, 20_000, ("CO", "45", 12_550)), paid(2, 10_000, ("CO", "45", 22_550)))
    clinic.publish(2)
    clinic.cover(2, rank=2)
    clinic.prepare(payer=2, after_claim=PRIMARY)
    clinic.answer(CLAIM, paid(1, 0, ("OA", "23", 32_550)), paid(2, 0, ("OA", "23", 32_550)), number="PCN-2")
    clinic.story.tell(PRIMARY, AdjudicationReversed(
        reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-20"
    ))
    clinic.prepare(LATER, payer=2, after_claim=PRIMARY, frequency="8", replaces=CLAIM)
    found = clinic.file(LATER)
    assert [one for one in found if one.startswith(("CLM", "AMT", "REF*F8"))] == [
        "CLM*CN000147*651***13:A:8**A*Y*I", "REF*F8*PCN-2", "AMT*D*300", "REF*F8*PCN-88120",
    ]


def test_a_primary_claim_names_who_else_insures_the_patient() -> None:
    """Another coverage of the day stands in a loop 2320 of its own, without amounts, as nothing is answered yet."""
    clinic = office()
    clinic.publish(2, kind="medicare", filed_as="MB")
    clinic.cover(2, rank=2, relationship="spouse", **SUBSCRIBER)
    clinic.publish(3)
    clinic.cover(3, rank=3)
    clinic.uncover(3)
    clinic.prepare()
    found = after(clinic.file(), "NM1*71")
    assert found[1:6] == [
        "SBR*S*01*G77******MB",
        "OI***Y***I",
        "NM1*IL*1*DOE*PAT****MI*W200123-01",
        "NM1*PR*2*MERIDIAN MUTUAL 2*****PI*MRDN2",
        "LX*1",
    ]


def test_more_than_twelve_other_diagnoses_take_a_second_segment() -> None:
    """A segment holds twelve; the codes go on in the next."""
    codes = ["F33.1", *(f"F10.{digit}" for digit in ("10", "120", "129", "180", "19", "20", "220", "280", "29")),
             "F41.1", "F43.10", "F43.12", "F50.00", "F51.01"]  # fmt: skip
    clinic = office()
    clinic.story = type(clinic.story)(now="2026-01-02T14:00:00.000000Z")
    for tell in (clinic.open, clinic.hire, clinic.publish, clinic.register, clinic.cover, clinic.authorize):
        tell()
    clinic.admit(codes)
    clinic.prepare()
    others = [one for one in clinic.file() if one.startswith("HI*ABF")]
    assert [one.count("ABF:") for one in others] == [12, 2]


def test_the_day_of_admission_shows_on_inpatient_types_of_bill() -> None:
    """012x, an inpatient's services under Part B, says when the stay began; 013x does not."""
    clinic = office()
    clinic.prepare(type_of_bill="0121")
    assert "DTP*435*D8*20260302" in clinic.file()
    clinic.prepare(LATER)
    assert not [one for one in clinic.file(LATER) if one.startswith("DTP*435")]


def test_the_diagnoses_are_those_of_the_claims_last_day() -> None:
    """A later principal diagnosis changes no earlier claim, and one that was corrected for the day stands."""
    clinic = office()
    clinic.prepare()
    for code, day in (("F33.2", "2026-03-03"), ("F31.81", "2026-03-20")):
        fact = DiagnosisRecorded(code=code, rank=1, effective_from=day, diagnosed_by=an_id("doctor"))
        clinic.story.tell(an_id("enrollment"), fact)
    assert "HI*ABK:F332" in clinic.file()


def test_a_line_without_a_procedure_bills_its_revenue_code_alone() -> None:
    """Where the payer asks for no HCPCS code, the element stays empty."""
    clinic = office()
    clinic.prepare(lines=(a_line(procedure_code=None),))
    assert "SV2*0905**325.5*UN*1" in clinic.file()


def test_the_modifier_of_a_department_off_campus_stands_first_behind_the_code() -> None:
    """PO or PN on each line that has it, and what the service itself carries after it."""
    clinic = office()
    told = ((1, ("PO",)), (2, ("PN", "95")))
    clinic.prepare(lines=tuple(a_line(number, procedure_code="90853", modifiers=words) for number, words in told))
    found = [one for one in clinic.file() if one.startswith("SV2")]
    assert found == ["SV2*0905*HC:90853:PO*325.5*UN*1", "SV2*0905*HC:90853:PN:95*325.5*UN*1"]


def test_a_claim_is_billed_under_the_coverage_that_it_names() -> None:
    """Two coverages by one payer follow each other; the claim's own counts, and without one that of its first day."""
    clinic = office()
    clinic.uncover()
    for number in (4, 5):
        clinic.story.tell(an_id("patient"), CoverageRecorded(
            coverage_id=an_id("coverage", number), payer_id=an_id("payer"), plan="ppo", rank=1, relationship="self",
            effective_from="2026-03-01" if number == 4 else "2026-04-01",
            effective_through="2026-03-31" if number == 4 else None, has_member_number=True, has_group_number=False,
            has_subscriber=False, sealed=CoverageIdentity(member_number=f"NUMBER{number}"),
        ))  # fmt: skip
    clinic.prepare()
    clinic.prepare(LATER, coverage_id=an_id("coverage", 5))
    assert "NM1*IL*1*ANGSTROM*MARY-JO****MI*NUMBER4" in clinic.file()
    assert "NM1*IL*1*ANGSTROM*MARY-JO****MI*NUMBER5" in clinic.file(LATER)


def test_the_notice_to_the_payer_goes_with_a_substance_use_record() -> None:
    """42 CFR 2.32(a): the short statement, as a billing note behind the references; with no other record."""
    notice = "NTE*ADD*42 CFR PART 2 PROHIBITS UNAUTHORIZED USE OR DISCLOSURE OF THESE RECORDS."
    clinic = office("substance_use")
    clinic.prepare()
    told = clinic.file()
    assert notice in told and told[told.index(notice) - 1].startswith("REF*") and told.index(notice) < told.index(
        "HI*ABK:F331"
    )
    clinic = office()
    clinic.prepare()
    assert not any(one.startswith("NTE") for one in clinic.file())


def test_a_replacement_says_how_the_stay_is_by_now() -> None:
    """A last bill that went as an interim one is replaced by one of a patient who has left; a void says again what it
    takes back."""
    clinic = office()
    clinic.prepare(frequency="3")
    clinic.answer(CLAIM, paid(1, 32_550), paid(2, 32_550))
    clinic.discharge("2026-03-05", status="07")
    now = ClaimHeader(patient_status="07", principal_diagnosis="F33.1", other_diagnoses=("F41.1",))
    clinic.prepare(LATER, frequency="7", replaces=CLAIM, header=now)
    assert "CL1*3*1*07" in clinic.file(LATER)
    void = an_id("claim", 3)
    then = ClaimHeader(patient_status="30", principal_diagnosis="F41.1")
    clinic.prepare(void, frequency="8", replaces=CLAIM, header=then)
    assert "CL1*3*1*30" in clinic.file(void)
    assert "HI*ABK:F411" in clinic.file(void)


@pytest.mark.parametrize(("corrected", "status"), [("3", "30"), ("4", "07")])
def test_a_replacement_says_of_the_patient_what_the_bill_before_had_to(corrected: str, status: str) -> None:
    """Where it does not say so itself, because it was prepared before claims did: of an interim bill the patient was
    still here, whatever happened since; of the last one, gone."""
    clinic = office()
    clinic.prepare(frequency=corrected)
    clinic.answer(CLAIM, paid(1, 32_550), paid(2, 32_550))
    clinic.discharge("2026-03-25", status="07")
    clinic.prepare(LATER, frequency="7", replaces=CLAIM)
    assert f"CL1*3*1*{status}" in clinic.file(LATER)
