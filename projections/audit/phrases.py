"""What the sentences of the trail have in common: what sort of act a fact was, and parts of sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

Kind = Literal["write", "correction", "override", "signature", "void", "break_glass", "disclosure"]
Sentence = Callable[[Any], str]
KINDS: tuple[Kind, ...] = get_args(Kind)


def since(day: str | None) -> str:
    """From which day on, where it is not so all along."""
    return f" since {day}" if day else ""


def through(day: str | None) -> str:
    """Through which day, if there is one."""
    return "" if day is None else f" through {day}"


def because(cause: str | None) -> str:
    """The cause in brackets, if there is one."""
    return "" if cause is None else f" ({cause})"


def many(values: Sequence[object]) -> str:
    """All of them, or none."""
    return ", ".join(map(str, values)) or "none"


def count(number: int, thing: str) -> str:
    """A number of things, one or more."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def clock(moment: str) -> str:
    """A moment of UTC, to the minute."""
    return f"{moment[:10]} {moment[11:16]} UTC"


def with_or_without(given: bool, thing: str) -> str:
    """With the thing, or without it."""
    return f"with {thing}" if given else f"without {thing}"
