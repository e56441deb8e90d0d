"""A correction that comes after the payer's window for it: what follows in money, and what a person can do."""

from __future__ import annotations

from typing import Any

from projections.billing.lines import CorrectBy
from projections.billing.rules.correct_by import HOLD
from projections.billing.standing import passed
from projections.billing.words import dollars


def lateness(by: CorrectBy | None, day: str, difference_cents: int, now: str) -> dict[str, Any]:
    """The fields of a correction that tell of the window; `day` is one of the claim's, by which it can be released."""
    if by is None:
        return {}
    known = {"correct_by": by.on, "unverified": [by.unverified] if by.unverified else []}
    if not passed(by.over_at, now):
        return known
    over = f"The last day on which this payer takes a correction of the claim was {by.on}"
    if by.released_by is not None:
        told = f"{over}; released by {by.released_by} ({by.released_because})."
        return known | {"late_released": told}
    told = (
        f"{over}; expect it to be refused as late (CO-29, unverified). {_money(difference_cents)}If the payer takes it "
        f"all the same, a director releases {HOLD} of {day} with the cause."
    )
    return known | {"late": told}


def _money(difference_cents: int) -> str:
    """What becomes of the difference if the claim stays as it is."""
    if not difference_cents:
        return ""
    if difference_cents > 0:
        return f"Without it {dollars(difference_cents)} more cannot be charged. "
    return (
        f"What the payer paid of the {dollars(-difference_cents)} too much goes back all the same: have a person "
        "identify the overpayment. "
    )
