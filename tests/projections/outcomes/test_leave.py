"""Whoever is on leave is not measured, so the days away are not days without a measure."""

from __future__ import annotations

import pytest

from aggregates.enrollment.facts import LeaveCorrected, LeaveEnded, LeaveStarted
from tests.projections.outcomes.past import ENROLLMENT, taken
from tests.projections.outcomes.test_alerts import rows, story_of
from tests.projections.story import Story, an_id


def away(story: Story, first: str, back: str | None = None, expected: str | None = None, number: int = 1) -> None:
    """The patient is on leave."""
    leave = an_id("leave", number)
    story.tell(ENROLLMENT, LeaveStarted(leave_id=leave, started_on=first, expected_return_on=expected, cause="travel"))
    if back is not None:
        story.tell(ENROLLMENT, LeaveEnded(leave_id=leave, returned_on=back))


@pytest.mark.parametrize(
    ("first", "back", "expected", "since"),
    [
        ("2026-01-12", "2026-01-22", None, "2026-01-29"), ("2026-01-19", "2026-01-20", None, "2026-01-20"),
        ("2026-01-20", "2026-01-30", None, "2026-01-19"), ("2026-01-12", None, "2026-01-15", "2026-01-22"),
        ("2026-01-12", None, None, "2026-02-02"), ("2026-01-05", "2026-01-10", None, "2026-01-23"),
    ],
)  # fmt: skip
def test_a_leave_stops_the_fourteen_days(first: str, back: str | None, expected: str | None, since: str) -> None:
    """From 5 January the fourteenth day is the 19th: ten days away make it the 29th, a leave that begins after it moves
    nothing. Who is not back counts as away to the day expected, else for fourteen days."""
    story = story_of()
    away(story, first, back, expected)
    (alert,) = rows(story, "no_measure")
    assert (alert.since, ", leave aside" in alert.why) == (since, since != "2026-01-19")


def test_a_corrected_leave_stops_the_fourteen_days_as_it_really_was() -> None:
    """Two leaves add up; one that never was counts for nothing; a measure on leave begins the days anew."""
    story = story_of()
    away(story, "2026-01-07", "2026-01-09")
    away(story, "2026-01-12", "2026-01-22", number=2)
    assert [one.since for one in rows(story, "no_measure")] == ["2026-01-31"]
    story.tell(ENROLLMENT, LeaveCorrected(
        leave_id=an_id("leave", 2), was_started_on="2026-01-12", was_returned_on="2026-01-22", started_on="2026-01-13",
        returned_on="2026-01-16", cause="entry-error",
    ))  # fmt: skip
    assert [one.since for one in rows(story, "no_measure")] == ["2026-01-24"]
    story.tell(ENROLLMENT, LeaveCorrected(
        leave_id=an_id("leave", 1), was_started_on="2026-01-07", was_returned_on="2026-01-09", cause="entry-error"
    ))
    assert [one.since for one in rows(story, "no_measure")] == ["2026-01-22"]
    story.tell(an_id("assessment", 1), taken("2026-01-14", 9))
    assert [one.since for one in rows(story, "no_measure")] == ["2026-01-29"]
