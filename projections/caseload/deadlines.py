"""Until when documents are to be signed, and which sections they must have, by the payer of each patient on the day.

The caseload keeps these few terms of every policy itself, and asks for them with the patient's coverage when a list is
read. The billing read model could answer for sessions that it bills and nobody else: not for a plan of care, nor for a
session that no rule counts; and two read models that stand at different positions would answer one list. What decides
is one function for both (`aggregates.payer_policy.windows`), and coverage and terms are chosen as billing chooses them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor

from aggregates.payer_policy.windows import closed_in, signature_due_at
from projections.caseload.statements import ask

About = tuple[str, str]
"""A patient and a day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a payer wants of notes on a day, and whether nobody verified its time for a signature."""

    signature_hours: int | None
    signature_business_days: int | None
    signature_unverified: bool
    note_sections: tuple[str, ...]
    every_facilitator_signs: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a signature is in time (None: no payer sets a time), and whether that is a value nobody verified."""

    at: str | None = None
    unverified: bool = False


def earliest(found: Iterable[Deadline]) -> Deadline:
    """The earliest of several. It is verified if one payer's verified time is it; where nobody sets a time, if all of
    that is verified."""
    known = list(found)
    at = min((one.at for one in known if one.at is not None), default=None)
    marks = [one.unverified for one in known if one.at == at]
    return Deadline(at, any(marks) if at is None else all(marks))


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What the payers want, by patient and day, and the calendars of the programs."""

    wanted: dict[About, Wanted]
    zones: dict[str, str]
    closures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def due(self, program: str, people: Iterable[str], day: str, ended_at: str) -> Deadline:
        """The earliest moment at which the time of one of these patients' payers is over."""
        if program not in self.zones:
            return Deadline()
        closed, zone = closed_in(self.closures.get(program, ())), self.zones[program]
        windows = {one for patient in people if (one := self.wanted.get((patient, day))) is not None}
        return earliest(
            Deadline(signature_due_at(one, ended_at, zone, closed), one.signature_unverified) for one in windows
        )

    def sections(self, patient: str | None, day: str) -> tuple[str, ...]:
        """The sections that this patient's payer wants."""
        found = self.wanted.get((patient or "", day))
        return () if found is None else found.note_sections

    def wants_all(self, patient: str, day: str) -> bool:
        """Whether this patient's payer wants everybody who led a group to sign."""
        found = self.wanted.get((patient, day))
        return found is not None and found.every_facilitator_signs


def deadlines(cursor: Cursor[Any], programs: Iterable[str], about: Iterable[About]) -> Deadlines:
    """Looks up what decides for these patients and days in these programs."""
    asked, known = sorted(set(about)), sorted(set(programs))
    rows = ask(cursor, "wanted", patients=[one for one, _ in asked], days=[day for _, day in asked])
    wanted = {
        (row["patient_id"], str(row["day"])): Wanted(
            row["signature_hours"], row["signature_business_days"], row["signature_unverified"],
            tuple(row["note_sections"]), row["every_facilitator_signs"],
        )
        for row in rows
    }
    closures: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in ask(cursor, "closures", programs=known):
        closures[row["program_id"]].append((str(row["closed_from"]), str(row["closed_through"])))
    zones = {row["program_id"]: row["time_zone"] for row in ask(cursor, "zones", programs=known)}
    return Deadlines(wanted, zones, closures)


def attended(cursor: Cursor[Any], sessions: Iterable[str]) -> dict[str, list[str]]:
    """Who came to each of these sessions."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in ask(cursor, "attended", sessions=sorted(set(sessions))):
        found[row["session_id"]].append(row["patient_id"])
    return found
