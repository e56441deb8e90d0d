"""What billing answers: every day in one state, worklists with owners, pages, the ledger, claims, money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Cursor

from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, queries
from projections.billing.standing import OWNER_AT, REASON_AT, STATE_AT, standing
from tests.projections.billing.clinic import an_id
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
    """State, reason and owner of every day at every moment are the same by the SQL expression and by the function."""
    changed = set()
    for now in MOMENTS:
        rows = cursor.execute(
            f"SELECT body::text, {STATE_AT}, {REASON_AT}, {OWNER_AT} FROM patient_day d", {"now": now}  # noqa: S608 - constants
        ).fetchall()
        for body, *by_sql in rows:
            day = queries._decode(body)
            assert list(standing(day, now)) == by_sql
            changed.add((day.patient_id, day.service_date, by_sql[0]))
    assert len(changed) > len(rows), "some day must change its state between these moments"


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
    (trace,) = queries.day(
        cursor, programs=PROGRAMS, now=NOW, patient_id=an_id("patient"), service_date="2026-03-02"
    )
    day = trace.day
    assert (day.state, day.underlying, day.minutes) == ("billed", "not_billable", 150)
    assert (day.charge_cents, day.paid_cents, day.denied_cents) == (20_000, 15_000, 0)
    assert any("150 of 180 minutes" in line for line in trace.told)
    assert any("Without its claim the day would be not billable" in line for line in trace.told)
    assert trace.told[-1] == "Unverified values of the policy: per_diems."


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
