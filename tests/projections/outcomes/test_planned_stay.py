"""How long the stay is planned says when half of it was over without a change."""

from __future__ import annotations

from aggregates.enrollment.facts import DischargePlanned
from tests.projections.outcomes.past import ENROLLMENT, taken
from tests.projections.outcomes.test_alerts import plan_of_care, rows, story_of
from tests.projections.story import an_id


def test_of_two_plans_of_one_day_the_one_recorded_last_says_how_long_the_stay_is() -> None:
    """Twelve weeks were meant as eight: half of the stay is over on 2 February, and not on the 16th."""
    story = story_of(taken("2026-01-05", 16), taken("2026-01-26", 11))
    plan_of_care(story, 12)
    plan_of_care(story, 8, number=2)
    assert [one.since for one in rows(story, "no_change")] == ["2026-02-02"]


def test_a_planned_discharge_says_more_of_the_stay_than_the_plan_of_care() -> None:
    """From 5 to 25 January are 20 days; half of them is over on the 15th. One measure alone is no missing change."""
    story = story_of(taken("2026-01-05", 16))
    plan_of_care(story, 8)
    story.tell(ENROLLMENT, DischargePlanned(planned_on="2026-01-25"))
    assert rows(story, "no_change") == []
    story.tell(an_id("assessment", 2), taken("2026-01-08", 16))
    assert [one.since for one in rows(story, "no_change")] == ["2026-01-15"]
