"""The one gate of every query: one transaction, the caller's scope set, the active schema found, the read recorded.

If the read cannot be recorded, nothing is answered. What lies outside the caller's programs is answered like what does
not exist, and the attempt is recorded too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from msgspec import MsgspecError
from psycopg import Cursor

from aggregates.codec import UnknownFact, decode
from aggregates.values import instant
from api.alongside import Alongside
from api.commands.reach import referred_in
from api.identity import Caller
from api.permissions import may_see_unreferred
from api.shown import patients_in
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.asof import References, facts_about, whole_of
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.model import Delta, ReadModel
from iop_es.engine.readmodel.reading import (
    ModelStanding,
    Read,
    ReadEntry,
    enter,
    positions,
    reads_of,
    record_read,
    set_scope,
    standings,
)
from projections.caseload.queries import is_patient, reaches_patient

T = TypeVar("T")
REACH = "caseload"
PAST = "answered as of"


class NotProjectedYet(Exception):
    """This release's version of the read model is not built yet: run `iop-es rebuild`, then ask again."""


class NotFound(Exception):
    """Nothing is recorded under this id in your programs."""


class NotYetKnown(Exception):
    """That moment has not come: ask as of a position that the log has reached, or of a time that is past."""


class RecordDamaged(Exception):
    """What this record says of itself can no longer be read: have it restored from a copy of the log."""


class RecordParked(Exception):
    """This record cannot be followed up to that moment, because one of its facts cannot be read: `iop-es parked` says
    which. Ask as of an earlier moment, or have the cause mended."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A query's result, the position of the log that it reflects, and the time that counted as now."""

    result: T
    position: int
    now: str


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, and why; it becomes the entry in the access log.

    A question about one program or one patient names it: it is answered only within the caller's programs. `thing` may
    be a patient's id or anybody's: if it is a patient's, the same holds for it.
    """

    caller: Caller
    resource: str
    purpose: str = "operations"
    program: str | None = None
    patient: str | None = None
    thing: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Which other streams tell about a thing, such as the documents of a session: those that `rows(cursor, thing)`
    answers, and of what is not projected yet those that begin with a fact of this `name` whose `field` is the thing."""

    rows: Callable[[Cursor[Any], str], Sequence[str]]
    name: str
    field: str


class Gate:
    """Answers queries of the read models; `models` are the ones that this release ships, by name."""

    def __init__(self, log: Log, pool: Pool, models: Mapping[str, ReadModel]) -> None:
        self._log = log
        self._pool = pool
        self._models = models
        self._references = {name: References(model, log, decode) for name, model in models.items()}

    def read(
        self, question: Question, model: str, query: Callable[[Cursor[Any], str], T | None],
        alongside: Alongside | None = None,
    ) -> Answer[T]:  # fmt: skip
        """Runs `query(cursor, now)` on the active schema of a read model and records who read whose data.

        What another read model adds, the position of both reflects.

        Raises NotProjectedYet when the read model has never been built, NotFound when the question is out of the
        caller's reach or the query answers None.
        """
        result: T | None = None
        with transaction(self._pool) as cursor:
            reached = self._admits(cursor, question)
            position, now = self._enter(cursor, model)
            if reached:
                result = query(cursor, now)
            if result is not None and alongside is not None:
                entered = enter(cursor, self._log.schema, self._models[alongside.model])
                if entered is not None:
                    position, result = min(position, entered[0]), alongside.live(cursor, now, result)
            self._record(cursor, question, _outcome(reached, result is not None), patients_in(result))
        if result is None:
            raise NotFound
        return Answer(result, position, now)

    def as_of(
        self, question: Question, model: str, patient: str, upto: int, view: Callable[[Delta, str], T | None],
        now: str | None = None,
    ) -> Answer[T]:
        """One patient's rows as of a position, through the same fold in memory; `view(delta, now)` shapes them.

        `now` is the moment asked about; left out, the time at which the position was recorded. Who was not within reach
        then is answered like who is not now. Raises RecordParked.
        """
        self._recorded(question, {patient}, PAST)
        own = self._log.of_patient(patient, upto, with_sealed=bool(self._models[model].sealed))
        delta, at = self._folded(model, own, upto), now or self._recorded_at(upto)
        result = view(delta, at) if self._reaches(question, own) else None
        if result is None:
            raise NotFound
        return Answer(result, upto, at)

    def thing_as_of(
        self, question: Question, model: str, stream: str, upto: int, view: Callable[[Delta, str], T | None], now: str,
        beside: Beside | None = None, alongside: Alongside | None = None,
    ) -> Answer[T]:  # fmt: skip
        """The same of one thing of a program, such as a claim or a session, with the patients whom it is about; or, of
        the streams `beside` its own, with those and without the patients' own."""
        facts = self._log.facts_of_streams([stream], upto)
        program = _program_of(facts)
        if program is None:
            self.refuse(question, "none")
            raise NotFound
        others = [] if beside is None else self.beside(stream, upto, beside, model)
        facts += self._log.facts_of_streams(others, upto)
        patients = sorted({patient for fact in facts for patient in fact.patients})
        self._recorded(replace(question, program=program), patients, PAST)
        own = sorted(facts) if beside else facts_about(self._models[model], self._log, stream, patients, upto)
        result = view(self._folded(model, own, upto), now)
        if result is None:
            raise NotFound
        if alongside is not None:
            deltas = {one: self._followed(alongside.model, one, upto) for one in patients_in(result)}
            result = alongside.then(deltas, now, result)
        return Answer(result, upto, now)

    def opened(self, question: Question, positions: Sequence[int]) -> list[StoredFact]:
        """Facts of the patient asked about with what is sealed in them, on record as a read of its own."""
        self._recorded(question, () if question.patient is None else {question.patient}, "answered")
        return self._log.at(list(positions), True)

    def stream(
        self, question: Question, stream: str, view: Callable[[Sequence[StoredFact]], T | None],
        moment: tuple[int, str] | None = None,
    ) -> Answer[T]:  # fmt: skip
        """What one stream says of itself; `view(facts)` names its `program_id` and `patient_id`, or is None.

        `moment` is a position and its time, to answer as of; left out, all that the log has. Raises RecordParked.
        """
        upto, at = moment or (self._log.head().position, self.now())
        facts = self._log.facts_of_streams([stream], upto)
        result = self._viewed(question, facts, view)
        if result is None:
            self.refuse(question, "none")
            raise NotFound
        program, patient = getattr(result, "program_id", None), getattr(result, "patient_id", None)
        about = replace(question, program=program, patient=None if program else patient)
        known = program is not None or (self._knows(about) and (moment is None or self._knows(about, upto)))
        self._recorded(about, patients_in(result), PAST if moment else "answered", known=known)
        return Answer(result, upto, at)

    def beside(self, stream: str, upto: int | None, beside: Beside, model: str = REACH) -> list[str]:
        """The streams that tell about a thing beside its own, as of a position (None: now); who may see them is asked
        by whoever shows them."""
        with transaction(self._pool) as cursor:
            position, _ = self._enter(cursor, model)
            shown = list(beside.rows(cursor, stream))
        late = self._log.by_topics([beside.name], upto, position) if upto is None or position < upto else []
        return shown + [fact.stream for fact in late if _told(fact, beside.field) == stream]

    def folded(self, model: str, patient: str, upto: int) -> Delta:
        """One patient's rows as of a position, for an answer of several read models; who may see them is asked by
        whoever shows them. Raises RecordParked."""
        own = self._log.of_patient(patient, upto, with_sealed=bool(self._models[model].sealed))
        return self._folded(model, own, upto)

    def holder(self, question: Question, kind: str, key: str) -> Answer[str]:
        """The patient who holds a reservation, from the log. Raises NotFound, also for one out of reach."""
        patient = self._log.holders(kind, [key]).get(key)
        if patient is None:
            self.refuse(question, "none")
            raise NotFound
        about = replace(question, patient=patient)
        self._recorded(about, {patient}, "answered", known=self._knows(about))
        return Answer(patient, self._log.head().position, self.now())

    def reads(
        self, cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, after: str | None, limit: int
    ) -> list[ReadEntry]:
        """A query for `read`: who asked for a patient's record, latest first; `after` is the last entry's number."""
        return reads_of(cursor, self._log.schema, patient_id, None if after is None else int(after), limit)

    def refuse(self, question: Question, outcome: str) -> None:
        """Records that a question was refused before it was asked."""
        with transaction(self._pool) as cursor:
            self._record(cursor, question, outcome, ())

    def moment(self, as_of: int | str) -> tuple[int, str]:
        """The position and the time that an `as_of` means: a position itself, or an instant's last position.

        Raises NotYetKnown for what lies ahead.
        """
        if isinstance(as_of, int):
            if not 0 < as_of <= self._log.head().position:
                raise NotYetKnown
            return as_of, self._recorded_at(as_of)
        if as_of > self.now():
            raise NotYetKnown
        return self._log.position_at(as_of), as_of

    def now(self) -> str:
        """The clock, or in a simulation the time of its last fact."""
        head = self._log.head()
        return head.recorded_at if head.simulation else instant(datetime.now(UTC))

    def version(self, stream: str) -> int:
        """The log's version of a stream; 0 for one that it does not have."""
        facts = self._log.streams([stream])[stream]
        return facts[-1].version if facts else 0

    def positions(self) -> dict[str, int]:
        """How far each read model of this release has come; one that is not built is left out."""
        return positions(self._pool, self._log.schema, self._models.values())

    def standing(self) -> Standing:
        """How far the log has come, and how each read model of this release stands, as of one moment.

        Raises StoreUnavailable, and soon.
        """
        head, now, sealing, found = standings(self._pool, self._log.schema, self._models.values())
        missing = sorted(self._models.keys() - found.keys())
        return Standing(
            head.position, head.recorded_at, head.simulation, now, sealing.position, sealing.refusal, found, missing
        )

    def _folded(self, model: str, own: Sequence[StoredFact], upto: int) -> Delta:
        try:
            return whole_of(self._models[model], own, self._references[model].facts(upto), decode)
        except FoldFailed as failed:
            raise RecordParked from failed

    def _followed(self, model: str, patient: str, upto: int) -> Delta | None:
        """One patient's rows as of a position; None for a record that cannot be followed."""
        try:
            return self._folded(model, self._log.of_patient(patient, upto), upto)
        except RecordParked:
            return None

    def _viewed(
        self, question: Question, facts: Sequence[StoredFact], view: Callable[[Sequence[StoredFact]], T | None]
    ) -> T | None:
        """A stream's facts as `view` shows them. Raises RecordParked, recorded, when one of them cannot be read."""
        try:
            return view(facts)
        except (UnknownFact, MsgspecError) as failed:
            program, patients = _program_of(facts), {patient for fact in facts for patient in fact.patients}
            if program is None and not patients:
                self.refuse(question, "none")
                raise NotFound from failed
            about = replace(question, program=program, patient=None if program else min(patients))
            self._recorded(about, patients, "none", known=program is not None or self._knows(about))
            raise RecordParked from failed

    def _recorded_at(self, position: int) -> str:
        facts = self._log.after(position - 1, 1, position)
        return facts[0].recorded_at if facts else self.now()

    def _knows(self, question: Question, upto: int | None = None) -> bool:
        """Whether a patient is within reach by the log itself, which no read model's delay can hide or show."""
        return question.patient is None or self._reaches(question, self._log.of_patient(question.patient, upto))

    def _reaches(self, question: Question, own: Sequence[StoredFact]) -> bool:
        """Whether these facts of the patient asked about, if there is one, put the patient within reach."""
        programs = referred_in(own)
        if programs or question.patient is None:
            return question.patient is None or bool(programs & question.caller.programs)
        return bool(own) and may_see_unreferred(question.caller.role, question.resource)

    def _recorded(
        self, question: Question, patients: Iterable[str], outcome: str, known: bool | None = None
    ) -> None:
        """Records a read whose rows do not come from this transaction. Raises NotFound when it is out of reach.

        `known` says of a patient whether the log has it in reach; left out, the read model is asked.
        """
        asked = question if known is None else replace(question, patient=None)
        with transaction(self._pool) as cursor:
            reached = self._admits(cursor, asked) and known is not False
            self._record(cursor, question, outcome if reached else _outcome(reached, False), patients)
        if not reached:
            raise NotFound

    def _admits(self, cursor: Cursor[Any], question: Question) -> bool:
        """Sets the scope; answers whether the program or patient asked about lies within the caller's programs."""
        caller = question.caller
        programs = sorted(caller.programs)
        set_scope(cursor, programs=",".join(programs), person=caller.person, role=caller.role)
        if question.program is not None and question.program not in caller.programs:
            return False
        if question.patient is None and question.thing is None:
            return True
        self._enter(cursor, REACH)
        thing = question.thing if question.thing and is_patient(cursor, question.thing) else None
        unreferred = may_see_unreferred(caller.role, question.resource)
        return all(
            reaches_patient(cursor, programs=programs, patient_id=patient, unreferred=unreferred)
            for patient in (question.patient, thing) if patient
        )

    def _enter(self, cursor: Cursor[Any], model: str) -> tuple[int, str]:
        entered = enter(cursor, self._log.schema, self._models[model])
        if entered is None:
            raise NotProjectedYet
        return entered

    def _record(self, cursor: Cursor[Any], question: Question, outcome: str, patients: Iterable[str]) -> None:
        caller = question.caller
        shown = sorted(set(patients))
        whose = shown or ([question.patient] if question.patient else [])
        read = Read(
            caller.person, caller.role, question.purpose, question.resource, whose, caller.request, len(shown), outcome
        )
        record_read(cursor, self._log.schema, read)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the store stands; `sealed` is how far the log is sealed, `refusal` why it takes no facts, if it takes none,
    `missing` are the read models of this release that are not built."""

    head: int
    recorded_at: str
    simulation: bool
    now: str
    sealed: int
    refusal: str | None
    read_models: dict[str, ModelStanding]
    missing: list[str]


def _program_of(facts: Sequence[StoredFact]) -> str | None:
    """The program that a thing's first fact names; None if it names none or cannot be read."""
    return _told(facts[0], "program_id") if facts else None


def _told(fact: StoredFact, field: str) -> str | None:
    """One field of a fact; None if it has none or cannot be read."""
    try:
        return getattr(decode(fact.topic, fact.state, None), field, None)
    except (UnknownFact, MsgspecError):
        return None


def _outcome(reached: bool, answered: bool) -> str:
    if not reached:
        return "out of reach"
    return "answered" if answered else "none"
