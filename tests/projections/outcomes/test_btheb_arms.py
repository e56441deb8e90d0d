"""Real drop-out: the arms of the Beat the Blues trial as programs, against SciPy and fractions on the file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import sqrt
from statistics import mean, stdev
from typing import Any, TypeVar

import pytest

from benchmarks import btheb
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.outcomes import MODEL
from projections.outcomes.cohorts import queries
from projections.outcomes.cohorts.views import CohortView, GroupView
from tests.projections.outcomes.test_btheb import SHARED, story_of
from tests.projections.story import asking, project

T = TypeVar("T")
ASKED: dict[str, Any] = {"programs": sorted(btheb.ARMS.values()), "now": "2026-01-01T00:00:00.000000Z"}
COLUMNS = list(btheb.MONTHS)


@pytest.fixture(scope="module")
def rows() -> list[btheb.Row]:
    """The file."""
    file = SHARED / "data" / "btheb.csv"
    if not file.exists():
        pytest.skip("btheb.csv is not there: it is GPL-2 and not part of the project; name its folder in IOP_ES_SHARED")
    return btheb.read(file)


@contextmanager
def asked(rows: list[btheb.Row], log: Log, pool: Pool) -> Iterator[Callable[..., Any]]:
    """A voice to ask in, with the trial in a store."""
    story_of(list(btheb.commands(rows, arms=True))).append(log)
    with asking(project(MODEL, log, pool), pool) as cursor:
        yield lambda query, **more: query(cursor, **ASKED, **more)


def scores(rows: list[btheb.Row], arm: str | None = None, completers: bool = False) -> list[tuple[int, int]]:
    """Baseline and last score of each patient of an arm, straight from the file."""
    found = []
    for row in rows:
        known = [int(row[one]) for one in COLUMNS if row[one] != btheb.MISSING]
        if arm in (None, row["treatment"]) and (not completers or row[COLUMNS[-1]] != btheb.MISSING):
            found.append((known[0], known[-1]))
    return found


def test_everybody_and_completers_come_out_as_in_the_file(rows: list[btheb.Row], log: Log, projector: Pool) -> None:
    """n, means, deviations, change with SciPy's interval, and how the arms differ: exact, for both ways to look."""
    with asked(rows, log, projector) as ask:
        cohorts = {one.cohort: one for one in ask(queries.cohorts, instrument="bdi-ii")}
        differences = {
            one.group: one
            for one in ask(
                queries.difference, instrument="bdi-ii", one=btheb.ARMS["BtheB"], other=btheb.ARMS["TAU"]
            )
        }
        [whole] = ask(queries.cohorts, instrument="bdi-ii", by="admission_month")
    for arm, n in (("BtheB", 52), ("TAU", 48)):
        view: CohortView = cohorts[btheb.ARMS[arm]]
        assert (view.admitted, view.coverage) == (n, 1)
        told(view.everybody, scores(rows, arm))
        told(view.completers, scores(rows, arm, completers=True))
    assert (whole.everybody.n, whole.completers.n, whole.measured_again.n) == (100, 52, 97)
    assert round(whole.everybody.baseline_mean, 2) == 23.33
    assert whole.completers.last_mean == pytest.approx(11.1346, abs=1e-4)
    for group, completers in (("everybody", False), ("completers", True)):
        one, other = (scores(rows, arm, completers) for arm in ("BtheB", "TAU"))
        apart(differences[group].last, [last for _, last in one], [last for _, last in other])
        changes = [[last - first for first, last in own] for own in (one, other)]
        apart(differences[group].change, *changes)


def told(view: GroupView | None, pairs: list[tuple[int, int]]) -> None:
    """The group is these baselines and last scores."""
    from scipy import stats  # not above: that takes seconds, and each process collects this file

    assert view is not None
    first, last = ([pair[place] for pair in pairs] for place in (0, 1))
    change = stats.ttest_rel(last, first).confidence_interval(0.95)
    assert view.n == len(pairs)
    assert (view.baseline_mean, view.last_mean) == pytest.approx((mean(first), mean(last)))
    assert view.baseline_standard_deviation == pytest.approx(stdev(first))
    assert (view.change.low, view.change.high) == pytest.approx((change.low, change.high))
    assert view.effect_size.value == pytest.approx((mean(first) - mean(last)) / stdev(first))


def apart(view: Any, one: list[int], other: list[int]) -> None:
    """The two samples are so far apart, in points and in pooled standard deviations; lower is better."""
    from scipy import stats

    found = stats.ttest_ind(one, other, equal_var=False)
    ends = found.confidence_interval(0.95)
    assert (view.difference.low, view.difference.high) == pytest.approx((ends.low, ends.high))
    assert view.p_value == pytest.approx(found.pvalue)
    squares = (len(one) - 1) * stdev(one) ** 2 + (len(other) - 1) * stdev(other) ** 2
    pooled = sqrt(squares / (len(one) + len(other) - 2))
    assert view.effect_size.value == pytest.approx((mean(other) - mean(one)) / pooled)


def test_drop_out_is_kaplan_and_meiers_of_the_file(rows: list[btheb.Row], log: Log, projector: Pool) -> None:
    """By month of the last measure, completers censored: SciPy's curve and interval, and the product of fractions."""
    from scipy import stats

    with asked(rows, log, projector) as ask:
        curves = {one.cohort: one for one in ask(queries.stay, unit="day")}
        weeks = {one.cohort: one for one in ask(queries.stay, unit="week")}
    for arm, program_id in btheb.ARMS.items():
        months = [btheb.last_month(row) for row in rows if row["treatment"] == arm]
        sample = stats.CensoredData.right_censored(months, [month == 8 for month in months])
        scipys = stats.ecdf(sample).sf
        ends = scipys.confidence_interval(0.95, method="log-log")
        found, survival = curves[program_id], Fraction(1)
        assert [one.survival for one in found.points] == pytest.approx(list(scipys.probabilities))
        assert [one.low for one in found.points] == pytest.approx(list(ends.low.probabilities))
        assert [one.high for one in found.points] == pytest.approx(list(ends.high.probabilities))
        for point, month in zip(found.points, sorted(set(months)), strict=True):
            at_risk, left = sum(one >= month for one in months), sum(one == month != 8 for one in months)
            survival *= Fraction(at_risk - left, at_risk)
            assert (point.at_risk, point.survival) == (at_risk, pytest.approx(float(survival)))
            assert point.dropped_out == sum(one <= month != 8 or one < 8 == month for one in months)
        assert weeks[program_id].points[-1].survival == found.points[-1].survival
        assert {one.ended: one.n for one in found.ends}["completed"] == months.count(8)
