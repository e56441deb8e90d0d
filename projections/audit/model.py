"""The audit trail as a read model: rows that a fact makes by itself, and no documents at all.

Most facts do not carry their program. So each entry names the thing that tells it: the program itself where the fact
carries it, what the fact is about in a stream that programs share (`things`), else its own stream, of which the first
fact tells. `thing_program` is written once a thing and joined by the queries: nothing has to be remembered between
facts.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from iop_es.engine.readmodel.model import Grain, Recorded, Rows, Table, Unshared
from projections.audit.done import delay_seconds, done_on
from projections.audit.reach import REACH
from projections.audit.things import program_of, thing_of, told_by
from projections.audit.words import WORDS, kind, sentence

ENTRY = Table("entry", (
    "position", "recorded_at", "occurred_at", "delay_seconds", "actor", "role", "on_behalf_of", "name", "kind", "words",
    "reason", "request", "command_id", "stream", "version", "done_on", "thing",
))
ENTRY_PATIENT = Table("entry_patient", ("position", "patient_id"))
THING_PROGRAM = Table("thing_program", ("thing", "program_id"))


class Context(msgspec.Struct, gc=False):
    """What of a fact's context the trail shows."""

    occurred_at: str = ""
    actor: str = ""
    role: str = "system"
    on_behalf_of: str | None = None
    request: str | None = None
    command_id: str | None = None
    reason: str | None = None


class Nothing(msgspec.Struct):
    """No document and no reference is kept."""


_context = msgspec.json.Decoder(Context).decode


class Audit(Unshared):
    """The read model; see the package."""

    name = "audit"
    version = 4
    ddl = (files("projections.audit") / "schema.sql").read_text(encoding="utf-8")
    reach = REACH
    grain: Grain = "fact"
    tables = (ENTRY, ENTRY_PATIENT, THING_PROGRAM)
    handles = frozenset(WORDS)
    makes = handles
    references: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    context = True
    document = Nothing
    reference = Nothing

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        """None: every row comes from its fact alone."""
        return ()

    def apply(self, key: str, document: Any, recorded: Recorded) -> None:
        """Never called, because no fact has a key."""

    def parked(self, key: str, document: Any, position: int) -> Rows:
        """An entry that is there stays."""
        return {}

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        """Nothing is decided."""
        return {}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        """The entry of a fact, its patients, and the program of what it is the first to tell of."""
        position, program = recorded.position, program_of(recorded)
        rows.setdefault("entry", {})[position,] = [_entry(recorded, program)]
        if recorded.patients:
            about = [(position, patient) for patient in sorted(recorded.patients)]
            rows.setdefault("entry_patient", {})[position,] = about
        if program is not None:
            for thing in told_by(recorded):
                rows.setdefault("thing_program", {})[thing,] = [(thing, program)]


def _entry(recorded: Recorded, program: str | None) -> tuple[Any, ...]:
    context, recorded_at = _context(recorded.context), recorded.recorded_at
    name, fact = recorded.name, recorded.fact
    on = done_on(fact)
    return (
        recorded.position, recorded_at, context.occurred_at, delay_seconds(context.occurred_at, recorded_at, on),
        context.actor, context.role, context.on_behalf_of,
        name, kind(name, fact), sentence(name, fact), context.reason, context.request, context.command_id,
        recorded.stream, recorded.version, on, thing_of(recorded, program),
    )


MODEL = Audit()
