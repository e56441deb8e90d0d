"""Reading the whole access log to verify it: every entry's leaf, in the order that the sealer gave them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.processes import Where
from iop_es.engine.transparency.scan import PAGE, Finding, Page
from iop_es.engine.transparency.store import TreeStore


class ReadScan:
    """The entries of the access log, page by page, each read in a short transaction of its own."""

    def __init__(self, pool: Pool, store: TreeStore) -> None:
        self._pool = pool
        self._store = store

    def pages(self, upto: int, others: Executor | None = None, where: Where | None = None) -> Iterator[Page]:
        """The entries up to a number, in order; `others` are left alone: there is little to do. What the clock said is
        not told: an entry is sealed only when every transaction that is older than its own has ended."""
        for start in range(0, upto, PAGE):
            count = min(PAGE, upto - start)
            with transaction(self._pool) as cursor:
                found = self._store.numbered(cursor, start, start + count)
            leaves = [found.get(number) for number in range(start + 1, start + count + 1)]
            missing = [
                Finding(number, "missing", f"There is no read at position {number}.")
                for number, leaf in enumerate(leaves, start + 1) if leaf is None
            ]
            yield Page(start + 1, leaves, [b""] * count, missing)

    def whole(self) -> Iterator[Finding]:
        """Entries that stand among those which have their place, and have none."""
        with transaction(self._pool) as cursor:
            for entry in self._store.unordered(cursor):
                told = f"Entry {entry} of the access log stands among older ones that were sealed without it."
                yield Finding(None, "unordered", told)
