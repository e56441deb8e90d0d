"""`iop-es` as a process of its own, and the API that it serves."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parents[2]
SECONDS = 60.0


def until(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Waits for an answer that counts as true; the last answer otherwise."""
    end = time.monotonic() + seconds
    while not (answer := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def environment(project: Path, url: str | None = None) -> dict[str, str]:
    """A bare environment with the settings of one store."""
    given = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "IOP_ES_PROJECT": str(project), "IOP_ES_TEMPORARY": "true",
    }  # fmt: skip
    return given | ({"IOP_ES_DATABASE_URL": url} if url else {})


def iop_es(settings: dict[str, str], *words: str) -> str:
    """Runs a command to its end; what it printed."""
    command = [sys.executable, "-m", "iop_es", *words]
    return subprocess.run(command, env=settings, cwd="/", capture_output=True, text=True, check=True).stdout


@dataclass(slots=True)
class Process:
    """A command that runs until it is stopped; what it says goes to a file."""

    process: subprocess.Popen[bytes]
    said: Path

    def says(self, pattern: str) -> re.Match[str]:
        """Waits until it has said something like this on standard error."""
        found = until(lambda: re.search(pattern, self.said.read_text()) or self.process.poll() is not None)
        assert isinstance(found, re.Match), self.said.read_text()
        return found

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


@contextmanager
def running(settings: dict[str, str], *words: str) -> Iterator[Process]:
    """A command running beside the test, killed at the end if it still runs."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with said.open("wb") as errors:
            command = [sys.executable, "-m", "iop_es", *words]
            process = subprocess.Popen(command, env=settings, cwd="/", stderr=errors, stdout=errors)
        try:
            yield Process(process, said)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def opening(program: dict[str, Any], client: httpx.Client, key: str) -> httpx.Response:
    """Opens a program over HTTP, waiting for the read models."""
    headers = {"Idempotency-Key": key, "Prefer": "wait=5", "Content-Type": "application/json"}
    return client.post("/v1/programs", content=json.dumps(program), headers=headers)
