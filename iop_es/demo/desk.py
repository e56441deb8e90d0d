"""The desk: collects what people order in one moment and sends it as one append."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from aggregates.kit import COMMAND_NAME
from aggregates.values import Role
from api.commands.handle import Commands
from api.commands.order import Order


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here: id and role of their token, and a name for the report."""

    id: str
    role: Role
    name: str


class DemoRefused(Exception):
    """The simulation asked for something that a rule refuses: the simulation is wrong, not the rule."""


@dataclass(slots=True)
class Desk:
    """Orders of the present moment; ids and chances come from one seeded source."""

    commands: Commands
    chance: Random
    now: str = ""
    sent: int = 0
    _orders: list[Order] = field(default_factory=list)

    def new_id(self) -> str:
        """A UUID of version 4 from the seeded source."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def order(self, person: Person, command: Any, reason: str | None = None, occurred_at: str | None = None) -> None:
        """Puts a command on the desk; `occurred_at` is left out when it is true now."""
        self.sent += 1
        key = f"demo:{self.sent}"
        self._orders.append(
            Order(
                command=command, by=person.id, role=person.role, programs=None, key=key,
                digest=sha256(key.encode()).digest(), occurred_at=occurred_at, reason=reason, request="demo",
            )
        )

    def send(self) -> int:
        """Sends everything on the desk, recorded at this moment; answers the position reached (0: nothing to send)."""
        orders, self._orders = self._orders, []
        position = 0
        if orders:
            for order, answer in zip(orders, self.commands.handle_all(orders, self.now), strict=True):
                if isinstance(answer, Exception):
                    raise DemoRefused(f"{COMMAND_NAME[type(order.command)]} at {self.now}: {answer}") from answer
                position = max(position, answer.position)
        return position
