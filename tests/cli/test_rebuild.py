"""Rebuilds at the command line: gone on with, begun anew, stopped, and shown by `status`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from iop_es import rebuilding
from iop_es.engine.processes import helpers
from iop_es.engine.readmodel import rebuild
from iop_es.engine.readmodel.failure import Failure, FoldFailed
from iop_es.engine.readmodel.rebuild import Progress
from iop_es.rebuilding import Wanted, built
from iop_es.settings import Settings
from iop_es.wiring import MODELS, opened
from tests.cli.conftest import Run, one_sentence
from tests.cli.process import SECONDS, environment, until
from tests.cli.test_parked import loaded

AUDIT = (MODELS["audit"],)


@pytest.fixture
def facts(store: str) -> str:
    """A store with some facts, projected."""
    with opened(Settings()) as house:
        loaded(house, range(10))
        house.project()
    return store


@pytest.fixture
def begun(facts: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The schema of a build of audit that was ended after two shares of three."""
    made = iter(range(9))

    def end(_name: str, _progress: Progress) -> None:
        if next(made):
            raise KeyboardInterrupt

    with opened(Settings()) as house, pytest.raises(KeyboardInterrupt):
        built(house, Wanted(AUDIT, share=7), end)
    with opened(Settings()) as house:
        return house.unfinished()[0].schema


def told(run: Run, *words: object) -> Any:
    """The JSON that a command prints."""
    return json.loads(run(*words, "--json").stdout)


def test_status_shows_who_projects_and_what_is_unfinished(run: Run, begun: str) -> None:
    """The holder of each lease and its end, and how many shares of a build are there; in words and as data."""
    before = told(run, "status")
    assert {(one["held"], one["holder"], one["lease_ends"]) for one in before["read_models"]} == {(False, None, None)}
    [build] = before["unfinished_builds"]
    assert (build["name"], build["version"], build["schema"]) == ("audit", MODELS["audit"].version, begun)
    assert (build["shares_done"], build["shares"]) == (2, 3)
    with opened(Settings()) as house:
        driver = next(one for one in house.drivers if one.model.name == "audit")
        driver.step(1)
        [held] = [one for one in told(run, "status")["read_models"] if one["held"]]
        page = run("status").stdout
        driver.release()
    assert (held["name"], held["holder"]) == ("audit", driver.holder)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", held["lease_ends"])
    assert f"audit is held by {driver.holder} until 2" in page
    named, begun_at = f"audit {MODELS['audit'].version}", build["begun_at"]
    assert f"A build of {named}, begun {begun_at}, is not in use yet: 2 of 3 shares are there.\n" in page


def test_a_rebuild_says_that_it_goes_on(run: Run, begun: str) -> None:
    """With what was begun, how far that is, and how to begin anew; and nothing of it the next time."""
    done = run("rebuild", "audit", "--json")
    assert done.exit_code == 0
    assert re.fullmatch(
        r"audit: goes on with a build begun \S+Z: 2 of 3 shares are there; --fresh begins anew\.\n", done.stderr
    )
    assert json.loads(done.stdout)["audit"]["schema"] == begun
    assert run("rebuild", "audit").stderr == ""
    assert told(run, "status")["unfinished_builds"] == []


def test_a_build_of_other_code_is_begun_anew(run: Run, begun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and so it does not when it was told to."""
    monkeypatch.setattr(rebuild, "code_of", lambda _model, _decode: "other")
    done = run("rebuild", "audit", "--json")
    assert re.fullmatch(
        r"audit: begins anew, because the build begun \S+Z was made by other code\.\n", done.stderr
    )
    assert json.loads(done.stdout)["audit"]["schema"] != begun


def test_fresh_says_nothing_of_what_was_begun(run: Run, begun: str) -> None:
    """Whoever asks for it knows."""
    done = run("rebuild", "audit", "--fresh", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["audit"]["schema"] != begun


def test_two_rebuilds_at_once_make_one(run: Run, begun: str) -> None:
    """Both are told the same schema and position, whichever of them made it."""
    assert begun
    with opened(Settings()) as house, ThreadPoolExecutor(2) as threads:
        wanted = Wanted(AUDIT)

        def whole(_: int) -> tuple[str, int]:
            schemas = built(house, wanted)
            return schemas["audit"], rebuilding.switched(house, wanted, schemas)["audit"]

        assert list(threads.map(whole, range(2))) == [(begun, house.log.head().position)] * 2


def test_a_rebuild_that_is_stopped_says_what_is_kept(
    run: Run, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line and the exit code of an interrupt, at whatever point it comes."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("iop_es.cli.readmodels.switched", interrupted)
    stopped = run("rebuild", "audit", "--workers", 1)
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    *_, last = stopped.stderr.splitlines()
    assert last == (
        "Stopped: of audit every share is there; the same command goes on with it, --fresh begins anew."
    )
    monkeypatch.setattr("iop_es.cli.readmodels.built", interrupted)
    assert "nothing of it is left unfinished" in one_sentence(run("rebuild", "billing"), 130)
    monkeypatch.setattr("iop_es.cli.readmodels.settings", interrupted)
    assert one_sentence(run("rebuild", "billing"), 130) == "Stopped."


@pytest.mark.slow
@pytest.mark.parametrize(("held", "kept"), [
    ("LOCK TABLE iop.parked IN ACCESS EXCLUSIVE MODE", "audit 0 of 1 shares are"),  # each share looks there
    ("SELECT FROM iop.read_model FOR UPDATE", "audit every share is"),
])  # fmt: skip
def test_ctrl_c_ends_every_process_of_a_rebuild_with_one_line(
    facts: str, tmp_path: Path, held: str, kept: str
) -> None:
    """While a process is at a share, or a thread at what comes after: exit code 130, no trace, nobody is left."""
    if "every" in kept:
        with opened(Settings()) as house:
            built(house, Wanted(AUDIT))
    command = [sys.executable, "-m", "iop_es", "rebuild", "audit", "--workers", "2"]
    with psycopg.connect(facts) as holding, psycopg.connect(facts, autocommit=True) as looking:
        holding.execute(held)
        process = subprocess.Popen(
            command, env=environment(tmp_path, facts), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True, preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 # nothing else runs here
        )  # fmt: skip
        blocked = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        assert until(lambda: looking.execute(blocked).fetchall())
        os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=SECONDS)
    assert (process.returncode, said) == (130, "")
    *_, last = complained.splitlines()
    assert last.startswith(f"Stopped: of {kept} there; the same") and "Traceback" not in complained
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def _fails(*_: object) -> None:
    raise FoldFailed("audit", Failure(1, "some.fact", "An error."))


@pytest.mark.slow
def test_a_failing_helper_ends_the_rebuild_soon(facts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its failure is heard after the share that is being made, not when all of them are done."""
    monkeypatch.setattr(rebuilding, "_help", _fails)
    made: list[int] = []

    def move(_name: str, progress: Progress) -> None:
        made.append(progress.shares_left)
        time.sleep(0.3)

    with pytest.raises(FoldFailed), helpers(2) as others, opened(Settings()) as house:
        built(house, Wanted(AUDIT, 2, share=1), move, others)
    assert len(made) < 3


def _hears_ctrl_c() -> None:
    """A job of a shell's background does not, and what it starts would not either."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
