"""Before the signature: begin a document, change its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregates.decision import made, not_in_the_future
from aggregates.episode import episode_of
from aggregates.kit import Act, Claim, Seen, altered
from aggregates.note import content
from aggregates.note.commands import DraftNote, ReviseNote
from aggregates.note.facts import NoteContent, NoteDrafted, NoteRevised, SealedContent
from aggregates.note.members import must_name_nobody_else
from aggregates.note.refusals import (
    AnothersDraft,
    AttendanceOfAnother,
    DocumentBegunMeanwhile,
    DocumentIncomplete,
    DocumentStands,
    NarrativeNamesPatient,
    NarrativeOfAnotherSession,
    NarrativeStruck,
    NoteAlreadyDrafted,
    NoteAlreadySigned,
    NoteStruck,
    NotInTheGroup,
    ServiceDateDiffers,
    ServiceEndElsewhere,
    SessionOfAnotherProgram,
    UnknownNarrative,
    UnknownNote,
)
from aggregates.note.state import Document, Signed, State, Struck
from aggregates.note.templates import template, untouched
from aggregates.patient.decide import UnknownPatient
from aggregates.session.refusals import UnknownSession
from aggregates.session.state import Known
from aggregates.values import NoteId, SessionId, moment

Outcomes = tuple[Any, ...]
NEEDED = {
    "group_narrative": ("session_id",), "group": ("patient_id", "session_id", "narrative_id"),
    "certification": ("patient_id", "enrollment_id"),
}  # fmt: skip
"""Without what a document of a kind cannot begin; any other needs the patient."""


ONCE = "session_document"
"""What a session has once: its narrative, and a part for each of its patients (2.1: one note per patient per group)."""


def place_of(about: NoteDrafted | DraftNote) -> tuple[str, str] | None:
    """The reservation of what a document is in its session; None for one of which there may be several."""
    if about.session_id is None or about.kind not in ("group_narrative", "group"):
        return None
    return (ONCE, f"{about.session_id}:{about.patient_id or 'narrative'}")


def _claimed(fact: NoteDrafted, standing: Seen | None) -> tuple[Claim, ...]:
    """Its place, unless another document stands there. Raises DocumentStands."""
    place = place_of(fact)
    if place is None:
        return ()
    if standing is not None:
        raise DocumentStands(note_id=standing.id, by=standing.state.author_id)
    return (Claim(*place, held=DocumentBegunMeanwhile),)


def readable(state: State, note_id: str) -> Document:
    """The document, unless it was struck.

    Raises UnknownNote, NoteStruck.
    """
    match state:
        case Struck():
            raise NoteStruck(note_id=note_id, by=state.declared_by)
        case Document():
            return state
    raise UnknownNote(note_id=note_id)


def draft(state: State, command: DraftNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """A document begins, held against the session, the narrative and the episode that it names."""
    fact = _drafted(command, act, seen)
    if isinstance(state, Document):
        if _begins_alike(state.drafted, fact, command):
            return ()
        raise NoteAlreadyDrafted(note_id=command.note_id)
    if fact.author_id not in (act.by, act.on_behalf_of):
        raise AnothersDraft(author_id=fact.author_id)
    not_in_the_future(act, fact.service_date)
    _must_end_then(fact)
    _must_be_complete(fact)
    if fact.session_id is not None:
        _must_match(fact, seen["session"].state)
    if fact.narrative_id is not None:
        must_rest_on(fact.narrative_id, fact.session_id, seen["narrative"].state)
    must_have_come(fact, seen.get("session"))
    _must_be_of(fact, seen)
    must_name_nobody_else(command.content, fact.patient_id, seen, command.identity_override)
    return fact, *_claimed(fact, seen.get("standing"))


def revise(state: State, command: ReviseNote, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Other words, by the author alone; the same words and goals change nothing, unless a cause for them is new."""
    document = readable(state, command.note_id)
    if isinstance(document, Signed):
        raise NoteAlreadySigned(by=document.signer_id, at=document.signed_at)
    if document.author_id != act.by:
        raise AnothersDraft(author_id=document.author_id)
    must_have_come(document.drafted, seen.get("session"))
    goals = document.goals if command.goals is None else command.goals
    kind, form = document.drafted.kind, document.drafted.template_version
    about, moves = document.drafted, command.narrative_id not in (None, document.drafted.narrative_id)
    if moves:
        must_rest_on(command.narrative_id, about.session_id, seen["narrative"].state)
        about = altered(about, narrative_id=command.narrative_id)
    elif says(document, command.note_id, command.content, goals) and not _explains(document, command):
        return ()
    must_name_nobody_else(command.content, document.patient_id, seen, command.identity_override)
    told = _told(about, command.note_id, document.version + 1, command.content, goals, act.salt)
    return (
        NoteRevised(
            content_digest=told, narrative_id=command.narrative_id if moves else None, goals=goals,
            sections=sections(command.content), untouched=untouched(kind, told_in(command.content), form),
            identity_override=command.identity_override,
            sealed=SealedContent(sections=command.content.sections, salt=act.salt),
        ),
    )


def _explains(document: Document, command: ReviseNote) -> bool:
    """Whether it brings a cause for what stands there already: somebody named in it came onto the roster since."""
    return command.identity_override not in (None, document.wording.identity_override)


def says(document: Document, note_id: str, words: NoteContent, goals: tuple[str, ...]) -> bool:
    """Whether the document reads so already; never so of words whose key is gone."""
    now = document.wording
    told = _told(document.drafted, note_id, now.version, words, goals, now.salt)
    return (told, goals) == (now.content_digest, now.goals)


def _told(
    about: NoteDrafted, note_id: str, version: int, words: NoteContent, goals: tuple[str, ...], salt: str | None
) -> str:
    """How a wording with this salt would be told."""
    if salt is None:
        return content.unsalted(words)
    return content.commitment(content.document(about, note_id, version, words, goals), salt)


def sections(words: NoteContent) -> tuple[str, ...]:
    """The names of the sections, in order."""
    return tuple(one.name for one in words.sections)


def told_in(words: NoteContent) -> list[tuple[str, str]]:
    """Each section's name and words."""
    return [(one.name, one.words) for one in words.sections]


def _begins_alike(first: NoteDrafted, fact: NoteDrafted, command: DraftNote) -> bool:
    """Whether the document began as this command would begin it, whatever was made of it since."""
    salt = first.sealed.salt if first.sealed else None
    told = _told(first, command.note_id, 1, command.content, command.goals, salt)
    again = replace(fact, template_version=first.template_version, untouched=first.untouched)
    return replace(again, content_digest=told, sections=first.sections, sealed=first.sealed) == first


def _drafted(command: DraftNote, act: Act, seen: Mapping[str, Seen]) -> NoteDrafted:
    """The fact, with what the session knows of the patient and the service."""
    session = seen["session"].state if command.session_id is not None else None
    attendance_id, service_kind = command.attendance_id, command.service_kind
    if isinstance(session, Known):
        entry = session.of(command.patient_id) if command.patient_id else None
        attendance_id = attendance_id or (entry.attendance_id if entry else None)
        service_kind = service_kind or session.plan.service_kind
    about = made(
        NoteDrafted, command, author_id=command.author_id or act.by, attendance_id=attendance_id,
        service_kind=service_kind, sections=sections(command.content), content_digest=act.salt,
        template_version=template(command.kind).version,
        untouched=untouched(command.kind, told_in(command.content)),
        sealed=SealedContent(sections=command.content.sections, salt=act.salt),
    )
    told = _told(about, command.note_id, 1, command.content, command.goals, act.salt)
    return altered(about, content_digest=told)


def _must_end_then(fact: NoteDrafted) -> None:
    """The end lies on the service's day or, past midnight, on the next, in some time zone."""
    ended_at = moment(fact.service_ended_at)
    earliest = (ended_at - timedelta(hours=36)).date().isoformat()
    latest = (ended_at + timedelta(hours=14)).date().isoformat()
    if not earliest <= fact.service_date <= latest:
        raise ServiceEndElsewhere(service_date=fact.service_date, service_ended_at=fact.service_ended_at)


def _must_be_complete(fact: NoteDrafted) -> None:
    missing = [name for name in NEEDED.get(fact.kind, ("patient_id",)) if getattr(fact, name) is None]
    if missing:
        raise DocumentIncomplete(kind=fact.kind, missing=", ".join(missing))
    if fact.kind != "group_narrative":
        return
    for name in ("patient_id", "enrollment_id", "attendance_id", "narrative_id"):
        if getattr(fact, name) is not None:
            raise NarrativeNamesPatient(field=name)


def _must_match(fact: NoteDrafted, session: Any) -> None:
    if not isinstance(session, Known):
        raise UnknownSession(session_id=fact.session_id)
    if session.program_id != fact.program_id:
        raise SessionOfAnotherProgram(session_id=fact.session_id, program_id=session.program_id)
    if session.plan.service_date != fact.service_date:
        raise ServiceDateDiffers(
            session_id=fact.session_id, session_date=session.plan.service_date, service_date=fact.service_date,
        )
    if fact.kind == "group" and fact.attendance_id is None:
        raise DocumentIncomplete(kind=fact.kind, missing="the patient on the session's roster")
    entry = session.everyone.get(fact.attendance_id or "")
    if fact.attendance_id is not None and (entry is None or entry.patient_id != fact.patient_id):
        raise AttendanceOfAnother(attendance_id=fact.attendance_id, patient_id=fact.patient_id)


def must_have_come(about: NoteDrafted, session: Seen | None) -> None:
    """Who is known not to have come has no part in the group, whenever that became known. Raises NotInTheGroup."""
    if about.kind != "group" or session is None or not isinstance(session.state, Known):
        return
    if session.state.was_absent(about.attendance_id):
        raise NotInTheGroup(patient_id=about.patient_id)


def must_rest_on(narrative_id: NoteId | None, session_id: SessionId | None, narrative: Any) -> None:
    """A part rests on its own session's narrative, as long as that was not struck.

    Raises UnknownNarrative, NarrativeOfAnotherSession, NarrativeStruck.
    """
    if not isinstance(narrative, Document):
        raise UnknownNarrative(narrative_id=narrative_id)
    if narrative.drafted.kind != "group_narrative" or narrative.drafted.session_id != session_id:
        raise NarrativeOfAnotherSession(narrative_id=narrative_id, session_id=session_id)
    if isinstance(narrative, Struck):
        raise NarrativeStruck(narrative_id=narrative_id)


def _must_be_of(fact: NoteDrafted, seen: Mapping[str, Seen]) -> None:
    """The patient is registered, the episode is this patient's."""
    if fact.patient_id is None:
        return
    if seen["patient"].version == 0:
        raise UnknownPatient(patient_id=fact.patient_id)
    if fact.enrollment_id is not None:
        episode_of(fact.enrollment_id, fact.patient_id, seen)
