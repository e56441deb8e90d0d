"""What the API shows of the log to those who trust nobody: checkpoints, proofs, and receipts signed by the log."""

from __future__ import annotations

from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.receipt import receipt
from iop_es.wiring import House


class Proving:
    """The proofs of one house's log."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._proofs = Proofs(house.api_pool, house.log.schema)

    def checkpoint(self) -> str:
        """The newest signed checkpoint. Raises NotSealedYet."""
        return str(self._proofs.checkpoint())

    def proof(self, position: int) -> str:
        """That the fact at a position stands in it. Raises NotSealedYet, ProofFailed."""
        return str(self._proofs.proof(position))

    def receipt(self, first: int, last: int, recorded_at: str) -> str:
        """A signed receipt for facts that were just appended. Raises KeysUnusable."""
        signer = Signer(self._house.log_verifier().name, self._house.log_key())
        return str(receipt(signer, first, recorded_at, self._proofs.leaves(range(first, last + 1))))
