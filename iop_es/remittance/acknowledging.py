"""A file of acknowledgments from beginning to end: claims acknowledged or rejected, one append each."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aggregates.claim.commands import AcknowledgeClaim, RejectClaim
from aggregates.claim.state import Bill
from aggregates.values import Code
from api.commands.order import Order, digest_of
from iop_es.engine.errors import KeyReusedForOtherBody
from iop_es.remittance.books import Books
from iop_es.remittance.elements import Fault
from iop_es.remittance.interchange import read
from iop_es.remittance.keeping import Door, Keeper
from iop_es.remittance.remitted import REFUSALS, reason
from iop_es.remittance.statuses import Status, statuses_of
from iop_es.remittance.summary import Acknowledged

KINDS = {"277", "999"}
_CODE: TypeAdapter[str] = TypeAdapter(Code)


def import_acknowledgments(door: Door, name: str, data: bytes) -> Acknowledged:
    """Orders what a file of 277CA or 999 says, keeps what of it is unmatched, and tells both."""
    keeper = Keeper(door, Books(door.log), "277CA", name, sha256(data).hexdigest())
    work = _Acknowledging(keeper, Acknowledged(name, unmatched=keeper.left), door.commands.now())
    interchange = read(data)
    ours = [one for one in interchange.transactions if one.kind in KINDS]
    for transaction in ours:
        for status in statuses_of(transaction, interchange.component):
            work.take(status)
    for fault in interchange.faults or ([] if ours else [Fault("no-acknowledgment", "ST01")]):
        keeper.leave("file", fault, [keeper.digest, fault.place])
    return work.found


@dataclass(slots=True)
class _Acknowledging:
    keeper: Keeper
    found: Acknowledged
    now: str

    def take(self, status: Status) -> None:
        """All claims that a status is about, each for itself."""
        try:
            claims = self._claims(status)
        except Fault as fault:
            self._leave(status, fault, None)
        else:
            for claim_id in claims:
                self._one(status, claim_id)

    def _claims(self, status: Status) -> tuple[str, ...]:
        if status.fault is not None:
            raise status.fault
        if status.batch is not None:
            return self.keeper.books.claims_in(status.batch)
        return (self.keeper.books.claim_of(status.control_number or ""),)

    def _one(self, status: Status, claim_id: str) -> None:
        try:
            self._order(status, claim_id)
        except Fault as fault:
            self._leave(status, fault, claim_id)
        except KeyReusedForOtherBody:
            self._leave(status, Fault("told-otherwise", "TRN02"), claim_id)
        except REFUSALS as refusal:
            self._leave(status, Fault("refused", "STC01"), claim_id, reason(refusal))
        self.keeper.door.advanced(1)

    def _order(self, status: Status, claim_id: str) -> None:
        door, bill = self.keeper.door, self.keeper.books.claim(claim_id, fresh=True).bill
        if self._known(status, bill):
            self.found.before += 1
            return
        command = self._command(status, claim_id)
        digest = digest_of(status.source, status.words)
        key = self._key(status, claim_id, digest)
        order = Order(command, door.by, "biller", None, key, digest, request=door.request, kept=True)
        replayed = False if door.dry_run else door.commands.handle(order).replayed
        self.found.before += replayed
        if not replayed and status.accepted:
            self.found.accepted += 1
        elif not replayed:
            self.found.rejected += 1

    def _key(self, status: Status, claim_id: str, digest: bytes) -> str:
        """The idempotency key of a status, in which its words are blinded, because names could be tried on them; one
        that was kept before that is found under the key that it had."""
        log, whose = self.keeper.door.log, f"{status.source}:{claim_id}"
        words = sha256(status.words.encode()).hexdigest()
        if log.seen({f"{whose}:{words}": digest}):
            return f"{whose}:{words}"
        [blinded] = log.sealer.blinded([words])
        return f"{whose}:{blinded}"

    def _known(self, status: Status, bill: Bill) -> bool:
        """A source takes a claim in once, however often it says so on the claim's way; the first counts as proof."""
        if status.accepted:
            return any(one.source == status.source for one in bill.acknowledged)
        return bill.rejected is not None and bill.rejected.codes == tuple(status.codes)

    def _command(self, status: Status, claim_id: str) -> Any:
        if status.accepted:
            return AcknowledgeClaim(
                claim_id=claim_id, acknowledged_at=self._at(status), source=status.source,
                reference=_reference(status),
            )  # fmt: skip
        return RejectClaim(
            claim_id=claim_id, rejected_at=self._at(status), source=status.source, codes=tuple(status.codes)
        )

    def _at(self, status: Status) -> str:
        """The end of the day that is named, because no hour is; now, where that is still to come or no day is."""
        return self.now if status.date is None else min(self.now, f"{status.date}T23:59:59.000000Z")

    def _leave(self, status: Status, fault: Fault, claim_id: str | None, more: str = "") -> None:
        words = sha256(status.words.encode()).hexdigest()
        identity = [status.source, status.control_number or status.batch or "", claim_id or "", words]
        self.keeper.source = status.source
        self.keeper.leave(
            "claim", fault, identity, more, status.words, control_number=status.control_number or None,
            claim_id=claim_id,
        )  # fmt: skip


def _reference(status: Status) -> str:
    """The payer's own number where it is a code, else what the file is."""
    try:
        return _CODE.validate_python(status.reference)
    except ValidationError:
        return status.source
