"""Mornings of the clinic with faults, on a virtual clock: nothing is lost, doubled or told wrongly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from tests.chaos.processes import HERE
from tests.simulation.memory import MemoryLog
from tests.simulation.models import Place
from tests.simulation.simulate import Morning, simulate
from tests.simulation.world import FAULTS

CORPUS = (1046, 1086)
"""Seeds that once failed."""

SEEDS = range(1, 13)


@cache
def run(seed: int) -> Morning:
    """A morning, run once for all tests."""
    return simulate(seed)


@pytest.mark.parametrize("seed", [*CORPUS, *SEEDS])
def test_a_morning_with_faults_loses_nothing(seed: int) -> None:
    """Clients, servers, projectors and the sealer meet every fault, and every invariant holds."""
    morning = run(seed)
    assert morning.violations == []
    assert morning.acknowledged > 0


def test_every_kind_of_fault_happens() -> None:
    """In a few mornings each fault has happened, so that none is only on paper."""
    met = sum((run(seed).faults for seed in SEEDS), Counter[str]())
    assert set(met) == set(FAULTS)


def test_the_same_seed_is_the_same_morning() -> None:
    """Another process, which orders its sets differently, traces the same; another seed does not."""
    script = "from tests.simulation.simulate import simulate; print(simulate(5).trace)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HERE, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == run(5).trace == simulate(5).trace
    assert run(6).trace != run(5).trace


def forgets_keys(log: MemoryLog) -> None:
    """A store that does not know a key again."""
    log.all.keys.clear()


def forgets_versions(log: MemoryLog) -> None:
    """A store that lets everybody write on any version."""
    log._must_follow = lambda _facts: None  # type: ignore[method-assign]


def plants(act: Any) -> Any:
    """`append` with something wrong about it."""
    proper = MemoryLog._do_append

    def append(self: MemoryLog, given: Any) -> Any:
        act(self)
        return proper(self, given)

    return patch.object(MemoryLog, "_do_append", append)


@pytest.mark.parametrize("act", [forgets_keys, forgets_versions], ids=lambda act: act.__name__)
def test_a_wrong_store_is_found(act: Any) -> None:
    """A store that breaks a promise does not get through a few mornings."""
    with plants(act):
        assert any(simulate(seed).violations for seed in SEEDS)


def test_a_wrong_projector_is_found() -> None:
    """One that commits after its lease has gone to another does not get through, either."""
    proper = Place.commit

    def commit(self: Place, delta: Any, begun: int, epoch: int, position: int) -> bool:
        return proper(self, delta, self.position, self.epoch, position)

    with patch.object(Place, "commit", commit):
        assert any(simulate(seed).violations for seed in SEEDS)
