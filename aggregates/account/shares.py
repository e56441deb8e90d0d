"""What a payer's answer to a line means in money: charge = paid + contractual + the patient's + denied + other.

What is denied or other is open: somebody may still contest it, bill it elsewhere or have it written off. A code that
nobody here knows makes money open rather than lost, and every group code, CARC and amount is kept beside the sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

Share = Literal["contractual", "patient", "denied", "other"]

ABOVE_THE_FEE = "45"
"""The CARC for a charge above the agreed or allowed fee."""

REFUSALS = frozenset({
    "4", "11", "15", "16", "18", "22", "26", "27", "29", "50", "97", "119", "151", "197", "198", "252",
})  # fmt: skip
"""CARCs with which a payer refuses rather than prices; most are known from secondary sources only (C2 and G of the
sheet of the field, section 3.1). They sort money into denied instead of contractual and decide nothing else."""


class Adjusting(Protocol):
    """An adjustment as a fact or a read model has it."""

    @property
    def group(self) -> str:
        """CO, PR, OA or PI."""

    @property
    def carc(self) -> str:
        """The claim adjustment reason code."""


class Shares(NamedTuple):
    """Cents of one line's answer."""

    paid: int = 0
    contractual: int = 0
    patient: int = 0
    denied: int = 0
    other: int = 0


class WrittenOff(NamedTuple):
    """Cents of one line that were given up: of what is open with its payers, and of the patient's share."""

    payer: int = 0
    patient: int = 0


def share_of(adjustment: Adjusting, priced: bool) -> Share:
    """Whose an adjustment is. `priced`: the payer paid something on the line or left some of it to the patient."""
    if adjustment.group == "PR":
        return "patient"
    if adjustment.carc in REFUSALS:
        return "denied"
    if adjustment.group == "CO":
        return "contractual" if priced or adjustment.carc == ABOVE_THE_FEE else "denied"
    return "denied" if adjustment.group == "PI" else "other"


def priced(paid_cents: int, adjustments: Iterable[Adjusting]) -> bool:
    """Whether the payer priced a line: then its contractual obligation is a discount, else it is a denial."""
    return paid_cents > 0 or any(one.group == "PR" for one in adjustments)


def agreed_cents(charge_cents: int, percent: int) -> int:
    """What of a charge the patient owes under a sliding fee, to the nearest cent."""
    return (charge_cents * percent + 50) // 100


def divide(paid_cents: int, adjustments: Iterable[tuple[Adjusting, int]]) -> Shares:
    """The shares of a line from what was paid and its adjustments, each with its cents."""
    given = list(adjustments)
    worth = priced(paid_cents, (one for one, _ in given))
    sums: dict[Share, int] = {"contractual": 0, "patient": 0, "denied": 0, "other": 0}
    for one, cents in given:
        sums[share_of(one, worth)] += cents
    return Shares(paid_cents, **sums)


def added(first: Shares, second: Shares, charge_cents: int) -> Shares:
    """What a secondary payer's answer adds to the line that the payer before answered.

    The charge and what that payer paid and reduced are counted there. Here are the further payment, the further
    reduction, which is at most what is left (payers say the first one's again), and by how much the patient's share and
    what is refused change: both are what the last answer gives. What is other (the first payer's part, told again) is
    left out. How payers word it is not confirmed: a convention of ours, unverified.
    """
    left = charge_cents - first.paid - first.contractual - second.paid - second.patient
    contractual = max(0, min(second.contractual, left))
    return Shares(second.paid, contractual, second.patient - first.patient, second.denied - first.denied)


def together(first: Shares, *further: Shares) -> Shares:
    """A line's first answer and what others add to it."""
    return Shares(*map(sum, zip(first, *further, strict=True)))


def in_force(recorded: WrittenOff, charge_cents: int, settled: Shares) -> WrittenOff:
    """What of a line's write-offs counts by the answers that stand, further payers' with them.

    Of the patient's share at most what the payers leave to the patient, of the payers' at most what would be open
    without it: what somebody pays or takes off after all was not given up. The rest stays recorded, and counts again
    once such an answer is reversed. A convention of ours, unverified.
    """
    left = charge_cents - settled.paid - settled.contractual - settled.patient
    return WrittenOff(max(0, min(recorded.payer, left)), max(0, min(recorded.patient, settled.patient)))
