"""The ways to ask: rows of a read model, a fold as of a moment, what a stream says, and several read models at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from msgspec import MsgspecError
from psycopg import Cursor

from aggregates.codec import UnknownFact, decode
from api.access.consents import consents_known_to
from api.alongside import Alongside
from api.gate.admission import REACH, Admission, came_of
from api.gate.asked import (
    NOBODY,
    Answer,
    Beside,
    Glass,
    NotCaughtUp,
    NotFound,
    NotYetKnown,
    Question,
    RecordParked,
    Standing,
)
from api.gate.oversight import Oversight
from api.identity import Caller
from api.shown import patients_in
from iop_es.engine.connections import Pool, persist, transaction
from iop_es.engine.log import Log, StoredFact
from iop_es.engine.readmodel.asof import References, facts_about, whole_of
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.model import Delta, ReadModel
from iop_es.engine.readmodel.reading import (
    SOON_SECONDS,
    SOON_WAITS,
    enter,
    positions,
    standings,
)
from iop_es.engine.sealer import Part
from projections.audit.break_glass import NAMES as BREAK_GLASS_NAMES
from projections.caseload.queries import reached

T = TypeVar("T")
PAST = "answered as of"


class Gate:
    """Answers queries of the read models; `models` are the ones that this release ships, by name.

    The pool's connections act as the role that sees read models within a scope, and nothing of the log: they are others
    than the log's own, so that no statement of a query can fall back on what the log's role may read.
    """

    def __init__(self, log: Log, pool: Pool, models: Mapping[str, ReadModel]) -> None:
        self._log = log
        self._stored = log.as_stored()
        self._pool = pool
        self._models = models
        self._admission = Admission(log, pool, models)
        self.oversight = Oversight(log, pool, self._admission)
        self._references = {name: References(model, log, decode) for name, model in models.items()}

    def read(
        self, question: Question, model: str, query: Callable[[Cursor[Any], str], T | None],
        alongside: Alongside | None = None, least: int = 0,
    ) -> Answer[T]:  # fmt: skip
        """Runs `query(cursor, now)` on the active schema of a read model and records who read whose data.

        What another read model adds, the position of both reflects. `least` is how much of the log it must have seen.

        Raises NotProjectedYet when the read model has never been built, NotCaughtUp when it has seen less, NotFound
        when the question is out of the caller's reach or the query answers None.
        """
        result: T | None = None
        treated = self._admission.treats(question)
        with transaction(self._pool) as cursor:
            near = self._admission.admits(cursor, question) and treated
            position, now = self._admission.enter(cursor, model)
            if position < least:
                raise NotCaughtUp
            if near:
                result = query(cursor, now)
            if result is not None and alongside is not None:
                entered = enter(cursor, self._log.schema, self._models[alongside.model])
                if entered is not None:
                    position, result = min(position, entered[0]), alongside.live(cursor, now, result)
            self._admission.record(cursor, question, came_of(near, result is not None), patients_in(result))
        if result is None:
            raise NotFound
        return Answer(result, position, now)

    def as_of(
        self, question: Question, model: str, patient: str, upto: int, view: Callable[[Delta, str], T | None],
        now: str | None = None, alongside: Alongside | None = None,
    ) -> Answer[T]:
        """One patient's rows as of a position, through the same fold in memory; `view(delta, now)` shapes them.

        `now` is the moment asked about; left out, the time at which the position was recorded. Who was not within reach
        then is answered like who is not now. Raises RecordParked.
        """
        self._admission.recorded(question, {patient}, PAST)
        own = self._stored.of_patient(patient, upto, with_sealed=bool(self._models[model].sealed))
        delta, at = self._folded(model, own, upto), now or self._recorded_at(upto)
        result = view(delta, at) if self._admission.reaches(question, own) else None
        if result is None:
            raise NotFound
        if alongside is not None:
            result = alongside.then({patient: self._followed(alongside.model, patient, upto)}, at, result)
        return Answer(result, upto, at)

    def thing_as_of(
        self, question: Question, model: str, stream: str, upto: int, view: Callable[[Delta, str], T | None], now: str,
        beside: Beside | None = None, alongside: Alongside | None = None,
    ) -> Answer[T]:  # fmt: skip
        """The same of one thing of a program, such as a claim or a session, with the patients whom it is about; or, of
        the streams `beside` its own, with those and without the patients' own."""
        facts = self._stored.facts_of_streams([stream], upto)
        program = _program_of(facts)
        if program is None:
            self.refuse(question, "none")
            raise NotFound
        others = [] if beside is None else self.beside(question, stream, upto, beside, model)
        facts += self._stored.facts_of_streams(others, upto)
        patients = sorted({patient for fact in facts for patient in fact.patients})
        self._admission.recorded(replace(question, program=program), patients, PAST)
        own = sorted(facts) if beside else facts_about(self._models[model], self._stored, stream, patients, upto)
        result = view(self._folded(model, own, upto), now)
        if result is None:
            raise NotFound
        if alongside is not None:
            deltas = {one: self._followed(alongside.model, one, upto) for one in patients_in(result)}
            result = alongside.then(deltas, now, result)
        return Answer(result, upto, now)

    def opened(self, question: Question, positions: Sequence[int]) -> list[StoredFact]:
        """Facts of the patient asked about with what is sealed in them, on record as a read of its own."""
        self._admission.recorded(question, () if question.patient is None else {question.patient}, "answered")
        return self._log.at(list(positions), True)

    def opened_parts(self, parts: Sequence[Part]) -> list[bytes | None]:
        """Sealed parts that a query's rows keep, such as names, opened for its answer, which is what goes on record."""
        return self._log.opened(parts)

    def told(self, question: Question, answer: object) -> None:
        """Puts what a command answers beside its effect on record, as a read of everybody whom it shows."""
        if patients := patients_in(answer):
            self._admission.noted(question, patients)

    def stream(
        self, question: Question, stream: str, view: Callable[..., T | None], moment: tuple[int, str] | None = None,
        beside: Beside | None = None, of_patient: bool = False,
    ) -> Answer[T]:  # fmt: skip
        """What one stream says of itself; `view(facts)` names its `program_id` and `patient_id`, or is None.

        `moment` is a position and its time, to answer as of; left out, all that the log has. With `beside` it is
        `view(facts, near, far)`: the streams that tell about it beside its own, those that the caller may see each by
        itself and those that the caller may not; to see one of them is to see the thing. `of_patient`: it is a
        patient's own. Raises RecordParked.
        """
        if of_patient and (question.grant or self._admission.glass(question.caller, stream) is None):
            self._must_reach(question, stream)
        upto, at = moment or (self._log.head().position, self.now())
        facts = self._log.facts_of_streams([stream], upto)
        near, far = ([], []) if beside is None else self._apart(question, self.beside(question, stream, upto, beside))
        result = self._viewed(question, facts, view if beside is None else partial(view, near=near, far=far))
        if result is None:
            self.refuse(question, "none")
            raise NotFound
        program, patient = getattr(result, "program_id", None), getattr(result, "patient_id", None)
        about = replace(question, program=program, patient=None if program else patient)
        # Whose it is, it is by now: who signed it since sees it as it was before, too.
        whole = facts if moment is None else self._log.facts_of_streams([stream])
        treated = bool(near) or self._admission.treats(question, whole)
        elsewhere = program is not None and program not in question.caller.programs
        if patient is not None and question.grant is None and (elsewhere or not treated):
            glass = self._admission.glass(question.caller, patient)
            about, treated = (about, treated) if glass is None else (about.through(glass), True)
        knows = self._admission.knows
        known = treated and (program is not None or (knows(about) and (moment is None or knows(about, upto))))
        self._admission.recorded(about, patients_in(result), PAST if moment else "answered", known=known)
        return Answer(result, upto, at)

    def beside(
        self, question: Question, stream: str, upto: int | None, beside: Beside, model: str = REACH
    ) -> list[str]:
        """The streams that tell about a thing beside its own, as of a position (None: now); who may see them is asked
        by whoever shows them."""
        with transaction(self._pool) as cursor:
            self._admission.scope(cursor, question)
            position, _ = self._admission.enter(cursor, model)
            shown = list(beside.rows(cursor, stream))
        late = self._log.by_topics([beside.name], upto, position) if upto is None or position < upto else []
        return shown + [fact.stream for fact in late if _told(fact, beside.field) == stream]

    def folded(self, model: str, patient: str, upto: int) -> Delta:
        """One patient's rows as of a position, for an answer of several read models; who may see them is asked by
        whoever shows them. Raises RecordParked."""
        own = self._stored.of_patient(patient, upto, with_sealed=bool(self._models[model].sealed))
        return self._folded(model, own, upto)

    def told_since(self, instant: str, names: Sequence[str], upto: int) -> list[StoredFact]:
        """Facts of these names of the whole organization, recorded after a time and up to a position, for an answer
        that tells of them no more than its reader may know; that is up to whoever shows it."""
        return self._log.by_topics(names, upto, self._log.position_at(instant))

    def holder(self, question: Question, kind: str, key: str) -> Answer[str]:
        """The patient who holds a reservation, from the log. Raises NotFound, also for one out of reach."""
        patient = self._log.holders(kind, [key]).get(key, NOBODY)
        self._must_reach(question, patient)
        self._admission.recorded(replace(question, patient=patient), {patient}, "answered", known=True)
        return Answer(patient, self._log.head().position, self.now())

    def near(self, cursor: Cursor[Any], question: Question, patients: Iterable[str], model: str) -> set[str]:
        """Which of these patients are within reach, asked in the midst of a query of `read` of this read model."""
        programs, unreferred = sorted(question.caller.programs), self._admission.unreferred(question)
        self._admission.enter(cursor, REACH)
        found = reached(cursor, programs=programs, patients=patients, unreferred=unreferred)
        self._admission.enter(cursor, model)
        return found

    def treated_by(self, caller: Caller, patient: str) -> bool:
        """Whether the caller's role treats nobody, or the caller this patient."""
        return self._admission.treated_by(caller, patient)

    def consents_known_to(
        self, caller: Caller, patients: Collection[str], upto: int | None
    ) -> dict[str, frozenset[str]]:
        """Which consents of each of these patients the caller's programs may know of, as of a position (None: now)."""
        return consents_known_to(self._log, patients, caller.programs, upto)

    def glass(self, caller: Caller, patient: str) -> Glass | None:
        """The broken glass through which a person may look at a patient now, if there is one."""
        return self._admission.glass(caller, patient)

    def refuse(self, question: Question, *outcomes: str) -> None:
        """Records that a question was refused before it was asked, once for each outcome. Raises ReadNotRecorded."""
        self._admission.refuse(question, *outcomes)

    def now(self) -> str:
        """The clock, or in a simulation the time of its last fact."""
        return self._admission.now()

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

    def version(self, stream: str) -> int:
        """The log's version of a stream; 0 for one that it does not have."""
        facts = self._stored.streams([stream])[stream]
        return facts[-1].version if facts else 0

    def positions(self) -> dict[str, int]:
        """How far each read model of this release has come; one that is not built is left out."""
        return positions(self._log.pool, self._log.schema, self._models.values())

    def head(self) -> int:
        """How far the log has come."""
        return self._log.head().position

    def standing(self) -> Standing:
        """How far the log has come, and how each read model of this release stands, as of one moment.

        Raises StoreUnavailable, and soon, also where only questions cannot be asked.
        """
        persist(self._pool, lambda connection: connection.execute("SELECT"), SOON_WAITS, SOON_SECONDS)
        models, glass = self._models.values(), BREAK_GLASS_NAMES  # a grant is reviewed once
        head, now, sealing, found = standings(self._log.pool, self._log.schema, models, glass)
        missing = sorted(self._models.keys() - found.keys())
        return Standing(
            head.position, head.recorded_at, head.simulation, now, sealing.position, sealing.refusal, sealing.waiting,
            found, missing,
        )

    def _must_reach(self, question: Question, patient: str) -> None:
        """Refuses a patient out of reach, and somebody who is not there at the same cost, so that how long it takes
        tells nothing either. Raises NotFound."""
        about, there = replace(question, patient=patient), self._log.knows_patient(patient)
        if not self._admission.knows(about) or not there:
            self.refuse(about if there else question, "out of reach" if there else "none")
            raise NotFound

    def _folded(self, model: str, own: Sequence[StoredFact], upto: int) -> Delta:
        try:
            return whole_of(self._models[model], own, self._references[model].facts(upto), decode)
        except FoldFailed as failed:
            raise RecordParked from failed

    def _followed(self, model: str, patient: str, upto: int) -> Delta | None:
        """One patient's rows as of a position; None for a record that cannot be followed."""
        try:
            return self._folded(model, self._stored.of_patient(patient, upto), upto)
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
            self._admission.recorded(about, patients, "none", known=program is not None or self._admission.knows(about))
            raise RecordParked from failed

    def _apart(self, question: Question, streams: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those of these streams that the caller may see, by now, and those that the caller may not."""
        known = self._stored.streams(streams)
        near = self._admission.opens(question, known)
        return [one for one in known if one in near], [one for one in known if one not in near]

    def _recorded_at(self, position: int) -> str:
        facts = self._log.after(position - 1, 1, position)
        return facts[0].recorded_at if facts else self.now()


def _program_of(facts: Sequence[StoredFact]) -> str | None:
    """The program that a thing's first fact names; None if it names none or cannot be read."""
    return _told(facts[0], "program_id") if facts else None


def _told(fact: StoredFact, field: str) -> str | None:
    """One field of a fact; None if it has none or cannot be read."""
    try:
        return getattr(decode(fact.topic, fact.state, None), field, None)
    except (UnknownFact, MsgspecError):
        return None
