"""The claims that are wrong by what is known now, each with why, and what puts it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from projections.billing import queries
from projections.billing.claims import correcting
from projections.billing.day import Day
from projections.billing.secondary_claims import correcting_secondary
from projections.billing.stale import Stale
from projections.billing.views import ClaimView, CorrectionView


class Wrong(NamedTuple):
    """A claim and what is wrong with it: the days that it bills as they are decided now, or of a secondary claim how
    the payer before answers now."""

    claim: ClaimView
    days: list[Day]
    correction: CorrectionView
    stale: Stale | None = None

    def data(self, *, decided_at: int, now: str, claim_id: str) -> dict[str, Any] | None:
        """Data of the `claim.prepare` command that puts it right at the payer; None for one that it never got, and for
        one that waits."""
        if self.correction.waits is not None:
            return None
        if self.stale is not None:
            return correcting_secondary(self.stale, self.correction, decided_at=decided_at, claim_id=claim_id)
        return correcting(self.claim, self.days, self.correction, decided_at=decided_at, now=now, claim_id=claim_id)


def wrong_claims(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, claim_id: str | None = None,
    payer_id: str | None = None,
) -> list[Wrong]:  # fmt: skip
    """All of them, or of one payer, or one claim if it is wrong; by their first wrong days."""
    found = []
    stale = {one.claim_id: one for one in queries.stale_claims(cursor, programs=programs, now=now)}
    for one in queries.corrections(cursor, programs=programs, now=now, claim_id=claim_id, payer_id=payer_id):
        claim = queries.claim(cursor, programs=programs, now=now, claim_id=one.claim_id)
        days = queries.days_of_claim(cursor, programs=programs, now=now, claim_id=one.claim_id)
        if claim is not None:
            found.append(Wrong(claim, days, one, stale.get(one.claim_id)))
    return found
