"""A file's text into transactions. Envelopes are checked first: a file that ends early, or miscounts, says so.

The segments are x12sdk's. Its reader takes line ends out of the text, so a file whose segments end with one is given
another terminator before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError
from x12sdk.io import X12SegmentReader

from iop_es.remittance.elements import Fault, at

ISA_LENGTH, TERMINATOR, COMPONENT = 106, 105, 104
OTHER_TERMINATOR = "~"
Segment = list[str]


@dataclass(slots=True)
class Transaction:
    """One ST to SE with its segments; `fault` says why it cannot be trusted as a whole."""

    kind: str
    number: str
    segments: list[Segment] = field(default_factory=list)
    fault: Fault | None = None


@dataclass(slots=True)
class Interchange:
    """A file: its transactions, and what is wrong with its envelopes. `component` parts the parts of an element."""

    component: str = ":"
    transactions: list[Transaction] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes) -> Interchange:
    """A file's transactions; a file that is no X12 has a fault and none."""
    text = _decoded(data)
    if not text.startswith("ISA") or len(text) < ISA_LENGTH or text[TERMINATOR].isalnum():
        return Interchange(faults=[Fault("not-x12", "ISA")])
    reading = _Reading(Interchange(component=text[COMPONENT]))
    try:
        with X12SegmentReader(_terminated(text)) as reader:
            for name, fields in reader.segments():
                if any(one.strip() for one in fields):
                    reading.take(name.strip(), [fields[0].strip(), *fields[1:]])
    except (ValueError, ValidationError):
        return Interchange(faults=[Fault("not-x12", "ISA")])
    reading.end()
    return reading.found


def component_parts(text: str, separator: str) -> Iterator[str]:
    """The parts of a composite element."""
    return (part.strip() for part in text.split(separator))


def _decoded(data: bytes) -> str:
    """X12 has no encoding of its own; what is not UTF-8 is read byte by byte, so that no file is unreadable."""
    try:
        return data.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        return data.decode("latin-1").lstrip()


def _terminated(text: str) -> str:
    if text[TERMINATOR] not in "\r\n":
        return text.replace("\r", "")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", OTHER_TERMINATOR)


@dataclass(slots=True)
class _Reading:
    """The envelopes in hand: each is compared with its trailer."""

    found: Interchange
    interchange: Segment | None = None
    group: Segment | None = None
    groups: int = 0
    sets: int = 0
    open: Transaction | None = None

    def take(self, name: str, fields: Segment) -> None:
        """One segment."""
        match name:
            case "ISA":
                self._begin_interchange(fields)
            case "GS":
                self.group, self.sets, self.groups = fields, 0, self.groups + 1
            case "ST":
                self._begin_set(fields)
            case "SE":
                self._end_set(fields)
            case "GE":
                self._compare("GE", fields, self.sets, at(self.group or [], 6))
                self.group = None
            case "IEA":
                self._compare("IEA", fields, self.groups, at(self.interchange or [], 13))
                self.interchange = None
            case _ if self.open is not None:
                self.open.segments.append(fields)

    def end(self) -> None:
        """Whatever is still open was cut off."""
        if self.open is not None:
            self._cut()
        if self.interchange is not None or self.group is not None:
            self.found.faults.append(Fault("truncated", "IEA" if self.group is None else "GE"))

    def _begin_interchange(self, fields: Segment) -> None:
        self.end()
        self.interchange, self.group, self.groups = fields, None, 0

    def _begin_set(self, fields: Segment) -> None:
        if self.open is not None:
            self._cut()
        self.sets += 1
        self.open = Transaction(at(fields, 1), at(fields, 2))
        self.found.transactions.append(self.open)

    def _end_set(self, fields: Segment) -> None:
        one, self.open = self.open, None
        if one is None:
            self.found.faults.append(Fault("counts-differ", "SE"))
        elif (at(fields, 1), at(fields, 2)) != (str(len(one.segments) + 2), one.number):
            one.fault = Fault("counts-differ", "SE")

    def _cut(self) -> None:
        if self.open is not None:
            self.open.fault, self.open = Fault("truncated", "SE"), None

    def _compare(self, name: str, fields: Segment, count: int, number: str) -> None:
        if (at(fields, 1).lstrip("0") or "0", at(fields, 2)) != (str(count), number):
            self.found.faults.append(Fault("counts-differ", name))
