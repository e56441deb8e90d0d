"""How much texts have in common, each given as the codes of what it says, counted for many texts at once.

What two have in common is what both say, as often as both say it. Counted with arrays it takes a tenth of the time that
comparing the texts one by one took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Comparisons = Mapping[int, Sequence[int]]
"""Which texts each text is to be held against, by their places."""


def words_shared(texts: Sequence[Sequence[int]], wanted: Comparisons) -> dict[tuple[int, int], int]:
    """How many codes two texts share, for each two places that are wanted."""
    arrays = _arrays(texts)
    return _shared(arrays, wanted)


def pairs_shared(texts: Sequence[Sequence[int]], wanted: Comparisons) -> dict[tuple[int, int], int]:
    """How many pairs of neighboring codes two texts share, for each two places that are wanted."""
    arrays = _arrays(texts)
    most = max((int(one.max()) for one in arrays if len(one)), default=0) + 1
    return _shared([one[:-1] * most + one[1:] for one in arrays], wanted)


def _arrays(texts: Sequence[Sequence[int]]) -> list[Any]:
    import numpy as np  # noqa: PLC0415 - only who compares texts pays for it

    return [np.array(one, dtype=np.int64) for one in texts]


def _shared(texts: Sequence[Any], wanted: Comparisons) -> dict[tuple[int, int], int]:
    """By a table of how often each text says what is said more than once at all; a text is not held against itself."""
    import numpy as np  # noqa: PLC0415 - as above

    if not any(wanted.values()):
        return {}
    _, codes, times = np.unique(np.concatenate(texts), return_inverse=True, return_counts=True)
    rows = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    again = times > 1
    width, columns, kept = int(again.sum()), np.cumsum(again) - 1, again[codes]
    places = rows[kept] * width + columns[codes[kept]]
    table = np.bincount(places, minlength=len(texts) * width).reshape(len(texts), width)
    found: dict[tuple[int, int], int] = {}
    for one, others in wanted.items():
        shared = np.minimum(table[one], table[others]).sum(axis=1)
        found |= zip(((one, other) for other in others), shared.tolist(), strict=True)
    return found
