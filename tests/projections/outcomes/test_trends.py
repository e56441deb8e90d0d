"""What a patient's courses say at a moment: slope and its interval, weeks since the last measure, score and class."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.outcomes import MODEL
from projections.outcomes.queries import trends_from_rows
from projections.outcomes.statistics import interval, slope
from projections.outcomes.views import TrendView
from tests.projections.outcomes.past import PATIENT, PROGRAM, VOIDED, admit, corrected, discharge, open_program, taken
from tests.projections.story import Story, an_id, folded

NOW = "2026-04-01T12:00:00.000000Z"
KNOWN_LATER = {"measures": {"__all__": {"recorded_at", "positions", "corrected"}}}
ON_A_DAY = st.tuples(st.integers(0, 80), st.integers(0, 27))
SCORES = st.lists(ON_A_DAY, min_size=1, max_size=7, unique_by=lambda one: one[0])


def day(number: int) -> str:
    """The day so many days after 1 January 2026."""
    return f"2026-{1 + number // 28:02}-{1 + number % 28:02}"


def told(*facts: Any) -> Story:
    """A patient's episode and these administrations, each under its own number."""
    story = Story()
    open_program(story)
    admit(story)
    for number, fact in enumerate(facts, 1):
        story.tell(an_id("assessment", number), fact)
    return story


def seen(story: Story, now: str = NOW, upto: int | None = None) -> list[TrendView]:
    """The patient's courses as shown at a moment, by what had been recorded up to a position."""
    made = folded(MODEL, story.recorded(MODEL, upto, patient=PATIENT))
    return trends_from_rows(made, programs=[PROGRAM], now=now, patient_id=PATIENT)


def meaning(courses: list[TrendView]) -> list[dict[str, Any]]:
    """What they say, without by which facts and when it became known."""
    return [one.model_dump(exclude=KNOWN_LATER) for one in courses]  # type: ignore[arg-type] # pydantic takes it


def test_a_straight_fall_of_two_points_a_week_has_no_width() -> None:
    """20, 18, 16, 14 in weekly steps."""
    (course,) = seen(told(*(taken(f"2026-01-{5 + 7 * week:02}", 20 - 2 * week) for week in range(4))))
    assert course.slope is not None and course.slope.n == 4
    assert [course.slope.per_week, course.slope.low, course.slope.high] == pytest.approx([-2, -2, -2])


def test_a_slopes_interval_is_the_one_of_the_t_distribution() -> None:
    """By hand for 4, 2, 3 in weekly steps: slope -0.5, residual variance 1.5, standard error 0.8660, t(1) 12.706."""
    line = slope([0, 7, 14], [4, 2, 3])
    assert line == pytest.approx((-0.5, -0.5 - 12.7062 * 0.8660254, -0.5 + 12.7062 * 0.8660254), abs=1e-3)


def test_equal_scores_have_a_slope_of_nought() -> None:
    """A line through equal scores is level, and certain."""
    assert slope([0, 7, 14], [9, 9, 9]) == (0, 0, 0)


def test_a_means_interval_is_the_one_of_the_t_distribution() -> None:
    """By hand for mean 10, SD 5, n 50: 10 more or less 2.0096 x 5 / 7.0711."""
    assert interval(10, 5, 50) == pytest.approx((8.579, 11.421), abs=1e-3)


@pytest.mark.parametrize("scores", [[], [12], [12, 9]])
def test_under_three_measures_there_is_no_slope(scores: list[int]) -> None:
    """Nor of three on one day."""
    courses = seen(told(*(taken(f"2026-01-{5 + 7 * place:02}", score) for place, score in enumerate(scores))))
    assert [one.slope for one in courses] == [None] * bool(scores)
    assert slope([3, 3, 3], [1, 2, 3]) is None


def test_a_slope_runs_from_the_baseline_to_the_end_of_the_stay() -> None:
    """Neither a screening before the baseline nor a follow-up after the discharge bends it."""
    story = told(
        taken("2026-01-05", 3), taken("2026-01-12", 20, occasion="baseline"), taken("2026-01-19", 18),
        taken("2026-01-26", 16), taken("2026-03-11", 27, occasion="follow_up"),
    )
    discharge(story, "2026-02-28")
    (course,) = seen(story)
    assert course.slope is not None and (course.slope.n, course.slope.per_week) == (3, pytest.approx(-2))
    assert (course.last_score, course.change_class, str(course.last_on)) == (27, "deteriorated", "2026-03-11")
    assert course.weeks_since_last == 3.0


@pytest.mark.parametrize(("now", "weeks"), [
    ("2026-02-09T04:59:00.000000Z", 4.9), ("2026-02-09T05:00:00.000000Z", 5.0), ("2026-01-01T00:00:00.000000Z", 0.0),
])
def test_weeks_since_the_last_measure_are_counted_in_the_programs_zone(now: str, weeks: float) -> None:
    """In New York 9 February begins at 05:00 UTC."""
    (course,) = seen(told(taken("2026-01-05", 12)), now)
    assert course.weeks_since_last == weeks


@settings(max_examples=40, deadline=None)
@given(scores=SCORES, wrong=st.integers(0, 27), data=st.data())
def test_late_entries_corrections_and_voids_leave_the_course_that_was(
    scores: list[tuple[int, int]], wrong: int, data: st.DataObject
) -> None:
    """In any order of arrival, with a wrong score corrected and another one voided, the course says the same."""
    in_time = [(number, day(on), score) for number, (on, score) in enumerate(sorted(scores), 1)]
    right = seen(told(*(taken(on, score) for _, on, score in in_time)))
    place, corrected_on, as_it_was = data.draw(st.sampled_from(in_time))
    mended = told()
    for number, on, score in data.draw(st.permutations(in_time)):
        mended.tell(an_id("assessment", number), taken(on, wrong if number == place else score))
    mended.tell(an_id("assessment", 99), taken("2026-01-09", wrong, occasion="baseline"))
    mended.tell(an_id("assessment", place), corrected(corrected_on, as_it_was))
    mended.tell(an_id("assessment", 99), VOIDED)
    assert meaning(seen(mended)) == meaning(right)


@settings(max_examples=30, deadline=None)
@given(scores=SCORES)
def test_as_of_a_position_is_what_was_shown_there(scores: list[tuple[int, int]]) -> None:
    """Each course as it was shown when the log ended there, whatever was recorded later."""
    story, shown = told(), {}
    for number, (on, score) in enumerate(scores, 1):
        story.tell(an_id("assessment", number), taken(day(on), score))
        shown[len(story.facts)] = seen(story)
    story.tell(an_id("assessment", 1), VOIDED)
    assert {position: seen(story, upto=position) for position in shown} == shown


def test_folding_and_the_command_line_do_not_pay_for_the_statistics() -> None:
    """SciPy and NumPy are imported by the first who asks for a slope or an interval."""
    code = "import sys, iop_es.cli, iop_es.wiring, api.app; sys.exit(bool({'numpy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
