"""Facts into what billing remembers: `TAKES` a patient's document, `REFERS` the shared reference; by stored name."""

from __future__ import annotations

from projections.billing.accounts import inputs as money
from projections.billing.inputs import attendance, care, notes, payment, people
from projections.billing.inputs.shared import REFERS

__all__ = ["REFERS", "TAKES"]

TAKES = {**attendance.TAKES, **notes.TAKES, **care.TAKES, **payment.TAKES, **people.TAKES, **money.TAKES}
