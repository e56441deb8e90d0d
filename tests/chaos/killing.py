"""The killer: every process of the site is ended again and again, at random and where it was held between two steps.

What a held process sees next is one of: its own end, the end of the database, the loss of its connections, or a lease
that ran out while it slept.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

import psycopg

from tests.chaos.parts import LEASE_SECONDS
from tests.chaos.processes import go_on, gone, kill, state
from tests.chaos.site import Site

POINTS: dict[str, tuple[str, ...]] = {
    "api": ("order_asked", "order_decided", "append_asked", "append_saved", "order_answered"),
    "projector": ("read", "folded", "merged", "advanced", "committed"),
    "sealer": (
        "tree_locked", "leaves_read", "head_signed", "head_cosigned", "tiles_added", "checkpoint_added", "sealed",
    ),
    "witness": ("cosignature_made", "draft_written", "draft_renamed", "cosignature_kept"),
    "rebuilder": (
        "folded", "copied", "done", "filled", "built", "read", "merged", "advanced", "at_head", "switched",
    ),
    "reader": (),
}  # fmt: skip
POINTS["everything"] = POINTS["api"] + POINTS["projector"] + POINTS["sealer"]
"""Where each part can be held."""

LOCKS = {
    "append before its lock": "SELECT pg_advisory_lock('iop.fact'::regclass::oid::bigint)",
    "append before its facts": "BEGIN; SELECT 1 FROM iop.log_head FOR UPDATE",
    "append before its commit": "BEGIN; LOCK TABLE iop.idempotency IN SHARE MODE",
}
"""What holds an append inside the database, until whoever holds the lock lets go."""

WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%append(%' AND pid <> "
    "pg_backend_pid()"
)
OTHERS = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    " AND application_name <> 'drill'"
)
HELD_SECONDS, LIFE_SECONDS = 14.0, (1.0, 16.0)
BETWEEN_SECONDS, BETWEEN_COMMANDS = 2.0, 20


@dataclass(slots=True)
class Slot:
    """A place for one process of a kind; `point` is where the present one is to be held."""

    part: str
    asked: dict[str, Any]
    process: int = 0
    point: str = ""
    until: float = 0.0


@dataclass
class Killer:
    """Ends and restarts the site's processes until it has done enough; `counts` says of which kind and where."""

    site: Site
    seed: int
    wanted: int
    until: float
    slots: list[Slot]
    counts: Counter[str] = field(default_factory=Counter)
    further: Counter[str] = field(default_factory=Counter)
    stopping: Event = field(default_factory=Event)
    database: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(f"killer:{self.seed}")
        self._last, self._done = 0.0, 0

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.counts.total()

    def run(self, told: Any) -> None:
        """Kills until it has done what is wanted, or the time is over."""
        Thread(target=self._trouble, daemon=True).start()
        said = time.monotonic()
        while self.kills < self.wanted and time.monotonic() < self.until:
            for slot in self.slots:
                self._look(slot)
            if time.monotonic() > said + 15:
                said = time.monotonic()
                told(self)
            time.sleep(0.01)
        self.stopping.set()

    def keep_up(self) -> None:
        """From now on every process only lives; one that ended is begun again."""
        for slot in self.slots:
            go_on(slot.process)
            if not state(slot.process):
                self._begin(slot, "")

    def end(self) -> None:
        """Ends everything."""
        for slot in self.slots:
            kill(slot.process)
            gone(slot.process)

    def _begin(self, slot: Slot, point: str) -> None:
        hold = f"{point}@{self._random.randint(1, 4)}" if point else None
        slot.point = point
        slot.process = self.site.start(slot.part, hold=hold, **slot.asked)
        slot.until = time.monotonic() + (HELD_SECONDS if point else self._random.uniform(*LIFE_SECONDS))

    def _next(self, slot: Slot) -> None:
        points = POINTS[slot.part]
        self._begin(slot, self._random.choice(points) if points and self._random.random() < 0.85 else "")

    def _look(self, slot: Slot) -> None:
        now = state(slot.process) if slot.process else ""
        if not now:
            self._next(slot)
        elif now == "T":
            self._held(slot)
        elif time.monotonic() > slot.until:
            self._kill(slot, f"{slot.part} at random")

    def _kill(self, slot: Slot, kind: str) -> None:
        if kill(slot.process):
            self.counts[kind] += 1
            gone(slot.process)
        self._next(slot)

    def _held(self, slot: Slot) -> None:
        """Something happens while the process stands between two steps."""
        draw, point = self._random.random(), f"{slot.part} at {slot.point}"
        if draw < 0.1 and self._kill_postmaster(f"postmaster, {point}"):
            draw = self._random.random() * 0.6 + 0.4
        elif draw < 0.25:
            self.further[f"connections cut, {point}"] += self._cut()
        elif draw < 0.35:
            self.further[f"slept, {point}"] += 1
            time.sleep(1.3 * LEASE_SECONDS)
        if draw < 0.35 or draw > 0.9:
            go_on(slot.process)
            slot.point, slot.until = "", time.monotonic() + self._random.uniform(0.5, 4.0)
        else:
            self._kill(slot, point)

    def _trouble(self) -> None:
        """What befalls the database itself."""
        own = random.Random(f"database:{self.seed}")
        while not self.stopping.wait(own.uniform(2.0, 6.0)):
            draw = own.random()
            with contextlib.suppress(psycopg.Error):
                if draw < 0.25:
                    self._kill_postmaster("postmaster at random")
                elif draw < 0.5:
                    self._kill_backend("backend at random", OTHERS)
                else:
                    self._inside(own.choice(sorted(LOCKS)), own.random())

    def _inside(self, point: str, draw: float) -> None:
        """An append is held inside the database; then its backend, its server or the database dies, or nothing."""
        with self._connected() as holder:
            holder.execute(LOCKS[point])
            until = time.monotonic() + 2
            while not (waiting := holder.execute(WAITING).fetchall()) and time.monotonic() < until:
                time.sleep(0.01)
            if not waiting:
                return
            if draw < 0.4:
                self._kill_backend(f"backend, {point}", WAITING)
            elif draw < 0.6:
                self._kill_postmaster(f"postmaster, {point}")
            elif draw < 0.9:
                for slot in self.slots:
                    if slot.part in {"api", "everything"} and kill(slot.process):
                        self.counts[f"{slot.part}, {point}"] += 1

    def _kill_backend(self, kind: str, which: str) -> None:
        """All of the database restarts when one of its processes dies so."""
        with self._connected() as connection:
            found = [pid for (pid,) in connection.execute(which).fetchall()]
        if found and self._may_hit() and kill(random.Random(f"{self.seed}:{self.kills}").choice(found)):
            self.counts[kind] += 1

    def _kill_postmaster(self, kind: str) -> bool:
        if not self._may_hit() or not (process := self.site.postmaster) or not kill(process):
            return False
        self.counts[kind] += 1
        return True

    def _may_hit(self) -> bool:
        """The database gets some time between two blows, or nothing would ever be done."""
        with self.database:
            done = len(self.site.history.commands)
            if time.monotonic() < self._last + BETWEEN_SECONDS or done < self._done + BETWEEN_COMMANDS:
                return False
            self._last, self._done = time.monotonic(), done
            return True

    def _cut(self) -> int:
        with contextlib.suppress(psycopg.Error), self._connected() as connection:
            cut = connection.execute(OTHERS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)")).fetchall()
            return len(cut)
        return 0

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.site.url, autocommit=True, connect_timeout=2, application_name="drill")
