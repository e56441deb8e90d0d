"""The facts' hashes against the stored ones, and both against what was signed: what can be shown, and how narrowly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from iop_es.engine.transparency.merkle import HASH_BYTES, Frontier, root_of
from iop_es.engine.transparency.scan import Finding
from iop_es.engine.transparency.signed import Promise
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.tiles import HEIGHT, WIDTH

NOTHING = bytes(HASH_BYTES)
"""In the place of a leaf that is not there."""

MOST_TOLD = 1_000
"""Differing facts that are remembered one by one; the others are counted."""


class _Side:
    """A tree over one of the two lists of leaves, and which of the promises it keeps."""

    def __init__(self) -> None:
        self.tree = Frontier()
        self.kept = 0
        self.broken: Promise | None = None

    def check(self, promise: Promise, counts: bool) -> None:
        """Compares the root at this size; what `counts` shows that all up to here is as it was signed."""
        if self.tree.root() != promise.root:
            self.broken = self.broken or promise
        elif self.broken is None and counts:
            self.kept = promise.size


class Comparing:
    """Takes the leaves in order; `promises` are in order of size. Of a log that has a witness only what the witness
    signed shows that something is as it was: the rest may have been signed by whoever changed it."""

    def __init__(self, promises: Sequence[Promise], witnessed: bool, source: Source = FACTS) -> None:
        self._source = source
        self._promises = promises
        self._checked = 0
        self._witnessed = witnessed
        self._facts = _Side()
        self._stored = self._facts
        self._differing: list[int] = []
        self.untold = 0
        self._check()

    @property
    def size(self) -> int:
        """How many leaves it has taken."""
        return self._facts.tree.size

    def take(self, facts: Sequence[bytes | None], stored: Sequence[bytes], known: int) -> None:
        """The next leaves of a tile, or the rest of one: as the facts have them (None: no fact), and as they are
        stored; of `known` of them something should be."""
        ours = [one or NOTHING for one in facts]
        theirs = [*stored, *[NOTHING] * (min(known, len(ours)) - len(stored)), *ours[known:]][: len(ours)]
        if ours != theirs:
            self._differ(facts, theirs)
        done = 0
        for end in self._ends(len(ours)):
            self._extend(self._facts, ours[done:end])
            if self._stored is not self._facts:
                self._extend(self._stored, theirs[done:end])
            done = end
            self._check()

    def findings(self) -> Iterator[Finding]:
        """What is not as it was signed, by position."""
        facts, stored, one, several = self._facts, self._stored, self._source.one, self._source.several
        for at in self._differing:
            if at <= stored.kept:
                yield Finding(at, "changed", f"{one} {at} is not the one that was sealed.")
            elif at <= facts.kept:
                yield Finding(at, "tree", f"{one} {at} is the one that was sealed; the hash stored of it is another.")
            else:
                yield Finding(at, "changed", f"{one} {at} is not the one whose hash is stored.")
        if stored.broken and facts.broken:
            kept, broken = max(facts.kept, stored.kept), facts.broken
            yield Finding(
                kept + 1, "history",
                f"Something in {several} {kept + 1} to {broken.size} is not as it was when {broken.by} was signed; the"
                " stored hashes were changed with it, so that no narrower range can be shown.",
            )  # fmt: skip
        if self._checked < len(self._promises):
            promise = self._promises[-1]
            yield Finding(
                self.size + 1, "truncated",
                f"Of {promise.size:,} {several} that {promise.by} covers only {self.size:,} are here.",
            )  # fmt: skip

    def _differ(self, facts: Sequence[bytes | None], theirs: Sequence[bytes]) -> None:
        if self._stored is self._facts:
            self._stored = deepcopy(self._facts)
        for at, (one, other) in enumerate(zip(facts, theirs, strict=True), self.size + 1):
            if one is not None and one != other:  # one that is missing is told where the facts are read
                if len(self._differing) < MOST_TOLD:
                    self._differing.append(at)
                else:
                    self.untold += 1

    def _ends(self, count: int) -> Iterator[int]:
        """Where a promise ends within the next leaves, and their own end."""
        begun, last, at = self.size, 0, self._checked
        while at < len(self._promises) and self._promises[at].size < begun + count:
            if self._promises[at].size > begun + last:
                last = self._promises[at].size - begun
                yield last
            at += 1
        yield count

    def _extend(self, side: _Side, leaves: Sequence[bytes]) -> None:
        if len(leaves) == WIDTH and side.tree.size % WIDTH == 0:
            side.tree.extend([root_of(leaves)], HEIGHT)
        else:
            side.tree.extend(leaves)

    def _check(self) -> None:
        while self._checked < len(self._promises) and self._promises[self._checked].size == self.size:
            promise = self._promises[self._checked]
            self._checked += 1
            for side in {id(one): one for one in (self._facts, self._stored)}.values():
                side.check(promise, promise.at is not None or not self._witnessed)
