"""What several deciders share: a fact made from its command, one fact only once, and no day from the future."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from aggregates.days import latest_day
from aggregates.kit import Act, Refusal

T = TypeVar("T")


class DateInTheFuture(Refusal):
    """{on} has not begun yet anywhere on earth; record it on or after that day, or correct the date."""


def made(fact: type[T], command: Any, **more: Any) -> T:
    """The fact whose fields are the command's fields of the same names, with `more` on top."""
    names = {one.name for one in fields(fact)}  # type: ignore[arg-type] # every fact is a dataclass
    return fact(**({name: getattr(command, name) for name in names if hasattr(command, name)} | more))


def once(earlier: Iterable[Any], fact: Any, twice: Refusal) -> tuple[Any, ...]:
    """The fact, or nothing when the same one is among the earlier ones.

    Raises `twice` when an earlier fact differs only in its personal part: which of the two holds is not ours to guess.
    """
    for old in earlier:
        if old == fact:
            return ()
        if _clear(old) == _clear(fact):
            raise twice
    return (fact,)


def only(earlier: Any | None, fact: Any, twice: Refusal) -> tuple[Any, ...]:
    """The fact, or nothing when its id stands for it already (`earlier`). Raises `twice` when it stands for another."""
    if earlier is None:
        return (fact,)
    if _clear(earlier) != _clear(fact):
        raise twice
    return ()


def _clear(fact: Any) -> Any:
    return replace(fact, sealed=None) if hasattr(fact, "sealed") else fact


def not_in_the_future(act: Act, *days: str) -> None:
    """Refuses days that lie ahead everywhere on earth (UTC+14) when the act is recorded. Raises DateInTheFuture."""
    latest = latest_day(act.now)
    for day in days:
        if day > latest:
            raise DateInTheFuture(on=day)
