"""The course to expect: the program's own earlier episodes, from PostgreSQL, and nothing where they are too few."""

from __future__ import annotations

from math import sqrt
from statistics import mean, stdev

import pytest

from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.outcomes import MODEL
from projections.outcomes.queries import expected
from projections.outcomes.views import ExpectedView
from tests.projections.outcomes.past import OTHER, PROGRAM, admit, discharge, open_program, taken
from tests.projections.story import Story, an_id, asking, project

NOW = "2026-12-01T12:00:00.000000Z"
LATE, EARLY, NEVER = 100, 101, 102
BASELINES = [10 + number % 7 for number in range(50)]


def past() -> Story:
    """Fifty episodes from January to March, one of them without a second month, and three patients who come later."""
    story = Story()
    open_program(story)
    open_program(story, OTHER)
    for number, score in enumerate(BASELINES, 1):
        _episode(story, number, score, second=number > 1)
    _episode(story, 60, 27, program_id=OTHER)
    admit(story, 61, on="2026-01-05")  # still here: no earlier episode
    _measure(story, 61, "2026-01-05", 27)
    for number, on in ((LATE, "2026-04-01"), (EARLY, "2026-03-31")):
        admit(story, number, on=on)
        _measure(story, number, on, 20)
    story.tell(an_id("assessment", 9_000), taken("2026-04-01", 8, LATE, instrument="gad-7"))
    return story


def _episode(story: Story, number: int, score: int, second: bool = True, program_id: str = PROGRAM) -> None:
    admit(story, number, program_id)
    _measure(story, number, "2026-01-05", score, program_id)
    if second:
        _measure(story, number, "2026-02-05", score - 4, program_id)
    discharge(story, "2026-03-31", number)


def _measure(story: Story, number: int, on: str, score: int, program_id: str = PROGRAM) -> None:
    story.tell(an_id("assessment", 10 * number + int(on[6])), taken(on, score, number, program_id=program_id))


@pytest.fixture
def asked(log: Log, projector: Pool) -> dict[int, list[ExpectedView]]:
    """What each of the later patients' courses may expect."""
    past().append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        return {
            number: expected(cursor, programs=(PROGRAM,), now=NOW, patient_id=an_id("patient", number))
            for number in (LATE, EARLY, NEVER)
        }


def test_the_expected_course_is_that_of_fifty_earlier_episodes(asked: dict[int, list[ExpectedView]]) -> None:
    """Ended before this one began, in the same program, on the same scale; under fifty, month or course, not shown."""
    gad_7, phq_9 = asked[LATE]
    assert (phq_9.episodes, phq_9.not_shown, [one.month for one in phq_9.points]) == (50, None, [0, 1])
    start, month = phq_9.points
    assert (start.n, start.mean) == (50, mean(BASELINES))
    assert start.standard_deviation == pytest.approx(stdev(BASELINES))
    margin = 2.009575 * stdev(BASELINES) / sqrt(50)  # t of 49 degrees of freedom at 97.5 %
    assert (start.low, start.high) == pytest.approx((mean(BASELINES) - margin, mean(BASELINES) + margin), abs=1e-4)
    assert (month.n, month.mean, month.low, month.high, month.standard_deviation) == (49, None, None, None, None)
    assert (gad_7.instrument, gad_7.episodes, gad_7.points) == ("gad-7", 0, ())
    assert gad_7.not_shown == "0 earlier episodes of this program have a baseline; 50 are needed."
    (early,) = asked[EARLY]  # began on the day on which the others ended
    assert (early.episodes, early.points) == (0, ())
    assert asked[NEVER] == []
