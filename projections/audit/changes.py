"""What came to a patient's record between two moments, in words an auditor reads: alike things together and counted.

A pure function over the entries between two positions. What was corrected, set aside, voided or recorded late comes
first. Late is whatever was recorded more than so many days after the service, or after it was true where a fact tells
of no service; days are those between UTC dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from pydantic import BaseModel, ConfigDict, Field

from aggregates.days import days_between
from projections.audit.phrases import Kind, count
from projections.audit.values import Details, ValueChange
from projections.audit.views import Entry

LATE_AFTER_DAYS = 1
EXAMPLES = 5
SHOWN = 3
"""How many people and causes a sentence names before it only counts them."""
_FIRST: tuple[Kind, ...] = ("correction", "override", "void", "break_glass", "disclosure", "signature", "write")
_PARTICIPLES = frozenset({"held", "left", "made", "sent", "set", "taken", "withdrawn", "written"})
_PLURALS = {"diagnosis": "diagnoses", "eligibility": "eligibility checks"}


class ChangeGroup(BaseModel):
    """Things of one sort that came between two moments."""

    model_config = ConfigDict(frozen=True)

    words: str = Field(description="How many of what, how late, by whom and why.")
    kind: Kind = Field(description="What sort of act.")
    name: str = Field(description="The stored name of the facts.")
    count: int = Field(description="How many.")
    late: bool = Field(description="Whether they were recorded late.")
    days_late: int | None = Field(description="Days from the service to the recording, of the latest; null: not late.")
    change: ValueChange | None = Field(description="What changed, of corrections that tell.")
    actors: list[str] = Field(description="By whom.")
    causes: list[str] = Field(description="Why, where a cause was given.")
    examples: list[int] = Field(description="Positions of the first of them.")


class Changes(BaseModel):
    """What came to a patient's record after one moment and up to another."""

    model_config = ConfigDict(frozen=True)

    patient_id: str
    enrollment_id: str | None = Field(description="Of this episode alone; null: of the whole record.")
    from_position: int = Field(description="After this position.")
    to_position: int = Field(description="Up to and with this one.")
    entries: int = Field(description="How many facts came between.")
    late: int = Field(description="How many of them were recorded late.")
    groups: list[ChangeGroup] = Field(description="Corrections first, then what was late, then the rest.")


def changes(
    patient_id: str, entries: Sequence[Entry], told: Mapping[int, Details], between: tuple[int, int],
    late_after_days: int = LATE_AFTER_DAYS, enrollment_id: str | None = None,
) -> Changes:  # fmt: skip
    """The entries between two positions, grouped and counted; `told` holds their facts' details by position. With an
    episode they are of that one alone."""
    noted = [_Noted(one, told.get(one.position, Details()), late_after_days) for one in entries]
    ordered = sorted(noted, key=lambda one: (*one.sort, one.entry.position))
    groups = [_group(list(alike)) for _, alike in groupby(ordered, key=lambda one: one.sort)]
    return Changes(
        patient_id=patient_id, enrollment_id=enrollment_id, from_position=between[0], to_position=between[1],
        entries=len(noted), late=sum(one.late for one in noted), groups=groups,
    )  # fmt: skip


class _Noted:
    """An entry with what its fact tells."""

    def __init__(self, entry: Entry, details: Details, late_after_days: int) -> None:
        self.entry = entry
        self.change = details.changes[0] if details.changes else None
        self.cause = details.cause or entry.reason
        self.after_service = details.service_date is not None
        true_on = min(details.done_on or entry.occurred_at[:10], entry.occurred_at[:10])
        self.days = days_between(details.service_date or true_on, entry.recorded_at[:10])
        self.late = self.days > late_after_days
        told = "" if self.change is None else f"{self.change.field} {self.change.before} {self.change.after}"
        self.sort = (_FIRST.index(entry.kind), not self.late, entry.name, told)


def _group(alike: Sequence[_Noted]) -> ChangeGroup:
    first, entry = alike[0], alike[0].entry
    actors = list(dict.fromkeys(one.entry.actor for one in alike))
    causes = list(dict.fromkeys(one.cause for one in alike if one.cause is not None))
    days = [one.days for one in alike]
    late = _lateness(days, first.after_service) if first.late else ""
    by = f", by {_named([f'{one.entry.actor} ({one.entry.role})' for one in alike], 'people')}"
    because = f", because {_named(causes, 'causes')}" if causes else ""
    return ChangeGroup(
        words=f"{_what(entry.name, len(alike), first.change)}{late}{by}{because}.", kind=entry.kind, name=entry.name,
        count=len(alike), late=first.late, days_late=max(days) if first.late else None, change=first.change,
        actors=actors, causes=causes, examples=[one.entry.position for one in alike[:EXAMPLES]],
    )  # fmt: skip


def _what(name: str, number: int, change: ValueChange | None) -> str:
    noun, verb = phrase(name)
    things = f"{number} {noun if number == 1 else _plural(noun)}"
    if change is None:
        return f"{things} {verb}"
    values = f"from {change.before or 'nothing'} to {change.after or 'nothing'}"
    return f"{things} changed {values}" if change.field == "status" else f"{things} {verb} ({change.field} {values})"


def phrase(name: str) -> tuple[str, str]:
    """A stored name as a thing and what happened to it: ("attendance", "corrected"), ("patient", "checked in")."""
    aggregate, _, happened = name.partition(".")
    words = happened.split("_")
    place = next((at for at, word in enumerate(words) if word.endswith("ed") or word in _PARTICIPLES), len(words))
    place -= place > 0 and words[place - 1] == "not"
    return " ".join(words[:place]) or aggregate.replace("_", " "), " ".join(words[place:])


def _plural(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    return _PLURALS.get(head, head if head.endswith("s") else f"{head}s") + of + rest


def _lateness(days: Sequence[int], after_service: bool) -> str:
    least, most = min(days), max(days)
    told = count(most, "day") if least == most else f"{least} to {count(most, 'day')}"
    return f" late, {told} after {'service' if after_service else 'it was true'}"


def _named(names: Sequence[str], what: str) -> str:
    different = list(dict.fromkeys(names))
    return ", ".join(different) if len(different) <= SHOWN else f"{len(different)} {what}"
