"""One remittance of a file: its claims and adjustments ordered, each claim in one append, or left with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from aggregates.claim.state import FORWARDED
from aggregates.kit import Refusal
from api.commands.order import NotPermitted, VersionChanged
from iop_es.engine.errors import KeyReusedForOtherBody
from iop_es.remittance import balance
from iop_es.remittance.elements import Fault
from iop_es.remittance.keeping import Keeper
from iop_es.remittance.planning import Planning, planning_of
from iop_es.remittance.reading import ProviderAdjustment, Remittance, RemittedClaim
from iop_es.remittance.summary import Counted

REFUSALS = (Refusal, NotPermitted, VersionChanged, ValidationError)


@dataclass(slots=True)
class Remitted:
    """One remittance in hand; `located` are our claims by control number."""

    keeper: Keeper
    remittance: Remittance
    payer_id: str | None = None
    program_id: str | None = None
    located: dict[str, str] = field(default_factory=dict)

    def take(self) -> Counted:
        """Orders what can be, leaves the rest; the numbers of both."""
        one, before = self.remittance, len(self.keeper.left)
        balance.check(one)
        counted = Counted(one.trace_number, one.paid_on, one.payment, len(one.claims))
        self._locate()
        try:
            planning = self._planning()
        except Fault as fault:
            self._leave_all(fault)
        else:
            for group in self._groups():
                self._group(planning, group, counted)
            self._adjustments(planning, counted)
        counted.unmatched = len(self.keeper.left) - before
        return counted

    def _locate(self) -> None:
        """Our claims by control number, and which program's they are.

        Whose payment it is they do not say: whoever sends a file is named in it, or by the caller, or is unknown.
        What is wrong with the whole remittance is told before a claim of it that is not ours.
        """
        programs: Counter[str] = Counter()
        for claim in self.remittance.claims:
            try:
                claim_id = self.keeper.books.claim_of(claim.control_number)
                sent = self.keeper.books.claim(claim_id).prepared
            except Fault as fault:
                claim.fault = claim.fault or self.remittance.fault or fault
            else:
                self.located[claim.control_number] = claim_id
                programs[sent.program_id] += 1
        self.program_id = self.keeper.books.program_with(self.remittance.payee) or _first(programs)

    def _planning(self) -> Planning:
        if self.remittance.fault is not None:
            raise self.remittance.fault
        one, door = self.remittance, self.keeper.door
        self.payer_id = door.payer_id or self.keeper.books.payer_of(one.payer, one.payer_numbers)
        return planning_of(one, door.by, self.payer_id)

    def _groups(self) -> Iterator[list[RemittedClaim]]:
        groups: dict[str, list[RemittedClaim]] = {}
        for claim in self.remittance.claims:
            groups.setdefault(claim.control_number.upper(), []).append(claim)
        yield from groups.values()

    def _group(self, planning: Planning, group: list[RemittedClaim], counted: Counted) -> None:
        """All that is said of one claim, together or not at all."""
        fault, more = None, ""
        try:
            self._post(planning, group, counted)
        except Fault as found:
            fault = found
        except KeyReusedForOtherBody:
            fault = Fault("told-otherwise", "CLP")
        except REFUSALS as refusal:
            fault, more = Fault("refused", "CLP"), reason(refusal)
        if fault is not None:
            for claim in group:
                self._leave(claim, claim.fault or fault, more)
        self.keeper.door.advanced(len(group))

    def _post(self, planning: Planning, group: list[RemittedClaim], counted: Counted) -> None:
        fault = next((claim.fault for claim in group if claim.fault is not None), None)
        if fault is not None:
            raise fault
        claim_id, door, books = self.located[group[0].control_number], self.keeper.door, self.keeper.books
        keys = {planning.last_key(claim_id, claim): planning.digest(claim) for claim in group}
        if len(door.log.seen(keys)) == len(group):
            counted.before += len(group)
            return
        ours = books.claim(claim_id, fresh=True)
        if ours.prepared.payer_id != self.payer_id:
            answer = ours.bill.adjudicated
            forwarded = answer is not None and answer.status in FORWARDED
            raise Fault("claim-forwarded" if forwarded else "payer-differs", "N1PR")
        parcel = planning.claim(ours, group)
        for key in map(self._identity, group):
            if key in books.unmatched:  # it could not be placed before, and now it is
                parcel.orders.append(planning.assignment(books.unmatched[key], key, claim_id))
        if not door.dry_run:
            door.order(parcel.orders)
        counted.posted += parcel.answered
        counted.reversed += parcel.reversed

    def _adjustments(self, planning: Planning, counted: Counted) -> None:
        for one in self.remittance.adjustments:
            try:
                self._adjust(planning, one, counted)
            except Fault as fault:
                self._leave_adjustment(fault, one)
            except KeyReusedForOtherBody:
                self._leave_adjustment(Fault("told-otherwise", "PLB"), one)
            except REFUSALS as refusal:
                self._leave_adjustment(Fault("refused", "PLB"), one, reason(refusal))

    def _adjust(self, planning: Planning, one: ProviderAdjustment, counted: Counted) -> None:
        if self.payer_id is None or self.program_id is None:
            raise Fault("program-unknown", "PLB")
        order = planning.adjustment(one, self.program_id, self.keeper.books.referred(one.reference))
        replayed = False
        if not self.keeper.door.dry_run:
            [reply] = self.keeper.door.order([order])
            replayed = reply.replayed
        counted.adjustments += not replayed

    def _leave_all(self, fault: Fault) -> None:
        """Nothing of the remittance can be posted: each part is kept, or the whole where it has none."""
        for claim in self.remittance.claims:
            self._leave(claim, claim.fault or fault)
            self.keeper.door.advanced(1)
        for one in self.remittance.adjustments:
            self._leave_adjustment(fault, one)
        if not (self.remittance.claims or self.remittance.adjustments):
            self.keeper.leave("remittance", fault, [self._name, fault.place], **self._facts)

    def _leave(self, claim: RemittedClaim, fault: Fault, more: str = "") -> None:
        self.keeper.leave(
            "claim", fault, self._identities(claim), more, claim.words, **self._facts,
            control_number=claim.control_number or None, charge_cents=claim.charge, paid_cents=claim.paid,
            claim_id=self.located.get(claim.control_number),
        )

    def _leave_adjustment(self, fault: Fault, one: ProviderAdjustment, more: str = "") -> None:
        self.keeper.leave(
            "provider_adjustment", fault, [self._name, "PLB", str(one.sequence), one.reason, str(one.cents)], more,
            f"PLB {one.reason} {one.reference or ''}", **self._facts, paid_cents=-one.cents,
        )

    @property
    def _name(self) -> str:
        return f"{self.remittance.originator}:{self.remittance.trace_number or self.keeper.digest}"

    @property
    def _facts(self) -> dict[str, Any]:
        one = self.remittance
        return {
            "trace_number": one.trace_number, "remittance_on": one.paid_on, "payer": one.payer or None,
            "payer_id": self.payer_id, "program_id": self.program_id,
        }

    def _identities(self, claim: RemittedClaim) -> list[str]:
        words = sha256(claim.words.encode()).hexdigest()
        return [self._name, claim.control_number, str(claim.sequence), words]

    def _identity(self, claim: RemittedClaim) -> str:
        return self.keeper.identified("claim", self._identities(claim))


def _first(counted: Counter[str]) -> str | None:
    """The one that most have; None where two have as many."""
    ranked = counted.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def reason(error: Exception) -> str:
    """A rule's sentence; the text of anything else may quote what was given."""
    if isinstance(error, Refusal):
        return str(error)
    return "" if isinstance(error, ValidationError) else " ".join((type(error).__doc__ or "").split())
