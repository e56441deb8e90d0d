"""Whoever led two sessions in the same minutes is told with the days that rest on them; another program's is not."""

from __future__ import annotations

from aggregates.session.facts import BreaksCorrected
from projections.billing import MODEL
from projections.billing.day import Day
from projections.billing.queries import days_from, document_from
from projections.billing.rooms import TELLING, Rooms, rooms
from projections.billing.self_audit import Verdict, Window, self_audit
from tests.projections.audit.told import stored
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import folded

DAY = "2026-03-04"
LEADER = an_id("clinician")


def a_split_group(first: str = "09:00-12:00", second: str = "11:00-13:00", **changes: int) -> Clinic:
    """Two patients, each in a session of the same leader: the first session and the second."""
    clinic = a_clinic()
    clinic.patient(2)
    clinic.documented(DAY, first, (1,), facilitators=changes.pop("beside", 1))
    clinic.documented(DAY, second, (2,), **changes)
    return clinic


def led(clinic: Clinic, upto: int | None = None) -> Rooms:
    """What was led twice, as of a position."""
    return rooms(one for one in stored(clinic.story, *TELLING) if upto is None or one.position <= upto)


def the_day(clinic: Clinic, patient: int = 1) -> Day:
    """A patient's day."""
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient", patient))
    return day


def test_one_leader_in_two_rooms_is_told_with_both_days_and_they_are_decided_as_ever() -> None:
    """Which sessions, whose, since when and for how long; a group that was split for its size is one of them."""
    clinic = a_split_group()
    found = [led(clinic).against(the_day(clinic, patient)) for patient in (1, 2)]
    one, other = an_id("session", 1), an_id("session", 2)
    words = "in the same 60 minutes, from 2026-03-04 11:00 EST on."
    assert found == [
        [f"{LEADER} led the sessions {one} (group) and {other} (group) {words}"],
        [f"{LEADER} led the sessions {other} (group) and {one} (group) {words}"],
    ]
    assert the_day(clinic).state == "billable"


def test_sessions_that_touch_share_no_minute() -> None:
    """One ends as the other begins."""
    clinic = a_split_group("09:00-12:00", "12:00-13:00")
    assert led(clinic).against(the_day(clinic)) == []


def test_a_minute_is_one_too_many() -> None:
    """However short."""
    clinic = a_split_group("09:00-12:00", "11:59-13:00")
    (words,) = led(clinic).against(the_day(clinic))
    assert "in the same 1 minute," in words


def test_another_leader_in_the_same_minutes_is_nothing() -> None:
    """Nobody who led the one led the other."""
    clinic = a_clinic()
    clinic.patient(2)
    clinic.documented(DAY, "09:00-12:00")
    clinic.meet(DAY, "09:00-12:00", (2,), facilitators=0)
    assert led(clinic).against(the_day(clinic)) == []


def test_who_leads_another_session_in_a_break_is_in_one_room() -> None:
    """Also where the break was told only afterwards."""
    clinic = a_split_group("09:00-12:00", "10:00-10:30")
    assert led(clinic).against(the_day(clinic))
    clinic.pause(DAY, 1, "09:00-12:00", "10:00-10:30")
    assert led(clinic).against(the_day(clinic)) == []


def test_of_several_leaders_those_who_may_have_stayed_are_told() -> None:
    """Which of them left the room no fact says, so that it is for a person to ask."""
    clinic = a_split_group(beside=2)
    (words,) = led(clinic).against(the_day(clinic))
    assert words.startswith(f"{LEADER} led the sessions")
    assert words.endswith(
        f" {an_id('session', 1)} was led by {an_id('clinician', 2)} as well; who was in the room no fact says."
    )


def test_of_another_programs_session_it_is_told_only_that_there_is_one() -> None:
    """Neither which, whose, when nor for how long (42 CFR Part 2)."""
    clinic = a_split_group(program_number=2)
    (words,) = led(clinic).against(the_day(clinic))
    assert words == (
        f"Somebody who led the session {an_id('session', 1)} (group) led another service of the organization in some of"
        " the same minutes."
    )


def audited(clinic: Clinic, upto: int | None = None) -> tuple[Verdict | str, list[str]]:
    """What the self-audit says of the first patient's billed day."""
    delta = folded(MODEL, clinic.story.recorded(MODEL, None, an_id("patient")))
    known = document_from(delta, an_id("patient"))
    assert known is not None
    view = self_audit(
        days_from(delta, an_id("patient")), Window(DAY, DAY), programs=[an_id("program")], as_of=1,
        at="2026-04-01T12:00:00.000000Z", patients={an_id("patient"): known}, rooms=led(clinic, upto),
    )  # fmt: skip
    (question,) = [one for one in view.questions if one.code == "one_room"]
    assert question.unanswered == 0
    found = [words for day in view.days for words in day.found if " led " in words]
    return "failed" if question.failed else "met", found


def test_the_self_audit_asks_it_as_of_any_moment() -> None:
    """As long as only one of the sessions was told nothing is wrong with the day; then it fails the question."""
    clinic = a_split_group()
    clinic.claim(1, [(DAY, 1)])
    last = max(one.position for one in stored(clinic.story, "session.closed"))
    assert audited(clinic, last - 1) == ("met", [])
    verdict, found = audited(clinic)
    assert verdict == "failed"
    assert "in the same 60 minutes" in found[0]


def test_facts_of_breaks_alone_tell_nothing() -> None:
    """Of a session that is not closed as of the position."""
    clinic = a_clinic()
    fact = BreaksCorrected(service_date=DAY, before=(), breaks=(), attendances=(), cause="entry_error")
    clinic.story.tell(an_id("session"), fact)
    assert led(clinic) == Rooms({})
