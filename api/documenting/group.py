"""A group's documentation in one call: drafts are stored part by part, looked over, and what is ready is laid out to be
signed with one challenge.

A document's id follows from its session and patient, so that the same call again, or a mended one, finds the same
documents: a draft is rewritten, what is signed stays and says to be amended. After one was struck, the next id in turn
stands for it; drafts of parts then rest on the narrative that follows, and that the signed ones do is laid out too.

Where the narrative alone is refused and there is none yet, it begins without words, so that the parts are kept: each
rests on it, and none is laid out before it says something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aggregates.kit import Refusal, Stream
from aggregates.note.commands import (
    AttestSignature,
    CosignNote,
    DraftNote,
    RestOnNarrative,
    ReviseNote,
    SignNote,
)
from aggregates.note.envelope import ToBeSigned
from aggregates.note.facts import DocumentKind, NoteContent
from aggregates.note.refusals import UnknownNarrative
from aggregates.note.state import Document, Signed, Struck
from aggregates.session.refusals import UnknownSession
from aggregates.session.state import Closed, Known
from aggregates.values import Code, Instant, NoteId, PatientId, PersonId, SessionId
from api.commands.handle import Commands
from api.commands.order import Answer, Order, OutOfReach, Reply, digest_of
from api.documenting.alike import Written, read
from api.documenting.looking import Look, look_over
from api.signing.desk import Shown, SigningDesk
from iop_es.engine.log import Log

NOTES = uuid5(NAMESPACE_URL, "urn:iop-es:note")
STRUCK = "narrative_in_error"
"""Why a part is laid out to rest on another narrative."""


class WordsNotKept(Refusal):
    """What section {section} says cannot be kept ({why}); mend it and send it again, the others do not wait for it."""


class NarrativeNotStored(Refusal):
    """A part rests on its group's narrative, and none is stored; mend that one, or give one, and send both again."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one document is to say; no patient: the narrative that the group shares.

    `empty` are the sections that came without words, and are left out; `fault` is why it cannot be stored at all.
    """

    content: NoteContent
    patient_id: PatientId | None = None
    note_id: NoteId | None = None
    goals: tuple[Code, ...] = ()
    identity_override: Code | None = None
    late_reason: Code | None = None
    override_cause: Code | None = None
    empty: tuple[Code, ...] = ()
    fault: WordsNotKept | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one part, and what there is to see about it; nothing to see about one that was refused.

    `rests`: it is no part, or the narrative that it rests on is signed or laid out to be signed with it.
    """

    note_id: NoteId
    part: Part
    answer: Answer
    look: Look | None
    rests: bool = True

    @property
    def ready(self) -> bool:
        """Whether it is laid out to be signed."""
        return self.look is not None and not self.look.unready and self.rests


@dataclass(frozen=True, slots=True)
class Documented:
    """What became of all, in the order given, and what is laid out to be signed: the orders and what is shown. What is
    ready and yet cannot be signed is in `kept_back` instead, by its document, with why."""

    stored: list[Stored]
    orders: list[Order]
    shown: Shown
    kept_back: Mapping[NoteId, Exception]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is laid out to be signed, what there is to see about each document whose words a signature covers, and whom
    those are about."""

    shown: Shown
    looks: Mapping[NoteId, Look]
    patient_ids: frozenset[PatientId]


@dataclass(frozen=True, slots=True)
class Documenting:
    """Documents sessions for their authors, and lays out what was written one by one."""

    commands: Commands
    log: Log
    desk: SigningDesk

    def document(
        self, by: Order, session_id: SessionId, narrative: Part | None, parts: Sequence[Part],
        session: str, recorded_at: str | None = None, lay_out: bool = True,
    ) -> Documented:
        """Stores a session's documents and, unless told otherwise, looks them over and lays out what is ready to be
        signed in this working session. `by` lends its person, role, programs and key.

        Raises UnknownSession, OutOfReach.
        """
        commands = self.commands.remembering()
        given = [*([narrative] if narrative else []), *parts]
        standing = _Standing(commands, session_id)
        commands.read_ahead([
            Stream("session", session_id), Stream("clinician", by.by), *standing.streams([None, *_patients(parts)]),
        ])  # fmt: skip
        held = self._session(commands, by, session_id)
        commands.read_ahead([Stream("program", held.program_id), *_about(held, parts)])
        standing.read([None, *_patients(parts)], [one.note_id for one in given if one.note_id])
        ids = [part.note_id or standing.ids[part.patient_id] for part in given]
        shared = ids[0] if narrative else standing.ids[None]
        wanted = {
            number: _order(by, number, self._command(by, session_id, held, standing, note_id, shared, part))
            for number, (note_id, part) in enumerate(zip(ids, given, strict=True)) if part.fault is None
        }
        told = dict(zip(wanted, commands.handle_all(list(wanted.values()), recorded_at), strict=True))
        told |= {number: part.fault for number, part in enumerate(given) if part.fault is not None}
        if narrative is not None and isinstance(told[0], Exception):
            blank = replace(narrative, content=NoteContent(sections=()), identity_override=None)
            begun = _order(by, 0, self._command(by, session_id, held, standing, shared, shared, blank), "begin")
            told |= _once_begun(commands, begun, {n: wanted[n] for n, one in told.items() if _lacks(one)}, recorded_at)
        answers = [NarrativeNotStored() if _lacks(told[number]) else told[number] for number in range(len(given))]
        written = [
            _written(by, session_id, held, note_id, part, standing.form_of(note_id))
            for note_id, part, answer in zip(ids, given, answers, strict=True)
            if lay_out and isinstance(answer, Reply)
        ]
        looks = look_over(commands, self.log, written)
        stored = [
            Stored(note_id, part, answer, looks.get(note_id))
            for note_id, part, answer in zip(ids, given, answers, strict=True)
        ]
        stored = _resting(stored, commands.states("note", [one.note_id for one in stored] + [shared]))
        ready = [one for one in stored if one.ready]
        orders = [
            _order(by, number, signature_of(one.note_id, one.part), "sign")
            for number, one in enumerate(ready)
        ]
        orders += [
            _order(by, number, RestOnNarrative(note_id=note_id, narrative_id=shared, cause=STRUCK), "rest")
            for number, note_id in enumerate(standing.left_behind(held, by.by, shared) if lay_out else ())
        ]
        return _laid_out(stored, orders, self.desk.show(orders, session, commands))

    def show(self, orders: Sequence[Order], session: str) -> Seen:
        """What these orders would have their person sign, with one challenge, looked over as a group's documentation
        is."""
        commands = self.commands.remembering()
        shown = self.desk.show(orders, session, commands)
        notes = [
            order.command.note_id for order, one in zip(orders, shown.signings, strict=True)
            if isinstance(one, ToBeSigned) and isinstance(order.command, SignNote | CosignNote | AttestSignature)
        ]
        streams = self.log.streams(list(dict.fromkeys(notes)))
        written = [one for stream, facts in streams.items() if (one := read(stream, facts)) is not None]
        about = frozenset(one.patient_id for one in written if one.patient_id is not None)
        return Seen(shown, look_over(commands, self.log, written), about)

    def _session(self, commands: Commands, by: Order, session_id: SessionId) -> Known:
        session = commands.states("session", [session_id])[session_id]
        if not isinstance(session, Known):
            raise UnknownSession(session_id=session_id)
        if by.programs is not None and session.program_id not in by.programs:
            raise OutOfReach(what="session")
        return session

    def _command(
        self, by: Order, session_id: SessionId, session: Known, standing: _Standing, note_id: NoteId, shared: NoteId,
        part: Part,
    ) -> DraftNote | ReviseNote:  # fmt: skip
        state = standing.states[note_id]
        if isinstance(state, Document):
            return ReviseNote(
                note_id=note_id, content=part.content, goals=part.goals, identity_override=part.identity_override,
                narrative_id=shared if standing.struck_under(state) else None,
            )
        entry = session.of(part.patient_id) if part.patient_id else None
        plan = session.plan
        return DraftNote(
            note_id=note_id, kind=_kind(part), program_id=plan.program_id,
            author_id=by.by, service_date=plan.service_date,
            service_ended_at=_ended_at(session),
            session_id=session_id, patient_id=part.patient_id, enrollment_id=entry.enrollment_id if entry else None,
            narrative_id=shared if part.patient_id else None, goals=part.goals, content=part.content,
            identity_override=part.identity_override,
        )


class _Standing:
    """Which documents of a session stand, by their patients (None: the narrative), and what was read of them."""

    def __init__(self, commands: Commands, session_id: SessionId) -> None:
        self._commands, self._session_id = commands, session_id
        self.ids: dict[PatientId | None, NoteId] = {}
        self.states: dict[NoteId, Any] = {}

    def read(self, patients: Sequence[PatientId | None], named: Sequence[NoteId]) -> None:
        """Reads the documents about these, each under the first id in turn that was not struck, and those named."""
        number, left = 1, dict.fromkeys(patients)
        while left:
            self.ids |= {one: note_id_of(self._session_id, one, number) for one in left}
            self._take([*(self.ids[one] for one in left), *(named if number == 1 else ())])
            left = {one: None for one in left if isinstance(self.states[self.ids[one]], Struck)}
            number += 1
        resting = {one.drafted.narrative_id for one in self.states.values() if isinstance(one, Document)}
        self._take([one for one in resting if one is not None and one not in self.states])

    def streams(self, patients: Sequence[PatientId | None]) -> list[Stream]:
        """Where documents about these are looked for first."""
        return [Stream("note", note_id_of(self._session_id, one)) for one in patients]

    def form_of(self, note_id: NoteId) -> int | None:
        """Under which version of its template a document was written; None where it has just begun."""
        state = self.states[note_id]
        return state.drafted.template_version if isinstance(state, Document) else None

    def struck_under(self, document: Document) -> bool:
        """Whether the narrative that a document rests on was struck."""
        return isinstance(self.states.get(document.drafted.narrative_id or ""), Struck)

    def left_behind(self, session: Known, author: PersonId, shared: NoteId) -> list[NoteId]:
        """The parts that an author signed over a narrative which was struck, once there is another one."""
        first = self.states.get(note_id_of(self._session_id, None))
        if not isinstance(first, Struck) and not any(isinstance(one, Struck) for one in self.states.values()):
            return []
        if not isinstance(self._commands.states("note", [shared])[shared], Document):
            return []
        self.read([one.patient_id for one in session.roster], [])
        return [
            self.ids[one.patient_id] for one in session.roster
            if isinstance(state := self.states[self.ids[one.patient_id]], Signed)
            and state.signer_id == author and self.struck_under(state)
        ]  # fmt: skip

    def _take(self, ids: Sequence[NoteId]) -> None:
        if ids:
            self.states |= self._commands.states("note", list(dict.fromkeys(ids)))


def _once_begun(
    commands: Commands, begun: Order, parts: Mapping[int, Order], recorded_at: str | None
) -> dict[int, Answer]:
    """The answers to the parts that were refused for want of a narrative, once that has begun; none where nothing was
    refused for this."""
    answers = commands.handle_all([begun, *parts.values()], recorded_at) if parts else []
    return dict(zip(parts, answers[1:], strict=True))


def _lacks(answer: Answer) -> bool:
    return isinstance(answer, UnknownNarrative)


def _resting(stored: Sequence[Stored], states: Mapping[NoteId, Any]) -> list[Stored]:
    """Whether each part rests on words that are signed, or are to be: over a draft nobody knows what they sign for."""
    with_it = {one.note_id for one in stored if one.ready and one.part.patient_id is None}

    def rests(one: Stored) -> bool:
        state = states[one.note_id]
        under = state.drafted.narrative_id if isinstance(state, Document) else None
        return under is None or under in with_it or isinstance(states.get(under), Signed)

    return [replace(one, rests=rests(one)) for one in stored]


def note_id_of(session_id: SessionId, patient_id: PatientId | None, number: int = 1) -> NoteId:
    """The id of a session's document about a patient, or of the narrative that all share; of the next in turn, where
    one was struck."""
    turn = "" if number == 1 else f":{number}"
    return str(uuid5(NOTES, f"{session_id}:{patient_id or 'narrative'}{turn}"))


def _laid_out(stored: list[Stored], orders: Sequence[Order], shown: Shown) -> Documented:
    both = list(zip(orders, shown.signings, strict=True))
    kept_back = {
        order.command.note_id: one for order, one in both
        if isinstance(one, Exception) and isinstance(order.command, SignNote)
    }
    left = [(order, one) for order, one in both if order.command.note_id not in kept_back]
    shown = replace(shown, signings=[one for _, one in left])
    return Documented(stored, [order for order, _ in left], shown, kept_back)


def _patients(parts: Sequence[Part]) -> list[PatientId | None]:
    return [part.patient_id for part in parts]


def _about(session: Known, parts: Sequence[Part]) -> list[Stream]:
    """Everybody of the session, whose name may stand in a part, and the episodes of those whom a part is about."""
    entries = [entry for part in parts if part.patient_id and (entry := session.of(part.patient_id))]
    return [
        *(Stream("patient", one.patient_id) for one in session.everyone.values()),
        *(Stream("enrollment", one.enrollment_id) for one in entries),
    ]


def signature_of(note_id: NoteId, part: Part) -> SignNote:
    """The command that signs a part."""
    return SignNote(note_id=note_id, late_reason=part.late_reason, override_cause=part.override_cause)


def _order(by: Order, number: int, command: Any, what: str = "document") -> Order:
    key = f"{by.key}:{what}:{number}"
    return Order(
        command=command, by=by.by, role=by.role, programs=by.programs, key=key, on_behalf_of=by.on_behalf_of,
        digest=digest_of(what, {"key": key, "body": by.digest.hex()}), request=by.request, kept=by.kept,
    )


def _written(
    by: Order, session_id: SessionId, session: Known, note_id: NoteId, part: Part, form: int | None
) -> Written:
    entry = session.of(part.patient_id) if part.patient_id else None
    return Written(
        note_id=note_id, kind=_kind(part), program_id=session.program_id, patient_id=part.patient_id,
        enrollment_id=entry.enrollment_id if entry else None, session_id=session_id, author_id=by.by,
        service_date=session.plan.service_date, service_ended_at=_ended_at(session), content=part.content,
        goals=part.goals, empty=part.empty, form=form,
    )


def _ended_at(session: Known) -> Instant:
    return session.actual.stop if isinstance(session, Closed) else session.plan.ends_at


def _kind(part: Part) -> DocumentKind:
    return "group" if part.patient_id else "group_narrative"
