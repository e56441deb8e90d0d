"""A small drill, and the points at which one may hold the product."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial

import pytest

from iop_es.engine.failpoints import VARIABLE
from tests.chaos.checker import Violation
from tests.chaos.drill import failpoints, judged, kills, least
from tests.chaos.killing import POINTS
from tests.chaos.outcome import Outcome
from tests.chaos.processes import HERE, go_on, gone, kill, state

STEPS = "from iop_es.engine.failpoints import reach; print('a', flush=True); [reach('b') for _ in range(3)]; print('c')"


def stepping(hold: str | None) -> subprocess.Popen[str]:
    """A process that reaches a point three times, started with what is to hold it."""
    environment = {name: text for name, text in os.environ.items() if name != VARIABLE}
    return subprocess.Popen(
        [sys.executable, "-c", STEPS], cwd=HERE, stdout=subprocess.PIPE, text=True,
        env=environment | ({VARIABLE: hold} if hold else {}),
    )  # fmt: skip


@pytest.mark.parametrize("hold", [None, "another", "b@4"])
def test_a_process_goes_past_its_points(hold: str | None) -> None:
    """One that was not started to be held there never is."""
    process = stepping(hold)
    assert process.communicate(timeout=20)[0] == "a\nc\n"


def test_a_process_is_held_where_its_start_says() -> None:
    """At the third time it stops, and goes on only when it is let."""
    process = stepping("b@3")
    assert process.stdout is not None
    assert process.stdout.readline() == "a\n"
    while state(process.pid) != "T":
        assert process.poll() is None
    go_on(process.pid)
    assert process.communicate(timeout=20)[0] == "c\n"


def test_the_drill_knows_every_point_of_the_product() -> None:
    """A point that is added is drilled, and none is drilled that is gone."""
    sources = [path.read_text() for folder in ("iop_es", "api") for path in (HERE / folder).rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'(?:reach|pause)\("([a-z_]+)"\)', text)}
    assert named == {point for points in POINTS.values() for point in points}
    assert sum(len(points) for part, points in POINTS.items() if part != "everything") >= 30


@pytest.mark.slow
def test_a_small_drill_loses_nothing() -> None:
    """Eight processes die while clients work, and every invariant holds."""
    outcome = kills(seed=7, wanted=8, minutes=0.7, patients=24, clients=3)
    assert outcome.violations == []
    assert outcome.counts["kills"] >= 8
    assert outcome.counts["acknowledged"] > 0


DONE = {
    "Connections": {"faulted commands": 5_000}, "Kills": {"kills": 300, "failpoints": 20}, "Full disks": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("section", "kind", "fewer"),
    [("Connections", "faulted commands", 4_999), ("Kills", "kills", 299), ("Kills", "failpoints", 19)],
)
def test_a_full_run_that_did_too_little_fails_and_says_so(
    section: str, kind: str, fewer: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 kills, 20 failpoints and 5,000 commands with a fault; what was asked for is enough of a smaller run."""
    def ran(counts: dict[str, dict[str, int]]) -> int:
        return judged({name: partial(Outcome, counts=of) for name, of in counts.items()}, least(320))

    assert ran(DONE) == 0
    assert "nothing was lost" in capsys.readouterr().out
    assert ran(DONE | {section: DONE[section] | {kind: fewer}}) == 1
    said = capsys.readouterr().out
    assert f"TOO FEW {section}: {fewer:,} {kind}, and {DONE[section][kind]:,} are wanted" in said
    assert "nothing was lost" not in said
    broken = {"Kills": lambda: Outcome(DONE["Kills"], [Violation("I1", "a fact is gone")])}
    assert judged(broken, least(320)) == 1
    assert least(50)["Kills"] == {"kills": 50}


def test_a_failpoint_counts_once_whoever_died_there() -> None:
    """Of two processes that stood at one point, of the database that died meanwhile, and of no step by name."""
    kinds = ("api at order_asked", "everything at order_asked", "postmaster, sealer at tree_locked", "api at random",
             "postmaster, append before its lock")  # fmt: skip
    assert failpoints(dict.fromkeys(kinds, 1) | {"api at append_saved": 0}) == 2


def test_what_was_killed_is_gone() -> None:
    """The drill sees the end of a process, and of one that never was."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert kill(process.pid)
    assert gone(process.pid)
    process.communicate()
    assert not kill(process.pid)
