"""What a change is called, at the thresholds and on both sides of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.outcomes.change import Thresholds, judge, months
from projections.outcomes.scales import scale_of

PHQ_9, GAD_7, BDI_II, WHO_5 = (scale_of(code, "1") for code in ("phq-9", "gad-7", "bdi-ii", "who-5"))
Said = tuple[object, ...]


def said(scale: object, baseline: int, score: int) -> Said:
    """Direction, class, and whether recovered."""
    change = judge(baseline, score, scale.thresholds)  # type: ignore[attr-defined] # a scale of this release
    return change.direction, change.change_class, change.recovered


@pytest.mark.parametrize(
    ("baseline", "score", "expected"),
    [
        (15, 9, ("improved", "improved", True)),  # 6 points and from 10 or more to 9 or less: NHS Talking Therapies
        (15, 10, ("improved", "unchanged", False)),  # 5 points are not more than chance
        (16, 10, ("improved", "improved", False)),  # reliable, still a case at 10
        (11, 9, ("improved", "unchanged", False)),  # across the cut, but not reliably
        (9, 3, ("improved", "improved", None)),  # a baseline below the cut cannot be left behind
        (12, 12, ("unchanged", "unchanged", False)),
        (12, 17, ("worsened", "unchanged", False)),
        (12, 18, ("worsened", "deteriorated", False)),
    ],
)
def test_phq_9_changes_at_six_points_and_recovers_below_ten(baseline: int, score: int, expected: Said) -> None:
    """The reliable change of six points and the cut of ten are those of NHS Talking Therapies."""
    assert said(PHQ_9, baseline, score) == expected


@pytest.mark.parametrize(
    ("baseline", "score", "expected"),
    [
        (11, 7, ("improved", "improved", True)),  # 4 points and from 8 or more to 7 or less
        (11, 8, ("improved", "unchanged", False)),
        (8, 12, ("worsened", "deteriorated", False)),
        (7, 1, ("improved", "improved", None)),
    ],
)
def test_gad_7_changes_at_four_points_and_recovers_below_eight(baseline: int, score: int, expected: Said) -> None:
    """The reliable change of four points and the cut of eight are those of NHS Talking Therapies."""
    assert said(GAD_7, baseline, score) == expected


def test_without_an_established_threshold_only_the_direction_is_said() -> None:
    """The BDI-II has no reliable change with a source here, so nothing is called improved or deteriorated."""
    assert said(BDI_II, 30, 10) == ("improved", None, None)
    assert judge(30, 10, BDI_II.thresholds).reliable is None  # type: ignore[union-attr] # it is known


def test_higher_is_better_where_the_instrument_says_so() -> None:
    """On the WHO-5 a rise is an improvement, and ten points matter."""
    up = judge(40, 52, WHO_5.thresholds)  # type: ignore[union-attr] # it is known
    down = judge(52, 40, WHO_5.thresholds)  # type: ignore[union-attr] # it is known
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
    change = judge(baseline, score, PHQ_9.thresholds)  # type: ignore[union-attr] # it is known
    assert (change.response, change.remission) == (response, remission)


def test_a_version_that_is_not_known_is_not_judged() -> None:
    """Thresholds of one version say nothing about another."""
    assert scale_of("phq-9", "0") is None
    assert scale_of("phq-9", "1") is not None


def test_thresholds_name_their_sources_and_what_is_unverified() -> None:
    """A reader sees where each number comes from."""
    source = PHQ_9.thresholds.source  # type: ignore[union-attr] # it is known
    assert source is not None
    assert "reliable change 6 (SD 5.7, reliability 0.89): NHS Talking Therapies" in source
    assert source.count("[unverified]") == 3
    assert "10 and above, sensitivity and specificity 88 %;" in source


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (15, 0), (16, 1), (59, 2), (62, 2), (90, 3), (151, 5), (243, 8)]
)
def test_months_are_the_nearest(days: int, expected: int) -> None:
    """Calendar months of 59 to 62, 90, 151 and 243 days are 2, 3, 5 and 8."""
    assert months(days) == expected


@given(baseline=st.integers(0, 27), score=st.integers(0, 27), up=st.booleans())
def test_a_change_and_its_reverse_are_opposites(baseline: int, score: int, up: bool) -> None:
    """There and back again is improved once and worsened once, with the same reliability."""
    by = Thresholds(higher_is_better=up, reliable_change=6)
    there, back = judge(baseline, score, by), judge(score, baseline, by)
    opposite = {"improved": "worsened", "worsened": "improved", "unchanged": "unchanged"}
    assert there.change == -back.change
    assert there.direction == opposite[back.direction]
    assert there.reliable == back.reliable
    assert there.reliable == (abs(score - baseline) >= 6)
