"""A small log of two patients who share sessions, its tree by definition, and the packets that can be made of it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.packet.evidence import evidence
from iop_es.engine.packet.packing import packed
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.notes import COSIGNATURE, Signer

ORIGIN = "iop.example/log/1"
CARL, DORA, EMIL = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "123")
GROUP = UUID("00000000-0000-4000-8000-0000000000aa")
AT = "2026-03-02T14:00:00.000000Z"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_KEY = Signer(ORIGIN, PRIVATE)
WITNESS = Signer("witness.example/w1", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))), COSIGNATURE)
KEYS = (str(LOG_KEY.verifier), str(WITNESS.verifier))
SECRET = "Zyxwvut"
SHOWN = {3: True, 6: True, 7: True, 8: False}
"""Which facts a packet shows, and whether with what is sealed in them."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree by its definition (RFC 6962, 2.1), without any of the code under test."""

    leaves: Sequence[bytes]

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        """The hash of a range of leaves."""
        end = len(self.leaves) if end is None else end
        if end - start == 1:
            return self.leaves[start]
        middle = start + self._half(end - start)
        return sha256(b"\x01" + self.root(start, middle) + self.root(middle, end)).digest()

    def proof(self, index: int, start: int = 0, end: int | None = None) -> list[bytes]:
        """The audit path of a leaf."""
        end = len(self.leaves) if end is None else end
        if end - start == 1:
            return []
        middle = start + self._half(end - start)
        if index < middle:
            return [*self.proof(index, start, middle), self.root(middle, end)]
        return [*self.proof(index, middle, end), self.root(start, middle)]

    @staticmethod
    def _half(count: int) -> int:
        half = 1
        while half * 2 < count:
            half *= 2
        return half


@dataclass
class Record:
    """A log of two patients who share sessions, and what a packet of one of them is made of."""

    log: Log
    sign: Callable[[str], str] = lambda text: str(LOG_KEY.note(text))

    def tells(
        self, stream: UUID, name: str, state: dict[str, Any], *patients: tuple[str, str], sealed: bytes | None = None
    ) -> int:
        """Appends one fact; answers its position."""
        version = len(self.log.streams([str(stream)])[str(stream)]) + 1
        context = {"name": name, "schema_version": 1, "actor": EMIL, "occurred_at": AT, "command_id": str(uuid4()),
                   "nonce": uuid4().hex,
                   "subject": {"kind": "patient", "id": patients[0][0] if patients else None}}  # fmt: skip
        fact = NewFact(stream, version, f"{name}@1", as_json(state), sealed, as_json(context), AT, EMIL, patients)
        return self.log.append(Append((fact,)))[0].last

    def tree(self) -> Tree:
        """The tree over all facts."""
        rows = self.log.as_stored().after(0, 10_000, with_sealed=True)
        return Tree([fact_leaf(*_row(fact)) for fact in rows])

    def packet(
        self, shown: dict[int, bool], without: int | None = None, alter: Callable[[dict[str, Any]], None] | None = None,
        rewrite: Callable[[bytes], bytes] = bytes, about: dict[str, Any] | None = None, origin: str = ORIGIN,
    ) -> bytes:  # fmt: skip
        """A packet about Carl; without a fact, with the evidence altered or rewritten, with other words about it or
        from another log's tree, as only who has the key could make it."""
        tree = self.tree()
        size, root = len(tree.leaves), tree.root()
        body = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        checkpoint = str(Signer(origin, PRIVATE).note(body)) + WITNESS.cosignature(body, 1_700_000_000)

        def prove(positions: Sequence[int], _size: int) -> list[list[bytes]]:
            return [tree.proof(position - 1) for position in positions]

        made = json.loads(evidence(self.log, prove, patient=CARL, shown=shown, known_to=size, size=size, root=root))
        if without is not None:
            for part in ("facts", "withheld"):
                made[part] = [one for one in made[part] if one["position"] != without]
        if alter is not None:
            alter(made)
        return packed(
            {"packet.pdf": b"%PDF-1.7 words\n"}, rewrite(as_json(made)), checkpoint, "\n".join(KEYS) + "\n",
            {"edition": "payer", "patient_id": CARL, "known_to": size} | (about or {}), ORIGIN, self.sign,
        )  # fmt: skip


def as_json(value: Any) -> bytes:
    """As RFC 8785 writes what is written here."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _row(fact: Any) -> tuple[Any, ...]:
    return fact.position, UUID(fact.stream).bytes, fact.version, fact.state, fact.sealed, fact.context, fact.stamp
