"""What leaves the program is the same for a month and differs by no person: rounding, and the day of an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.outcomes import MODEL
from projections.outcomes.cohorts import queries
from projections.outcomes.cohorts.coarse import coarse, count, last_month
from projections.outcomes.cohorts.comparing import side_by_side
from projections.outcomes.cohorts.members import Member
from projections.outcomes.cohorts.queries import EVERY, members
from projections.outcomes.cohorts.staying import attendance, stays
from tests.projections.outcomes.past import PROGRAM, admit, discharge, open_program, taken
from tests.projections.outcomes.people import OUTSIDE, PEOPLE, member
from tests.projections.story import Story, an_id, asking, project

MARCH = ("2026-03-02T12:00:00.000000Z", "2026-03-31T12:00:00.000000Z")


@pytest.mark.parametrize(
    ("number", "told"), [(0, 0), (11, 15), (12, 15), (17, 15), (18, 20), (22, 20), (23, 25), (100, 100)]
)
def test_counts_are_told_to_the_nearest_five_and_none_under_eleven_but_zero(number: int, told: int) -> None:
    """Of eleven and twelve the nearest would be ten, a number that is never told."""
    assert count(number) == told


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-01T23:59:59.000000Z", "2026-01-31"), ("2026-03-02T00:00:00.000000Z", "2026-02-28"),
        ("2026-03-31T23:00:00.000000Z", "2026-02-28"), ("2026-01-15T12:00:00.000000Z", "2025-12-31"),
    ],
)  # fmt: skip
def test_an_answer_is_as_of_the_last_month_that_is_over_everywhere(now: str, day: str) -> None:
    """West of all, in UTC-12, a month ends at noon of the first in UTC."""
    assert last_month(now).isoformat() == day


def test_who_was_not_measured_is_not_the_difference_of_two_answers() -> None:
    """Of 30 admitted 28 were measured: the answer on stays and the one on scores tell of 30 both."""
    people = [member(one, ended="completed" if one % 2 else "dropped_out", last=9) for one in range(28)]
    people += [member(100 + one, version=None, measures=None, baseline=None, last=None) for one in range(2)]
    [stay], [cohort] = stays(people, "program", "day", outside=True), side_by_side(people, OUTSIDE)
    assert (stay.n, cohort.everybody and cohort.everybody.n) == (30, 28)
    assert (coarse(stay).n, (told := coarse(cohort).everybody) and told.n) == (30, 30)


def numbers(part: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every number of an answer with its name."""
    if isinstance(part, dict):
        return [one for key, value in part.items() for one in numbers(value, key)]
    if isinstance(part, list | tuple):
        return [one for value in part for one in numbers(value, name)]
    return [(name, part)] if isinstance(part, int | float) and not isinstance(part, bool) else []


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.sampled_from(["day", "week"]))
def test_nothing_that_leaves_the_program_is_exact(people: list[Member], unit: Any) -> None:
    """Counts are multiples of five, shares of a twentieth, days of weeks, and all else has two decimals at most."""
    answers = [*side_by_side(people, OUTSIDE), *stays(people, "program", unit, outside=True),
               *attendance(people, OUTSIDE)]  # fmt: skip
    for name, one in numbers([coarse(answer).model_dump() for answer in answers]):
        if name in {"share", "coverage", "over", "up_to", "attendance_mean"}:
            assert one * 20 == pytest.approx(round(one * 20))
        elif isinstance(one, int):
            assert one % (7 if name == "median_days" else 5) == 0, name
        else:
            assert one == round(one, 2), name


def worked() -> Story:
    """Of 42 episodes of January 41 were measured; the first of them went on in March, and another one began then."""
    story = Story()
    open_program(story)
    for number in range(1, 43):
        admit(story, number, on="2026-01-05")
    for number in range(1, 42):
        story.tell(an_id("assessment", number), taken("2026-01-05", 20, number))
        story.tell(an_id("assessment", 100 + number), taken("2026-02-02", 14 if number == 2 else 15, number))
    for number in range(2, 21):
        discharge(story, "2026-02-20", number)
    story.tell(an_id("assessment", 300), taken("2026-03-05", 0))
    discharge(story, "2026-03-06")
    admit(story, 50, on="2026-03-02")
    return story


def test_yesterdays_answer_cannot_be_subtracted_from_todays(log: Log, projector: Pool) -> None:
    """Whatever is done in March, its answers are those of the end of February; inside the answer is today's."""
    worked().append(log)
    driver = project(MODEL, log, projector)
    with asking(driver, projector) as cursor:
        told = [
            [
                queries.cohorts(cursor, programs=[PROGRAM], now=now, instrument="phq-9", outside=True),
                queries.stay(cursor, programs=[PROGRAM], now=now, outside=True),
                queries.attendance(cursor, programs=[PROGRAM], now=now, instrument="phq-9", outside=True),
                queries.difference(cursor, programs=[PROGRAM], now=now, instrument="phq-9", one=PROGRAM, other=PROGRAM,
                                   outside=True),
            ]
            for now in MARCH
        ]  # fmt: skip
        [inside] = queries.cohorts(cursor, programs=[PROGRAM], now=MARCH[1], instrument="phq-9")
        then = members(cursor, [PROGRAM], MARCH[1], "phq-9", "total", EVERY, date(2026, 2, 28))
        before = members(cursor, [PROGRAM], MARCH[1], "phq-9", "total", EVERY, date(2026, 1, 31))
    assert told[0] == told[1]
    [cohort], [stay] = told[0][0] or (), told[0][1] or ()
    assert {str(one.through) for answer in told[0] for one in answer or ()} == {"2026-02-28"}
    everybody = cohort.everybody
    assert (cohort.admitted, stay.n, everybody and (everybody.n, everybody.last_mean)) == (None, 40, (40, 15.0))
    today = inside.everybody
    assert (inside.through, inside.admitted, today and today.last_mean) == (None, 43, pytest.approx(599 / 41))
    [first] = [one for one in then if one.patient_id == an_id("patient")]
    assert (first.ended, first.measures, first.last, first.change_class) == ("in_care", 2, 15, "unchanged")
    assert {(one.measures, one.last, one.change_class) for one in before} == {(1, 20, None), (None, None, None)}
