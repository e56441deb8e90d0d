"""A process that works on a bank's read model and kills itself, like a machine that loses its power.

    python -m tests.engine.dying <url> drive|build <failpoint> <which call of it>

Killed at the failpoint it ends with SIGKILL; whoever comes to the end leaves with 0.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from iop_es.engine.connections import open_pool
from iop_es.engine.log import Log
from tests.engine.bank import Bank

HERE = Path(__file__).parents[2]
LEASE_SECONDS = 0.8
BATCH = SHARE = 4


def dies(url: str, what: str, failpoint: str, call: int = 1) -> int:
    """Starts such a process and waits for it; answers how it ended."""
    command = [sys.executable, "-m", "tests.engine.dying", url, what, failpoint, str(call)]
    return subprocess.run(command, cwd=HERE, check=False, timeout=60, stdout=subprocess.DEVNULL).returncode


def at_call(failpoint: str, number: int, act: Callable[[], None]) -> Callable[[str], None]:
    """A `pause` that acts at the n-th call of one failpoint."""
    calls = iter(range(1, 1_000_000))

    def pause(name: str) -> None:
        if name == failpoint and next(calls) == number:
            act()

    return pause


def _work(url: str, what: str, failpoint: str, call: int) -> None:
    pause = at_call(failpoint, call, lambda: os.kill(os.getpid(), signal.SIGKILL))
    with open_pool(url, "iop", "iop_projector", 4) as pool:
        bank = Bank(Log(pool, "iop"), pool)
        if what == "drive":
            bank.another_driver(lease_seconds=LEASE_SECONDS, pause=pause).catch_up(BATCH)
            return
        build = bank.build(pause=pause)
        schema = build.open(SHARE)
        build.work(schema)
        build.complete(schema)
        build.catch_up(schema)
        build.switch(schema)


if __name__ == "__main__":
    _work(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
