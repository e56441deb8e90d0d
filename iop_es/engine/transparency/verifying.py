"""The whole log against what was signed of it, by whoever has the public keys.

Every fact is hashed anew. The hashes stored in the tree tell which fact is another one than was sealed; that they are
the sealed ones the signed checkpoints show, and that no other checkpoints were signed the witness. Where somebody
changed the stored hashes as well, what can be shown is the range between two checkpoints in which something is not as
it was. Who has the log's key and the database, and no witness to answer to, can rewrite the log: then nothing here
finds it, and the report says that there is no witness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor

from iop_es.engine.connections import Pool
from iop_es.engine.processes import Where
from iop_es.engine.transparency.checking import Receipts, Times
from iop_es.engine.transparency.comparing import Comparing
from iop_es.engine.transparency.notes import Verifier
from iop_es.engine.transparency.read_scan import ReadScan
from iop_es.engine.transparency.scan import Finding, Page, Scan
from iop_es.engine.transparency.signed import Signatures, ordered
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.store import TreeStore
from iop_es.engine.transparency.tiles import WIDTH
from iop_es.engine.transparency.witness import WitnessAway, Witnessing

MOST_SHOWN = 20
Move = Callable[[int, int], None]
"""Is told how many facts are done, and of how many."""


@dataclass(slots=True)
class Report:
    """What came of it. `sealed` is the largest size that was signed, `cosigned` the newest that the witness has signed
    too; `findings` are the first twenty of each sort, by position, `counts` all by their sort."""

    log: str
    witness: str | None
    facts: int = 0
    sealed: int = 0
    cosigned: int | None = None
    checkpoints: int = 0
    receipts: int = 0
    restorations: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.counts


class Verification:
    """One look at a log, on two connections of a pool: `log` is its key under the name that it has now, `source` says
    whether it is of the facts or of what was read."""

    def __init__(
        self, pool: Pool, schema: str, log: Verifier, witness: Witnessing | None, source: Source = FACTS
    ) -> None:
        self._pool = pool
        self._store = TreeStore(schema, source)
        self._scan = Scan(pool, schema) if source is FACTS else ReadScan(pool, self._store)
        self._log = log
        self._witness = witness
        self._findings: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def run(
        self, receipts: Sequence[str] = (), move: Move = lambda _done, _of: None,
        others: Executor | None = None, where: Where | None = None,
    ) -> Report:  # fmt: skip
        """Looks at everything. `others` are `helpers` that read and hash their share, and reach the store as `where`
        says."""
        with self._pool.connection() as connection, connection.cursor() as cursor:
            return self._run(cursor, receipts, move, lambda upto: self._scan.pages(upto, others, where))

    def _run(
        self, cursor: Cursor[Any], receipts: Sequence[str], move: Move, pages: Callable[[int], Iterator[Page]]
    ) -> Report:
        signed = self._signatures(cursor)
        promises = ordered(signed.promises)
        facts = self._extent(cursor)
        sealed = promises[-1].size if promises else 0
        simulation = self._store.head(cursor).simulation
        comparing = Comparing(promises, signed.witness is not None, self._store.source)
        times = Times(promises, simulation)
        kept = Receipts(receipts, self._log)
        for page in pages(facts):
            self._found(page.findings)
            self._compare(cursor, comparing, page, sealed, signed.stored_size)
            times.take(page)
            kept.take(page)
            move(page.first + len(page.leaves) - 1, facts)
        self._found(comparing.findings())
        self._found(times.findings())
        self._found(kept.findings(facts))
        self._found(self._scan.whole())
        if comparing.untold:
            self._counts["changed"] += comparing.untold
        return Report(
            self._log.name, signed.witness.name if signed.witness else None, facts, sealed, signed.cosigned,
            signed.checkpoints, len(receipts), [str(one) for one in signed.restorations],
            sorted(self._findings, key=lambda one: (one.position is None, one.position or 0)),
            dict(self._counts),
        )  # fmt: skip

    def _signatures(self, cursor: Cursor[Any]) -> Signatures:
        """What was signed, asked before how far the log has come: it only grows meanwhile."""
        found, newest = Signatures(self._log, None), None
        try:
            if self._witness is not None:
                found.witness = self._witness.verifier()
                newest = self._witness.latest(self._log.name)
        except WitnessAway as error:
            told = f"{error} Without it nobody can say whether the log's end was cut off, or another history signed."
            self._found([Finding(None, "witness", told)])
        else:
            if newest is not None or (self._witness is not None and self._store.last(cursor) is not None):
                found.seen(newest)
        found.restored(self._store.restorations(cursor))
        found.stored(self._store.checkpoints(cursor))
        self._found(found.findings)
        return found

    def _extent(self, cursor: Cursor[Any]) -> int:
        said, last = self._store.extent(cursor)
        if said != last:
            several = self._store.source.several
            told = f"The log says that it has {said:,} {several}, and its last is at position {last:,}."
            self._found([Finding(min(said, last) + 1, "head", told)])
        return max(said, last)

    def _compare(self, cursor: Cursor[Any], comparing: Comparing, page: Page, sealed: int, stored: int) -> None:
        """A page begins where a tile does. The witness may have seen more than is stored."""
        leaves = page.leaves[: max(0, sealed - page.first + 1)]
        first = (page.first - 1) // WIDTH
        full = self._store.full(cursor, first, first + len(leaves) // WIDTH + 1)
        for number, at in enumerate(range(0, len(leaves), WIDTH), first):
            tile, known = leaves[at : at + WIDTH], max(0, stored - number * WIDTH)
            kept = full.get(number) or self._store.tile(cursor, 0, number)
            comparing.take(tile, kept[:known], known)

    def _found(self, findings: Iterable[Finding]) -> None:
        """Counts all, and keeps the first ones of each sort to show."""
        for one in findings:
            if self._counts[one.kind] < MOST_SHOWN:
                self._findings.append(one)
            self._counts[one.kind] += 1
