"""given(facts).when(command).then(outcomes): how every aggregate is tested, with ids and acts that read well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from pydantic import TypeAdapter

from aggregates.kit import COMMAND_NAME, FACT_OF, Act, Aggregate, Place, Refusal, Seen
from aggregates.values import Instant

MONDAY_MORNING = "2026-03-02T15:00:00.000000Z"
_INSTANT: TypeAdapter[str] = TypeAdapter(Instant)


def an_id(kind: str, number: int = 1) -> str:
    """A fixed, valid id: the same kind shares its first eight digits, the number stands at the end."""
    return f"{crc32(kind.encode()):08x}-0000-4000-8000-{number:012d}"


def an_act(**changes: Any) -> Act:
    """Person 1, a clinician, on Monday 2 March 2026 at 15:00 UTC, recorded at once; keywords change any of it.

    `now` follows `occurred_at` unless it is given; times may have any offset.
    """
    occurred_at = _INSTANT.validate_python(changes.pop("occurred_at", MONDAY_MORNING))
    now = _INSTANT.validate_python(changes.pop("now", max(occurred_at, MONDAY_MORNING)))
    fields: dict[str, Any] = {"by": an_id("person"), "role": "clinician"} | changes
    return Act(occurred_at=occurred_at, now=now, **fields)


def seen_as(aggregate: Aggregate, stream_id: str, *facts: object, places: tuple[Place, ...] = ()) -> Seen:
    """A consulted stream as `decide` gets it: its state folded from facts, its version their number."""
    return Seen(id=stream_id, version=len(facts), state=folded(aggregate, *facts), places=places)


def folded(aggregate: Aggregate, *facts: object) -> Any:
    """The state after the facts."""
    state = aggregate.initial
    for one in facts:
        state = aggregate.evolve(state, one)
    return state


def given(aggregate: Aggregate, *facts: object) -> Given:
    """The stream's past."""
    return Given(aggregate, facts)


@dataclass(frozen=True, slots=True)
class Given:
    """A stream with a past, waiting for a command."""

    aggregate: Aggregate
    facts: tuple[object, ...]

    def when(self, command: object, act: Act | None = None, seen: Mapping[str, Seen] | None = None) -> Decided:
        """Decides the command; a refusal is kept for `refuses`, any other exception is the test's failure."""
        assert type(command) in self.aggregate.commands, f"{type(command).__name__} is not listed in the aggregate."
        assert type(command) in COMMAND_NAME, f"{type(command).__name__} is not registered."
        asked = Asked(command, act or an_act(), seen or {})
        state = folded(self.aggregate, *self.facts)
        try:
            outcomes = self.aggregate.decide(state, command, asked.act, asked.seen)
        except Refusal as refusal:
            return Decided(self, asked, (), refusal)
        assert isinstance(outcomes, tuple), "A decision is a tuple of outcomes."
        return Decided(self, asked, outcomes, None)

    def having(self, *commands: object, act: Act, seen: Mapping[str, Seen]) -> Given:
        """The stream after commands that are all accepted."""
        stream = self
        for one in commands:
            decided = stream.when(one, act, seen)
            assert decided.refusal is None, decided.refusal
            stream = decided.after
        return stream


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, by whom and when, and what else was looked at."""

    command: object
    act: Act
    seen: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it."""

    before: Given
    asked: Asked
    outcomes: tuple[Any, ...]
    refusal: Refusal | None

    @property
    def facts(self) -> tuple[Any, ...]:
        """The outcomes that are facts of this stream."""
        return tuple(one for one in self.outcomes if type(one) in FACT_OF)

    @property
    def after(self) -> Given:
        """The stream with the new facts, ready for the next command."""
        return Given(self.before.aggregate, self.before.facts + self.facts)

    @property
    def state(self) -> Any:
        """The state after the new facts."""
        return folded(self.before.aggregate, *self.after.facts)

    def then(self, *outcomes: object) -> Decided:
        """Exactly these outcomes, in this order."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert outcomes, "Say nothing_happened() where no outcome is expected."
        assert self.outcomes == outcomes
        return self

    def nothing_happened(self) -> Decided:
        """It was already so: no outcome and no refusal."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert self.outcomes == ()
        return self

    def refuses(self, rule: type[Refusal]) -> str:
        """Refused by exactly this rule; answers with the message, which is a sentence."""
        assert self.refusal is not None, f"not refused, but decided {self.outcomes!r}"
        assert type(self.refusal) is rule, repr(self.refusal)
        message = str(self.refusal)
        assert message.endswith((".", "?")), message
        return message

    def once(self) -> Decided:
        """The command did something, and the same command again does nothing, without a refusal."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert self.outcomes, "The command did nothing the first time."
        self.after.when(self.asked.command, self.asked.act, self.asked.seen).nothing_happened()
        return self

    def never_twice(self) -> Decided:
        """The law of repetition: the same command after its own facts does nothing or is refused by name."""
        again = self.after.when(self.asked.command, self.asked.act, self.asked.seen)
        assert again.outcomes == (), again.outcomes
        return self


def every_prefix_folds(aggregate: Aggregate, *facts: object) -> None:
    """The law of folding: no prefix raises, and a foreign fact changes nothing."""
    state = aggregate.initial
    for one in facts:
        state = aggregate.evolve(state, one)
        assert aggregate.evolve(state, object()) is state
