"""What the store refuses, and why.

    StoreError
    ├── StaleVersion            another fact came first in this stream
    ├── KeyReusedForOtherBody   an idempotency key came back with another command
    ├── KeysSeen                some commands of a batch were saved before
    ├── ReservationTaken        what must be unique is held already
    ├── ClockRunsBackwards      a simulated clock, set back
    ├── NotASimulation          a simulated clock in a real store
    ├── LogTakesNoFacts         what is here is not what was sealed
    ├── MigrationRefused        the store is what it was created as
    ├── UnknownTopic            a stored name that no one registered
    └── StoreUnavailable        the database cannot be reached or used

The docstring of each class is its message, with its fields in braces: sentences that say what to do next, with ids
only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any


class StoreError(Exception):
    """The store refused."""

    def __str__(self) -> str:
        return " ".join(cleandoc(type(self).__doc__ or "").split()).format(**vars(self))


@dataclass(eq=False)
class StaleVersion(StoreError):
    """Stream {stream} is at version {actual}, not {expected}: load it again, decide again, then append."""

    stream: str
    expected: int
    actual: int


@dataclass(eq=False)
class KeyReusedForOtherBody(StoreError):
    """Idempotency key {key} was used for another command: send each new command with a key of its own."""

    key: str


@dataclass(eq=False)
class KeysSeen(StoreError):
    """Some commands of this batch were saved before and nothing new was written: take their replies from `replies`
    and append the others again."""

    replies: Mapping[str, Any]


@dataclass(eq=False)
class ReservationTaken(StoreError):
    """The {kind} {key} is taken: choose another, or have its holder release it."""

    kind: str
    key: str


@dataclass(eq=False)
class ClockRunsBackwards(StoreError):
    """The simulated clock stands at {head} and cannot be set to {given}: give a recorded_at that is not earlier."""

    given: str | None
    head: str


@dataclass(eq=False)
class NotASimulation(StoreError):
    """This store keeps real time and takes no recorded_at: leave it out, or use a store migrated as a simulation."""


@dataclass(eq=False)
class LogTakesNoFacts(StoreError):
    """The log takes no facts until this is put right. {reason}"""

    reason: str


@dataclass(eq=False)
class MigrationRefused(StoreError):
    """The store was not migrated. {reason}"""

    reason: str


@dataclass(eq=False)
class UnknownTopic(StoreError):
    """The stored name {topic} is not registered: register it, with upcasters for its earlier versions."""

    topic: str


@dataclass(eq=False)
class StoreUnavailable(StoreError):
    """The database cannot be used. {reason}"""

    reason: str
