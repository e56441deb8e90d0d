"""Days explained and claims made at the command line, on a small simulated clinic."""

import json
from typing import Any

import pytest

from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run

pytestmark = pytest.mark.slow


def told(run: Run, *words: object) -> Any:
    """The JSON that a command prints, which succeeds and says nothing beside it."""
    done = run(*words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_billable_days_become_claims_once_and_say_so(
    run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared, then submitted, each once; the day is billed now and was billable as of the position before."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", empty_database_url)
    assert run("demo", "--no-serve", "--weeks", 2, "--patients", 6).exit_code == 0
    would = told(run, "claims", "prepare", "--dry-run")
    assert would["prepared"] == len(would["claims"]) > 0
    done = told(run, "claims", "prepare")
    assert done["claims"] == would["claims"]
    assert told(run, "claims", "prepare") == done  # asked again before the read model has moved: the same claims
    run("project", "--once")
    assert told(run, "claims", "prepare")["prepared"] == 0
    submitted = told(run, "claims", "submit", "--batch", "monday")
    assert submitted["submitted"] >= done["prepared"]
    assert {claim["batch"] for claim in submitted["claims"]} == {"monday"}
    run("project", "--once")
    assert told(run, "claims", "submit")["submitted"] == 0
    with opened(Settings()) as house:
        made = [fact.stream for fact in house.log.by_topics(["claim.prepared"])]
    assert [made.count(claim["claim_id"]) for claim in done["claims"]] == [1] * done["prepared"]
    claim = done["claims"][0]
    who, day = claim["patient_id"], claim["lines"][0]["service_date"]
    [now] = told(run, "explain", who, day)["items"]
    [before] = told(run, "explain", who, day, "--as-of", claim["decided_at"])["items"]
    assert (now["day"]["state"], before["day"]["state"]) == ("billed", "billable")
    assert now["day"]["charge_cents"] == before["day"]["cents"] == claim["lines"][0]["charge_cents"]
    assert "billed" in run("explain", who, day).stdout.splitlines()[0]
