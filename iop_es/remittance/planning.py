"""The orders that a claim's answers in one remittance ask for; all of them are one append.

A key names payer, trace number, claim and sequence, and its digest is the payer's own words: the same file again finds
the first reply, and the same remittance with other words is told apart. The account's reservation stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aggregates.account.commands import (
    AssignUnmatched,
    PostCharges,
    PostProviderAdjustment,
    PostRemittance,
    ReversePayment,
)
from aggregates.account.streams import account_with
from aggregates.claim.commands import AdjudicateClaim, ReverseAdjudication
from aggregates.claim.facts import AdjudicatedLine, AnswerStatus, ClaimAdjudicated
from api.commands.order import Order, digest_of
from iop_es.remittance.books import OurClaim
from iop_es.remittance.elements import Fault
from iop_es.remittance.matching import answers_of, is_split
from iop_es.remittance.reading import ProviderAdjustment, Remittance, RemittedClaim

ANSWERS = {"1", "2", "3", "4", "19", "20", "21"}
"""CLP02 of a claim that was processed or denied, also where another payer was told of it (X12 code list 1029)."""
REVERSAL = "22"


@dataclass(slots=True)
class Parcel:
    """What is ordered together for one claim."""

    claim_id: str
    orders: list[Order] = field(default_factory=list)
    answered: int = 0
    reversed: int = 0


@dataclass(slots=True)
class Planning:
    """Plans for one remittance of one payer, whose dates and number are known to be good."""

    by: str
    payer_id: str
    trace_number: str
    remittance_on: str
    decided_on: str

    def claim(self, ours: OurClaim, answers: Sequence[RemittedClaim]) -> Parcel:
        """The orders for all that the remittance says of one claim, in its order. Raises Fault."""
        for statuses, sign in ((ANSWERS, 1), ({REVERSAL}, -1)):
            if is_split([one for one in answers if one.status in statuses], ours.prepared, sign):
                raise Fault("claim-split", "CLP")
        parcel, standing = Parcel(ours.claim_id), ours.bill.adjudicated
        posted = ours.claim_id in ours.account.standing
        for number, one in enumerate(answers, 1):
            if one.status == REVERSAL:
                anew = any(later.status in ANSWERS for later in answers[number:])
                self._reversal(parcel, ours, one, standing, posted, anew)
                standing, posted = None, False
            elif one.status in ANSWERS:
                standing = self._answer(parcel, ours, one, standing)
                posted = True
            else:
                raise Fault("unsupported", "CLP02")
        return parcel

    def key(self, claim_id: str, one: RemittedClaim, what: str) -> str:
        """The idempotency key of one order."""
        return f"835:{self.payer_id}:{self.trace_number}:{claim_id}:{one.sequence}:{what}"

    def last_key(self, claim_id: str, one: RemittedClaim) -> str:
        """The key of the order that every answer, or every reversal, has."""
        return self.key(claim_id, one, "claim" if one.status == REVERSAL else "account")

    def digest(self, one: RemittedClaim) -> bytes:
        """The payer's own words."""
        return digest_of("835", one.words)

    def adjustment(self, one: ProviderAdjustment, program_id: str, claim_id: str | None) -> Order:
        """The order that posts an adjustment of the provider's."""
        command = PostProviderAdjustment(
            account_id=account_with(program_id, self.payer_id), program_id=program_id, payer_id=self.payer_id,
            trace_number=self.trace_number, sequence=one.sequence, remittance_on=self.remittance_on,
            reason_code=one.reason, amount_cents=one.cents, claim_id=claim_id, reference=one.reference,
        )
        key = f"835:{self.payer_id}:{self.trace_number}:plb:{one.sequence}"
        return self._order(command, key, digest_of("835", [one.reason, one.reference, one.cents]))

    def assignment(self, account_id: str, unmatched_id: str, claim_id: str) -> Order:
        """The order that says of an unmatched part that it is posted now."""
        command = AssignUnmatched(
            account_id=account_id, unmatched_id=unmatched_id, resolution="imported", claim_id=claim_id
        )
        return self._order(command, f"835:assigned:{unmatched_id}", digest_of("835", [unmatched_id, claim_id]))

    def _answer(
        self, parcel: Parcel, ours: OurClaim, one: RemittedClaim, standing: ClaimAdjudicated | None
    ) -> ClaimAdjudicated | None:
        lines = answers_of(one, ours.prepared)
        if standing is None or standing.trace_number is not None or not _same(standing.lines, lines):
            command = AdjudicateClaim(
                claim_id=ours.claim_id, adjudicated_on=self.decided_on, payer_control_number=one.payer_control_number,
                lines=lines, paid_cents=one.paid, trace_number=self.trace_number, remittance_on=self.remittance_on,
                status=cast("AnswerStatus", one.status),
            )
            self._add(parcel, one, "claim", command)
        if ours.prepared.after_claim is not None:  # what is charged there may never have been posted
            self._add(parcel, one, "charges", PostCharges(
                account_id=ours.account_id, claim_id=ours.prepared.after_claim
            ))  # fmt: skip
        self._add(parcel, one, "account", PostRemittance(
            account_id=ours.account_id, claim_id=ours.claim_id, trace_number=self.trace_number,
            remittance_on=self.remittance_on, sequence=one.sequence,
        ))  # fmt: skip
        parcel.answered += 1
        return ClaimAdjudicated(
            adjudicated_on=self.decided_on, payer_control_number=one.payer_control_number, lines=lines,
            paid_cents=one.paid, trace_number=self.trace_number, remittance_on=self.remittance_on,
            status=cast("AnswerStatus", one.status),
        )

    def _reversal(
        self, parcel: Parcel, ours: OurClaim, one: RemittedClaim, standing: ClaimAdjudicated | None, posted: bool,
        anew: bool,
    ) -> None:  # fmt: skip
        if standing is None:
            raise Fault("nothing-to-reverse", "CLP02")
        if -one.paid != standing.paid_cents or not _paid_alike(answers_of(one, ours.prepared, -1), standing.lines):
            raise Fault("reversal-differs", "CLP04")
        self._add(parcel, one, "claim", ReverseAdjudication(
            claim_id=ours.claim_id, reversed_on=self.decided_on, trace_number=self.trace_number, answered_anew=anew,
        ))  # fmt: skip
        if posted:  # an answer that was only told of the claim, by hand, was never posted
            self._add(parcel, one, "account", ReversePayment(
                account_id=ours.account_id, claim_id=ours.claim_id, trace_number=self.trace_number,
                remittance_on=self.remittance_on, sequence=one.sequence,
            ))  # fmt: skip
        parcel.reversed += 1

    def _add(self, parcel: Parcel, one: RemittedClaim, what: str, command: Any) -> None:
        parcel.orders.append(self._order(command, self.key(parcel.claim_id, one, what), self.digest(one)))

    def _order(self, command: Any, key: str, digest: bytes) -> Order:
        return Order(command, self.by, "biller", None, key, digest, kept=True)


def planning_of(remittance: Remittance, by: str, payer_id: str) -> Planning:
    """The planning of a remittance without a fault. Raises Fault for what it must have."""
    if remittance.trace_number is None:
        raise Fault("no-trace", "TRN02")
    if remittance.paid_on is None or remittance.date is None:
        raise Fault("bad-date", "BPR16")
    return Planning(by, payer_id, remittance.trace_number, remittance.paid_on, remittance.date)


def _same(known: Sequence[AdjudicatedLine], told: Sequence[AdjudicatedLine]) -> bool:
    """Whether an answer that was told by hand says what the remittance does: paid and adjusted alike, line by line."""
    return [_sums(one) for one in known] == [_sums(one) for one in told]


def _sums(line: AdjudicatedLine) -> tuple[Any, ...]:
    return line.line, line.paid_cents, sorted((one.group, one.carc, one.amount_cents) for one in line.adjustments)


def _paid_alike(told: Sequence[AdjudicatedLine], known: Sequence[AdjudicatedLine]) -> bool:
    return {one.line: one.paid_cents for one in told} == {one.line: one.paid_cents for one in known}
