"""The drill's side of the processes that it starts: begin, look, hold, kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]


class Nursery:
    """Starts parts by forking; see `parts`. They end with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.parts"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        assert self._said() == "ready"

    def start(self, part: str, **asked: Any) -> int:
        """The number of a new process."""
        assert self._process.stdin is not None
        given = {"part": part, "log": str(self._folder / f"{part}.log")} | asked
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        return int(self._said())

    def close(self) -> None:
        """Ends it, and every process that it started."""
        self._process.kill()
        self._process.communicate()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def state(process: int) -> str:
    """How a process is, by the kernel's letter: "T" for held; "" when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0].replace("Z", "")
    except (OSError, IndexError):
        return ""


def kill(process: int) -> bool:
    """Ends a process at once; whether it was there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
        return True
    return False


def go_on(process: int) -> None:
    """Lets a held process go on."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGCONT)


def gone(process: int, seconds: float = 10.0) -> bool:
    """Waits until a process is gone; whether it is."""
    until = time.monotonic() + seconds
    while state(process) and time.monotonic() < until:
        time.sleep(0.005)
    return not state(process)
