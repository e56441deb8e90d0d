"""`iop-es claims prepare`: beside the claims, what a biller is to look at before they leave."""

from __future__ import annotations

import json

import pytest

from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run
from tests.projections.billing.clinic import an_id
from tests.projections.billing.test_recorded_late import a_backdated_month
from tests.projections.billing.test_rooms import DAY, a_split_group

pytestmark = pytest.mark.slow


def test_who_led_two_sessions_in_the_same_minutes_is_told_beside_the_claim(run: Run, simulation: str) -> None:
    """In words and as data; the day is on its claim all the same."""
    with opened(Settings()) as house:
        a_split_group().story.append(house.log)
    assert run("project", "--once").exit_code == 0
    told = json.loads(run("claims", "prepare", "--dry-run", "--json").stdout)
    assert [one["patient_id"] for one in told["claims"]] == [an_id("patient")]
    (beside,) = told["beside"]
    assert beside.startswith(f"Patient {an_id('patient')} on {DAY}: ")
    assert "in the same 60 minutes" in beside
    page = run("claims", "prepare", "--dry-run")
    assert "in the same 60 minutes" in " ".join(page.stderr.split())
    assert "1 claims would be prepared, 0 refused." in page.stdout


def test_a_day_that_rests_on_what_was_recorded_later_is_told_beside_its_claim(run: Run, simulation: str) -> None:
    """It can be billed, and whoever bills it knows."""
    with opened(Settings()) as house:
        a_backdated_month()[0].story.append(house.log)
    assert run("project", "--once").exit_code == 0
    told = json.loads(run("claims", "prepare", "--dry-run", "--json").stdout)
    assert len(told["claims"]) == 1
    assert "The certification of 2026-03-05" in told["beside"][0] and "was recorded on 2026-06-10" in told["beside"][0]
