"""A group's documentation in one call: drafts are stored part by part, looked over, and what is ready is laid out to be
signed with one challenge.

A document's id follows from its session and patient, so that the same call again, or a mended one, finds the same
documents: a draft is rewritten, what is signed stays and says to be amended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aggregates.note.commands import AttestSignature, CosignNote, DraftNote, ReviseNote, SignNote
from aggregates.note.envelope import ToBeSigned
from aggregates.note.facts import DocumentKind, NoteContent
from aggregates.note.state import Document
from aggregates.session.refusals import UnknownSession
from aggregates.session.state import Closed, Known
from aggregates.values import Code, NoteId, PatientId, SessionId
from api.commands.handle import Commands
from api.commands.order import Answer, Order, OutOfReach, Reply, digest_of
from api.documenting.alike import Written, read
from api.documenting.looking import Look, look_over
from api.signing.desk import Shown, SigningDesk
from iop_es.engine.log import Log

NOTES = uuid5(NAMESPACE_URL, "urn:iop-es:note")


@dataclass(frozen=True, slots=True)
class Part:
    """What one document is to say; no patient: the narrative that the group shares."""

    content: NoteContent
    patient_id: PatientId | None = None
    note_id: NoteId | None = None
    goals: tuple[Code, ...] = ()
    identity_override: Code | None = None
    late_reason: Code | None = None
    override_cause: Code | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one part, and what there is to see about it; nothing to see about one that was refused."""

    note_id: NoteId
    part: Part
    answer: Answer
    look: Look | None


@dataclass(frozen=True, slots=True)
class Documented:
    """What became of all, in the order given, and what is laid out to be signed: the orders and what is shown."""

    stored: list[Stored]
    orders: list[Order]
    shown: Shown


@dataclass(frozen=True, slots=True)
class Seen:
    """What is laid out to be signed, and what there is to see about each document whose words a signature covers."""

    shown: Shown
    looks: Mapping[NoteId, Look]


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
        held = self._session(commands, by, session_id)
        given = [*([narrative] if narrative else []), *parts]
        ids = [part.note_id or note_id_of(session_id, part.patient_id) for part in given]
        shared = ids[0] if narrative else note_id_of(session_id, None)
        states = commands.states("note", ids)
        wanted = [
            _order(by, number, self._command(by, session_id, held, states[note_id], note_id, shared, part))
            for number, (note_id, part) in enumerate(zip(ids, given, strict=True))
        ]
        answers = commands.handle_all(wanted, recorded_at)
        written = [
            _written(by, session_id, held, note_id, part)
            for note_id, part, answer in zip(ids, given, answers, strict=True)
            if lay_out and isinstance(answer, Reply)
        ]
        looks = look_over(commands, self.log, written)
        stored = [
            Stored(note_id, part, answer, looks.get(note_id))
            for note_id, part, answer in zip(ids, given, answers, strict=True)
        ]
        ready = [one for one in stored if one.look is not None and not one.look.unready]
        orders = [
            _order(by, number, signature_of(one.note_id, one.part), "sign")
            for number, one in enumerate(ready)
        ]
        return Documented(stored, orders, self.desk.show(orders, session, commands))

    def show(self, orders: Sequence[Order], session: str) -> Seen:
        """What these orders would have their person sign, with one challenge, looked over as a group's documentation
        is."""
        commands = self.commands.remembering()
        shown = self.desk.show(orders, session, commands)
        notes = [
            order.command.note_id for order, one in zip(orders, shown.signings, strict=True)
            if isinstance(one, ToBeSigned) and isinstance(order.command, SignNote | CosignNote | AttestSignature)
        ]
        read_ = (read(stream, facts) for stream, facts in self.log.streams(list(dict.fromkeys(notes))).items())
        return Seen(shown, look_over(commands, self.log, [one for one in read_ if one is not None]))

    def _session(self, commands: Commands, by: Order, session_id: SessionId) -> Known:
        session = commands.states("session", [session_id])[session_id]
        if not isinstance(session, Known):
            raise UnknownSession(session_id=session_id)
        if by.programs is not None and session.program_id not in by.programs:
            raise OutOfReach(what="session")
        return session

    def _command(
        self, by: Order, session_id: SessionId, session: Known, state: Any, note_id: NoteId, shared: NoteId, part: Part
    ) -> DraftNote | ReviseNote:
        if isinstance(state, Document):
            return ReviseNote(
                note_id=note_id, content=part.content, goals=part.goals, identity_override=part.identity_override
            )
        entry = session.of(part.patient_id) if part.patient_id else None
        plan = session.plan
        return DraftNote(
            note_id=note_id, kind=_kind(part), program_id=plan.program_id,
            author_id=by.by, service_date=plan.service_date,
            service_ended_at=session.actual.stop if isinstance(session, Closed) else plan.ends_at,
            session_id=session_id, patient_id=part.patient_id, enrollment_id=entry.enrollment_id if entry else None,
            narrative_id=shared if part.patient_id else None, goals=part.goals, content=part.content,
            identity_override=part.identity_override,
        )


def note_id_of(session_id: SessionId, patient_id: PatientId | None) -> NoteId:
    """The id of a session's document about a patient, or of the narrative that all share."""
    return str(uuid5(NOTES, f"{session_id}:{patient_id or 'narrative'}"))


def signature_of(note_id: NoteId, part: Part) -> SignNote:
    """The command that signs a part."""
    return SignNote(note_id=note_id, late_reason=part.late_reason, override_cause=part.override_cause)


def _order(by: Order, number: int, command: Any, what: str = "document") -> Order:
    key = f"{by.key}:{what}:{number}"
    return Order(
        command=command, by=by.by, role=by.role, programs=by.programs, key=key, on_behalf_of=by.on_behalf_of,
        digest=digest_of(what, {"key": key, "body": by.digest.hex()}), request=by.request, kept=by.kept,
    )


def _written(by: Order, session_id: SessionId, session: Known, note_id: NoteId, part: Part) -> Written:
    entry = session.of(part.patient_id) if part.patient_id else None
    return Written(
        note_id=note_id, kind=_kind(part), patient_id=part.patient_id,
        enrollment_id=entry.enrollment_id if entry else None, session_id=session_id, author_id=by.by,
        service_date=session.plan.service_date, content=part.content, goals=part.goals,
    )


def _kind(part: Part) -> DocumentKind:
    return "group" if part.patient_id else "group_narrative"
