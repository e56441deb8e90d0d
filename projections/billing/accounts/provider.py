"""Rows of what concerns no patient, each made by its fact alone: adjustments of the provider's, what is unmatched.

Of the adjustments those that take back what was paid for a claim are also remembered by that claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.billing.accounts.payer_credits import TAKEBACKS

if TYPE_CHECKING:
    from projections.billing.references import Reference

ADJUSTMENT = Table(
    "provider_adjustment",
    (
        "position", "account_id", "program_id", "payer_id", "trace_number", "sequence", "remittance_on", "reason_code",
        "amount_cents", "claim_id",
    ),
)
UNMATCHED = Table(
    "unmatched",
    (
        "unmatched_id", "account_id", "program_id", "payer_id", "source", "part", "why", "claim_id", "trace_number",
        "remittance_on", "charge_cents", "paid_cents", "recorded_at", "position",
    ),
)
ASSIGNED = Table("unmatched_assigned", ("unmatched_id", "resolution", "claim_id", "position"))
TABLES = (ADJUSTMENT, UNMATCHED, ASSIGNED)


def adjusted(recorded: Recorded, rows: Rows) -> None:
    """A PLB adjustment."""
    fact: Any = recorded.fact
    rows.setdefault("provider_adjustment", {})[recorded.position,] = [(
        recorded.position, recorded.stream, fact.program_id, fact.payer_id, fact.trace_number, fact.sequence,
        fact.remittance_on, fact.reason_code, fact.amount_cents, fact.claim_id,
    )]  # fmt: skip


def unmatched(recorded: Recorded, rows: Rows) -> None:
    """A part of a file that moved nothing."""
    fact: Any = recorded.fact
    rows.setdefault("unmatched", {})[fact.unmatched_id,] = [(
        fact.unmatched_id, recorded.stream, fact.program_id, fact.payer_id, fact.source, fact.part, fact.why,
        fact.claim_id, fact.trace_number, fact.remittance_on, fact.charge_cents, fact.paid_cents, recorded.recorded_at,
        recorded.position,
    )]  # fmt: skip


def assigned(recorded: Recorded, rows: Rows) -> None:
    """What became of it."""
    fact: Any = recorded.fact
    rows.setdefault("unmatched_assigned", {})[fact.unmatched_id,] = [
        (fact.unmatched_id, fact.resolution, fact.claim_id, recorded.position)
    ]


def withheld(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """A payer recovers what it overpaid on a claim, or puts that off: it moves that claim's credit."""
    fact: Any = recorded.fact
    if fact.claim_id is None or fact.reason_code not in TAKEBACKS:
        return ()
    reference.withheld[fact.claim_id] = reference.withheld.get(fact.claim_id, 0) + fact.amount_cents
    return (fact.claim_id,)


REFERS = {"account.provider_adjustment_posted": withheld}
MAKES = {
    "account.provider_adjustment_posted": adjusted,
    "account.remittance_unmatched": unmatched,
    "account.unmatched_assigned": assigned,
}
