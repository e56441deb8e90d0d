"""The patient's own money with one program."""

from __future__ import annotations

import msgspec


class Overpaid(msgspec.Struct, array_like=True, kw_only=True):
    """An overpayment that a person identified."""

    payer_id: str
    claim_id: str | None
    cause: str
    amount_cents: int
    returned_cents: int = 0
    identified_by: str
    identified_on: str
    return_days: int
    suspended_days: int = 0
    return_due_on: str
    position: int


class Money(msgspec.Struct, array_like=True, kw_only=True):
    """What the patient paid and got back, the kind of the agreement set last, overpayments by id; cents."""

    received_cents: int = 0
    refunded_cents: int = 0
    agreement: str | None = None
    overpaid: dict[str, Overpaid] = msgspec.field(default_factory=dict)
    position: int = 0
