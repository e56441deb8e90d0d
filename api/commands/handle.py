"""`Commands.handle`: the one way from a command to facts.

Several orders may share one append (one moment of the demo, a chunk of a file, a roster): each is decided after the
ones before it and answered on its own; a refused one leaves the others alone. A race that is lost is decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import randbelow, token_hex
from time import perf_counter, sleep
from typing import Any
from uuid import UUID, uuid4

import structlog
from pydantic import ValidationError

from aggregates.kit import FACT_OF, Act, Aggregate, Claim, Elsewhere, Refusal, Release, Seen, Stream
from aggregates.registry import AGGREGATE_OF_COMMAND, AGGREGATES, stream_of
from aggregates.values import instant, moment
from api.access import may_order
from api.commands.envelope import envelop
from api.commands.order import (
    Answer,
    IdTaken,
    InTheFuture,
    NotPermitted,
    NotRecorded,
    OnlyInSimulations,
    Order,
    Reply,
    VersionChanged,
)
from api.commands.reach import alike_where_absent, must_reach, must_reach_all, must_treat
from api.commands.workspace import Held, Workspace
from iop_es.engine.errors import KeysSeen, ReservationTaken, StaleVersion
from iop_es.engine.failpoints import reach
from iop_es.engine.log import Append, Appended, Head, Keyed, Log, NewFact, Reservation

ATTEMPTS = 24
PAUSE_SECONDS = 0.002

logger = structlog.get_logger()


@dataclass(slots=True)
class Decided:
    """One order's outcome, ready to be appended; `reservations` are in the order of their claiming or releasing."""

    order: Order
    stream: str
    version: int = 0
    facts: list[NewFact] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    reservations: list[tuple[Claim | Release, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Weighed:
    """An order's outcomes before anything is taken down: what was looked at, and what it would come to."""

    order: Order
    stream: str
    aggregate: Aggregate
    own: Held
    act: Act
    seen: Mapping[str, Seen]
    consulted: Mapping[str, Stream]
    outcomes: tuple[Any, ...]


class Commands:
    """Handles orders against one log. With `remember`, streams stay in hand between calls: for a single writer, or for
    steps so close that what others record meanwhile is found when it is appended.
    """

    def __init__(self, log: Log, remember: bool = False) -> None:
        self._log = log
        self._kept = Workspace(log) if remember else None

    def remembering(self) -> Commands:
        """The same door for a few steps of one caller, who need not read again what an earlier step has read."""
        return self if self._kept is not None else Commands(self._log, remember=True)

    def handle(self, order: Order) -> Reply:
        """Decides and appends one order; raises the refusal or the store's error."""
        answer = self.handle_all([order])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def handle_whole(self, orders: Sequence[Order], recorded_at: str | None = None) -> list[Reply]:
        """Decides and appends orders all together or not at all; raises the refusal of the first that is refused."""
        answers = self.handle_all(orders, recorded_at, whole=True)
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, NotRecorded):
                raise answer
        return [answer for answer in answers if isinstance(answer, Reply)]

    def handle_all(
        self, orders: Sequence[Order], recorded_at: str | None = None, attempts: int = ATTEMPTS, whole: bool = False
    ) -> list[Answer]:
        """Decides orders one after the other and appends them together; one answer each, in order.

        `recorded_at` is the simulated clock. Errors of the store itself are raised; refusals are answers. With `whole`
        one refusal leaves everything unrecorded, and the others are answered NotRecorded.
        Raises VersionChanged when others keep winning the race for the same stream.
        """
        head, replies = self._log.standing({order.key: order.digest for order in orders})
        answers = self._first_answers(orders, replies)
        for losses in range(attempts):
            if losses:
                sleep(randbelow(losses + 1) * PAUSE_SECONDS)  # of many at one stream, not all should try at once
                head = self._log.head()
            attempt = _Attempt(self._kept or Workspace(self._log), recorded_at or _clock(head), head.simulation)
            attempt.decide(orders, answers)
            if whole and any(isinstance(one, Exception) for one in (answers | attempt.refused).values()):
                attempt.workspace.clear()
                nothing: dict[int, Answer] = dict.fromkeys(range(len(orders)), NotRecorded())
                return list((nothing | answers | attempt.refused).values())
            try:
                answers |= self._append(attempt, recorded_at)
            except StaleVersion:
                attempt.workspace.clear()
            except ReservationTaken as taken:
                attempt.workspace.clear()
                answers |= attempt.claimant(taken)
            except KeysSeen as seen:
                attempt.workspace.clear()
                answers |= self._first_answers(orders, seen.replies)
            else:
                return self._same_as_first(orders, answers)
        raise VersionChanged

    def weigh(self, orders: Sequence[Order]) -> list[Weighed | Exception]:
        """What each order would come to if it were decided now, each by itself; nothing is recorded."""
        attempt = _Attempt(self._kept or Workspace(self._log), self.now(), self.simulation())
        return attempt.weigh_all(orders)

    def read_ahead(self, streams: Sequence[Stream]) -> None:
        """Reads what later steps of a door that remembers will look at, in one query rather than one a step."""
        if self._kept is not None:
            self._kept.fetch([(one.id, AGGREGATES[one.aggregate]) for one in streams if one.id is not None])

    def states(self, aggregate: str, streams: Sequence[str]) -> dict[str, Any]:
        """The states of streams of one aggregate, by their ids."""
        workspace, kind = self._kept or Workspace(self._log), AGGREGATES[aggregate]
        workspace.fetch([(stream, kind) for stream in streams])
        return {stream: workspace.held(stream, kind).state for stream in streams}

    def simulation(self) -> bool:
        """Whether the log keeps a simulated clock."""
        return self._log.simulation()

    def now(self) -> str:
        """The time at which a command is recorded: the clock, or in a simulation one second after the log's head."""
        return _clock(self._log.head()) if self.simulation() else instant(datetime.now(UTC))

    def _append(self, attempt: _Attempt, recorded_at: str | None) -> dict[int, Answer]:
        writing = {number: one for number, one in attempt.decided.items() if one.facts or one.order.kept}
        answers: dict[int, Answer] = dict(attempt.refused)
        if writing:
            started = perf_counter()
            reach("order_decided")
            appended = self._log.append(attempt.as_append(list(writing.values()), recorded_at))
            if appended[0].replayed and len(writing) < len(attempt.decided) + len(attempt.refused):
                # All was saved before and nothing now; the rest was decided as if it came after facts decided anew.
                raise KeysSeen({one.order.key: reply for one, reply in zip(writing.values(), appended, strict=True)})
            _tell(appended, started)
            for (number, one), reply in zip(writing.items(), appended, strict=True):
                answers[number] = self._replayed(reply) if reply.replayed else _reply(one, reply)
            if any(reply.replayed for reply in appended):
                attempt.workspace.clear()
        if len(writing) < len(attempt.decided):
            head = self._log.head()
            for number, one in attempt.decided.items():
                if number not in writing:
                    answers[number] = Reply(one.stream, one.version, head.position, head.recorded_at, ())
        return answers

    def _first_answers(self, orders: Sequence[Order], replies: Mapping[str, Appended]) -> dict[int, Answer]:
        return {number: self._replayed(replies[o.key]) for number, o in enumerate(orders) if o.key in replies}

    def _same_as_first(self, orders: Sequence[Order], answers: dict[int, Answer]) -> list[Answer]:
        """The answers in order; what looks refused or already done may be this very order, recorded meanwhile."""
        quiet = [
            order for number, order in enumerate(orders)
            if isinstance(one := answers[number], Exception) or not (one.facts or one.replayed or order.kept)
        ]
        if quiet:
            answers |= self._first_answers(orders, self._log.seen({order.key: order.digest for order in quiet}))
        return [answers[number] for number in range(len(orders))]

    def _replayed(self, reply: Appended) -> Reply:
        facts = self._log.after(reply.first - 1, reply.last - reply.first + 1, reply.last)
        names = tuple(fact.topic.partition("@")[0] for fact in facts)
        return Reply(reply.stream, reply.version, reply.last, reply.recorded_at, names, replayed=True)


@dataclass(slots=True)
class _Attempt:
    """Deciding every order that has no answer yet, against what the workspace holds."""

    workspace: Workspace
    now: str
    simulation: bool
    decided: dict[int, Decided] = field(default_factory=dict)
    refused: dict[int, Answer] = field(default_factory=dict)
    treating: dict[Any, bool] = field(default_factory=dict)

    def decide(self, orders: Sequence[Order], answers: Mapping[int, Answer]) -> None:
        """Decides in order; a later order sees what an earlier one did."""
        pending = {number: order for number, order in enumerate(orders) if number not in answers}
        self._read_ahead([order.command for order in pending.values()])
        for number, order in pending.items():
            try:
                self.decided[number] = self._decide(order)
            except (Refusal, NotPermitted, VersionChanged, ValidationError) as refusal:
                self.refused[number] = refusal

    def _read_ahead(self, commands: Sequence[Any]) -> None:
        """Reads what the orders will look at, as far as can be told now, in three queries rather than three each."""
        own = [(stream_of(command), AGGREGATE_OF_COMMAND[type(command)]) for command in commands]
        self.workspace.fetch(own)
        if len(commands) > 1:
            self.workspace.look({
                (number, name): ref
                for number, (command, place) in enumerate(zip(commands, own, strict=True))
                if not (held := self.workspace.held(*place)).foreign
                for name, ref in held.aggregate.consult(held.state, command).items()
            })  # fmt: skip

    def as_append(self, writing: Sequence[Decided], recorded_at: str | None) -> Append:
        """One append of all that was decided."""
        release, claim = _net([reservation for one in writing for reservation in one.reservations])
        return Append(
            facts=tuple(fact for one in writing for fact in one.facts),
            keys=tuple(Keyed(one.order.key, one.order.digest, len(one.facts), UUID(one.stream)) for one in writing),
            release=release,
            claim=claim,
            recorded_at=recorded_at,
        )

    def claimant(self, taken: ReservationTaken) -> dict[int, Answer]:
        """The refusal of the order that claimed what another stream holds."""
        for number, one in self.decided.items():
            for reservation, _ in one.reservations:
                if isinstance(reservation, Claim) and (reservation.kind, reservation.key) == (taken.kind, taken.key):
                    return {number: reservation.held(kind=taken.kind, key=taken.key)}
        raise taken

    def weigh_all(self, orders: Sequence[Order]) -> list[Weighed | Exception]:
        """Each order weighed; a refusal in place of one that is refused."""
        self._read_ahead([order.command for order in orders])
        weighed: list[Weighed | Exception] = []
        for order in orders:
            try:
                weighed.append(self._weigh(order))
            except (Refusal, NotPermitted, VersionChanged) as refusal:
                weighed.append(refusal)
        return weighed

    def _weigh(self, order: Order) -> Weighed:
        command, stream = order.command, stream_of(order.command)
        aggregate = AGGREGATE_OF_COMMAND[type(command)]
        if not may_order(order.role, type(command)):
            raise NotPermitted
        own = self.workspace.held(stream, aggregate)
        act = Act(
            order.by, order.role, order.true_at(self.now), self.now, order.on_behalf_of, order.reason, self._salt(order)
        )
        with alike_where_absent(aggregate.name, own.version):
            must_reach(order, self.workspace.log, own.aggregate, stream, own.state, own.version)
            must_treat(order, self.workspace.log, aggregate.name, own.state, self.now, self.treating)
            consulted = aggregate.consult(own.state, command)
            seen = self.workspace.look(consulted)
            named = [(ref.aggregate, seen[name]) for name, ref in consulted.items() if ref.id]
            must_reach_all(order, self.workspace.log, aggregate.name, named)
            self._admit(order, own)
            further = aggregate.further(own.state, command, seen)
            consulted, seen = consulted | further, seen | self.workspace.look(further)
            outcomes = aggregate.decide(own.state, command, act, seen)
            if order.expected not in {None, own.version}:  # of what is not there, the rules say so first
                raise VersionChanged
            self._refuse_held(stream, outcomes)
        return Weighed(order, stream, aggregate, own, act, seen, consulted, outcomes)

    def _decide(self, order: Order) -> Decided:
        weighed = self._weigh(order)
        decided = Decided(order, weighed.stream)
        taking = _Taking(decided, self.workspace, weighed.act, weighed.seen, str(uuid4()))
        taking.take(weighed.stream, weighed.aggregate, weighed.outcomes)
        for outcome in weighed.outcomes:
            if isinstance(outcome, Elsewhere):
                other = AGGREGATES[weighed.consulted[outcome.name].aggregate]
                taking.take(weighed.seen[outcome.name].id, other, outcome.outcomes)
        decided.version = weighed.own.version
        return decided

    def _salt(self, order: Order) -> str:
        """32 random bytes in hex; in a simulation the order's own, so that the same seed makes the same facts."""
        if order.salt is not None:
            return order.salt
        return sha256(order.key.encode()).hexdigest() if self.simulation else token_hex(32)

    def _admit(self, order: Order, own: Held) -> None:
        """What is asked of an order within reach before its rules are: the version it saw, a time that has come."""
        if own.foreign:
            raise IdTaken
        if own.version and order.expected not in {None, own.version}:
            raise VersionChanged
        if order.occurred_at is not None and order.occurred_at > self.now:
            raise InTheFuture(occurred_at=order.occurred_at, now=self.now)
        if getattr(order.command, "demonstration", False) and not self.simulation:
            raise OnlyInSimulations

    def _refuse_held(self, stream: str, outcomes: Sequence[Any]) -> None:
        """Two orders of one append may not claim the same key; the database refuses what others hold."""
        released = {
            (release.kind, release.key)
            for outcome in outcomes
            for release in (outcome.outcomes if isinstance(outcome, Elsewhere) else (outcome,))
            if isinstance(release, Release)
        }
        for outcome in outcomes:
            if isinstance(outcome, Claim) and (outcome.kind, outcome.key) not in released:
                holder = self.workspace.known_holder(outcome.kind, outcome.key)
                if holder is not None and holder != stream:
                    raise outcome.held(kind=outcome.kind, key=outcome.key)


@dataclass(frozen=True, slots=True)
class _Taking:
    """Moves streams on by the outcomes of one order."""

    decided: Decided
    workspace: Workspace
    act: Act
    seen: Mapping[str, Seen]
    command_id: str

    def take(self, stream: str, aggregate: Aggregate, outcomes: Sequence[Any]) -> None:
        """Facts move the stream on; claims and releases are noted under it."""
        held = self.workspace.held(stream, aggregate)
        for outcome in outcomes:
            if isinstance(outcome, Claim | Release):
                self.decided.reservations.append((outcome, stream))
                self.workspace.claimed(outcome.kind, outcome.key, stream if isinstance(outcome, Claim) else None)
            elif not isinstance(outcome, Elsewhere):
                held.take(outcome)
                self.decided.names.append(FACT_OF[type(outcome)].name)
                self.decided.facts.append(
                    envelop(
                        outcome, stream, held.version, aggregate, held.state, self.act, self.seen, self.command_id,
                        self.decided.order.request,
                    )
                )


def _clock(head: Head) -> str:
    return instant(moment(head.recorded_at) + timedelta(seconds=1) if head.simulation else datetime.now(UTC))


def _tell(appended: Sequence[Appended], started: float) -> None:
    """The one log line of an append; what had been recorded before was told then."""
    new = [reply for reply in appended if not reply.replayed]
    if new:
        logger.info(
            "facts_appended", orders=len(new), facts=sum(reply.last - reply.first + 1 for reply in new),
            position=new[-1].last, milliseconds=round((perf_counter() - started) * 1000, 1),
        )  # fmt: skip


def _reply(decided: Decided, reply: Appended) -> Reply:
    names = tuple(decided.names)
    # The version of the log, not of what was looked at: where nothing was to be done, others may have come between.
    return Reply(decided.stream, reply.version, reply.last, reply.recorded_at, names, reply.replayed)


def _net(
    reservations: Sequence[tuple[Claim | Release, str]],
) -> tuple[tuple[Reservation, ...], tuple[Reservation, ...]]:
    """What to release and what to claim, so that releasing first and claiming second comes to the same."""
    releases: dict[Reservation, None] = {}
    claims: dict[tuple[str, str], Reservation] = {}
    for outcome, stream in reservations:
        reservation = Reservation(outcome.kind, outcome.key, UUID(stream))
        if isinstance(outcome, Claim):
            claims[(outcome.kind, outcome.key)] = reservation
        else:
            releases[reservation] = None
            held = claims.get((outcome.kind, outcome.key))
            if held is not None and held.stream == reservation.stream:  # another's claim comes after this release
                del claims[(outcome.kind, outcome.key)]
    return tuple(releases), tuple(claims.values())
