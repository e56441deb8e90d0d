"""Whether somebody of the house works in a director's programs, so that the director may say whether they come in.

A token names programs and no record of it is kept, so only what is recorded can tell: that the person did something in
one of these programs, or is a clinician of one whom somebody else had join (or a director could have anybody join
first). What others did on the person's behalf is not theirs. Whoever has done nothing here yet, or works elsewhere, is
out of a director's reach, and told like one whom nobody knows; a privacy officer's reach is the house.
"""

from __future__ import annotations

from aggregates.access.commands import AboutPerson
from aggregates.kit import COMMAND_NAME
from aggregates.values import PersonId
from api.access import ORDERS
from api.commands.handle import Commands
from api.commands.order import OutOfReach
from api.commands.reach import programs_of
from api.gate import Gate, Question
from api.identity import Caller
from iop_es.engine.log import Log
from projections.audit.queries import acted

BOUNDED = frozenset({"director"})
"""Who may do this only in their programs."""


def must_work_here(command: AboutPerson, caller: Caller, gate: Gate, commands: Commands, log: Log) -> None:
    """Asked before a person's access is revoked or given back, on record as a question. Raises OutOfReach."""
    if caller.role not in BOUNDED:
        return
    name = COMMAND_NAME[type(command)]
    asked, programs = Question(caller, name, ORDERS[name].purpose), sorted(caller.programs)
    here = gate.read(
        asked, "audit", lambda cursor, now: acted(cursor, programs=programs, now=now, actor=command.person_id)
    ).result
    if not here and not _joined(command.person_id, caller, commands, log):
        raise OutOfReach(what="person")


def _joined(person: PersonId, caller: Caller, commands: Commands, log: Log) -> bool:
    facts = log.facts_of_streams([person])
    if not facts or facts[0].name != "clinician.joined" or facts[0].actor == caller.person:
        return False
    return bool(programs_of(commands.states("clinician", [person])[person]) & caller.programs)
