"""Billable days become claims; what cannot be billed is left out and says why."""

from __future__ import annotations

from itertools import count

from pydantic import TypeAdapter

from aggregates.claim.commands import PrepareClaim
from projections.billing import MODEL
from projections.billing.claims import Prepared, prepare
from projections.billing.queries import days_from
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import folded

NOW = "2026-04-10T12:00:00.000000Z"


def _prepared(clinic: Clinic, period: str = "week", now: str = NOW) -> Prepared:
    numbers = count(1)
    days = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    return prepare(days, decided_at=99, now=now, period=period, new_id=lambda: an_id("claim", next(numbers)))  # type: ignore[arg-type] # a literal


def test_a_week_makes_one_claim_and_another_week_another() -> None:
    """Days of one week stand on one claim as numbered lines with the units that they reserved."""
    clinic = a_clinic()
    for day in ("2026-03-02", "2026-03-04", "2026-03-09"):
        clinic.documented(day, "09:00-12:00")
    first, second = _prepared(clinic).claims
    assert [(line["line"], line["service_date"], line["authorization_units"]) for line in first["lines"]] == [
        (1, "2026-03-02", [1]), (2, "2026-03-04", [2]),
    ]
    assert (first["from_date"], first["through_date"], first["total_cents"]) == ("2026-03-02", "2026-03-04", 40_000)
    assert (second["total_cents"], second["decided_at"], second["frequency"]) == (20_000, 99, "1")


def test_the_data_are_a_valid_command() -> None:
    """What is prepared is accepted as `claim.prepare` without a change."""
    clinic = a_clinic()
    clinic.documented("2026-03-02", "09:00-12:00")
    (data,) = _prepared(clinic).claims
    command = TypeAdapter(PrepareClaim).validate_python(data)
    assert (command.form, command.type_of_bill, command.lines[0].revenue_code) == ("837I", "0131", "0905")


def test_a_month_makes_one_claim_across_its_weeks() -> None:
    """Monthly billing cuts at the calendar month, not at the week."""
    clinic = a_clinic()
    for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
        clinic.documented(day, "09:00-12:00")
    assert [len(claim["lines"]) for claim in _prepared(clinic, "month").claims] == [2, 1]
    assert [len(claim["lines"]) for claim in _prepared(clinic, "week").claims] == [3]


def test_held_days_are_left_out_and_say_why() -> None:
    """A day without its note is on no claim."""
    clinic = a_clinic()
    clinic.meet("2026-03-02", "09:00-12:00")
    result = _prepared(clinic)
    assert result.claims == []
    assert [one.why for one in result.left_out] == ["The day is held."]


def test_a_consent_that_ran_out_since_lets_nothing_go() -> None:
    """In force on the day of service but not today: nothing may be disclosed any more (42 CFR 2.31)."""
    clinic = a_clinic("substance_use")
    clinic.consent(expires_on="2026-03-31")
    clinic.documented("2026-03-02", "09:00-12:00")
    assert len(_prepared(clinic, now="2026-03-31T12:00:00.000000Z").claims) == 1
    result = _prepared(clinic, now="2026-04-01T12:00:00.000000Z")
    assert result.claims == []
    assert "ran out on 2026-03-31" in result.left_out[0].why
