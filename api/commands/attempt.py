"""Deciding orders one after the other over one view of the log, as what is to be appended together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from aggregates.kit import FACT_OF, Act, Aggregate, Claim, Elsewhere, Place, Refusal, Release, Seen, Stream, Unknown
from aggregates.registry import AGGREGATE_OF_COMMAND, AGGREGATES, stream_of
from api.access import may_order
from api.commands.envelope import envelop
from api.commands.order import Answer, IdTaken, InTheFuture, NotPermitted, OnlyInSimulations, Order, VersionChanged
from api.commands.reach import alike_where_absent, must_reach, must_reach_all
from api.commands.told import SHARED, version_told
from api.commands.treating import Treating
from api.commands.workspace import Held, Workspace
from iop_es.engine.errors import ReservationTaken
from iop_es.engine.log import Append, Keyed, NewFact, Reservation


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


@dataclass(slots=True)
class Attempt:
    """Deciding every order that has no answer yet, against what the workspace holds. What is decided
    stands behind `head`, the position of the log, as if nobody else came between."""

    workspace: Workspace
    now: str
    simulation: bool
    head: int = 0
    decided: dict[int, Decided] = field(default_factory=dict)
    refused: dict[int, Answer] = field(default_factory=dict)
    treating: Treating = field(init=False)
    places: Iterator[Place] = field(init=False)

    def __post_init__(self) -> None:
        self.treating = Treating(self.workspace.log, self.now)
        self.places = (Place(position, self.now) for position in count(self.head + 1))

    def decide(
        self, orders: Sequence[Order], answers: Mapping[int, Answer], weighed: Sequence[Weighed] = ()
    ) -> None:
        """Decides in order; a later order sees what an earlier one did. `weighed`: what all of them come to, weighed
        over this very workspace."""
        pending = {number: order for number, order in enumerate(orders) if number not in answers}
        if not weighed:
            self._read_ahead(list(pending.values()))
        for number, order in pending.items():
            try:
                self.decided[number] = self._taken(weighed[number] if weighed else self._weigh(order))
            except (Refusal, NotPermitted, VersionChanged, ValidationError) as refusal:
                self.refused[number] = refusal

    def _read_ahead(self, orders: Sequence[Order]) -> None:
        """Reads what the orders will look at, as far as can be told now, all together rather than each by itself."""
        own = [(stream_of(order.command), AGGREGATE_OF_COMMAND[type(order.command)]) for order in orders]
        self.workspace.fetch(own)
        if len(orders) > 1:
            known = [
                (order, held) for order, place in zip(orders, own, strict=True)
                if not (held := self.workspace.held(*place)).foreign
            ]
            self.treating.read_ahead((order, held.state) for order, held in known)
            wanted = {
                (number, name): ref
                for number, (order, held) in enumerate(known)
                for name, ref in held.aggregate.consult(held.state, order.command).items()
            }
            looked: list[dict[str, Seen]] = [{} for _ in known]
            for (number, name), one in self.workspace.look(wanted).items():
                looked[number][name] = one
            self.workspace.look({
                (number, name): ref
                for number, (order, held) in enumerate(known)
                for name, ref in held.aggregate.further(held.state, order.command, looked[number]).items()
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
        self._read_ahead(orders)
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
        with alike_where_absent(order, aggregate.name, own.state, own.version):
            must_reach(order, self.workspace.log, own.aggregate, stream, own.state, own.version)
            self.treating.must(order, aggregate.name, own.state)
            state = own.state if order.programs is None else aggregate.within(own.state, command, order.programs)
            consulted = aggregate.consult(state, command)
            seen = self.workspace.look(consulted)
            named = [(ref.aggregate, seen[name]) for name, ref in consulted.items() if ref.id]
            absent = must_reach_all(order, self.workspace.log, aggregate.name, named)
            if absent is None or own.foreign:
                self._admit(order, own)
            further = aggregate.further(state, command, seen)
            consulted, seen = consulted | further, seen | self.workspace.look(further)
            if absent is not None:
                self._must_be_there(own, command, act, seen)
                raise absent
            outcomes = aggregate.decide(state, command, act, seen)
            if order.expected not in {None, self._version(order, own)}:  # of what is not there, the rules say so first
                raise VersionChanged
            self._refuse_held(stream, outcomes)
        return Weighed(order, stream, aggregate, own, act, seen, consulted, outcomes)

    def _must_be_there(self, own: Held, command: Any, act: Act, seen: Mapping[str, Seen]) -> None:
        """Of what an order names that is not there, its own stream is told of first. Raises Unknown."""
        if own.version == 0:
            try:
                own.aggregate.decide(own.state, command, act, seen)
            except Unknown as unknown:
                if stream_of(command) in unknown.details.values():
                    raise
            except Refusal:
                pass

    def _taken(self, weighed: Weighed) -> Decided:
        decided = Decided(weighed.order, weighed.stream)
        taking = _Taking(decided, self.workspace, weighed.act, weighed.seen, str(uuid4()), self.places)
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
        at = self._version(order, own)
        if at and order.expected not in {None, at}:
            raise VersionChanged
        if order.occurred_at is not None and order.occurred_at > self.now:
            raise InTheFuture(occurred_at=order.occurred_at, now=self.now)
        if getattr(order.command, "demonstration", False) and not self.simulation:
            raise OnlyInSimulations

    def _version(self, order: Order, own: Held) -> int:
        """The stream's version as its caller is told it: of what programs share, by what is the caller's there."""
        if order.expected is None or order.programs is None or own.aggregate.name not in SHARED:
            return own.version
        facts = self.workspace.log.streams([own.stream], with_patients=False).get(own.stream, [])
        if own.version != (facts[-1].version if facts else 0):
            raise VersionChanged  # by an order of the same append
        return version_told(self.workspace.log, facts, order.programs)

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
    places: Iterator[Place]

    def take(self, stream: str, aggregate: Aggregate, outcomes: Sequence[Any]) -> None:
        """Facts move the stream on; claims and releases are noted under it."""
        held = self.workspace.held(stream, aggregate)
        for outcome in outcomes:
            if isinstance(outcome, Claim | Release):
                self.decided.reservations.append((outcome, stream))
                self.workspace.claimed(outcome.kind, outcome.key, stream if isinstance(outcome, Claim) else None)
            elif not isinstance(outcome, Elsewhere):
                held.take(outcome, next(self.places))
                self.decided.names.append(FACT_OF[type(outcome)].name)
                self.decided.facts.append(
                    envelop(
                        outcome, stream, held.version, aggregate, held.state, self.act, self.seen, self.command_id,
                        self.decided.order.request,
                    )
                )


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
