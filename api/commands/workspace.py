"""The streams and reservations that a decision looks at: loaded together, folded once, moved on by what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aggregates.codec import decode, salvaged
from aggregates.kit import Aggregate, Place, Seen, Stream
from aggregates.registry import AGGREGATES
from iop_es.engine.log import Log

T = TypeVar("T")
ON_THE_ROSTER = ("session.patient_expected", "session.patient_checked_in")
"""What puts a patient on a session's roster."""
MOST_A_DAY = 16
"""How many sessions of a patient a day are looked at: twice what a day has room for."""


@dataclass(slots=True)
class Held:
    """One stream in hand: its aggregate, version and state; `foreign` if another kind of thing has this id."""

    stream: str
    aggregate: Aggregate
    version: int
    state: Any
    foreign: bool = False
    _places: list[Place] = field(default_factory=list)
    _seen: Seen | None = None

    def take(self, fact: object, place: Place) -> None:
        """Moves on by one fact."""
        self.state = self.aggregate.evolve(self.state, fact)
        self.version += 1
        self._places.append(place)
        self._seen = None

    @property
    def seen(self) -> Seen:
        """As a decision sees it, made once for all that look at it."""
        self._seen = self._seen or Seen(self.stream, self.version, self.state, tuple(self._places))
        return self._seen


class Workspace:
    """Streams by id and reservations by (kind, key), read from the log when first asked for; with `upto`, streams as
    they stood at a position, to look at and not to append to."""

    def __init__(self, log: Log, upto: int | None = None) -> None:
        self.log = log
        self._upto = upto
        # By aggregate too: who names a stream as what it is not must not spoil it for the others of an append.
        self._streams: dict[tuple[str, str], Held] = {}
        self._holders: dict[tuple[str, str], str | None] = {}
        self._days: dict[tuple[str, str], tuple[str, ...]] = {}

    def clear(self) -> None:
        """Forgets everything, because the log has moved on without us."""
        self._streams.clear()
        self._holders.clear()
        self._days.clear()

    def fetch(self, wanted: Iterable[tuple[str, Aggregate]]) -> None:
        """Loads the streams that are not in hand yet, all in one query."""
        missing = {one: None for one in wanted if (one[0], one[1].name) not in self._streams}
        if not missing:
            return
        stored = self.log.streams(list({stream: None for stream, _ in missing}), with_patients=False)
        for stream, aggregate in missing:
            facts = [fact for fact in stored.get(stream, []) if self._upto is None or fact.position <= self._upto]
            held = Held(stream, aggregate, 0, aggregate.initial)
            held.foreign = bool(facts) and not facts[0].topic.startswith(f"{aggregate.name}.")
            for fact in facts:
                held.take(decode(fact.topic, fact.state, fact.sealed), Place(fact.position, fact.recorded_at))
            self._streams[stream, aggregate.name] = held

    def fetch_holders(self, keys: Iterable[tuple[str, str]]) -> None:
        """Learns who holds these reservations, one query a kind."""
        missing: dict[str, list[str]] = {}
        for kind, key in keys:
            if (kind, key) not in self._holders:
                missing.setdefault(kind, []).append(key)
        for kind, names in missing.items():
            found = self.log.holders(kind, names)
            self._holders.update({(kind, name): found.get(name) for name in names})

    def fetch_days(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Learns to which sessions these patients came or were to come on these days, as it was planned for them."""
        missing = [one for one in dict.fromkeys(wanted) if one not in self._days]
        if not missing:
            return
        found: dict[tuple[str, str], dict[str, None]] = {one: {} for one in missing}
        people, days = sorted({one for one, _ in missing}), sorted({day for _, day in missing})
        most = MOST_A_DAY * len(ON_THE_ROSTER) * len(days)
        facts = self.log.latest_of_patients(people, ON_THE_ROSTER, most, said=("service_date", days))
        for fact in (one for one in facts if self._upto is None or one.position <= self._upto):
            about = salvaged(fact.topic, fact.state, checked=False)
            found.get((fact.patients[0], getattr(about, "service_date", "")), {})[fact.stream] = None
        self._days |= {one: tuple(streams) for one, streams in found.items()}

    def held(self, stream: str, aggregate: Aggregate) -> Held:
        """One stream, loaded if need be."""
        self.fetch([(stream, aggregate)])
        return self._streams[stream, aggregate.name]

    def holder(self, kind: str, key: str) -> str | None:
        """The stream that holds a reservation, or None."""
        self.fetch_holders([(kind, key)])
        return self._holders[(kind, key)]

    def claimed(self, kind: str, key: str, stream: str | None) -> None:
        """Takes note of a claim, or of a release (None)."""
        self._holders[(kind, key)] = stream

    def known_holder(self, kind: str, key: str) -> str | None:
        """The holder as far as it was looked up or claimed here."""
        return self._holders.get((kind, key))

    def look(self, consulted: Mapping[T, Stream]) -> dict[T, Seen]:
        """The consulted streams by name, all read together; an unheld reservation is left out, and sessions of a day
        are named one by one."""
        self.fetch_holders(ref.holder_of for ref in consulted.values() if ref.holder_of)
        self.fetch_days(ref.of_day for ref in consulted.values() if ref.of_day)
        found: dict[T, tuple[str, str]] = {}
        for name, ref in consulted.items():
            if ref.of_day:
                found |= {_named(name, stream): (stream, ref.aggregate) for stream in self._days[ref.of_day]}
            elif stream := ref.id or self._held_by(ref):
                found[name] = stream, ref.aggregate
        self.fetch((stream, AGGREGATES[kind]) for stream, kind in found.values() if (stream, kind) not in self._streams)
        return {name: self._streams[one].seen for name, one in found.items()}

    def _held_by(self, ref: Stream) -> str | None:
        return None if ref.holder_of is None else self._holders[ref.holder_of]


def _named(name: Any, stream: str) -> Any:
    """The name of one of several streams that were consulted under one name."""
    return (*name[:-1], f"{name[-1]}:{stream}") if isinstance(name, tuple) else f"{name}:{stream}"
