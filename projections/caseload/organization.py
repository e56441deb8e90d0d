"""Programs, whose zone says which day it is, and clinicians, whose supervisors cosign and whose credentials last."""

from __future__ import annotations

import msgspec

from aggregates.clinician.facts import (
    ClinicianJoined,
    ClinicianLeft,
    CredentialLapsed,
    CredentialRecorded,
    SupervisorAssigned,
)
from aggregates.days import day_before
from aggregates.program.facts import ClosureDeclared, ProgramClosed, ProgramOpened
from iop_es.engine.readmodel.model import Recorded, Rows, Table
from projections.caseload.fold import Hand

PROGRAM = Table("program", (
    "program_id", "code", "level_of_care", "focus", "population", "time_zone", "opened_on", "closed_on",
))
CLOSURE = Table("program_closure", ("program_id", "closed_from", "closed_through"))
CLINICIAN = Table("clinician", (
    "clinician_id", "programs", "discipline", "associate", "joined_on", "left_on", "name_fact", "name_version",
    "sealed_name",
))
SUPERVISOR = Table("clinician_supervisor", ("clinician_id", "supervisor_id", "effective_from"))
CREDENTIAL = Table("clinician_credential", (
    "clinician_id", "credential_id", "title", "jurisdiction", "active_from", "active_through",
))
NAMED = frozenset({"clinician.joined"})


class Program(msgspec.Struct, omit_defaults=True, tag="program"):
    """A program as it opened, the days on which it is closed (first and last), and its last day."""

    code: str | None = None
    level_of_care: str | None = None
    focus: str | None = None
    population: str | None = None
    time_zone: str | None = None
    opened_on: str | None = None
    closed_on: str | None = None
    closures: list[tuple[str, str]] = []
    version: int = 0


class Credential(msgspec.Struct, omit_defaults=True):
    """A license or certification and its last active day; None: open."""

    title: str
    jurisdiction: str
    active_from: str
    active_through: str | None = None


class Clinician(msgspec.Struct, omit_defaults=True, tag="clinician"):
    """A clinician; supervisors by their first day, credentials by id; the name's bytes as the log keeps them."""

    programs: tuple[str, ...] = ()
    discipline: str | None = None
    associate: bool = False
    joined_on: str | None = None
    left_on: str | None = None
    name_fact: str | None = None
    name_version: int | None = None
    sealed_name: bytes | None = None
    supervisors: dict[str, str] = {}
    credentials: dict[str, Credential] = {}
    version: int = 0


def _opened(program: Program, recorded: Recorded) -> None:
    fact: ProgramOpened = recorded.fact
    for name in ("code", "level_of_care", "focus", "population", "time_zone", "opened_on"):
        setattr(program, name, getattr(fact, name))


def _closed(program: Program, recorded: Recorded) -> None:
    fact: ProgramClosed = recorded.fact
    program.closed_on = fact.closed_on


def _closure(program: Program, recorded: Recorded) -> None:
    fact: ClosureDeclared = recorded.fact
    program.closures = [*program.closures, (fact.closed_from, fact.closed_through)]


def _joined(clinician: Clinician, recorded: Recorded) -> None:
    fact: ClinicianJoined = recorded.fact
    for name in ("programs", "discipline", "associate", "joined_on"):
        setattr(clinician, name, getattr(fact, name))
    clinician.name_fact, clinician.name_version = recorded.name, recorded.version
    clinician.sealed_name = recorded.sealed


def _supervised(clinician: Clinician, recorded: Recorded) -> None:
    fact: SupervisorAssigned = recorded.fact
    clinician.supervisors[fact.effective_from] = fact.supervisor_id


def _credentialed(clinician: Clinician, recorded: Recorded) -> None:
    fact: CredentialRecorded = recorded.fact
    clinician.credentials[fact.credential_id] = Credential(
        fact.title, fact.jurisdiction, fact.active_from, fact.active_through
    )


def _lapsed(clinician: Clinician, recorded: Recorded) -> None:
    fact: CredentialLapsed = recorded.fact
    if fact.credential_id in clinician.credentials:
        clinician.credentials[fact.credential_id].active_through = day_before(fact.lapsed_on)


def _left(clinician: Clinician, recorded: Recorded) -> None:
    fact: ClinicianLeft = recorded.fact
    clinician.left_on = fact.left_on


APPLY_PROGRAM: dict[str, Hand] = {
    "program.opened": _opened, "program.closure_declared": _closure, "program.closed": _closed,
}  # fmt: skip
APPLY_CLINICIAN: dict[str, Hand] = {
    "clinician.joined": _joined,
    "clinician.credential_recorded": _credentialed,
    "clinician.credential_lapsed": _lapsed,
    "clinician.supervisor_assigned": _supervised,
    "clinician.left": _left,
}


def settle_program(program_id: str, one: Program) -> Rows:
    """The program's row, and one for each closure."""
    row = (
        program_id, one.code, one.level_of_care, one.focus, one.population, one.time_zone, one.opened_on, one.closed_on
    )
    return {
        "program": {(program_id,): [] if one.time_zone is None else [row]},
        "program_closure": {(program_id,): [(program_id, *days) for days in one.closures]},
    }


def settle_clinician(clinician_id: str, one: Clinician) -> Rows:
    """The clinician's row, supervisors and credentials."""
    row = (
        clinician_id, list(one.programs), one.discipline, one.associate, one.joined_on, one.left_on, one.name_fact,
        one.name_version, one.sealed_name,
    )
    credentials = [
        (clinician_id, credential_id, had.title, had.jurisdiction, had.active_from, had.active_through)
        for credential_id, had in one.credentials.items()
    ]
    supervisors = [(clinician_id, who, day) for day, who in sorted(one.supervisors.items())]
    return {
        "clinician": {(clinician_id,): [] if one.joined_on is None else [row]},
        "clinician_supervisor": {(clinician_id,): supervisors},
        "clinician_credential": {(clinician_id,): credentials},
    }
