"""Which documents a new one reads like: of the others of its session, and of the same patient's before.

A patient of an intensive program has three or four notes a day, so that the last few are all of yesterday afternoon.
Beside them stand the last ones of the same group and by the same author: those are what a note is copied from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from aggregates.codec import Damaged, salvaged
from aggregates.note import likeness
from aggregates.note.facts import DocumentKind, NoteContent, NoteDrafted
from aggregates.note.likeness import Likeness, Wording
from aggregates.session.facts import SessionScheduled
from aggregates.values import (
    ClinicianId,
    Code,
    Date,
    EnrollmentId,
    GroupId,
    Instant,
    NoteId,
    PatientId,
    ProgramId,
    SessionId,
)
from iop_es.engine.log import Log, StoredFact

EARLIER = 5
"""With how many of a patient's earlier documents a new one is compared. Ours."""
SAME = 2
"""How many of them are at least of the same group, and how many by the same author, where there are any. Ours."""
WITHIN = 16
"""How far back these are looked for, in compared documents: a week of four groups a day. Ours."""
COMPARED: tuple[DocumentKind, ...] = ("group", "individual")
WORDED = frozenset({"note.drafted", "note.revised"})
STRUCK = "note.entered_in_error"


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it now stands; no patient: what the group shares."""

    note_id: NoteId
    kind: DocumentKind
    program_id: ProgramId
    patient_id: PatientId | None
    enrollment_id: EnrollmentId | None
    session_id: SessionId | None
    author_id: ClinicianId
    service_date: Date
    service_ended_at: Instant
    content: NoteContent
    goals: tuple[Code, ...]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Each section's name and words."""
        return [(one.name, one.words) for one in self.content.sections]


@dataclass(frozen=True, slots=True)
class _Begun:
    """How a document on record began."""

    note_id: NoteId
    about: NoteDrafted


def read(stream: NoteId, facts: Sequence[StoredFact]) -> Written | None:
    """A document from its facts; None where that is none, it was struck, or its words can no longer be read."""
    about = salvaged(facts[0].topic, facts[0].state) if facts else None
    worded = _worded(facts)
    if not isinstance(about, NoteDrafted) or worded is None:
        return None
    return Written(
        note_id=stream, kind=about.kind, program_id=about.program_id, patient_id=about.patient_id,
        enrollment_id=about.enrollment_id, session_id=about.session_id, author_id=about.author_id,
        service_date=about.service_date, service_ended_at=about.service_ended_at, content=worded.sealed,
        goals=worded.goals,
    )


def _worded(facts: Sequence[StoredFact], *, checked: bool = True) -> Any:
    """The fact that has a document's words as they stand; None where they cannot be read, or it was struck."""
    last = next((one for one in reversed(facts) if one.name in WORDED), None)
    if last is None or last.sealed is None or facts[-1].name == STRUCK:
        return None
    found = salvaged(last.topic, last.state, last.sealed, checked=checked)
    return None if isinstance(found, Damaged) or found.sealed is None else found


def alike(
    log: Log, documents: Sequence[Written], groups: Mapping[SessionId, GroupId | None],
    rosters: Mapping[SessionId, Sequence[PatientId]],
) -> Mapping[NoteId, tuple[Likeness, ...]]:
    """The likenesses of each document, by its id; `groups` and `rosters` are of the documents' sessions."""
    parts = [one for one in documents if one.patient_id is not None and one.kind in COMPARED]
    found: dict[NoteId, list[Likeness]] = {one.note_id: [] for one in parts}
    if not parts:
        return {}
    others = _others(log, parts, groups, rosters)
    wordings = _wordings(log, {each.note_id: each for several in others.values() for each in several})
    wordings |= {one.note_id: _wording(one) for one in parts}
    pairs = [
        (one.note_id, other.note_id) for together in _by_session(parts).values()
        for one, other in combinations(together, 2)
    ]
    pairs += [(note_id, other.note_id) for note_id, several in others.items() for other in several]
    known = [(wordings[one], wordings[other]) for one, other in pairs if other in wordings]
    for each in likeness.alike(known):
        found[each.note_id].append(each)
    return {note_id: tuple(likenesses) for note_id, likenesses in found.items()}


def _by_session(parts: Iterable[Written]) -> dict[SessionId, list[Written]]:
    found: dict[SessionId, list[Written]] = {}
    for one in parts:
        if one.session_id is not None:
            found.setdefault(one.session_id, []).append(one)
    return found


def _others(
    log: Log, parts: Sequence[Written], groups: Mapping[SessionId, GroupId | None],
    rosters: Mapping[SessionId, Sequence[PatientId]],
) -> dict[NoteId, list[_Begun]]:
    """What is on record to hold each part against."""
    people = {one.patient_id: None for one in parts if one.patient_id}
    people |= {patient: None for one in parts for patient in rosters.get(one.session_id or "", ())}
    facts = log.latest_of_patients(
        list(people), "note.drafted", WITHIN, said=("kind", COMPARED), apart=[one.note_id for one in parts]
    )
    begun: dict[PatientId, list[_Begun]] = {}
    for fact in reversed(facts):
        about = salvaged(fact.topic, fact.state, checked=False)
        if isinstance(about, NoteDrafted):
            begun.setdefault(fact.patients[0], []).append(_Begun(fact.stream, about))
    own = [one for patient in {one.patient_id for one in parts} for one in begun.get(patient or "", ())]
    grouped = dict(groups) | _groups(log, own, groups) if _must_choose(begun, parts) else groups
    return {
        one.note_id: [*_of_session(one, begun), *_earlier(one, begun.get(one.patient_id or "", ()), grouped)]
        for one in parts
    }


def _must_choose(begun: Mapping[PatientId, Sequence[_Begun]], parts: Sequence[Written]) -> bool:
    return any(len(begun.get(one.patient_id or "", ())) > EARLIER for one in parts)


def _of_session(part: Written, begun: Mapping[PatientId, Sequence[_Begun]]) -> list[_Begun]:
    """The documents of the same session about others, which were written apart from this one."""
    if part.session_id is None:
        return []
    return [
        one for patient, known in begun.items() if patient != part.patient_id
        for one in known if one.about.session_id == part.session_id
    ]


def _earlier(
    part: Written, known: Sequence[_Begun], groups: Mapping[SessionId, GroupId | None]
) -> list[_Begun]:
    """The last ones of the same group and by the same author, and what else came last; `known` begins with the last.
    What another program wrote is not for who writes here."""
    known = [one for one in known if one.about.program_id == part.program_id]
    group = groups.get(part.session_id or "")
    same = [one for one in known if group is not None and groups.get(one.about.session_id or "") == group]
    mine = [one for one in known if one.about.author_id == part.author_id]
    chosen = {one.note_id: one for one in (*same[:SAME], *mine[:SAME], *known)}
    return list(chosen.values())[:EARLIER]


def _groups(
    log: Log, begun: Sequence[_Begun], known: Mapping[SessionId, GroupId | None]
) -> dict[SessionId, GroupId | None]:
    """Of which group the sessions are, as they were planned."""
    sessions = dict.fromkeys(one.about.session_id for one in begun if one.about.session_id)
    first = log.first_of_streams([one for one in sessions if one not in known])
    planned = {one.stream: salvaged(one.topic, one.state, checked=False) for one in first}
    return {stream: fact.group_id for stream, fact in planned.items() if isinstance(fact, SessionScheduled)}


def _wordings(log: Log, begun: Mapping[NoteId, _Begun]) -> dict[NoteId, Wording]:
    last = log.last_of_streams(sorted(begun), [*WORDED, STRUCK])
    worded = {fact.stream: _worded([fact], checked=False) for fact in last}
    return {
        stream: Wording(stream, begun[stream].about.kind, [(one.name, one.words) for one in fact.sealed.sections])
        for stream, fact in worded.items() if fact is not None
    }


def _wording(one: Written) -> Wording:
    return Wording(one.note_id, one.kind, one.sections)
