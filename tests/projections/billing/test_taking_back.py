"""Two programs, two payers, and what is taken back: a day is billed once, and a bill stands until it is let go."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim import commands as ask
from projections.billing import MODEL
from projections.billing.accounts.queries import account_from_rows
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import Office
from tests.projections.story import folded

DAY, LATER = "2026-03-02", "2026-03-04"
OTHER = 2
"""Patient 1's episode in the second program, which treats substance use."""


def billed(clinic: Clinic) -> tuple[Office, str]:
    """Prepared, sent and paid in full; the claim's id."""
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    office.answer(claim_id, 100)
    return office, claim_id


def told(office: Office) -> list[tuple[str, str, str, str | None]]:
    """Each day's date, state, what it would be without a claim, and why."""
    return [(day.service_date, day.state, day.underlying, day.reason) for day in office.days()]


def taking_back(office: Office) -> str:
    """The replacement or void that was prepared last."""
    return [one.claim_id for one in office.claims() if one.frequency in {"7", "8"}][-1]


def first_program(**terms: Any) -> tuple[Clinic, Office, str, int]:
    """A mental health day billed as S9480, of a patient who is in another program too; and its session's number."""
    clinic = a_clinic(authorization_required=False, **terms)
    clinic.focus = "substance_use"
    clinic.open(2)
    clinic.refer(1, 2, episode=OTHER)
    clinic.admit(1, episode=OTHER)
    clinic.diagnose(OTHER)
    clinic.consent()
    clinic.focus = "mental_health"
    number = clinic.documented(DAY, "09:00-12:00")
    return (clinic, *billed(clinic), number)


def two_programs() -> tuple[Clinic, Office, str]:
    """The same, then a longer day of the other program under another code."""
    clinic, office, first, _ = first_program()
    clinic.documented(DAY, "13:00-17:00", program_number=2, episodes={1: OTHER})
    return clinic, office, first


def test_a_per_diem_that_services_replace_keeps_another_programs_day_until_that_is_accepted() -> None:
    """The day turned out too short for it and is billed service by service; until the payer takes that in, it has the
    per diem yet. Then the services, which the longer day's per diem includes, go first (BCBS North Dakota: by any
    provider)."""
    short = {"service_kind": "group", "procedure_code": "90853", "use": "short_day", "revenue_code": "0915"}
    clinic, office, _, number = first_program(services=(short,))
    clinic.charges["90853"] = 6_000
    clinic.open()
    clinic.correct(DAY, number, "09:00-10:00")
    office.mend()
    replacement = taking_back(office)
    assert [line.procedure_code for line in office.live()[replacement].lines] == ["90853"]
    clinic.documented(DAY, "13:00-17:00", program_number=2, episodes={1: OTHER})
    assert (office.prepare(), office.refused) == (0, [])
    (longer,) = [day for day in office.days() if day.procedure_code == "H0015"]
    assert (longer.state, longer.reason) == ("held", "billed_by_other_program")
    assert [one.numbers for one in longer.answers if one.code == "billed_by_other_program"] == [{"elsewhere": 1}]
    office.send()
    office.answer(replacement, 60)
    assert (office.prepare(), office.refused) == (0, [])
    assert [(one.claim_id, one.frequency) for one in office.wrong()] == [(replacement, "8")]
    office.mend()
    office.send()
    office.accept(taking_back(office))
    assert (office.prepare(), office.refused) == (1, [])


def test_a_patients_day_is_one_per_diem_to_a_payer_whatever_the_code_and_the_program() -> None:
    """The longer day waits for the shorter one's claim to be voided; once that is accepted, it is billed."""
    _, office, first = two_programs()
    assert office.prepare() == 0
    assert [(day.procedure_code, day.state, day.underlying, day.reason) for day in office.days()] == [
        ("S9480", "billed", "not_billable", "second_program_same_day"),
        ("H0015", "held", "held", "billed_by_other_program"),
    ]
    assert [(one.claim_id, one.frequency) for one in office.wrong()] == [(first, "8")]
    office.mend()
    assert office.prepare() == 0
    (longer,) = [day for day in office.days() if day.procedure_code == "H0015"]
    assert [one.numbers for one in longer.answers if one.code == "billed_by_other_program"] == [{"elsewhere": 1}]
    office.send()
    office.answer(taking_back(office), 100)
    assert office.prepare() == 1
    (claim,) = office.live().values()
    assert [line.procedure_code for line in claim.lines] == ["H0015"]
    assert office.refused == []


OTHER_FORM: dict[str, Any] = {
    "claim_form": "837P", "type_of_bill": None, "authorization_required": False, "per_diems": ({
        "level_of_care": "intensive_outpatient", "focus": "mental_health", "procedure_code": "H2019",
        "revenue_code": "0900", "unit_basis": "day", "rate_cents": 100, "rate_kind": "contract",
    },),
}  # fmt: skip


@pytest.mark.parametrize("terms", [{"authorization_required": False}, OTHER_FORM], ids=["same form", "other form"])
def test_a_day_that_turns_out_to_be_another_payers_is_billed_there_once_the_first_claim_is_gone(terms: Any) -> None:
    """Whatever form and code the other payer has: void first, wait for the acceptance, then bill."""
    clinic = a_clinic(authorization_required=False)
    clinic.charges["H2019"] = 10_000
    clinic.open()
    clinic.documented(DAY, "09:00-12:00")
    office, first = billed(clinic)
    clinic.publish(2, **terms)
    clinic.end_coverage("2026-02-15")
    clinic.cover(1, 2)
    assert office.prepare() == 0
    (wrong,) = office.wrong()
    assert (wrong.claim_id, wrong.frequency) == (first, "8")
    assert "void this claim first" in (wrong.days[0].sentence or "")
    office.mend()
    office.send()
    assert office.prepare() == 0
    assert told(office) == [(DAY, "waiting", "waiting", "correction_not_accepted")]
    office.answer(taking_back(office), 100)
    assert office.prepare() == 1
    assert [one.payer_id for one in office.live().values()] == [an_id("payer", 2)]


def test_a_void_keeps_the_day_until_the_payer_accepts_it() -> None:
    """Prepared or sent, the day waits with its unit; rejected, it is the earlier claim's again, else it is free."""
    clinic = a_clinic()
    number = clinic.documented(DAY, "09:00-12:00")
    clinic.documented("2026-03-09", "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    first, _ = office.live()
    office.answer(first, 100)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    clinic.correct(DAY, number, "09:00-12:00")
    for step in (lambda: None, office.send):
        step()
        assert office.prepare() == 0
        assert told(office)[0] == (DAY, "waiting", "waiting", "correction_not_accepted")
        assert office.days()[0].authorization_units == [1]
    office.reject(taking_back(office))
    assert told(office)[0] == (DAY, "billed", "billable", None)
    assert {one.claim_id: one.status for one in office.claims()}[first] == "adjudicated"
    assert office.prepare() == 0 and office.refused == []
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    clinic.correct(DAY, number, "09:00-12:00")
    office.send()
    office.answer(taking_back(office), 100)
    assert told(office)[0] == (DAY, "billable", "billable", None)
    assert office.prepare() == 1


def voided() -> tuple[Office, str, str]:
    """A void of the first claim is prepared, and the day would be billed again."""
    clinic = a_clinic()
    number = clinic.documented(DAY, "09:00-12:00")
    office, first = billed(clinic)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    clinic.correct(DAY, number, "09:00-12:00")
    return office, first, taking_back(office)


def test_a_payer_that_reverses_its_answer_has_taken_the_void_in() -> None:
    """So the day and its unit are free, and the day is billed anew; the void's own acknowledgment changes nothing."""
    office, first, void = voided()
    office.send()
    assert told(office) == [(DAY, "waiting", "waiting", "correction_not_accepted")]
    office.reverse(first)
    assert office.refused == [] and told(office) == [(DAY, "billable", "billable", None)]
    assert office.prepare() == 1
    office.answer(void, 0)
    assert office.refused == [] and len(office.live()) == 1


def test_a_reversal_accepts_no_void_that_was_not_sent_nor_one_that_comes_with_another_answer() -> None:
    """The one the payer cannot know, and the other is a correction of its own answer."""
    office, first, _ = voided()
    office.reverse(first)
    assert told(office) == [(DAY, "waiting", "waiting", "correction_not_accepted")]
    office, first, _ = voided()
    office.send()
    office.order(first, ask.ReverseAdjudication(claim_id=first, reversed_on="2026-04-10", answered_anew=True))
    assert told(office) == [(DAY, "waiting", "waiting", "correction_not_accepted")]


def money(office: Office) -> tuple[int, int, int]:
    """What is charged, what of it the payer paid, and what stands to the payer's credit."""
    found = account_from_rows(office.delta(), patient_id=an_id("patient"), programs=[an_id("program")])
    assert found is not None
    return found.balances[0].charge_cents, found.balances[0].paid_cents, found.balances[0].credit_cents


def test_a_charge_leaves_the_balance_when_the_payer_accepts_the_void() -> None:
    """Prepared or sent it is a request: charge and payment stay. Accepted, what was paid is the payer's credit."""
    office, _, void = voided()
    for step in (lambda: None, office.send):
        step()
        assert money(office) == (20_000, 20_000, 0)
    office.accept(void)
    assert money(office) == (0, 0, 20_000)
    facts = office.clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows["account_line"] == folded(MODEL, facts).rows["account_line"]

    office, _, void = voided()
    office.send()
    office.reject(void)
    assert money(office) == (20_000, 20_000, 0)


def test_a_replacement_counts_in_place_of_the_earlier_claim_once_the_payer_accepts_it() -> None:
    """Of the two one counts at any time: first 400 dollars paid in full, then the day that is left, unanswered."""
    clinic = a_clinic(authorization_required=False)
    number = clinic.documented(DAY, "09:00-12:00")
    clinic.documented(LATER, "09:00-12:00")
    office, _ = billed(clinic)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    for step in (lambda: None, office.send):
        step()
        assert money(office) == (40_000, 40_000, 0)
    office.accept(taking_back(office))
    assert money(office) == (20_000, 0, 40_000)


def test_a_void_that_was_denied_in_its_answer_can_be_rejected() -> None:
    """A person reads the answer as a denial of the void: the first claim stands again."""
    clinic = a_clinic(authorization_required=False)
    number = clinic.documented(DAY, "09:00-12:00")
    office, first = billed(clinic)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    office.send()
    office.answer(taking_back(office), 0, carc="16")
    office.reject(taking_back(office))
    assert office.refused == [] and list(office.live()) == [first]


def test_a_replacement_keeps_the_day_that_it_leaves_out_until_the_payer_accepts_it() -> None:
    """So its rejection can be recorded, and the first claim stands again with both days."""
    clinic = a_clinic()
    number = clinic.documented(DAY, "09:00-12:00")
    clinic.documented(LATER, "09:00-12:00")
    office, first = billed(clinic)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    clinic.correct(DAY, number, "09:00-12:00")
    assert office.prepare() == 0
    assert told(office) == [
        (DAY, "waiting", "waiting", "correction_not_accepted"), (LATER, "billed", "billable", None),
    ]
    office.send()
    office.reject(taking_back(office))
    assert office.refused == []
    assert [one.claim_id for one in office.claims() if one.status == "rejected"] == [taking_back(office)]
    assert list(office.live()) == [first]
    assert [day.state for day in office.days()] == ["billed", "billed"]


def test_a_claim_that_was_never_sent_gives_its_day_back_at_once() -> None:
    """Nothing of it is at the payer."""
    clinic = a_clinic()
    clinic.documented(DAY, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    (first,) = office.live()
    office.withdraw(first)
    assert told(office) == [(DAY, "billable", "billable", None)]


VISIT = {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "revenue_code": "0510"}


def test_a_void_says_again_which_line_drew_the_units() -> None:
    """A per diem and a service beside it under an authorization: the void names it on the one line that did."""
    clinic = a_clinic(services=(VISIT,), counted_kinds=("group",))
    clinic.charges |= {"99213": 15_000}
    clinic.open()
    clinic.documented(DAY, "09:00-12:00")
    clinic.documented(DAY, "12:00-12:20", kind="medication_visit")
    office, first = billed(clinic)
    clinic.end_coverage("2026-02-01")
    office.mend()
    assert office.refused == []
    sent, void = (office._seen("claim", one).state.prepared for one in (first, taking_back(office)))
    assert void.lines == sent.lines and [len(line.authorization_units) for line in void.lines] == [1, 0]


BY_SERVICE = (
    {"service_kind": "group", "procedure_code": "90853", "use": "day_line", "revenue_code": "0915"},
    {"service_kind": "individual", "procedure_code": "90834", "use": "day_line", "revenue_code": "0914"},
)


def test_a_day_billed_service_by_service_draws_its_units_once() -> None:
    """On the first of its lines, which names the authorization; the next day goes on with the next unit."""
    clinic = a_clinic(line_basis="service", services=BY_SERVICE, minimum_minutes=60)
    clinic.charges |= {"90853": 6_000, "90834": 11_000}
    clinic.open()
    for day in (DAY, LATER):
        clinic.documented(day, "09:00-11:00")
        clinic.documented(day, "11:00-11:45", kind="individual")
    office, first = billed(clinic)
    lines = office.live()[first].lines
    assert [(line.service_date, line.authorization_id is not None, line.authorization_units) for line in lines] == [
        (DAY, True, (1,)), (DAY, False, ()), (LATER, True, (2,)), (LATER, False, ()),
    ]
    assert office.live()[first].per_diem_days == (DAY, LATER)
    assert office.refused == []
