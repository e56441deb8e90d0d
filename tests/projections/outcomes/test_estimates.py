"""Means, changes and effect sizes against values worked out by hand or published."""

from __future__ import annotations

from math import sqrt

import pytest

from projections.outcomes.cohorts.estimates import (
    NOTHING,
    Estimate,
    change,
    change_variance,
    deviation,
    difference,
    effect,
    rank_correlation,
)

BASELINES, LAST = (20, 16, 18, 12), (8, 10, 18, 15)


def near(found: Estimate, *expected: float) -> bool:
    """Whether value, low and high are these."""
    return tuple(found) == pytest.approx(expected, abs=5e-4)


def test_a_change_has_the_paired_t_tests_interval() -> None:
    """-12, -6, 0 and 3 have the mean -3.75 and the variance 132.75/3; t(3) is 3.1824, so the margin is 10.585."""
    margin = 3.182446 * sqrt(132.75 / 3 / 4)
    assert near(change(BASELINES, LAST), -3.75, -3.75 - margin, -3.75 + margin)


def test_an_effect_is_in_standard_deviations_of_the_baseline() -> None:
    """3.75 points better over √(35/3); r is -17.5/√(35 x 62.75), and v = 2(1-r)/4 + d²/8."""
    value, correlation = 3.75 / sqrt(35 / 3), -17.5 / sqrt(35 * 62.75)
    margin = 1.959964 * sqrt(2 * (1 - correlation) / 4 + value * value / 8)
    assert deviation(BASELINES) == pytest.approx(sqrt(35 / 3))
    assert near(effect(BASELINES, LAST, higher_is_better=False), value, value - margin, value + margin)
    assert near(effect(BASELINES, LAST, higher_is_better=True), -value, -value - margin, -value + margin)


@pytest.mark.parametrize(
    ("value", "correlation", "n", "variance"),
    [(0.5056, 0.47, 20, 0.0594), (1.0481, 0.64, 50, 0.0254), (1.8054, 0.77, 9, 0.2322), (0.0801, 0.44, 14, 0.0802)],
)
def test_an_effects_variance_is_the_published_one(value: float, correlation: float, n: int, variance: float) -> None:
    """The studies of Morris 2008 as the R package metafor tests its measure SMCR with them."""
    assert change_variance(value, correlation, n) == pytest.approx(variance, abs=6e-5)


def test_two_samples_are_compared_by_welch_and_cohen() -> None:
    """1, 2, 3 against 3, 4, 5: two points and two pooled standard deviations apart; t(4) is 2.7764, v is 6/9 + 4/12."""
    found = difference([1, 2, 3], [3, 4, 5], higher_is_better=False)
    margin = 2.776445 * sqrt(2 / 3)
    assert near(found.means, -2, -2 - margin, -2 + margin)
    assert near(found.effect, 2, 2 - 1.959964, 2 + 1.959964)
    assert difference([1, 2, 3], [3, 4, 5], higher_is_better=True).effect.value == pytest.approx(-2)
    assert difference([1, 2, 3], [3, 4, 5], higher_is_better=None).effect == NOTHING


def test_ranks_are_correlated_with_ties() -> None:
    """Ranks 1 to 5 against 1, 2, 3.5, 5, 3.5: 8/√95, and its p as SciPy's documentation prints it."""
    found = rank_correlation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    assert found.rho.value == pytest.approx(8 / sqrt(95))
    assert found.p_value == pytest.approx(0.088587, abs=1e-6)
    assert found.rho.low is not None
    assert found.rho.high is not None
    assert found.rho.low < 8 / sqrt(95) < found.rho.high


def test_a_sample_that_says_nothing_has_no_interval() -> None:
    """Nobody, one, equal changes, equal baselines: no warning and no invented interval."""
    assert change([], []) == NOTHING
    assert change([9], [4]) == Estimate(-5)
    assert change([9, 8, 7], [7, 6, 5]) == Estimate(-2, -2, -2)
    assert effect([9, 9, 9], [7, 6, 5], higher_is_better=False) == NOTHING
    assert effect([9, 8], [7, 5], higher_is_better=None) == NOTHING
    assert effect([9, 7], [7, 5], higher_is_better=False) == Estimate(pytest.approx(sqrt(2)))
    assert difference([4], [5, 6], higher_is_better=False).means == Estimate(-1.5)
    assert difference([4, 4], [6, 6], higher_is_better=False).means == Estimate(-2, -2, -2)
    assert rank_correlation([1, 1, 1], [1, 2, 3]).rho == NOTHING
    assert rank_correlation([1, 2, 3, 4], [1, 2, 3, 4]).rho == Estimate(pytest.approx(1))
