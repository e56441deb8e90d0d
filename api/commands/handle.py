"""`Commands.handle`: the one way from a command to facts.

Several orders may share one append (one moment of the demo, a chunk of a file, a roster): each is decided after the
ones before it and answered on its own; a refused one leaves the others alone. A race that is lost is decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import randbelow
from time import perf_counter, sleep
from typing import Any

import structlog

from aggregates.kit import Seen, Stream
from aggregates.registry import AGGREGATES
from aggregates.values import instant, moment
from api.commands.attempt import Attempt, Decided, Weighed
from api.commands.order import (
    Answer,
    NotRecorded,
    Order,
    Reply,
    VersionChanged,
)
from api.commands.workspace import Workspace
from iop_es.engine.errors import KeysSeen, ReservationTaken, StaleVersion
from iop_es.engine.failpoints import reach
from iop_es.engine.log import Appended, Head, Log

ATTEMPTS = 24
PAUSE_SECONDS = 0.002

GLASS = "access.break_glass_opened"

logger = structlog.get_logger()


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
        self, orders: Sequence[Order], recorded_at: str | None = None, attempts: int = ATTEMPTS, whole: bool = False,
        weighed: Sequence[Weighed] = (),
    ) -> list[Answer]:  # fmt: skip
        """Decides orders one after the other and appends them together; one answer each, in order.

        `recorded_at` is the simulated clock. Errors of the store itself are raised; refusals are answers. With `whole`
        one refusal leaves everything unrecorded, and the others are answered NotRecorded. `weighed` is what this door
        found that they come to: they are decided anew only where others were quicker.
        Raises VersionChanged when others keep winning the race for the same stream.
        """
        head, replies = self._log.standing({order.key: order.digest for order in orders})
        answers = self._first_answers(orders, replies)
        for losses in range(attempts):
            if losses:
                sleep(randbelow(losses + 1) * PAUSE_SECONDS)  # of many at one stream, not all should try at once
                head = self._log.head()
            now = recorded_at or _clock(head)
            attempt = Attempt(self._kept or Workspace(self._log), now, head.simulation, head.position)
            attempt.decide(orders, answers, () if losses else weighed)
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

    def weigh(
        self, orders: Sequence[Order], now: str | None = None, upto: int | None = None
    ) -> list[Weighed | Exception]:
        """What each order would come to if it were decided now, each by itself; nothing is recorded. With `upto`: had
        the streams that it looks at not gone on after that position."""
        workspace = self._kept or Workspace(self._log) if upto is None else Workspace(self._log, upto)
        attempt = Attempt(workspace, now or self.now(), self.simulation())
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

    def holders(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """The streams that hold these keys, by key."""
        workspace = self._kept or Workspace(self._log)
        workspace.fetch_holders((kind, key) for key in keys)
        return {key: held for key in keys if (held := workspace.known_holder(kind, key)) is not None}

    def look(self, consulted: Mapping[str, Stream]) -> dict[str, Seen]:
        """These streams as a decision would see them."""
        return (self._kept or Workspace(self._log)).look(consulted)

    def position(self) -> int:
        """How far the log has come."""
        return self._log.head().position

    def simulation(self) -> bool:
        """Whether the log keeps a simulated clock."""
        return self._log.simulation()

    def now(self) -> str:
        """The time at which a command is recorded: the clock, or in a simulation one second after the log's head."""
        return _clock(self._log.head()) if self.simulation() else instant(datetime.now(UTC))

    def _append(self, attempt: Attempt, recorded_at: str | None) -> dict[int, Answer]:
        writing = {number: one for number, one in attempt.decided.items() if one.facts or one.order.kept}
        answers: dict[int, Answer] = dict(attempt.refused)
        if writing:
            started = perf_counter()
            reach("order_decided")
            appended = self._log.append(attempt.as_append(list(writing.values()), recorded_at))
            if appended[0].replayed and len(writing) < len(attempt.decided) + len(attempt.refused):
                # All was saved before and nothing now; the rest was decided as if it came after facts decided anew.
                raise KeysSeen({one.order.key: reply for one, reply in zip(writing.values(), appended, strict=True)})
            _tell(list(writing.values()), appended, started)
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


def _clock(head: Head) -> str:
    return instant(moment(head.recorded_at) + timedelta(seconds=1) if head.simulation else datetime.now(UTC))


def _tell(decided: Sequence[Decided], appended: Sequence[Appended], started: float) -> None:
    """The one log line of an append, and one for each glass that it broke; what had been recorded before was told
    then."""
    for one, reply in zip(decided, appended, strict=True):
        if not reply.replayed and GLASS in one.names:
            logger.warning("glass_broken", grant=one.order.command.grant_id)
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
