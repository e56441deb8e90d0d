"""What is still kept of a claim that another one takes back, until its payer has accepted that.

A replacement or a void ends the earlier claim here when it is prepared, and at the payer when the payer takes it in: a
rejection gives everything back. Of a void it says so also by reversing its answer to the earlier claim, and of a
replacement that it denied. So days, services and units stay taken for so long, as they do under the claim's rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aggregates.claim.state import VOID
from projections.billing.accounts.documents import Line
from projections.billing.documents import Claim, Patient


class Kept(NamedTuple):
    """A line of the earlier claim, kept by the later one: the `units` that no line of the later one draws, and whether
    it is `free` there, so that nothing else bills its service."""

    claim_id: str
    claim: Claim
    line: Line
    units: tuple[int, ...]
    free: bool


def counted(patient: Patient) -> frozenset[str]:
    """The claims whose charges count in a balance: sent and standing, or taken back and the payer has yet to accept
    that; for so long a replacement does not count. A mere request to void another claim never does."""
    pending = {one.replaces for one in patient.claims.values() if patient.pending(one)}
    return frozenset(
        claim_id for claim_id, one in patient.claims.items()
        if (one.live and one.status != "prepared" and not patient.pending(one))
        or (claim_id in pending and one.submitted_at)
    )


def kept(patient: Patient) -> Iterator[Kept]:
    """All of them, in the order of the later claims."""
    for claim_id, claim in patient.claims.items():
        earlier = patient.claims.get(claim.replaces or "") if patient.pending(claim) else None
        if earlier is not None:
            own = [] if claim.frequency == VOID else claim.lines
            billed = {line.billed for line in own}
            drawn = {(line.authorization_id, unit) for line in own for unit in line.units}
            for line in earlier.lines:
                units = tuple(unit for unit in line.units if (line.authorization_id, unit) not in drawn)
                free = line.billed not in billed
                if units or free:
                    yield Kept(claim_id, claim, line, units, free)


def together(patient: Patient, claim_id: str) -> list[str]:
    """A claim and those that it takes back or comes after, or that take it back or come after it, and so on."""
    family, found = {claim_id}, set[str]()
    while family != found:
        found = set(family)
        for key, one in patient.claims.items():
            near = {key, *filter(None, (one.replaces, one.after_claim))}
            family |= near if near & family else set()
    return [key for key in patient.claims if key in family]
