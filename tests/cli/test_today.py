"""Today's list at the command line."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from aggregates.clinician.facts import OnCallAssigned
from aggregates.program.facts import PayerEnrollmentRecorded
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, one_sentence
from tests.projections.outcomes.past import OTHER, PROGRAM
from tests.projections.outcomes.test_today import TAKER, past
from tests.projections.story import an_id

pytestmark = pytest.mark.slow


RELIEVED = "2026-03-02T23:30:00.000000Z"


@pytest.fixture
def clinic(run: Run, simulation: str) -> None:
    """On 2 March: three safety items, one taken and one cleared; two measures are missing."""
    story = past()
    for person in (TAKER, an_id("person")):
        story.tell(PROGRAM, PayerEnrollmentRecorded(payer_id=person, effective_from="2026-01-01"), by=person)
    story.tell(TAKER, OnCallAssigned(
        on_call_id=an_id("on call"), program_id=PROGRAM, starts_at="2026-03-01T00:00:00.000000Z", ends_at=RELIEVED
    ))  # fmt: skip
    with opened(Settings()) as house:
        story.append(house.log)
    assert run("project", "--once").exit_code == 0


def told(run: Run, *words: object) -> list[dict[str, Any]]:
    """The entries that the command prints as JSON."""
    done = run("today", *words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    items: list[dict[str, Any]] = json.loads(done.stdout)["items"]
    return items


@pytest.mark.usefixtures("clinic")
def test_the_list_says_who_why_how_long_and_what_was_done(run: Run) -> None:
    """Urgent first, then the oldest; the same as data."""
    page = run("today")
    assert (page.exit_code, page.stderr) == (0, "")
    assert re.search(rf"safety item ! +1 +{an_id('patient', 2)}", page.stdout), page.stdout
    assert "PHQ-9 of 2026-03-01: the safety item was answered with 3." in page.stdout
    assert f"{TAKER}: taken" in page.stdout
    assert "Alerts: 4, 1 of them urgent (!), about 3 patients." in page.stdout
    assert [(one["kind"], one["age_days"]) for one in told(run)] == [
        ("safety_item", 1), ("safety_item", 41), ("no_measure", 27), ("no_measure", 7),
    ]  # fmt: skip


@pytest.mark.usefixtures("clinic")
def test_it_can_be_one_programs_or_one_persons(run: Run) -> None:
    """Whoever took an alert owns it."""
    assert [one["program_id"] for one in told(run, "--program", OTHER)] == [OTHER]
    assert [one["owner_id"] for one in told(run, "--mine", "--person", TAKER)] == [TAKER]
    assert told(run, "--program", PROGRAM, "--mine", "--person", an_id("person")) == []
    assert "Nobody." in run("today", "--mine").stdout
    assert "There is no program" in one_sentence(run("today", "--program", an_id("program", 9)), 2)


@pytest.mark.usefixtures("clinic")
def test_when_nobody_is_on_call_is_said_first(run: Run) -> None:
    """Of a program that has people on call, in its own time; of another nothing is said."""
    page = run("today").stdout
    assert "Nobody is on call for iop from 2026-03-02 18:30 EST until" in page
    assert page.index("Nobody is on call") < page.index("safety item")
    [gap] = json.loads(run("today", "--json").stdout)["on_call_gaps"]
    assert (gap["program_id"], gap["from_at"]) == (PROGRAM, RELIEVED)
    assert "on call" not in run("today", "--program", OTHER).stdout
