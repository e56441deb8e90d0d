"""Is the day on a claim that stands? Then it is billed, with the units that the claim's line draws.

What the payer answered is told with it, and what it refused of the line. That it was denied decides nothing about the
day: it is billed, and the reason is there for whoever works on denials. A day whose last claim was rejected can be
billed again, with a warning.
"""

from __future__ import annotations

from projections.billing.day import Case
from projections.billing.rules.authorization import Ledger


def find(case: Case) -> None:
    """The line of a live claim for this day of this episode, of several the one prepared last; and the newest claim."""
    for claim_id, claim in case.patient.claims.items():
        if claim.enrollment_id != case.enrollment_id:
            continue
        for line in claim.lines:
            if line.date == case.date:
                case.newest = claim
                if claim.live:
                    case.claim_id, case.claim, case.line = claim_id, claim, line


def ask(case: Case, ledger: Ledger) -> None:
    """What the claim drew, and the payer's answer; without one that stands, whether the last one was rejected."""
    if case.claim is None or case.line is None:
        _rejection(case)
        return
    case.say("claim", positions=case.claim.positions, line=case.line.line, charge_cents=case.line.charge_cents)
    if case.line.authorization_id is not None:
        case.authorization_id = case.line.authorization_id
        case.authorization_units = list(case.line.units)
        ledger.note(case.line.authorization_id, case.date, drawn=len(case.line.units))
    if case.claim.status == "adjudicated" and case.line.paid_cents is not None:
        denied = case.line.denied_cents > 0
        case.say(
            "remittance", "warning" if denied else "passed", "denied_by_payer" if denied else None,
            case.claim.positions, paid_cents=case.line.paid_cents, charge_cents=case.line.charge_cents,
            denied_cents=case.line.denied_cents, answered_on=case.claim.adjudicated_on or "",
        )


def _rejection(case: Case) -> None:
    if case.newest is not None and case.newest.status == "rejected":
        codes = ", ".join(case.newest.codes)
        case.say("earlier_claim", "warning", "earlier_claim_rejected", case.newest.positions, codes=codes)
