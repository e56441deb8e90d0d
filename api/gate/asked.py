"""What is asked of the gate, what it answers, and why it may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from psycopg import Cursor

from api.identity import Caller
from iop_es.engine.readmodel.reading import ModelStanding

T = TypeVar("T")
BREAK_GLASS = "break_glass"
"""The purpose of what is read through a broken glass."""
NOBODY = "00000000-0000-0000-0000-000000000000"
"""The id of no patient."""


class NotProjectedYet(Exception):
    """This release's version of the read model is not built yet: run `iop-es rebuild`, then ask again."""


class NotCaughtUp(NotProjectedYet):
    """The read model has not seen all that is recorded, and what follows from it is recorded for good: ask again in a
    moment, or look whether `iop-es project` runs."""


class NotFound(Exception):
    """Nothing is recorded under this id in your programs."""


class NotYetKnown(Exception):
    """That moment has not come: ask as of a position that the log has reached, or of a time that is past."""


class RecordDamaged(Exception):
    """What this record says of itself can no longer be read: have it restored from a copy of the log."""


class RecordParked(Exception):
    """This record cannot be followed up to that moment, because one of its facts cannot be read: `iop-es parked` says
    which. Ask as of an earlier moment, or have the cause mended."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A query's result, the position of the log that it reflects, and the time that counted as now."""

    result: T
    position: int
    now: str


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, and why; it becomes the entry in the access log.

    A question about one program or one patient names it: it is answered only within the caller's programs. `thing` may
    be a patient's id or anybody's: if it is a patient's, the same holds for it. `grant` is the broken glass through
    which it is asked, if it is.
    """

    caller: Caller
    resource: str
    purpose: str = "operations"
    program: str | None = None
    patient: str | None = None
    thing: str | None = None
    grant: str | None = None

    def through(self, glass: Glass) -> Question:
        """The same asked through a broken glass."""
        return replace(self, caller=glass.caller, purpose=BREAK_GLASS, grant=glass.grant)


@dataclass(frozen=True, slots=True)
class Glass:
    """A broken glass: the patient, the grant, and the caller with the patient's programs beside their own."""

    patient: str
    grant: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Beside:
    """Which other streams tell about a thing, such as the documents of a session: those that `rows(cursor, thing)`
    answers, and of what is not projected yet those that begin with a fact of this `name` whose `field` is the thing."""

    rows: Callable[[Cursor[Any], str], Sequence[str]]
    name: str
    field: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the store stands; `sealed` is how far the log is sealed, `refusal` why it takes no facts, if it takes none,
    `unreviewed` how many glasses were broken that nobody has judged yet, `missing` are the read models of this release
    that are not built."""

    head: int
    recorded_at: str
    simulation: bool
    now: str
    sealed: int
    refusal: str | None
    unreviewed: int
    read_models: dict[str, ModelStanding]
    missing: list[str]
