"""What is printed, before it is set in type: sets of pages, their sheets, and blocks of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Row = tuple[str, str]
Kind = Literal["heading", "words", "notice", "signature", "changes", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a section's words, a notice, a signature, words that changed (`runs`), or a table (`cells` by rows, of
    which the first names the columns).

    `struck`: shown struck through and readable. `mark` says what a block is where that is not plain, such as an
    amendment. `depth` is 1 for what belongs to the block before it.
    """

    kind: Kind
    title: str
    lines: tuple[str, ...] = ()
    mark: str | None = None
    struck: bool = False
    depth: int = 0
    runs: tuple[tuple[str, str], ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document; `watermark` is printed behind it, or None."""

    title: str
    dated: str
    watermark: str | None
    rows: tuple[Row, ...]
    blocks: tuple[Block, ...]
    foot: str


@dataclass(frozen=True, slots=True)
class PageSet:
    """Sheets whose pages are numbered together; `running` stands on each of them, and says whose they are."""

    running: str
    title: str
    contents: bool
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Print:
    """Everything that leaves together."""

    title: str
    sets: tuple[PageSet, ...]
