"""Claims that are wrong by what is known now, as a biller asks for them."""

from __future__ import annotations

from tests.api.clinic import CHARGE, take_in
from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_as_of import CLAIM, a_life


def test_a_claim_at_another_charge_than_the_fee_schedule_is_due_for_a_replacement(own_house: House) -> None:
    """It was sent at $100.00 and the program charges $285.00: frequency 7, both lines, and the difference."""
    take_in(own_house, 14)  # who sits in the same session
    a_life(own_house)
    [due] = own_house.found("biller", "/billing/corrections")
    assert (due["claim_id"], due["frequency"], due["payer_control_number"]) == (CLAIM, "7", "p")
    assert (due["claimed_cents"], due["right_cents"], due["difference_cents"]) == (10_000, CHARGE, CHARGE - 10_000)
    [day] = due["days"]
    assert [line["charge_cents"] for line in day["claimed"]] == [10_000]
    assert [line["charge_cents"] for line in day["right"]] == [CHARGE]
    assert own_house.found("biller", "/billing/corrections", claim_id=CLAIM) == [due]
    assert own_house.found("biller", "/billing/corrections", claim_id=an_id("claim", 77)) == []
    assert own_house.found("biller", "/billing/corrections", programs=(ELSEWHERE,)) == []
