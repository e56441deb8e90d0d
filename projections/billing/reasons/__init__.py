"""Why a day is not billable now: for each code the sentence, whose it is to act on, and what to do next.

Sentences are filled with the numbers that the rule compared (`words` says how). Denial codes are the payer's word for
the same thing. REASONS speaks of a code in general; where one answer allows to say more, `variants` does.

    delivered  what was done in the program and written of it
    paid       who pays, on which terms, and what has become of the claim
"""

from projections.billing.reasons.delivered import DELIVERED
from projections.billing.reasons.paid import PAID
from projections.billing.reasons.reason import Reason

__all__ = ["REASONS", "Reason"]

REASONS: dict[str, Reason] = DELIVERED | PAID
