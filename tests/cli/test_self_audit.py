"""`iop-es self-audit`: a reviewer's questions at the command line, the same as data, and as of a moment."""

from __future__ import annotations

import json

import pytest

from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, one_sentence
from tests.projections.billing.clinic import an_id
from tests.projections.billing.test_rooms import DAY, a_split_group
from tests.projections.billing.test_self_audit import a_march

pytestmark = pytest.mark.slow
WINDOW = ("self-audit", "--from", "2026-03-01", "--to", "2026-03-31")


def test_a_self_audit_tells_what_fails_and_what_it_exposes(run: Run, simulation: str) -> None:
    """Two of three days, 400 dollars; a sample of one by its seed; nothing was billed at first; a program unknown."""
    with opened(Settings()) as house:
        a_march().story.append(house.log)
    assert run("project", "--once").exit_code == 0
    page = run(*WINDOW)
    assert (page.exit_code, page.stderr) == (0, "")
    assert "2 of 3 days fail a question: $400.00 billed, $0.00 paid." in page.stdout
    assert "signature" in page.stdout and "has no note" in " ".join(page.stdout.split())
    found = json.loads(run(*WINDOW, "--sample", 1, "--seed", "spring", "--json").stdout)
    assert (found["billed_days"], found["asked_days"], len(found["days"])) == (3, 1, 1)
    assert found["days"] == json.loads(run(*WINDOW, "--sample", 2, "--seed", "spring", "--json").stdout)["days"][:1]
    assert json.loads(run(*WINDOW, "--as-of", 5, "--json").stdout)["billed_days"] == 0
    assert "There is no program" in one_sentence(run(*WINDOW, "--program", an_id("program", 9)), 2)
    assert "lies after" in one_sentence(run("self-audit", "--from", "2026-03-02", "--to", "2026-03-01"), 2)


def test_a_self_audit_tells_who_led_two_sessions_in_the_same_minutes(run: Run, simulation: str) -> None:
    """By all sessions of the organization as of the moment: none before the second one was closed."""
    clinic = a_split_group()
    clinic.claim(1, [(DAY, 1)])
    clinic.documented(DAY, "11:30-11:45", (2,))
    with opened(Settings()) as house:
        clinic.story.append(house.log)
        third = house.log.by_topics(["session.closed"])[-1].position
    assert run("project", "--once").exit_code == 0
    now, before = (
        " ".join(json.loads(run("self-audit", "--from", DAY, "--to", DAY, "--json", *as_of).stdout)["days"][0]["found"])
        for as_of in ((), ("--as-of", third - 1))
    )
    assert "in the same 60 minutes" in now and "in the same 15 minutes" in now
    assert "in the same 60 minutes" in before and "in the same 15 minutes" not in before
