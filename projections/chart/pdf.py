"""Sheets as PDF, from one template and the fonts that the typesetter brings: the same sheets are the same bytes.

Nothing of the machine is looked at, neither its fonts nor its clock. A character that these fonts lack, such as an
emoji, is printed as its code point in brackets, so that nothing is left out; the HTML shows the character itself.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import category

import typst

from projections.chart.pages import Print

LONGEST = 60
"""A run of so many characters without a space may be broken anywhere, or it would leave the page."""
_UNBROKEN = re.compile(rf"\S{{{LONGEST}}}")
_BREAK = "\u200b"


def pdf(print_: Print) -> bytes:
    """The document."""
    return typeset((files("projections.chart") / "page.typ").read_bytes(), asdict(print_))


def typeset(source: bytes, data: Any, pictures: Sequence[str] = ()) -> bytes:
    """A template's document, with its data as `sys.inputs.print` and SVGs as `sys.inputs.pictures`."""
    given = {"print": json.dumps(_printable(data)), "pictures": json.dumps(list(pictures))}
    # The time is given, so that none is asked for: the template sets no date either.
    made = typst.compile(source, format="pdf", sys_inputs=given, timestamp=0, ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("The typesetter answers a PDF in one piece.")
    return made


def _printable(value: Any) -> Any:
    """The same with every text as the fonts can show it."""
    match value:
        case str():
            return printable(value)
        case dict():
            return {name: _printable(one) for name, one in value.items()}
        case list() | tuple():
            return [_printable(one) for one in value]
    return value


def printable(text: str) -> str:
    """A text as the fonts can show it, with places where a very long word may be broken."""
    shown = text if text.isascii() and text.isprintable() else "".join(_character(one) for one in text)
    return _UNBROKEN.sub(lambda run: run[0] + _BREAK, shown)


def _character(one: str) -> str:
    if one == "\t":
        return "    "
    if one == "\n" or category(one) == "Cf" or _has_glyph(ord(one)):
        return one
    return f"[U+{ord(one):04X}]"


def _has_glyph(point: int) -> bool:
    starts, ends = _glyphs()
    place = bisect_right(starts, point) - 1
    return place >= 0 and point <= ends[place]


@cache
def _glyphs() -> tuple[list[int], list[int]]:
    """The ranges of code points that the typesetter's own text fonts have glyphs for, in order."""
    ranges = json.loads((files("projections.chart") / "glyphs.json").read_text())
    return [first for first, _ in ranges], [last for _, last in ranges]
