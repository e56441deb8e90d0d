"""What the weekly test cites: the facts of the very days that it counts."""

from __future__ import annotations

from aggregates.session.facts import SessionRescheduled
from projections.billing import MODEL
from projections.billing.queries import days_from
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.story import folded


def test_the_weekly_test_cites_the_facts_of_every_day_that_it_counts() -> None:
    """Closed sessions of the whole week, whichever of its days is asked; not those of kinds that do not count."""
    clinic = a_clinic(weekly={"measure": "attended", "minutes": 540, "days": 3, "consequence": "warn"})
    sessions = [clinic.documented(day, "09:00-12:00") for day in ("2026-03-02", "2026-03-04")]
    meal = clinic.documented("2026-03-03", "12:00-13:00", kind="meal")
    recorded = clinic.story.recorded(MODEL)
    closed = {one.stream: one.position for one in recorded if one.name == "session.closed"}
    days = days_from(folded(MODEL, recorded), an_id("patient"))
    for day in (days[0], days[2]):
        [answer] = [one for one in day.answers if one.rule == "week"]
        assert {closed[an_id("session", one)] for one in sessions} <= set(answer.positions)
        assert closed[an_id("session", meal)] not in answer.positions


def test_a_service_that_was_moved_is_scheduled_for_its_new_minutes() -> None:
    """Three hours that became two, on another day: they count as two hours of that day's week."""
    clinic = a_clinic(weekly={"measure": "scheduled", "minutes": 300, "days": 2, "consequence": "hold"})
    clinic.documented("2026-03-02", "09:00-12:00")
    moved = clinic.meet("2026-03-04", "09:00-12:00", leave="expected")
    fact = SessionRescheduled(
        service_date="2026-03-05", starts_at=clinic.at("2026-03-05", "09:00"), ends_at=clinic.at("2026-03-05", "11:00"),
        facilitators=(an_id("clinician"),), cause="room",
    )
    own = (an_id("patient"), an_id("attendance", moved * 1000 + 1))
    clinic.story.tell(an_id("session", moved), fact, patients=[own])
    [day] = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    [answer] = [one for one in day.answers if one.rule == "week"]
    assert (answer.numbers["minutes"], answer.numbers["days"], answer.outcome) == (300, 2, "passed")
