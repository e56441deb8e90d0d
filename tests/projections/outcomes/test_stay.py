"""Time to drop-out: the product-limit curve by hand and by fractions, and beside it what censoring cannot flatter."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings

from projections.outcomes.cohorts.members import Member
from projections.outcomes.cohorts.staying import stays
from projections.outcomes.cohorts.survival import curve
from tests.projections.outcomes.people import PEOPLE, member

ENDS = [(3, "dropped_out"), (5, "completed"), (5, "dropped_out"), (8, "in_care"), (10, "dropped_out"), (10, "other")]
SIX = [member(number, days=days, ended=ended) for number, (days, ended) in enumerate(ENDS)]


def by_fractions(members: list[Member]) -> dict[int, Fraction]:
    """The product over the days of what is left of those at risk."""
    survival, found = Fraction(1), {}
    for day in sorted({one.days for one in members}):
        at_risk = sum(one.days >= day for one in members)
        survival *= 1 - Fraction(sum(one.days == day and one.ended == "dropped_out" for one in members), at_risk)
        found[day] = survival
    return found


def test_the_curve_by_hand() -> None:
    """5/6, then 4/5 of it, then half of that; the completed and the present are at risk until their day."""
    [stay] = stays(SIX, "program", "day", outside=False)
    assert [(one.day, one.at_risk, round(one.survival, 9)) for one in stay.points] == [
        (3, 6, round(5 / 6, 9)), (5, 5, round(2 / 3, 9)), (8, 3, round(2 / 3, 9)), (10, 2, round(1 / 3, 9)),
    ]  # fmt: skip
    assert (stay.n, stay.median_days, stay.not_shown) == (6, 10, None)
    assert {one.ended: one.n for one in stay.ends} == {"completed": 1, "dropped_out": 3, "other": 1, "in_care": 1}
    last = stay.points[-1]
    assert (last.dropped_out, last.completed, last.other) == (3, 1, 1)
    assert (last.share_dropped_out, last.share_completed) == (0.5, 1 / 6)


def test_weeks_are_points_of_the_same_curve() -> None:
    """After one week two dropped out and three are there; after two, nobody. Before anything happened all are there."""
    [stay] = stays(SIX, "program", "week", outside=False)
    assert [(one.day, one.at_risk, one.dropped_out, round(one.survival, 9)) for one in stay.points] == [
        (7, 3, 2, round(2 / 3, 9)), (14, 0, 3, round(1 / 3, 9)),
    ]  # fmt: skip
    [late] = stays([one._replace(days=one.days + 14) for one in SIX], "program", "week", outside=False)
    assert [(one.day, one.at_risk, round(one.survival, 9)) for one in late.points] == [
        (7, 6, 1), (14, 6, 1), (21, 3, round(2 / 3, 9)), (28, 0, round(1 / 3, 9)),
    ]  # fmt: skip


def test_an_interval_needs_a_variance() -> None:
    """Before the first drop-out and when all have dropped out there is none; between, it holds the curve."""
    points = curve([member(1, days=2), *(member(n, days=n, ended="dropped_out") for n in range(3, 7))]).points
    assert [one.low is None for one in points] == [True, False, False, False, True]
    assert all(one.low < one.survival < (one.high or 0) for one in points if one.low is not None)


def test_nobody_and_nobody_gone() -> None:
    """No curve of nobody; a stay of no days is a first day; without drop-out there is no median."""
    assert stays([], "program", "week", outside=False) == []
    [stay] = stays([member(1, days=0)], "program", "week", outside=False)
    assert [(one.day, one.survival) for one in stay.points] == [(7, 1.0)]
    assert stay.median_days is None


@settings(max_examples=60, deadline=None)
@given(PEOPLE)
def test_the_curve_is_the_product_limit(people: list[Member]) -> None:
    """At every day it is the product of fractions, whatever the order of the episodes; at risk and gone are all."""
    found = curve(people)
    assert {one.day: one.survival for one in found.points} == pytest.approx(by_fractions(people))
    assert curve(people[::-1]) == found
    for one in found.points:
        assert one.at_risk == sum(each.days >= one.day for each in people)
        assert sum(one.ended.values()) == sum(each.days <= one.day and each.ended != "in_care" for each in people)
