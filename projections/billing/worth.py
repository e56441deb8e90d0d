"""The answer to a what-if: days with both sides, and their money added up by claim, by state and in total.

Money is in cents. `counts_as` says under which head a day's money is counted: `claimed` for a charge that stands,
`billable` for a day that can be claimed, `pending` for one that waits or is held, `nothing` for one that is not
billable; `what_if` decides it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, get_args

from pydantic import Field

from projections.billing.views import View

CountsAs = Literal["claimed", "billable", "pending", "nothing"]


class SideView(View):
    """A day under one set of terms, at the moment asked about."""

    state: str = Field(description="billable, waiting, held, billed or not_billable; a claim stays a claim.")
    underlying: str = Field(description="What it is without its claim.")
    reason: str | None = Field(description="The code of the reason that decides.")
    sentence: str | None = Field(description="That reason in words.")
    cents: int | None = Field(description="What the payer is expected to allow, billable or not; None where unknown.")
    units: int
    counts_as: CountsAs
    counted_cents: int
    demo_rate: bool
    unverified: list[str] = Field(description="Fields of the terms that were used and nobody has verified.")

    @property
    def decision(self) -> tuple[str, str | None, CountsAs, int]:
        """What is compared of the two sides."""
        return self.underlying, self.reason, self.counts_as, self.counted_cents

    @property
    def standing_cents(self) -> int:
        """What can be claimed, or is and stands."""
        return self.counted_cents if self.counts_as in {"claimed", "billable"} else 0

    @property
    def label(self) -> str:
        """The state to count the day under: billed only while the claim of it stands."""
        return "billed" if self.counts_as == "claimed" else self.underlying


class SupposedDay(View):
    """One day now and then. `inside`: in the period, and covered by the payer."""

    patient_id: str
    enrollment_id: str
    program_id: str
    service_date: str
    inside: bool
    changed: bool = Field(description="Its state, its deciding reason or its money differs.")
    why: str | None = Field(description="The main reason of the change in a few words.")
    claim_id: str | None
    claim_status: str | None
    charge_cents: int | None
    paid_cents: int | None
    now: SideView
    then: SideView

    @property
    def difference_cents(self) -> int:
        """How much more the payer is expected to allow then."""
        return self.then.standing_cents - self.now.standing_cents

    @property
    def moved(self) -> bool:
        """Whether more than a warning changes: its state or its money."""
        return self.now.label != self.then.label or self.now.counted_cents != self.then.counted_cents


class Marks(View):
    """What is doubtful about sums: whether a demo rate is in either, and unverified terms behind either."""

    now_demo: bool
    then_demo: bool
    unverified: bool


class SupposedClaim(View):
    """A whole claim, with those of its days that lie outside the period."""

    claim_id: str
    patient_id: str
    program_id: str
    status: str
    from_date: str
    through_date: str
    claimed_cents: int = Field(description="What the payer is expected to allow for its days, now.")
    paid_cents: int | None
    worth_cents: int = Field(description="What of it would stand.")
    pending_cents: int = Field(description="What of it would be held or have to wait.")
    difference_cents: int = Field(description="worth_cents - claimed_cents.")
    days: int
    days_changed: int
    days_moved: int = Field(description="Days whose state or money changes.")
    why: str | None = Field(description="The reason that changes most money.")
    marks: Marks


class Group(View):
    """Days that go from one state to another, or stay."""

    now: str
    then: str
    why: str | None
    days: int
    now_cents: int
    then_cents: int
    marks: Marks


class Total(View):
    """All days and money under one head, now and then."""

    counts_as: CountsAs
    now_days: int
    now_cents: int
    then_days: int
    then_cents: int
    marks: Marks


class WhatIf(View):
    """The whole answer. Totals and `unclaimed` are of the days inside the period, `outside` of those that change."""

    position: int
    now: str
    code: str
    payer_id: str
    payer_name: str
    from_date: str
    to_date: str
    program_id: str | None
    patients: int
    claims: list[SupposedClaim]
    unclaimed: list[Group]
    outside: list[Group]
    totals: list[Total]
    unknown_rates: int = Field(description="Days inside whose rate then is unknown, so that they count nothing.")
    days: list[SupposedDay]


def claims_of(days: Iterable[SupposedDay]) -> list[SupposedClaim]:
    """The claims that these days are on, by their first days."""
    claimed = sorted((day for day in days if day.claim_id), key=lambda day: (day.claim_id or "", day.service_date))
    found = [_claim(list(group)) for _, group in groupby(claimed, key=lambda day: day.claim_id)]
    return sorted(found, key=lambda claim: (claim.from_date, claim.claim_id))


def groups_of(days: Iterable[SupposedDay]) -> list[Group]:
    """These days by their states now and then, in the order of the states' names."""
    ordered = sorted(days, key=_states)
    return [_group(states, list(group)) for states, group in groupby(ordered, key=_states)]


def totals_of(days: Sequence[SupposedDay]) -> list[Total]:
    """Days and money under each head."""
    return [_total(head, days) for head in get_args(CountsAs)]


def main_reason(days: Iterable[SupposedDay]) -> str | None:
    """Why days change: the reason of most money, then of most days."""
    money, times = Counter[str](), Counter[str]()
    for day in days:
        if day.why is not None:
            money[day.why] += abs(day.difference_cents)
            times[day.why] += 1
    return max(times, key=lambda why: (money[why], times[why], why), default=None)


def _states(day: SupposedDay) -> tuple[str, str]:
    return day.now.label, day.then.label


def _claim(days: list[SupposedDay]) -> SupposedClaim:
    first = days[0]
    charged = sum(day.now.counted_cents for day in days)
    worth = sum(day.then.counted_cents for day in days if day.then.counts_as == "claimed")
    paid = [day.paid_cents for day in days if day.paid_cents is not None]
    return SupposedClaim(
        claim_id=first.claim_id or "", patient_id=first.patient_id, program_id=first.program_id,
        status=first.claim_status or "", from_date=first.service_date, through_date=days[-1].service_date,
        claimed_cents=charged, paid_cents=sum(paid) if paid else None, worth_cents=worth,
        pending_cents=sum(day.then.counted_cents for day in days if day.then.counts_as == "pending"),
        difference_cents=worth - charged, days=len(days), days_changed=sum(day.changed for day in days),
        days_moved=sum(day.moved for day in days), why=main_reason(days), marks=_marks(days),
    )


def _group(states: tuple[str, str], days: list[SupposedDay]) -> Group:
    return Group(
        now=states[0], then=states[1], why=main_reason(days), days=len(days),
        now_cents=sum(day.now.counted_cents for day in days), then_cents=sum(day.then.counted_cents for day in days),
        marks=_marks(days),
    )


def _total(head: CountsAs, days: Sequence[SupposedDay]) -> Total:
    now = [day for day in days if day.now.counts_as == head]
    then = [day for day in days if day.then.counts_as == head]
    return Total(
        counts_as=head, now_days=len(now), now_cents=sum(day.now.counted_cents for day in now), then_days=len(then),
        then_cents=sum(day.then.counted_cents for day in then), marks=_marks(now, then),
    )


def _marks(now: Sequence[SupposedDay], then: Sequence[SupposedDay] | None = None) -> Marks:
    before, after = [day.now for day in now], [day.then for day in (now if then is None else then)]
    return Marks(
        now_demo=any(side.demo_rate for side in before), then_demo=any(side.demo_rate for side in after),
        unverified=any(side.unverified for side in (*before, *after)),
    )
