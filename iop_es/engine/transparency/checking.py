"""What is held against the facts besides the tree: the times at which a witness cosigned, and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from iop_es.engine.transparency.log_sealer import MOST
from iop_es.engine.transparency.notes import BadSignature, NotANote, Verifier
from iop_es.engine.transparency.receipt import parse_receipt
from iop_es.engine.transparency.scan import Finding, Page
from iop_es.engine.transparency.signed import Promise

CLOCKS_DIFFER = timedelta(seconds=120)
"""How far the clocks of database and witness may lie apart, with the time that a seal takes."""


class Times:
    """When facts say that they were recorded, against the clock of the witness: not after the first checkpoint that
    has them was cosigned, and not before the last one that does not have them. A simulated clock is not looked at."""

    def __init__(self, promises: Sequence[Promise], simulation: bool) -> None:
        cosigned = [] if simulation else [one for one in promises if one.at is not None]
        self._promises = list({(one.size, one.at): one for one in cosigned}.values())
        self._wanted = {at for one in self._promises for at in (one.size, one.size + 1)}
        self._recorded: dict[int, str] = {}

    def take(self, page: Page) -> None:
        """Remembers what is wanted of a page."""
        if self._wanted:
            for at in self._wanted.intersection(range(page.first, page.first + len(page.recorded))):
                self._recorded[at] = page.recorded[at - page.first].decode("utf-8", "replace")

    def findings(self) -> Iterator[Finding]:
        """Facts that cannot have been recorded when they say."""
        before = 0
        for one, following in zip_longest(self._promises, self._promises[1:]):
            last = self._recorded.get(one.size, "")
            if last > _instant(one, CLOCKS_DIFFER):
                told = f"Fact {one.size} says it was recorded at {last}, after a checkpoint with it in was cosigned."
                yield Finding(one.size, "time", told)
            # A checkpoint that took in all it may was followed at once by another: what it left was there already.
            whole = one.size - before < MOST
            first = self._recorded.get(one.size + 1)
            if whole and first and following and following.size > one.size and first < _instant(one, -CLOCKS_DIFFER):
                told = (
                    f"Fact {one.size + 1} says it was recorded at {first}, and a checkpoint cosigned at"
                    f" {_instant(one)} does not have it."
                )
                yield Finding(one.size + 1, "time", told)
            before = one.size


class Receipts:
    """What the log acknowledged, against what it has."""

    def __init__(self, receipts: Sequence[str], log: Verifier) -> None:
        self._wanted: dict[int, list[bytes]] = {}
        self._wrong: list[Finding] = []
        for text in receipts:
            try:
                found = parse_receipt(text, log)
            except (NotANote, BadSignature) as error:
                self._wrong.append(Finding(None, "receipt", f"A receipt does not hold: {error}"))
            else:
                for at, leaf in enumerate(found.leaves, found.first):
                    self._wanted.setdefault(at, []).append(leaf)

    def take(self, page: Page) -> None:
        """Looks for what was acknowledged at the positions of a page."""
        for at in self._wanted.keys() & range(page.first, page.first + len(page.leaves)):
            if any(leaf != page.leaves[at - page.first] for leaf in self._wanted.pop(at)):
                told = f"At position {at} is not the fact that the log gave a receipt for."
                self._wrong.append(Finding(at, "receipt", told))

    def findings(self, facts: int) -> Iterator[Finding]:
        """What is missing after that many facts."""
        yield from self._wrong
        for at in sorted(self._wanted):
            told = f"The log gave a receipt for a fact at position {at}, and has {facts:,} facts."
            yield Finding(at, "receipt", told)


def _instant(promise: Promise, by: timedelta = timedelta()) -> str:
    at = datetime.fromtimestamp(promise.at or 0, UTC) + by
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
