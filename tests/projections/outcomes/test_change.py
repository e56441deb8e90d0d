"""What a change is called, at the thresholds and on both sides of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.outcomes.change import Limits, judge, months
from projections.outcomes.scales import gauge, gauges


def limits(code: str, version: str = "1") -> Limits:
    """What judged a total in March 2026."""
    found = gauge(code, version)
    by = found.limits("2026-03-02") if found else None
    assert by is not None
    return by


PHQ_9, GAD_7, BDI_II, WHO_5, PCL_5 = map(limits, ("phq-9", "gad-7", "bdi-ii", "who-5", "pcl-5"))
Said = tuple[object, ...]


def said(by: Limits, baseline: int, score: int) -> Said:
    """Direction and class."""
    change = judge(baseline, score, by)
    return change.direction, change.change_class


@pytest.mark.parametrize(
    ("baseline", "score", "expected"),
    [
        (15, 9, ("improved", "recovered")),  # 6 points and from 10 or more to 9 or less: NHS Talking Therapies
        (15, 10, ("improved", "unchanged")),  # 5 points are not more than chance
        (16, 10, ("improved", "improved")),  # reliable, still a case at 10
        (11, 9, ("improved", "unchanged")),  # across the cut, but not reliably
        (9, 3, ("improved", "improved")),  # a baseline below the cut cannot be left behind
        (12, 12, ("unchanged", "unchanged")),
        (12, 17, ("worsened", "unchanged")),
        (12, 18, ("worsened", "deteriorated")),
    ],
)
def test_phq_9_changes_at_six_points_and_recovers_below_ten(baseline: int, score: int, expected: Said) -> None:
    """The reliable change of six points and the cut of ten are those of NHS Talking Therapies."""
    assert said(PHQ_9, baseline, score) == expected


@pytest.mark.parametrize(
    ("baseline", "score", "expected"),
    [
        (11, 7, ("improved", "recovered")),  # 4 points and from 8 or more to 7 or less
        (11, 8, ("improved", "unchanged")),
        (8, 12, ("worsened", "deteriorated")),
        (7, 1, ("improved", "improved")),
    ],
)
def test_gad_7_changes_at_four_points_and_recovers_below_eight(baseline: int, score: int, expected: Said) -> None:
    """The reliable change of four points and the cut of eight are those of NHS Talking Therapies."""
    assert said(GAD_7, baseline, score) == expected


def test_without_an_established_threshold_only_the_direction_is_said() -> None:
    """The BDI-II has no reliable change with a source here, so nothing is called improved or deteriorated."""
    assert said(BDI_II, 30, 10) == ("improved", None)
    assert judge(30, 10, BDI_II).reliable is None


def test_higher_is_better_where_the_instrument_says_so() -> None:
    """On the WHO-5 a rise is an improvement, and ten points matter."""
    up = judge(40, 52, WHO_5)
    down = judge(52, 40, WHO_5)
    assert (up.change, up.direction, up.important) == (12, "improved", True)
    assert (down.change, down.direction, down.important) == (-12, "worsened", False)


@pytest.mark.parametrize(("baseline", "score", "response", "remission"), [
    (16, 8, True, False), (16, 9, False, False), (16, 4, True, True), (16, 5, True, False), (4, 2, True, None),
    (0, 0, None, None),
])
def test_response_is_half_of_the_baseline_and_remission_below_five(
    baseline: int, score: int, response: bool | None, remission: bool | None
) -> None:
    """As is customary for the PHQ-9; who began in remission cannot come into it, who began at zero cannot respond."""
    change = judge(baseline, score, PHQ_9)
    assert (change.response, change.remission) == (response, remission)


@pytest.mark.parametrize(("score", "change_class", "important", "end_state"), [
    (38, "unchanged", True, False), (33, "improved", True, False), (32, "recovered", True, False),
    (28, "recovered", True, True), (68, "deteriorated", False, False), (67, "unchanged", False, False),
])
def test_pcl_5_changes_at_eighteen_points_and_ends_well_at_twenty_eight(
    score: int, change_class: str, important: bool, end_state: bool
) -> None:
    """From 50: the stricter 18 points of Marx and others 2022, the cut of 33, the end state of 28 or less."""
    by = limits("pcl-5")
    change = judge(51 if score == 33 else 50, score, by)
    assert (change.change_class, change.important, change.end_state) == (change_class, important, end_state)


def test_without_a_cut_nobody_is_called_recovered() -> None:
    """The WHODAS has a reliable change of 8 and no known cut."""
    by = limits("whodas-2.0-12", "simple-1")
    classes = [said(by, 30, score)[1] for score in (23, 22, 0, 38)]
    assert classes == ["unchanged", "improved", "improved", "deteriorated"]


def test_a_version_that_is_not_known_is_not_judged() -> None:
    """Thresholds of one version say nothing about another."""
    assert [one.limits("2026-03-02") for one in gauges("phq-9", "0")] == [None]
    assert [one.name for one in gauges("c-ssrs-screener", "1")] == ["triage"]
    assert gauge("bam", "categorical-1") is None


def test_thresholds_name_their_sources_and_what_is_unverified() -> None:
    """A reader sees where each number comes from, and from which SD and reliability it was computed."""
    source = PHQ_9.source
    assert source is not None
    assert "reliable change 6 (SD 5.7, reliability 0.89): NHS Talking Therapies" in source
    assert source.count("[unverified]") == 4
    assert "10 and above, sensitivity and specificity 88 %;" in source
    assert source.endswith("; bands: Kroenke, Spitzer and Williams 2001")
    assert (PHQ_9.standard_deviation, PHQ_9.reliability, PHQ_9.dated) == (5.7, 0.89, None)
    assert (PCL_5.reliable_change, PCL_5.standard_deviation, PCL_5.dated) == (18, None, "2022")


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (15, 0), (16, 1), (59, 2), (62, 2), (90, 3), (151, 5), (243, 8)]
)
def test_months_are_the_nearest(days: int, expected: int) -> None:
    """Calendar months of 59 to 62, 90, 151 and 243 days are 2, 3, 5 and 8."""
    assert months(days) == expected


@given(baseline=st.integers(0, 27), score=st.integers(0, 27), up=st.booleans())
def test_a_change_and_its_reverse_are_opposites(baseline: int, score: int, up: bool) -> None:
    """There and back again is improved once and worsened once, with the same reliability."""
    by = Limits(higher_is_better=up, reliable_change=6)
    there, back = judge(baseline, score, by), judge(score, baseline, by)
    opposite = {"improved": "worsened", "worsened": "improved", "unchanged": "unchanged"}
    assert there.change == -back.change
    assert there.direction == opposite[back.direction]
    assert there.reliable == back.reliable
    assert there.reliable == (abs(score - baseline) >= 6)
