"""What payers paid for claims that stand no longer: a credit that is owed back until a fact moves it.

A claim that is replaced or voided leaves every balance once its payer accepts that, and what was paid for it does not:
it is the payer's until the payer takes its answer back, withholds it beside its claims (PLB) and says of which claim,
or somebody returns it as an identified overpayment. A return by takeback and what the payer withheld of the same claim
are the same money. So of every account what payers paid is what lines that count were paid, this credit, and what went
back of it. Such a credit is no overpayment yet: that a person alone can identify.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from iop_es.engine.reader import Row
from iop_es.engine.readmodel.model import Table
from projections.billing.keeping import counted

if TYPE_CHECKING:
    from projections.billing.documents import Claim, Patient

TAKEBACK = "WO"
"""The reason code of an adjustment by which a payer recovers what it overpaid (X12, PLB03-1)."""
TABLE = Table(
    "payer_credit",
    (
        "patient_id", "claim_id", "program_id", "payer_id", "claim_status", "paid_cents", "returned_cents",
        "withheld_cents", "credit_cents", "identified_cents", "adjudicated_on", "trace_number", "position",
    ),
)


class Credit(NamedTuple):
    """What was paid for a claim that does not count, and what of that went back."""

    claim_id: str
    claim: Claim
    paid: int
    returned: int
    withheld: int
    identified: int

    @property
    def left(self) -> int:
        """What the payer is still owed."""
        return self.paid - self.returned - self.withheld


def settled_claims(patient: Patient) -> Iterator[str]:
    """The claims whose credit what payers withhold changes."""
    counts = counted(patient)
    for claim_id, claim in patient.claims.items():
        if claim_id not in counts and any(line.paid_cents for line in claim.lines):
            yield claim_id


def credits_of(patient: Patient, withheld: Mapping[str, int]) -> Iterator[Credit]:
    """Each claim's; what was returned without naming a claim is of the payer's first ones. `withheld`: by claim, what
    payers took back beside their answers."""
    counts = counted(patient)
    overpaid = [one for money in patient.money.values() for one in money.overpaid.values()]
    unnamed, taken = dict[str, int](), dict[str, int]()
    for one in overpaid:
        if one.claim_id is None:
            unnamed[one.payer_id] = unnamed.get(one.payer_id, 0) + one.returned_cents
            taken[one.payer_id] = taken.get(one.payer_id, 0) + one.taken_cents
    for claim_id, claim in patient.claims.items():
        paid = 0 if claim_id in counts else sum(line.paid_cents or 0 for line in claim.lines)
        if paid:
            own = [one for one in overpaid if one.claim_id == claim_id]
            named = min(paid, sum(one.returned_cents for one in own))
            more = min(paid - named, unnamed.get(claim.payer_id, 0))
            unnamed[claim.payer_id] = unnamed.get(claim.payer_id, 0) - more
            same = sum(one.taken_cents for one in own) + min(more, taken.get(claim.payer_id, 0))
            taken[claim.payer_id] = max(0, taken.get(claim.payer_id, 0) - more)
            kept_back = min(max(0, withheld.get(claim_id, 0) - same), paid - named - more)
            yield Credit(claim_id, claim, paid, named + more, kept_back, sum(one.amount_cents for one in own))


def rows_of(patient_id: str, patient: Patient, withheld: Mapping[str, int]) -> Iterator[Row]:
    """Of every such claim, also once all went back."""
    for one in credits_of(patient, withheld):
        claim = one.claim
        yield (
            patient_id, one.claim_id, claim.program_id, claim.payer_id, claim.status, one.paid, one.returned,
            one.withheld, one.left, one.identified, claim.adjudicated_on, claim.trace_number, claim.positions[-1],
        )
