"""What payers denied as to be corrected: a corrected claim answers it, and no appeal.

Nothing of ours need have changed for it: what was missing may be an attachment, or the payer's error. So only a person
who has found that out orders the correction. A claim that is unprocessable as a whole (remark code MA130: no right to
appeal, correct it and send it again) was never filed for its payer: its days go on a new claim (frequency 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aggregates.claim.state import UNPROCESSABLE, unprocessable
from aggregates.dispute.clocks import is_corrected

if TYPE_CHECKING:
    from projections.billing.accounts.documents import Line
    from projections.billing.documents import Claim


class ToCorrect(NamedTuple):
    """Of a claim: the codes of the denial as texts such as CO-16 or MA130, what of the denied is neither given up nor
    for an appeal in cents, and whether the claim as a whole is unprocessable."""

    codes: list[str]
    cents: int
    unprocessable: bool


NOTHING = ToCorrect([], 0, unprocessable=False)


def to_correct(claim: Claim) -> ToCorrect:
    """What of a claim that bills its days a corrected claim answers."""
    lines = [line for line in claim.lines if left(line) > 0 and is_to_correct(line)]
    if not lines or not claim.bills or claim.adjudicated_on is None:
        return NOTHING
    found = (
        code for line in lines for one in line.adjusted if one.group != "PR" and is_corrected(one.carc, one.rarc)
        for code in (f"{one.group}-{one.carc}", *([UNPROCESSABLE] if one.rarc == UNPROCESSABLE else []))
    )
    remarks = ({one.rarc for one in line.adjusted if one.group != "PR"} for line in claim.lines)
    return ToCorrect(sorted(set(found)), sum(map(left, lines)), unprocessable(claim.paid_cents or 0, remarks))


def left(line: Line) -> int:
    """What of a line is denied and nobody gave up."""
    return line.denied_cents - line.given_up.payer


def is_to_correct(line: Line) -> bool:
    """Whether a corrected claim answers it: by its reason code, or because the claim was unprocessable."""
    return any(is_corrected(one.carc, one.rarc) for one in line.adjusted if one.group != "PR")
