"""Read models in memory, kept by two projectors each, which die, sleep and take over from each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aggregates.codec import decode
from iop_es.engine.readmodel.fold import Fold, fold_whole
from iop_es.engine.readmodel.model import REFERENCE, Delta
from tests.simulation.memory import MemoryLog
from tests.simulation.world import World

LEASE_SECONDS, LOOK_SECONDS = 2.0, 0.4
REMEMBERED = 3
"""So few documents stay in memory that most have to be loaded again."""


@dataclass
class Place:
    """One read model's rows and documents, with its position and who may move it on."""

    model: Any
    rows: dict[str, dict[Any, Any]] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    position: int = 0
    epoch: int = 0
    holder: str = ""
    until: float = 0.0

    def load(self, keys: Any) -> dict[str, bytes]:
        """Stored documents by key."""
        return {key: self.documents[key] for key in keys if key in self.documents}

    def users(self, references: Any) -> dict[str, tuple[str, ...]]:
        """By reference id, the keys of the documents that rest on it."""
        return {
            one: tuple(sorted(key for key, uses in self.uses.items() if one in uses)) for one in references
        }  # fmt: skip

    def commit(self, delta: Delta, begun: int, epoch: int, position: int) -> bool:
        """All of a batch, if nobody came between."""
        if (self.position, self.epoch) != (begun, epoch):
            return False
        for table, scopes in delta.rows.items():
            self.rows.setdefault(table, {}).update(scopes)
        self.documents.update(delta.documents)
        self.uses.update(delta.uses)
        self.position = position
        return True

    def differences(self, log: MemoryLog) -> list[str]:
        """What of it is not what all facts come to when they are folded at once."""
        whole = fold_whole(self.model, log.after(0, 1_000_000, with_sealed=True), decode)
        told = [f"{self.model.name}: {failure.cause}" for failure in whole.failures]
        told += [
            f"{self.model.name}.{table} is not what a replay makes" for table in sorted({*self.rows, *whole.delta.rows})
            if _filled(self.rows.get(table, {})) != _filled(whole.delta.rows.get(table, {}))
        ]  # fmt: skip
        if {**self.documents, REFERENCE: b""} != {**whole.delta.documents, REFERENCE: b""}:
            told.append(f"{self.model.name}: its documents are not what a replay makes")
        return told


class Projector:
    """One process that keeps one read model up, whenever it holds the lease."""

    def __init__(self, world: World, log: MemoryLog, place: Place, name: str) -> None:
        self._world, self._log, self._place, self._name = world, log, place, name
        self._life = 0
        self._fold: Fold | None = None
        self._remembered = (-1, -1)
        self.failed: list[str] = []

    def step(self) -> None:
        """One batch, if it may; then it looks again in a while."""
        world, place, own = self._world, self._place, f"{self._name} {self._life}"
        if place.holder == own or world.now >= place.until:
            if place.holder != own:
                place.epoch += 1
            place.holder, place.until = own, world.now + LEASE_SECONDS
            self._batch()
        world.after(world.between(0.1, LOOK_SECONDS), self.step)

    def last(self) -> None:
        """All that is left, undisturbed."""
        place = self._place
        while place.position < len(self._log.all.facts):
            delta, epoch, position = self._folded(1_000)
            place.commit(delta, place.position, epoch, position)
            self._fold = None

    def _batch(self) -> None:
        world, place = self._world, self._place
        if place.position == len(self._log.all.facts):
            return
        begun = place.position
        delta, epoch, position = self._folded(world.chance.randint(1, 9))
        if world.happens("projector dies before it commits"):
            self._die()
        elif world.happens("projector sleeps past its lease"):
            self._fold = None
            world.after(LEASE_SECONDS + 1, lambda: world.told("late", place.commit(delta, begun, epoch, position)))
        else:
            place.commit(delta, begun, epoch, position)
            world.told("projected", place.model.name, position)
            if world.happens("projector dies after it committed"):
                self._die()

    def _folded(self, most: int) -> tuple[Delta, int, int]:
        place, model = self._place, self._place.model
        if self._fold is None or self._remembered != (place.position, place.epoch):
            self._fold = Fold(model)
        page = self._log.after(place.position, most, with_sealed=bool(model.sealed))
        rows = self._fold.take(self._fold.open(page, decode), place)
        delta = self._fold.settle()
        self.failed += [f"{model.name}: {failure}" for failure in self._fold.failures]
        delta.add(rows)
        self._fold.forget(REMEMBERED)
        self._remembered = (page[-1].position, place.epoch)
        return delta, place.epoch, page[-1].position

    def _die(self) -> None:
        self._life += 1
        self._fold = None


def _filled(scopes: dict[Any, Any]) -> dict[Any, Any]:
    return {scope: sorted(rows, key=repr) for scope, rows in scopes.items() if rows}
