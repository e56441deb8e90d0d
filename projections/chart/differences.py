"""What came to a document between two moments: word by word in each section, whole signatures and amendments, and
what was corrected of the session's figures.

Both moments are shown as they were to be read; what is compared here are the sections as first written, since a signed
section never changes and an amendment is told as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from aggregates.note.figures import SessionFigures
from aggregates.values import Code, Id, Instant
from projections.chart.figures import changes
from projections.chart.shown import (
    AmendmentShown,
    AnswerShown,
    Disagreement,
    DocumentShown,
    FigureChange,
    Manifestation,
    Rendition,
    ReturnShown,
    SectionShown,
    StruckShown,
)

Change = Literal["same", "added", "removed"]
WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Run:
    """Words beside each other that are in both, only in the later or only in the earlier text."""

    change: Change
    words: str


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that reads otherwise, with all its words. `of`: the document itself or the narrative it rests on."""

    of: Literal["document", "narrative"]
    name: Code
    label: str
    change: Literal["added", "removed", "changed"]
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs; everything empty: nothing. Goals and phases are those of the document itself.

    `patient_id` is None for the narrative that a group shares, a phase where nothing was written yet. `answers` are the
    patient's to a plan that came, `disagreements` the requests to amend the document that came or went on, each as a
    whole; `struck` is why it was struck through since. `figures` are the session's that the document shows, in words.
    """

    note_id: Id
    program_id: Id
    patient_id: Id | None
    since_position: int
    since_at: Instant
    through_position: int
    through_at: Instant
    phase_then: str | None
    phase_now: str
    goals_added: tuple[Code, ...]
    goals_removed: tuple[Code, ...]
    figures: tuple[FigureChange, ...]
    sections: tuple[SectionChange, ...]
    signatures: tuple[Manifestation, ...]
    amendments: tuple[AmendmentShown, ...]
    returns: tuple[ReturnShown, ...]
    answers: tuple[AnswerShown, ...]
    struck: StruckShown | None
    disagreements: tuple[Disagreement, ...]
    narrative_signatures: tuple[Manifestation, ...]
    narrative_amendments: tuple[AmendmentShown, ...]
    narrative_struck: StruckShown | None
    narrative_phase_then: str | None
    narrative_phase_now: str | None


def differences(since: tuple[int, Instant], then: Rendition | None, now: Rendition) -> Differences:
    """What the document says now and did not then, and the other way round; `since` is the earlier position and time,
    `then` is None where the document was not begun."""
    goals_then, goals_now = (
        [one.goal for one in each.goals if not one.corrected] if each else [] for each in (then, now)
    )
    own = (then.document if then else None, now.document)
    shared = (then.narrative if then else None, now.narrative)
    before = then.document if then else None
    return Differences(
        note_id=now.note_id, program_id=now.program_id, patient_id=now.patient_id,
        since_position=since[0], since_at=since[1], through_position=now.through_position,
        through_at=now.through_at, phase_then=before.phase if before else None, phase_now=now.document.phase,
        goals_added=tuple(one for one in goals_now if one not in goals_then),
        goals_removed=tuple(one for one in goals_then if one not in goals_now),
        figures=changes(_figures(then), _figures(now), now.zone),
        sections=(*_sections("narrative", *shared), *_sections("document", *own)),
        signatures=_new_signatures(*own), amendments=_new_amendments(*own),
        returns=now.document.returns[len(before.returns) if before else 0 :],
        answers=_new_answers(*own), struck=_new_strike(*own),
        disagreements=tuple(one for one in now.disagreements if then is None or one not in then.disagreements),
        narrative_signatures=_new_signatures(*shared), narrative_amendments=_new_amendments(*shared),
        narrative_struck=_new_strike(*shared),
        narrative_phase_then=shared[0].phase if shared[0] else None,
        narrative_phase_now=now.narrative.phase if now.narrative else None,
    )  # fmt: skip


def _figures(shown: Rendition | None) -> SessionFigures | None:
    return shown.service.figures if shown and shown.service else None


def compared(before: str, after: str) -> tuple[Run, ...]:
    """The two texts as one, run by run; the runs that are in the later text are the later text, word for word."""
    old, new = WORD.findall(before), WORD.findall(after)
    return tuple(_runs(old, new))


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Run("same", "".join(new[c:d]))
            continue
        if b > a:
            yield Run("removed", "".join(old[a:b]))
        if d > c:
            yield Run("added", "".join(new[c:d]))


def _sections(
    of: Literal["document", "narrative"], then: DocumentShown | None, now: DocumentShown | None
) -> Iterator[SectionChange]:
    before: dict[str, SectionShown] = {one.name: one for one in then.wording.sections} if then else {}
    after: dict[str, SectionShown] = {one.name: one for one in now.wording.sections} if now else {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old and new and old.words == new.words:
            continue
        one = new or old
        change: Literal["added", "removed", "changed"] = "changed" if old and new else "added" if new else "removed"
        runs = compared((old and old.words) or "", (new and new.words) or "")
        yield SectionChange(of, name, one.label if one else name, change, runs)


def _signatures(document: DocumentShown | None) -> tuple[Manifestation, ...]:
    """Every signature of a document, also of the striking out; those of amendments stand with these."""
    if document is None:
        return ()
    under = [one for wording in (*document.earlier, document.wording) for one in wording.signatures]
    return (*under, *([document.struck.signature] if document.struck else ()))


def _new_signatures(then: DocumentShown | None, now: DocumentShown | None) -> tuple[Manifestation, ...]:
    known = {one.key for one in _signatures(then)}
    return tuple(one for one in _signatures(now) if one.key not in known)


def _new_amendments(then: DocumentShown | None, now: DocumentShown | None) -> tuple[AmendmentShown, ...]:
    known = {one.signature.key for one in then.amendments} if then else set()
    return tuple(one for one in now.amendments if one.signature.key not in known) if now else ()


def _new_answers(then: DocumentShown | None, now: DocumentShown | None) -> tuple[AnswerShown, ...]:
    known = {one.key for one in then.answers} if then else set()
    return tuple(one for one in now.answers if one.key not in known) if now else ()


def _new_strike(then: DocumentShown | None, now: DocumentShown | None) -> StruckShown | None:
    return now.struck if now and not (then and then.struck) else None
