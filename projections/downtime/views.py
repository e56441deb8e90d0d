"""What stands on the downtime sheets of one program and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Seat:
    """A patient on a roster. `code` is the sheet's and the row's number, under which the paper is typed in later;
    `number` the last digits of the medical record number, for roles that may see it."""

    code: str
    patient_id: str
    enrollment_id: str
    attendance_id: str
    name: str
    number: str | None
    attention: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A group, or another service, at its time. `scheduled`: it has a session already; else its series says that it
    meets, and the session is scheduled with the first line that is typed in."""

    session_id: str
    group_id: str | None
    scheduled: bool
    service_kind: str
    level_of_care: str
    topic: str
    starts_at: str
    ends_at: str
    modality: str
    place: str | None
    facilitator_ids: tuple[str, ...]
    facilitators: tuple[str, ...]
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody may be reached, and why somebody should look. Who asked to be reached in another way has
    `instead`, and nothing else is told of them."""

    patient_id: str
    name: str
    reach: tuple[str, ...]
    instead: str | None
    guardians: tuple[str, ...]
    risks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Downtime:
    """One program's day, as known at a position and its time. `risks_known`: whether it was asked what stands open;
    `uncovered`: from when until when nobody is on call, of a program that has people on call."""

    program_id: str
    code: str
    level_of_care: str
    zone: str
    day: date
    position: int
    known_at: str
    sheets: tuple[Sheet, ...]
    contacts: tuple[Contact, ...]
    cancelled: tuple[str, ...]
    risks_known: bool = False
    uncovered: tuple[tuple[str, str], ...] = ()
