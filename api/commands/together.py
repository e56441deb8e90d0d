"""Orders that come at the same moment are decided and appended together: one look at the log, one lock, one fsync.

Why not a savepoint for each: decided one after the other over one view of the log, orders on one stream follow each
other instead of losing races, and what they look at is read in three queries for all.

What it brings, against each order alone and against the library, is told in `benchmarks/README.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.commands.handle import Commands
from api.commands.order import Answer, Order, Reply
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.grouping import Grouping

ATTEMPTS = 2
"""How often a group is decided together; when it has lost so many races, each of its orders goes on alone."""


class Together:
    """Takes one order from each of many tasks and gives each its own reply or refusal."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._grouping: Grouping[Order, Reply] = Grouping(self.handle_all)
        self._simulation: bool | None = None

    async def handle(self, order: Order) -> Reply:
        """The reply to one order; raises its refusal or the store's error."""
        return await self._grouping.ask(order)

    def handle_all(self, orders: Sequence[Order]) -> list[Answer]:
        """One answer for each order, whatever becomes of the others. Raises StoreUnavailable when the store is
        away before anyone was answered.

        An order goes alone when its key stands in the group already, when something that is no refusal ends the group's
        work, and in a simulation, where each command has a second of its own.
        """
        if self._simulation is None:
            self._simulation = self._commands.simulation()
        first = {order.key: number for number, order in reversed(list(enumerate(orders)))}
        company = [] if self._simulation else sorted(first.values())
        answers = dict(zip(company, self._group([orders[number] for number in company]), strict=False))
        return self._with_those_alone(orders, answers)

    def _group(self, orders: Sequence[Order]) -> list[Answer]:
        """The answers, or none when each must go alone: the log has forgotten nothing that was saved on the way."""
        try:
            return self._commands.handle_all(orders, attempts=ATTEMPTS) if orders else []
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - it belongs to one of them, who meets it again when alone
            return []

    def _with_those_alone(self, orders: Sequence[Order], answers: dict[int, Answer]) -> list[Answer]:
        """The answers in order, each order without one being asked alone; once the store is away, nobody waits for it
        again."""
        away: Answer | None = None
        for number, order in enumerate(orders):
            if number not in answers:
                answers[number] = away or self._alone(order)
                if isinstance(answers[number], StoreUnavailable):
                    away = answers[number]
        return [answers[number] for number in range(len(orders))]

    def _alone(self, order: Order) -> Answer:
        try:
            return self._commands.handle(order)
        except Exception as error:  # noqa: BLE001 - it is this order's own answer
            return error
