"""Words of documents and how facts tell them, for tests that give and expect facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from aggregates.kit import NO_SALT
from aggregates.note.content import amendment, commitment, document
from aggregates.note.facts import (
    NoteAmended,
    NoteContent,
    NoteDrafted,
    NoteRevised,
    SealedAmendment,
    SealedContent,
    Section,
)
from tests.aggregates.scenario import an_id

NOTE, NARRATIVE = an_id("note", 1), an_id("note", 2)
ABOUT = "0" * 64
"""What stands for a commitment until `told` makes it."""

F = TypeVar("F", NoteDrafted, NoteRevised)


def words(text: str = "Practised paced breathing.") -> NoteContent:
    """A document of one section."""
    return NoteContent(sections=(Section(name="response", words=text),))


def told(fact: F, content: NoteContent, about: NoteDrafted | None = None, note_id: str = NOTE, version: int = 1) -> F:
    """The fact that tells these words with the salt of the tests' acts; a revision is `about` its document."""
    first = about or fact
    assert isinstance(first, NoteDrafted)
    wording = document(first, note_id, version, content, fact.goals)
    return replace(
        fact, content_digest=commitment(wording, NO_SALT), sections=tuple(one.name for one in content.sections),
        untouched=tuple(one.name for one in content.sections if "[" in one.words),  # a blank of its template
        sealed=SealedContent(sections=content.sections, salt=NO_SALT),
    )


def revision(
    about: NoteDrafted, content: NoteContent, goals: tuple[str, ...] = (), note_id: str = NOTE, version: int = 2
) -> NoteRevised:
    """The fact of a later wording."""
    return told(NoteRevised(content_digest=ABOUT, goals=goals), content, about, note_id, version)


def addition(fact: NoteAmended, content: NoteContent, note_id: str = NOTE, version: int = 1) -> NoteAmended:
    """The fact of an amendment with these words."""
    added = amendment(note_id, version, fact.amendment_id, fact.kind, fact.section, content)
    sealed = SealedAmendment(sections=content.sections, salt=NO_SALT)
    return replace(fact, content_digest=commitment(added, NO_SALT), sealed=sealed)
