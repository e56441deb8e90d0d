"""What clients know by themselves of a drill: what they sent, what they were answered, what a reader saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

UNKNOWN = (408, 429, 500, 502, 503, 504)
"""Answers after which nobody knows whether a command had its effect; so has a connection that broke."""


@dataclass(slots=True)
class Try:
    """One time that a command was sent; times are seconds of one clock. `status` None: no answer came."""

    sent: float
    answered: float = 0.0
    status: int | None = None
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def acknowledged(self) -> bool:
        """Whether it says that it was done."""
        return self.status in {200, 201}

    @property
    def refused(self) -> bool:
        """Whether it says that it was not done."""
        return self.status is not None and not self.acknowledged and self.status not in UNKNOWN


@dataclass(slots=True)
class Command:
    """One command under one key, sent until its outcome is known; `expected` is the version that its client had read.
    `meant`: words of it that must stand in its facts."""

    key: str
    expected: int | None = None
    tries: list[Try] = field(default_factory=list)
    faulted: bool = False
    meant: str = ""

    @property
    def answer(self) -> Try | None:
        """The first acknowledgement."""
        return next((one for one in self.tries if one.acknowledged), None)


@dataclass(slots=True)
class Read:
    """One answered read of what is protected: by whom, when, under which id, and the position that it told."""

    client: int
    sent: float
    request: str
    model: str
    position: int


@dataclass(slots=True)
class History:
    """Everything that is known without the database; facts up to `base` were there before."""

    base: int = 0
    commands: list[Command] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    seen: list[tuple[int, str]] = field(default_factory=list)
    positions: list[dict[str, int]] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
