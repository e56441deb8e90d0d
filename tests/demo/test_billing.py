"""Days explained and claims made at the command line, on the small simulated clinic."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner, Result

from iop_es.cli import app
from iop_es.settings import Settings
from iop_es.wiring import opened

pytestmark = pytest.mark.slow


def run(*words: object) -> Result:
    """`iop-es` with these words."""
    return CliRunner().invoke(app, [str(word) for word in words])


def told(*words: object) -> Any:
    """The JSON that a command prints, which succeeds and says nothing beside it."""
    done = run(*words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_billable_days_become_claims_once_and_say_so(
    simulated: Settings, new_database: Callable[[str | None], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared, then submitted, each once; the day is billed now and was billable as of the position before."""
    project = shutil.copytree(simulated.project, tmp_path / "project")
    copied = new_database(str(conninfo_to_dict(str(simulated.database_url))["dbname"]))
    monkeypatch.setenv("IOP_ES_DATABASE_URL", copied)
    monkeypatch.setenv("IOP_ES_PROJECT", str(project))
    would = told("claims", "prepare", "--dry-run")
    assert would["prepared"] == len(would["claims"]) > 0
    done = told("claims", "prepare")
    assert done["claims"] == would["claims"]
    with monkeypatch.context() as patched:  # whoever asked at the same moment: the same claims
        patched.setattr("iop_es.cli.claims.caught_up", lambda _: 0)
        assert told("claims", "prepare") == done
    run("project", "--once")
    assert told("claims", "prepare")["prepared"] == 0
    submitted = told("claims", "submit", "--batch", "monday")
    assert submitted["submitted"] >= done["prepared"]
    assert {claim["batch"] for claim in submitted["claims"]} == {"monday"}
    run("project", "--once")
    assert told("claims", "submit")["submitted"] == 0
    with opened(Settings()) as house:
        made = [fact.stream for fact in house.log.by_topics(["claim.prepared"])]
    assert [made.count(claim["claim_id"]) for claim in done["claims"]] == [1] * done["prepared"]
    claim = done["claims"][0]
    who, day = claim["patient_id"], claim["lines"][0]["service_date"]
    [now] = told("explain", who, day)["items"]
    [before] = told("explain", who, day, "--as-of", claim["decided_at"])["items"]
    assert (now["day"]["state"], before["day"]["state"]) == ("billed", "billable")
    assert now["day"]["charge_cents"] == before["day"]["cents"] == claim["lines"][0]["charge_cents"]
    assert "billed" in run("explain", who, day).stdout.splitlines()[0]
