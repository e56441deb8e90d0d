"""The sums that an 835 must keep (005010X221A1, section 1.10.2): of the payment, of each claim, of each line."""

from __future__ import annotations

from iop_es.remittance.elements import Fault
from iop_es.remittance.reading import Adjusted, Remittance, RemittedClaim


def check(remittance: Remittance) -> None:
    """Puts a fault on whatever does not add up and has none yet; with an amount that cannot be read, nothing does."""
    if remittance.debit:
        remittance.fault = remittance.fault or Fault("unsupported", "BPR03")
    for claim in remittance.claims:
        claim.fault = claim.fault or _of_claim(claim)
    if remittance.fault is None and remittance.payment != _payment(remittance):
        remittance.fault = Fault("remittance-out-of-balance", "BPR02")


def _payment(remittance: Remittance) -> int:
    """What the claims paid less the adjustments of the provider."""
    paid = sum(claim.paid for claim in remittance.claims)
    return paid - sum(one.cents for one in remittance.adjustments)


def _of_claim(claim: RemittedClaim) -> Fault | None:
    """Charge less all adjustments is what was paid; the lines' charges are the claim's."""
    for number, line in enumerate(claim.lines, 1):
        if line.charge - _sum(line.adjustments) != line.paid:
            return Fault("line-out-of-balance", f"SVC {number}")
    adjusted = _sum(claim.adjustments) + sum(_sum(line.adjustments) for line in claim.lines)
    if claim.charge - adjusted != claim.paid:
        return Fault("claim-out-of-balance", "CLP04")
    if claim.lines and sum(line.charge for line in claim.lines) != claim.charge:
        return Fault("claim-out-of-balance", "CLP03")
    return None


def _sum(adjustments: list[Adjusted]) -> int:
    return sum(one.cents for one in adjustments)
