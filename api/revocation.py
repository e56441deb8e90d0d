"""Who is shut out though the token is good: what was revoked, remembered in each process and looked up again twice a
second, so that it is in force for every request that begins a second later.

A look asks the log for the few facts after the last one seen, in one query by an index. While the log cannot be asked
nobody is let in: what was revoked meanwhile is not known.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from aggregates.access.facts import AccessGranted, AccessRevoked
from aggregates.access.state import Access, evolve
from aggregates.codec import decode
from api.identity import Caller, NotAuthenticated
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.log import Log

NAMES = ("access.revoked", "access.granted")
LOOK_SECONDS = 0.5


class Revocations:
    """What stands revoked of whom."""

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._looked: float | None = None
        self._failed: tuple[float, StoreUnavailable] | None = None
        self._position = 0
        self._of: dict[str, Access] = {}
        self._looking = Lock()

    def fresh(self) -> bool:
        """Whether what is remembered may be judged by."""
        return self._looked is not None and self._clock() - self._looked < LOOK_SECONDS

    def look(self) -> None:
        """Learns what was revoked and given back meanwhile; of many who ask at once, one looks. Raises
        StoreUnavailable."""
        with self._looking:
            if self.fresh():
                return
            began = self._clock()
            if self._failed is not None and began - self._failed[0] < LOOK_SECONDS:
                raise self._failed[1]  # who waited meanwhile need not try as long once more
            try:
                found = self._log.by_topics(NAMES, after=self._position)
            except StoreUnavailable as error:
                self._failed = (self._clock(), error)
                raise
            for fact in found:
                self._learn(decode(fact.topic, fact.state, None))
                self._position = fact.position
            self._looked = began

    def must_be_in(self, caller: Caller) -> None:
        """Raises NotAuthenticated for whom is shut out."""
        known = self._of.get(caller.person)
        if known is not None and known.shuts_out(caller.role, caller.token_id):
            raise NotAuthenticated

    def _learn(self, fact: AccessRevoked | AccessGranted) -> None:
        self._of[fact.person_id] = evolve(self._of.get(fact.person_id, Access()), fact)
