"""Makes a history: the seeded clinic's three weeks, an afternoon on which everything else happens that can, and the
days by hand that show every reason of billing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from pydantic import TypeAdapter

from aggregates.codec import decode
from aggregates.kit import COMMANDS
from aggregates.values import Role, instant, moment
from iop_es import serving
from iop_es.demo import clinic
from iop_es.demo.desk import Desk, Person
from iop_es.engine.stored import StoredFact
from iop_es.wiring import House
from tests.aggregates.scenario import an_id
from tests.projections.reference import afterwards, byhand

SEED, WEEKS, PATIENTS = 7, 3, 4


def make(house: House) -> list[StoredFact]:
    """Simulates in an empty simulation; every fact that came of it."""
    clinic.simulate(house, SEED, WEEKS, PATIENTS, lambda _day, _facts: None)
    afternoon = Afternoon(house)
    afterwards.happen(afternoon)
    byhand.come_over(house.log)
    return house.log.after(0, 1_000_000, with_sealed=True)


class Afternoon:
    """What an order needs to know of the clinic, from its log; each order is recorded a minute after the last."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._desk = Desk(serving.documenting(house), Random(SEED))
        self._now = house.log.head().recorded_at
        self.today = self._now[:10]

    def order(self, name: str, role: Role, by: str | None = None, **data: Any) -> None:
        """Has somebody of this role order a command by its name. Raises DemoRefused if a rule refuses it."""
        self._now = instant(moment(self._now) + timedelta(minutes=1))
        command = TypeAdapter(COMMANDS[name]).validate_json(json.dumps(data))
        self._desk.sent, self._desk.now = 10**6 + self._house.log.head().position, self._now
        self._desk.order(Person(by or an_id(role), role, role), command)
        self._desk.send()

    @property
    def now(self) -> str:
        """The last moment at which something was recorded."""
        return self._now

    def all(self, name: str, where: Callable[[Any], bool] = lambda _fact: True) -> list[tuple[str, Any]]:
        """Stream and fact of everything under a name, latest first."""
        found = [(one.stream, decode(one.topic, one.state)) for one in self._house.log.by_topics([name])]
        return [one for one in reversed(found) if where(one[1])]

    def one(self, name: str, where: Callable[[Any], bool] = lambda _fact: True) -> tuple[str, Any]:
        """The latest of them."""
        return self.all(name, where)[0]

    def untouched(self, name: str, *after: str) -> list[tuple[str, Any]]:
        """Those whose stream has none of the other facts yet."""
        touched = {stream for other in after for stream, _ in self.all(other)}
        return [one for one in self.all(name) if one[0] not in touched]
