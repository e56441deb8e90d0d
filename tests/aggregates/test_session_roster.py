"""A whole roster in one call; what a session looks at, and whom its facts concern."""

from __future__ import annotations

import pytest

from aggregates.kit import Elsewhere, Release, Seen, Stream
from aggregates.session import AGGREGATE
from aggregates.session.commands import (
    Absent,
    ArrivedLate,
    LeftEarly,
    WalkedIn,
)
from aggregates.session.facts import (
    BreakTaken,
    Interval,
    PatientNotExpected,
    SessionCancelled,
)
from aggregates.session.refusals import (
    ContradictoryExceptions,
    NotOnRoster,
)
from tests.aggregates.clinic import (
    EVENING,
    MONDAY,
    OTHER,
    a_plan,
    absent,
    at,
    attendance,
    began,
    came,
    claimed,
    enrollment,
    episodes,
    expected,
    gone,
    patient,
    presence,
    roster,
    the_house,
    to_check_in,
    to_expect,
    to_move,
    to_schedule,
)
from tests.aggregates.scenario import an_act, every_prefix_folds, folded, given

EVERYONE = episodes(1, 2, 3, 4, 5)
PLANNED = given(AGGREGATE, a_plan(), *(expected(number) for number in (1, 2, 3, 4)))


def test_one_call_takes_a_roster() -> None:
    """Everyone expected is there from the start, except the absent, the late, who left early, and a walk-in."""
    command = roster(
        Absent(exception="absent_excused", attendance_id=attendance(2), cause="ill"),
        ArrivedLate(attendance_id=attendance(3), arrived_at=at("09:12")),
        LeftEarly(attendance_id=attendance(3), left_at=at("10:10")),
        WalkedIn(exception="walk_in", patient_id=patient(5), enrollment_id=enrollment(5), attendance_id=attendance(5)),
    )
    decided = PLANNED.when(command, EVENING, EVERYONE)
    decided.then(
        began(), came(1), claimed(1), came(3, "09:12"), claimed(3), came(4), claimed(4),
        came(5, cause="walk_in"), claimed(5), absent(2, excused=True, cause="ill"),
        gone(3, "10:10"), Release(*presence(3)),
    )
    decided.after.when(command, EVENING, EVERYONE).nothing_happened()


def test_taking_the_roster_keeps_what_the_front_desk_entered() -> None:
    """Who is checked in already, gone or absent stays so; a late arrival corrects an absence."""
    there = given(AGGREGATE, a_plan(), *(expected(one) for one in (1, 2, 3)), came(1, "08:55"), absent(2), began())
    late = ArrivedLate(attendance_id=attendance(2), arrived_at=at("09:15"))
    decided = there.when(roster(late), EVENING, EVERYONE)
    decided.then(came(2, "09:15"), claimed(2), came(3), claimed(3))


def test_exceptions_that_exclude_each_other_are_refused() -> None:
    """Absent and late, or late twice, cannot both be; an attendance that nobody has is none."""
    away = Absent(exception="absent", attendance_id=attendance(1))
    late = ArrivedLate(attendance_id=attendance(1), arrived_at=at("09:12"))
    PLANNED.when(roster(away, late), EVENING, EVERYONE).refuses(ContradictoryExceptions)
    PLANNED.when(roster(late, late), EVENING, EVERYONE).refuses(ContradictoryExceptions)
    stranger = LeftEarly(attendance_id=attendance(9), left_at=at("10:00"))
    PLANNED.when(roster(stranger), EVENING, EVERYONE).refuses(NotOnRoster)


def test_several_who_come_from_one_other_session_leave_it_in_one_decision() -> None:
    """The other session is one stream: its departures are appended together."""
    there = Seen(id=OTHER, version=3, state=folded(AGGREGATE, a_plan(), came(1, "08:00"), came(2, "08:00")))
    seen = EVERYONE | {f"present:{patient(1)}": there, f"present:{patient(2)}": there}
    decided = given(AGGREGATE, a_plan(), expected(1), expected(2)).when(roster(), EVENING, seen)
    out = tuple(
        one for number in (1, 2)
        for one in (gone(number, "09:00", "checked_in_elsewhere"), Release(*presence(number)))
    )
    decided.then(
        Elsewhere(f"present:{patient(1)}", out), began(), came(1), claimed(1), came(2), claimed(2),
    )


def test_a_roster_is_decided_after_looking_at_every_episode_and_presence() -> None:
    """Each expected patient's own enrollment and whereabouts, and those of the walk-ins."""
    walk_in = WalkedIn(exception="make_up", patient_id=patient(5), enrollment_id=enrollment(5),
                       attendance_id=attendance(5))
    looks = AGGREGATE.consult(folded(AGGREGATE, a_plan(), expected(1)), roster(walk_in))
    assert looks == {
        f"enrollment:{enrollment(1)}": Stream("enrollment", enrollment(1)),
        f"present:{patient(1)}": Stream("session", holder_of=presence(1)),
        f"enrollment:{enrollment(5)}": Stream("enrollment", enrollment(5)),
        f"present:{patient(5)}": Stream("session", holder_of=presence(5)),
    }


def test_every_command_names_what_it_looks_at() -> None:
    """Plans look at program, group, facilitators and episodes; arrivals at the roster's own episode."""
    planned = folded(AGGREGATE, a_plan(), expected(1))
    assert set(AGGREGATE.consult(AGGREGATE.initial, to_schedule(1))) == set(the_house(1))
    assert set(AGGREGATE.consult(AGGREGATE.initial, to_schedule(group_id=None))) == set(the_house()) - {"group"}
    assert set(AGGREGATE.consult(planned, to_expect(2))) == {f"enrollment:{enrollment(2)}"}
    assert AGGREGATE.consult(planned, to_move()) == {}
    assert set(AGGREGATE.consult(planned, to_check_in(1, enrollment_id=None))) == {
        f"enrollment:{enrollment(1)}", f"present:{patient(1)}",
    }
    assert AGGREGATE.consult(AGGREGATE.initial, to_check_in(1, enrollment_id=None)) == {}
    assert AGGREGATE.consult(AGGREGATE.initial, roster()) == {}


def test_a_patients_fact_concerns_that_patient_and_a_sessions_fact_the_roster() -> None:
    """Each under its attendance id; who was taken off the roster is no longer concerned."""
    off = PatientNotExpected(attendance_id=attendance(2), cause="transferred_group")
    state = folded(AGGREGATE, a_plan(), expected(1), expected(2), came(3), off)
    concerned = AGGREGATE.patients(state, began(), {})
    assert concerned == ((patient(1), attendance(1)), (patient(3), attendance(3)))
    assert AGGREGATE.patients(state, off, {}) == ((patient(2), attendance(2)),)
    assert AGGREGATE.patients(state, gone(3, "10:00"), {}) == ((patient(3), attendance(3)),)
    assert AGGREGATE.patients(AGGREGATE.initial, began(), {}) == ()


def test_any_prefix_of_a_session_folds() -> None:
    """No fact raises, wherever the stream is cut; facts that do not fit the phase change nothing."""
    pause = BreakTaken(interval=Interval(start=at("09:45"), stop=at("09:55")))
    every_prefix_folds(AGGREGATE, a_plan(), expected(1), expected(2), pause, gone(9, "10:00"), began(), came(1), pause,
                       gone(1, "10:00"), absent(2), SessionCancelled(service_date=MONDAY, cause="weather"))
    every_prefix_folds(AGGREGATE, came(1), began(), a_plan())


def test_only_its_own_commands_are_decided() -> None:
    """A foreign command is a programming error, not a refusal."""
    with pytest.raises(TypeError, match="not a command"):
        AGGREGATE.decide(AGGREGATE.initial, object(), an_act(), {})
