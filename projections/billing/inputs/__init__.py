"""Facts into what billing remembers: `TAKES` a patient's document, `REFERS` the shared reference; by stored name."""

from __future__ import annotations

from projections.billing.accounts import inputs as money
from projections.billing.accounts import provider
from projections.billing.disputes import inputs as disputes
from projections.billing.inputs import attendance, care, notes, payment, people, shared

__all__ = ["REFERS", "TAKES"]

REFERS = {**shared.REFERS, **provider.REFERS}
TAKES = {
    **attendance.TAKES, **notes.TAKES, **care.TAKES, **payment.TAKES, **people.TAKES, **money.TAKES, **disputes.TAKES,
}  # fmt: skip
