"""A program's rules: one opening, one identity a day, a schedule that its level of care needs, closures apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.days import PeriodRunsBackwards
from aggregates.kit import Claim
from aggregates.program import AGGREGATE
from aggregates.program import commands as ask
from aggregates.program import decide as rules
from aggregates.program import facts as past
from aggregates.program.state import Program
from tests.aggregates.scenario import an_id, every_prefix_folds, folded, given

PROGRAM = an_id("program")
PAYER = an_id("payer")
NPI = "1234567893"  # the example of the NPI standard's own check-digit paper
IDENTITY = past.ProviderIdentity(
    legal_name="Harbor Care, LLC", tax_id="98-7654321", address="12 Wharf Street", city="Albany", state="NY",
    postal_code="12207",
)


def opening(**changes: Any) -> ask.OpenProgram:
    """Opens an adult intensive outpatient program on 2 January 2024."""
    fields: dict[str, Any] = {
        "program_id": PROGRAM, "code": "adult-mh", "name": "Harbor Adult", "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "population": "adult", "time_zone": "America/New_York", "opened_on": "2024-01-02",
    }
    return ask.OpenProgram(**(fields | changes))


def opened(**changes: Any) -> past.ProgramOpened:
    """The fact of that opening."""
    fields: dict[str, Any] = {
        "program_id": PROGRAM, "code": "adult-mh", "level_of_care": "intensive_outpatient", "focus": "mental_health",
        "population": "adult", "time_zone": "America/New_York", "opened_on": "2024-01-02",
        "sealed": past.ProgramName(name="Harbor Adult"),
    }
    return past.ProgramOpened(**(fields | changes))


def identity_from(day: str, **changes: Any) -> ask.RecordProviderIdentity:
    """States the billing identity from a day on."""
    fields: dict[str, Any] = {"npi": NPI, "taxonomy": "261QM0801X", "identity": IDENTITY}
    return ask.RecordProviderIdentity(program_id=PROGRAM, effective_from=day, **(fields | changes))


def schedule(weekdays: tuple[int, ...], daily_minutes: int, **changes: Any) -> ask.AdoptSchedule:
    """Adopts a week from the opening day on."""
    fields: dict[str, Any] = {"effective_from": "2024-01-02"}
    return ask.AdoptSchedule(
        program_id=PROGRAM, weekdays=weekdays, daily_minutes=daily_minutes, **(fields | changes)
    )


def enrolled(first: str, last: str | None = None, payer: str = PAYER) -> past.PayerEnrollmentRecorded:
    """A period of enrollment with a payer."""
    return past.PayerEnrollmentRecorded(payer_id=payer, effective_from=first, effective_through=last)


def enroll(first: str, last: str | None = None, payer: str = PAYER) -> ask.RecordPayerEnrollment:
    """Records such a period."""
    return ask.RecordPayerEnrollment(
        program_id=PROGRAM, payer_id=payer, effective_from=first, effective_through=last
    )


def closure(first: str, last: str) -> ask.DeclareClosure:
    """Declares a closure."""
    return ask.DeclareClosure(program_id=PROGRAM, closed_from=first, closed_through=last, cause="weather")


CLOSED = past.ProgramClosed(closed_on="2026-06-30")
STORM = past.ClosureDeclared(closed_from="2026-01-26", closed_through="2026-01-27", cause="weather")


def test_opening_records_the_program_and_claims_its_code() -> None:
    """The code is unique among programs, so it is claimed in the same append."""
    claim = Claim("program_code", "adult-mh", held=rules.ProgramCodeTaken)
    given(AGGREGATE).when(opening()).then(opened(), claim).once()


def test_opening_again_is_already_so_or_refused() -> None:
    """The same opening does nothing; another under the same id is a mistake."""
    given(AGGREGATE, opened()).when(opening()).nothing_happened()
    message = given(AGGREGATE, opened()).when(opening(name="Other")).refuses(rules.ProgramAlreadyOpened)
    assert "2024-01-02" in message


def test_a_time_zone_has_to_exist() -> None:
    """Days and weeks are read in the program's zone, so a misspelled one is refused at once."""
    given(AGGREGATE).when(opening(time_zone="America/Gotham")).refuses(rules.TimeZoneUnknown)
    given(AGGREGATE).when(opening(time_zone="America")).refuses(rules.TimeZoneUnknown)


@pytest.mark.parametrize(
    "command",
    [identity_from("2024-01-02"), enroll("2024-01-02"), schedule((1, 2, 3), 180), closure("2024-02-01", "2024-02-01"),
     ask.CloseProgram(program_id=PROGRAM, closed_on="2026-06-30")],
)
def test_nothing_happens_to_a_program_that_was_never_opened(command: object) -> None:
    """Every other command names the unknown id."""
    assert PROGRAM in given(AGGREGATE).when(command).refuses(rules.UnknownProgram)


def submitter_from(day: str, submitter_id: str = "HARBOR01") -> ask.RecordSubmitter:
    """States the submitter of claim files from a day on."""
    return ask.RecordSubmitter(
        program_id=PROGRAM, effective_from=day, submitter_id=submitter_id, contact_name="Billing Office",
        contact_phone="518-555-0142",
    )


def test_claim_files_have_one_submitter_a_day() -> None:
    """Its contact is sealed; the last claims of a closed program still leave under one."""
    scene = given(AGGREGATE, opened()).when(submitter_from("2024-01-02"))
    contact = past.SubmitterContact(name="Billing Office", phone="518-555-0142")
    scene.then(past.SubmitterRecorded(effective_from="2024-01-02", submitter_id="HARBOR01", sealed=contact)).once()
    scene.after.when(submitter_from("2024-01-02", "HARBOR02")).refuses(rules.SubmitterFromSameDay)
    closed = scene.after.when(ask.CloseProgram(program_id=PROGRAM, closed_on="2026-06-30")).after
    state = closed.when(submitter_from("2026-07-01", "HARBOR02")).state
    assert state.submitter_on("2024-01-01") is None
    assert state.submitter_on("2026-06-30").submitter_id == "HARBOR01"
    assert state.submitter_on("2026-07-01").submitter_id == "HARBOR02"


def test_a_department_has_one_campus_a_day() -> None:
    """Older than the program if need be, another one from its own first day, and none after the program's last."""
    scene = given(AGGREGATE, opened()).when(campus_from("2015-01-01"))
    scene.then(past.CampusRecorded(effective_from="2015-01-01", campus="off_campus_excepted")).once()
    scene.after.when(campus_from("2015-01-01", "on_campus")).refuses(rules.CampusFromSameDay)
    moved = scene.after.when(campus_from("2026-04-01", "off_campus_not_excepted")).once()
    assert [one.campus for one in moved.state.campuses] == ["off_campus_excepted", "off_campus_not_excepted"]
    given(AGGREGATE, opened(), CLOSED).when(campus_from("2026-07-01")).refuses(rules.ProgramIsClosed)


def campus_from(day: str, campus: Any = "off_campus_excepted") -> ask.RecordCampus:
    """States where the hospital's department lies from a day on."""
    return ask.RecordCampus(program_id=PROGRAM, effective_from=day, campus=campus)


@pytest.mark.parametrize("wrong", ["A", "harbor01", "HARBOR 01", "SIXTEENCHARACTER", "A*1", "A:1"])
def test_a_submitter_id_fits_the_envelope(wrong: str) -> None:
    """Two to fifteen capitals and digits: what the interchange header has room for."""
    with pytest.raises(ValueError, match="submitter_id"):
        submitter_from("2024-01-02", wrong)


def test_an_identity_may_be_older_than_the_program() -> None:
    """The company existed before it opened this program."""
    given(AGGREGATE, opened()).when(identity_from("2020-01-01")).then(
        past.ProviderIdentityRecorded(effective_from="2020-01-01", npi=NPI, taxonomy="261QM0801X", sealed=IDENTITY)
    ).once()


def test_two_identities_never_start_on_one_day() -> None:
    """Each service day bills under exactly one identity."""
    scene = given(AGGREGATE, opened()).when(identity_from("2024-01-02")).after
    scene.when(identity_from("2024-01-02", ccn="330001")).refuses(rules.IdentityFromSameDay)
    state = scene.when(identity_from("2025-01-01", ccn="330001")).state
    assert state.identity_on("2024-12-31").ccn is None
    assert state.identity_on("2025-01-01").ccn == "330001"
    assert state.identity_on("2023-12-31") is None


def test_payer_enrollments_do_not_overlap_but_may_be_ended() -> None:
    """The same first day again changes the last day; another payer is another matter."""
    scene = given(AGGREGATE, opened(), enrolled("2024-02-01"))
    scene.when(enroll("2024-02-01")).nothing_happened()
    scene.when(enroll("2025-01-01")).refuses(rules.PayerEnrollmentsOverlap)
    scene.when(enroll("2025-01-01", payer=an_id("payer", 2))).then(enrolled("2025-01-01", payer=an_id("payer", 2)))
    ended = scene.when(enroll("2024-02-01", "2024-12-31")).then(enrolled("2024-02-01", "2024-12-31")).after
    ended.when(enroll("2025-01-01")).then(enrolled("2025-01-01")).once()


def test_an_enrollment_does_not_end_before_it_starts() -> None:
    """A period runs forwards."""
    given(AGGREGATE, opened()).when(enroll("2024-02-01", "2024-01-31")).refuses(PeriodRunsBackwards)


@pytest.mark.parametrize(
    ("level_of_care", "population", "weekdays", "daily_minutes"),
    [
        ("intensive_outpatient", "adult", (1, 3, 5), 180),  # ASAM 2.1: nine hours a week
        ("intensive_outpatient", "adolescent", (1, 3), 180),  # ASAM 2.1: six hours for adolescents
        ("partial_hospitalization", "adult", (1, 2, 3, 4, 5), 240),  # twenty hours
        ("outpatient", "adult", (2,), 50),
    ],
)
def test_a_schedule_that_just_offers_the_hours_of_its_level_is_adopted(
    level_of_care: str, population: str, weekdays: tuple[int, ...], daily_minutes: int
) -> None:
    """The published hours are enough; one minute less needs a reason, except where no hours are asked."""
    scene = given(AGGREGATE, opened(level_of_care=level_of_care, population=population))
    scene.when(schedule(weekdays, daily_minutes)).then(
        past.ScheduleAdopted(effective_from="2024-01-02", weekdays=weekdays, daily_minutes=daily_minutes)
    ).once()
    short = scene.when(schedule(weekdays, daily_minutes - 1))
    if level_of_care == "outpatient":
        assert short.refusal is None
    else:
        short.refuses(rules.ScheduleTooShort)


def test_two_long_days_are_not_three() -> None:
    """An adult program of nine hours still needs three days a week, unless it says why not."""
    scene = given(AGGREGATE, opened())
    message = scene.when(schedule((1, 3), 270)).refuses(rules.ScheduleTooShort)
    assert "540 minutes on 3 days" in message
    decided = scene.when(schedule((1, 3), 270, shortfall_reason="staff_shortage"))
    assert decided.facts[0].shortfall_reason == "staff_shortage"


def test_a_schedule_lists_each_weekday_once_and_keeps_them_in_order() -> None:
    """None, or one twice, is a mistake; the order of typing does not matter."""
    scene = given(AGGREGATE, opened())
    scene.when(schedule((), 180)).refuses(rules.ScheduleHasNoDays)
    scene.when(schedule((1, 1, 3), 300)).refuses(rules.ScheduleHasNoDays)
    assert scene.when(schedule((5, 1, 3), 180)).facts[0].weekdays == (1, 3, 5)


def test_schedules_follow_each_other() -> None:
    """Two schedules never start on one day, and none before the program opened."""
    scene = given(AGGREGATE, opened()).when(schedule((1, 3, 5), 180)).after
    scene.when(schedule((1, 2, 3), 180)).refuses(rules.ScheduleFromSameDay)
    scene.when(schedule((1, 2, 3), 180, effective_from="2024-01-01")).refuses(rules.BeforeProgramOpened)
    state = scene.when(schedule((1, 2, 3), 180, effective_from="2025-01-06")).state
    assert [one.weekdays for one in state.schedules] == [(1, 3, 5), (1, 2, 3)]


def test_closures_do_not_overlap() -> None:
    """A day is closed for one cause; the days around it may be declared."""
    scene = given(AGGREGATE, opened(), STORM)
    scene.when(closure("2026-01-27", "2026-01-28")).refuses(rules.ClosuresOverlap)
    scene.when(closure("2026-01-28", "2026-01-27")).refuses(PeriodRunsBackwards)
    scene.when(closure("2023-12-31", "2024-01-02")).refuses(rules.BeforeProgramOpened)
    scene.when(closure("2026-01-26", "2026-01-27")).nothing_happened()
    scene.when(closure("2026-01-28", "2026-01-28")).then(
        past.ClosureDeclared(closed_from="2026-01-28", closed_through="2026-01-28", cause="weather")
    ).once()


def test_the_last_day_is_set_once_and_not_before_the_first() -> None:
    """Closing is a decision about one day."""
    scene = given(AGGREGATE, opened())
    scene.when(ask.CloseProgram(program_id=PROGRAM, closed_on="2024-01-01")).refuses(rules.BeforeProgramOpened)
    scene = scene.when(ask.CloseProgram(program_id=PROGRAM, closed_on="2026-06-30")).then(CLOSED).once().after
    scene.when(ask.CloseProgram(program_id=PROGRAM, closed_on="2026-07-01")).refuses(rules.ProgramIsClosed)


@pytest.mark.parametrize(
    "command",
    [identity_from("2026-07-01"), enroll("2026-07-01"), schedule((1, 3, 5), 180, effective_from="2026-07-01"),
     closure("2026-07-01", "2026-07-02")],
)
def test_nothing_starts_after_the_last_day(command: object) -> None:
    """What starts later belongs to another program."""
    assert "2026-06-30" in given(AGGREGATE, opened(), CLOSED).when(command).refuses(rules.ProgramIsClosed)


@pytest.mark.parametrize(
    "command",
    [identity_from("2026-06-30"), enroll("2026-06-30"), schedule((1, 3, 5), 180, effective_from="2026-06-29"),
     closure("2026-06-30", "2026-06-30")],
)
def test_what_was_true_before_the_last_day_may_be_recorded_late(command: object) -> None:
    """Closing the doors does not close the books."""
    assert len(given(AGGREGATE, opened(), CLOSED).when(command).once().facts) == 1


def test_a_program_is_open_between_its_days_except_when_closed() -> None:
    """The first and last day belong to it; a declared closure does not."""
    state = folded(AGGREGATE, opened(), STORM, CLOSED)
    assert isinstance(state, Program)
    days = ["2024-01-01", "2024-01-02", "2026-01-25", "2026-01-26", "2026-01-27", "2026-01-28", "2026-06-30",
            "2026-07-01"]
    assert [state.open_on(day) for day in days] == [False, True, True, False, False, True, True, False]
    assert (state.program_id, state.time_zone) == (PROGRAM, "America/New_York")


FACTS = [
    opened(), STORM, CLOSED, enrolled("2024-02-01"), enrolled("2024-02-01", "2024-12-31"),
    past.ScheduleAdopted(effective_from="2024-01-02", weekdays=(1, 3, 5), daily_minutes=180),
    past.ProviderIdentityRecorded(effective_from="2024-01-02", npi=NPI, taxonomy="261QM0801X", sealed=IDENTITY),
]


@for_all(st.lists(st.sampled_from(FACTS), max_size=12))
def test_folding_never_raises(facts: list[object]) -> None:
    """Any facts in any order fold; judging them is not the fold's business."""
    every_prefix_folds(AGGREGATE, *facts)


@for_all(
    st.lists(st.integers(1, 7), max_size=8), st.integers(0, 1440),
    st.sampled_from(["outpatient", "intensive_outpatient", "partial_hospitalization", "inpatient"]),
    st.sampled_from(["adult", "adolescent"]),
)
def test_a_schedule_is_adopted_exactly_when_it_offers_the_hours(
    weekdays: list[int], daily_minutes: int, level_of_care: str, population: str
) -> None:
    """For any week: hours and days as published, or a named refusal; repeated, nothing more."""
    decided = given(AGGREGATE, opened(level_of_care=level_of_care, population=population)).when(
        schedule(tuple(weekdays), daily_minutes)
    )
    hours = {"intensive_outpatient": 9 if population == "adult" else 6, "partial_hospitalization": 20}
    enough = len(weekdays) * daily_minutes >= 60 * hours.get(level_of_care, 0)
    days = 3 if (level_of_care, population) == ("intensive_outpatient", "adult") else 1
    proper = len(weekdays) == len(set(weekdays)) >= days
    assert (decided.refusal is None) == (enough and proper)
    decided.never_twice()


def charges(*given_charges: past.Charge, day: str = "2026-01-01") -> ask.AdoptFeeSchedule:
    """Sets charges from a day on."""
    return ask.AdoptFeeSchedule(program_id=PROGRAM, effective_from=day, charges=given_charges)


DAY_CHARGE = past.Charge(procedure_code="S9480", charge_cents=45_000)


def test_charges_hold_from_a_day_on_and_are_adopted_once() -> None:
    """The same list again is nothing new; another from the same day is refused."""
    adopted = past.FeeScheduleAdopted(effective_from="2026-01-01", charges=(DAY_CHARGE,))
    given(AGGREGATE, opened()).when(charges(DAY_CHARGE)).then(adopted).once()
    given(AGGREGATE, opened(), adopted).when(charges()).refuses(rules.FeeScheduleFromSameDay)
    later = past.FeeScheduleAdopted(effective_from="2027-01-01", charges=())
    given(AGGREGATE, opened(), adopted).when(charges(day="2027-01-01")).then(later)


@pytest.mark.parametrize(
    ("listed", "rule"),
    [
        ((past.Charge(charge_cents=1),), rules.ChargeOfNothing),
        ((past.Charge(procedure_code="S9480", revenue_code="0905", charge_cents=1),), rules.ChargeOfNothing),
        ((DAY_CHARGE, DAY_CHARGE), rules.ChargeTwice),
    ],
)
def test_a_fee_schedule_has_one_charge_for_each_code(
    listed: tuple[past.Charge, ...], rule: type[rules.Refusal]
) -> None:
    """A charge is for a procedure code or for a revenue code, and each code has one."""
    given(AGGREGATE, opened()).when(charges(*listed)).refuses(rule)
