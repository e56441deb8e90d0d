"""A replacement that its payer denies, while its answer to the earlier claim stands, is not taken in: a person says
what the payer meant, or the payer's reversal does.

Duplicates and late claims (CO-18, CO-29; domain.md 3.1) are denied so: the payer goes by what it paid before.
"""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim import commands as ask
from aggregates.claim import facts as past
from aggregates.claim import refusals as no
from projections.billing import MODEL
from projections.billing.accounts.queries import account_from_rows
from projections.billing.accounts.views import BalanceView
from projections.billing.explain import told as explained
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import NOW, Office
from tests.projections.billing.test_taking_back import DAY, LATER, money, taking_back, told
from tests.projections.story import folded


def replaced(answer: int = 75, **how: Any) -> tuple[Office, str, str]:
    """Two days at $200 of which the payer paid so many percent; then the first turned out too short, so that a
    replacement with the other one was sent."""
    clinic = a_clinic(authorization_required=False)
    number = clinic.documented(DAY, "09:00-12:00")
    clinic.documented(LATER, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (first,) = office.live()
    office.answer(first, answer, **how)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    office.send()
    return office, first, taking_back(office)


def denied(*, acknowledged: bool = False, carc: str = "29") -> tuple[Office, str, str]:
    """The replacement was taken in by the clearing house or not, and answered with CLP02 4."""
    office, first, later = replaced()
    if acknowledged:
        office.accept(later)
    office.answer(later, 0, carc=carc, status="4")
    assert office.refused == []
    return office, first, later


def on_the_list(office: Office) -> list[str]:
    """What a person must settle, by the read model's claims, in whatever batches the facts come."""
    facts = office.clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows == folded(MODEL, facts).rows
    return [one.claim_id for one in office.claims() if one.denied_on is not None]


def balance(office: Office) -> BalanceView:
    """The patient's with the program."""
    found = account_from_rows(office.delta(), patient_id=an_id("patient"), programs=[an_id("program")])
    assert found is not None
    return found.balances[0]


def portal(office: Office, claim_id: str) -> None:
    """A person read on the payer's portal that it was taken in after all."""
    office.order(claim_id, ask.AcknowledgeClaim(
        claim_id=claim_id, acknowledged_at=NOW, source="portal", reference="r"
    ))  # fmt: skip


@pytest.mark.parametrize("carc", ["18", "29"])
def test_a_denied_replacement_takes_nothing_back(carc: str) -> None:
    """$300 of $400 was paid and stays so, and nothing is owed back; the day that it left out is not free yet."""
    office, first, later = denied(carc=carc)
    assert money(office) == (40_000, 30_000, 0) and balance(office).denied_cents == 0
    assert on_the_list(office) == [later] and list(office.live()) == [later]
    assert (DAY, "waiting", "waiting", "correction_not_accepted") not in told(office)  # the day itself does not stand
    assert {one.claim_id: one.status for one in office.claims()} == {first: "replaced", later: "adjudicated"}


def test_the_day_that_it_leaves_out_is_not_free_and_says_what_to_do() -> None:
    """It stands again, and is not billed anew as long as the payer has it on the earlier claim."""
    office, _, _ = denied()
    office.clinic.correct(DAY, 1, "09:00-12:00")
    assert (office.prepare(), office.refused) == (0, [])
    assert told(office)[0] == (DAY, "waiting", "waiting", "correction_not_accepted")
    assert any("the payer's answer of 2026-04-10 denies that" in line for line in explained(office.days()[0], NOW))


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_rejection_by_a_person_lets_the_earlier_claim_stand_again(acknowledged: bool) -> None:
    """With its payment; and it can be replaced again by its own number, paid in the end at $150 for the one day."""
    office, first, later = denied(acknowledged=acknowledged)
    assert on_the_list(office) == [later]
    office.reject(later)
    assert office.refused == [] and list(office.live()) == [first] and on_the_list(office) == []
    assert money(office) == (40_000, 30_000, 0)
    office.mend()
    office.send()
    again = taking_back(office)
    assert office.live()[again].replaces == first
    office.answer(again, 75)
    assert office.refused == [] and money(office) == (20_000, 15_000, 30_000)
    office.reverse(first)
    assert money(office) == (20_000, 15_000, 0) and office.wrong() == []


def test_an_acceptance_by_a_person_lets_the_denial_stand() -> None:
    """The payer meant it: what was paid before is its credit, the day denied, and the day left out free."""
    office, _, later = denied()
    portal(office, later)
    assert office.refused == [] and on_the_list(office) == [] and office.seen(later).accepted
    assert money(office) == (20_000, 0, 30_000) and balance(office).denied_cents == 20_000
    office.clinic.correct(DAY, 1, "09:00-12:00")
    assert "correction_not_accepted" not in [reason for *_, reason in told(office)]


def test_the_reversal_of_the_earlier_answer_accepts_a_replacement_that_was_denied() -> None:
    """Its own rules say so with a fact, and the day that it left out is free."""
    office, first, later = denied()
    office.reverse(first)
    assert office.refused == [] and on_the_list(office) == [] and office.seen(later).accepted
    assert money(office) == (20_000, 0, 0)
    assert not [key for key, holder in office.keys.items() if holder == later and DAY in key[1]]


def test_an_answer_that_was_reversed_before_leaves_nothing_for_the_denial_to_stand_beside() -> None:
    """Payers take the old answer back first: the replacement was taken in, and is denied as it is."""
    office, first, later = replaced()
    office.reverse(first)
    office.answer(later, 0, carc="29", status="4")
    assert office.refused == [] and on_the_list(office) == [] and money(office) == (20_000, 0, 0)
    assert not [key for key, holder in office.keys.items() if holder == later and DAY in key[1]]
    office.reject(later)
    assert [type(one) for one in office.refused] == [no.AlreadyAdjudicated]


def test_a_denial_of_what_was_denied_before_is_the_replacements_own_answer() -> None:
    """Nothing was allowed for the earlier claim that could stand: the second denial counts instead of the first."""
    office, _, later = replaced(0, carc="50")
    office.answer(later, 0, carc="29", status="4")
    assert on_the_list(office) == [] and money(office) == (20_000, 0, 0)
    assert balance(office).denied_cents == 20_000


def test_what_was_left_to_the_patient_stands_too() -> None:
    """Nothing was paid for the earlier claim because all of it is the deductible: the patient owes that yet."""
    office, _, later = replaced(0, group="PR", carc="1")
    office.answer(later, 0, carc="18", status="4")
    assert on_the_list(office) == [later] and balance(office).patient_cents == 40_000


@pytest.mark.parametrize("status", ["1", None])
def test_any_other_answer_to_a_replacement_accepts_it(status: str | None) -> None:
    """As processed, or told without a status, as all answers were that earlier releases kept."""
    office, _, later = replaced()
    office.answer(later, 0, carc="29", status=status)
    assert on_the_list(office) == [] and money(office) == (20_000, 0, 30_000)


def test_a_past_in_which_the_denial_freed_the_day_and_it_was_billed_anew_can_be_settled() -> None:
    """Earlier releases freed the day with the denial, and it went on a claim of its own. Rejected, the earlier claim
    stands again; the payer has the day twice then, and a person says which bill goes."""
    office, first, later = denied(acknowledged=True)
    office.clinic.correct(DAY, 1, "09:00-12:00")
    assert office.prepare() == 1
    office.send()
    office.reject(later)
    assert office.refused == []
    assert {one.claim_id for one in office.wrong() if one.twice} == {first, *office.live()}


def test_a_replacement_that_was_denied_is_not_replaced_before_that_is_settled() -> None:
    """It still keeps days of the claim that it replaces: where it is wrong too by now, its correction waits."""
    office, _, later = denied()
    office.clinic.correct(LATER, 2, "09:00-11:00")
    [one] = office.wrong()
    assert one.claim_id == later and one.waits is not None and "denied this replacement" in one.waits
    sent = office.seen(later).prepared
    assert sent is not None
    names = ask.PrepareClaim.__dataclass_fields__.keys() & past.ClaimPrepared.__dataclass_fields__.keys()
    office.order(an_id("claim", 77), ask.PrepareClaim(**{name: getattr(sent, name) for name in names} | {
        "claim_id": an_id("claim", 77), "replaces": later, "replacement_cause": "other_lines", "demonstration": True,
    }))  # fmt: skip
    assert [type(one) for one in office.refused] == [no.NotReplaceable]
