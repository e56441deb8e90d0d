"""What the API shows of the log to those who trust nobody: checkpoints, proofs, and receipts signed by the log."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.connections import Pool
from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.origin import verifier_of
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.receipt import receipt
from iop_es.engine.transparency.witness_http import str_request


class Proving:
    """The proofs of the log in a schema; `key` opens its key, which only receipts need."""

    def __init__(self, pool: Pool, schema: str, key: Callable[[], Ed25519PrivateKey]) -> None:
        self._pool = pool
        self._schema = schema
        self._key = key
        self._proofs = Proofs(pool, schema)

    def checkpoint(self) -> str:
        """The newest signed checkpoint. Raises NotSealedYet."""
        return str(self._proofs.checkpoint())

    def proof(self, position: int) -> str:
        """That the fact at a position stands in it. Raises NotSealedYet, ProofFailed."""
        return str(self._proofs.proof(position))

    def growth(self, size: int) -> str:
        """That the newest checkpoint's log is the one of an earlier size, grown, as a witness is asked. Raises
        NotSealedYet."""
        return str_request(size, *self._proofs.growth(size))

    def receipt(self, first: int, last: int, recorded_at: str) -> str:
        """A signed receipt for facts that were just appended. Raises KeysUnusable."""
        key = self._key()
        own = verifier_of(self._pool, self._schema, key.public_key().public_bytes_raw())
        return str(receipt(Signer(own.name, key), first, recorded_at, self._proofs.leaves(range(first, last + 1))))
