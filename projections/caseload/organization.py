"""Programs, whose zone says which day it is, and clinicians, whose supervisors cosign."""

from __future__ import annotations

import msgspec

from aggregates.clinician.facts import ClinicianJoined, ClinicianLeft, SupervisorAssigned
from aggregates.program.facts import ProgramClosed, ProgramOpened
from iop_es.engine.readmodel.fold import Recorded, Rows, Table
from projections.caseload.fold import Hand

PROGRAM = Table("program", (
    "program_id", "code", "level_of_care", "focus", "population", "time_zone", "opened_on", "closed_on",
))
CLINICIAN = Table("clinician", ("clinician_id", "programs", "discipline", "associate", "joined_on", "left_on"))
SUPERVISOR = Table("clinician_supervisor", ("clinician_id", "supervisor_id", "effective_from"))


class Program(msgspec.Struct, omit_defaults=True, tag="program"):
    """A program as it opened, and its last day."""

    code: str | None = None
    level_of_care: str | None = None
    focus: str | None = None
    population: str | None = None
    time_zone: str | None = None
    opened_on: str | None = None
    closed_on: str | None = None
    version: int = 0


class Clinician(msgspec.Struct, omit_defaults=True, tag="clinician"):
    """A clinician; supervisors by their first day."""

    programs: tuple[str, ...] = ()
    discipline: str | None = None
    associate: bool = False
    joined_on: str | None = None
    left_on: str | None = None
    supervisors: dict[str, str] = {}
    version: int = 0


def _opened(program: Program, recorded: Recorded) -> None:
    fact: ProgramOpened = recorded.fact
    for name in ("code", "level_of_care", "focus", "population", "time_zone", "opened_on"):
        setattr(program, name, getattr(fact, name))


def _closed(program: Program, recorded: Recorded) -> None:
    fact: ProgramClosed = recorded.fact
    program.closed_on = fact.closed_on


def _joined(clinician: Clinician, recorded: Recorded) -> None:
    fact: ClinicianJoined = recorded.fact
    for name in ("programs", "discipline", "associate", "joined_on"):
        setattr(clinician, name, getattr(fact, name))


def _supervised(clinician: Clinician, recorded: Recorded) -> None:
    fact: SupervisorAssigned = recorded.fact
    clinician.supervisors[fact.effective_from] = fact.supervisor_id


def _left(clinician: Clinician, recorded: Recorded) -> None:
    fact: ClinicianLeft = recorded.fact
    clinician.left_on = fact.left_on


APPLY_PROGRAM: dict[str, Hand] = {"program.opened": _opened, "program.closed": _closed}
APPLY_CLINICIAN: dict[str, Hand] = {
    "clinician.joined": _joined,
    "clinician.supervisor_assigned": _supervised,
    "clinician.left": _left,
}


def settle_program(program_id: str, one: Program) -> Rows:
    """The program's row."""
    row = (
        program_id, one.code, one.level_of_care, one.focus, one.population, one.time_zone, one.opened_on, one.closed_on
    )
    return {"program": {(program_id,): [] if one.time_zone is None else [row]}}


def settle_clinician(clinician_id: str, one: Clinician) -> Rows:
    """The clinician's row and supervisors."""
    row = (clinician_id, list(one.programs), one.discipline, one.associate, one.joined_on, one.left_on)
    supervisors = [(clinician_id, who, day) for day, who in sorted(one.supervisors.items())]
    return {
        "clinician": {(clinician_id,): [] if one.joined_on is None else [row]},
        "clinician_supervisor": {(clinician_id,): supervisors},
    }
