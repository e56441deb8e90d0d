"""Nobody's identity in another's chart: the people of a session who are named where only one patient should be.

A medical record number or a full name is refused; a given or a family name alone is a warning, because the patient may
speak of somebody else who bears it. A name that is also an everyday word warns inside a sentence, where a capital tells
it, and at the beginning of one only where it does, has or is what a person does, has or is ("Hope said so", "Hope was
late", "Hope and his brother came"). Not found are the others of these ("Hope is her roommate"), nicknames, initials
("Will N."), plurals of a family's name, names run together, letters of another alphabet, and stories that give a person
away: the author still reads what they sign. That no other member may be identified is common practice (C2); what is
found, and how hard, is ours.

A finding holds offsets and an id, never a name, so that it can be logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from aggregates.folding import squeeze
from aggregates.kit import value
from aggregates.note.names import (
    FAMILY_FIRST,
    GIVEN_FIRST,
    Names,
    Reading,
    Said,
    is_name,
    names_of,
    number_of,
    number_patterns,
    shortest,
    single_pattern,
)
from aggregates.note.templates import Sections
from aggregates.values import PatientId

Severity = Literal["refused", "warning"]
Kind = Literal["medical_record_number", "full_name", "given_name", "family_name"]


@dataclass(frozen=True, slots=True)
class Person:
    """One patient of the roster. Names are kept out of `repr`, so that no log shows them."""

    patient_id: PatientId
    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    medical_record_number: str | None = field(default=None, repr=False)


@value
class Exposure:
    """Whose identity stands where: `start` and `end` count characters of the section's words, `end` exclusive."""

    severity: Severity
    kind: Kind
    patient_id: PatientId
    section: str
    start: int
    end: int


def exposures(sections: Sections, others: Iterable[Person], own: Person | None = None) -> tuple[Exposure, ...]:
    """Where the words identify one of `others`, in reading order.

    `others` are the people of the roster; `own` is the patient whose part it is (None for the shared narrative), whose
    own name and number stand even where another bears them too. `own` among the others is passed over.
    """
    others = tuple(others)
    if not _anybody(others).may_stand_in(Reading("\n".join(words for _, words in sections))):
        return ()
    mine = names_of(own.family_name, own.given_names) if own else None
    readings = [(section, Reading(words)) for section, words in sections]
    whole = Said.of_all([reading for _, reading in readings])
    known = [one for one in others if own is None or one.patient_id != own.patient_id]
    named = [
        (one, names) for one in known
        if (names := names_of(one.family_name, one.given_names)).may_stand_in(whole)
    ]
    numbers = [(one, number_of(one.medical_record_number)) for one in known if one.medical_record_number]
    number = number_of(own.medical_record_number) if own and own.medical_record_number else ""
    theirs = [
        (one, other, least) for one, other in numbers
        if other and other != number and (least := shortest(other)) in whole.squeezed
    ]
    found: list[Exposure] = []
    for section, reading in readings if named or theirs else ():
        there = [(one, names) for one, names in named if names.may_stand_in(reading)]
        numbered = [(one, other) for one, other, least in theirs if least in reading.squeezed]
        if not there and not numbered:
            continue
        for one, kind, start, end in (*_numbers(reading, numbered), *_names(reading, there, mine)):
            severity: Severity = "refused" if kind in ("medical_record_number", "full_name") else "warning"
            found.append(
                Exposure(
                    severity=severity, kind=kind, patient_id=one.patient_id, section=section, start=start, end=end,
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Anybody:
    """What is looked for of all people of a roster together: most texts hold none of it, and are soon done with."""

    words: frozenset[str] = field(repr=False)
    parted: tuple[str, ...] = field(repr=False)

    def may_stand_in(self, text: Said) -> bool:
        """Whether any name or record number can stand in a text."""
        return not self.words.isdisjoint(text.said) or any(one in text.squeezed for one in self.parted)


@lru_cache(maxsize=8)
def _anybody(people: tuple[Person, ...]) -> _Anybody:
    """Kept, as their names are, while a session's documents are written."""
    names = [names_of(one.family_name, one.given_names) for one in people]
    numbers = [number_of(one.medical_record_number) for one in people if one.medical_record_number]
    parted = [*(part for one in names for part in one.parted), *(shortest(one) for one in numbers if one)]
    return _Anybody(frozenset().union(*(one.words for one in names)), tuple(dict.fromkeys(parted)))


Known = Sequence[tuple[Person, Names]]
Found = tuple[Person, Kind, int, int]


def _numbers(reading: Reading, known: Sequence[tuple[Person, str]]) -> Iterator[Found]:
    for one, number in known:
        taken: set[int] = set()
        for match in (match for pattern in number_patterns(number) for match in pattern.finditer(reading.folded)):
            start, end = match.span("number")
            if taken.isdisjoint(range(start, end)) and not _counted_out(match["number"]):
                taken.update(range(start, end))
                yield one, "medical_record_number", *reading.span((start, end))


def _counted_out(number: str) -> bool:
    """Single digits in a row, as of a questionnaire's items, are no record number."""
    return re.fullmatch(r"\w(\W\w)+", number) is not None


def _names(reading: Reading, known: Known, own: Names | None) -> list[Found]:
    """Full names first, in the natural order and then the family's first; what is left may be a name alone.

    What is the patient's own, or was found already, is covered before anything else is looked for in it.
    """
    found: list[Found] = []
    for order in (GIVEN_FIRST, FAMILY_FIRST):
        if own is not None and own.may_stand_in(reading):
            reading.cover(reading.full_names(own, order))
        spans = [(one, span) for one, names in known for span in reading.full_names(names, order)]
        found += [(one, "full_name", *reading.span(span)) for one, span in spans]
        reading.cover(span for _, span in spans)
    stands = frozenset(map(squeeze, own.alone)) if own is not None else frozenset()
    for one, names in known:
        found += [(one, kind, *reading.span(span)) for kind, span in _alone(reading, names, stands)]
    return sorted(found, key=lambda one: (one[2], -one[3]))


def _alone(reading: Reading, names: Names, stands: frozenset[str]) -> Iterator[tuple[Kind, tuple[int, int]]]:
    """A given or family name by itself; a name inside a longer one of the same person is told once."""
    forms: list[tuple[Kind, str]] = [("family_name", one) for one in names.families]
    forms += [("given_name", one) for one in names.givens if one not in names.families]
    taken: set[int] = set()
    for kind, form in sorted(forms, key=lambda one: -len(one[1])):
        if squeeze(form) in stands:
            continue
        for match in single_pattern(form).finditer(reading.folded):
            if match.start() not in taken and is_name(reading, match.span(), form):
                taken.update(range(*match.span()))
                yield kind, match.span()
