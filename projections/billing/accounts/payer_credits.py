"""What payers paid for claims that stand no longer: a credit that is owed back until a fact moves it.

A claim that is replaced or voided leaves every balance once its payer accepts that, and what was paid for it does not:
it is the payer's until the payer takes its answer back, withholds it beside its claims (PLB) and says of which claim,
or somebody returns it as an identified overpayment. A return by takeback and what the payer withheld of the same claim
are the same money. So of every account what payers paid is what lines that count were paid, this credit, and what went
back of it. Such a credit is no overpayment yet: that a person alone can identify.

What is withheld is the sum of a claim's adjustments WO, 72 and FB, by their signs. A payer that gets a check says so
with 72 below zero beside a WO above it: together they move nothing, for the check is on record as a return. One that
reverses an answer and takes the money later puts it off with a WO or FB below zero: the money is still with us, and
stays a credit although no answer stands. One that takes more than there is has taken beyond: its credit is below zero.
What is put off beyond all that was ever reversed of the claim, and what is taken for a claim that counts and of which
nothing was reversed, follows from nothing on record: it moves no credit and rests, unmatched, until the reversal comes
or a person finds the overpayment and records its return by takeback. How payers use these codes is known from their
guides and an interpretation (X12 RFI 1374) only: unverified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from iop_es.engine.readmodel.model import Table
from iop_es.engine.stored import Row
from projections.billing.keeping import counted

if TYPE_CHECKING:
    from projections.billing.documents import Claim, Patient

TAKEBACKS = frozenset({"WO", "72", "FB"})
"""The reason codes of adjustments by which a payer recovers what it overpaid, acknowledges that it was refunded, or
puts it off to a later remittance (X12, PLB03-1)."""
TABLE = Table(
    "payer_credit",
    (
        "patient_id", "claim_id", "program_id", "payer_id", "claim_status", "paid_cents", "returned_cents",
        "withheld_cents", "credit_cents", "identified_cents", "unmatched_cents", "adjudicated_on", "trace_number",
        "position",
    ),
)


class Credit(NamedTuple):
    """What was paid for a claim that does not count, and what of that went back; `withheld` is below zero where the
    payer put off taking it, `unmatched` what of its adjustments nothing on record bears out."""

    claim_id: str
    claim: Claim
    paid: int
    returned: int
    withheld: int
    identified: int
    unmatched: int

    @property
    def left(self) -> int:
        """What the payer is still owed; below zero, it took more than that."""
        return self.paid - self.returned - self.withheld


def settled_claims(patient: Patient) -> Iterator[str]:
    """The claims whose credit what payers withhold changes: those that were ever answered."""
    return (key for key, claim in patient.claims.items() if claim.payer_control_number is not None)


def credits_of(patient: Patient, withheld: Mapping[str, int]) -> Iterator[Credit]:
    """Each claim's; what was returned without naming a claim is of the payer's first ones in the program. `withheld`:
    by claim, what payers took back beside their answers."""
    counts = counted(patient)
    overpaid = [(key, one) for key, money in patient.money.items() for one in money.overpaid.values()]
    unnamed, taken = dict[tuple[str, str], int](), dict[tuple[str, str], int]()
    for program_id, one in overpaid:
        if one.claim_id is None:
            whose = one.payer_id, program_id
            unnamed[whose] = unnamed.get(whose, 0) + one.returned_cents
            taken[whose] = taken.get(whose, 0) + one.taken_cents
    for claim_id, claim in patient.claims.items():
        paid = 0 if claim_id in counts else sum(line.paid_cents or 0 for line in claim.lines)
        beside = 0 if claim.payer_control_number is None else withheld.get(claim_id, 0)
        if not paid and not beside:
            continue
        own = [one for _, one in overpaid if one.claim_id == claim_id]
        put_off = min(max(0, -beside), claim.reversed_cents)
        whose, here = (claim.payer_id, claim.program_id), paid + put_off
        named = min(here, sum(one.returned_cents for one in own))
        more = min(here - named, unnamed.get(whose, 0))
        unnamed[whose] = unnamed.get(whose, 0) - more
        same = sum(one.taken_cents for one in own) + min(more, taken.get(whose, 0))
        taken[whose] = max(0, taken.get(whose, 0) - more)
        same = min(same, max(0, beside), sum(one.returned_cents for one in own) if claim_id in counts else named + more)
        further = beside - same
        withheld_here = -put_off if further < 0 else 0 if claim_id in counts and not claim.reversed_cents else further
        if paid or further:
            identified = sum(one.amount_cents for one in own)
            yield Credit(claim_id, claim, paid, named + more, withheld_here, identified, further - withheld_here)


def rows_of(patient_id: str, patient: Patient, withheld: Mapping[str, int]) -> Iterator[Row]:
    """Of every such claim, also once all of what was paid went back."""
    for one in credits_of(patient, withheld):
        claim = one.claim
        yield (
            patient_id, one.claim_id, claim.program_id, claim.payer_id, claim.status, one.paid, one.returned,
            one.withheld, one.left, one.identified, one.unmatched, claim.adjudicated_on, claim.trace_number,
            claim.positions[-1],
        )
