"""The claims that are wrong by what is known now, each with its days, for `claims.correcting`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from projections.billing import queries
from projections.billing.day import Day
from projections.billing.views import ClaimView, CorrectionView


class Wrong(NamedTuple):
    """A claim, the days that it bills as they are decided now, and what is wrong with it."""

    claim: ClaimView
    days: list[Day]
    correction: CorrectionView


def wrong_claims(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, claim_id: str | None = None,
    payer_id: str | None = None,
) -> list[Wrong]:  # fmt: skip
    """All of them, or of one payer, or one claim if it is wrong; by their first wrong days."""
    found = []
    for one in queries.corrections(cursor, programs=programs, now=now, claim_id=claim_id, payer_id=payer_id):
        claim = queries.claim(cursor, programs=programs, now=now, claim_id=one.claim_id)
        days = queries.days_of_claim(cursor, programs=programs, now=now, claim_id=one.claim_id)
        if claim is not None:
            found.append(Wrong(claim, days, one))
    return found
