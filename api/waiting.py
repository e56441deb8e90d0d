"""Waiting for read models to have seen what the log has."""

from __future__ import annotations

import time

from api.gate import Gate

POLL_SECONDS, LONGEST_POLL_SECONDS = 0.005, 0.05
CAUGHT_UP_SECONDS = 5.0
"""How long a read model is waited for that must have seen everything."""


def reached(gate: Gate, position: int, seconds: float, *models: str) -> bool:
    """Waits until every read model, or those named, has reached a position; False when the time ran out first."""
    until, pause = time.monotonic() + seconds, POLL_SECONDS
    while True:
        positions = gate.positions()
        if min((positions.get(model, 0) for model in models or positions), default=0) >= position:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_POLL_SECONDS)
