"""What those ask who watch over the record: who read what, whose glass was broken, whose record is to be given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from psycopg import Cursor

from aggregates.shredding.retention import Retention
from api.gate.admission import REACH, Admission, came_of
from api.gate.asked import Answer, NotFound, Question
from api.shown import patients_in
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.reading import ReadEntry, ReadFilter, last_read, reads_of, reads_onward, reads_under
from projections.audit.break_glass import NAMES as BREAK_GLASS_NAMES
from projections.audit.break_glass import BreakGlassView, grants
from projections.audit.shreddings import NAMES as SHREDDING_NAMES
from projections.audit.shreddings import ShreddingView, shreddings
from projections.caseload.queries import reached, shown

T = TypeVar("T")


class Oversight:
    """Answered within the asker's reach and on record, as whatever else is asked at the gate."""

    def __init__(self, log: Log, pool: Pool, admission: Admission) -> None:
        self._log = log
        self._stored = log.as_stored()
        self._pool = pool
        self._admission = admission

    def reads(
        self, cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, after: str | None, limit: int
    ) -> list[ReadEntry]:
        """A query for `read`: who asked for a patient's record, latest first; `after` is the last entry's number.

        In which program somebody asked the access log does not keep, so that these are of all of them.
        """
        return reads_of(cursor, self._log.schema, patient_id, None if after is None else int(after), limit)

    def reads_onward(self, question: Question, wanted: ReadFilter, after: int, limit: int) -> Answer[list[ReadEntry]]:
        """A page of who read what, oldest first, without patients of other programs; on record as a read of the
        others. `position` is the number of the last entry that there was: as `upto` it keeps later ones out."""
        with transaction(self._pool) as cursor:
            near, found, last = self._admission.admits(cursor, question), list[ReadEntry](), 0
            _, now = self._admission.enter(cursor, REACH)
            if near:
                last = wanted.upto or last_read(cursor, self._log.schema)
                found = self._near(cursor, question, replace(wanted, upto=last), after, limit)
            whose = {patient for one in found for patient in one.patients}
            self._admission.record(cursor, question, came_of(near, True), whose)
        if not near:
            raise NotFound
        return Answer(found, last, now)

    def emergencies(self, question: Question) -> Answer[list[BreakGlassView]]:
        """Whose glass was broken, of the patients within reach, with what was read under each grant.

        Whichever program its breaker works in: it opens what each program of the patient's has recorded.
        """

        def view(cursor: Cursor[Any], facts: list[StoredFact], now: str) -> list[BreakGlassView]:
            ids = [one.grant_id for one in grants(facts, {}, now)]
            return grants(facts, reads_under(cursor, self._log.schema, ids), now)

        return self._told_of(question, BREAK_GLASS_NAMES, view)

    def shreddings(self, question: Question, rule: Retention) -> Answer[list[ShreddingView]]:
        """Whose record is asked to be given up, of the patients within reach, and what stands against it."""
        own = self._stored.of_patient
        return self._told_of(question, SHREDDING_NAMES, lambda _, facts, now: shreddings(facts, own, rule, now))

    def _told_of(
        self, question: Question, names: Sequence[str], view: Callable[[Cursor[Any], list[StoredFact], str], list[T]]
    ) -> Answer[list[T]]:
        """What facts of these names tell of the patients within reach; `view(cursor, facts, now)` shapes it."""
        facts = self._log.by_topics(list(names), with_sealed=True)
        people = {patient for fact in facts for patient in fact.patients}
        near = {one for one in people if self._admission.knows(replace(question, patient=one))}
        position, now = self._log.head().position, self._admission.now()
        with transaction(self._pool) as cursor:
            self._admission.admits(cursor, question)
            self._admission.enter(cursor, REACH)
            near &= shown(cursor, program=None, patients=near)[1]
            found = view(cursor, [fact for fact in facts if near & set(fact.patients)], now)
            self._admission.record(cursor, question, came_of(True, True), patients_in(found))
        return Answer(found, position, now)

    def _near(
        self, cursor: Cursor[Any], question: Question, wanted: ReadFilter, after: int, limit: int
    ) -> list[ReadEntry]:
        """Entries of the access log with those patients alone who are within reach, without entries about nobody else;
        of one patient, with no other."""
        found: list[ReadEntry] = []
        programs, unreferred = sorted(question.caller.programs), self._admission.unreferred(question)
        while len(found) < limit:
            page = reads_onward(cursor, self._log.schema, wanted, after, limit)
            all_of = {patient for one in page for patient in one.patients}
            asked = all_of if wanted.patient is None else all_of & {wanted.patient}
            near = reached(cursor, programs=programs, patients=asked, unreferred=unreferred)
            told = (one._replace(patients=tuple(who for who in one.patients if who in near)) for one in page)
            found += [one for one, before in zip(told, page, strict=True) if one.patients or not before.patients]
            if len(page) < limit:
                break
            after = page[-1].id
        return found[:limit]
