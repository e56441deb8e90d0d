"""Packets of a dispute: made from the record and the sealed log, put on record, and made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aggregates.claim.facts import ClaimPrepared
from aggregates.codec import decode
from aggregates.dispute.facts import Edition, PacketIssued
from aggregates.values import ClaimId
from api.gate import Gate, NotYetKnown
from iop_es.engine.log import Log
from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.proofs import NotSealedYet, Proofs
from projections.packet.issue import Packet, packet
from projections.packet.items import ITEMS, Item
from projections.packet.reading import NotTheirClaim, Wanted


class PacketDiffers(Exception):
    """This release does not make the packet's very bytes again: use the copy that was sent, or the release that made
    it. What it proves can be had as a new packet of the same positions."""


@dataclass(frozen=True, slots=True)
class Packets:
    """Makes packets; `key` answers the log's own key. Who may have one is asked by whoever gives it out."""

    log: Log
    gate: Gate
    proofs: Proofs
    key: Callable[[], Ed25519PrivateKey]

    def wanted(
        self, claims: Sequence[ClaimId], edition: Edition, items: Sequence[Item] | None, as_of: int | None,
        known_to: int | None = None,
    ) -> Wanted:  # fmt: skip
        """What is asked for, with what is left out filled in: all items, the position at which the claims were decided
        last, and all that is sealed. Raises NotTheirClaim, NotSealedYet, NotYetKnown."""
        prepared = [self._prepared(claim) for claim in dict.fromkeys(claims)]
        patient = prepared[0].patient_id
        for claim, told in zip(dict.fromkeys(claims), prepared, strict=True):
            if told.patient_id != patient:
                raise NotTheirClaim(claim)
        upto = checkpoint_of(self.proofs.checkpoint()).size
        if known_to is not None and known_to > upto:
            raise NotSealedYet
        then = as_of or max(one.decided_at for one in prepared)
        if then > (known_to or upto):
            raise NotYetKnown
        return Wanted(
            patient, tuple(dict.fromkeys(claims)), frozenset(ITEMS if items is None else items), edition, then,
            known_to or upto,
        )  # fmt: skip

    def made(self, wanted: Wanted) -> Packet:
        """The packet. Raises NotTheirClaim, NotSealedYet, ProofFailed, RecordParked."""
        return packet(
            self.log, self.proofs, self.key(), wanted,
            lambda model, upto: self.gate.folded(model, wanted.patient_id, upto),
        )  # fmt: skip

    def again(self, issued: PacketIssued) -> bytes:
        """The bytes of a packet that is on record. Raises PacketDiffers where they cannot be had any more."""
        asked = [one for one in ITEMS if one in (*issued.items, *issued.left_out)]
        made = self.made(self.wanted(issued.claims, issued.edition, asked, issued.as_of, issued.known_to))
        if made.sha256 != issued.sha256:
            raise PacketDiffers
        return made.archive

    def _prepared(self, claim: ClaimId) -> ClaimPrepared:
        found = self.log.first_of_streams([claim])
        told = decode(found[0].topic, found[0].state) if found else None
        if not isinstance(told, ClaimPrepared):
            raise NotTheirClaim(claim)
        return told


def on_record(wanted: Wanted, made: Packet, approved_by: str | None) -> dict[str, Any]:
    """What the record says of a packet, by the fields of the command that puts it there, but whose dispute it is."""
    return {
        "patient_id": wanted.patient_id, "claims": wanted.claims, "edition": wanted.edition, "as_of": wanted.as_of,
        "known_to": wanted.known_to, "checkpoint_size": made.checkpoint_size,
        "checkpoint_root": made.checkpoint_root, "sha256": made.sha256, "bytes": len(made.archive),
        "pages": made.pages, "items": made.items, "left_out": made.left_out,
        "approved_by": approved_by if wanted.edition == "payer" else None, "packet_id": made.packet_id,
    }  # fmt: skip
