"""One simulated morning, from a seed."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from api.commands.handle import Commands
from iop_es.wiring import MODELS
from tests.chaos.checker import Fact, Final, Kept, Violation, check
from tests.chaos.history import History
from tests.chaos.parts import digest
from tests.simulation.clinic import opening
from tests.simulation.memory import MemoryLog
from tests.simulation.models import Place, Projector
from tests.simulation.people import Person
from tests.simulation.seals import Seals
from tests.simulation.world import World

PEOPLE, PROJECTORS = 6, 2
MORNING_SECONDS, QUIET_SECONDS = 15.0, 60.0


@dataclass(slots=True)
class Morning:
    """What came of a seed: the hash of everything that happened, what did not hold, and how much there was."""

    seed: int
    trace: str
    violations: list[Violation]
    faults: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    acknowledged: int = 0
    facts: int = 0


def simulate(seed: int) -> Morning:
    """Runs a seed. Everything in it is decided by the seed alone."""
    folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    world = World(seed)
    with tempfile.TemporaryDirectory(dir=folder) as witness, world.in_force(), patch.object(os, "fsync"):
        log = MemoryLog(world.clock, world.fault)
        history = _opened(log)
        seals = Seals(world, log, Path(witness))
        places = [Place(model) for model in MODELS.values()]
        projectors = [
            Projector(world, log, place, f"projector {number}") for place in places for number in range(PROJECTORS)
        ]
        people = [Person(world, log, history, number) for number in range(PEOPLE)]
        for act in (*(one.begin for one in people), *(one.step for one in projectors), seals.step):
            world.after(world.between(0, 1), act)
        _watch(world, log, history, places)
        world.run(MORNING_SECONDS)
        for one in people:
            one.leaving = True
        world.run(MORNING_SECONDS + QUIET_SECONDS)
        final = _final(log)
        for place in places:
            Projector(world, log, place, "last").last()
            final.differences += place.differences(log)
        final.differences += [told for one in projectors for told in one.failed]
        final.unsound = seals.last()
        _seen(log, history, 1_000)
        found = check(history, final)
        found += [Violation("liveness", f"{one.number} was never answered") for one in people if one.busy]
        for fact in final.facts:
            world.told(fact)
        acknowledged = sum(one.answer is not None for one in history.commands)
        return Morning(
            seed, world.trace, found, world.faults, len(history.commands), acknowledged, len(final.facts)
        )  # fmt: skip


def _opened(log: MemoryLog) -> History:
    commands = Commands(log)
    for one in opening():
        commands.handle(one.order(None))
    return History(base=len(log.all.facts))


def _watch(world: World, log: MemoryLog, history: History, places: list[Place]) -> None:
    """A tailing reader, and a look at every position."""

    def look() -> None:
        _seen(log, history, world.chance.randint(1, 12))
        history.positions.append({"head": len(log.all.facts), **{one.model.name: one.position for one in places}})
        world.after(world.between(0.05, 0.5), look)

    look()


def _seen(log: MemoryLog, history: History, most: int) -> None:
    last = history.seen[-1][0] if history.seen else 0
    history.seen += [(fact.position, digest(fact)) for fact in log.after(last, most, with_sealed=True)]


def _final(log: MemoryLog) -> Final:
    facts = [
        Fact(
            one.position, one.stream, one.version, one.name, one.recorded_at,
            json.loads(log.all.facts[one.position - 1].context)["command_id"], digest(one),
            (one.state + (one.sealed or b"")).decode(),
        )
        for one in log.after(0, 1_000_000, with_sealed=True)
    ]  # fmt: skip
    kept = {key: Kept(one.first, one.last, one.stream, one.version) for key, one in log.all.keys.items()}
    return Final(len(facts), facts, kept, set())
