"""Words as they compare: lower case, without accents or signs, parted at whatever is neither letter nor digit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import category, normalize

# Letters that Unicode does not take apart, and the signs that people type for apostrophes and hyphens.
_PLAIN = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "\u200b": " ",
}  # fmt: skip
_OTHER = re.compile(r"[\W_]+")
_APART = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))


def fold(words: str) -> tuple[str, Sequence[int]]:
    """Lower case without accents or invisible characters, and for each of its characters the place it comes from."""
    if words.isascii():
        return words.lower().replace("`", "'"), range(len(words))
    folded, places = [], []
    for place, original in enumerate(words):
        for one in normalize("NFKD", _PLAIN.get(original, original)).casefold():
            plain = _PLAIN.get(one, one)
            if category(one) in ("Mn", "Cf") and plain == one:
                continue
            folded.append(plain)
            places += [place] * len(plain)
    return "".join(folded), places


def squeeze(folded: str) -> str:
    """A folded text without anything but letters and digits, so that no way of parting a name hides it."""
    return "".join(parts_of(folded))


def parts_of(folded: str) -> list[str]:
    """The runs of letters and digits; those of plain text are told apart several times as fast."""
    return folded.encode().translate(_APART).decode().split() if folded.isascii() else _OTHER.split(folded)
