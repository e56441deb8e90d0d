"""A claim that names no authorization while one covers its day: when that is wrong, and what became of the unit."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.enrollment.facts import HoldReleased
from projections.billing.corrections import UNNAMED
from projections.billing.explain import told as explained
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.office import NOW, Office
from tests.projections.billing.test_authorized_anew import DAY, LATER, A, another, ledger, listed, named
from tests.projections.billing.test_taking_back import money, taking_back


def unauthorized(*days: str, **terms: Any) -> tuple[Office, str]:
    """Days that a director let go without an authorization, on a claim that the payer took in."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish(**terms)
    clinic.patient(authorized=False)
    for day in days:
        clinic.documented(day, "09:00-12:00")
        clinic.in_care(HoldReleased(
            service_date=day, hold="authorization_missing", cause="payer_said_so", released_by=an_id("person")
        ))  # fmt: skip
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    office.accept(claim_id)
    return office, claim_id


@pytest.mark.parametrize("terms", [{"authorization_required": False}, {"authorization_after_days": 1}], ids=str)
def test_a_claim_that_needed_none_is_not_wrong_when_one_is_recorded(terms: dict[str, Any]) -> None:
    """Not required, or not yet on this day: answered or not, it stays right, and no unit is taken."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish(**terms)
    clinic.patient(authorized=False)
    clinic.documented(DAY, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    another(clinic, 1)
    assert (named(office), listed(office), ledger(office)) == ([(DAY, None, ())], [], {A: (0, 0)})
    office.answer(claim_id, 0, carc="197")
    assert (listed(office), ledger(office)) == ([], {A: (0, 0)})


def test_a_claim_that_was_let_go_without_one_is_right_as_long_as_none_covers_its_day() -> None:
    """Whoever released the day answers for it, whatever the payer says."""
    office, claim_id = unauthorized(DAY)
    assert listed(office) == []
    office.answer(claim_id, 0, carc="197")
    assert listed(office) == []


ANSWERS = {
    "unanswered": (None, "", True), "CO-15": (0, "15", True), "CO-197": (0, "197", True), "CO-198": (0, "198", True),
    "part of it CO-197": (50, "197", True), "paid in full": (100, "45", False), "allowed": (75, "45", False),
    "CO-50": (0, "50", False),
}


@pytest.mark.parametrize(("paid", "carc", "wrong"), ANSWERS.values(), ids=list(ANSWERS))
def test_a_claim_without_one_names_one_that_came_later_where_that_can_help(
    paid: int | None, carc: str, wrong: bool
) -> None:
    """Unanswered, or denied for want of it (3.1 CO-15, CO-197, CO-198, C2); what was paid or denied otherwise stays
    (ours, unverified). Its day counts among the units in any case, because they go by billed days (1.6)."""
    office, claim_id = unauthorized(DAY)
    if paid is not None:
        office.answer(claim_id, paid, carc=carc)
    another(office.clinic, 1, decided_on="2026-03-25")
    assert listed(office) == ([(claim_id, "7", 20_000, [UNNAMED])] if wrong else [])
    assert ledger(office) == {A: (1, 0)}
    assert office.days()[0].state == "billed" and office.days()[0].underlying == "billable"


def test_a_denied_claim_draws_the_only_unit_of_the_one_that_came_later() -> None:
    """Replaced with the number it has the unit, the day after has none, and the payer's money comes once."""
    office, first = unauthorized(DAY)
    office.answer(first, 0, carc="197")
    another(office.clinic, 1, decided_on="2026-03-25", units=1)
    office.clinic.documented(LATER, "09:00-12:00")
    office.mend()
    assert (named(office), ledger(office), listed(office)) == ([(DAY, A, (1,))], {A: (0, 1)}, [])
    office.send()
    office.answer(taking_back(office), 75)
    assert (ledger(office), listed(office), money(office)) == ({A: (0, 1)}, [], (20_000, 15_000, 0))
    assert [(day.state, day.reason) for day in office.days()] == [("billed", None), ("held", "authorization_exhausted")]
    office.answer(taking_back(office), 0, carc="197")
    assert listed(office) == []


def test_a_paid_claim_without_one_is_not_wrong_for_want_of_units_either() -> None:
    """Other days have them all: the day says so and stands; a claim that could still name one is held for it."""
    office, claim_id = unauthorized(DAY)
    office.clinic.documented(LATER, "09:00-12:00")
    another(office.clinic, 1, units=1)
    office.clinic.claim(9, [(LATER, 1)])
    assert office.days()[0].reason == "authorization_exhausted"
    office.answer(claim_id, 75)
    assert (office.days()[0].reason, listed(office), ledger(office)) == (None, [], {A: (0, 1)})
    assert any("names no authorization" in line for line in explained(office.days()[0], NOW))
    office.reverse(claim_id)
    assert office.days()[0].reason == "authorization_exhausted"


def test_an_answer_that_is_taken_back_makes_a_claim_without_one_wrong_again() -> None:
    """Nothing is paid any more, so the number can help."""
    office, claim_id = unauthorized(DAY)
    office.answer(claim_id, 75)
    another(office.clinic, 1)
    assert listed(office) == []
    office.reverse(claim_id)
    assert listed(office) == [(claim_id, "7", 20_000, [UNNAMED])]


def test_a_day_that_is_paid_without_one_is_named_when_its_claim_is_replaced_for_another_day() -> None:
    """The replacement is a new bill for all of them: it has the number and the units at once."""
    office, claim_id = unauthorized(DAY, LATER)
    office.answer(claim_id, 100)
    another(office.clinic, 1)
    office.clinic.correct(LATER, 2, "09:00-11:00")
    office.mend()
    assert (named(office), ledger(office), listed(office)) == ([(DAY, A, (1,))], {A: (0, 1)}, [])
