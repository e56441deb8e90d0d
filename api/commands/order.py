"""An ordered command with everything that is said about it, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from aggregates.canonical import canonical
from aggregates.kit import Refusal
from aggregates.values import PersonId, Role

TELLING = (
    "ended_at", "left_at", "arrived_at", "started_at", "administered_at", "assessed_at", "made_at", "contacted_at",
    "revoked_at",
)  # fmt: skip
"""Fields in which a command tells when the thing happened."""


@dataclass(frozen=True, slots=True)
class Order:
    """One command and its envelope.

    `occurred_at` is when it was true, if that was before the command itself says it happened. `programs` None means
    every program (the operator's own tools); else the ones that the caller's token names. `expected` is the stream's
    version that the caller saw, if it must not have changed. `key` makes the order idempotent; `digest` is what must be
    the same when the key comes again. `kept` keys are remembered even when there was nothing to record, so that a late
    repetition does nothing either. `salt` is 64 hexadecimal digits where what is committed to was shown before, else
    one is drawn.
    """

    command: Any
    by: PersonId
    role: Role
    programs: frozenset[str] | None
    key: str
    digest: bytes
    occurred_at: str | None = None
    on_behalf_of: PersonId | None = None
    reason: str | None = None
    request: str | None = None
    expected: int | None = None
    kept: bool = False
    salt: str | None = None

    def true_at(self, now: str) -> str:
        """When it was true: as the command itself tells it, or earlier where that is said beside it, else now. Nobody
        makes what is late look timely by saying so."""
        told = next((at for name in TELLING if (at := getattr(self.command, name, None)) is not None), now)
        own = min(told, now)
        if self.occurred_at is None or own < self.occurred_at <= now:  # what lies ahead is refused, not put right
            return own
        return self.occurred_at


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an order: its stream and version, the log's position that holds it, and the facts' names.

    Nothing new (`facts` empty) still has the position and version as they stood.
    """

    stream: str
    version: int
    position: int
    recorded_at: str
    facts: tuple[str, ...]
    replayed: bool = False


Answer = Reply | Exception


class NotPermitted(Exception):
    """This role may not do that; ask a person whose role may, or the privacy officer for another role."""


class OutOfReach(Refusal):
    """No {what} is recorded under this id in your programs."""


class NotRecorded(Refusal):
    """It was to be recorded with others or not at all, and one of those was refused."""


class IdTaken(Refusal):
    """This id already names another kind of thing; leave it out, and a random one is made."""


class OnlyInSimulations(Refusal):
    """Terms that nobody verified may be billed only in a simulation; have the policy verified, or leave this out."""


class InTheFuture(Refusal):
    """What happens at {occurred_at} cannot be recorded at {now}: give the time at which it was true."""


class VersionChanged(Exception):
    """Someone else recorded something here since you looked: read it again, then decide again."""


def digest_of(name: str, data: object) -> bytes:
    """SHA-256 over the command's name and the RFC 8785 bytes of its data as the caller gave it."""
    return sha256(name.encode() + b"\n" + canonical(data)).digest()
