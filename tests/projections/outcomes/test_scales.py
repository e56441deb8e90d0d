"""Instruments with several scales, without a total, or with rules of single answers, as rows of a patient."""

from __future__ import annotations

from typing import Any

import pytest

from projections.outcomes import MODEL
from projections.outcomes.change import Limits
from projections.outcomes.rows import Measure, Trend
from projections.outcomes.scales import Gauge
from tests.projections.outcomes.past import PATIENT, admit, taken
from tests.projections.story import Story, an_id, folded


def rows(table: str, *facts: Any) -> list[Any]:
    """The rows of one patient of these administrations."""
    story = Story()
    admit(story)
    for number, fact in enumerate(facts, 1):
        story.tell(an_id("assessment", number), fact)
    return folded(MODEL, story.recorded(MODEL)).rows.get(table, {}).get((PATIENT,), [])


def bam(on: str, use: int, risk: int, protective: int, version: str = "categorical-1") -> Any:
    """A BAM of so many points an item of each subscale."""
    points = {4: use, 5: use, 6: use, **dict.fromkeys((9, 10, 12, 13, 14, 16), protective)}
    points |= dict.fromkeys((1, 2, 3, 8, 11, 15), risk)
    items = tuple(points.get(number, 0) for number in range(1, 18))
    return taken(on, instrument="bam", instrument_version=version, items=items)


def test_a_bam_has_a_trend_for_each_subscale_and_none_for_a_total() -> None:
    """Use and Risk fall and Protective rises: each in its own direction, none called reliable."""
    trends: list[Trend] = rows("trend", bam("2026-01-05", 2, 2, 1), bam("2026-02-05", 1, 1, 3))
    assert [(one.scale, one.baseline_score, one.last_score, one.direction, one.change_class) for one in trends] == [
        ("use", 6, 3, "improved", None), ("risk", 12, 6, "improved", None), ("protective", 6, 18, "improved", None),
    ]


def test_the_two_scorings_of_the_bam_never_meet() -> None:
    """A version in days begins a course of its own."""
    trends: list[Trend] = rows(
        "trend", bam("2026-01-05", 2, 2, 1), bam("2026-02-05", 30, 20, 10, version="continuous-1")
    )
    assert {(one.instrument_version, one.scale, one.measures, one.last_score) for one in trends} == {
        ("categorical-1", "use", 1, 6), ("categorical-1", "risk", 1, 12), ("categorical-1", "protective", 1, 6),
        ("continuous-1", "use", 1, 90), ("continuous-1", "risk", 1, 120), ("continuous-1", "protective", 1, 60),
    }


def test_a_screener_tells_its_level_and_no_score() -> None:
    """A triage is a measure without a score, and has no trend."""
    told = {"2026-01-05": (1, 1, 0, 1, 0, 0), "2026-01-12": (0, 0, None, None, None, 1)}
    answers = [taken(on, instrument="c-ssrs-screener", items=items) for on, items in told.items()]
    measures: list[Measure] = rows("measure", *answers)
    assert [(one.scale, one.score, one.band, one.band_verified, one.change) for one in measures] == [
        ("triage", None, "high", True, None), ("triage", None, "moderate", True, None),
    ]
    assert measures[1].missing_items == [3, 4, 5]
    assert rows("trend", *answers) == []


def test_a_pcl_5_tells_total_clusters_and_a_provisional_diagnosis() -> None:
    """Of an entered score only the total is known, and whether the diagnosis is met is not."""
    given = {"instrument": "pcl-5"}
    by_item: list[Measure] = rows("measure", taken("2026-01-05", items=(2,) * 20, **given))
    assert {one.scale: (one.score, one.provisional_diagnosis) for one in by_item} == {
        "total": (40, True), "cluster-b": (10, None), "cluster-c": (4, None), "cluster-d": (14, None),
        "cluster-e": (12, None),
    }
    (entered,) = rows("measure", taken("2026-01-05", 40, **given))
    assert (entered.scale, entered.score, entered.provisional_diagnosis) == ("total", 40, None)
    assert (entered.reliable_change, entered.standard_deviation, entered.reliable_change_dated) == (18, None, "2022")


def test_an_audit_is_banded_by_the_rule_of_its_day() -> None:
    """A 2 on item 4 is zone II from the day on which that rule is in force; what was taken before stays in zone I."""
    items = (0, 0, 0, 2, 0, 0, 0, 0, 0, 0)
    measures: list[Measure] = rows(
        "measure", *(taken(on, items=items, instrument="audit") for on in ("2026-11-30", "2026-12-01"))
    )
    assert [(one.band, one.band_raised, one.band_verified, one.thresholds_from) for one in measures] == [
        ("zone I", False, True, None), ("zone II", True, False, "2026-12-01"),
    ]


def test_a_result_keeps_what_it_was_judged_by() -> None:
    """Threshold, the SD and reliability that it was computed from, cut, limits and sources stand in the row itself."""
    (measure,) = rows("measure", taken("2026-01-05", 12))
    assert (measure.reliable_change, measure.standard_deviation, measure.reliability) == (6, 5.7, 0.89)
    assert (measure.cut, measure.response_share, measure.remission_limit, measure.end_state_limit) == (10, 0.5, 5, None)
    assert measure.threshold_source is not None and "[unverified]" in measure.threshold_source


@pytest.mark.parametrize(("day", "limit"), [("2026-06-30", 6), ("2026-07-01", 9), ("2026-08-01", 9)])
def test_a_change_is_judged_by_the_limits_of_its_day(day: str, limit: int) -> None:
    """A later entry judges what is taken from its day on, and nothing before."""
    older, newer = Limits(False, reliable_change=6), Limits(False, in_force_from="2026-07-01", reliable_change=9)
    found = Gauge("total", True, dated=(older, newer)).limits(day)
    assert found is not None and found.reliable_change == limit
