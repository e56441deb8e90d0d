"""What the weekly test cites: the facts of the very days that it counts."""

from __future__ import annotations

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
