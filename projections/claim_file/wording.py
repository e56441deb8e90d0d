"""How an objection to a claim is put: the field, what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from projections.claim_file.segments import text


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that is wrong."""

    field: str
    wrong: str
    remedy: str

    @property
    def told(self) -> str:
        """A sentence for the field, and one for what to do."""
        return f"{self.field[0].upper()}{self.field[1:]}: {self.wrong}. {self.remedy}"


Objections = Iterator[Objection]


def readable(field: str, words: str | None, remedy: str, shortest: int = 1) -> Objections:
    """Words of which enough remains in the character set of the standard."""
    if len(text(words, 60)) < shortest:
        yield Objection(field, "it is missing, or nothing of it can be written in capitals and digits", remedy)


def unbroken(field: str, identifier: str | None, longest: int, remedy: str) -> Objections:
    """An id goes as it is or not at all: too long, or with a character that segments are made of, it is refused."""
    if identifier and text(identifier, longest) != identifier.upper():
        yield Objection(field, f"it is longer than {longest} or has a character that a file cannot carry", remedy)
