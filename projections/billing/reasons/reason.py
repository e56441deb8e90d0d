"""One reason why a day is not billable now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words; `owner` is the role that acts; `denial` the CARC that a payer would answer with.

    One that does not decide is never the reason of a day's state: it stands beside the others.
    """

    sentence: str
    owner: str
    next_step: str
    denial: str | None = None
    decides: bool = True
