"""Minutes of presence: examples from a sign-in sheet, and the laws that any sheet obeys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregates.session.facts import Interval
from aggregates.session.minutes import head_count, minutes_present, peak_count, whole_minute, within
from tests.aggregates.clinic import at


def stretch(start: int, stop: int) -> Interval:
    """From one minute of the day to another."""
    return clock(*(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (start, stop)))


def clock(start: str, stop: str) -> Interval:
    """From one clock time to another."""
    return Interval(start=at(start), stop=at(stop))


MINUTE = st.integers(0, 240)
STRETCHES = st.lists(st.tuples(MINUTE, MINUTE).map(lambda pair: stretch(min(pair), max(pair))), max_size=5)


def covered(intervals: list[Interval]) -> set[int]:
    """The minutes, one by one, as somebody with a pencil would count them."""
    return {minute for one in intervals for minute in range(of_day(one.start), of_day(one.stop))}


def of_day(text: str) -> int:
    """The minute of the day, read off the instant's text."""
    return int(text[11:13]) * 60 + int(text[14:16])


def test_leaving_early_and_a_break_are_both_taken_off() -> None:
    """9:12 to 10:10 with a break 9:45 to 9:55 is 48 minutes."""
    assert minutes_present([clock("09:12", "10:10")], [clock("09:45", "09:55")]) == 48


def test_two_stays_count_together() -> None:
    """Pulled out for the prescriber from 9:30 to 9:50, a patient has 30 and 40 minutes of a 90 minute group."""
    assert minutes_present([clock("09:00", "09:30"), clock("09:50", "10:30")]) == 70


def test_overlapping_breaks_are_taken_off_once() -> None:
    """9:30 to 9:40 and 9:35 to 9:50 are 20 minutes of pause, not 25."""
    breaks = [clock("09:30", "09:40"), clock("09:35", "09:50")]
    assert minutes_present([clock("09:00", "10:00")], breaks) == 40


def test_seconds_are_floored() -> None:
    """An arrival at 9:00:40 stands as 9:00."""
    assert whole_minute(at("09:00:40")) == at("09:00")


def test_an_interval_is_cut_to_its_frame() -> None:
    """Waiting before the start and chatting after the end are no part of the session."""
    stays = [clock("08:50", "09:20"), clock("10:20", "10:40"), clock("11:00", "11:10"), clock("09:30", "09:30")]
    assert within(stays, clock("09:00", "10:30")) == (clock("09:00", "09:20"), clock("10:20", "10:30"))


def test_who_leaves_when_another_comes_does_not_meet_them() -> None:
    """Half-open intervals: until 9:30 and from 9:30 are never together, though both were there."""
    presences = [[clock("09:00", "09:30")], [clock("09:30", "10:00")], []]
    assert (head_count(presences), peak_count(presences)) == (2, 1)


@given(STRETCHES, STRETCHES)
def test_minutes_are_those_counted_one_by_one(stays: list[Interval], breaks: list[Interval]) -> None:
    """Whatever overlaps, the minutes are the minutes in a stay and in no break, so never negative."""
    assert minutes_present(stays, breaks) == len(covered(stays) - covered(breaks)) >= 0


@given(MINUTE, MINUTE, MINUTE, STRETCHES)
def test_splitting_a_stay_changes_nothing(one: int, two: int, three: int, breaks: list[Interval]) -> None:
    """Additive: a stay counts as much as its two parts."""
    start, middle, stop = sorted((one, two, three))
    parts = minutes_present([stretch(start, middle)], breaks) + minutes_present([stretch(middle, stop)], breaks)
    assert minutes_present([stretch(start, stop)], breaks) == parts
    assert minutes_present([stretch(start, middle), stretch(middle, stop)], breaks) == parts


@given(STRETCHES, STRETCHES)
def test_telling_a_break_twice_takes_it_off_once(stays: list[Interval], breaks: list[Interval]) -> None:
    """The same pauses again, in any order, make no difference."""
    assert minutes_present(stays, breaks + breaks[::-1]) == minutes_present(stays, breaks)


@given(st.lists(STRETCHES, max_size=6))
def test_the_peak_is_the_fullest_minute(presences: list[list[Interval]]) -> None:
    """No more at once than came in all, and exactly as many as the fullest minute holds."""
    rooms = [covered(presence) for presence in presences]
    assert peak_count(presences) == max((sum(minute in room for room in rooms) for minute in range(241)), default=0)
    assert peak_count(presences) <= head_count(presences) == sum(1 for room in rooms if room)
