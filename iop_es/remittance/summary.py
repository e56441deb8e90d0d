"""What came of a file, in numbers and sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from aggregates.account.facts import Part


@dataclass(frozen=True, slots=True)
class Left:
    """A part that is unmatched, and why."""

    unmatched_id: str
    part: Part
    why: str
    sentence: str
    trace_number: str | None = None
    control_number: str | None = None
    charge_cents: int | None = None
    paid_cents: int | None = None
    known_before: bool = False


@dataclass(slots=True)
class Counted:
    """What came of one remittance; claims are counted by their answers in it."""

    trace_number: str | None
    paid_on: str | None
    payment_cents: int
    claims: int = 0
    posted: int = 0
    reversed: int = 0
    before: int = 0
    adjustments: int = 0
    unmatched: int = 0


@dataclass(slots=True)
class Imported:
    """What came of one file."""

    file: str
    remittances: list[Counted] = field(default_factory=list)
    unmatched: list[Left] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


@dataclass(slots=True)
class Acknowledged:
    """What came of one file of acknowledgments, claim by claim."""

    file: str
    accepted: int = 0
    rejected: int = 0
    before: int = 0
    unmatched: list[Left] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)
