"""What an instrument makes of its answers: scores by scale, a triage level, a provisional diagnosis. No wording."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aggregates.assessment.thresholds import Number, Points, Sourced, Thresholds
from aggregates.kit import value
from aggregates.values import Code, Label

Items = tuple[int | None, ...]


@value
class Offered:
    """Items that have other answers than the rest."""

    items: tuple[Number, ...]
    answers: tuple[Points, ...]


@value
class Skip(Sourced):
    """Items that may be left out when the items of `when_zero` are all answered with 0."""

    items: tuple[Number, ...]
    when_zero: tuple[Number, ...]

    def allows(self, number: int, items: Items) -> bool:
        """Whether this item may be missing here."""
        return number in self.items and all(one <= len(items) and items[one - 1] == 0 for one in self.when_zero)


class ItemOutOfRange(ValueError):
    """An answer that the instrument does not have; `item` is its number, from 1."""

    def __init__(self, item: int) -> None:
        self.item = item
        super().__init__(f"Item {item} has an answer that the instrument does not offer.")


class ItemMissing(ValueError):
    """An answer that the instrument may not go without; `item` is its number, from 1."""

    def __init__(self, item: int) -> None:
        self.item = item
        super().__init__(f"Item {item} has no answer, and the instrument's rule does not let it be skipped.")


@value
class Form(Sourced):
    """The items: how many, which answers each offers, and which may be left out by the instrument's own rule."""

    count: Number
    highest: Points
    lowest: Points = 0
    offered: tuple[Offered, ...] = ()
    skips: tuple[Skip, ...] = ()

    def answers(self, number: int) -> tuple[int, ...]:
        """What an item may be answered with."""
        own = next((one.answers for one in self.offered if number in one.items), None)
        return own or tuple(range(self.lowest, self.highest + 1))

    def check(self, items: Items) -> None:
        """Raises ItemOutOfRange or ItemMissing for the first item that the instrument does not take."""
        for number in range(1, max(self.count, len(items)) + 1):
            answer = items[number - 1] if number <= len(items) else None
            if answer is None and number <= self.count:
                if not any(skip.allows(number, items) for skip in self.skips):
                    raise ItemMissing(number)
            elif number > self.count or answer not in self.answers(number):
                raise ItemOutOfRange(number)


@value
class Scale(Sourced):
    """One score of an instrument, in whole points and the instrument's own direction; `items` empty: entered only."""

    name: Code
    label: Label
    items: tuple[Number, ...] = ()
    low: Points = 0
    high: Points
    multiplier: Annotated[int, Field(ge=1)] = 1
    reversed: tuple[Number, ...] = ()
    highest_answer: Points = 0
    higher_is_better: bool = False
    thresholds: tuple[Thresholds, ...]

    def score(self, items: Items) -> int:
        """The points of checked answers; an item that was rightly left out counts 0."""
        answers = ((number, items[number - 1]) for number in self.items if number <= len(items))
        return self.multiplier * sum(
            self.highest_answer - answer if number in self.reversed else answer
            for number, answer in answers if answer is not None
        )

    def holds(self, score: int) -> bool:
        """Whether the scale can have this score: inside its range, in its steps."""
        return self.low <= score <= self.high and score % self.multiplier == 0

    def on(self, day: str) -> Thresholds:
        """The thresholds in force on a day (YYYY-MM-DD)."""
        return [one for one in self.thresholds if one.in_force_from is None or one.in_force_from <= day][-1]


@value
class Answer:
    """One item with any of these answers."""

    item: Number
    answers: tuple[Points, ...]


@value
class Level:
    """A level of a triage and the answers of which any one leads to it."""

    name: Code
    any_of: tuple[Answer, ...]


@value
class Triage(Sourced):
    """Levels, the most urgent first; who reaches none is at the level `none`, which clears nothing."""

    levels: tuple[Level, ...]

    def level(self, items: Items) -> str:
        """The level of checked answers."""
        for level in self.levels:
            if any(one.item <= len(items) and items[one.item - 1] in one.answers for one in level.any_of):
                return level.name
        return "none"


@value
class Symptoms:
    """How many of these items must be there."""

    items: tuple[Number, ...]
    count: Number


@value
class Diagnosis(Sourced):
    """A provisional diagnosis: an item is there from `at_least` points on, and every group has enough of them."""

    name: Code
    at_least: Points
    groups: tuple[Symptoms, ...]

    def met(self, items: Items) -> bool:
        """Whether checked answers meet it. It is for a clinician to confirm."""
        there = {number for number, answer in enumerate(items, 1) if answer is not None and answer >= self.at_least}
        return all(len(there & set(one.items)) >= one.count for one in self.groups)
