"""Outcome instruments as versioned data: one document for each version in the folder beside this file.

Items, answers, skips, scales, bands and thresholds, each with its source; the wording of no item. A version that was
used keeps its meaning for ever: what is put right or newly published is a new entry of dated thresholds, or a version.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from aggregates.assessment.scales import Diagnosis, Form, Scale, Triage
from aggregates.assessment.soundness import must_be_sound
from aggregates.kit import value
from aggregates.values import Code, Label

TOTAL = "total"
LICENSED = frozenset({"locus", "calocus", "casii"})
"""What may be neither kept nor scored electronically without its owner's license."""

LEVELS = frozenset({"asam", "asam-3", "asam-4"})
"""Criteria that end in a level of care, which is a code and no score."""


@value
class Instrument:
    """One version of one instrument. Without `items` its score is entered; without a total it has scales or a triage.

    `safety_item` is the item whose answer is looked at by itself. `current`: the version that is administered today.
    """

    code: Code
    version: Code
    label: Label
    current: bool = True
    safety_item: int | None = None
    items: Form | None = None
    scales: tuple[Scale, ...] = ()
    triage: Triage | None = None
    diagnosis: Diagnosis | None = None

    @property
    def total(self) -> Scale | None:
        """The scale over all of it, which alone can be entered as a score; None for scales or a triage without one."""
        return next((one for one in self.scales if one.name == TOTAL), None)

    def scale(self, name: str) -> Scale:
        """The scale of a name. Raises KeyError."""
        return {one.name: one for one in self.scales}[name]

_adapter: TypeAdapter[Instrument] = TypeAdapter(Instrument)


@cache
def versions() -> dict[tuple[str, str], Instrument]:
    """Every instrument in every version, by code and version. Raises ValueError for a document that cannot be right."""
    folder = files("aggregates.assessment") / "instruments"
    found: dict[tuple[str, str], Instrument] = {}
    for document in sorted(folder.iterdir(), key=lambda one: one.name):
        kind = read(document.read_text(encoding="utf-8"))
        if document.name != f"{kind.code}-{kind.version}.toml":
            raise ValueError(f"{document.name} holds {kind.code} in version {kind.version}.")
        found[kind.code, kind.version] = kind
    return found


@cache
def current() -> dict[str, Instrument]:
    """The version of each instrument that is administered today, by code. Raises ValueError where there are two."""
    found = [one for one in versions().values() if one.current]
    codes = {one.code for one in versions().values()}
    if len(found) != len(codes) or {one.code for one in found} != codes:
        raise ValueError("Each instrument has exactly one current version.")
    return {one.code: one for one in found}


def instrument(code: str, version: str | None = None) -> Instrument | None:
    """The instrument of a code in any case, such as PHQ-9; a version of None means today's. None: unknown."""
    return current().get(code.lower()) if version is None else versions().get((code.lower(), version))


def read(text: str) -> Instrument:
    """One instrument from the text of its document. Raises ValueError for one that contradicts itself."""
    kind = _adapter.validate_python(tomllib.loads(text))
    must_be_sound(kind)
    return kind
