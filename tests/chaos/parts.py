"""What the drill starts and kills: the product's own processes, each as a child forked from one that has everything
imported, because importing takes seconds and a drill starts hundreds.

    python -m tests.chaos.parts

Reads lines of JSON from standard input ({"part": name, "log": file, ...}), forks, answers the child's number.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

from psycopg_pool.base import AttemptWithBackoff

from api import app as application
from api.commands import handle
from api.revocation import Revocations
from iop_es import logs, projecting, rebuilding, sealing, serving, wiring
from iop_es.engine import failpoints
from iop_es.engine.embedded import server
from iop_es.engine.readmodel import rebuild
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.stored import StoredFact
from iop_es.engine.transparency.witness import Witness
from iop_es.engine.transparency.witness_http import WitnessServer
from iop_es.projecting import Projecting
from iop_es.rebuilding import Wanted
from iop_es.sealing import Sealing
from iop_es.settings import Settings
from projections.outcomes import statistics

LEASE_SECONDS = 1.0
SHARE = 1_500
SET_PARENT_DEATH_SIGNAL = 1
ENDED = "ended by itself:"


def impatient() -> None:
    """Shortens what the product waits for, so that a minute of drill has as many turns as an hour of service."""
    assert Driver.__init__.__kwdefaults__ is not None
    Driver.__init__.__kwdefaults__["lease_seconds"] = LEASE_SECONDS
    rebuild.PATIENCE_SECONDS = 2 * LEASE_SECONDS
    projecting.LONGEST_WAIT_SECONDS = sealing.LONGEST_WAIT_SECONDS = 1.0
    projecting.LOOK_SECONDS = sealing.PAUSE_SECONDS = 0.3
    AttemptWithBackoff.INITIAL_DELAY = 0.1  # else a pool looks again after 1, 3, 7 seconds
    server.DURABLE["recovery_init_sync_method"] = "syncfs"  # one call instead of one for each of a thousand files


def digest(fact: StoredFact) -> str:
    """One hash over everything that a reader is shown of a fact."""
    return sha256(repr(tuple(fact)).encode()).hexdigest()[:32]


def shift(seconds: float) -> None:
    """This process's own clock is wrong by so much."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds)

    handle.datetime = Shifted  # type: ignore[misc, attr-defined]


class Parts:
    """Each method is one kind of process, and runs until it is killed."""

    def __init__(self) -> None:
        self._app = application.create_app(None)  # the child gives it its services

    def api(self, settings: Settings, port: int, **more: Any) -> None:
        """Serves HTTP, nothing beside it."""
        self._serve(settings, port, project=False, **more)

    def everything(self, settings: Settings, port: int, **more: Any) -> None:
        """Serves HTTP, projects and seals."""
        self._serve(settings, port, project=True, **more)

    def _serve(self, settings: Settings, port: int, project: bool, clock: float = 0.0, url: str = "") -> None:
        if clock:
            shift(clock)

        def made(services: Any, _origins: Any = ()) -> Any:
            self._app.state.services = services
            self._app.state.revocations = Revocations(services.documenting.log)
            return self._app

        application.create_app = made
        if url:
            wiring.database = lambda _settings: nullcontext((url, True))  # type: ignore[assignment]
        with wiring.opened(settings) as house:
            serving.serve(house, "127.0.0.1", port, project, lambda _address: None)

    def projector(self, settings: Settings) -> None:
        """Keeps the read models up."""
        with (
            wiring.opened(settings) as house,
            Projecting(house.drivers, house.url, house.log.schema, serving.reviving(house)),
        ):
            Event().wait()

    def sealer(self, settings: Settings) -> None:
        """Seals the log."""
        with wiring.opened(settings, size=2) as house, Sealing(house):
            Event().wait()

    def witness(self, settings: Settings, folder: str, port: int) -> None:
        """Cosigns."""
        with WitnessServer(Witness(Path(folder)), "127.0.0.1", port) as server:
            server.serve_forever()

    def rebuilder(self, settings: Settings, seed: int = 0) -> None:
        """Builds one read model after the other anew and switches to it."""
        names = sorted(wiring.MODELS)
        with wiring.opened(settings, size=2) as house:
            for number in cycle(range(len(names))):
                wanted = Wanted((wiring.MODELS[names[(number + seed) % len(names)]],), share=SHARE)
                schemas = rebuilding.built(house, wanted)
                rebuilding.switched(house, wanted, schemas)
                rebuilding.dropped(house, wanted, schemas, lambda _schema: None)
                sleep(2.0)

    def reader(self, settings: Settings, file: str) -> None:
        """Tails the log, and writes down what it saw; goes on behind what it wrote."""
        with wiring.opened(settings, size=2) as house, Path(file).open("ab+") as seen:
            seen.seek(0)
            lines = seen.read().rpartition(b"\n")[0]
            seen.truncate(len(lines) + 1 if lines else 0)
            position = int(lines.rpartition(b"\n")[2].split()[0]) if lines else 0
            while True:
                page = house.log.after(position, 500, with_sealed=True)
                for fact in page:
                    seen.write(f"{fact.position} {digest(fact)}\n".encode())
                    position = fact.position
                seen.flush()
                sleep(0 if len(page) == 500 else 0.02)


def _child(run: Callable[..., None], asked: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    errors = os.open(asked.pop("log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, errors), (2, errors)):
        os.dup2(file, number)
    logs.quiet_logs("info")
    failpoints.arm(asked.pop("hold", None))
    try:
        run(Settings(**asked.pop("settings")), **asked)
    except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it was
        traceback.print_exc()
        _say(f"{ENDED} {type(error).__name__}")
    os._exit(1)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Forks what it is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    impatient()
    parts = Parts()
    statistics.prepare()
    gc.collect()
    gc.freeze()  # a child's own look through everything is then short
    _say("ready")
    while line := sys.stdin.readline():
        asked = json.loads(line)
        run = getattr(parts, asked.pop("part"))
        if not (child := os.fork()):
            _child(run, asked)
        _say(child)


if __name__ == "__main__":
    main()
