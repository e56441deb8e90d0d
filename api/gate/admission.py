"""Who is let in to what, and the entry in the access log that each question leaves, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Cursor

from aggregates.access.commands import OpenBreakGlass
from aggregates.values import instant
from api.access import (
    ORGANIZATION_WIDE,
    SYSTEM,
    TREATING,
    may_order,
    may_see_unreferred,
    needs_relationship,
)
from api.access.relationships import (
    Asking,
    broken,
    open_documents,
    treats,
    treats_somebody_of,
)
from api.commands.reach import REFERRED, referred_in, referred_to
from api.gate.asked import Glass, NotFound, NotProjectedYet, Question
from api.identity import Caller
from iop_es.engine.connections import Pool, single, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.reading import Read, enter, record_read, set_scope
from projections.caseload.queries import reached, shown

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
        if question.patient is None:
            return True
        programs = "program_id", question.caller.programs
        told = self.log.told_of_patient(question.patient, REFERRED, programs, upto)
        return told.said or (told.known and not told.named and self.unreferred(question))

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

    def shows(self, cursor: Cursor[Any], question: Question) -> bool:
        """Whether the database, too, shows this reader the program or the patient of what the log answers.

        The log's own tables hold no program's rows and are read in another role, so that nothing but the checks here
        would stand before a document. A table under row-level security is asked in their place, and one that can always
        tell: not the document's own, where it does not stand yet when its author reads it again, but its program's,
        which stood before anything of it could be written, and which is what guards documents and sessions there, too.
        Of what is no program's the patient's episodes are asked.
        """
        if question.program is None and question.patient is None:
            return True
        self.enter(cursor, REACH)
        patients = {question.patient} if question.patient is not None else set()
        return shown(cursor, program=question.program, patients=patients) == (True, patients)

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

    def treats(self, question: Question, facts: Sequence[StoredFact] = ()) -> bool:
        """Whether the caller treats the patient asked about, or whom a thing (its facts) is about, where the policy
        wants that. Asked before the transaction of the answer: it reads the log itself."""
        if not _asks_whom_one_treats(question):
            return True
        who, first = self._asking(question.caller), facts[0] if facts else None
        if first is None:
            return question.patient is None or treats(self.log, who, question.patient)
        if first.name.startswith("note."):
            return bool(open_documents(self.log, who, {first.stream: facts}))
        treated = treats_somebody_of if first.name.startswith("session.") else treats
        return treated(self.log, who, first.stream)

    def opens(self, question: Question, documents: Mapping[str, Sequence[StoredFact]]) -> set[str]:
        """Which of these documents (their facts) `treats` answers for, all asked about together."""
        if not _asks_whom_one_treats(question):
            return set(documents)
        return open_documents(self.log, self._asking(question.caller), documents)

    def treated_by(self, caller: Caller, patient: str) -> bool:
        """Whether the caller's role treats nobody, or the caller this patient."""
        return caller.role not in TREATING or treats(self.log, self._asking(caller), patient)

    def _asking(self, caller: Caller) -> Asking:
        return Asking(caller.person, caller.role, caller.programs, self.now())

    def glass(self, caller: Caller, patient: str) -> Glass | None:
        """The glass that this person broke and that still lets them see of this patient what they otherwise may not;
        None where there is none, it has ended, or it would show nothing more."""
        if not may_order(caller.role, OpenBreakGlass):
            return None
        who = self._asking(caller)
        opened = broken(self.log, who, patient)
        if opened is None:
            return None
        more = referred_to(self.log, patient) - caller.programs
        if not more and treats(self.log, who, patient):
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

        `known` says whether the log has it in reach, the patient treated if need be; left out, that is asked here.
        """
        asked = question if known is None else replace(question, patient=None)
        known = self.treats(question) if known is None else known
        with transaction(self.pool) as cursor:
            near = self.admits(cursor, asked) and known and self.shows(cursor, question)
            self.record(cursor, question, outcome if near else came_of(near, False), patients)
        if not near:
            raise NotFound

    def refuse(self, question: Question, *outcomes: str) -> None:
        """Records that a question was refused before it was asked, once for each outcome, in one statement."""
        with single(self.pool) as cursor:
            record_read(cursor, self.log.schema, *(_entry(question, one, ()) for one in outcomes))

    def noted(self, question: Question, patients: Iterable[str]) -> None:
        """Records what a command, which has decided itself who may give it, answers beside its effect."""
        with single(self.pool) as cursor:
            self.record(cursor, question, "answered", patients)

    def record(self, cursor: Cursor[Any], question: Question, outcome: str, patients: Iterable[str]) -> None:
        """The entry in the access log."""
        record_read(cursor, self.log.schema, _entry(question, outcome, patients))


def came_of(reached: bool, answered: bool) -> str:
    """The outcome that the access log tells of a question."""
    if not reached:
        return "out of reach"
    return "answered" if answered else "none"


def _entry(question: Question, outcome: str, patients: Iterable[str]) -> Read:
    """What the access log says of a question, by what it shows: of whom, else of whom it asked."""
    caller = question.caller
    shown = sorted(set(patients))
    whose = shown or ([question.patient] if question.patient else [])
    return Read(
        caller.person, caller.role, question.purpose, question.resource, whose, caller.request, len(shown), outcome,
        question.grant,
    )  # fmt: skip


def _asks_whom_one_treats(question: Question) -> bool:
    return question.grant is None and needs_relationship(question.caller.role, question.resource)


def _switch(on: bool) -> str:
    return "on" if on else "off"
