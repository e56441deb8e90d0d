"""A claim to the second payer that is voided: what is left is due again once that payer has accepted the void."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim import facts as claim
from tests.projections.billing.clinic import an_id
from tests.projections.billing.test_secondary import DAYS, FIRST, SECOND, answered, bill, due, send

VOID = an_id("claim", 3)


@pytest.mark.parametrize(("source", "due_again"), [(None, False), ("999", False), ("277CA", True)])
def test_a_voided_secondary_claim_is_due_again_once_its_payer_has_accepted_the_void(
    source: Any, due_again: bool
) -> None:  # fmt: skip
    """Until then the void stands there, and nothing is prepared beside it."""
    clinic = answered()
    bill(clinic)
    send(clinic, SECOND)
    clinic.claim(3, DAYS, frequency="8", replaces=SECOND, after_claim=FIRST, payer_id=an_id("payer", 2))
    clinic.story.tell(SECOND, claim.ClaimVoided(voided_on="2026-03-25", cause="error"), role="biller")
    send(clinic, VOID)
    if source:
        taken = claim.ClaimAcknowledged(acknowledged_at="2026-03-26T12:00:00Z", source=source, reference="r")
        clinic.story.tell(VOID, taken, role="biller")
    [one] = due(clinic)
    assert one.standing_id == (None if due_again else VOID)
