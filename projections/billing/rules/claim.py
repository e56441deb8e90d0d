"""Is the day on a claim that stands? Then it is billed, with the units that the claim's line draws."""

from __future__ import annotations

from projections.billing.day import Case
from projections.billing.rules.authorization import Ledger


def find(case: Case) -> None:
    """The line of a live claim for this day of this episode; of several, the claim prepared last."""
    for claim_id, claim in case.patient.claims.items():
        if claim.live and claim.enrollment_id == case.enrollment_id:
            for line in claim.lines:
                if line.date == case.date:
                    case.claim_id, case.claim, case.line = claim_id, claim, line


def ask(case: Case, ledger: Ledger) -> None:
    """What the claim drew."""
    if case.claim is None or case.line is None:
        return
    case.say("claim", positions=case.claim.positions, line=case.line.line, charge_cents=case.line.charge_cents)
    if case.line.authorization_id is not None:
        case.authorization_id = case.line.authorization_id
        case.authorization_units = list(case.line.units)
        ledger.note(case.line.authorization_id, case.date, drawn=len(case.line.units))
