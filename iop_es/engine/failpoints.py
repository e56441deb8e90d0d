"""Points at which a fault drill may hold a process: between two steps that a crash could part.

A process that is held stops (SIGSTOP) and does nothing more by itself; whoever drills then kills it, or its database,
or lets it go on. It holds at one point, once, and only if it was started with IOP_ES_HOLD_AT in its environment:
nothing that reaches it later, no request and no row, can arm it. Not armed, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
import threading
from itertools import count

VARIABLE = "IOP_ES_HOLD_AT"


class _Hold:
    """Stops the process when a point is reached for the n-th time."""

    def __init__(self, text: str) -> None:
        self.point, _, number = text.partition("@")
        self._last = int(number or 1)
        self._calls = count(1)

    def reach(self, point: str) -> None:
        if point == self.point and next(self._calls) == self._last:
            # To this very thread: it takes no further step before the stop is delivered.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


_hold: _Hold | None = None


def arm(text: str | None) -> None:
    """Holds at a point, "name" or "name@n" for its n-th time; None for nowhere. Raises ValueError."""
    global _hold  # noqa: PLW0603 - a process is held once, whoever reaches the point
    _hold = _Hold(text) if text else None


def armed() -> str | None:
    """The point at which this process would be held."""
    return _hold.point if _hold else None


def reach(point: str) -> None:
    """Nothing, unless this process is to be held here."""
    if _hold is not None:
        _hold.reach(point)


arm(os.environ.get(VARIABLE))
