"""A clinician's rules: employments, credentials as dated periods, supervision by somebody who may supervise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.clinician import AGGREGATE
from aggregates.clinician import commands as ask
from aggregates.clinician import decide as rules
from aggregates.clinician import facts as past
from aggregates.clinician.state import Clinician, NotJoined
from aggregates.days import PeriodRunsBackwards
from aggregates.decision import DateInTheFuture
from aggregates.kit import Seen, Stream
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, folded, given, seen_as

ADA, SUPERVISOR = an_id("clinician", 1), an_id("clinician", 2)
LICENSE, PAYER, PROGRAM = an_id("credential"), an_id("payer"), an_id("program")


def joining(**changes: Any) -> ask.JoinAsClinician:
    """Ada joins as an associate on 1 September 2025."""
    fields: dict[str, Any] = {
        "clinician_id": ADA, "programs": (PROGRAM,), "discipline": "social_work", "associate": True,
        "joined_on": "2025-09-01", "family_name": "Okafor", "given_name": "Ada",
    }
    return ask.JoinAsClinician(**(fields | changes))


def joined(**changes: Any) -> past.ClinicianJoined:
    """The fact of it."""
    fields: dict[str, Any] = {
        "programs": (PROGRAM,), "discipline": "social_work", "associate": True, "joined_on": "2025-09-01",
        "has_npi": False, "sealed": past.ClinicianIdentity(family_name="Okafor", given_name="Ada"),
    }
    return past.ClinicianJoined(**(fields | changes))


def record(first: str, last: str | None = None, **changes: Any) -> ask.RecordCredential:
    """Records a period of Ada's license."""
    fields: dict[str, Any] = {"credential_id": LICENSE, "title": "LMSW", "jurisdiction": "NY", "number": "104233"}
    return ask.RecordCredential(clinician_id=ADA, active_from=first, active_through=last, **(fields | changes))


def recorded(first: str, last: str | None = None, **changes: Any) -> past.CredentialRecorded:
    """The fact of it."""
    fields: dict[str, Any] = {
        "credential_id": LICENSE, "title": "LMSW", "jurisdiction": "NY",
        "sealed": past.CredentialNumber(number="104233"),
    }
    return past.CredentialRecorded(active_from=first, active_through=last, **(fields | changes))


def lapse(day: str, credential: str = LICENSE) -> ask.LapseCredential:
    """States that the license was not active from a day on."""
    return ask.LapseCredential(clinician_id=ADA, credential_id=credential, lapsed_on=day, cause="not_renewed")


def lapsed(day: str) -> past.CredentialLapsed:
    """The fact of it."""
    return past.CredentialLapsed(credential_id=LICENSE, lapsed_on=day, cause="not_renewed")


def accept(first: str, last: str | None = None) -> ask.RecordPayerCredentialing:
    """Records that a payer accepts Ada."""
    return ask.RecordPayerCredentialing(
        clinician_id=ADA, payer_id=PAYER, effective_from=first, effective_through=last
    )


def accepted(first: str, last: str | None = None) -> past.PayerCredentialingRecorded:
    """The fact of it."""
    return past.PayerCredentialingRecorded(payer_id=PAYER, effective_from=first, effective_through=last)


def assign(day: str, supervisor: str = SUPERVISOR) -> ask.AssignSupervisor:
    """Names Ada's supervisor from a day on."""
    return ask.AssignSupervisor(clinician_id=ADA, supervisor_id=supervisor, effective_from=day)


def assigned(day: str, supervisor: str = SUPERVISOR) -> past.SupervisorAssigned:
    """The fact of it."""
    return past.SupervisorAssigned(supervisor_id=supervisor, effective_from=day)


def seeing(*facts: object) -> dict[str, Seen]:
    """The supervisor's own record."""
    return {"supervisor": seen_as(AGGREGATE, SUPERVISOR, *facts)}


LICENSED = joined(associate=False, joined_on="2020-01-06")
LEFT = past.ClinicianLeft(left_on="2026-01-31")


def test_joining_records_who_came() -> None:
    """The names are sealed; that an NPI is known is not."""
    given(AGGREGATE).when(joining()).then(joined()).once()
    with_npi = given(AGGREGATE).when(joining(npi="1234567893")).facts[0]
    assert (with_npi.has_npi, with_npi.sealed.npi) == (True, "1234567893")


def test_joining_again_needs_a_last_day_in_between() -> None:
    """An employment ends before the next one starts; then the associate may come back licensed."""
    given(AGGREGATE, joined()).when(joining(associate=False)).refuses(rules.ClinicianAlreadyJoined)
    scene = given(AGGREGATE, joined(), LEFT)
    scene.when(joining()).nothing_happened()
    scene.when(joining(joined_on="2026-01-31")).refuses(rules.JoinsBeforeLeaving)
    state = scene.when(joining(joined_on="2026-02-01", associate=False)).once().state
    assert [state.is_associate_on(day) for day in ("2025-01-01", "2026-01-31", "2026-02-01")] == [True, True, False]
    assert [state.active_on(day) for day in ("2025-08-31", "2025-09-01", "2026-01-31", "2026-02-01")] == [
        False, True, True, True,
    ]


@pytest.mark.parametrize(
    "command",
    [record("2024-07-01"), lapse("2026-02-15"), accept("2025-11-01"), assign("2025-09-01"),
     ask.LeaveAsClinician(clinician_id=ADA, left_on="2026-01-31")],
)
def test_nothing_is_recorded_of_somebody_who_never_joined(command: object) -> None:
    """Every other command names the unknown id."""
    assert ADA in given(AGGREGATE).when(command, seen=seeing(LICENSED)).refuses(rules.UnknownClinician)


def test_a_credential_is_active_in_its_periods() -> None:
    """First and last day belong to it; a renewal is a further period of the same id."""
    scene = given(AGGREGATE, joined())
    first = scene.when(record("2024-07-01", "2025-06-30"))
    scene = first.then(recorded("2024-07-01", "2025-06-30")).once().after
    state = scene.when(record("2025-07-01")).then(recorded("2025-07-01")).state
    assert state.credential_on("2024-06-30") is None
    assert state.credential_on("2024-07-01") == state.credential_on("2025-06-30") == "LMSW"
    assert state.credential_on("2030-01-01") == "LMSW"


def test_a_later_credential_is_the_one_that_counts() -> None:
    """Of two that are active, the one that started last tells the title."""
    state = folded(
        AGGREGATE, joined(), recorded("2026-02-01", credential_id=an_id("credential", 2), title="LCSW"),
        recorded("2024-07-01"),
    )
    assert state.credential_on("2026-01-31") == "LMSW"
    assert state.credential_on("2026-02-01") == "LCSW"


def test_periods_of_one_credential_do_not_overlap() -> None:
    """Neither may the id stand for two credentials, nor a period run backwards."""
    scene = given(AGGREGATE, joined(), recorded("2024-07-01", "2025-06-30"))
    scene.when(record("2025-06-30")).refuses(rules.CredentialPeriodsOverlap)
    scene.when(record("2025-07-01", title="LCSW")).refuses(rules.CredentialIsAnother)
    scene.when(record("2026-07-01", "2026-06-30")).refuses(PeriodRunsBackwards)
    scene.when(record("2025-01-01", credential_id=an_id("credential", 2))).once()


def test_a_credential_without_a_number_seals_nothing() -> None:
    """Nothing personal, nothing to seal."""
    given(AGGREGATE, joined()).when(record("2024-07-01", number=None)).then(recorded("2024-07-01", sealed=None))


def test_a_lapse_cuts_the_period_that_it_falls_into() -> None:
    """On the day named the credential was no longer active; a reinstatement is a further period."""
    scene = given(AGGREGATE, joined(), recorded("2024-07-01", "2027-06-30"))
    scene = scene.when(lapse("2026-02-15")).then(lapsed("2026-02-15")).once().after
    reinstated = scene.when(record("2026-03-01")).then(recorded("2026-03-01")).state
    days = ("2026-02-14", "2026-02-15", "2026-02-28", "2026-03-01")
    assert [reinstated.credential_on(day) for day in days] == ["LMSW", None, None, "LMSW"]


def test_a_lapse_falls_inside_a_period_of_a_known_credential() -> None:
    """Not before it, not after it, not in the future, and not of a credential that nobody recorded."""
    scene = given(AGGREGATE, joined(), recorded("2024-07-01", "2026-01-31"))
    scene.when(lapse("2026-02-01")).refuses(rules.LapseOutsidePeriod)
    scene.when(lapse("2024-06-30")).refuses(rules.LapseOutsidePeriod)
    scene.when(lapse("2026-03-05")).refuses(DateInTheFuture)
    scene.when(lapse("2026-01-01", an_id("credential", 2))).refuses(rules.UnknownCredential)


def test_a_lapse_on_the_first_day_leaves_no_day() -> None:
    """The period is empty then, and the same days may be recorded anew under other terms."""
    scene = given(AGGREGATE, joined(), recorded("2024-07-01")).when(lapse("2024-07-01")).after
    assert scene.when(record("2024-07-01", "2025-06-30")).state.credential_on("2024-07-01") == "LMSW"


def test_payer_credentialing_periods_do_not_overlap_but_may_be_ended() -> None:
    """The same first day again changes the last day."""
    scene = given(AGGREGATE, joined()).when(accept("2025-11-01")).then(accepted("2025-11-01")).once().after
    scene.when(accept("2026-01-01")).refuses(rules.PayerCredentialingsOverlap)
    scene.when(accept("2025-11-01", "2025-10-31")).refuses(PeriodRunsBackwards)
    scene = scene.when(accept("2025-11-01", "2025-12-31")).then(accepted("2025-11-01", "2025-12-31")).after
    scene.when(accept("2026-01-01")).then(accepted("2026-01-01"))


def test_an_assignment_looks_at_the_supervisor() -> None:
    """The supervisor's own record is consulted; nothing else needs one, not even naming oneself."""
    assert AGGREGATE.consult(NotJoined(), assign("2025-09-01")) == {"supervisor": Stream("clinician", SUPERVISOR)}
    assert AGGREGATE.consult(NotJoined(), assign("2025-09-01", ADA)) == {}
    assert AGGREGATE.consult(NotJoined(), joining()) == {}


def test_a_supervisor_is_assigned_from_a_day_on() -> None:
    """The same supervisor again adds nothing; another takes over from their own day."""
    scene = given(AGGREGATE, joined())
    scene = scene.when(assign("2025-09-01"), seen=seeing(LICENSED)).then(assigned("2025-09-01")).once().after
    scene.when(assign("2025-12-01"), seen=seeing(LICENSED)).nothing_happened()
    other = an_id("clinician", 3)
    state = scene.when(assign("2026-01-01", other), seen=seeing(LICENSED)).state
    days = ("2025-08-31", "2025-09-01", "2025-12-31", "2026-01-01")
    assert [state.supervisor_on(day) for day in days] == [None, SUPERVISOR, SUPERVISOR, other]


def test_of_two_supervisors_from_one_day_the_one_recorded_last_counts() -> None:
    """A mistaken assignment is mended by a further one from the same day."""
    first, second = an_id("clinician", 9), an_id("clinician", 3)
    state = folded(AGGREGATE, joined(), assigned("2025-09-01", first), assigned("2025-09-01", second))
    assert state.supervisor_on("2025-09-01") == second


def test_who_may_not_supervise() -> None:
    """Not oneself, not a stranger, not an associate, not somebody who is not employed on that day."""
    scene = given(AGGREGATE, joined())
    scene.when(assign("2025-09-01", ADA)).refuses(rules.SupervisesSelf)
    scene.when(assign("2025-09-01"), seen=seeing()).refuses(rules.UnknownSupervisor)
    scene.when(assign("2025-09-01"), seen=seeing(joined())).refuses(rules.AssociateCannotSupervise)
    scene.when(assign("2026-02-01"), seen=seeing(LICENSED, LEFT)).refuses(rules.SupervisorNotActive)
    scene.when(assign("2026-01-31"), seen=seeing(LICENSED, LEFT)).then(assigned("2026-01-31"))


def test_the_last_day_is_set_once_and_not_before_the_first() -> None:
    """Leaving is about the employment that goes on."""
    scene = given(AGGREGATE, joined())
    scene.when(ask.LeaveAsClinician(clinician_id=ADA, left_on="2025-08-31")).refuses(rules.LeavesBeforeJoining)
    scene = scene.when(ask.LeaveAsClinician(clinician_id=ADA, left_on="2026-01-31")).then(LEFT).once().after
    scene.when(ask.LeaveAsClinician(clinician_id=ADA, left_on="2026-02-01")).refuses(rules.ClinicianAlreadyLeft)


def test_nothing_of_the_employment_starts_after_the_last_day() -> None:
    """What belongs to the time before may still be recorded, and a credential is one's own."""
    scene = given(AGGREGATE, joined(), LEFT)
    scene.when(accept("2026-02-01")).refuses(rules.ClinicianHasLeft)
    scene.when(assign("2026-02-01"), seen=seeing(LICENSED)).refuses(rules.ClinicianHasLeft)
    scene.when(accept("2026-01-31")).then(accepted("2026-01-31"))
    scene.when(record("2026-02-01")).then(recorded("2026-02-01"))


def test_who_left_is_gone_once_the_last_day_is_over_everywhere() -> None:
    """Where the day ends last it is noon of the next one in UTC; who joined again is not gone."""
    gone = folded(AGGREGATE, joined(), LEFT)
    assert not gone.left_by("2026-02-01T11:59:59.000000Z")
    assert gone.left_by("2026-02-01T12:00:00.000000Z")
    back = folded(AGGREGATE, joined(), LEFT, replace(joined(), joined_on="2026-02-10"))
    assert not back.left_by("2026-03-01T12:00:00.000000Z")
    assert not folded(AGGREGATE, joined()).left_by("2026-03-01T12:00:00.000000Z")


def test_a_stranger_answers_no_to_every_question() -> None:
    """Other streams ask a clinician's record about a day whether or not there is one."""
    nobody = NotJoined()
    day = "2026-03-02"
    assert (nobody.is_associate_on(day), nobody.credential_on(day), nobody.supervisor_on(day),
            nobody.active_on(day)) == (False, None, None, False)
    assert folded(AGGREGATE, joined()).programs == (PROGRAM,)


FACTS = [
    joined(), LEFT, LICENSED, recorded("2024-07-01"), recorded("2024-07-01", "2025-06-30"), lapsed("2025-01-01"),
    lapsed("2024-07-01"), accepted("2025-11-01"), assigned("2025-09-01"),
]


@for_all(st.lists(st.sampled_from(FACTS), max_size=12))
def test_folding_never_raises(facts: list[object]) -> None:
    """Any facts in any order fold."""
    every_prefix_folds(AGGREGATE, *facts)


DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2026, 2, 28))


@for_all(st.lists(st.tuples(st.booleans(), DAYS, DAYS), max_size=8))
def test_whatever_is_recorded_no_day_is_in_two_periods(steps: list[tuple[bool, Any, Any]]) -> None:
    """Periods and lapses in any order: each command works once, and every day has at most one active period."""
    scene = given(AGGREGATE, joined())
    for lapses, one, other in steps:
        first, last = sorted((one.isoformat(), other.isoformat()))
        scene = scene.when(lapse(first) if lapses else record(first, last), an_act()).never_twice().after
    state = folded(AGGREGATE, *scene.facts)
    assert isinstance(state, Clinician)
    periods = sorted(
        (one.recorded.active_from, one.active_through) for one in state.credentials
        if one.recorded.active_from <= (one.active_through or "9999")
    )
    assert all(before[1] < after[0] for before, after in pairwise(periods))


CALL = an_id("on_call")
FRIDAY, MONDAY = "2026-03-06T22:00:00.000000Z", "2026-03-09T13:00:00.000000Z"


def on_call(**changes: Any) -> ask.AssignOnCall:
    """Ada is on call for the weekend."""
    fields: dict[str, Any] = {"on_call_id": CALL, "program_id": PROGRAM, "starts_at": FRIDAY, "ends_at": MONDAY}
    return ask.AssignOnCall(clinician_id=ADA, **(fields | changes))


def called(**changes: Any) -> past.OnCallAssigned:
    """The fact of it."""
    fields: dict[str, Any] = {"on_call_id": CALL, "program_id": PROGRAM, "starts_at": FRIDAY, "ends_at": MONDAY}
    return past.OnCallAssigned(**(fields | changes))


def test_a_clinician_is_on_call_for_a_stretch_of_time_and_no_longer() -> None:
    """From its start until before its end, for that program; the same again is nothing new, other particulars are."""
    given(AGGREGATE, joined()).when(on_call()).then(called())
    known = given(AGGREGATE, joined(), called())
    known.when(on_call()).nothing_happened()
    known.when(on_call(ends_at="2026-03-10T13:00:00.000000Z")).refuses(rules.OnCallIsAnother)
    state = folded(AGGREGATE, joined(), called())
    assert state.on_call_for(FRIDAY) == {PROGRAM}
    assert state.on_call_for(MONDAY) == state.on_call_for("2026-03-06T21:59:59.000000Z") == frozenset()
    assert NotJoined().on_call_for(FRIDAY) == frozenset()


def test_being_on_call_is_never_for_good_nor_for_another_program() -> None:
    """31 days on end at most, forwards, in a program of the employment, before the last day."""
    known = given(AGGREGATE, joined())
    known.when(on_call(ends_at="2026-04-06T22:00:00.000000Z")).then(called(ends_at="2026-04-06T22:00:00.000000Z"))
    known.when(on_call(ends_at="2026-04-06T22:00:00.000001Z")).refuses(rules.OnCallTooLong)
    known.when(on_call(ends_at=FRIDAY)).refuses(rules.OnCallRunsBackwards)
    known.when(on_call(program_id=an_id("program", 2))).refuses(rules.OnCallElsewhere)
    given(AGGREGATE, joined(), past.ClinicianLeft(left_on="2026-03-05")).when(on_call()).refuses(rules.ClinicianHasLeft)


def test_a_time_on_call_can_be_ended_before_its_time() -> None:
    """From that moment on it opens nothing; ended twice or after its end, nothing happens."""
    saturday = "2026-03-07T09:00:00.000000Z"
    ended = past.OnCallEnded(on_call_id=CALL, ended_at=saturday)
    end = ask.EndOnCall(clinician_id=ADA, on_call_id=CALL)
    given(AGGREGATE, joined(), called()).when(end, an_act(now=saturday)).then(ended)
    given(AGGREGATE, joined(), called(), ended).when(end, an_act(now="2026-03-07T10:00:00.000000Z")).nothing_happened()
    given(AGGREGATE, joined(), called()).when(end, an_act(now=MONDAY)).nothing_happened()
    given(AGGREGATE, joined()).when(end, an_act(now=saturday)).refuses(rules.UnknownOnCall)
    assert folded(AGGREGATE, joined(), called(), ended).on_call_for(saturday) == frozenset()
