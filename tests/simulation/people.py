"""People who give commands over a network that loses, delays and repeats what it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aggregates.kit import Refusal
from api.commands.handle import Commands
from api.commands.order import NotPermitted, Order, VersionChanged
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.failpoints import reach
from tests.chaos.history import Command, History, Try
from tests.simulation.clinic import Wish, wish
from tests.simulation.memory import MemoryLog
from tests.simulation.world import Crash, World

TIMEOUT_SECONDS = 2.0


def served(world: World, log: MemoryLog, order: Order) -> tuple[int, dict[str, Any]] | None:
    """Status and body of one request's answer; None: the process died on it."""
    before, world.serving = world.serving, True
    try:
        reach("order_asked")
        reply = Commands(log).handle(order)
        reach("order_answered")
    except (Refusal, NotPermitted, VersionChanged) as refusal:
        return 409, {"code": type(refusal).__name__}
    except StoreUnavailable:
        return 503, {}
    except Crash:
        return None
    else:
        return 200, {
            "id": reply.stream, "version": reply.version, "position": reply.position,
            "recorded_at": reply.recorded_at, "facts": list(reply.facts), "replayed": reply.replayed,
        }  # fmt: skip
    finally:
        world.serving = before


@dataclass
class Person:
    """One who wants one thing after the other, and asks again until it is known what came of it."""

    world: World
    log: MemoryLog
    history: History
    number: int
    known: dict[str, int] = field(default_factory=dict)
    leaving: bool = False
    busy: bool = False

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def begin(self) -> None:
        """Wants the next thing."""
        if self.leaving:
            return
        key = f"{self.world.seed}-{self.number}-{next(self._numbers)}"
        wanted = wish(self.world.chance, key, self.known)
        command = Command(wanted.key, wanted.expected, meant=wanted.meant)
        self.history.commands.append(command)
        self.busy = True
        self._send(wanted, command)

    def _send(self, wanted: Wish, command: Command) -> None:
        world, tried = self.world, Try(self.world.now)
        command.tries.append(tried)
        if not world.happens("request lost"):
            world.after(world.between(0.001, 0.4), lambda: self._deliver(wanted, command, tried))
            if world.happens("delivered twice"):
                again = Try(tried.sent)
                command.tries.append(again)
                world.after(world.between(0.2, 5.0), lambda: self._deliver(wanted, command, again))
        world.after(TIMEOUT_SECONDS, lambda: self._give_up(wanted, command, tried))

    def _deliver(self, wanted: Wish, command: Command, tried: Try) -> None:
        world = self.world
        answer = served(world, self.log, wanted.order())
        world.told("served", wanted.key, answer)
        if answer is not None and not world.happens("answer lost"):
            world.after(world.between(0.001, 0.4), lambda: self._hear(wanted, command, tried, *answer))

    def _hear(self, wanted: Wish, command: Command, tried: Try, status: int, body: dict[str, Any]) -> None:
        known = any(one.acknowledged or one.refused for one in command.tries)
        tried.answered, tried.status, tried.body = self.world.now, status, body
        if known or not (tried.acknowledged or tried.refused):
            return
        if tried.acknowledged and body["id"] in {wanted.data.get("patient_id"), wanted.data.get("note_id")}:
            self.known[body["id"]] = body["version"]
        elif tried.refused and wanted.expected is not None:
            self._read(wanted)
        self.busy = False
        self.world.after(self.world.between(0.01, 0.6), self.begin)

    def _read(self, wanted: Wish) -> None:
        """Looks at what it was about."""
        stream = wanted.data.get("note_id") or wanted.data["patient_id"]
        self.known[stream] = len(self.log.all.streams.get(stream, []))

    def _give_up(self, wanted: Wish, command: Command, tried: Try) -> None:
        if not any(one.acknowledged or one.refused for one in command.tries):
            self._send(wanted, command)
