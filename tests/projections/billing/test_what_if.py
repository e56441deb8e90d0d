"""What days and claims would be worth under other terms: the same fold, the terms supposed after what is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aggregates.codec import decode
from aggregates.days import covers
from aggregates.payer_policy.document import PolicyDocument
from aggregates.payer_policy.facts import PolicyRetired, PolicyRevised
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import References, now_and_then
from projections.billing import MODEL, queries
from projections.billing.queries import days_from
from projections.billing.what_if import Supposition, compared, recorded_policies, supposed
from projections.billing.worth import SupposedDay, claims_of, groups_of, totals_of
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.stories import DAYS, a_season, pasts
from tests.projections.billing.terms import DEFAULT_TERMS, terms
from tests.projections.story import asking, folded, project

NOW = "2026-05-01T12:00:00.000000Z"
FIRST, LAST = "2026-03-01", "2026-03-31"
PROGRAMS = (an_id("program", 1), an_id("program", 2))
WEEK = ("2026-03-02", "2026-03-03", "2026-03-05")


def document(*, exactly: Any = None, **changes: Any) -> PolicyDocument:
    """The clinic's terms with changes, or exactly these."""
    return PolicyDocument(
        code="payer-1", payer_kind="commercial", payer_name="Payer 1", effective_from="2027-01-01",
        terms=exactly or terms(**changes),
    )


def per_diems(cents: int) -> tuple[dict[str, Any], ...]:
    """The clinic's per diems at another rate."""
    return tuple(one | {"rate_cents": cents} for one in DEFAULT_TERMS["per_diems"])


def asked(
    clinic: Clinic, wanted: PolicyDocument, first: str = FIRST, last: str = LAST, *, payer: int = 1, patient: int = 1,
    programs: Iterable[str] = PROGRAMS,
) -> list[SupposedDay]:  # fmt: skip
    """One patient's days side by side."""
    shared = [one for one in clinic.story.recorded(MODEL) if one.name in MODEL.references]
    asking_for = Supposition(an_id("payer", payer), wanted, first, last)
    extra = supposed(asking_for, recorded_policies(shared).values(), len(clinic.story.facts), NOW)
    whose = an_id("patient", patient)
    facts = clinic.story.recorded(MODEL, patient=whose)
    now, then = folded(MODEL, facts), folded(MODEL, [*facts, *extra])
    return compared(now, then, whose, asking_for, set(programs), NOW)


def short(days: list[SupposedDay]) -> list[tuple[str, str, int, str, int]]:
    """Each day in a line: its date, and its label and money on both sides."""
    return [
        (day.service_date, day.now.label, day.now.counted_cents, day.then.label, day.then.counted_cents)
        for day in days
    ]


def a_claimed_week(**changes: Any) -> Clinic:
    """Three days of three hours, all of them on one claim of 600 dollars."""
    clinic = a_clinic(**changes)
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [(day, number) for number, day in enumerate(WEEK, 1)])
    return clinic


def test_a_higher_minimum_takes_the_days_away_and_the_claim_shows_the_loss() -> None:
    """Three hours of the 195 minutes that are asked for: the days are worth nothing, and the claim loses all."""
    days = asked(a_claimed_week(), document(minimum_minutes=195))
    assert short(days) == [(day, "billed", 20_000, "not_billable", 0) for day in WEEK]
    assert days[0].then.sentence == "180 of 195 minutes: below the payer's minimum for a day."
    (claim,) = claims_of(days)
    assert (claim.claimed_cents, claim.worth_cents, claim.difference_cents) == (60_000, 0, -60_000)
    assert (claim.days, claim.days_changed, claim.why) == (3, 3, "below minimum minutes")


def test_only_the_days_of_the_period_are_decided_under_other_terms() -> None:
    """The claim keeps the days outside, whose decision stays, and is told with all of its money."""
    days = asked(a_claimed_week(), document(minimum_minutes=195), "2026-03-03", "2026-03-03")
    assert short(days) == [
        (WEEK[0], "billed", 20_000, "billed", 20_000), (WEEK[1], "billed", 20_000, "not_billable", 0),
        (WEEK[2], "billed", 20_000, "billed", 20_000),
    ]  # fmt: skip
    assert [(day.inside, day.changed) for day in days] == [(False, False), (True, True), (False, False)]
    assert claims_of(days)[0].difference_cents == -20_000


def test_a_raised_rate_changes_money_by_units_times_the_difference() -> None:
    """Four units of an hour on each of two days: eight times the twenty cents between the rates, claimed or not."""
    hourly = tuple(one | {"unit_basis": "hour", "rate_cents": 5_000} for one in DEFAULT_TERMS["per_diems"])
    clinic = a_clinic(per_diems=hourly, authorization_required=False)
    for day in WEEK[:2]:
        clinic.documented(day, "09:00-13:00")
    raised = document(
        per_diems=tuple(one | {"rate_cents": 5_020} for one in hourly), authorization_required=False
    )
    days = asked(clinic, raised)
    assert short(days) == [(day, "billable", 20_000, "billable", 20_080) for day in WEEK[:2]]
    assert {day.why for day in days} == {"another rate"}
    (claim,) = claims_of(asked(a_claimed_week(), document(per_diems=per_diems(20_020))))
    assert (claim.difference_cents, claim.why) == (3 * 20, "another rate")


def test_a_claim_that_is_wrong_already_loses_only_what_the_terms_take() -> None:
    """A billed day that is held today, whatever the terms, stays on its claim at another rate, and leaves it once it is
    not billable.
    """
    clinic = a_claimed_week()
    clinic.lapse("2026-03-01")
    assert short(asked(clinic, document(per_diems=per_diems(21_000))))[0][1:] == ("billed", 20_000, "billed", 21_000)
    assert short(asked(clinic, document(minimum_minutes=195)))[0][1:] == ("billed", 20_000, "not_billable", 0)
    assert short(asked(clinic, document(credential_required=False)))[0][1:] == ("billed", 20_000, "billed", 20_000)


def test_days_that_the_terms_hold_are_pending_and_no_longer_stand() -> None:
    """A late signature that only warned now holds: the claim loses the charge, which is told as pending."""
    clinic = a_clinic()
    number = clinic.meet(WEEK[0], "09:00-12:00")
    clinic.sign(clinic.draft(WEEK[0], "12:00", number), WEEK[0], clinic.at("2026-03-05", "12:00"))
    clinic.claim(1, [(WEEK[0], 1)])
    days = asked(clinic, document(late_signature="hold"))
    assert short(days) == [(WEEK[0], "billed", 20_000, "held", 20_000)]
    (claim,) = claims_of(days)
    assert (claim.worth_cents, claim.pending_cents, claim.difference_cents) == (0, 20_000, -20_000)
    assert [(one.counts_as, one.now_cents, one.then_cents) for one in totals_of(days)] == [
        ("claimed", 20_000, 0), ("billable", 0, 0), ("pending", 0, 20_000), ("nothing", 0, 0),
    ]


def test_easier_terms_bring_days_back() -> None:
    """A day below today's minimum is billable under a lower one."""
    clinic = a_clinic()
    clinic.documented(WEEK[0], "09:00-11:30")
    (day,) = days = asked(clinic, document(minimum_minutes=150))
    assert short(days) == [(WEEK[0], "not_billable", 0, "billable", 20_000)]
    assert (day.why, day.difference_cents) == ("no longer below minimum minutes", 20_000)
    assert [(one.now, one.then, one.days) for one in groups_of(days)] == [("not_billable", "billable", 1)]


def test_a_weekly_test_that_begins_mid_week_reaches_no_day_before() -> None:
    """Terms from Wednesday on ask for four days of the whole week: only Thursday is held for it."""
    strict = document(weekly={"measure": "attended", "minutes": 0, "days": 4, "consequence": "hold"})
    clinic = a_clinic()
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    days = asked(clinic, strict, "2026-03-04", LAST)
    assert short(days) == [(WEEK[2], "billable", 20_000, "held", 20_000)]
    assert days[0].why == "weekly minimum"


def test_a_day_before_the_period_changes_when_the_week_loses_minutes() -> None:
    """The week asks for 540 minutes: with Thursday's group uncounted from Wednesday on, Monday and Tuesday are held."""
    weekly = {"measure": "attended", "minutes": 540, "days": 3, "consequence": "hold"}
    clinic = a_clinic(weekly=weekly)
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    days = asked(clinic, document(weekly=weekly, counted_kinds=("individual",)), "2026-03-04", LAST)
    assert [(*one[1:4:2], day.inside) for one, day in zip(short(days), days, strict=True)] == [
        ("billable", "held", False), ("billable", "held", False), ("billable", "not_billable", True),
    ]  # fmt: skip


def test_a_day_after_the_period_gets_the_unit_that_a_day_in_it_gives_up() -> None:
    """Two units for three days: with the first day ruled out, the third, outside the period, is no longer held."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish()
    clinic.patient(authorized=False)
    clinic.request()
    clinic.approve(units=2)
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    days = asked(clinic, document(minimum_minutes=195), WEEK[0], WEEK[0])
    assert [(*one[:2], one[3]) for one in short(days)] == [
        (WEEK[0], "billable", "not_billable"), (WEEK[2], "held", "billable"),
    ]  # fmt: skip
    assert days[1].why == "no longer authorization exhausted"
    assert not days[1].inside


def test_the_payers_own_revision_does_not_displace_supposed_terms() -> None:
    """Terms that the payer revised on the first day of the period or within it give way, and come back after it."""
    clinic = a_claimed_week()
    for day in WEEK[:2]:
        revised = PolicyRevised(effective_from=day, terms=terms(minimum_minutes=181), cause="contract")
        clinic.story.tell(an_id("policy"), revised)
    now = ("not_billable", "not_billable", "not_billable")
    days = asked(clinic, document(), WEEK[0], WEEK[1])
    assert tuple(day.now.underlying for day in days) == now
    assert tuple(day.then.underlying for day in days) == ("billable", "billable", "not_billable")


def test_terms_hold_on_their_days_where_the_payer_has_none() -> None:
    """After the policy's last day nothing is in force; supposed terms make those days billable, and no others."""
    clinic = a_clinic()
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    clinic.story.tell(an_id("policy"), PolicyRetired(effective_through="2026-03-01", cause="contract_ended"))
    days = asked(clinic, document(), WEEK[1], WEEK[1])
    assert short(days) == [(WEEK[1], "held", 0, "billable", 20_000)]
    assert days[0].why == "no longer no policy"


def test_another_payers_terms_change_nothing() -> None:
    """Terms of a payer who covers nobody here leave every day as it is, and no day is asked about."""
    clinic = a_claimed_week()
    clinic.publish(2)
    assert asked(clinic, document(minimum_minutes=195), payer=2) == []


def test_only_the_named_programs_are_told() -> None:
    """Days of a program that was not asked about are left out, though they are decided with the others."""
    assert asked(a_claimed_week(), document(minimum_minutes=195), programs=[an_id("program", 2)]) == []


def test_the_terms_in_force_change_nothing_in_a_season() -> None:
    """Supposed on just the days on which they apply, every version of the terms leaves every day of every patient."""
    clinic = a_season()
    shared = [one for one in clinic.story.recorded(MODEL) if one.name in MODEL.references]
    (policy,) = recorded_policies(shared).values()
    first, second = policy.versions
    for version, begin, end in ((first, FIRST, "2026-03-08"), (second, "2026-03-09", LAST)):
        for patient in (1, 2, 3):
            days = asked(clinic, document(exactly=version.terms), begin, end, patient=patient)
            assert days
            assert [day for day in days if day.changed or day.moved] == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pasts(), st.sampled_from(DAYS))
def test_the_terms_in_force_change_nothing_whatever_happened(clinic: Clinic, on: str) -> None:
    """On any one day of any past, the newest terms that apply to it leave every day, every claim and all money."""
    shared = [one for one in clinic.story.recorded(MODEL) if one.name in MODEL.references]
    (policy,) = recorded_policies(shared).values()
    version = [one for one in policy.versions if covers(one.effective_from, one.effective_through, on)][-1:]
    assume(version)  # they may have been retired before the day
    for patient in (1, 2):
        days = asked(clinic, document(exactly=version[0].terms), on, on, patient=patient)
        assert [day for day in days if day.changed or day.moved] == []
        assert all(claim.difference_cents == 0 for claim in claims_of(days))


def test_the_log_gives_the_same_days_as_the_facts_at_hand(log: Log, projector: Pool) -> None:
    """Read from PostgreSQL up to a position, one patient's history now is the read model's, and then the fold's."""
    clinic = a_claimed_week()
    clinic.story.append(log)
    driver, position = project(MODEL, log, projector), len(clinic.story.facts)
    given_terms = Supposition(an_id("payer"), document(minimum_minutes=195), FIRST, LAST)
    shared = References(MODEL, log, decode).facts(position)
    extra = supposed(given_terms, recorded_policies(shared).values(), position, NOW)
    with asking(driver, projector) as cursor:
        view = queries.covered(
            cursor, programs=PROGRAMS, now=NOW, payer_id=an_id("payer"), from_date=FIRST, through_date=LAST
        )
        live = queries.days(cursor, programs=PROGRAMS, now=NOW, patient_id=an_id("patient"))
        nobody = queries.covered(
            cursor, programs=PROGRAMS, now=NOW, payer_id=an_id("payer"), from_date=LAST, through_date=LAST
        )
    assert (view.patient_ids, nobody.patient_ids) == ([an_id("patient")], [])
    now, then = now_and_then(MODEL, log, decode, an_id("patient"), position, shared, extra)
    assert queries.from_rows(now, patient_id=an_id("patient"), programs=PROGRAMS, now=NOW) == live
    days = compared(now, then, an_id("patient"), given_terms, PROGRAMS, NOW)
    assert short(days) == short(asked(clinic, document(minimum_minutes=195)))
    assert [day.state for day in days_from(then, an_id("patient"))] == ["billed"] * 3


@pytest.mark.parametrize("cents", [19_000, 20_000, 20_001])
def test_totals_are_the_sum_of_the_days(cents: int) -> None:
    """Whatever the rate, each day is under one head on each side, and the heads add up to the days' money."""
    clinic = a_claimed_week()
    clinic.documented("2026-03-09", "09:00-12:00")
    clinic.meet("2026-03-10", "09:00-12:00")
    days = asked(clinic, document(per_diems=per_diems(cents)))
    totals = totals_of(days)
    assert sum(one.now_days for one in totals) == sum(one.then_days for one in totals) == len(days) == 5
    assert sum(one.then_cents for one in totals) == 5 * cents
    assert {one.counts_as: one.now_days for one in totals} == {
        "claimed": 3, "billable": 1, "pending": 1, "nothing": 0,
    }
