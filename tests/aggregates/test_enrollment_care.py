"""Between admission and discharge: levels of care, plans, certifications, leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aggregates.approval import AnothersRequest, ApproverAskedThemselves
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE
from aggregates.enrollment import commands as ask
from aggregates.enrollment import facts as past
from aggregates.enrollment import refusals as no
from aggregates.enrollment.state import Discharged, Span
from tests.aggregates.episodes import (
    ADMITTED,
    JUNE,
    LEAVE,
    PLANNED,
    adopt,
    after,
    around,
    back,
    certify,
    discharge,
    leave,
    recertify,
    refer,
    refused,
    review,
    step_up,
)
from tests.aggregates.scenario import Given, an_id, folded, given


def test_a_day_belongs_to_exactly_one_level() -> None:
    """The day of the change belongs to the new level, the eve to the old one, the day of discharge to the last."""
    state: Any = folded(AGGREGATE, *after(*ADMITTED, step_up(), discharge()).facts)
    assert isinstance(state, Discharged)
    assert state.spans == (
        Span("intensive_outpatient", "2026-03-02", "2026-03-17"),
        Span("partial_hospitalization", "2026-03-18", "2026-05-06"),
    )
    days = ("2026-03-01", "2026-03-02", "2026-03-17", "2026-03-18", "2026-05-06", "2026-05-07")
    assert [state.level_on(day) for day in days] == [
        None, "intensive_outpatient", "intensive_outpatient", "partial_hospitalization", "partial_hospitalization",
        None,
    ]
    assert [state.in_care_on(day) for day in days] == [False, True, True, True, True, False]
    assert [state.open_on(day) for day in ("2026-02-25", "2026-02-26", "2026-05-06", "2026-05-07")] == [
        False, True, True, False,
    ]


def test_a_level_change_starts_from_the_level_that_holds() -> None:
    """Wrong level, a day already decided, or before admission: refused; the level that holds already: nothing."""
    assert "intensive_outpatient" in refused(after(*ADMITTED), step_up(from_level="outpatient"), no.LevelIsOther)
    refused(after(*ADMITTED), step_up(effective_on="2026-03-02"), no.LevelAlreadySet)
    refused(after(*ADMITTED, step_up()), step_up(cause="other"), no.LevelAlreadySet)
    refused(after(*ADMITTED), step_up(effective_on="2026-03-01"), no.BeforeAdmission)
    refused(after(refer()), step_up(), no.NotAdmitted)
    same = step_up(to_level="intensive_outpatient")
    after(*ADMITTED).when(same, JUNE, around()).nothing_happened()


def test_a_level_change_recorded_after_the_discharge_keeps_the_last_day() -> None:
    """A late entry inside the episode splits the last span."""
    state: Any = folded(AGGREGATE, *after(*ADMITTED, discharge(), step_up()).facts)
    assert state.spans[-1] == Span("partial_hospitalization", "2026-03-18", "2026-05-06")
    assert state.level_on("2026-03-17") == "intensive_outpatient"


def test_a_plan_needs_the_admission_and_distinct_goals() -> None:
    """On the day of admission it may be adopted; before it, or with muddled goals, not."""
    assert after(*ADMITTED).when(adopt(adopted_on="2026-03-02"), JUNE, around()).facts
    refused(after(refer()), adopt(), no.NotAdmitted)
    refused(after(*ADMITTED), adopt(adopted_on="2026-03-01"), no.BeforeAdmission)
    assert "mood" in refused(after(*ADMITTED), adopt(goals=("mood", "mood")), no.GoalTwice)
    assert "mood" in refused(after(*ADMITTED), adopt(goals=("work",)), no.WordsWithoutGoal)
    refused(after(*ADMITTED), adopt(review_due_on="2026-03-03"), no.ReviewDueTooEarly)
    refused(after(*PLANNED), adopt(weekly_days=5), no.PlanAlreadyAdopted)


def test_the_plan_in_force_is_the_one_adopted_last_by_its_date() -> None:
    """A late entry of an older plan does not take over, another of the same day does: what was wrong is adopted anew;
    reviews move the due date of their own plan, the last by its day, also to an earlier one."""
    newer = adopt(plan_id=an_id("plan", 2), adopted_on="2026-04-20", review_due_on="2026-05-20")
    state: Any = folded(AGGREGATE, *after(*ADMITTED, newer, adopt(), review()).facts)
    assert (state.plan.plan_id, state.review_due_on) == (an_id("plan", 2), "2026-05-20")
    on = {one.adopted_on: one.plan_id for one in state.plans}
    assert {day: state.plan_on(day).plan_id for day in on} == on
    assert state.plan_on("2020-01-01") is None
    reviewed: Any = folded(AGGREGATE, *after(*PLANNED, review()).facts)
    assert reviewed.review_due_on == "2026-05-01"
    anew: Any = folded(AGGREGATE, *after(*PLANNED, adopt(plan_id=an_id("plan", 3))).facts)
    assert {anew.plan.plan_id, anew.plan_on(anew.plan.adopted_on).plan_id} == {an_id("plan", 3)}
    sooner, late = review(reviewed_on="2026-04-05", next_review_due_on="2026-04-12"), review(
        reviewed_on="2026-03-20", next_review_due_on="2026-05-20"
    )
    shortened: Any = folded(AGGREGATE, *after(*PLANNED, sooner, late).facts)
    assert shortened.review_due_on == "2026-04-12"
    nothing: Any = folded(AGGREGATE, *after(*ADMITTED).facts)
    assert (nothing.plan, nothing.review_due_on, nothing.certified_through) == (None, None, None)


def test_a_plan_is_reviewed_once_a_day_after_it_was_adopted() -> None:
    """Unknown plan, before it, another review that day, no later due date, words without goal: refused."""
    refused(after(*ADMITTED), review(), no.UnknownPlan)
    refused(after(*PLANNED), review(reviewed_on="2026-03-02"), no.BeforePlan)
    refused(after(*PLANNED, review()), review(patient_agreed=False), no.PlanReviewedThatDay)
    refused(after(*PLANNED), review(next_review_due_on="2026-04-01"), no.ReviewDueTooEarly)
    stray = (past.GoalWords(goal="sleep", words="Eight hours."),)
    assert "sleep" in refused(after(*PLANNED), review(words=stray), no.WordsWithoutGoal)


def test_only_a_prescriber_certifies_and_only_in_their_own_name() -> None:
    """42 CFR 424.24: role and name must both fit."""
    refused(after(*PLANNED), certify(), no.CertificationNeedsPrescriber, role="clinician")
    stranger = certify(physician_id=an_id("physician", 3))
    refused(after(*PLANNED), stranger, no.CertificationNeedsPrescriber)
    own = replace(JUNE, by=an_id("physician", 3))
    assert after(*PLANNED).when(stranger, own, around()).facts
    after(*PLANNED).when(certify(), own, around()).refuses(no.CertificationNeedsPrescriber)


def test_certifications_reach_further_each_time() -> None:
    """The first is once a plan; a recertification needs a first and extends it by at least a day."""
    certified = (*PLANNED, certify())
    refused(after(*PLANNED), certify(certified_through="2026-03-02"), no.CertificationTooShort)
    refused(after(*certified), certify(certified_through="2026-05-02"), no.AlreadyCertified)
    refused(after(*PLANNED), recertify(), no.NotCertified)
    refused(after(*certified), recertify(certified_through="2026-05-01"), no.CertificationTooShort)
    assert after(*certified).when(recertify(certified_through="2026-05-02"), JUNE, around()).facts
    refused(after(*PLANNED), certify(certified_on="2026-03-02"), no.BeforePlan)
    state: Any = folded(AGGREGATE, *after(*certified, recertify()).facts)
    assert state.certified_through == "2026-06-29"


@pytest.mark.parametrize(
    ("before", "make"),
    [(ADMITTED, adopt), (PLANNED, review), (PLANNED, certify), ((*PLANNED, certify()), recertify)],
)
def test_why_a_step_of_care_was_recorded_late_is_kept_with_it(before: tuple[Any, ...], make: Any) -> None:
    """In June about March or April: never refused for that, and told twice it happened once."""
    command = make(late_reason="loaded_from_paper")
    [fact] = after(*before).when(command, JUNE, around()).facts
    assert fact.late_reason == "loaded_from_paper"
    after(*before, command).when(command, JUNE, around()).nothing_happened()


def test_leaves_do_not_overlap_and_end_on_the_first_day_back() -> None:
    """The day of return is no longer leave; a leave recorded late may lie before another, not inside it."""
    away = (*ADMITTED, leave())
    second = an_id("leave", 2)
    assert LEAVE in refused(after(*away), leave(leave_id=second, started_on="2026-04-08"), no.LeavesOverlap)
    refused(after(*away), leave(cause="travel"), no.LeaveDiffers)
    returned = (*away, back())
    assert after(*returned).when(leave(leave_id=second, started_on="2026-04-10"), JUNE, around()).facts
    earlier = (*returned, leave(leave_id=second, started_on="2026-04-01"))
    over = back(leave_id=second, returned_on="2026-04-07")
    assert LEAVE in refused(after(*earlier), over, no.LeavesOverlap)
    assert after(*earlier).when(back(leave_id=second, returned_on="2026-04-06"), JUNE, around()).facts
    refused(after(*returned), back(returned_on="2026-04-11"), no.LeaveDiffers)
    refused(after(*away), back(leave_id=second), no.UnknownLeave)
    refused(after(*away), back(returned_on="2026-04-05"), no.ReturnBeforeLeave)
    refused(after(*ADMITTED), leave(expected_return_on="2026-04-05"), no.ReturnBeforeLeave)
    state: Any = folded(AGGREGATE, *after(*returned).facts)
    on = [day for day in ("2026-04-05", "2026-04-06", "2026-04-09", "2026-04-10") if state.leaves[0].holds(day)]
    assert on == ["2026-04-06", "2026-04-09"]


BOSS = replace(JUNE, by=an_id("director"), role="director")
OF_A_DAY = {"enrollment_id": an_id("enrollment"), "service_date": "2026-03-04"}


def ask_for(**changes: str) -> ask.RequestDayWriteOff:
    """For the want of a note."""
    return ask.RequestDayWriteOff(**{**OF_A_DAY, "cause": "no_note", **changes})


def give_up(**changes: str) -> ask.WriteOffDay:
    """The same, approved."""
    return ask.WriteOffDay(**{**OF_A_DAY, "cause": "no_note", **changes})


def take_back() -> ask.WithdrawDayWriteOffRequest:
    """It is found."""
    return ask.WithdrawDayWriteOffRequest(**OF_A_DAY, cause="found")


def given_up_after(*commands: Any) -> Given:
    """The stream once another person approved that the day is given up."""
    return after(*commands, ask_for()).having(give_up(), act=BOSS, seen=around())


def test_a_person_answers_for_a_hold_once() -> None:
    """The same again is nothing new, another cause is refused, and a day outside the episode is nobody's to release."""
    release = ask.ReleaseHold(
        enrollment_id=an_id("enrollment"), service_date="2026-03-04", hold="authorization_exhausted", cause="promised"
    )
    released = past.HoldReleased(
        service_date="2026-03-04", hold="authorization_exhausted", cause="promised", released_by=JUNE.by
    )
    after(*ADMITTED).when(release, JUNE, around()).then(released).once()
    refused(after(*ADMITTED, release), replace(release, cause="other"), no.HoldAlreadyReleased)
    refused(after(*ADMITTED), replace(release, service_date="2026-01-01"), no.BeforeReferral)


def test_a_day_is_given_up_once() -> None:
    """By whoever approves what another person asked for; the same again is nothing new, another cause is refused, and
    nothing is released then, but for what was."""
    given_up = past.DayWrittenOff(service_date="2026-03-04", cause="no_note", approved_by=BOSS.by)
    after(*ADMITTED, ask_for()).when(give_up(), BOSS, around()).then(given_up).once()
    gone = given_up_after(*ADMITTED)
    refused(gone, give_up(cause="other"), no.DayAlreadyWrittenOff)
    refused(gone, ask_for(), no.DayAlreadyWrittenOff)
    release = ask.ReleaseHold(
        enrollment_id=an_id("enrollment"), service_date="2026-03-04", hold="signature_late", cause="promised"
    )
    assert "no_note" in refused(gone, release, no.NothingToRelease)
    given_up_after(*ADMITTED, release).when(release, JUNE, around()).nothing_happened()
    assert gone.when(replace(release, service_date="2026-03-05"), JUNE, around()).facts


def test_nobody_gives_a_day_up_alone() -> None:
    """Who asked does not approve, in whatever role; without a request of this day and for this cause there is none."""
    asked = after(*ADMITTED, ask_for())
    refused(asked, give_up(), ApproverAskedThemselves, role="director")
    refused(after(*ADMITTED), give_up(), no.DayWriteOffNotRequested, by=BOSS.by)
    refused(asked, give_up(service_date="2026-03-05"), no.DayWriteOffNotRequested, by=BOSS.by)
    assert "no_note" in refused(asked, give_up(cause="other"), no.DayWriteOffRequestedOtherwise, by=BOSS.by)


def test_a_request_to_give_a_day_up_stands_once_until_it_is_withdrawn() -> None:
    """By whoever asked, or a director; nobody then approves it, and the day can be asked about anew."""
    fact = past.DayWriteOffRequested(service_date="2026-03-04", cause="no_note", requested_by=JUNE.by)
    after(*ADMITTED).when(ask_for(), JUNE, around()).then(fact).once()
    asked = after(*ADMITTED, ask_for())
    refused(asked, ask_for(cause="other"), no.DayWriteOffRequestedOtherwise)
    refused(asked, ask_for(), no.DayWriteOffRequestedOtherwise, by=an_id("other"))
    refused(asked, take_back(), AnothersRequest, by=an_id("other"), role="biller")
    asked.when(take_back(), BOSS, around()).then(
        past.DayWriteOffRequestWithdrawn(service_date="2026-03-04", cause="found", withdrawn_by=BOSS.by)
    ).once()
    withdrawn = after(*ADMITTED, ask_for(), take_back())
    withdrawn.when(take_back(), JUNE, around()).nothing_happened()
    refused(withdrawn, give_up(), no.DayWriteOffNotRequested, by=BOSS.by)
    assert withdrawn.when(ask_for(cause="other"), JUNE, around()).facts
    refused(given_up_after(*ADMITTED), take_back(), no.DayWriteOffNotRequested)


def test_a_day_that_one_person_gave_up_before_requests_were_facts_stays_given_up() -> None:
    """The same again says nothing new, and it can be withdrawn."""
    old = past.DayWrittenOff(service_date="2026-03-04", cause="no_note", approved_by=JUNE.by)
    stream = given(AGGREGATE, *after(*ADMITTED).facts, old)
    stream.when(give_up(), JUNE, around()).nothing_happened()
    keep = ask.WithdrawDayWriteOff(enrollment_id=an_id("enrollment"), service_date="2026-03-04", cause="found")
    assert stream.when(keep, JUNE, around()).facts


def test_what_a_person_decided_about_a_day_can_be_withdrawn() -> None:
    """A release and a write-off, by whoever acts; then either may be decided anew, and nothing else is there to take
    back."""
    release = ask.ReleaseHold(
        enrollment_id=an_id("enrollment"), service_date="2026-03-04", hold="overlap", cause="promised"
    )
    back = ask.WithdrawHoldRelease(
        enrollment_id=an_id("enrollment"), service_date="2026-03-04", hold="overlap", cause="refused"
    )
    gone = past.HoldReleaseWithdrawn(service_date="2026-03-04", hold="overlap", cause="refused", withdrawn_by=JUNE.by)
    after(*ADMITTED, release).when(back, JUNE, around()).then(gone).once()
    assert after(*ADMITTED, release, back).when(replace(release, cause="other"), JUNE, around()).facts
    refused(after(*ADMITTED, release), replace(back, hold="weekly_minimum"), no.HoldNotReleased)
    keep = ask.WithdrawDayWriteOff(enrollment_id=an_id("enrollment"), service_date="2026-03-04", cause="found")
    kept = past.DayWriteOffWithdrawn(service_date="2026-03-04", cause="found", withdrawn_by=JUNE.by)
    given_up_after(*ADMITTED).when(keep, JUNE, around()).then(kept).once()
    anew = given_up_after(*ADMITTED).having(keep, ask_for(cause="other"), act=JUNE, seen=around())
    assert anew.when(give_up(cause="other"), BOSS, around()).facts
    refused(after(*ADMITTED), keep, no.DayNotWrittenOff)


def test_a_day_delivered_after_the_discharge_can_be_given_up() -> None:
    """No day is held for ever; nothing was delivered before the referral, nor tomorrow."""
    of_it = {"service_date": "2026-05-08", "cause": "after_discharge"}
    left = after(*ADMITTED, discharge(), ask_for(**of_it))
    assert left.when(give_up(**of_it), BOSS, around()).facts
    for order in (ask_for, give_up):
        refused(left, order(service_date="2026-02-25"), no.BeforeReferral)
        refused(left, order(service_date="2026-06-03"), DateInTheFuture)


def test_a_wrong_leave_is_corrected_and_its_days_that_stood_are_kept() -> None:
    """Both days are stated anew under the rules of a leave; without a first day nobody was away."""
    correct = ask.CorrectLeave(
        enrollment_id=an_id("enrollment"), leave_id=LEAVE, started_on="2026-04-07", returned_on="2026-04-12",
        cause="entry_error",
    )
    fact = past.LeaveCorrected(
        leave_id=LEAVE, was_started_on="2026-04-06", was_returned_on="2026-04-10", started_on="2026-04-07",
        returned_on="2026-04-12", cause="entry_error",
    )
    away = after(*ADMITTED, leave(), back())
    decided = away.when(correct, JUNE, around()).then(fact)
    decided.never_twice()
    state: Any = decided.state
    on = [day for day in ("2026-04-06", "2026-04-07", "2026-04-11", "2026-04-12") if state.leaves[0].holds(day)]
    assert on == ["2026-04-07", "2026-04-11"]
    never = replace(correct, started_on=None, returned_on=None)
    gone: Any = away.when(never, JUNE, around()).state
    assert gone.leaves == ()
    still_away: Any = away.when(replace(correct, returned_on=None), JUNE, around()).state
    assert still_away.leaves[0].holds("2026-05-01")
    second = (*ADMITTED, leave(), back(), leave(leave_id=an_id("leave", 2), started_on="2026-04-15"))
    refused(after(*second), replace(correct, started_on="2026-04-15", returned_on=None), no.LeavesOverlap)
    refused(after(*second), replace(correct, returned_on="2026-04-16"), no.LeavesOverlap)
    refused(away, replace(correct, returned_on="2026-04-05"), no.ReturnBeforeLeave)
    refused(away, replace(correct, started_on=None), no.LeaveWithoutStart)
    refused(away, replace(correct, started_on="2026-03-01"), no.BeforeAdmission)
    refused(away, replace(correct, leave_id=an_id("leave", 9)), no.UnknownLeave)
