"""Billable days become claims; what cannot be billed is left out and says why."""

from __future__ import annotations

from itertools import count

from pydantic import TypeAdapter

from aggregates.claim.commands import PrepareClaim
from aggregates.claim.facts import ClaimVoided
from aggregates.enrollment.facts import DayWrittenOff, PatientDischarged
from aggregates.program.facts import CampusRecorded
from projections.billing import MODEL
from projections.billing.claims import Prepared, prepare
from projections.billing.corrections import differs
from projections.billing.day import Day
from projections.billing.explain import told
from projections.billing.queries import days_from
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import Office
from tests.projections.story import folded

NOW = "2026-04-10T12:00:00.000000Z"


def _days(clinic: Clinic) -> list[Day]:
    return days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))


def _prepared(clinic: Clinic, period: str = "week", now: str = NOW) -> Prepared:
    numbers = count(1)
    return prepare(_days(clinic), decided_at=99, now=now, period=period, new_id=lambda: an_id("claim", next(numbers)))  # type: ignore[arg-type] # a literal


def test_a_week_makes_one_claim_and_another_week_another() -> None:
    """Days of one week stand on one claim as numbered lines with the units that they reserved."""
    clinic = a_clinic()
    for day in ("2026-03-02", "2026-03-04", "2026-03-09"):
        clinic.documented(day, "09:00-12:00")
    first, second = _prepared(clinic).claims
    assert [(line["line"], line["service_date"], line["authorization_units"]) for line in first["lines"]] == [
        (1, "2026-03-02", [1]), (2, "2026-03-04", [2]),
    ]
    assert (first["from_date"], first["through_date"], first["total_cents"]) == ("2026-03-02", "2026-03-04", 40_000)
    assert (second["total_cents"], second["decided_at"], second["frequency"]) == (20_000, 99, "1")


def test_a_claim_names_one_authorization() -> None:
    """A file has room for one number (REF*G1): once the units are used up, the days under the next authorization are on
    a claim of their own; a day that needs none is no reason for another claim."""
    clinic = a_clinic(authorization_after_days=1)
    clinic.approve(units=2)
    clinic.request(number=2)
    clinic.approve(2, valid_from="2026-03-04")
    for day in ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"):
        clinic.documented(day, "09:00-12:00")
    first, second = _prepared(clinic).claims
    named = [
        [(line["service_date"][-2:], line["authorization_id"]) for line in one["lines"]] for one in (first, second)
    ]
    own, further = an_id("authorization"), an_id("authorization", 2)
    assert named == [[("02", None), ("03", own), ("04", own)], [("05", further), ("06", further)]]
    assert [(one["from_date"], one["through_date"]) for one in (first, second)] == [
        ("2026-03-02", "2026-03-04"), ("2026-03-05", "2026-03-06"),
    ]


def test_the_data_are_a_valid_command() -> None:
    """What is prepared is accepted as `claim.prepare` without a change."""
    clinic = a_clinic()
    clinic.documented("2026-03-02", "09:00-12:00")
    (data,) = _prepared(clinic).claims
    command = TypeAdapter(PrepareClaim).validate_python(data)
    assert (command.form, command.type_of_bill, command.lines[0].revenue_code) == ("837I", "0131", "0905")


def test_a_month_makes_one_claim_across_its_weeks() -> None:
    """Monthly billing cuts at the calendar month, not at the week."""
    clinic = a_clinic()
    for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
        clinic.documented(day, "09:00-12:00")
    assert [len(claim["lines"]) for claim in _prepared(clinic, "month").claims] == [2, 1]
    assert [len(claim["lines"]) for claim in _prepared(clinic, "week").claims] == [3]


def test_held_days_are_left_out_and_say_why() -> None:
    """A day without its note is on no claim."""
    clinic = a_clinic()
    clinic.meet("2026-03-02", "09:00-12:00")
    result = _prepared(clinic)
    assert result.claims == []
    assert [one.why for one in result.left_out] == ["The day is held."]


def test_a_consent_that_ran_out_since_lets_nothing_go() -> None:
    """In force on the day of service but not today: nothing may be disclosed any more (42 CFR 2.31)."""
    clinic = a_clinic("substance_use")
    clinic.consent(expires_on="2026-03-31")
    clinic.documented("2026-03-02", "09:00-12:00")
    assert len(_prepared(clinic, now="2026-04-01T03:59:59.999999Z").claims) == 1  # the last day, in New York
    result = _prepared(clinic, now="2026-04-01T04:00:00.000000Z")
    assert result.claims == []
    assert "ran out on 2026-03-31" in result.left_out[0].why


def test_the_lines_of_a_day_are_the_lines_of_its_claim() -> None:
    """Charges by the fee schedule, modifiers in order, and the authorization on the per diem alone."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510"},),
        counted_kinds=("group",), modifiers=({"modifier": "HQ", "when": "group"},),
    )  # fmt: skip
    clinic.charges |= {"S9480": 45_000, "99213": 15_000}
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.documented("2026-03-02", "12:00-12:20", kind="medication_visit")
    (claim,) = _prepared(clinic).claims
    told = [
        (line["procedure_code"], line["modifiers"], line["charge_cents"], line["authorization_units"])
        for line in claim["lines"]
    ]
    assert told == [("S9480", ["HQ"], 45_000, [1]), ("99213", [], 15_000, [])]
    assert claim["total_cents"] == 60_000


def test_a_department_s_modifier_that_is_told_late_makes_its_claims_wrong() -> None:
    """The lines of the day carry it to the claim; a claim that went without it is to be replaced."""
    modifiers = ({"modifier": "PN", "when": "off_campus_not_excepted"},)
    clinic = a_clinic(modifiers=modifiers)
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1)])
    assert not any(differs(day) for day in _days(clinic))
    told_late = CampusRecorded(effective_from="2026-03-01", campus="off_campus_not_excepted")
    position = clinic.story.tell(an_id("program"), told_late)
    [day] = _days(clinic)
    assert (differs(day), position in day.positions) == (True, True)
    clinic.story.tell(an_id("claim"), ClaimVoided(voided_on="2026-03-20", cause="modifier"))
    [claim] = _prepared(clinic).claims
    assert [line["modifiers"] for line in claim["lines"]] == [["PN"]]


def test_a_service_on_another_form_is_another_claim() -> None:
    """What the payer takes on the professional form is no line of the institutional claim."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510", "form": "837P"},),
        counted_kinds=("group",),
    )  # fmt: skip
    clinic.charges["99213"] = 15_000
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.documented("2026-03-02", "12:00-12:20", kind="medication_visit")
    found = [(claim["form"], claim["type_of_bill"], claim["total_cents"]) for claim in _prepared(clinic).claims]
    assert found == [("837I", "0131", 20_000), ("837P", None, 15_000)]


def test_a_payer_with_interim_claims_is_told_where_in_the_stay_each_stands() -> None:
    """Frequency 2 for the first, 3 between, 4 for the last, and 1 for a stay on one claim (CMS bill frequencies)."""
    clinic = a_clinic(interim_claims=True, authorization_required=False)
    for day in ("2026-03-02", "2026-03-09", "2026-03-16"):
        clinic.documented(day, "09:00-12:00")
    assert [claim["frequency"] for claim in _prepared(clinic).claims] == ["2", "3", "3"]
    assert [claim["type_of_bill"] for claim in _prepared(clinic).claims] == ["0132", "0133", "0133"]
    clinic.in_care(PatientDischarged(discharged_on="2026-03-17", reason="completed", patient_status="01"))
    assert [claim["frequency"] for claim in _prepared(clinic).claims] == ["2", "3", "4"]
    assert [claim["frequency"] for claim in _prepared(clinic, "month").claims] == ["1"]


def test_to_a_payer_that_takes_claims_in_sequence_one_goes_at_a_time() -> None:
    """The later week is left out and says why; the payer's own period comes before the biller's."""
    clinic = a_clinic(sequential_claims=True, billing_period="week", authorization_required=False)
    for day in ("2026-03-02", "2026-03-09"):
        clinic.documented(day, "09:00-12:00")
    result = _prepared(clinic, "month")
    assert [claim["from_date"] for claim in result.claims] == ["2026-03-02"]
    assert [(one.day.service_date, "in sequence" in one.why) for one in result.left_out] == [("2026-03-09", True)]


def test_a_payer_billed_by_the_month_gets_it_when_the_month_is_over_or_the_patient_gone() -> None:
    """The last day of March is the last that waits, in the program's zone; a discharge ends the waiting."""
    clinic = a_clinic(billing_period="month")
    clinic.documented("2026-03-02", "09:00-12:00")
    result = _prepared(clinic, now="2026-04-01T03:59:00.000000Z")
    assert ([*result.claims], result.left_out[0].why) == (
        [], "This payer is billed by the month, which is not over yet."
    )
    assert len(_prepared(clinic, now="2026-04-01T04:00:00.000000Z").claims) == 1
    clinic.in_care(PatientDischarged(discharged_on="2026-03-06", reason="completed", patient_status="01"))
    assert len(_prepared(clinic, now="2026-03-07T05:00:00.000000Z").claims) == 1


def test_a_service_on_another_form_is_billed_beside_a_claim_that_stands() -> None:
    """The visit of a billed day turns up later, or its claim was rejected: it alone is prepared, and counts as well."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510", "form": "837P"},),
        counted_kinds=("group",),
    )  # fmt: skip
    clinic.charges["99213"] = 15_000
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1)])
    clinic.documented("2026-03-02", "12:00-12:20", kind="medication_visit")
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    assert (day.state, day.charge_cents, day.unbilled_cents) == ("billed", 20_000, 15_000)
    (claim,) = _prepared(clinic).claims
    assert [(line["procedure_code"], line["charge_cents"]) for line in claim["lines"]] == [("99213", 15_000)]
    assert (claim["form"], claim["lines"][0]["authorization_id"]) == ("837P", None)


def test_two_programs_bill_a_service_of_a_day_once() -> None:
    """The same code to the same payer on one day would be refused as billed already: the second day is left out."""
    clinic = a_clinic(
        services=({"service_kind": "group", "procedure_code": "90853", "use": "short_day", "revenue_code": "0915"},),
    )
    clinic.charges["90853"] = 6_000
    clinic.open()
    clinic.open(2)
    clinic.refer(1, 2, episode=2)
    clinic.admit(1, episode=2)
    clinic.diagnose(2)
    clinic.documented("2026-03-02", "09:00-10:00")
    clinic.documented("2026-03-02", "14:00-15:00", program_number=2, episodes={1: 2})
    result = _prepared(clinic)
    assert [len(claim["lines"]) for claim in result.claims] == [1]
    assert [one.why for one in result.left_out] == ["Another program's day bills the same service to this payer."]


def test_a_stay_that_ends_in_a_week_across_the_month_ends_with_its_claim() -> None:
    """Served on Monday the 30th and discharged on Wednesday the 1st: the week's claim is the whole stay."""
    clinic = a_clinic(interim_claims=True, authorization_required=False)
    clinic.documented("2026-03-30", "09:00-12:00")
    clinic.in_care(PatientDischarged(discharged_on="2026-04-01", reason="completed", patient_status="01"))
    assert [claim["frequency"] for claim in _prepared(clinic).claims] == ["1"]
    assert [claim["frequency"] for claim in _prepared(clinic, "month").claims] == ["1"]


def _stay(*days: str, discharged_on: str | None = None) -> Clinic:
    """Days documented and billed week by week to a payer that is told of the stay."""
    clinic = a_clinic(interim_claims=True, authorization_required=False)
    for day in days:
        clinic.documented(day, "09:00-12:00")
    if discharged_on:
        clinic.in_care(PatientDischarged(discharged_on=discharged_on, reason="dropped_out", patient_status="07"))
    return clinic


def _frequencies(clinic: Clinic) -> list[str]:
    return [claim["frequency"] for claim in _prepared(clinic).claims]


def test_the_last_claim_of_a_stay_is_the_last_whenever_the_discharge_came() -> None:
    """Last served in the first week of March, discharged in the second, or in April: nothing more is to be billed."""
    assert _frequencies(_stay("2026-03-02", discharged_on="2026-03-10")) == ["1"]
    assert _frequencies(_stay("2026-03-02", "2026-03-09", discharged_on="2026-04-08")) == ["2", "4"]
    assert _frequencies(_stay("2026-03-02", "2026-03-09")) == ["2", "3"]


def test_while_a_later_day_may_come_on_a_bill_no_claim_is_the_last() -> None:
    """The day without a note is held; once a director writes it off, the claim before is the whole stay."""
    clinic = _stay("2026-03-02")
    clinic.meet("2026-03-09", "09:00-12:00")
    clinic.in_care(PatientDischarged(discharged_on="2026-03-10", reason="dropped_out", patient_status="07"))
    assert _frequencies(clinic) == ["2"]
    clinic.in_care(DayWrittenOff(service_date="2026-03-09", cause="no_note", approved_by=an_id("person")))
    assert _frequencies(clinic) == ["1"]


def test_what_was_delivered_after_the_discharge_or_too_briefly_keeps_no_stay_open() -> None:
    """Neither is ever on a bill."""
    clinic = _stay("2026-03-02")
    clinic.documented("2026-03-04", "09:00-09:30")
    clinic.documented("2026-03-12", "09:00-12:00")
    clinic.in_care(PatientDischarged(discharged_on="2026-03-10", reason="dropped_out", patient_status="07"))
    assert _frequencies(clinic) == ["1"]


def test_a_week_told_after_the_first_bill_has_gone_goes_as_a_continuing_one_and_says_so() -> None:
    """A second first bill would be refused: our convention is 3, also where the patient has left by now."""
    clinic = _stay("2026-03-09")
    clinic.claim(1, [("2026-03-09", 1)])
    clinic.documented("2026-03-02", "09:00-12:00")
    result = _prepared(clinic)
    assert [(claim["frequency"], claim["type_of_bill"]) for claim in result.claims] == [("3", "0133")]
    assert [day.service_date for day in result.out_of_turn] == ["2026-03-02"]
    clinic.documented("2026-03-16", "09:00-12:00")
    clinic.in_care(PatientDischarged(discharged_on="2026-03-17", reason="completed", patient_status="01"))
    result = _prepared(clinic)
    assert [claim["frequency"] for claim in result.claims] == ["3", "4"]
    assert len(result.out_of_turn) == 1


def test_days_outside_of_what_is_prepared_now_count_for_where_a_claim_stands() -> None:
    """Only the first week is asked for, and the second is to be billed yet."""
    clinic = _stay("2026-03-02", "2026-03-09", discharged_on="2026-03-10")
    days = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    alone = prepare(days[:1], around=days, decided_at=99, now=NOW, period="week", new_id=lambda: an_id("claim"))
    assert [claim["frequency"] for claim in alone.claims] == ["2"]


def test_the_payer_s_answer_to_a_day_is_of_all_its_lines() -> None:
    """The day and the visit beside it, each on a line of its claim: both are named, and what was denied of both."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510"},),
        counted_kinds=("group",),
    )  # fmt: skip
    clinic.charges["99213"] = 15_000
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.documented("2026-03-02", "12:00-12:20", kind="medication_visit")
    office = Office(clinic)
    office.prepare()
    office.send()
    office.answer(next(iter(office.live())), 0, carc="197")
    (day,) = office.days()
    words = "\n".join(told(day, NOW))
    assert "On line 1 of claim" in words and "On line 2 of claim" in words
    assert "The payer denied $350.00 of $350.00 (answered on 2026-04-10); adjustments: CO-197 $200.00, CO-197" in words


def test_of_a_day_that_waits_for_an_earlier_bill_only_the_professional_lines_go() -> None:
    """And once they are on a claim, the hospital's lines of the day still wait for the answer."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510", "form": "837P"},),
        counted_kinds=("group",), sequential_claims=True, authorization_required=False,
    )  # fmt: skip
    clinic.charges["99213"] = 15_000
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    clinic.documented("2026-03-09", "09:00-12:00")
    clinic.documented("2026-03-09", "12:00-12:20", kind="medication_visit")
    office.prepare()
    told = {(claim.form, claim.through_date) for claim in office.live().values()}
    assert told == {("837I", "2026-03-02"), ("837P", "2026-03-09")}
    assert office.prepare() == 0


def test_a_day_that_waits_for_its_note_too_has_no_line_to_go() -> None:
    """The earlier bill's answer is not all that is missing."""
    clinic = a_clinic(
        services=({"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out",
                   "revenue_code": "0510", "form": "837P"},),
        counted_kinds=("group",), sequential_claims=True, authorization_required=False, signature_hours=24 * 60,
    )  # fmt: skip
    clinic.charges["99213"] = 15_000
    clinic.open()
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1)])
    clinic.documented("2026-03-09", "09:00-12:00")
    clinic.meet("2026-03-09", "12:00-12:20", kind="medication_visit")
    result = _prepared(clinic)
    assert (result.claims, [one.why for one in result.left_out]) == ([], ["The day is billed.", "The day is waiting."])
