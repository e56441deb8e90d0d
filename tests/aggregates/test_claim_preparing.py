"""What may be billed: a claim's lines, episode, units and terms, and the claim that it replaces or voids."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.authorization import AGGREGATE as AUTHORIZATION
from aggregates.authorization.refusals import UnknownAuthorization
from aggregates.claim import AGGREGATE
from aggregates.claim import refusals as no
from aggregates.days import PeriodRunsBackwards
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import LevelOfCareChanged, PatientDischarged
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment
from aggregates.kit import Claim, Elsewhere, Release, Seen
from aggregates.payer_policy import AGGREGATE as POLICY
from tests.aggregates.biller import (
    ENDED,
    EPISODE,
    IT,
    JUNE,
    OLD,
    PATIENT_ID,
    POLICY_ID,
    PROGRAM_ID,
    SENT,
    SERVICE,
    TAKEN,
    TAKEN_BACK,
    UNITS,
    around,
    asked,
    authorization,
    earlier,
    episode,
    holding,
    line,
    policy,
    prepare,
    prepared,
    submit,
    without_units,
)
from tests.aggregates.scenario import an_id, seen_as


def test_a_preparation_takes_each_day_and_each_unit_once() -> None:
    """Every line's service day and every unit drawn is a reservation of the claim."""
    decided = asked(prepare()).then(prepared(), *holding(Claim))
    assert AGGREGATE.patients(decided.state, None, {}) == ((PATIENT_ID, None),)
    assert decided.state.program_id == PROGRAM_ID
    assert AGGREGATE.patients(AGGREGATE.initial, None, {}) == ()
    asked(prepare(), prepare()).nothing_happened()
    assert IT in asked(prepare(decided_at=1), prepare()).refuses(no.AlreadyPrepared)


def test_a_line_without_procedure_code_still_holds_its_day() -> None:
    """Some payers take the revenue code alone."""
    lines = without_units(line(procedure_code=None))
    decided = asked(prepare(lines=lines, total_cents=32_500))
    assert decided.outcomes[1] == Claim("billed_day", SERVICE[0].replace("S9480", "-"), held=no.DayAlreadyBilled)


def test_a_service_that_was_given_by_video_and_in_the_room_has_two_lines() -> None:
    """They differ in the modifier; the service is held once, so that no other claim bills it that day."""
    group = {"procedure_code": "90853", "revenue_code": "0915"}
    lines = without_units(line(**group), line(2, modifiers=("95",), **group))
    decided = asked(prepare(lines=lines))
    held = [one.key for one in decided.outcomes if isinstance(one, Claim) and one.kind == "billed_day"]
    assert held == [SERVICE[0].replace("0905:S9480", "0915:90853")]
    alike = without_units(line(modifiers=("95",), **group), line(2, modifiers=("95",), **group))
    asked(prepare(lines=alike)).refuses(no.LineTwice)


@pytest.mark.parametrize(("changes", "rule"), [
    ({"lines": (line(2), line(1, "2026-03-04"))}, no.LinesMisnumbered),
    ({"lines": (line(), line(2, "2026-03-09"))}, no.LineOutsidePeriod),
    ({"from_date": "2026-03-03"}, no.LineOutsidePeriod),
    ({"from_date": "2026-03-09"}, PeriodRunsBackwards),
    ({"lines": (line(), line(2))}, no.LineTwice),
    ({"lines": (line(), line(2, "2026-03-04", authorization_units=(1,)))}, no.UnitDrawnTwice),
    ({"lines": (line(), line(2, "2026-03-04", authorization_units=()))}, no.UnitsUnnamed),
    ({"lines": (line(), line(2, "2026-03-04", authorization_id=None))}, no.UnitsUnnamed),
    ({"total_cents": 64_999}, no.TotalOutOfBalance),
    ({"through_date": "2026-06-30", "lines": (line(), line(2, "2026-06-10"))}, DateInTheFuture),
    ({"lines": (line(), line(2, "2026-03-04", authorization_units=(3,)))}, no.UnitsBeyondAuthorization),
    ({"lines": (line(), line(2, "2026-03-04", authorization_units=(0,)))}, no.UnitsBeyondAuthorization),
    ({"through_date": "2026-03-30", "lines": (line(), line(2, "2026-03-28"))}, no.AuthorizationNotInForce),
    ({"from_date": "2026-02-20", "lines": (line(), *without_units(line(2, "2026-02-25")))}, no.ServiceOutsideEpisode),
    ({"lines": (line(level_of_care="outpatient"), line(2, "2026-03-04"))}, no.LevelOnDay),
    ({"replaces": OLD}, no.OriginalReplacesNothing),
    ({"frequency": "7"}, no.ReplacedClaimMissing),
])
def test_what_cannot_be_billed_is_refused_by_name(changes: dict[str, Any], rule: Any) -> None:
    """Numbers, dates, sums, units, levels and frequencies: one refusal each."""
    asked(prepare(**changes), seen=earlier()).refuses(rule)


def test_an_intake_before_the_admission_may_be_billed() -> None:
    """No level is set yet, and the day lies in the episode."""
    intake = without_units(line(day="2026-02-27", level_of_care="outpatient"))
    assert asked(prepare(from_date="2026-02-27", lines=intake, total_cents=32_500)).facts


def test_the_day_of_a_step_up_is_billed_at_the_new_level() -> None:
    """The old level is refused on that day, and nothing after the discharge is billed."""
    step = LevelOfCareChanged(
        effective_on="2026-03-04", from_level="intensive_outpatient", to_level="partial_hospitalization", cause="worse",
    )
    assert "2026-03-04" in asked(prepare(), seen=around(enrollment=episode(step))).refuses(no.LevelOnDay)
    over = PatientDischarged(discharged_on="2026-03-03", reason="other", patient_status="01")
    asked(prepare(), seen=around(enrollment=episode(over))).refuses(no.ServiceOutsideEpisode)


@pytest.mark.parametrize(("seen", "rule"), [
    ({"enrollment": seen_as(ENROLLMENT, EPISODE)}, UnknownEnrollment),
    ({"enrollment": episode(patient_id=an_id("patient", 2))}, EnrollmentOfAnother),
    ({"enrollment": episode(program_id=an_id("program", 2))}, EnrollmentOfAnother),
    ({"authorization": seen_as(AUTHORIZATION, UNITS)}, UnknownAuthorization),
    ({"authorization": authorization(patient_id=an_id("patient", 2))}, no.AuthorizationOfAnother),
    ({"authorization": authorization(payer_id=an_id("payer", 2))}, no.AuthorizationOfAnother),
    ({"policy": seen_as(POLICY, POLICY_ID)}, no.UnknownPolicy),
    ({"policy": policy(payer_id=an_id("payer", 2))}, no.PolicyOfAnother),
])
def test_episode_authorization_and_policy_are_the_claims_own(seen: dict[str, Seen], rule: Any) -> None:
    """What does not exist or belongs to another is refused."""
    asked(prepare(), seen=around(**seen)).refuses(rule)


def test_every_service_day_has_terms_and_verified_ones() -> None:
    """A demonstration alone may use unverified terms, to prepare and to send."""
    early = prepare(from_date="2025-12-30", lines=without_units(line(day="2025-12-31")), total_cents=32_500)
    asked(early, seen=around(enrollment=episode(referred_on="2025-12-01"))).refuses(no.NoTermsOnDay)
    unsure = around(policy=policy("minimum_minutes"))
    assert "minimum_minutes" in asked(prepare(), seen=unsure).refuses(no.PolicyUnverified)
    shown = asked(prepare(demonstration=True), seen=unsure)
    assert shown.facts
    shown.after.when(submit(), JUNE, unsure).refuses(no.PolicyUnverified)
    assert shown.after.when(submit(demonstration=True), JUNE, unsure).facts


def test_terms_that_nobody_verified_bill_nothing_whatever_they_say_of_themselves() -> None:
    """An empty list of unverified fields is no verification: a named person's against a named source is."""
    nobody = around(policy=policy(verified=()))
    told = asked(prepare(), seen=nobody).refuses(no.PolicyNeverVerified)
    assert "Nobody has verified the terms" in told
    assert "2026-03-02" in told
    shown = asked(prepare(demonstration=True), seen=nobody)
    shown.after.when(submit(), JUNE, nobody).refuses(no.PolicyNeverVerified)
    assert asked(prepare(), seen=around()).facts


@pytest.mark.parametrize(("frequency", "ended"), [("7", ENDED), ("8", TAKEN_BACK)])
def test_a_replacement_or_a_void_ends_the_earlier_claim_in_the_same_append(frequency: Any, ended: Any) -> None:
    """The earlier claim gives its days and units up, and the replacement or the void takes them over."""
    command = prepare(frequency=frequency, replaces=OLD)
    expected = prepared(frequency=frequency, replaces=OLD)
    asked(command, seen=earlier()).then(expected, Elsewhere("replaced", (ended, *holding(Release))), *holding(Claim))


@pytest.mark.parametrize(("facts", "rule"), [
    ((prepared(),), no.NotReplaceable),
    ((prepared(), SENT), no.NotReplaceable),
    ((prepared(), SENT, TAKEN, ENDED), no.NotReplaceable),
    ((prepared(frequency="8", replaces=IT), SENT, TAKEN), no.NotReplaceable),
    ((prepared(patient_id=an_id("patient", 2)), SENT, TAKEN), no.ReplacesAnother),
    ((prepared(payer_id=an_id("payer", 2)), SENT, TAKEN), no.ReplacesAnother),
])
def test_only_what_the_payer_took_in_is_replaced(facts: tuple[Any, ...], rule: Any) -> None:
    """Not sent, not answered, replaced before, itself a void, or another's: refused."""
    asked(prepare(frequency="7", replaces=OLD), seen=earlier(*facts)).refuses(rule)


def test_a_claim_that_nobody_prepared_cannot_be_replaced() -> None:
    """Its id is named."""
    nothing = around() | {"replaced": seen_as(AGGREGATE, OLD)}
    assert OLD in asked(prepare(frequency="7", replaces=OLD), seen=nothing).refuses(no.UnknownClaim)


def test_a_void_is_not_held_up_by_what_made_it_necessary() -> None:
    """An authorization that is gone and an episode that shrank do not block taking the claim back."""
    gone = earlier() | around(authorization=seen_as(AUTHORIZATION, UNITS), enrollment=seen_as(ENROLLMENT, EPISODE))
    assert asked(prepare(frequency="8", replaces=OLD), seen=gone).facts
