"""Free text stands in the sealed part of a fact, and outside of it only where it is about no person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from aggregates.kit import FACTS
from aggregates.registry import AGGREGATES

ABOUT_NO_PERSON = {
    "claim.reinstated.billed_anew[].key": "a reservation's key, made by us of ids and dates",
    "dispute.opened.deadline.source": "the rule that a deadline follows, from our own table",
    "dispute.records_requested.deadline.source": "the same",
    "dispute.resolved.next_deadline.source": "the same",
    "payer_policy.electronic_address_recorded.receiver_name": "a clearing house",
    "payer_policy.published.payer_name": "a payer",
    "payer_policy.verified.source": "the document of a payer that terms were compared with",
}


def test_free_text_outside_of_the_sealed_part_is_about_no_person() -> None:
    """Whoever adds such a field seals it, or says here what it can hold."""
    assert AGGREGATES
    found = {
        where for name, stored in FACTS.items() for where in _texts(name, stored.cls) if ".sealed" not in where
    }
    assert found == set(ABOUT_NO_PERSON)


def test_the_look_for_free_text_finds_it() -> None:
    """In the sealed parts there is plenty, at every depth."""
    sealed = {where for name, stored in FACTS.items() for where in _texts(name, stored.cls) if ".sealed" in where}
    assert {"access.break_glass_opened.sealed.words", "note.drafted.sealed.sections[].words"} <= sealed
    assert len(sealed) > 50


def _texts(where: str, hint: Any) -> Iterator[str]:
    """The fields of a type that hold a text of no pattern."""
    kind, notes = hint, []
    while get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        notes += [part for note in more for part in (note, *getattr(note, "metadata", ()))]
    if get_origin(kind) in {Union, UnionType, tuple}:
        for one in get_args(kind):
            if one not in {NoneType, Ellipsis}:
                yield from _texts(f"{where}[]" if get_origin(kind) is tuple else where, one)
    elif is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        for one in fields(kind):
            yield from _texts(f"{where}.{one.name}", hints[one.name])
    elif get_origin(kind) is not Literal and kind not in {int, bool, float}:
        yield from () if any(getattr(note, "pattern", None) for note in notes) else (where,)
