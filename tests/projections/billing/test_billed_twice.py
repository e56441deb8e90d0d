"""A payer that rejects what it had accepted has two bills for a day: both stand until a person voids one of them."""

from __future__ import annotations

import pytest

from aggregates.claim.commands import PrepareClaim
from aggregates.claim.state import reservations
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import Office
from tests.projections.billing.test_taking_back import DAY, LATER, billed, taking_back, told


def twice(days: tuple[str, ...] = (DAY,), send: bool = True) -> tuple[Office, str, str]:
    """A void of the first claim is accepted, the days are billed anew, and then the payer rejects the void."""
    clinic = a_clinic(authorization_required=False)
    numbers = [clinic.documented(day, "09:00-12:00") for day in days]
    office, first = billed(clinic)
    clinic.correct(DAY, numbers[0], "09:00-11:00")
    office.mend()
    void = taking_back(office)
    clinic.correct(DAY, numbers[0], "09:00-12:00")
    office.send()
    office.accept(void)
    assert office.prepare() == 1
    if send:
        office.send()
    (anew,) = [one for one in office.live() if one not in {first, void}]
    office.reject(void)
    return office, first, anew


@pytest.mark.parametrize("goes", ["first", "anew"])
def test_a_rejection_after_the_payers_acceptance_leaves_two_bills_of_which_a_person_voids_one(goes: str) -> None:
    """Recorded, not refused: both claims stand, and are on the list of corrections until one of them is gone. None of
    them goes by itself."""
    office, first, anew = twice()
    assert office.refused == [] and sorted(office.live()) == sorted([first, anew])
    assert {one.claim_id: (one.frequency, one.days[0].reason) for one in office.wrong()} == {
        first: ("8", "billed_twice"), anew: ("8", "billed_twice"),
    }
    [sentence] = [one.twice for one in office.wrong() if one.claim_id == first]
    assert f"claim {anew} has S9480 of {DAY} too" in (sentence or "")
    office.mend()
    assert sorted(office.live()) == sorted([first, anew])

    gone, stays = (first, anew) if goes == "first" else (anew, first)
    if goes == "anew":
        office.answer(anew, 0)
    office.mend(gone)
    office.send()
    office.accept(taking_back(office))
    assert office.refused == [] and list(office.live()) == [stays] and office.wrong() == []
    assert told(office) == [(DAY, "billed", "billable", None)] and office.prepare() == 0


@pytest.mark.parametrize("how", ["accepted", "reversed", "rejected", "withdrawn"])
def test_the_day_is_the_first_claims_alone_again_once_the_other_bill_is_gone(how: str) -> None:
    """Voided and accepted, or never taken in: what is left holds its day, which no claim bills a second time."""
    office, first, anew = twice(send=how != "withdrawn")
    sent = office.seen(anew).prepared
    keys = set(office.seen(first).others)
    assert keys == set(reservations(sent)) and office.seen(first).held == ()
    match how:
        case "rejected":
            office.reject(anew)
        case "withdrawn":
            office.withdraw(anew)
        case _:
            office.answer(anew, 0)
            office.mend(anew)
            office.send()
            office.accept(taking_back(office)) if how == "accepted" else office.reverse(anew)
    assert office.refused == [] and list(office.live()) == [first]
    assert office.keys == dict.fromkeys(keys, first) and office.seen(first).others == {}
    again = PrepareClaim(**{
        name: getattr(sent, name) for name in PrepareClaim.__dataclass_fields__ if hasattr(sent, name)
    } | {"claim_id": an_id("claim", 77), "demonstration": True})  # fmt: skip
    assert not office.order(again.claim_id, again)
    assert [one.rule for one in office.refused] == ["day-already-billed"]


def test_the_first_claim_waits_no_longer_once_it_is_gone_itself() -> None:
    """Voided, and that accepted; then the other bill goes too, and the day is free. Rejected, it waits again."""
    office, first, anew = twice()
    office.mend(first)
    office.send()
    office.reject(taking_back(office))
    assert office.refused == [] and sorted(office.live()) == sorted([first, anew])
    office.mend(first)
    office.send()
    office.accept(taking_back(office))
    assert set(office.keys.values()) == {anew}
    office.answer(anew, 0)
    office.clinic.correct(DAY, 1, "")
    office.mend(anew)
    office.send()
    office.accept(taking_back(office))
    assert office.refused == [] and office.keys == {} and not office.live()


def test_what_only_one_of_two_bills_has_stays_billed() -> None:
    """The first claim had another day, which its replacement keeps; only the day of the two bills goes from it."""
    clinic = a_clinic(authorization_required=False)
    number = clinic.documented(DAY, "09:00-12:00")
    clinic.documented(LATER, "09:00-12:00")
    office, first = billed(clinic)
    clinic.correct(DAY, number, "09:00-11:00")
    office.mend()
    replacement = taking_back(office)
    clinic.correct(DAY, number, "09:00-12:00")
    office.send()
    office.accept(replacement)
    assert office.prepare() == 1
    office.send()
    office.reject(replacement)
    wrong = {one.claim_id: one for one in office.wrong()}[first]
    assert (wrong.frequency, [day.service_date for day in wrong.days], wrong.right_cents) == ("7", [DAY], 20_000)
    office.mend(first)
    assert office.refused == [] and office.wrong() == []
    assert [day.state for day in office.days()] == ["billed", "billed"]
