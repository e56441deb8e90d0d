"""Means, changes, effect sizes and their 95 % intervals, from NumPy and SciPy, which are imported when first asked.

Effect sizes point towards better: above zero is improvement, or the first of two cohorts being better off.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from projections.outcomes.statistics import CONFIDENCE

Z = 1.959963984540054
"""The normal distribution's 97.5 % point, for intervals of effect sizes, which hold for large samples only."""


class Estimate(NamedTuple):
    """A value with the ends of its 95 % interval; None where the sample says nothing."""

    value: float | None
    low: float | None = None
    high: float | None = None


NOTHING = Estimate(None)


class Difference(NamedTuple):
    """Two samples against each other: the difference of their means, the p of Welch's test, and Cohen's d."""

    means: Estimate
    p_value: float | None
    effect: Estimate


def mean(scores: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(scores) / len(scores) if scores else None


def deviation(scores: Sequence[float]) -> float | None:
    """The sample standard deviation; None under two scores."""
    import numpy as np  # noqa: PLC0415 - as SciPy below

    return float(np.std(scores, ddof=1)) if len(scores) > 1 else None


def change(first: Sequence[float], last: Sequence[float]) -> Estimate:
    """The mean of last minus first, by the paired t test; no interval under two pairs."""
    differences = [after - before for before, after in zip(first, last, strict=True)]
    average = mean(differences)
    if average is None or len(differences) < 2:
        return Estimate(average)
    if len(set(differences)) == 1:  # the library warns of changes that are all the same
        return Estimate(average, average, average)
    from scipy import stats  # noqa: PLC0415 - a second and 60 MB, which only those who ask for it should pay

    found = stats.ttest_rel(last, first).confidence_interval(CONFIDENCE)
    return Estimate(average, float(found.low), float(found.high))


def effect(first: Sequence[float], last: Sequence[float], higher_is_better: bool | None) -> Estimate:
    """The mean change in standard deviations of the baseline (standardized mean change with raw score
    standardization), above zero where it is an improvement; None where nobody has said which way is better.

    Its interval is value ± 1.96 √v with v = 2(1 − r)/n + d²/2n, r being the correlation of the two scores: Becker
    1988 (Br J Math Stat Psychol 41:257), as the R package metafor has it (SMCR), but without its correction of the
    value for small samples. None under three pairs.
    """
    spread, average = deviation(first), mean([after - before for before, after in zip(first, last, strict=True)])
    if higher_is_better is None or not spread or average is None:
        return NOTHING
    value = (average if higher_is_better else -average) / spread
    if len(first) < 3 or len(set(last)) == 1:
        return Estimate(value)
    import numpy as np  # noqa: PLC0415 - as above

    return _around(value, change_variance(value, float(np.corrcoef(first, last)[0, 1]), len(first)))


def change_variance(value: float, correlation: float, n: int) -> float:
    """The large-sample variance of a standardized mean change of n pairs."""
    return 2 * (1 - correlation) / n + value * value / (2 * n)


def difference(one: Sequence[float], other: Sequence[float], higher_is_better: bool | None) -> Difference:
    """One sample minus the other by Welch's t test, and Cohen's d with the pooled standard deviation.

    d is had from Student's t as t √(1/n₁ + 1/n₂); its interval is d ± 1.96 √v with
    v = (n₁ + n₂)/n₁n₂ + d²/2(n₁ + n₂): Hedges and Olkin 1985, Statistical methods for meta-analysis, chapter 5.
    """
    if len(one) < 2 or len(other) < 2:
        apart = None if not one or not other else sum(one) / len(one) - sum(other) / len(other)
        return Difference(Estimate(apart), None, NOTHING)
    if len(set(one)) == len(set(other)) == 1:  # the library warns of scores that are all the same
        same = one[0] - other[0]
        return Difference(Estimate(same, same, same), None, NOTHING)
    from scipy import stats  # noqa: PLC0415 - as above

    welch = stats.ttest_ind(one, other, equal_var=False)
    found = welch.confidence_interval(CONFIDENCE)
    means = Estimate(sum(one) / len(one) - sum(other) / len(other), float(found.low), float(found.high))
    n, m = len(one), len(other)
    cohen = float(stats.ttest_ind(one, other).statistic) * sqrt(1 / n + 1 / m)
    if higher_is_better is None:
        return Difference(means, float(welch.pvalue), NOTHING)
    value = cohen if higher_is_better else -cohen
    return Difference(means, float(welch.pvalue), _around(value, (n + m) / (n * m) + value * value / (2 * (n + m))))


class Rank(NamedTuple):
    """A rank correlation with its p; None under three pairs, or where one side is all the same."""

    rho: Estimate
    p_value: float | None


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> Rank:
    """Spearman's, with its p; the interval is Fisher's of the correlation of the ranks (SciPy's pearsonr), which is
    somewhat narrow for ranks and None under four pairs."""
    if len(one) < 3 or len(set(one)) == 1 or len(set(other)) == 1:
        return Rank(NOTHING, None)
    from scipy import stats  # noqa: PLC0415 - as above

    found = stats.spearmanr(one, other)
    rho, p_value = float(found.statistic), float(found.pvalue)
    if len(one) < 4 or abs(rho) > 1 - 1e-9:
        return Rank(Estimate(rho), p_value)
    ends = stats.pearsonr(stats.rankdata(one), stats.rankdata(other)).confidence_interval(CONFIDENCE)
    return Rank(Estimate(rho, float(ends.low), float(ends.high)), p_value)


def _around(value: float, variance: float) -> Estimate:
    margin = Z * sqrt(variance)
    return Estimate(value, value - margin, value + margin)
