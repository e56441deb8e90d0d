"""What a claim says beside its lines is kept, compared with what is known later, and put right by a replacement."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim.facts import ClaimHeader, ClaimSubmitted
from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    DiagnosisRecorded,
    DischargeCorrected,
    PatientDischarged,
)
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.headers import ATTENDING, COVERAGE, IDENTITY, NUMBERS
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import NOW, PROGRAMS, Office
from tests.projections.story import asking, project

FIRST, SECOND = "2026-03-02", "2026-03-09"


def discharged(on: str, status: str = "01", reason: Any = "completed") -> PatientDischarged:
    """The patient left."""
    return PatientDischarged(discharged_on=on, reason=reason, patient_status=status)


def corrected(was: str, on: str | None = None, status: str | None = None, reason: Any = None) -> DischargeCorrected:
    """The discharge as it should have been; None: it never was."""
    return DischargeCorrected(
        was_discharged_on=was, cause="entry_error", discharged_on=on, reason=reason, patient_status=status
    )


def diagnosed(code: str, on: str, rank: int = 1) -> DiagnosisRecorded:
    """A diagnosis from a day on."""
    return DiagnosisRecorded(code=code, rank=rank, effective_from=on, diagnosed_by=an_id("clinician"))


def billed(*days: str, left: str | None = None, **terms: Any) -> Office:
    """A claim for each week of these days, paid; the discharge, if any, is known before they are prepared."""
    clinic = a_clinic(**terms)
    clinic.register()
    for day in days:
        clinic.documented(day, "09:00-12:00")
    if left is not None:
        clinic.in_care(discharged(left))
    office = Office(clinic)
    office.prepare()
    office.send()
    for one in office.live():
        office.answer(one, 100)
    assert (office.refused, office.wrong()) == ([], [])
    return office


def said(office: Office, which: int = -1) -> Any:
    """What one of the claims that stand says beside its lines, by the order of their days."""
    return sorted(office.live().values(), key=lambda one: one.from_date)[which].header


def wrong(office: Office) -> list[tuple[str, str | None, list[str]]]:
    """First day, frequency and sentences of each wrong claim; its lines are right."""
    found = office.wrong()
    assert all((one.days, one.difference_cents) == ([], 0) for one in found)
    return [(one.from_date, one.frequency, one.header) for one in found]


def mended(office: Office) -> Any:
    """What the last claim says once the wrong ones are replaced, after which none is wrong."""
    office.mend()
    office.send()
    for one in office.claims():
        if one.status == "submitted":
            office.answer(one.claim_id, 100)
    assert (office.refused, office.wrong()) == ([], [])
    return said(office)


def test_a_claim_keeps_what_it_says_in_codes_and_where_its_numbers_are_from() -> None:
    """Status, diagnoses by rank, attending, and the position of the fact with the member number."""
    clinic = a_clinic(interim_claims=True)
    clinic.in_care(diagnosed("F10.20", "2026-01-05", rank=3))
    clinic.in_care(diagnosed("F41.1", "2026-01-05", rank=2))
    clinic.documented(FIRST, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    header = said(office)
    covered = [one for one in clinic.story.recorded(MODEL) if one.name == "patient.coverage_recorded"]
    assert (header.patient_status, header.principal_diagnosis) == ("30", "F33.1")
    assert header.other_diagnoses == ("F41.1", "F10.20")
    assert header.coverage_at == covered[0].position
    episode = next(one for one in clinic.story.recorded(MODEL) if one.name == "enrollment.patient_admitted")
    assert header.attending_id == episode.fact.attending_id


@pytest.mark.parametrize(("fact", "sentence", "part"), [
    (diagnosed("F41.1", "2026-01-05"), "The principal diagnosis is F41.1 now, and the claim says F33.1.",
     {"principal_diagnosis": "F41.1"}),
    (diagnosed("F10.20", FIRST, rank=2), "The other diagnoses are F10.20 now, and the claim says none.",
     {"other_diagnoses": ("F10.20",)}),
    (discharged(FIRST, "07"), "The patient's status is 07 now, and the claim says 30.", {"patient_status": "07"}),
])
def test_a_header_that_is_wrong_by_now_has_the_claim_replaced(fact: Any, sentence: str, part: dict[str, Any]) -> None:
    """With the same lines and money; the replacement says what is so."""
    office = billed(FIRST)
    office.clinic.in_care(fact)
    assert wrong(office) == [(FIRST, "7", [sentence])]
    header = mended(office)
    assert {name: getattr(header, name) for name in part} == part


@pytest.mark.parametrize("fact", [
    diagnosed("F41.1", "2026-03-03"), diagnosed("F10.20", "2026-03-03", rank=2), discharged("2026-03-05", "07"),
])
def test_what_begins_after_the_claims_last_day_changes_nothing(fact: Any) -> None:
    """A diagnosis of the next day, and a discharge after a bill that said that the patient was still there."""
    office = billed(FIRST)
    office.clinic.in_care(fact)
    assert wrong(office) == []


def test_how_the_patient_left_is_corrected_on_the_bill_that_said_it() -> None:
    """Another status of the same discharge (01, 07)."""
    office = billed(FIRST, left="2026-03-04", interim_claims=True)
    office.clinic.in_care(corrected("2026-03-04", "2026-03-04", "07", "dropped_out"))
    assert wrong(office) == [(FIRST, "7", ["The patient's status is 07 now, and the claim says 01."])]
    assert mended(office).patient_status == "07"


@pytest.mark.parametrize("days", [(FIRST,), (FIRST, SECOND)])
def test_a_last_bill_whose_discharge_was_taken_back_says_that_the_patient_is_there(days: tuple[str, ...]) -> None:
    """Whether it was the whole stay's (1) or the last of several (4); and again the other way round."""
    office = billed(*days, left="2026-03-10", interim_claims=True)
    assert [one.frequency for one in office.claims()][-1] == ("1" if len(days) == 1 else "4")
    office.clinic.in_care(corrected("2026-03-10"))
    assert wrong(office) == [(days[-1], "7", ["The patient's status is 30 now, and the claim says 01."])]
    assert mended(office).patient_status == "30"
    office.clinic.in_care(discharged("2026-03-10"))
    assert wrong(office) == [(days[-1], "7", ["The patient's status is 01 now, and the claim says 30."])]


def test_the_last_bill_of_a_stay_that_went_before_the_discharge_was_known_is_replaced() -> None:
    """Only the last: the bills before it were of somebody who was still there. A day that may still be billed after it
    keeps it as it is."""
    office = billed(FIRST, SECOND, interim_claims=True)
    assert [one.frequency for one in office.claims()] == ["2", "3"]
    clinic = office.clinic
    held = clinic.meet("2026-03-16", "09:00-12:00")
    clinic.in_care(discharged("2026-03-16"))
    assert wrong(office) == []
    clinic.correct("2026-03-16", held, "")
    assert wrong(office) == [(SECOND, "7", ["The patient's status is 01 now, and the claim says 30."])]
    assert mended(office).patient_status == "01"


def test_numbers_of_a_coverage_are_compared_by_the_fact_that_they_are_from() -> None:
    """Recorded anew or under another coverage of the payer; that a coverage ended later is nothing to the claim."""
    office = billed(FIRST)
    office.clinic.end_coverage("2026-03-31")
    assert wrong(office) == []
    office.clinic.cover()
    assert wrong(office) == [(FIRST, "7", [NUMBERS])]
    mended(office)
    office.clinic.end_coverage("2026-02-28")
    office.clinic.cover(coverage_id=an_id("coverage", 900), effective_from="2026-03-01")
    assert wrong(office) == [(FIRST, "7", [COVERAGE])]
    mended(office)


@pytest.mark.parametrize("part", ["family_name", "given_name", "birth_date", "sex", "address", "postal_code"])
def test_a_name_that_was_wrong_has_the_claim_replaced(part: str) -> None:
    """By the fact that gave it: what the claim says of the patient is in no clear part."""
    office = billed(FIRST)
    office.clinic.rename("phone", part)
    assert wrong(office) == [(FIRST, "7", [IDENTITY])]
    corrected = next(one for one in office.clinic.story.recorded(MODEL) if one.name == "patient.demographics_corrected")
    assert mended(office).identity_at == corrected.position


def test_what_no_claim_says_of_the_patient_changes_none() -> None:
    """Telephone, e-mail and the numbers of records."""
    office = billed(FIRST)
    office.clinic.rename("phone", "email", "medical_record_number", "social_security_number")
    assert wrong(office) == []


def test_what_is_corrected_before_a_claim_leaves_goes_with_it() -> None:
    """A file says who the patient is, and who attends, as of when it is written; a correction after that is not in it,
    also if the claim is recorded as sent after it."""
    clinic = a_clinic()
    clinic.register()
    clinic.documented(FIRST, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    clinic.rename("family_name")
    written_as_of = len(clinic.story.facts)
    assert wrong(office) == []
    clinic.rename("given_name")
    [claim_id] = office.live()
    clinic.story.tell(claim_id, ClaimSubmitted(
        submitted_at=NOW, batch="b", control_number="c", place=1, interchange=1, file_digest="0" * 64,
        written_as_of=written_as_of, writer_version=2,
    ))  # fmt: skip
    assert wrong(office) == [(FIRST, "7", [IDENTITY])]


def test_a_claim_that_left_after_a_correction_is_right() -> None:
    """Prepared before it, sent after it."""
    clinic = a_clinic()
    clinic.register()
    clinic.documented(FIRST, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    clinic.rename("family_name")
    office.send()
    assert (wrong(office), office.refused) == ([], [])
    clinic.rename("sex")
    assert wrong(office) == [(FIRST, "7", [IDENTITY])]


def test_a_claim_from_before_it_was_kept_who_the_patient_is_says_it_by_when_it_left() -> None:
    """Nothing is compared that nobody knows; the fold knows by now what was so on the day of sending."""
    clinic = a_clinic()
    clinic.register()
    clinic.documented(FIRST, "09:00-12:00")
    clinic.claim(1, [(FIRST, 1)], header=ClaimHeader(
        patient_status="30", principal_diagnosis="F33.1", attending_id=an_id("clinician"), coverage_at=1,
    ), coverage_id=an_id("coverage", 101))  # fmt: skip
    clinic.story.tell(an_id("claim"), ClaimSubmitted(submitted_at=NOW, batch="b", control_number="c"))
    office = Office(clinic)
    clinic.rename("family_name")
    assert [one.header for one in office.wrong()] == [[IDENTITY]]


BEGAN = " now, and the claim says of type 3 and source 1."


def began(on: str = "2026-01-05", kind: str = "3", source: str = "1") -> AdmissionCorrected:
    """How the stay really began."""
    return AdmissionCorrected(
        was_admitted_on="2026-01-05", admitted_on=on, admission_type=kind, admission_source=source, cause="entry_error"
    )


@pytest.mark.parametrize(("type_of_bill", "fact", "sentences"), [
    ("0131", began(kind="2"), [f"The admission is of type 2 and source 1{BEGAN}"]),
    ("0131", began(source="4"), [f"The admission is of type 3 and source 4{BEGAN}"]),
    ("0131", began("2026-01-06"), []),
    ("0121", began("2026-01-06"), ["The admission was on 2026-01-06, and the claim says 2026-01-05."]),
    ("0131", AttendingCorrected(
        was_attending_id=an_id("clinician"), attending_id=an_id("clinician", 2), cause="entry_error"
    ), [ATTENDING]),
])  # fmt: skip
def test_a_corrected_admission_or_attending_has_the_claim_replaced_that_says_it(
    type_of_bill: str, fact: Any, sentences: list[str]
) -> None:
    """Type and source stand on every bill, the day on those of some types only (012x)."""
    office = billed(FIRST, type_of_bill=type_of_bill)
    office.clinic.in_care(fact)
    assert wrong(office) == [(FIRST, "7", one) for one in [sentences] if one]
    mended(office)


def test_a_day_before_a_later_admission_is_billed_no_more() -> None:
    """It is one before the admission; the levels of care begin with that."""
    office = billed(FIRST, SECOND)
    office.clinic.in_care(began("2026-03-03"))
    [found] = office.wrong()
    assert (found.frequency, [(one.service_date, one.reason) for one in found.days]) == ("8", [(FIRST, "no_admission")])


def test_the_list_of_corrections_finds_them_in_the_tables(log: Log, projector: Pool) -> None:
    """The very ones that the rules name out of memory, and no bill of the stay before the last."""
    office = billed(FIRST, SECOND, interim_claims=True)
    office.clinic.in_care(discharged("2026-03-10"))
    assert len(wrong(office)) == 1
    stored(office.clinic, log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        assert queries.corrections(cursor, programs=PROGRAMS, now=NOW) == office.wrong()


@pytest.mark.parametrize("fact", [corrected("2026-03-10"), diagnosed("F41.1", SECOND)])
def test_the_list_of_corrections_finds_the_others_too(fact: Any, log: Log, projector: Pool) -> None:
    """A discharge taken back, and a diagnosis."""
    office = billed(FIRST, SECOND, left="2026-03-10", interim_claims=True)
    office.clinic.in_care(fact)
    assert len(wrong(office)) == 1
    stored(office.clinic, log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        assert queries.corrections(cursor, programs=PROGRAMS, now=NOW) == office.wrong()


def stored(clinic: Clinic, log: Log) -> None:
    """Its facts in a log."""
    clinic.story.append(log)
