"""Packets of a dispute: made from the record and the sealed log, put on record, and made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aggregates.access.commands import RecordDisclosure
from aggregates.access.facts import DisclosureMade
from aggregates.access.streams import access_of
from aggregates.claim.facts import ClaimPrepared
from aggregates.codec import decode
from aggregates.days import day_in
from aggregates.dispute.commands import IssuePacket
from aggregates.dispute.facts import Edition, PacketIssued
from aggregates.program.facts import ProgramOpened
from aggregates.values import ClaimId, Code, Date, Id
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
        known_to: int | None = None, consent_id: Id | None = None,
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
            known_to or upto, consent_id,
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
        consent_id = self._consent(issued)
        made = self.made(self.wanted(issued.claims, issued.edition, asked, issued.as_of, issued.known_to, consent_id))
        if made.sha256 != issued.sha256:
            raise PacketDiffers
        return made.archive

    def today(self, claims: Sequence[ClaimId]) -> Date:
        """The day that it is where the claims' program is: on which something of them is disclosed."""
        program = self._prepared(claims[0]).program_id
        opened = (decode(one.topic, one.state) for one in self.log.first_of_streams([program]))
        zone = next((one.time_zone for one in opened if isinstance(one, ProgramOpened)), "UTC")
        return day_in(self.gate.now(), zone)

    def _consent(self, issued: PacketIssued) -> Id | None:
        """The consent under which it was disclosed."""
        told = (decode(one.topic, one.state) for one in self.log.streams([access_of(issued.patient_id)]).popitem()[1])
        found = (one for one in told if isinstance(one, DisclosureMade) and one.disclosure_id == issued.disclosure_id)
        return next((one.consent_id for one in found), None)

    def _prepared(self, claim: ClaimId) -> ClaimPrepared:
        found = self.log.first_of_streams([claim])
        told = decode(found[0].topic, found[0].state) if found else None
        if not isinstance(told, ClaimPrepared):
            raise NotTheirClaim(claim)
        return told


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a payer's edition: a name, of which organization, where, and which payer it is."""

    name: str
    affiliation: str | None = None
    address: str | None = None
    payer_id: Id | None = None


def release(
    dispute_id: Id, wanted: Wanted, made: Packet, person: Id, on: Date, recipient: Recipient | None,
    beyond_cause: Code | None = None,
) -> list[IssuePacket | RecordDisclosure]:
    """What is put on record together when a packet is made: the packet, and for a payer the approval and that it was
    disclosed, under the consent or for payment. `on` is the day, `recipient` None for what stays in the house,
    `beyond_cause` why a payer gets more than it asked for."""
    issued: dict[str, Any] = {
        "dispute_id": dispute_id, "packet_id": made.packet_id, "patient_id": wanted.patient_id,
        "claims": wanted.claims, "edition": wanted.edition, "as_of": wanted.as_of, "known_to": wanted.known_to,
        "checkpoint_size": made.checkpoint_size, "checkpoint_root": made.checkpoint_root, "sha256": made.sha256,
        "bytes": len(made.archive), "pages": made.pages, "items": made.items, "left_out": made.left_out,
    }  # fmt: skip
    if recipient is None:
        return [IssuePacket(**issued)]
    disclosure_id = str(uuid5(NAMESPACE_URL, f"urn:iop-es:disclosure:{made.packet_id}"))
    disclosure = RecordDisclosure(
        access_id=access_of(wanted.patient_id), patient_id=wanted.patient_id, disclosure_id=disclosure_id,
        enrollment_id=made.enrollment_id, made_on=on, recipient=recipient.name, affiliation=recipient.affiliation,
        address=recipient.address, information=made.items, purpose="payment",
        basis="payment" if wanted.consent_id is None else "consent", consent_id=wanted.consent_id,
        payer_id=recipient.payer_id,
    )  # fmt: skip
    packet = IssuePacket(**issued, approved_by=person, disclosure_id=disclosure_id, beyond_cause=beyond_cause)
    return [packet, disclosure]
