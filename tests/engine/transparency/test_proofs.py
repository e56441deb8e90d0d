"""Proofs out of the store: of any fact, under any checkpoint, and of none that was changed."""

from typing import Any

import pytest
from psycopg import Connection

from iop_es.engine.connections import Pool
from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.merkle import consistent
from iop_es.engine.transparency.proofs import NotSealedYet, ProofFailed, Proofs
from tests.engine.transparency.conftest import Fill
from tests.engine.transparency.test_log_sealer import leaves

SIZES = (3, 256, 300, 700)


@pytest.fixture
def proofs(pool: Pool, fill: Fill, sealer: LogSealer) -> Proofs:
    """Of a log of 700 facts that was sealed four times, and 5 more."""
    before = 0
    for size in SIZES:
        fill(size - before)
        sealer.step()
        before = size
    fill(5)
    return Proofs(pool, "iop")


def test_every_fact_is_proved_under_every_checkpoint_that_covers_it(proofs: Proofs, store_url: str) -> None:
    """In order of position, each by the leaf of its fact and no other, now and under older checkpoints."""
    own = leaves(store_url)
    for size in SIZES:
        note = proofs.checkpoint(size)
        assert checkpoint_of(note).size == size
        made = proofs.proofs(range(size, 0, -1), note)
        assert [one.index for one in made] == list(range(size))
        assert all(one.shows(leaf) and one.checkpoint == note for one, leaf in zip(made, own, strict=False))
        assert not made[0].shows(own[1])
    assert checkpoint_of(proofs.checkpoint()).size == 700
    assert checkpoint_of(proofs.covering(257)).size == 300
    assert proofs.leaves([5, 2]) == [own[1], own[4]]


def test_checkpoints_prove_that_they_are_one_log_grown(proofs: Proofs) -> None:
    """For whoever kept an older one."""
    for first in (checkpoint_of(proofs.checkpoint(size)) for size in SIZES):
        way, note = proofs.growth(first.size)
        newest = checkpoint_of(note)
        assert newest.size == SIZES[-1] and consistent(first.size, newest.size, way, first.root, newest.root)


def test_what_is_not_sealed_has_no_proof_yet(proofs: Proofs) -> None:
    """Neither the newest facts, nor sizes that nobody signed."""
    for ask in (lambda: proofs.proof(701), lambda: proofs.proof(0), lambda: proofs.checkpoint(4),
                lambda: proofs.covering(701), lambda: proofs.proof(4, proofs.checkpoint(3)),
                lambda: proofs.growth(701)):  # fmt: skip
        with pytest.raises(NotSealedYet):
            ask()


def test_what_was_changed_has_no_proof(proofs: Proofs, owner: Connection[Any]) -> None:
    """A changed fact, one that is gone; the others are proved as before."""
    owner.execute("UPDATE fact SET state = '{}' WHERE position = 100")
    owner.execute("DELETE FROM fact WHERE position = 650")
    for position in (100, 650):
        with pytest.raises(ProofFailed):
            proofs.proof(position)
    assert proofs.proof(101) and proofs.proof(649)
