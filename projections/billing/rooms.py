"""Who led two sessions in the same minutes: how a payer's limit on the size of groups is evaded, by splitting one.

A patient's day is decided by the facts of that patient alone, which know of no other session. So this is asked beside
the decision, of all closed sessions as of a position, when claims are prepared and in the self-audit, and it holds
nothing. Which of several leaders was in which room when, no fact says: a session that others led as well is told like
any other, and that they did. Minutes of a break are of neither session. Of another program's session it is told only
that there is one, not which, whose, when or for how long (42 CFR Part 2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec import MsgspecError

from aggregates.codec import UnknownFact, decode
from aggregates.session.facts import BreaksCorrected, Interval, SessionClosed
from iop_es.engine.log import StoredFact
from projections.billing.day import Day
from projections.billing.times import Span, minutes_shared
from projections.billing.words import local

TELLING = ("session.closed", "session.breaks_corrected")
"""The facts that tell who led a session when."""


@dataclass(slots=True)
class Led:
    """A session as it was, and where in the log that stands."""

    position: int
    session_id: str
    program_id: str
    kind: str
    actual: Span
    leaders: frozenset[str]
    breaks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Twice:
    """Two sessions that somebody led in the same minutes: one, and the other beside it."""

    one: Led
    other: Led
    leaders: frozenset[str]
    minutes: int
    since: str

    def told(self, zone: str) -> str:
        """The same in words, as far as a reader of the one's program may know."""
        one, other = self.one, self.other
        if one.program_id != other.program_id:
            return (
                f"Somebody who led the session {one.session_id} ({_plain(one.kind)}) led another service of the"
                " organization in some of the same minutes."
            )
        many = "minute" if self.minutes == 1 else "minutes"
        beside = "".join(_beside(each, self.leaders) for each in (one, other))
        return (
            f"{', '.join(sorted(self.leaders))} led the sessions {one.session_id} ({_plain(one.kind)}) and"
            f" {other.session_id} ({_plain(other.kind)}) in the same {self.minutes} {many}, from"
            f" {local(self.since, zone)} on.{beside}"
        )


@dataclass(frozen=True, slots=True)
class Rooms:
    """What was led twice, by the position at which each of the two sessions was told as it was."""

    twice: Mapping[int, list[Twice]] = field(default_factory=dict)

    def against(self, day: Day) -> list[str]:
        """In words what of it touches a day: the sessions that its decision rests on."""
        found = (one.told(day.time_zone) for position in day.positions for one in self.twice.get(position, ()))
        return list(dict.fromkeys(found))


def rooms(facts: Iterable[StoredFact]) -> Rooms:
    """Who led what twice, by all facts of these names up to a position. One that cannot be read tells nothing."""
    sessions: dict[str, Led] = {}
    for stored in facts:
        try:
            fact = decode(stored.topic, stored.state, None)
        except (UnknownFact, MsgspecError):
            continue
        if isinstance(fact, SessionClosed):
            sessions[stored.stream] = Led(
                stored.position, stored.stream, fact.program_id, fact.service_kind, _span(fact.actual),
                frozenset(fact.facilitators), tuple(map(_span, fact.breaks)),
            )
        elif isinstance(fact, BreaksCorrected) and stored.stream in sessions:
            sessions[stored.stream].breaks = tuple(map(_span, fact.breaks))
    twice: dict[int, list[Twice]] = defaultdict(list)
    for one, other in _meeting(sessions.values()):
        minutes, since = minutes_shared(([one.actual], one.breaks), ([other.actual], other.breaks))
        if minutes:
            leaders = one.leaders & other.leaders
            twice[one.position].append(Twice(one, other, leaders, minutes, since))
            twice[other.position].append(Twice(other, one, leaders, minutes, since))
    return Rooms(twice)


def _meeting(sessions: Iterable[Led]) -> Iterator[tuple[Led, Led]]:
    """Pairs with a leader in common, each once, of sessions whose times meet."""
    by_leader: dict[str, list[Led]] = defaultdict(list)
    for one in sessions:
        for leader in one.leaders:
            by_leader[leader].append(one)
    seen: set[frozenset[str]] = set()
    for own in by_leader.values():
        going: list[Led] = []
        for one in sorted(own, key=lambda each: (each.actual, each.session_id)):
            going = [each for each in going if each.actual[1] > one.actual[0]]
            for other in going:
                if (pair := frozenset((one.session_id, other.session_id))) not in seen:
                    seen.add(pair)
                    yield other, one
            going.append(one)


def _beside(session: Led, leaders: frozenset[str]) -> str:
    """That others led it too, so that somebody may have been in the room."""
    others = ", ".join(sorted(session.leaders - leaders))
    return f" {session.session_id} was led by {others} as well; who was in the room no fact says." if others else ""


def _span(interval: Interval) -> Span:
    return interval.start, interval.stop


def _plain(kind: str) -> str:
    return kind.replace("_", " ")
