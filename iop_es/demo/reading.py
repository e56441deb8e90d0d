"""The report's questions to the read models: the operator asks about every program, through the gate like anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aggregates.codec import decode
from aggregates.program.facts import ProgramOpened
from iop_es.cli.operator import asked_here
from iop_es.wiring import House
from projections.billing import queries as billing
from projections.billing.views import DayView

T = TypeVar("T")
EVERYTHING = 1_000_000
"""A page as long as any answer: a demonstration is small, and a report needs all of it."""


class Reading:
    """Asks, and knows the labels of programs and payers, which the read models keep by id only."""

    def __init__(self, house: House) -> None:
        self.house = house
        opened = house.log.by_topics(["program.opened"])
        published = house.log.by_topics(["payer_policy.published"])
        self.programs: dict[str, ProgramOpened] = {one.stream: decode(one.topic, one.state) for one in opened}
        policies = [decode(one.topic, one.state) for one in published]
        self.payers: dict[str, str] = {policy.payer_id: policy.payer_name for policy in policies}
        self.payer_of_code: dict[str, str] = {policy.code: policy.payer_id for policy in policies}
        self._days: list[DayView] | None = None

    def ask(self, model: str, query: Callable[..., T], **narrowed: Any) -> T:
        """What a read model's query answers about every program; `narrowed` are its other parameters.

        Raises NotProjectedYet.
        """
        asked, programs = asked_here(self.house, f"demo/{model}", "system")
        narrowed = {"programs": programs} | narrowed
        answer = self.house.gate.read(asked, model, lambda cursor, now: query(cursor, now=now, **narrowed))
        return answer.result

    def days(self) -> list[DayView]:
        """Every decided day, asked for once."""
        if self._days is None:
            self._days = self.ask("billing", billing.days, limit=EVERYTHING)
        return self._days
