"""What the documents of all kinds share: how a fact finds its hand, and the small arithmetic of rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from iop_es.engine.readmodel.model import Recorded

Hand = Callable[[Any, Recorded], None]


def unchanged(_body: Any, _recorded: Recorded) -> None:
    """For a fact that changes nothing but its stream's version."""


def minutes_between(start: str, stop: str) -> int:
    """Whole minutes from one instant to another."""
    return int((datetime.fromisoformat(stop) - datetime.fromisoformat(start)).total_seconds()) // 60
