"""Segments of X12: text that cannot break them, amounts and dates as the standard writes them, envelopes and counts.

A segment is an id and elements; an element is text, or a composite of texts. Delimiters are the usual ones. Whatever a
person typed is brought into the basic character set (capitals, digits, some signs) without a delimiter, so that no name
can end an element; ids are never changed here, they are refused by `checks` instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

ELEMENT, COMPONENT, REPETITION, SEGMENT = "*", ":", "^", "~"
FORBIDDEN = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=]")
"""Every character outside the basic set of X12, and the delimiters inside it."""
LETTERS = str.maketrans({"ß": "SS", "Æ": "AE", "Œ": "OE", "Ø": "O", "Đ": "D", "Ł": "L", "Þ": "TH", "’": "'", "–": "-"})

Element = str | tuple[str, ...]
Segment = tuple[Element, ...]


def text(words: str | None, longest: int) -> str:
    """Words in capitals, accents taken off, every other foreign character a space, cut to a length."""
    capitals = unicodedata.normalize("NFKD", (words or "").upper().translate(LETTERS))
    plain = "".join(one for one in capitals if not unicodedata.combining(one)).upper()
    return " ".join(FORBIDDEN.sub(" ", plain).split())[:longest].rstrip()


def amount(cents: int) -> str:
    """Cents as dollars, without zeros that say nothing: 20000 is 200, 20050 is 200.5, -5 is -.05."""
    whole, part = divmod(abs(cents), 100)
    decimals = f".{part:02d}".rstrip("0") if part else ""
    digits = f"{whole or ''}{decimals}" or "0"
    return f"-{digits}" if cents < 0 else digits


def day(date: str) -> str:
    """A date as CCYYMMDD."""
    return date.replace("-", "")


def digits(words: str | None) -> str:
    """The digits alone, of a tax id, a postal code or a telephone number."""
    return re.sub(r"\D", "", words or "")


def written(segment: Segment) -> str:
    """A segment as text; empty elements and components at the end are left out, as the standard asks."""
    elements = [_component(one) if isinstance(one, tuple) else one for one in segment]
    return ELEMENT.join(_trimmed(elements)) + SEGMENT


def _component(parts: tuple[str, ...]) -> str:
    return COMPONENT.join(_trimmed(parts))


def _trimmed(parts: Iterable[str]) -> list[str]:
    kept = list(parts)
    while kept and not kept[-1]:
        kept.pop()
    return kept


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends a file to whom, when by the sender's clock, under which number; `test` marks a file nobody must pay."""

    version: str
    submitter_id: str
    submitter_qualifier: str
    receiver_id: str
    receiver_qualifier: str
    sent_at: datetime
    interchange: int
    test: bool


@dataclass(slots=True)
class Hierarchy:
    """The numbering of hierarchical levels (HL) inside one transaction."""

    last: int = 0

    def level(self, parent: int | None, code: str, has_child: bool) -> tuple[int, Segment]:
        """The next level's number and its segment."""
        self.last += 1
        return self.last, ("HL", str(self.last), str(parent or ""), code, "1" if has_child else "0")


@dataclass(slots=True)
class Transaction:
    """The segments of one transaction set, from ST to SE."""

    segments: list[Segment] = field(default_factory=list)

    def add(self, *segments: Segment | None) -> None:
        """Adds segments; None is one that this claim does not need."""
        self.segments.extend(one for one in segments if one is not None)


def enveloped(envelope: Envelope, body: Iterable[Segment]) -> str:
    """A whole file of one transaction: interchange, functional group and transaction around a body, with their counts.

    The group has the interchange's number, so that an acknowledgment of either leads to the file.
    """
    inside = [("ST", "837", "0001", envelope.version), *body]
    number, group = f"{envelope.interchange:09d}", str(envelope.interchange)
    segments: list[Segment] = [
        _isa(envelope, number),
        (
            "GS", "HC", envelope.submitter_id, envelope.receiver_id, f"{envelope.sent_at:%Y%m%d}",
            f"{envelope.sent_at:%H%M}", group, "X", envelope.version,
        ),
        *inside,
        ("SE", str(len(inside) + 1), "0001"),
        ("GE", "1", group),
        ("IEA", "1", number),
    ]  # fmt: skip
    return "".join(written(one) for one in segments)


def _isa(envelope: Envelope, number: str) -> Segment:
    """The one segment of fixed width: the reader learns the delimiters from its places."""
    return (
        "ISA", "00", " " * 10, "00", " " * 10, envelope.submitter_qualifier, envelope.submitter_id.ljust(15),
        envelope.receiver_qualifier, envelope.receiver_id.ljust(15), f"{envelope.sent_at:%y%m%d}",
        f"{envelope.sent_at:%H%M}", REPETITION, "00501", number, "0", "T" if envelope.test else "P", COMPONENT,
    )  # fmt: skip
