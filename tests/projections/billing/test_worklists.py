"""Each of the biller's worklists has what it must and nothing else, to the day on which something enters or leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aggregates.authorization.facts import AuthorizationDenied
from aggregates.claim.facts import ClaimAcknowledged, ClaimSubmitted
from aggregates.enrollment.facts import (
    DayWrittenOff,
    DischargePlanned,
    PatientDischarged,
    PlanCertified,
    PlanOfCareAdopted,
)
from aggregates.note.facts import NoteReturned
from aggregates.patient.facts import EligibilityChecked
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, worklists
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import asking, project

Ask = Callable[..., list[Any]]
PROGRAMS = [an_id("program")]
NOW = "2026-03-30T16:00:00.000000Z"
"""Noon in New York on Monday, 30 March."""
BEFORE = "2026-03-30T03:59:59.999999Z"
"""The last moment of 29 March there."""


@pytest.fixture
def ask(log: Log, projector: Pool) -> Ask:
    """Projects a clinic once and asks a list of it, of program 1 unless told otherwise."""
    told: list[Clinic] = []

    def answer(query: Callable[..., list[Any]], clinic: Clinic, now: str = NOW, **more: Any) -> list[Any]:
        if clinic not in told:
            clinic.story.append(log)
            told.append(clinic)
        with asking(project(MODEL, log, projector), projector) as cursor:
            return query(cursor, **{"programs": PROGRAMS, "now": now} | more)

    return answer


def unsigned_clinic() -> Clinic:
    """Of two patients a note to sign, to cosign and to revise, a narrative of both to sign, and days that need none."""
    clinic = a_clinic()
    clinic.patient(2)
    first = clinic.meet("2026-03-02", "09:00-12:00")
    clinic.draft("2026-03-02", "12:00", first)
    second = clinic.meet("2026-03-03", "09:00-12:00")
    note = clinic.draft("2026-03-03", "12:00", second, author_id=an_id("clinician", 4))
    signed_at = clinic.at("2026-03-03", "13:00")
    clinic.sign(note, "2026-03-03", signed_at, needs_cosignature=True, supervisor_id=an_id("clinician", 2))
    third = clinic.meet("2026-03-04", "09:00-12:00")
    note = clinic.draft("2026-03-04", "12:00", third)
    clinic.sign(note, "2026-03-04", clinic.at("2026-03-04", "13:00"))
    clinic.story.tell(an_id("note", note), NoteReturned(returned_by=an_id("clinician", 2), cause="thin"))
    fourth = clinic.meet("2026-03-05", "09:00-12:00", (1, 2))
    narrative = clinic.draft(
        "2026-03-05", "12:00", fourth, kind="group_narrative", patient_id=None, enrollment_id=None, attendance_id=None,
        author_id=an_id("clinician", 3),
    )
    for patient in (1, 2):
        own = clinic.draft("2026-03-05", "12:00", fourth, patient, narrative_id=an_id("note", narrative))
        clinic.sign(own, "2026-03-05", clinic.at("2026-03-05", "13:00"))
    clinic.documented("2026-03-06", "09:00-12:00")
    billed = clinic.meet("2026-03-09", "09:00-12:00")
    clinic.draft("2026-03-09", "12:00", billed)
    clinic.claim(1, [("2026-03-09", 5)])
    clinic.meet("2026-03-10", "09:00-12:00")
    short = clinic.meet("2026-03-11", "09:00-10:00")
    clinic.draft("2026-03-11", "10:00", short)
    return clinic


def test_unsigned_documents_are_each_clinicians_with_their_days_and_money(ask: Ask) -> None:
    """Sign, revise, cosign under whoever must act; a narrative once; nothing billed, unwritten or not billable."""
    found = ask(worklists.unsigned, unsigned_clinic())
    told = [(one.task, one.clinician_id, one.notes, one.days, one.held, one.cents, one.oldest) for one in found]
    assert told == [
        ("sign", an_id("clinician", 3), 1, 2, 2, 40_000, "2026-03-05"),
        ("cosign", an_id("clinician", 2), 1, 1, 1, 20_000, "2026-03-03"),
        ("revise", an_id("clinician"), 1, 1, 1, 20_000, "2026-03-04"),
        ("sign", an_id("clinician"), 1, 1, 1, 20_000, "2026-03-02"),
    ]
    assert [one.due_at for one in found] == [None] * 4


def test_what_else_is_signed_is_somebodys_too(ask: Ask) -> None:
    """Beside the author by each who led, one narrative for both patients; a late signature by its author again."""
    clinic = a_clinic(every_facilitator_signs="hold", late_signature="attestation")
    clinic.patient(2)
    led = clinic.meet("2026-03-05", "09:00-12:00", (1, 2), facilitators=3)
    shared: dict[str, Any] = dict.fromkeys(("patient_id", "enrollment_id", "attendance_id"))
    narrative = clinic.draft("2026-03-05", "12:00", led, kind="group_narrative", **shared)
    for note in (narrative, *(clinic.draft("2026-03-05", "12:00", led, one) for one in (1, 2))):
        clinic.sign(note, "2026-03-05", clinic.at("2026-03-05", "13:00"))
    late = clinic.draft("2026-03-06", "12:00", clinic.meet("2026-03-06", "09:00-12:00"))
    clinic.sign(late, "2026-03-06", clinic.at("2026-03-09", "13:00"))
    found = [(one.task, one.clinician_id, one.notes, one.days) for one in ask(worklists.unsigned, clinic)]
    assert sorted(found) == [("attest", an_id("clinician"), 1, 1)] + [
        ("sign_as_facilitator", an_id("clinician", number), 1, 2) for number in (2, 3)
    ]


def test_an_unsigned_day_waits_until_the_payers_window_closes(ask: Ask) -> None:
    """Twenty-four hours after the end of the service, and then it is held."""
    clinic, closes_at = unsigned_clinic(), "2026-03-03T17:00:00.000000Z"

    def mine(now: str) -> list[tuple[int, str | None]]:
        own = (an_id("clinician"), "sign")
        found = ask(worklists.unsigned, clinic, now)
        return [(one.held, one.due_at) for one in found if (one.clinician_id, one.task) == own]

    assert mine("2026-03-03T16:59:59.999999Z") == [(0, closes_at)]
    assert mine(closes_at) == [(1, None)]


def authorized(clinic: Clinic, patient: int, **changes: Any) -> None:
    """A patient whose authorization, of the same number, is approved with these changes."""
    clinic.patient(patient, authorized=False)
    clinic.request(patient)
    clinic.approve(patient, **changes)


def test_units_run_out_at_the_pace_of_the_last_four_weeks(ask: Ask) -> None:
    """Four units from 3 to 30 March, one of 2 March outside: two left last fourteen days, three last three weeks."""
    clinic = a_clinic()
    for patient, units in ((2, 7), (3, 8)):
        authorized(clinic, patient, units=units)
        for day in ("2026-03-02", "2026-03-03", "2026-03-10", "2026-03-17", "2026-03-24"):
            clinic.documented(day, "09:00-12:00", (patient,))
    [one] = ask(worklists.running_out, clinic)
    assert (one.patient_id, one.remaining, one.pace_units, one.pace_days) == (an_id("patient", 2), 2, 4, 28)
    assert (one.units_end_on, one.due_on, one.days_left, one.because) == ("2026-04-13", "2026-04-13", 14, "units")
    assert ask(worklists.running_out, clinic, within_days=13) == []
    assert len(ask(worklists.running_out, clinic, within_days=21)) == 2


def test_who_came_lately_is_paced_over_the_days_since_at_least_a_week(ask: Ask) -> None:
    """Two days since Thursday are two a week: three units end on the tenth day, rounded down."""
    clinic = a_clinic()
    authorized(clinic, 2, units=5)
    for day in ("2026-03-26", "2026-03-30"):
        clinic.documented(day, "09:00-12:00", (2,))
    clinic.meet("2026-03-27", "09:00-12:00", (2,), leave="absent")
    [one] = ask(worklists.running_out, clinic)
    assert (one.pace_units, one.pace_days, one.due_on) == (2, 7, "2026-04-09")


def test_an_authorization_ends_by_its_last_day_whoever_comes(ask: Ask) -> None:
    """Fourteen days ahead is soon, fifteen not; ended is told too; one that is used up without a pace ends today."""
    clinic = a_clinic()
    for patient, through in ((2, "2026-04-13"), (3, "2026-04-14"), (4, "2026-03-29")):
        authorized(clinic, patient, valid_through=through)
    authorized(clinic, 5, units=1)
    clinic.documented("2026-03-02", "09:00-12:00", (5,))
    found = ask(worklists.running_out, clinic)
    assert [(one.patient_id, one.days_left, one.because, one.units_end_on) for one in found] == [
        (an_id("patient", 4), -1, "last_day", None), (an_id("patient", 5), 0, "units", "2026-03-30"),
        (an_id("patient", 2), 14, "last_day", None),
    ]


@pytest.mark.parametrize(("valid_from", "listed"), [("2026-04-02", 0), ("2026-04-03", 1)])
def test_an_authorization_that_is_followed_is_not_running_out(ask: Ask, valid_from: str, listed: int) -> None:
    """The next one begins the day after the last day: nothing to ask for. A day later there is a day without."""
    clinic = a_clinic()
    authorized(clinic, 2, valid_through="2026-04-01")
    clinic.request(2, number=12)
    clinic.approve(12, valid_from=valid_from, valid_through="2026-06-30")
    assert len(ask(worklists.running_out, clinic)) == listed


def test_only_what_the_payer_of_today_wants_runs_out(ask: Ask) -> None:
    """Not of who has left, of a denied request, of a payer that wants none, or of a payer that no longer covers."""
    clinic = a_clinic()
    clinic.publish(2, authorization_required=False)
    soon: dict[str, Any] = {"valid_through": "2026-04-01"}
    authorized(clinic, 2, **soon)
    clinic.in_care(PatientDischarged(discharged_on="2026-03-29", reason="completed", patient_status="01"), 2)
    clinic.patient(3, authorized=False)
    clinic.request(3, **soon)
    clinic.story.tell(an_id("authorization", 3), AuthorizationDenied(decided_on="2026-01-06", cause="no"))
    clinic.patient(4, payer=2, authorized=False)
    clinic.request(4, payer=2)
    clinic.approve(4, **soon)
    authorized(clinic, 5, **soon)
    clinic.end_coverage("2026-03-29", 5)
    assert ask(worklists.running_out, clinic) == []
    assert {one.patient_id for one in ask(worklists.running_out, clinic, BEFORE)} == {
        an_id("patient", 2), an_id("patient", 5),
    }


def certify(clinic: Clinic, patient: int, on: str, through: str = "2026-12-31") -> None:
    """A physician certifies."""
    fact = PlanCertified(
        plan_id=an_id("plan"), certified_on=on, certified_through=through, physician_id=an_id("clinician", 3)
    )
    clinic.in_care(fact, patient)


def test_certifications_and_reviews_are_due_where_the_payer_asks_for_them(ask: Ask) -> None:
    """By the payer's interval, by what the paper says if that is sooner, since admission if there is none."""
    clinic = a_clinic(certification_days=30, unverified=("certification_days",))
    clinic.publish(2, plan_review_days=14)
    for patient in range(2, 7):
        clinic.patient(patient)
    clinic.patient(7, payer=2)
    certify(clinic, 2, "2026-03-14")
    certify(clinic, 3, "2026-03-15")
    certify(clinic, 4, "2026-03-20", through="2026-03-29")
    certify(clinic, 1, "2026-03-20")
    clinic.in_care(PatientDischarged(discharged_on="2026-03-29", reason="completed", patient_status="01"), 6)
    plan = PlanOfCareAdopted(
        plan_id=an_id("plan"), adopted_on="2026-03-20", goals=("sleep",), weekly_days=3, weekly_minutes=540,
        planned_weeks=6, review_due_on="2026-12-31",
    )
    clinic.in_care(plan, 7)
    found = ask(worklists.recertifications, clinic)
    told = [(one.patient_id, one.kind, one.last_on, one.due_on, one.days_left, one.unverified) for one in found]
    assert told == [
        (an_id("patient", 5), "certification", None, "2026-01-05", -84, True),
        (an_id("patient", 4), "certification", "2026-03-20", "2026-03-29", -1, True),
        (an_id("patient", 7), "plan_review", "2026-03-20", "2026-04-03", 4, False),
        (an_id("patient", 2), "certification", "2026-03-14", "2026-04-13", 14, True),
    ]
    assert len(ask(worklists.recertifications, clinic, within_days=13)) == 3
    assert an_id("patient", 6) in {one.patient_id for one in ask(worklists.recertifications, clinic, BEFORE)}


def test_a_certification_that_the_payer_does_not_take_is_still_to_be_written(ask: Ask) -> None:
    """Whoever certified holds none of the credentials that the payer names: none is there, and it is due since the
    admission."""
    clinic = a_clinic(certification_days=30, certified_by=("MD",))
    certify(clinic, 1, "2026-03-20")
    [one] = ask(worklists.recertifications, clinic)
    assert (one.kind, one.last_on, one.due_on) == ("certification", None, "2026-01-05")


def test_a_note_is_to_be_signed_also_where_the_payer_sets_no_window(ask: Ask) -> None:
    """From the day itself on, with whose it is, though the day only waits and no date is set for it."""
    clinic = a_clinic(signature_hours=None, timely_filing_days=None)
    number = clinic.meet("2026-03-27", "09:00-12:00")
    clinic.draft("2026-03-27", "12:00", number)
    [one] = ask(worklists.unsigned, clinic, clinic.at("2026-03-27", "17:00"))
    assert (one.task, one.clinician_id, one.days) == ("sign", an_id("clinician"), 1)


def test_a_consent_that_ends_is_due_before_it_does(ask: Ask) -> None:
    """Of a substance-use record, by its date, or where it lasts until the end of treatment by the planned discharge;
    of two the one that lasts longer; a consent without an end is never due, and one of another program does not
    count."""
    clinic = Clinic(focus="substance_use")
    clinic.open()
    clinic.license()
    clinic.publish()
    for patient in range(1, 5):
        clinic.patient(patient)
    clinic.consent(1, expires_on="2026-04-02")
    clinic.consent(2, expires_upon="end-of-treatment")
    clinic.in_care(DischargePlanned(planned_on="2026-04-13"), 2)
    clinic.consent(3, expires_upon="end-of-treatment")
    clinic.consent(4, expires_on="2026-04-01")
    clinic.consent(4, consent_id=an_id("consent", 44), expires_on="2026-04-14")
    clinic.consent(1, consent_id=an_id("consent", 11), programs=(an_id("program", 2),), expires_on="2026-12-31")
    found = ask(worklists.recertifications, clinic)
    assert [(one.patient_id, one.kind, one.last_on, one.due_on, one.days_left) for one in found] == [
        (an_id("patient", 1), "consent", "2026-01-02", "2026-04-02", 3),
        (an_id("patient", 2), "consent", "2026-01-02", "2026-04-13", 14),
    ]


def test_another_payer_asks_for_other_papers(ask: Ask) -> None:
    """On the day on which a coverage ends, what its payer asked for is due no longer."""
    clinic = a_clinic(certification_days=30)
    clinic.publish(2)
    clinic.end_coverage("2026-03-29")
    clinic.cover(payer=2, effective_from="2026-03-30")
    assert ask(worklists.recertifications, clinic) == []
    assert [one.payer_id for one in ask(worklists.recertifications, clinic, BEFORE)] == [an_id("payer")]


def check(clinic: Clinic, patient: int, for_date: str, active: bool = True) -> None:
    """The payer is asked about a day."""
    fact = EligibilityChecked(
        coverage_id=an_id("coverage", patient * 100 + 1), for_date=for_date, source="portal", active=active,
        has_trace_number=False,
    )
    clinic.story.tell(an_id("patient", patient), fact)


def test_coverages_that_nobody_checked_for_a_month(ask: Ask) -> None:
    """Thirty days are a month, thirty-one too long; never comes first; a later word about an earlier day is none."""
    clinic = a_clinic()
    for patient in range(2, 7):
        clinic.patient(patient)
    check(clinic, 1, "2026-02-28")
    check(clinic, 2, "2026-02-27", active=False)
    clinic.in_care(PatientDischarged(discharged_on="2026-03-29", reason="completed", patient_status="01"), 4)
    clinic.end_coverage("2026-03-29", 5)
    check(clinic, 6, "2026-03-20")
    check(clinic, 6, "2026-01-01")
    found = ask(worklists.eligibility, clinic)
    assert [(one.patient_id, one.checked_on, one.age_days, one.active) for one in found] == [
        (an_id("patient", 3), None, None, None), (an_id("patient", 2), "2026-02-27", 31, False),
    ]
    assert {one.unverified[0] for one in found} == {"older_than_days"}
    assert len(ask(worklists.eligibility, clinic, older_than_days=29)) == 3


def test_what_must_be_filed_within_two_weeks_or_is_past(ask: Ask) -> None:
    """Thirty days from each day of service: days on no claim, and claims that nobody acknowledged yet."""
    clinic = a_clinic(timely_filing_days=30, unverified=("timely_filing_days",))
    for day in ("2026-02-23", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27", "2026-03-14", "2026-03-15"):
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [("2026-02-25", 3), ("2026-02-26", 4)])
    clinic.claim(2, [("2026-02-24", 2)])
    clinic.claim(3, [("2026-02-23", 1)])
    for number in (2, 3):
        sent = ClaimSubmitted(submitted_at="2026-03-10T21:00:00.000000Z", batch="b", control_number=f"c{number}")
        clinic.story.tell(an_id("claim", number), sent)
    taken = ClaimAcknowledged(acknowledged_at="2026-03-11T15:00:00Z", source="277CA", reference="r1")
    clinic.story.tell(an_id("claim", 3), taken)
    clinic.documented("2026-02-20", "09:00-12:00")
    clinic.in_care(DayWrittenOff(service_date="2026-02-20", cause="late", approved_by=an_id("person")))
    clinic.meet("2026-02-19", "09:00-10:00")
    found = ask(worklists.filing, clinic)
    told = [(one.kind, one.from_date, one.days, one.status, one.cents, one.due_on, one.days_left) for one in found]
    assert told == [
        ("claim", "2026-02-24", 1, "submitted", 20_000, "2026-03-26", -4),
        ("claim", "2026-02-25", 2, "prepared", 40_000, "2026-03-27", -3),
        ("day", "2026-02-27", 1, "held", 20_000, "2026-03-29", -1),
        ("day", "2026-03-14", 1, "billable", 20_000, "2026-04-13", 14),
    ]
    assert all(one.unverified for one in found)
    assert [one.from_date for one in ask(worklists.filing, clinic, within_days=15)][-1] == "2026-03-15"
    pages: list[Any] = []
    while page := ask(worklists.filing, clinic, limit=1, after=worklists.cursor_of(pages[-1]) if pages else None):
        pages += page
    assert pages == found


def test_a_window_in_months_is_on_the_list_of_filing_as_unverified(ask: Ask) -> None:
    """A calendar month from the last day of February: the days of March do not count for more."""
    months = "timely_filing_months"
    clinic = a_clinic(timely_filing_days=None, timely_filing_months=1, unverified=(months,))
    clinic.documented("2026-02-28", "09:00-12:00")
    [one] = ask(worklists.filing, clinic)
    assert (one.from_date, one.due_on, one.unverified) == ("2026-02-28", "2026-03-28", True)


def test_unbilled_days_by_age_and_state(ask: Ask) -> None:
    """Thirty, sixty and ninety days are still the younger age; nothing billed, given up, absent or not billable."""
    clinic = a_clinic()
    today = "2026-05-30T16:00:00.000000Z"
    for day in ("2026-04-30", "2026-04-29", "2026-03-31", "2026-03-30", "2026-03-01", "2026-02-28"):
        clinic.documented(day, "09:00-12:00")
    clinic.meet("2026-05-20", "09:00-12:00")
    clinic.meet("2026-05-29", "13:00-16:00")
    clinic.meet("2026-05-21", "09:00-12:00", leave="absent")
    clinic.meet("2026-05-22", "09:00-10:00")
    clinic.documented("2026-05-25", "09:00-12:00")
    clinic.claim(1, [("2026-05-25", 9)])
    clinic.documented("2026-05-26", "09:00-12:00")
    clinic.in_care(DayWrittenOff(service_date="2026-05-26", cause="late", approved_by=an_id("person")))
    found = ask(worklists.unbilled, clinic, today)
    assert [(one.age, one.state, one.days, one.cents, one.unknown, one.oldest) for one in found] == [
        ("0-30", "billable", 1, 20_000, 0, "2026-04-30"),
        ("0-30", "held", 1, 20_000, 0, "2026-05-20"),
        ("0-30", "waiting", 1, 20_000, 0, "2026-05-29"),
        ("31-60", "billable", 2, 40_000, 0, "2026-03-31"),
        ("61-90", "billable", 2, 40_000, 0, "2026-03-01"),
        ("over 90", "held", 1, 20_000, 0, "2026-02-28"),
    ]


@pytest.mark.parametrize(
    "query", [
        worklists.unsigned, worklists.running_out, worklists.recertifications, worklists.eligibility, worklists.filing,
        worklists.unbilled,
    ],
)  # fmt: skip
def test_other_programs_see_none_of_it(ask: Ask, query: Callable[..., list[Any]]) -> None:
    """Each list has something for this program, and nothing for another."""
    clinic = a_clinic(certification_days=30, timely_filing_days=5)
    authorized(clinic, 2, valid_through="2026-03-30")
    number = clinic.meet("2026-03-24", "09:00-12:00")
    clinic.draft("2026-03-24", "12:00", number)
    assert ask(query, clinic)
    assert ask(query, clinic, programs=[an_id("program", 9)]) == []
