"""Who is let in to what, and the entry in the access log that each question leaves, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Cursor

from aggregates.access.commands import OpenBreakGlass
from aggregates.access.state import Access, evolve
from aggregates.access.streams import access_of
from aggregates.codec import decode
from aggregates.values import instant
from api.commands.reach import referred_in, referred_to
from api.gate.asked import Glass, NotFound, NotProjectedYet, Question
from api.identity import Caller
from api.permissions import ORGANIZATION_WIDE, SYSTEM, may_order, may_see_unreferred
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.reading import Read, enter, record_read, set_scope
from projections.caseload.queries import reached

REACH = "caseload"


class Admission:
    """The door of the gate; `models` are the read models that this release ships, by name."""

    def __init__(self, log: Log, pool: Pool, models: Mapping[str, ReadModel]) -> None:
        self.log = log
        self.pool = pool
        self.models = models

    def now(self) -> str:
        """The clock, or in a simulation the time of its last fact."""
        head = self.log.head()
        return head.recorded_at if head.simulation else instant(datetime.now(UTC))

    def knows(self, question: Question, upto: int | None = None) -> bool:
        """Whether a patient is within reach by the log itself, which no read model's delay can hide or show."""
        return question.patient is None or self.reaches(question, self.log.of_patient(question.patient, upto))

    def reaches(self, question: Question, own: Sequence[StoredFact]) -> bool:
        """Whether these facts of the patient asked about, if there is one, put the patient within reach."""
        programs = referred_in(own)
        if programs or question.patient is None:
            return question.patient is None or bool(programs & question.caller.programs)
        return bool(own) and self.unreferred(question)

    def admits(self, cursor: Cursor[Any], question: Question) -> bool:
        """Sets the scope; answers whether the program or patient asked about lies within the caller's programs."""
        caller = question.caller
        programs = sorted(caller.programs)
        self.scope(cursor, question)
        if question.program is not None and question.program not in caller.programs:
            return False
        if question.patient is None and question.thing is None:
            return True
        # By the log: what the reader may not see of the read model must not pass for nobody.
        thing = question.thing if question.thing and self.log.knows_patient(question.thing) else None
        patients = {patient for patient in (question.patient, thing) if patient}
        self.enter(cursor, REACH)
        return patients == reached(
            cursor, programs=programs, patients=patients, unreferred=self.unreferred(question)
        )

    def unreferred(self, question: Question) -> bool:
        """Whether patients who were referred to no program yet are within reach of this question."""
        return may_see_unreferred(question.caller.role, question.resource)

    def scope(self, cursor: Cursor[Any], question: Question) -> None:
        """Tells the database whose rows this transaction may see."""
        caller = question.caller
        set_scope(
            cursor, programs=",".join(sorted(caller.programs)), person=caller.person, role=caller.role,
            unreferred=_switch(self.unreferred(question)),
            organization_wide=_switch(caller.role in ORGANIZATION_WIDE or caller.role == SYSTEM),
        )  # fmt: skip

    def glass(self, caller: Caller, patient: str) -> Glass | None:
        """The glass that this person broke and that still lets them see of this patient what their programs do not;
        None where there is none, it has ended, or it would show nothing more."""
        if not may_order(caller.role, OpenBreakGlass):
            return None
        state = Access()
        for fact in self.log.facts_of_streams([access_of(patient)]):
            state = evolve(state, decode(fact.topic, fact.state, None))
        opened = state.open_to(caller.person, self.now()) if state.grants else None
        more = referred_to(self.log, patient) - caller.programs if opened else None
        if opened is None or not more:
            return None
        return Glass(patient, opened.grant_id, replace(caller, programs=caller.programs | more))

    def enter(self, cursor: Cursor[Any], model: str) -> tuple[int, str]:
        """The position and the now of a read model, whose tables are named from here on. Raises NotProjectedYet."""
        entered = enter(cursor, self.log.schema, self.models[model])
        if entered is None:
            raise NotProjectedYet
        return entered

    def recorded(
        self, question: Question, patients: Iterable[str], outcome: str, known: bool | None = None
    ) -> None:
        """Records a read whose rows do not come from this transaction. Raises NotFound when it is out of reach.

        `known` says of a patient whether the log has it in reach; left out, the read model is asked.
        """
        asked = question if known is None else replace(question, patient=None)
        with transaction(self.pool) as cursor:
            near = self.admits(cursor, asked) and known is not False
            self.record(cursor, question, outcome if near else came_of(near, False), patients)
        if not near:
            raise NotFound

    def refuse(self, question: Question, outcome: str) -> None:
        """Records that a question was refused before it was asked."""
        with transaction(self.pool) as cursor:
            self.record(cursor, question, outcome, ())

    def record(self, cursor: Cursor[Any], question: Question, outcome: str, patients: Iterable[str]) -> None:
        """The entry in the access log."""
        caller = question.caller
        shown = sorted(set(patients))
        whose = shown or ([question.patient] if question.patient else [])
        read = Read(
            caller.person, caller.role, question.purpose, question.resource, whose, caller.request, len(shown), outcome,
            question.grant,
        )  # fmt: skip
        record_read(cursor, self.log.schema, read)


def came_of(reached: bool, answered: bool) -> str:
    """The outcome that the access log tells of a question."""
    if not reached:
        return "out of reach"
    return "answered" if answered else "none"


def _switch(on: bool) -> str:
    return "on" if on else "off"
