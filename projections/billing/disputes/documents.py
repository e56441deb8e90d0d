"""A patient's requests for records and disputes; positions, dates and ids as the facts have them."""

from __future__ import annotations

import msgspec


class Until(msgspec.Struct, array_like=True, frozen=True):
    """A last day and what says so; `on` is None where no clock is known."""

    on: str | None = None
    source: str | None = None
    confidence: str | None = None
    unverified: bool = False


class Request(msgspec.Struct, array_like=True, kw_only=True):
    """A letter that asks for records; `sent` are the items that left, by their last day."""

    letter_id: str
    kind: str
    claims: tuple[str, ...]
    items: tuple[str, ...]
    received_on: str
    until: Until
    sent: dict[str, str] = msgspec.field(default_factory=dict)
    position: int


class Contested(msgspec.Struct, array_like=True, kw_only=True):
    """A decision that is contested: the level it stands at, whether that was filed and answered, and in cents."""

    letter_id: str | None
    claims: tuple[str, ...]
    codes: tuple[str, ...]
    level: str
    began_on: str
    amount_cents: int
    until: Until
    filed_on: str | None = None
    late: bool = False
    answered_on: str | None = None
    outcome: str | None = None
    upheld_cents: int = 0
    overturned_cents: int = 0
    next_level: str | None = None
    position: int

    @property
    def over(self) -> bool:
        """Whether nobody goes on, or there is nowhere to go."""
        return self.answered_on is not None and self.next_level is None


class Dispute(msgspec.Struct, array_like=True, kw_only=True):
    """One stream: its requests by id, and what is contested, if anything; `contact_at` is the last contact."""

    program_id: str
    payer_id: str
    track: str
    owner_id: str
    requests: dict[str, Request] = msgspec.field(default_factory=dict)
    contested: Contested | None = None
    contact_at: str | None = None
    contacts: int = 0
    packets: int = 0
    position: int = 0
