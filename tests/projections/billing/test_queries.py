"""What billing answers: every day in one state, worklists with owners, pages, the ledger, claims, money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimAdjudicated
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.explain import trace_view
from projections.billing.standing import (
    OWNER_AT,
    REASON_AT,
    REASONS_AT,
    STATE_AT,
    UNDERLYING_AT,
    reasons_at,
    standing,
    underlying_at,
)
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.stories import a_season
from tests.projections.story import asking, project

PROGRAMS = [an_id("program")]
NOW = "2026-03-13T12:00:00.000000Z"
MOMENTS = (
    "2026-03-02T18:00:00.000000Z", "2026-03-04T16:59:59.999999Z", "2026-03-04T17:00:00.000000Z",
    "2026-03-09T03:59:59.999999Z", "2026-03-09T04:00:00.000000Z", "2026-03-16T04:00:00.000000Z",
)


@pytest.fixture
def cursor(log: Log, projector: Pool) -> Iterator[Cursor[Any]]:
    """The read model of the season, ready to be asked."""
    a_season().story.append(log)
    with asking(project(MODEL, log, projector), projector) as opened:
        yield opened


def test_sql_and_python_agree_on_what_holds_at_a_moment(cursor: Cursor[Any]) -> None:
    """State, reason, owner and all reasons of every day at every moment are the same by SQL and by the functions."""
    seen = _agreed(cursor)
    assert len({(date, state) for date, _, state, *_ in seen}) > len({date for date, *_ in seen}), "some state changes"


def test_they_agree_on_warnings_that_come_and_on_billed_days(log: Log, projector: Pool) -> None:
    """A warning appears at the week's end, and what a billed day would be changes when its note's window closes."""
    a_short_week().story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        seen = _agreed(cursor)
    warned = [one[2:4] for one in seen if one[0] == "2026-03-02"]
    billed = [(*one[2:4], one[5]) for one in seen if one[0] == "2026-03-03"]
    assert warned == [("billable", None)] * 4 + [("billable", "weekly_minimum")] * 2
    assert billed == [("billed", "note_missing", "waiting")] * 2 + [("billed", "note_missing", "held")] * 4


def test_they_agree_on_a_day_that_goes_through_three_stages(log: Log, projector: Pool) -> None:
    """Sessions to come until the day is over; then a short day is none, and a long one waits for its note."""
    clinic = a_clinic()
    clinic.documented("2026-03-03", "08:00-10:00")
    clinic.meet("2026-03-03", "10:00-12:00", leave="expected")
    clinic.meet("2026-03-08", "09:00-12:00")
    clinic.meet("2026-03-08", "12:30-13:30", leave="expected")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        seen = _agreed(cursor)
    short = [(*one[2:5],) for one in seen if one[0] == "2026-03-03"]
    noteless = [(*one[2:4],) for one in seen if one[0] == "2026-03-08"]
    waits = ("waiting", "session_open")
    assert short == [(*waits, "clinician")] + [("not_billable", "below_minimum_minutes", "biller")] * 5
    assert noteless == [waits] * 4 + [("waiting", "note_missing"), ("held", "note_missing")]


def _agreed(cursor: Cursor[Any]) -> list[tuple[Any, ...]]:
    """Date, moment, state, reason, owner, underlying state and reasons of every day at every moment."""
    seen = []
    for now in MOMENTS:
        rows = cursor.execute(
            f"SELECT body, {STATE_AT}, {REASON_AT}, {OWNER_AT}, {UNDERLYING_AT}, {REASONS_AT} FROM patient_day d",  # noqa: S608 - constants
            {"now": now},
        ).fetchall()
        for body, *by_sql in rows:
            day = queries._decode(body)
            assert [*standing(day, now), underlying_at(day, now), reasons_at(day, now)] == by_sql
            seen.append((day.service_date, now, *by_sql))
    return seen


def a_short_week() -> Clinic:
    """A week that only warns: a documented day, a billed one without its note, a denied one, and an absence."""
    clinic = a_clinic(weekly={"measure": "attended", "minutes": 900, "days": 4, "consequence": "warn"})
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.meet("2026-03-03", "09:00-12:00")
    clinic.claim(1, [("2026-03-03", 2)])
    clinic.documented("2026-03-05", "09:00-12:00")
    clinic.claim(2, [("2026-03-05", 3)])
    denied = Adjustment(group="CO", carc="197", rarc="N54", amount_cents=20_000)
    lines = (AdjudicatedLine(line=1, paid_cents=0, adjustments=(denied,)),)
    answer = ClaimAdjudicated(adjudicated_on="2026-03-20", payer_control_number="p2", paid_cents=0, lines=lines)
    clinic.story.tell(an_id("claim", 2), answer)
    clinic.meet("2026-03-06", "09:00-12:00", leave="absent")
    return clinic


def test_a_reason_finds_the_days_on_which_it_stands(log: Log, projector: Pool) -> None:
    """A warning finds its days once it is due; a denial finds its day, whose state it does not decide."""
    a_short_week().story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        def found(reason: str, now: str) -> list[tuple[str, str | None]]:
            days = queries.days(cursor, programs=PROGRAMS, now=now, reason=reason)
            assert all(reason in [one.code for one in day.reasons] for day in days)
            return [(day.service_date, day.reason) for day in days]

        assert found("weekly_minimum", "2026-03-09T03:59:59.999999Z") == []
        assert found("weekly_minimum", "2026-03-09T04:00:00.000000Z") == [
            ("2026-03-02", "weekly_minimum"), ("2026-03-03", "note_missing"), ("2026-03-05", "weekly_minimum"),
        ]
        assert found("denied_by_payer", "2026-03-06T12:00:00.000000Z") == [("2026-03-05", None)]


def test_an_absence_is_counted_by_its_payer(log: Log, projector: Pool) -> None:
    """A day of absence names the payer and policy that cover it, is worth nothing, and rests on no unverified value."""
    a_short_week().story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (day,) = queries.days(
            cursor, programs=PROGRAMS, now=NOW, payer_id=an_id("payer"), reason="no_attendance"
        )
    assert (day.policy_id, day.policy_code, day.policy_version) == (an_id("policy"), "payer-1", 1)
    assert (day.service_date, day.cents, day.procedure_code, day.unverified) == ("2026-03-06", 0, None, [])


def test_a_short_week_is_worked_by_billers_once_it_is_over(log: Log, projector: Pool) -> None:
    """Until Sunday the clinician can offer a make-up; a held short week is the biller's and offers none."""
    clinic = a_clinic(weekly={"measure": "attended", "minutes": 540, "days": 3, "consequence": "hold"})
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (before,) = queries.days(cursor, programs=PROGRAMS, now="2026-03-09T03:59:59.999999Z")
        (held,) = queries.held(cursor, programs=PROGRAMS, now="2026-03-09T04:00:00.000000Z")
    assert (before.state, before.owner, before.reasons[0].owner) == ("waiting", "clinician", "clinician")
    assert (held.owner, held.reason) == ("biller", "weekly_minimum")
    assert "make-up" not in held.next_step


def test_totals_are_the_sum_of_the_days(cursor: Cursor[Any]) -> None:
    """Every day is in exactly one total, with its money: a billed day's charge, another day's worth."""
    days = queries.days(cursor, programs=PROGRAMS, now=NOW)
    totals = queries.totals(cursor, programs=PROGRAMS, now=NOW)
    assert sum(total.days for total in totals) == len(days) == 14
    for total in totals:
        mine = [day for day in days if (day.state, day.reason) == (total.state, total.reason)]
        worth = [day.charge_cents if day.state == "billed" else day.cents for day in mine]
        assert total.days == len(mine)
        assert total.cents == sum(cents or 0 for cents in worth)
        assert total.unknown == worth.count(None)


def test_a_day_is_traced_to_its_facts(cursor: Cursor[Any]) -> None:
    """The corrected, billed and paid day tells its minutes, its claim and that it should be looked at again."""
    (known,) = queries.decided(
        cursor, programs=PROGRAMS, now=NOW, patient_id=an_id("patient"), service_date="2026-03-02"
    )
    trace = trace_view(known, NOW)
    day = trace.day
    assert (day.state, day.underlying, day.minutes) == ("billed", "not_billable", 150)
    assert (day.charge_cents, day.paid_cents, day.denied_cents) == (20_000, 15_000, 0)
    assert any("150 of 180 minutes" in line for line in trace.told)
    assert any("Without its claim the day would be not billable" in line for line in trace.told)
    assert trace.told[-1] == "Unverified values of the policy: minimum_minutes, per_diems."


def test_pages_follow_each_other_without_gap_or_repeat(cursor: Cursor[Any]) -> None:
    """Pages of five, each after the cursor of the page before, make the whole list."""
    whole = queries.days(cursor, programs=PROGRAMS, now=NOW)
    pages, after = [], None
    while page := queries.days(cursor, programs=PROGRAMS, now=NOW, after=after, limit=5):
        pages += page
        after = queries.cursor_of(page[-1])
    assert pages == whole
    with pytest.raises(ValueError, match="start again"):
        queries.days(cursor, programs=PROGRAMS, now=NOW, after="somewhere")


def test_filters_narrow_the_list(cursor: Cursor[Any]) -> None:
    """Each filter gives the days of the whole list that it describes."""
    whole = queries.days(cursor, programs=PROGRAMS, now=NOW)
    for name, value in (
        ("patient_id", an_id("patient", 2)), ("program_id", PROGRAMS[0]), ("payer_id", an_id("payer")),
        ("state", "held"), ("owner", "clinician"), ("claim_id", an_id("claim", 1)),
    ):
        found = queries.days(cursor, programs=PROGRAMS, now=NOW, **{name: value})
        assert found == [day for day in whole if getattr(day, name) == value]
        assert found, name
    some = queries.days(cursor, programs=PROGRAMS, now=NOW, reason="group_over_maximum", from_date="2026-03-03")
    assert [(day.service_date, day.patient_id) for day in some] == [
        (day.service_date, day.patient_id) for day in whole
        if day.service_date >= "2026-03-03" and "group_over_maximum" in [reason.code for reason in day.reasons]
    ]


def test_other_programs_see_nothing(cursor: Cursor[Any]) -> None:
    """A caller of another program gets empty answers to every question."""
    elsewhere: dict[str, Any] = {"programs": [an_id("program", 9)], "now": NOW}
    assert queries.days(cursor, **elsewhere) == []
    assert queries.totals(cursor, **elsewhere) == []
    assert queries.months(cursor, **elsewhere) == []
    assert queries.held(cursor, **elsewhere) == []
    assert queries.authorizations(cursor, **elsewhere) == []
    assert queries.claims(cursor, **elsewhere) == []
    assert queries.claim(cursor, **elsewhere, claim_id=an_id("claim", 1)) is None
    assert queries.week(cursor, **elsewhere, patient_id=an_id("patient"), monday="2026-03-02") is None


def test_held_days_have_an_owner_and_a_next_step(cursor: Cursor[Any]) -> None:
    """The worklist counts each held day once, under the role that must act."""
    held = queries.days(cursor, programs=PROGRAMS, now=NOW, state="held")
    worklist = queries.held(cursor, programs=PROGRAMS, now=NOW)
    assert sum(entry.days for entry in worklist) == len(held) > 0
    assert all(entry.next_step for entry in worklist)
    (director,) = queries.held(cursor, programs=PROGRAMS, now=NOW, owner="director")
    assert (director.reason, director.oldest) == ("credential_not_active_on_service_date", "2026-03-12")


def test_the_ledger_counts_reserved_and_drawn_units(cursor: Cursor[Any]) -> None:
    """Claimed days draw, other delivered days reserve, and the voided claim's unit came back."""
    first, second, _ = sorted(
        queries.authorizations(cursor, programs=PROGRAMS, now=NOW), key=lambda view: view.authorization_id
    )
    assert (first.units, first.drawn, first.reserved, first.remaining) == (30, 2, 3, 25)
    assert (second.units, second.retroactive) == (7, True)


def test_a_claim_carries_the_payers_answer(cursor: Cursor[Any]) -> None:
    """Paid and denied money of a claim, and its standing; a voided one answers nothing."""
    claims = {view.claim_id: view for view in queries.claims(cursor, programs=PROGRAMS, now=NOW)}
    answered, voided = claims[an_id("claim", 1)], claims[an_id("claim", 2)]
    assert (answered.status, answered.total_cents, answered.paid_cents, answered.denied_cents) == (
        "adjudicated", 40_000, 15_000, 20_000,
    )
    assert answered.adjustments == ["CO-197", "CO-45"]
    assert (voided.status, voided.paid_cents) == ("voided", None)


def test_months_split_the_same_money(cursor: Cursor[Any]) -> None:
    """Totals by program, payer and month are the totals by state, cut otherwise."""
    months = queries.months(cursor, programs=PROGRAMS, now=NOW)
    totals = queries.totals(cursor, programs=PROGRAMS, now=NOW)
    assert {month.month for month in months} == {"2026-03"}
    assert sum(month.cents for month in months) == sum(total.cents for total in totals)
    assert sum(month.paid_cents for month in months) == 15_000


def test_a_week_of_a_patient(cursor: Cursor[Any]) -> None:
    """The week's days in order, with their minutes summed."""
    week = queries.week(cursor, programs=PROGRAMS, now=NOW, patient_id=an_id("patient"), monday="2026-03-02")
    assert week is not None
    assert [day.service_date for day in week.days] == ["2026-03-02", "2026-03-03", "2026-03-05"]
    assert week.minutes == 150 + 180 + 180


def test_a_billed_day_with_a_service_on_no_claim_is_offered_and_counted(log: Log, projector: Pool) -> None:
    """A visit on another form that turned up after billing: its day can be billed, and its charge is in the totals."""
    visit = {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "form": "837P"}
    clinic = Clinic(charges={"S9480": 20_000, "99213": 15_000})
    clinic.open()
    clinic.license()
    clinic.publish(services=(visit | {"revenue_code": "0510"},), counted_kinds=("group",))
    clinic.patient()
    for day in ("2026-03-02", "2026-03-04"):
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1), ("2026-03-04", 2)])
    clinic.documented("2026-03-02", "12:00-12:20", kind="medication_visit")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        offered, around = queries.to_bill(cursor, programs=[an_id("program")], now=NOW)
        totals = queries.totals(cursor, programs=[an_id("program")], now=NOW)
    assert [(day.service_date, [line.procedure_code for line in day.unbilled]) for day in offered] == [
        ("2026-03-02", ["99213"])
    ]
    assert sum(one.cents for one in totals if one.state == "billed") == 55_000
    assert around == []


def test_the_days_of_a_stay_come_with_what_is_to_bill_of_it(log: Log, projector: Pool) -> None:
    """A payer with interim claims is told where in the stay a claim stands, so the billed and held days count too."""
    clinic = a_clinic(interim_claims=True, authorization_required=False)
    for day in ("2026-03-02", "2026-03-09"):
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1)])
    clinic.meet("2026-03-16", "09:00-12:00")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        offered, around = queries.to_bill(cursor, programs=[an_id("program")], now=NOW)
    assert [day.service_date for day in offered] == ["2026-03-09"]
    assert [day.service_date for day in around] == ["2026-03-02", "2026-03-09", "2026-03-16"]


def test_only_the_lines_on_another_form_are_offered_of_a_day_that_waits_for_an_earlier_bill(
    log: Log, projector: Pool
) -> None:
    """The day of the visit is offered for its 837P, the day without one is not."""
    visit = {"service_kind": "medication_visit", "procedure_code": "99213", "use": "carved_out", "form": "837P"}
    clinic = Clinic(charges={"S9480": 20_000, "99213": 15_000})
    clinic.open()
    clinic.license()
    clinic.publish(
        services=(visit | {"revenue_code": "0510"},), counted_kinds=("group",), sequential_claims=True,
        authorization_required=False,
    )
    clinic.patient()
    for day in ("2026-03-02", "2026-03-09", "2026-03-10"):
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [("2026-03-02", 1)])
    clinic.documented("2026-03-09", "12:00-12:20", kind="medication_visit")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        offered = queries.billable_days(cursor, programs=[an_id("program")], now=NOW)
    assert [day.service_date for day in offered] == ["2026-03-09"]
