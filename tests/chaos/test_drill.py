"""A small drill, and the points at which one may hold the product."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from iop_es.engine.failpoints import VARIABLE
from tests.chaos.drill import kills
from tests.chaos.killing import POINTS
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


def test_what_was_killed_is_gone() -> None:
    """The drill sees the end of a process, and of one that never was."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert kill(process.pid)
    assert gone(process.pid)
    process.communicate()
    assert not kill(process.pid)
