"""What each kind of document is asked to say: its sections in order, as documents beside this file.

Which sections are required is our convention, save where a section names its source and how sure it is: C for an
official source, C2 for a secondary one, G for common practice alone (nobody's rule that we read). A payer who wants
more is answered by `required`, not by another template. What the session knows, such as head-count, start and stop,
is in no template: it is never typed.

A template is never edited once documents were written under it; a changed one is a new file with the next version.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Literal
from unicodedata import category, normalize

from pydantic import Field, TypeAdapter

from aggregates.kit import value
from aggregates.note.facts import UNNAMED, DocumentKind
from aggregates.values import Code, Label, Text

Sections = Sequence[tuple[str, str]]
"""A document's sections in order, each as (name, words)."""


@value
class TemplateSection:
    """One section. `goals`: it speaks of the goals that the document names, so at least one must be named.

    `per_facilitator`: it may stand once for each facilitator, as `name:clinician_id`. `starting_words` are for the
    author to change; a blank in them is written `[…]`.
    """

    name: Code
    label: Label
    help: Text
    required: bool = False
    goals: bool = False
    per_facilitator: bool = False
    starting_words: Text | None = None
    confidence: Literal["C", "C2", "G"] = "G"
    source: Label | None = None


@value
class Template:
    """The sections of one kind of document, in order."""

    kind: DocumentKind
    version: Annotated[int, Field(ge=1)]
    name: Label
    sections: tuple[TemplateSection, ...]

    @property
    def unverified(self) -> tuple[str, ...]:
        """The required sections that no official source confirms."""
        return tuple(one.name for one in self.sections if one.required and one.confidence != "C")


Why = Literal["missing", "empty", "unchanged", "blank_left", "no_goal", "unknown_goal"]
PLANS: frozenset[DocumentKind] = frozenset({"plan_of_care", "plan_review"})
"""The documents that bring goals, and are held to no earlier plan."""


@value
class Unready:
    """A section that keeps a document from being signed, and why.

    `unchanged`: it still says its starting words; `blank_left`: a blank of them is not filled in; `no_goal`: it speaks
    of goals, and the document names none; `unknown_goal`: it names one that the plan of care has not.
    """

    section: str
    why: Why


_adapter: TypeAdapter[Template] = TypeAdapter(Template)


@cache
def templates() -> tuple[Template, ...]:
    """Every template in every version, by kind and version."""
    folder = files("aggregates.note") / "templates"
    read = (_adapter.validate_python(tomllib.loads(one.read_text(encoding="utf-8"))) for one in folder.iterdir())
    return tuple(sorted(read, key=lambda one: (one.kind, one.version)))


@cache
def template(kind: DocumentKind, version: int | None = None) -> Template:
    """A kind's template in a version; the latest where none is asked for, or that one is of a later release."""
    of_kind = [one for one in templates() if one.kind == kind]
    return next((one for one in of_kind if one.version == version), of_kind[-1])


def unready(
    kind: DocumentKind, sections: Sections, goals: Collection[str], required: Collection[str] = (),
    planned: Collection[str] | None = None, version: int | None = None,
) -> tuple[Unready, ...]:
    """Every section that is not ready to be signed, in the template's order; `()` when the document is ready.

    `goals` are the ids that the document names. `required` adds what the payer or the session asks for, by name: also
    `interventions:<clinician_id>`, one for each facilitator. An optional section is held only to this: once it is
    there, it is no longer its starting words. `planned` are the goals of the plan of care in force on the day of
    service; None where there is no plan to hold the document to. `version` is that of the template which the document
    was written under; None: it is written now.
    """
    form = template(kind, version)
    known = {one.name: one for one in form.sections}
    asked = [one.name for one in form.sections if one.required]
    asked += [name for name in required if name not in asked]
    present = [name for name, _ in sections]
    found = [Unready(section=name, why="missing") for name in asked if not _among(present, name)]
    for name, words in sections:
        section = known.get(name) or known.get(name.partition(":")[0])
        needed = name in asked or (section is not None and section.name in asked)
        why = _why(section, words, needed=needed)
        if why is not None:
            found.append(Unready(section=name, why=why))
    if not goals:
        found += [Unready(section=name, why="no_goal") for name in asked if name in known and known[name].goals]
    strange = unknown_goals(kind, (*asked, *present), goals, planned, version)
    found += [Unready(section=name, why="unknown_goal") for name in strange]
    order = {name: place for place, name in enumerate(dict.fromkeys((*known, *asked, *present, "goals")))}
    return tuple(sorted(found, key=lambda one: order.get(one.section.partition(":")[0], order[one.section])))


def unknown_goals(
    kind: DocumentKind, sections: Collection[str], goals: Collection[str], planned: Collection[str] | None,
    version: int | None = None,
) -> tuple[Code, ...]:
    """Of the sections that are there or required the ones that speak of goals (`goals` where none does), once the
    document names one that the plan of care has not; no plan: there is nothing to hold it to."""
    if planned is None or set(goals) <= set(planned):
        return ()
    known = _sections_of(kind, version).items()
    speaking = [name for name, one in known if one.goals and (one.required or name in sections)]
    return tuple(speaking) or ("goals",)


def of_facilitators(kind: DocumentKind, facilitators: Sequence[str]) -> tuple[Code, ...]:
    """What a narrative must have where two or more lead: each tells their own interventions (C: Orange County's FAQ
    999, two facilitators two interventions)."""
    if kind != "group_narrative" or len(facilitators) < 2:
        return ()
    return tuple(f"interventions:{one}" for one in facilitators)


def lacking(
    kind: DocumentKind, sections: Collection[str], names_goal: bool, required: Collection[str] = (),
    version: int | None = None,
) -> tuple[str, ...]:
    """What a document still lacks by the names of its sections alone, without reading their words; nothing where the
    names are not known."""
    return () if UNNAMED in sections else _lacking(kind, tuple(sections), names_goal, tuple(required), version)


@lru_cache(maxsize=256)
def _lacking(
    kind: DocumentKind, sections: tuple[str, ...], names_goal: bool, required: tuple[str, ...], version: int | None
) -> tuple[str, ...]:
    """Remembered, since a group's parts are alike in this."""
    goals = ("a goal",) if names_goal else ()
    found = unready(kind, [(name, name) for name in sections], goals, required, version=version)
    return tuple(dict.fromkeys(one.section for one in found if one.why in ("missing", "no_goal")))


def untouched(kind: DocumentKind, sections: Sections, version: int | None = None) -> tuple[Code, ...]:
    """The sections in which a template's own words still stand, or nothing is said; by name, in order."""
    known = _sections_of(kind, version)
    found = ((name, known.get(name) or known.get(name.partition(":")[0]), words) for name, words in sections)
    return tuple(name for name, section, words in found if section and _why(section, words, needed=section.required))


@cache
def _sections_of(kind: DocumentKind, version: int | None) -> dict[str, TemplateSection]:
    return {one.name: one for one in template(kind, version).sections}


def plain(words: str) -> str:
    """Words in one Unicode form (NFC), every run of white space a single space, without invisible format characters."""
    if words.isascii():
        return " ".join(words.split())
    return " ".join("".join(one for one in normalize("NFC", words) if category(one) != "Cf").split())


def _among(present: Sequence[str], name: str) -> bool:
    """Whether a section is there, be it under one facilitator's id."""
    return any(one == name or one.startswith(f"{name}:") for one in present)


def _why(section: TemplateSection | None, words: str, *, needed: bool) -> Why | None:
    said = plain(words)
    if not said:
        return "empty" if needed else None
    if section is None or section.starting_words is None:
        return None
    start = plain(section.starting_words)
    if said == start:
        return "unchanged"
    return "blank_left" if any(blank in said for blank in _blanks(start)) else None


def _blanks(start: str) -> list[str]:
    return re.findall(r"\[[^\]]*\]", start)
