"""The desk: collects what people order in one moment and sends it as one append, and what they sign as another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from aggregates.kit import COMMAND_NAME
from aggregates.values import Role
from api.commands.handle import Commands
from api.commands.order import Answer, Order
from api.documenting.group import Documenting
from api.documenting.storing import Part, store
from api.signing.proof import Proof


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here: id and role of their token, and a name for the report."""

    id: str
    role: Role
    name: str


class DemoRefused(Exception):
    """The simulation asked for something that a rule refuses: the simulation is wrong, not the rule."""


AUTHENTICATED = ("pwd", "otp")
SESSION = "demo"
"""The working session of everybody here."""
SECONDS = 20.0
"""How long before the signature everybody proved who they are."""


@dataclass(slots=True)
class Desk:
    """Orders of the present moment; ids and chances come from one seeded source."""

    documenting: Documenting
    chance: Random
    now: str = ""
    sent: int = 0
    _orders: list[Order] = field(default_factory=list)
    _signatures: dict[str, list[Order]] = field(default_factory=dict)

    @property
    def commands(self) -> Commands:
        """The door for commands."""
        return self.documenting.commands

    def new_id(self) -> str:
        """A UUID of version 4 from the seeded source."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def order(self, person: Person, command: Any, reason: str | None = None, occurred_at: str | None = None) -> None:
        """Puts a command on the desk; `occurred_at` is left out when it is true now."""
        self._orders.append(self._order(person, command, reason, occurred_at))

    def sign(self, person: Person, command: Any) -> None:
        """Puts a signature on the desk: it is shown, proved and made after all that is ordered now."""
        self._signatures.setdefault(person.id, []).append(self._order(person, command))

    def document(self, person: Person, session_id: str, narrative: Part, parts: Sequence[Part]) -> None:
        """Stores a group's documentation at once, after all that is ordered now; it is signed with what else is."""
        self._send_orders()
        commands = self.commands.remembering()
        drafts = store(commands, self._order(person, None), session_id, narrative, parts, self.now)
        self._settled([(f"document {one.note_id}", one.answer) for one in drafts.each])

    def send(self) -> int:
        """Sends everything on the desk, recorded at this moment; answers the position reached (0: nothing to send)."""
        position = self._send_orders()
        signatures, self._signatures = self._signatures, {}
        for own in signatures.values():
            position = max(position, self._sign(own))
        return position

    def _send_orders(self) -> int:
        orders, self._orders = self._orders, []
        names = [COMMAND_NAME[type(order.command)] for order in orders]
        return self._settled(zip(names, self.commands.handle_all(orders, self.now), strict=True)) if orders else 0

    def _sign(self, orders: Sequence[Order]) -> int:
        """One person's signatures, as the API makes them: shown with a challenge, which a proof answers."""
        signing = self.documenting.desk
        shown = signing.show(orders, SESSION)
        names = [COMMAND_NAME[type(order.command)] for order in orders]
        for name, one in zip(names, shown.signings, strict=True):
            if isinstance(one, Exception):
                raise DemoRefused(f"{name} at {self.now}: {one}") from one
        proof = Proof(orders[0].by, shown.challenge or "", AUTHENTICATED, SECONDS)
        answers = signing.sign(orders, proof, SESSION, self.now)
        return self._settled(zip(names, answers, strict=True))

    def _settled(self, answers: Iterable[tuple[str, Answer]]) -> int:
        """The position that the answers reach. Raises DemoRefused."""
        position = 0
        for name, answer in answers:
            if isinstance(answer, Exception):
                raise DemoRefused(f"{name} at {self.now}: {answer}") from answer
            position = max(position, answer.position)
        return position

    def _order(
        self, person: Person, command: Any, reason: str | None = None, occurred_at: str | None = None
    ) -> Order:
        self.sent += 1
        key = f"demo:{self.sent}"
        return Order(
            command=command, by=person.id, role=person.role, programs=None, key=key,
            digest=sha256(key.encode()).digest(), occurred_at=occurred_at, reason=reason, request="demo",
        )
