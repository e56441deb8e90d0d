"""What payers paid for claims that stand no longer: a credit that is owed back until a fact moves it.

A claim that is replaced or voided leaves every balance, and what was paid for it does not: it is the payer's until the
payer takes its answer back, or somebody returns it as an identified overpayment (also one that the payer withheld). So
of every account what payers paid is what lines that count were paid, this credit, and what was returned of it. Such a
credit is no overpayment yet: that a person alone can identify.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from iop_es.engine.reader import Row
from iop_es.engine.readmodel.model import Table

if TYPE_CHECKING:
    from projections.billing.documents import Claim, Patient

TABLE = Table(
    "payer_credit",
    (
        "patient_id", "claim_id", "program_id", "payer_id", "claim_status", "paid_cents", "returned_cents",
        "credit_cents", "identified_cents", "adjudicated_on", "trace_number", "position",
    ),
)


class Credit(NamedTuple):
    """What was paid for a claim that does not count, and what of that went back."""

    claim_id: str
    claim: Claim
    paid: int
    returned: int
    identified: int

    @property
    def left(self) -> int:
        """What the payer is still owed."""
        return self.paid - self.returned


def credits_of(patient: Patient) -> Iterator[Credit]:
    """Each claim's; what was returned without naming a claim is of the payer's first ones."""
    overpaid = [one for money in patient.money.values() for one in money.overpaid.values()]
    unnamed: dict[str, int] = {}
    for one in overpaid:
        if one.claim_id is None:
            unnamed[one.payer_id] = unnamed.get(one.payer_id, 0) + one.returned_cents
    for claim_id, claim in patient.claims.items():
        paid = 0 if claim.owed else sum(line.paid_cents or 0 for line in claim.lines)
        if paid:
            own = [one for one in overpaid if one.claim_id == claim_id]
            named = min(paid, sum(one.returned_cents for one in own))
            more = min(paid - named, unnamed.get(claim.payer_id, 0))
            unnamed[claim.payer_id] = unnamed.get(claim.payer_id, 0) - more
            yield Credit(claim_id, claim, paid, named + more, sum(one.amount_cents for one in own))


def rows_of(patient_id: str, patient: Patient) -> Iterator[Row]:
    """Of every such claim, also once all went back."""
    for one in credits_of(patient):
        claim = one.claim
        yield (
            patient_id, one.claim_id, claim.program_id, claim.payer_id, claim.status, one.paid, one.returned, one.left,
            one.identified, claim.adjudicated_on, claim.trace_number, claim.positions[-1],
        )
