"""What tells the day on which it was done counts as late by that day, whatever its envelope says."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from aggregates.enrollment import facts as enrollment
from aggregates.kit import FACTS
from aggregates.values import Date
from projections.audit.changes import changes
from projections.audit.done import DONE_ON, delay_seconds, done_on
from projections.audit.values import details
from tests.projections.audit.past import ANA
from tests.projections.audit.told import entries, stored
from tests.projections.story import Story, an_id

HOLDING = {
    "last_service_on", "lapsed_on", "joined_on", "left_on", "formed_on", "opened_on", "closed_on", "ended_on",
}  # fmt: skip
"""Since when something is so, or until when: set beforehand as often as afterwards."""
AHEAD = {
    "expected_return_on", "next_review_due_on", "planned_on", "review_due_on", "expires_on", "due_on", "next_due_on",
    "return_due_on", "review_on",
}  # fmt: skip
"""What is to come."""
ELSEWHERE = {"decided_on", "adjudicated_on", "answered_on", "remittance_on", "reversed_on", "voided_on", "notice_on"}
"""What others decided, and what follows from that."""
LEFT_OUT = HOLDING | AHEAD | ELSEWHERE
CERTIFIED: dict[str, Any] = {
    "plan_id": an_id("plan"), "certified_through": "2026-05-04", "physician_id": an_id("clinician")
}  # fmt: skip


def days_told(name: str) -> set[str]:
    """The fields of a fact that tell a day on which something is, was or will be."""
    kind = FACTS[name].cls
    hints = get_type_hints(kind, include_extras=True)
    found = {one.name for one in fields(kind) if hints[one.name] in (Date, Date | None)}
    return {one for one in found if one.endswith("_on") and not one.startswith("was_")}


@pytest.mark.parametrize("name", [name for name in sorted(FACTS) if days_told(name)])
def test_of_every_day_that_a_fact_tells_it_is_said_whether_it_was_done_on_it(name: str) -> None:
    """One that comes later is decided about; and no fact has two, of which one would be passed over."""
    told = days_told(name)
    assert told <= {*DONE_ON, *LEFT_OUT}
    assert not LEFT_OUT & set(DONE_ON)
    assert len(told & set(DONE_ON)) <= 1 or name.endswith("_corrected")


@pytest.mark.parametrize(
    ("recorded_at", "seconds"),
    [
        ("2026-03-05T23:00:00.000000Z", 0),  # on its day
        ("2026-03-06T03:00:00.000000Z", 3 * 3_600),  # in the evening of its day, where that is behind UTC
        ("2026-06-10T00:00:00.000000Z", 96 * 86_400),
    ],
)
def test_a_day_counts_from_its_end(recorded_at: str, seconds: int) -> None:
    """So that nothing of that very day is late."""
    assert delay_seconds(recorded_at, recorded_at, "2026-03-05") == seconds


def test_the_longer_delay_counts() -> None:
    """A time that somebody told and a day in the fact: neither hides the other."""
    recorded_at = "2026-03-10T00:00:00.000000Z"
    assert delay_seconds("2026-03-01T00:00:00.000000Z", recorded_at, "2026-03-09") == 9 * 86_400
    assert delay_seconds("2026-03-09T00:00:00.000000Z", recorded_at, "2026-03-01") == 8 * 86_400


def test_a_backdated_certification_is_late_in_the_trail_and_among_the_changes() -> None:
    """Recorded in June without any other time, it says 5 March; a correction is an act of its own day."""
    story = Story()
    episode, owner = an_id("enrollment"), [(ANA, an_id("alias"))]
    certified = enrollment.PlanCertified(certified_on="2026-03-05", late_reason="oversight", **CERTIFIED)
    story.tell(episode, certified, recorded="2026-06-10T15:00:00Z", patients=owner)
    corrected = enrollment.AdmissionCorrected(
        was_admitted_on="2026-03-02", admitted_on="2026-03-03", admission_type="3", admission_source="1", cause="error"
    )
    story.tell(episode, corrected, recorded="2026-06-11T15:00:00Z", patients=owner)
    first, second = entries(story)
    assert (first.done_on, first.delay_seconds) == ("2026-03-05", 96 * 86_400 + 15 * 3_600)
    assert first.words.endswith("; late because oversight.")
    assert (second.done_on, second.delay_seconds) == (None, 0)
    told = changes(ANA, [first, second], details(stored(story)), (0, 2))
    assert told.late == 1
    assert "plan certified late, 97 days after it was true" in told.groups[1].words


def test_a_day_ahead_of_its_recording_is_not_late() -> None:
    """As a delay below zero is not."""
    assert done_on(enrollment.LeaveStarted(leave_id=an_id("leave"), started_on="2026-03-09", cause="travel"))
    assert delay_seconds("2026-03-05T12:00:00Z", "2026-03-05T12:00:00Z", "2026-03-09") == 0
