"""A certification that was recorded after its own day is told with the days that it bears, as of any moment."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.enrollment.facts import PlanCertified, PlanRecertified
from projections.billing import MODEL
from projections.billing.day import Day
from projections.billing.explain import told
from projections.billing.queries import days_from
from projections.billing.self_audit import Window, self_audit
from projections.billing.standing import reasons_at
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import folded

DAY = "2026-03-10"
JULY = "2026-07-01T16:00:00.000000Z"


def certified(clinic: Clinic, on: str, through: str, recorded: str, again: bool = False, **changes: Any) -> int:
    """A certification; answers its position."""
    kind = PlanRecertified if again else PlanCertified
    fact = kind(
        plan_id=an_id("plan"), certified_on=on, certified_through=through, physician_id=an_id("clinician"), **changes
    )
    return clinic.in_care(fact, recorded=recorded)


def a_backdated_month(**changes: Any) -> tuple[Clinic, int]:
    """Certified through 28 February; a day in March; in June one of 5 March is recorded, at a position."""
    clinic = a_clinic(authorization_required=False, certification_days=60, timely_filing_days=365, **changes)
    certified(clinic, "2026-01-05", "2026-02-28", "2026-01-05T15:00:00Z")
    clinic.documented(DAY, "09:00-12:00")
    return clinic, certified(clinic, "2026-03-05", "2026-05-01", "2026-06-10T15:00:00Z", again=True)


def the_day(clinic: Clinic, upto: int | None = None) -> Day:
    """The only day, as of a position."""
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL, upto)), an_id("patient"))
    return day


def test_before_it_was_recorded_the_day_is_held_and_afterwards_it_says_so() -> None:
    """What was known in May holds the day; what is known in July bills it, and says since when that is known."""
    clinic, position = a_backdated_month()
    before, after = the_day(clinic, position - 1), the_day(clinic)
    assert (before.state, before.reason) == ("held", "certification_expired")
    assert (after.state, reasons_at(after, JULY)) == ("billable", ["certification_recorded_late"])
    (line,) = [line for line in told(after, JULY) if "recorded on" in line]
    assert "of 2026-03-05" in line
    assert "recorded on 2026-06-10: 97 days after its own day" in line
    assert f"(fact {position})" in line


def test_a_time_that_somebody_told_beside_it_does_not_make_it_timely() -> None:
    """When it was true is what the certification says anyway; when it was known is when the log took it."""
    clinic = a_clinic(authorization_required=False, certification_days=60, timely_filing_days=365)
    clinic.documented(DAY, "09:00-12:00")
    fact = PlanCertified(
        plan_id=an_id("plan"), certified_on="2026-03-05", certified_through="2026-05-01",
        physician_id=an_id("clinician"),
    )
    clinic.story.tell(an_id("enrollment"), fact, at="2026-03-05T15:00:00Z", recorded="2026-06-10T15:00:00Z")
    assert reasons_at(the_day(clinic), JULY) == ["certification_recorded_late"]


@pytest.mark.parametrize(("consequence", "state"), [("none", "billable"), ("warn", "billable"), ("hold", "held")])
def test_whatever_the_payer_makes_of_it_it_is_never_silent(consequence: str, state: str) -> None:
    """A payer's terms hold the day, warn of it or do neither; told it is under each of them."""
    clinic, _ = a_backdated_month(late_recording=consequence)
    day = the_day(clinic)
    assert day.state == state
    assert any("recorded on 2026-06-10" in line for line in told(day, JULY))


def test_a_payers_word_on_it_that_nobody_verified_is_named_on_the_day() -> None:
    """As every other term that made the decision."""
    clinic, _ = a_backdated_month(late_recording="hold", unverified=("late_recording",))
    assert the_day(clinic).unverified == ["late_recording"]
    assert any("[unverified: late_recording]" in line for line in told(the_day(clinic), JULY))


def test_a_history_that_was_loaded_says_when_and_why_and_not_of_the_days_since() -> None:
    """Loaded in May: the days before rest on what was recorded after them, with its reason; those since do not."""
    clinic = a_clinic(
        authorization_required=False, certification_days=200, timely_filing_days=365, late_recording="hold"
    )
    clinic.documented(DAY, "09:00-12:00")
    loaded = "2026-05-04T15:00:00Z"
    certified(clinic, "2026-01-05", "2026-07-01", loaded, late_reason="loaded_from_paper")
    clinic.documented("2026-05-05", "09:00-12:00")
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    before, since = sorted(days_from(delta, an_id("patient")), key=lambda day: day.service_date)
    assert (before.state, reasons_at(before, JULY)) == ("held", ["certification_recorded_late"])
    assert any("(loaded_from_paper)" in line for line in told(before, JULY))
    assert (since.state, reasons_at(since, JULY)) == ("billable", [])
    words = "recorded on 2026-05-04, 119 days after that day (loaded_from_paper)"
    assert any(words in line for line in told(since, JULY))


def test_the_self_audit_finds_a_billed_day_that_rests_on_it() -> None:
    """A reviewer would ask when it was written."""
    clinic, _ = a_backdated_month()
    clinic.claim(1, [(DAY, 1)])
    march = Window("2026-03-01", "2026-03-31")
    view = self_audit([the_day(clinic)], march, programs=[an_id("program")], as_of=1, at=JULY, patients={})
    (found,) = view.days
    assert "certification" in found.failed
    assert any("recorded on 2026-06-10" in words for words in found.found)
