"""Where and who: the clinic's programs, groups, staff, payers and patients, shared by everything that happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal
from uuid import UUID

from aggregates.claim.commands import PrepareClaim
from aggregates.values import CareFocus, ServiceKind
from iop_es.demo.agenda import Agenda
from iop_es.demo.desk import Desk, Person
from iop_es.demo.people import Guest
from iop_es.remittance.reading import RemittedClaim

FIRST_DAY = date(2026, 1, 5)
SEATS = 12
CLOSED_ON = date(2026, 2, 16)


@dataclass(frozen=True, slots=True)
class Setting:
    """How one program runs: its days, its three hours, its payers, who leads which hour, and who is seen alone when."""

    code: str
    name: str
    focus: CareFocus
    population: Literal["adult", "adolescent"]
    weekdays: tuple[int, ...]
    hours: tuple[str, ...]
    topics: tuple[str, ...]
    kinds: tuple[ServiceKind, ...]
    leaders: tuple[str, ...]
    alone_from: int
    payers: tuple[str, ...]
    diagnosis: str


SETTINGS = (
    Setting(
        "adult-mental-health", "Adult Mental Health IOP", "mental_health", "adult", (1, 2, 3, 4),
        ("09:00", "10:15", "11:30"), ("coping-skills", "process", "relapse-prevention"),
        ("group", "group", "education"), ("hale", "osei", "tran"), 13, ("commercial_mental_health", "medicare"),
        "F33.1",
    ),
    Setting(
        "substance-use", "Substance Use IOP", "substance_use", "adult", (1, 2, 3, 4),
        ("17:30", "18:45", "20:00"), ("early-recovery", "process", "family-education"), ("group", "group", "education"),
        ("reyes", "novak", "reyes"), 13, ("commercial_substance_use", "medicaid_north_carolina"), "F10.20",
    ),
    Setting(
        "adolescent", "Adolescent IOP", "mental_health", "adolescent", (1, 2, 4),
        ("15:30", "16:45", "18:00"), ("dialectical-skills", "process", "activity"), ("group", "group", "activity"),
        ("lind", "amari", "lind"), 12, ("commercial_mental_health", "medicaid_north_carolina"), "F41.1",
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A program as it was opened: its setting and the ids of the program and of its three groups."""

    setting: Setting
    program_id: str
    groups: tuple[str, ...]


@dataclass(slots=True)
class Session:
    """A planned session and who is expected: attendance ids by patient; `beside` leads it with its leader."""

    session_id: str
    place: Place
    hour: int
    day: date
    leader: str
    expected: dict[str, str]
    present: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    beside: str | None = None

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who leads it, the author of what all share first."""
        return (self.leader,) if self.beside is None else (self.leader, self.beside)


@dataclass(slots=True)
class Bill:
    """A claim that left, under which control number, and what its payer said of it last."""

    claim: PrepareClaim
    control: str
    answer: RemittedClaim | None = None

    @property
    def paid_cents(self) -> int:
        """What the payer paid; nothing, as long as there is no answer."""
        return self.answer.paid if self.answer else 0


@dataclass(slots=True)
class World:
    """Everything the simulation knows. `pen` is chance of its own for the words of notes, so that they move nothing
    else; so are `second`, for the second payer, `care`, for what is done about alerts, `letters`, for disputes, and
    `evaluations`, for those by the psychiatrist.
    """

    desk: Desk
    agenda: Agenda
    chance: Random
    weeks: int
    pen: Random
    staff: dict[str, Person] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    supervised_by: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    payers: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    absences: dict[tuple[str, date], bool] = field(default_factory=dict)
    sessions: dict[tuple[str, date, int], Session] = field(default_factory=dict)
    alone: set[tuple[str, date]] = field(default_factory=set)
    bills: dict[str, Bill] = field(default_factory=dict)
    second: Random = field(default_factory=lambda: Random(2))  # noqa: S311 - repeatable, and nobody else's chances
    care: Random = field(default_factory=lambda: Random(3))  # noqa: S311 - the same
    letters: Random = field(default_factory=lambda: Random(4))  # noqa: S311 - the same
    evaluations: Random = field(default_factory=lambda: Random(5))  # noqa: S311 - the same
    done: set[str] = field(default_factory=set)

    def once(self, what: str, ready: bool = True) -> bool:
        """True the first time that a planned incident's moment has come."""
        if not ready or what in self.done:
            return False
        self.done.add(what)
        return True

    def second_id(self) -> str:
        """A UUID from the source that is the second payer's alone."""
        return str(UUID(int=self.second.getrandbits(128), version=4))

    def letter_id(self) -> str:
        """A UUID from the source of letters and disputes."""
        return str(UUID(int=self.letters.getrandbits(128), version=4))

    def week(self, day: date) -> int:
        """The simulation's week of a day, from 1 on."""
        return (day - FIRST_DAY).days // 7 + 1

    def payer_named(self, payer_id: str) -> str:
        """The name of a payer's policy file."""
        return next(name for name, payer in self.payers.items() if payer == payer_id)

    def pen_id(self) -> str:
        """A UUID of version 4 from the pen's chance."""
        return str(UUID(int=self.pen.getrandbits(128), version=4))

    def likely(self, share: float) -> bool:
        """True for this share of the times."""
        return self.chance.random() < share
