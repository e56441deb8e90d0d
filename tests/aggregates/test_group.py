"""A group: its seats, its week, who leads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from aggregates.clinician.decide import UnknownClinician
from aggregates.days import PeriodRunsBackwards
from aggregates.enrollment.refusals import UnknownEnrollment
from aggregates.episode import EnrollmentOfAnother, ServiceAfterDischarge, ServiceBeforeReferral
from aggregates.group import AGGREGATE
from aggregates.group.commands import (
    AssignFacilitator,
    ChangeSeries,
    FormGroup,
    RosterPatient,
    ScheduleSeries,
    SubstituteFacilitator,
    UnrosterPatient,
)
from aggregates.group.decide import (
    GroupAlreadyFormed,
    GroupFull,
    NotFacilitating,
    NotOnGroupRoster,
    PlacesOverlap,
    SeriesAlreadyScheduled,
    SeriesChangedBefore,
    SeriesHasNoWeekdays,
    SubstituteForOneself,
    UnknownGroup,
    UnknownSeries,
)
from aggregates.group.facts import (
    FacilitatorAssigned,
    FacilitatorSubstituted,
    GroupFormed,
    PatientRostered,
    PatientUnrostered,
    SeriesChanged,
    SeriesScheduled,
)
from aggregates.kit import Seen
from aggregates.program.decide import UnknownProgram
from tests.aggregates.clinic import (
    GROUP,
    MONDAY,
    PROGRAM,
    anything,
    enrollment,
    episode,
    episodes,
    nobody,
    patient,
)
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, folded, given

ANN, BEA, CAL = (an_id("clinician", number) for number in (1, 2, 3))
SERIES = an_id("series")
KNOWN = {"clinician": anything(ANN)}


def formed(capacity: int = 2) -> GroupFormed:
    """A small group of the program."""
    return GroupFormed(program_id=PROGRAM, topic="distress_tolerance", service_kind="group", capacity=capacity,
                       modality="in_person", formed_on="2026-01-05")


def rostered(number: int, first: str = "2026-02-02", last: str | None = None, **changes: Any) -> PatientRostered:
    """A patient's place."""
    fields: dict[str, Any] = {
        "patient_id": patient(number), "enrollment_id": enrollment(number), "effective_from": first,
        "effective_through": last, "cause": "assigned", "over_capacity": False,
    }
    return PatientRostered(**(fields | changes))


def to_roster(number: int, first: str = "2026-02-02", last: str | None = None, **changes: Any) -> RosterPatient:
    """The command for a place."""
    fields: dict[str, Any] = {
        "group_id": GROUP, "patient_id": patient(number), "enrollment_id": enrollment(number),
        "effective_from": first, "effective_through": last,
    }
    return RosterPatient(**(fields | changes))


def test_a_group_is_formed_once_in_a_known_program() -> None:
    """The same again is nothing; another under its id is refused, and so is an unknown program."""
    command = FormGroup(group_id=GROUP, program_id=PROGRAM, topic="distress_tolerance", capacity=2,
                        formed_on="2026-01-05")
    decided = given(AGGREGATE).when(command, seen={"program": anything(PROGRAM)}).then(formed()).never_twice()
    assert decided.state.program_id == PROGRAM
    given(AGGREGATE, formed(3)).when(command).refuses(GroupAlreadyFormed)
    given(AGGREGATE).when(command, seen={"program": nobody(PROGRAM)}).refuses(UnknownProgram)


def test_a_patient_gets_a_place_once() -> None:
    """Who has a place already has it, also for one of its days."""
    given(AGGREGATE, formed()).when(to_roster(1), seen=episodes(1)).then(rostered(1)).never_twice()
    there = given(AGGREGATE, formed(), rostered(1))
    there.when(to_roster(1, MONDAY, cause="make_up"), seen=episodes(1)).nothing_happened()


def test_places_of_one_patient_do_not_overlap() -> None:
    """A longer place over a shorter one is refused; one after its end is another place."""
    visit = given(AGGREGATE, formed(), rostered(1, MONDAY, MONDAY, cause="walk_in"))
    visit.when(to_roster(1), seen=episodes(1)).refuses(PlacesOverlap)
    visit.when(to_roster(1, MONDAY), seen=episodes(1)).refuses(PlacesOverlap)
    visit.when(to_roster(1, MONDAY, "2026-03-09"), seen=episodes(1)).refuses(PlacesOverlap)
    visit.when(to_roster(1, "2026-03-03"), seen=episodes(1)).then(rostered(1, "2026-03-03"))


FULL = given(AGGREGATE, formed(), rostered(1), rostered(2))


def test_a_full_group_refuses_one_more_without_a_reason() -> None:
    """With a reason it is recorded as over the capacity, and why."""
    FULL.when(to_roster(3), seen=episodes(3)).refuses(GroupFull)
    FULL.when(to_roster(3, reason="only_spanish_speaking_group"), seen=episodes(3)).then(
        rostered(3, over_capacity=True, reason="only_spanish_speaking_group"),
    )


@pytest.mark.parametrize("cause", ["walk_in", "make_up"])
def test_nobody_at_the_door_is_turned_away(cause: Any) -> None:
    """A walk-in or make-up takes a seat for its day, over the capacity if need be."""
    FULL.when(to_roster(3, MONDAY, cause=cause), seen=episodes(3)).then(
        rostered(3, MONDAY, MONDAY, cause=cause, over_capacity=True),
    )


def test_seats_are_counted_on_every_day_of_the_place() -> None:
    """Full in March only: a place through February is free, an open one is not; a seat given up is free again."""
    march = given(AGGREGATE, formed(), rostered(1, "2026-03-01"), rostered(2, "2026-03-01"))
    march.when(to_roster(3, last="2026-02-28"), seen=episodes(3)).then(rostered(3, last="2026-02-28"))
    assert "2026-03-01" in march.when(to_roster(3), seen=episodes(3)).refuses(GroupFull)
    left = PatientUnrostered(patient_id=patient(2), effective_from="2026-03-16", cause="discharged")
    march.when(to_roster(3, "2026-03-16"), seen=episodes(3)).refuses(GroupFull)
    given(AGGREGATE, *march.facts, left).when(to_roster(3, "2026-03-16"), seen=episodes(3)).then(
        rostered(3, "2026-03-16"),
    )


@pytest.mark.parametrize(
    ("seen", "changes", "rule"),
    [
        ({}, {}, UnknownEnrollment),
        ({f"enrollment:{enrollment(1)}": episode(2)}, {}, EnrollmentOfAnother),
        ({f"enrollment:{enrollment(1)}": episode(1, discharged_on="2026-02-01")}, {}, ServiceAfterDischarge),
        (episodes(1), {"effective_from": "2026-01-25"}, ServiceBeforeReferral),
        (episodes(1), {"effective_through": "2026-02-01"}, PeriodRunsBackwards),
    ],
)
def test_a_place_needs_an_open_episode_of_that_patient(seen: dict[str, Seen], changes: Any, rule: Any) -> None:
    """Known, the patient's own, and not over; and the place has a day at least."""
    given(AGGREGATE, formed()).when(to_roster(1, **changes), seen=seen).refuses(rule)


def test_a_place_ends_on_the_day_before() -> None:
    """`effective_from` is the first day without it; a place that had not begun is gone altogether."""
    end = UnrosterPatient(group_id=GROUP, patient_id=patient(1), effective_from=MONDAY, cause="discharged")
    fact = PatientUnrostered(patient_id=patient(1), effective_from=MONDAY, cause="discharged")
    decided = given(AGGREGATE, formed(), rostered(1), rostered(2)).when(end).then(fact).never_twice()
    assert [one.patient_id for one in decided.state.roster_on("2026-03-01")] == [patient(1), patient(2)]
    assert [one.patient_id for one in decided.state.roster_on(MONDAY)] == [patient(2)]
    assert folded(AGGREGATE, formed(), rostered(1, "2026-04-01"), fact).places == ()
    given(AGGREGATE, formed()).when(end).refuses(NotOnGroupRoster)


def to_schedule(**changes: Any) -> ScheduleSeries:
    """The command for a weekly template."""
    fields: dict[str, Any] = {
        "group_id": GROUP, "series_id": SERIES, "weekdays": (1, 3, 5), "starts": "09:00", "minutes": 90,
        "effective_from": "2026-01-05",
    }
    return ScheduleSeries(**(fields | changes))


def to_change(**changes: Any) -> ChangeSeries:
    """The command that changes it in March."""
    fields: dict[str, Any] = {
        "group_id": GROUP, "series_id": SERIES, "weekdays": (2,), "starts": "13:00", "minutes": 60,
        "effective_from": MONDAY, "effective_through": "2026-06-30", "cause": "room_unavailable",
    }
    return ChangeSeries(**(fields | changes))


SCHEDULED = SeriesScheduled(series_id=SERIES, weekdays=(1, 3, 5), starts="09:00", minutes=90,
                            effective_from="2026-01-05")
CHANGED = SeriesChanged(series_id=SERIES, weekdays=(2,), starts="13:00", minutes=60, effective_from=MONDAY,
                        effective_through="2026-06-30", cause="room_unavailable")


def test_a_weekly_template_holds_until_it_changes() -> None:
    """Each from its own date; both commands are once."""
    first = given(AGGREGATE, formed()).when(to_schedule()).then(SCHEDULED).never_twice()
    state = first.after.when(to_change()).then(CHANGED).never_twice().state
    assert state.templates == (SCHEDULED, CHANGED)


def test_a_series_is_changed_forwards() -> None:
    """What is scheduled is changed, not scheduled again; a change comes no earlier than the last."""
    there = given(AGGREGATE, formed(), SCHEDULED)
    there.when(to_schedule(minutes=60)).refuses(SeriesAlreadyScheduled)
    there.when(to_change(effective_from="2026-01-04")).refuses(SeriesChangedBefore)
    given(AGGREGATE, formed()).when(to_change()).refuses(UnknownSeries)


@pytest.mark.parametrize("weekdays", [(), (1, 1)])
def test_a_series_has_weekdays(weekdays: tuple[int, ...]) -> None:
    """At least one, each once."""
    given(AGGREGATE, formed()).when(to_schedule(weekdays=weekdays)).refuses(SeriesHasNoWeekdays)
    given(AGGREGATE, formed(), SCHEDULED).when(to_change(weekdays=weekdays)).refuses(SeriesHasNoWeekdays)


def assigned(clinician_id: str, first: str) -> FacilitatorAssigned:
    """Who leads from when."""
    return FacilitatorAssigned(clinician_id=clinician_id, effective_from=first)


LED = given(AGGREGATE, formed(), assigned(ANN, "2026-01-05"), assigned(BEA, "2026-01-05"))


def test_facilitators_lead_together_or_hand_over() -> None:
    """From one date together; a later assignment hands the group over from its date."""
    command = AssignFacilitator(group_id=GROUP, clinician_id=CAL, effective_from=MONDAY)
    decided = LED.when(command, seen=KNOWN).then(assigned(CAL, MONDAY)).never_twice()
    assert decided.state.facilitators_on("2026-01-04") == ()
    assert decided.state.facilitators_on("2026-03-01") == (ANN, BEA)
    assert decided.state.facilitators_on(MONDAY) == (CAL,)
    LED.when(command, seen={"clinician": nobody(CAL)}).refuses(UnknownClinician)


def to_substitute(clinician_id: str = CAL, in_place_of: str = BEA) -> SubstituteFacilitator:
    """The command for a substitute on Monday."""
    return SubstituteFacilitator(group_id=GROUP, clinician_id=clinician_id, in_place_of=in_place_of, on=MONDAY,
                                 cause="facilitator_ill")


def test_a_substitute_stands_in_for_one_day() -> None:
    """On that day only, in the place of who leads."""
    fact = FacilitatorSubstituted(clinician_id=CAL, in_place_of=BEA, on=MONDAY, cause="facilitator_ill")
    decided = LED.when(to_substitute(), seen=KNOWN).then(fact).never_twice()
    assert decided.state.facilitators_on(MONDAY) == (ANN, CAL)
    assert decided.state.facilitators_on("2026-03-03") == (ANN, BEA)
    LED.when(to_substitute(BEA, BEA), seen=KNOWN).refuses(SubstituteForOneself)
    LED.when(to_substitute(BEA, CAL), seen=KNOWN).refuses(NotFacilitating)
    LED.when(to_substitute(), seen={"clinician": nobody(CAL)}).refuses(UnknownClinician)


@pytest.mark.parametrize(
    "command",
    [to_schedule(), to_change(), to_roster(1), to_substitute(),
     AssignFacilitator(group_id=GROUP, clinician_id=ANN, effective_from=MONDAY),
     UnrosterPatient(group_id=GROUP, patient_id=patient(1), effective_from=MONDAY, cause="moved")],
)
def test_a_group_is_formed_first(command: Any) -> None:
    """Every other command refuses an unknown group."""
    given(AGGREGATE).when(command, seen=KNOWN | episodes(1)).refuses(UnknownGroup)


def test_only_places_concern_a_patient() -> None:
    """A place belongs in its patient's history; templates and facilitators in nobody's."""
    state = folded(AGGREGATE, formed(), rostered(1))
    assert AGGREGATE.patients(state, rostered(1), {}) == ((patient(1), None),)
    assert AGGREGATE.patients(state, SCHEDULED, {}) == ()


def test_a_group_looks_at_what_a_command_names() -> None:
    """The program, the enrollment or the clinician."""
    looks = [set(AGGREGATE.consult(AGGREGATE.initial, one)) for one in (to_roster(1), to_substitute(), to_schedule())]
    assert looks == [{f"enrollment:{enrollment(1)}"}, {"clinician"}, set()]
    form = FormGroup(group_id=GROUP, program_id=PROGRAM, topic="grief", capacity=8, formed_on=MONDAY)
    assert set(AGGREGATE.consult(AGGREGATE.initial, form)) == {"program"}


def test_only_its_own_commands_are_decided() -> None:
    """A foreign command is a programming error, not a refusal."""
    with pytest.raises(TypeError, match="not a command"):
        AGGREGATE.decide(AGGREGATE.initial, object(), an_act(), {})


def test_any_prefix_of_a_group_folds() -> None:
    """Also facts that come before the group."""
    left = PatientUnrostered(patient_id=patient(1), effective_from=MONDAY, cause="moved")
    every_prefix_folds(AGGREGATE, rostered(1), formed(), SCHEDULED, rostered(1), CHANGED, left, assigned(ANN, MONDAY))


PLACES = st.lists(st.tuples(st.integers(1, 28), st.integers(0, 27), st.booleans()), max_size=8)


@with_any(PLACES, st.integers(1, 3))
def test_assigned_patients_never_exceed_the_seats(places: list[tuple[int, int, bool]], capacity: int) -> None:
    """Whoever asks for whichever days: without walk-ins and reasons no day holds more than the seats."""
    past: list[Any] = [formed(capacity)]
    for number, (first, length, is_open) in enumerate(places, start=1):
        last = None if is_open else f"2026-02-{min(28, first + length):02d}"
        asked = given(AGGREGATE, *past).when(to_roster(number, f"2026-02-{first:02d}", last), seen=episodes(number))
        past += asked.facts
        assert asked.refusal is None or isinstance(asked.refusal, GroupFull)
    state = folded(AGGREGATE, *past)
    assert all(len(state.roster_on(f"2026-02-{day:02d}")) <= capacity for day in range(1, 29))
