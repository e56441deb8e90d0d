"""A packet as it leaves: contents and proof in one archive, a function of what is wanted and the log.

It is made of what the log's first checkpoint over position `known_to` covers, so that asking again for the same
positions gives the same bytes, however much was recorded since.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.log import Log
from iop_es.engine.packet.evidence import evidence
from iop_es.engine.packet.packing import packed
from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.proofs import Proofs
from projections.packet.contents import contents
from projections.packet.items import Item, Withheld
from projections.packet.reading import Folded, Wanted

_PAGE = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True, slots=True)
class Packet:
    """An archive and what is put on record of it; its id follows from its bytes, `pages` are those of its PDFs."""

    archive: bytes
    enrollment_id: str
    packet_id: str
    sha256: str
    checkpoint_size: int
    checkpoint_root: str
    pages: int
    items: tuple[Item, ...]
    left_out: tuple[Item | Withheld, ...]


def packet(log: Log, proofs: Proofs, key: Ed25519PrivateKey, wanted: Wanted, folded: Folded) -> Packet:
    """The packet; `key` is the log's own. Raises NotTheirClaim, NotSealedYet, ProofFailed."""
    checkpoint = proofs.covering(wanted.known_to)
    head = checkpoint_of(checkpoint)
    made = contents(log, wanted, folded)

    def prove(positions: Sequence[int], _size: int) -> list[tuple[bytes, ...]]:
        return [one.hashes for one in proofs.proofs(positions, checkpoint)]

    with ThreadPoolExecutor(1) as beside:  # the typesetter lets the interpreter go on
        files = beside.submit(made.files)
        proof = evidence(
            log, prove, patient=wanted.patient_id, shown=made.shows, known_to=wanted.known_to, size=head.size,
            root=head.root,
        )  # fmt: skip
    signer = Signer(head.origin, key)
    about = {
        "patient_id": wanted.patient_id, "claims": sorted(wanted.claims), "edition": wanted.edition,
        "as_of": wanted.as_of, "known_to": wanted.known_to, "items": list(made.items), "consent_id": wanted.consent_id,
    }  # fmt: skip
    keys = f"{signer.verifier}\n"  # not the witness's: a key of somebody else is to be asked of him
    archive = packed(
        files.result(), proof, str(checkpoint), keys, about, head.origin, lambda text: str(signer.note(text))
    )
    pages = sum(len(_PAGE.findall(data)) for name, data in files.result().items() if name.endswith(".pdf"))
    digest = sha256(archive).hexdigest()
    packet_id = str(uuid5(NAMESPACE_URL, f"urn:iop-es:packet:{digest}"))
    return Packet(
        archive, made.enrollment_id, packet_id, digest, head.size, head.root.hex(), pages, made.items, made.left_out
    )
