"""Proofs for whoever asks: the checkpoint over a fact, and that the fact stands in it. A proof takes a few short reads,
however long the log is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.transparency.checkpoint import Proof, checkpoint_of
from iop_es.engine.transparency.merkle import includes, node_hash
from iop_es.engine.transparency.notes import Note, parse_note
from iop_es.engine.transparency.store import Sealed, StoredHashes, TreeStore
from iop_es.engine.transparency.tiles import Tree


class NotSealedYet(LookupError):
    """No checkpoint covers this yet: ask again in a few seconds; `iop-es status` says how far the log is sealed."""


class ProofFailed(Exception):
    """What is stored here does not prove this fact: run `iop-es verify`, which tells what was changed."""


class Proofs:
    """Checkpoints, proofs and leaves of one log; the pool's role need only read."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._store = TreeStore(schema)

    def checkpoint(self, size: int | None = None) -> Note:
        """The newest signed checkpoint, with its cosignatures, or the newest of a size that was sealed. Raises
        NotSealedYet."""
        with transaction(self._pool) as cursor:
            return parse_note(_there(self._store.last(cursor, size)).note)

    def covering(self, position: int) -> Note:
        """The first checkpoint that has a position in it. Raises NotSealedYet."""
        with transaction(self._pool) as cursor:
            return parse_note(_there(self._store.covering(cursor, position)).note)

    def leaves(self, positions: Sequence[int]) -> list[bytes]:
        """The hashes of the leaves at these positions, in order of position, made from the facts as they are now."""
        with transaction(self._pool) as cursor:
            return self._store.leaves_at(cursor, positions)

    def proof(self, position: int, checkpoint: Note | None = None) -> Proof:
        """That the fact at a position stands in the tree of a checkpoint (left out: the newest), checked before it is
        given out. Raises NotSealedYet, ProofFailed."""
        return self.proofs([position], checkpoint)[0]

    def proofs(self, positions: Sequence[int], checkpoint: Note | None = None) -> list[Proof]:
        """The same of several facts under one checkpoint, in order of position; each tile is read once. Raises
        NotSealedYet, ProofFailed."""
        with transaction(self._pool) as cursor:
            note = checkpoint or parse_note(_there(self._store.last(cursor)).note)
            head = checkpoint_of(note)
            wanted = sorted(positions)
            if wanted and not 0 < wanted[0] <= wanted[-1] <= head.size:
                raise NotSealedYet
            tree = Tree(StoredHashes(self._store, cursor))
            indexes = [at - 1 for at in wanted]
            hashes = tree.inclusions(indexes, head.size)
            made = [Proof(index, one, note) for index, one in zip(indexes, hashes, strict=True)]
            leaves = self._store.leaves_at(cursor, wanted)
        joined = cache(node_hash)  # neighbors share most of their way to the root
        if len(leaves) != len(made) or not all(
            includes(leaf, one.index, head.size, one.hashes, head.root, joined)
            for one, leaf in zip(made, leaves, strict=True)
        ):
            raise ProofFailed
        return made

    def growth(self, size: int) -> tuple[list[bytes], Note]:
        """The newest checkpoint, and that its tree is the one of an earlier size, grown; for whoever keeps that one.
        Raises NotSealedYet."""
        with transaction(self._pool) as cursor:
            note = parse_note(_there(self._store.last(cursor)).note)
            newest = checkpoint_of(note).size
            if size > newest:
                raise NotSealedYet
            return Tree(StoredHashes(self._store, cursor)).consistency(size, newest), note


def _there(sealed: Sealed | None) -> Sealed:
    if sealed is None:
        raise NotSealedYet
    return sealed
