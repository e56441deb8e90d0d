"""A group's drafts, stored part by part: each whole or not at all, and none because of another.

A document's id follows from its session and patient, so that the same call again, or a mended one, finds the same
documents: a draft is rewritten, what is signed stays and says to be amended. After one was struck, the next id in turn
stands for it; drafts of parts then rest on the narrative that follows.

Where the narrative alone is refused and there is none yet, it begins without words, so that the parts are kept: each
rests on it, and none can be signed before it says something.

A document that a part names must be that patient's and of this session. Another one is told like one of other programs,
whoever wrote it: else it would be rewritten, looked over and put on record under a patient whom it is not about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aggregates.kit import Refusal, Stream
from aggregates.note.commands import DraftNote, ReviseNote
from aggregates.note.facts import DocumentKind, NoteContent
from aggregates.note.refusals import UnknownNarrative
from aggregates.note.state import Document, Signed, Struck
from aggregates.session.refusals import UnknownSession
from aggregates.session.state import Closed, Known
from aggregates.values import Code, Instant, NoteId, PatientId, PersonId, SessionId
from api.commands.handle import Commands
from api.commands.order import Answer, Order, OutOfReach, Reply, digest_of
from api.documenting.alike import Written

NOTES = uuid5(NAMESPACE_URL, "urn:iop-es:note")


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

    @property
    def kind(self) -> DocumentKind:
        """Of which kind its document is."""
        return "group" if self.patient_id else "group_narrative"


@dataclass(frozen=True, slots=True)
class Draft:
    """One document under its id, and what became of it. `expected`: it is the narrative, or its patient is or was on
    the session's roster."""

    note_id: NoteId
    part: Part
    answer: Answer
    expected: bool


@dataclass(frozen=True, slots=True)
class Drafts:
    """What became of a session's documents, in the order given; `shared` is the narrative that its parts rest on."""

    by: Order
    session_id: SessionId
    session: Known
    standing: Standing
    shared: NoteId
    each: list[Draft]

    def written(self) -> list[Written]:
        """Those that are stored, as they now stand."""
        return [self._written(one) for one in self.each if isinstance(one.answer, Reply)]

    def left_behind(self) -> list[NoteId]:
        """The parts that the author signed over a narrative which was struck, once there is another one."""
        return self.standing.left_behind(self.session, self.by.by, self.shared)

    def _written(self, draft: Draft) -> Written:
        part, session = draft.part, self.session
        return Written(
            note_id=draft.note_id, kind=part.kind, program_id=session.program_id, patient_id=part.patient_id,
            enrollment_id=_episode_of(session, part), session_id=self.session_id, author_id=self.by.by,
            service_date=session.plan.service_date, service_ended_at=_ended_at(session), content=part.content,
            goals=part.goals, empty=part.empty, form=self.standing.form_of(draft.note_id),
        )


def store(
    commands: Commands, by: Order, session_id: SessionId, narrative: Part | None, parts: Sequence[Part],
    recorded_at: str | None = None,
) -> Drafts:  # fmt: skip
    """Stores a session's documents through a door that remembers. `by` lends its person, role, programs and key.

    Raises UnknownSession, OutOfReach.
    """
    given = [*([narrative] if narrative else []), *parts]
    about = [None, *(part.patient_id for part in parts)]
    standing = Standing(commands, session_id)
    commands.read_ahead([Stream("session", session_id), Stream("clinician", by.by), *standing.streams(about)])
    session = _session(commands, by, session_id)
    commands.read_ahead([Stream("program", session.program_id), *_about(session, parts)])
    standing.read(about, [part.note_id for part in given if part.note_id])
    ids = [part.note_id or standing.ids[part.patient_id] for part in given]
    faults = {
        number: fault for number, (note_id, part) in enumerate(zip(ids, given, strict=True))
        if (fault := part.fault or standing.misnamed(note_id, part)) is not None
    }
    named = narrative is not None and not isinstance(faults.get(0), OutOfReach)
    drafting = _Drafting(by, session_id, session, standing, ids[0] if named else standing.ids[None])
    wanted = {
        number: drafting.order(number, note_id, part)
        for number, (note_id, part) in enumerate(zip(ids, given, strict=True)) if number not in faults
    }
    told: dict[int, Answer] = dict(zip(wanted, commands.handle_all(list(wanted.values()), recorded_at), strict=True))
    told |= faults
    waiting = {number: wanted[number] for number, answer in told.items() if _lacks(answer, drafting.shared)}
    if narrative is not None and isinstance(told[0], Exception) and waiting:
        begun = [drafting.without_words(narrative), *waiting.values()]
        told |= dict(zip(waiting, commands.handle_all(begun, recorded_at)[1:], strict=True))
    return Drafts(by, session_id, session, standing, drafting.shared, [
        Draft(
            note_id, part, NarrativeNotStored() if _lacks(told[number], drafting.shared) else told[number],
            part.patient_id is None or session.of(part.patient_id) is not None,
        )
        for number, (note_id, part) in enumerate(zip(ids, given, strict=True))
    ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Drafting:
    """What the commands of a group's documents have in common."""

    by: Order
    session_id: SessionId
    session: Known
    standing: Standing
    shared: NoteId

    def order(self, number: int, note_id: NoteId, part: Part) -> Order:
        """The order that stores the part of this number."""
        return order_of(self.by, number, self._command(note_id, part))

    def without_words(self, narrative: Part) -> Order:
        """The order by which the narrative begins and says nothing yet."""
        blank = replace(narrative, content=NoteContent(sections=()), identity_override=None)
        return order_of(self.by, 0, self._command(self.shared, blank), "begin")

    def _command(self, note_id: NoteId, part: Part) -> DraftNote | ReviseNote:
        state, plan = self.standing.states[note_id], self.session.plan
        if isinstance(state, Document):
            return ReviseNote(
                note_id=note_id, content=part.content, goals=part.goals, identity_override=part.identity_override,
                narrative_id=self.shared if self.standing.struck_under(state) else None,
            )
        return DraftNote(
            note_id=note_id, kind=part.kind, program_id=plan.program_id, author_id=self.by.by,
            service_date=plan.service_date, service_ended_at=_ended_at(self.session), session_id=self.session_id,
            patient_id=part.patient_id, enrollment_id=_episode_of(self.session, part),
            narrative_id=self.shared if part.patient_id else None, goals=part.goals, content=part.content,
            identity_override=part.identity_override,
        )


class Standing:
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

    def misnamed(self, note_id: NoteId, part: Part) -> OutOfReach | None:
        """How a part is refused whose document is about another patient or session, or of another kind."""
        state = self.states[note_id]
        if not isinstance(state, Document):
            return None
        is_of, wanted = state.drafted, (self._session_id, part.patient_id, part.kind)
        return None if (is_of.session_id, is_of.patient_id, is_of.kind) == wanted else OutOfReach(what="note")

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


def note_id_of(session_id: SessionId, patient_id: PatientId | None, number: int = 1) -> NoteId:
    """The id of a session's document about a patient, or of the narrative that all share; of the next in turn, where
    one was struck."""
    turn = "" if number == 1 else f":{number}"
    return str(uuid5(NOTES, f"{session_id}:{patient_id or 'narrative'}{turn}"))


def order_of(by: Order, number: int, command: Any, what: str = "document") -> Order:
    """One of several commands that a caller's order stands for; the same call again comes to the same orders."""
    key = f"{by.key}:{what}:{number}"
    return Order(
        command=command, by=by.by, role=by.role, programs=by.programs, key=key, on_behalf_of=by.on_behalf_of,
        digest=digest_of(what, {"key": key, "body": by.digest.hex()}), request=by.request, kept=by.kept,
    )


def _session(commands: Commands, by: Order, session_id: SessionId) -> Known:
    session = commands.states("session", [session_id])[session_id]
    if not isinstance(session, Known):
        raise UnknownSession(session_id=session_id)
    if by.programs is not None and session.program_id not in by.programs:
        raise OutOfReach(what="session")
    return session


def _about(session: Known, parts: Sequence[Part]) -> list[Stream]:
    """Everybody of the session, whose name may stand in a part, and the episodes of those whom a part is about."""
    episodes = [episode for part in parts if (episode := _episode_of(session, part))]
    return [
        *(Stream("patient", one.patient_id) for one in session.everyone.values()),
        *(Stream("enrollment", one) for one in episodes),
    ]


def _episode_of(session: Known, part: Part) -> str | None:
    entry = session.of(part.patient_id) if part.patient_id else None
    return entry.enrollment_id if entry else None


def _ended_at(session: Known) -> Instant:
    return session.actual.stop if isinstance(session, Closed) else session.plan.ends_at


def _lacks(answer: Answer, narrative: NoteId) -> bool:
    """Whether it was refused because there is no such narrative, which the door says first where a token came in."""
    not_there = isinstance(answer, OutOfReach) and answer.details.get("absent") == narrative
    return not_there or isinstance(answer, UnknownNarrative)
