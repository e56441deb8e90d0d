"""A first certification covers the days since admission; one that came too long after a day is told as a warning."""

from __future__ import annotations

import pytest

from aggregates.enrollment.facts import PlanCertified
from projections.billing.explain import told
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import NOW, Office


@pytest.mark.parametrize(("certified_on", "warned"), [("2026-03-06", False), ("2026-03-07", True)])
def test_a_first_certification_reaches_back_by_the_payers_interval_without_a_word(
    certified_on: str, warned: bool
) -> None:  # fmt: skip
    """60 days after 5 January is 6 March; a day later the day can be billed with a warning for the clinician."""
    clinic = a_clinic(authorization_required=False, certification_days=60)
    clinic.in_care(PlanCertified(
        plan_id=an_id("plan"), certified_on=certified_on, certified_through="2026-12-31",
        physician_id=an_id("clinician"),
    ))  # fmt: skip
    clinic.documented("2026-01-05", "09:00-12:00")
    (day,) = Office(clinic).days()
    (answer,) = [one for one in day.answers if one.rule == "certification"]
    assert (day.state, answer.outcome) == ("billable", "warning" if warned else "passed")
    lines = told(day, NOW)
    assert any("61 days after this day and so beyond its interval of 60 days" in line for line in lines) == warned
    assert all("certification that the payer accepts" not in line or "unverified" in line for line in lines)
