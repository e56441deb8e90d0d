"""When nobody is on call for a program that has people on call."""

from __future__ import annotations

import pytest

from aggregates.clinician.facts import OnCallAssigned, OnCallEnded
from iop_es.engine.log import Log
from projections.caseload.on_call import gaps
from tests.projections.story import Story, an_id

PROGRAM, OTHER = an_id("program", 1), an_id("program", 2)
MORNING, NIGHT = "2026-03-02T08:00:00.000000Z", "2026-03-03T08:00:00.000000Z"


def at(clock: str, day: int = 2) -> str:
    """A moment of March."""
    return f"2026-03-0{day}T{clock}:00.000000Z"


def on_call(*times: tuple[str, str], program: str = PROGRAM) -> Story:
    """A clinician for each of these times."""
    story = Story()
    for number, (start, end) in enumerate(times, 1):
        story.tell(an_id("clinician", number), OnCallAssigned(
            on_call_id=an_id("on call"), program_id=program, starts_at=start, ends_at=end
        ))  # fmt: skip
    return story


def found(log: Log, story: Story, *programs: str) -> list[tuple[str, str]]:
    """The gaps of the day from eight to eight."""
    story.append(log)
    return [(one.from_at, one.until) for one in gaps(log, programs or (PROGRAM,), MORNING, NIGHT)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([(at("00:00"), at("12:00", 3))], []),
        ([(at("00:00"), at("12:00")), (at("12:00"), at("12:00", 3))], []),
        ([(at("00:00"), at("12:00")), (at("13:30"), at("12:00", 3))], [(at("12:00"), at("13:30"))]),
        ([(at("10:00"), at("20:00")), (at("11:00"), at("12:00"))], [(MORNING, at("10:00")), (at("20:00"), NIGHT)]),
        ([(at("00:00"), at("07:00"))], [(MORNING, NIGHT)]),
        ([(at("09:00", 3), at("12:00", 3))], [(MORNING, NIGHT)]),
    ],
)
def test_what_no_time_on_call_covers_is_a_gap(
    log: Log, times: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """From a moment until before another; whoever takes over at once leaves none."""
    assert found(log, on_call(*times)) == expected


def test_a_time_on_call_that_was_ended_covers_nothing_more(log: Log) -> None:
    """Of that person alone; one that was ended before it began covers nothing."""
    story = on_call((at("00:00"), at("12:00", 3)), (at("20:00"), at("22:00")), (at("21:00"), at("23:00")))
    story.tell(an_id("clinician", 1), OnCallEnded(on_call_id=an_id("on call"), ended_at=at("09:00")))
    story.tell(an_id("clinician", 3), OnCallEnded(on_call_id=an_id("on call"), ended_at=at("10:00")))
    assert found(log, story) == [(at("09:00"), at("20:00")), (at("22:00"), NIGHT)]


def test_a_program_that_has_nobody_on_call_has_no_gap(log: Log) -> None:
    """Nor has one for which somebody was, longer ago than anybody may be; each program has its own."""
    story = on_call((at("00:00"), at("12:00", 3)))
    long_ago = "2026-01-01T00:00:00.000000Z", "2026-01-30T00:00:00.000000Z"
    story.tell(an_id("clinician", 9), OnCallAssigned(
        on_call_id=an_id("on call"), program_id=OTHER, starts_at=long_ago[0], ends_at=long_ago[1]
    ))  # fmt: skip
    assert found(log, story, PROGRAM, OTHER, an_id("program", 3)) == []
