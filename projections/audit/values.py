"""What a correction changed, the old value beside the new; and the day of service and the cause that a fact tells.

Values are codes, numbers, dates and times. Of who a patient is, it only says which parts changed and whether they are
on record: the values are nowhere but sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import MsgspecError
from pydantic import BaseModel, ConfigDict, Field

from aggregates.codec import UnknownFact, decode
from iop_es.engine.log import StoredFact
from projections.audit.done import done_on

ATTENDANCE = ("status", "minutes", "intervals", "modality", "place_of_service")
EARLIER: dict[str, tuple[str, ...]] = {
    "assessment.corrected": ("items", "entered_score", "administered_on"),
    "session.head_count_changed": ("head_count", "peak_count"),
    "note.narrative_replaced": ("narrative_id",),
}
"""Corrections that state the new value only; the old one is that of the stream's fact before that had it."""
DEMOGRAPHICS = "patient.demographics_corrected"
PRESENCE = {"medical_record_number": "has_medical_record_number", "address": "has_address"}
ON_RECORD, NOT_ON_RECORD = "on record", "not on record"
DAYS = ("service_date", "administered_on")
CAUSES = ("cause", "late_reason", "override_cause", "incomplete_cause")


class ValueChange(BaseModel):
    """One value, as it was and as it is."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="What it is of, such as status, minutes or item 9.")
    before: str | None = Field(description="As it was recorded; null: there was none.")
    after: str | None = Field(description="As it is; null: there is none.")


@dataclass(frozen=True, slots=True)
class Details:
    """What a fact tells beside its sentence."""

    changes: tuple[ValueChange, ...] = ()
    service_date: str | None = None
    done_on: str | None = None
    cause: str | None = None


def details(facts: Sequence[StoredFact]) -> dict[int, Details]:
    """The details of facts by position; the facts of a stream are together from its first one on, in any order of the
    streams. One that cannot be read has none."""
    found: dict[int, Details] = {}
    streams: dict[str, list[tuple[str, Any]]] = {}
    for one in sorted(facts):
        try:
            fact = decode(one.topic, one.state, None)
        except (UnknownFact, MsgspecError):
            continue
        before = streams.setdefault(one.stream, [])
        found[one.position] = Details(
            tuple(_changes(one.name, fact, before)), _first(fact, DAYS), done_on(fact), _first(fact, CAUSES)
        )  # fmt: skip
        before.append((one.name, fact))
    return found


def _changes(name: str, fact: Any, before: Sequence[tuple[str, Any]]) -> Iterator[ValueChange]:
    if name == DEMOGRAPHICS:
        yield from _presence(fact, before)
    elif name == "session.attendance_corrected":
        for field in ATTENDANCE:
            yield from _change(field, getattr(fact.before, field, None), getattr(fact.after, field))
    elif name == "session.breaks_corrected":
        yield from _change("breaks", fact.before, fact.breaks)
    elif name in EARLIER:
        for field in EARLIER[name]:
            yield from _change(field, _latest(field, before), getattr(fact, field))
    for field in getattr(fact, "__dataclass_fields__", ()):
        if field.startswith("was_"):
            yield from _change(field.removeprefix("was_"), getattr(fact, field), getattr(fact, field[4:], None))


def _change(field: str, before: Any, after: Any) -> Iterator[ValueChange]:
    """One change; of answers to an instrument, one for each that differs."""
    if field == "items" and before and after and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
            yield from _change(f"item {number}", old, new)
    elif before != after and (before or after or before != ()):
        yield ValueChange(field=field, before=_text(before), after=_text(after))


def _presence(fact: Any, before: Sequence[tuple[str, Any]]) -> Iterator[ValueChange]:
    for part in fact.changed:
        flag = PRESENCE.get(part)
        was = _latest(flag, before) if flag else True
        now = getattr(fact, flag) if flag else True
        yield ValueChange(
            field=part, before=ON_RECORD if was else NOT_ON_RECORD, after=ON_RECORD if now else NOT_ON_RECORD
        )  # fmt: skip


def _latest(field: str, before: Sequence[tuple[str, Any]]) -> Any:
    return next((getattr(fact, field) for _, fact in reversed(before) if hasattr(fact, field)), None)


def _first(fact: Any, names: Sequence[str]) -> str | None:
    return next((value for name in names if isinstance(value := getattr(fact, name, None), str)), None)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case tuple() | list():
            return ", ".join(str(_text(one)) for one in value) or "none"
        case _ if hasattr(value, "start") and hasattr(value, "stop"):
            return f"{value.start[:16]} to {value.stop[11:16]} UTC" if value.stop else f"from {value.start[:16]} UTC"
    return str(value)
