"""What the routes need, made once by the roof: the commands, the gate, the tokens, the metrics, and waiting for the
read models."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from aggregates.shredding.retention import Retention
from api.commands.order import Order, Reply
from api.documenting.group import Documenting
from api.gate import Gate, NotCaughtUp, Question
from api.identity import Caller, Tokens
from api.limits import Limits
from api.packets import Packets
from api.signing.desk import SigningDesk
from api.waiting import CAUGHT_UP_SECONDS, reached

_WAITING = ThreadPoolExecutor(16, "waiting")
"""Who waits for the read models waits in threads apart: while they lag, everybody else is answered."""


class Proving(Protocol):
    """What the log shows of itself to those who trust nobody."""

    def checkpoint(self) -> str:
        """The newest signed checkpoint. Raises NotSealedYet."""

    def proof(self, position: int) -> str:
        """That the fact at a position stands in it. Raises NotSealedYet, ProofFailed."""

    def growth(self, size: int) -> str:
        """That the newest checkpoint's log begins with the log of an earlier size. Raises NotSealedYet."""

    def receipt(self, first: int, last: int, recorded_at: str) -> str:
        """A signed receipt for facts that were just appended."""


Metrics = Callable[[str], tuple[bytes, str]]
"""What is measured, in the form that an Accept header asks for, and the name of that form."""


@dataclass(frozen=True, slots=True)
class Services:
    """The doors behind the routes; without `metrics` nothing is measured here, and there is no such address; without
    `proving` there are no receipts and no proofs, without `packets` none of those, and without `limits` anybody may ask
    as often as they like; `retention` is how long a record has to be kept."""

    handle: Callable[[Order], Awaitable[Reply]]
    gate: Gate
    tokens: Tokens
    documenting: Documenting
    metrics: Metrics | None = None
    proving: Proving | None = None
    packets: Packets | None = None
    limits: Limits | None = None
    retention: Retention = field(default_factory=Retention)

    @property
    def signing(self) -> SigningDesk:
        """The desk for signatures."""
        return self.documenting.desk

    def told(self, caller: Caller, command: str, answer: object) -> None:
        """Puts on record whom a command's answer shows, beside its effect. Raises ReadNotRecorded."""
        self.gate.told(Question(caller, command, "treatment"), answer)

    async def caught_up(self, model: str) -> int:
        """Where the log ends, once a read model has seen it to there: what is recorded because of what it says misses
        nothing that was recorded before it was asked for. Raises NotCaughtUp."""
        position = await run_in_threadpool(self.gate.head)
        if not await self.waited(position, CAUGHT_UP_SECONDS, model):
            raise NotCaughtUp
        return position

    async def waited(self, position: int, seconds: float, *models: str) -> bool:
        """`wait`, and nobody is kept from being answered by it."""
        until = time.monotonic() + seconds
        return await asyncio.get_running_loop().run_in_executor(
            _WAITING, lambda: self.wait(position, until - time.monotonic(), *models)
        )

    def wait(self, position: int, seconds: float, *models: str) -> bool:
        """Waits until every read model, or those named, has reached a position; False when the time ran out first."""
        return reached(self.gate, position, seconds, *models)
