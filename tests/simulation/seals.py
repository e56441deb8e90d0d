"""The log's seal in memory: the product's sealer and witness over a tree that is kept in lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.notes import Verifier, parse_note
from iop_es.engine.transparency.origin import origin_of
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.store import Head, Sealed
from iop_es.engine.transparency.witness import Witness
from tests.simulation.memory import MemoryLog
from tests.simulation.world import Crash, World

TILE = 256


@dataclass
class Tree:
    """What `TreeStore` keeps."""

    log: MemoryLog
    leaves: list[bytes] = field(default_factory=list)
    checkpoints: list[Sealed] = field(default_factory=list)

    @contextmanager
    def connection(self, _seconds: float | None = None) -> Iterator[Tree]:
        """Itself: it is its own connection."""
        yield self

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What was added is gone again if the block does not end well."""
        before = len(self.leaves), len(self.checkpoints)
        try:
            yield
        except BaseException:
            del self.leaves[before[0] :], self.checkpoints[before[1] :]
            raise

    def cursor(self) -> Any:
        """What knows its connection, and nothing else."""
        return nullcontext(SimpleNamespace(connection=self))

    def lock(self, _cursor: Any) -> bool:
        """Nobody else signs."""
        return True

    @property
    def source(self) -> Source:
        """What it is made over."""
        return FACTS

    def order(self, _cursor: Any) -> None:
        """The log has its order."""

    def head(self, _cursor: Any) -> Head:
        """How far the log has come."""
        return Head(len(self.log.all.facts), "simulated", False, self.log.all.refusal)

    def leaves_after(self, _cursor: Any, position: int, upto: int) -> Iterator[list[bytes]]:
        """The hashes of facts."""
        yield _leaves(self.log, position, upto)

    def last(self, _cursor: Any) -> Sealed | None:
        """The newest checkpoint."""
        return self.checkpoints[-1] if self.checkpoints else None

    def restorations(self, _cursor: Any) -> list[Sealed]:
        """None."""
        return []

    def tile(self, _cursor: Any, level: int, number: int) -> list[bytes]:
        """The hashes of a tile, as many as there are of it."""
        if level == 0:
            return self.leaves[number * TILE : (number + 1) * TILE]
        return [root(self.leaves[at : at + TILE]) for at in range(0, len(self.leaves) - TILE + 1, TILE)]

    def add(self, _cursor: Any, _tiles: Any, sealed: Sealed, leaves: Sequence[bytes]) -> None:
        """A checkpoint, with what it covers."""
        self.leaves += _leaves(self.log, len(self.leaves), sealed.size)
        self.checkpoints.append(sealed)

    def refuse(self, _cursor: Any, reason: str | None) -> None:
        """The log takes no facts."""
        self.log.all.refusal = reason


class Seals:
    """A sealer that dies, with its witness, in a folder."""

    def __init__(self, world: World, log: MemoryLog, folder: Path) -> None:
        self._world, self._tree, self._log = world, Tree(log), log
        key = Ed25519PrivateKey.from_private_bytes(world.chance.randbytes(32))
        (folder / "key").write_bytes(world.chance.randbytes(32))
        self._witness = Witness(folder, lambda: 1_772_000_000 + world.now)
        own = key.public_key().public_bytes_raw()
        self._witness.trust(Verifier(origin_of("simulated", own, 0), own))
        self._sealer = LogSealer("simulated", self._tree, key, self._witness)  # type: ignore[arg-type]
        self._sealer._store = self._tree  # type: ignore[assignment]

    def step(self) -> None:
        """Seals what waits, or dies on it; then it looks again in a while."""
        world, world.sealing = self._world, True
        try:
            world.told("sealed", self._sealer.step().size)
        except Crash:
            world.told("sealer died", len(self._tree.checkpoints))
        finally:
            world.sealing = False
        world.after(world.between(0.5, 1.5), self.step)

    def last(self) -> list[str]:
        """Seals the rest, and says what of the log is not what was ever signed."""
        self._sealer.catch_up()
        leaves, told, size = _leaves(self._log, 0, len(self._log.all.facts)), [], 0
        for sealed in self._tree.checkpoints:
            head = checkpoint_of(parse_note(sealed.note))
            if head.size < size or head.root != root(leaves[: head.size]):
                told.append(f"the checkpoint of size {head.size} is not one of this log")
            size = head.size
        if size != len(leaves):
            told.append(f"{len(leaves)} facts, and {size} are sealed")
        return told


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of RFC 6962 over leaves' hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def _leaves(log: MemoryLog, position: int, upto: int) -> list[bytes]:
    return [
        fact_leaf(one.position, UUID(one.stream).bytes, one.version, one.state, one.sealed, one.context, one.stamp)
        for one in log.all.facts[position:upto]
    ]  # fmt: skip
