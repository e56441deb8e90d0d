"""Which documents a new one reads like: of the others of its session, and of the same patient's before.

A patient of an intensive program has three or four notes a day, so that the last few are all of yesterday afternoon.
Beside them stand the last ones of the same group and by the same author: those are what a note is copied from.
A progress note is held against its own kind, a note of the whole day against those of other days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from aggregates.codec import Damaged, salvaged
from aggregates.note import likeness
from aggregates.note.facts import DocumentKind, NoteAmended, NoteContent, NoteDrafted
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
from api.documenting.goals import Named, words_of_goals
from api.documenting.payers import States
from iop_es.engine.log import Log, StoredFact

EARLIER = 5
"""With how many of a patient's earlier documents a new one is compared. Ours."""
SAME = 2
"""How many of them are at least of the same group, and how many by the same author, where there are any. Ours."""
WITHIN = 16
"""How far back these are looked for, in compared documents: a week of four groups a day. Ours."""
TOGETHER: tuple[tuple[DocumentKind, ...], ...] = (
    ("group", "individual"), ("daily",), ("family",), ("medication_visit",), ("nursing",), ("collateral",),
    ("case_management",), ("crisis",),
)  # fmt: skip
"""The kinds of progress notes, and which of them are held against each other. Ours."""
WORDED = frozenset({"note.drafted", "note.revised"})
AMENDED, STRUCK = "note.amended", "note.entered_in_error"


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it now stands; no patient: what the group shares. `empty` are sections that were sent so,
    `form` is the version of its template."""

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
    empty: tuple[Code, ...] = ()
    form: int | None = None

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Each section's name and words."""
        return [*((one.name, one.words) for one in self.content.sections), *((name, "") for name in self.empty)]


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
        goals=_goals(facts, worded.goals), form=about.template_version,
    )


def _goals(facts: Sequence[StoredFact], named: tuple[Code, ...]) -> tuple[Code, ...]:
    """The goals that a document names: those of its wording, or what a later correction says."""
    for one in reversed(facts):
        if one.name in WORDED:
            break
        told = salvaged(one.topic, one.state, checked=False) if one.name == AMENDED else None
        if isinstance(told, NoteAmended) and told.goals is not None:
            return told.goals
    return named


def _worded(facts: Sequence[StoredFact], *, checked: bool = True) -> Any:
    """The fact that has a document's words as they stand; None where they cannot be read, or it was struck."""
    last = next((one for one in reversed(facts) if one.name in WORDED), None)
    if last is None or last.sealed is None or facts[-1].name == STRUCK:
        return None
    found = salvaged(last.topic, last.state, last.sealed, checked=checked)
    return None if isinstance(found, Damaged) or found.sealed is None else found


def alike(
    log: Log, states: States, documents: Sequence[Written], groups: Mapping[SessionId, GroupId | None],
    rosters: Mapping[SessionId, Sequence[PatientId]],
) -> Mapping[NoteId, tuple[Likeness, ...]]:
    """The likenesses of each document, by its id; `groups` and `rosters` are of the documents' sessions."""
    found: dict[NoteId, list[Likeness]] = {}
    others: dict[NoteId, list[_Begun]] = {}
    pairs: list[tuple[NoteId, NoteId]] = []
    for kinds in TOGETHER:
        parts = [one for one in documents if one.patient_id is not None and one.kind in kinds]
        found |= {one.note_id: [] for one in parts}
        others |= _others(log, parts, kinds, groups, rosters) if parts else {}
        for together in _by_session(parts).values():
            pairs += [(one.note_id, other.note_id) for one, other in combinations(together, 2)]
    if not found:
        return {}
    pairs += [(note_id, other.note_id) for note_id, several in others.items() for other in several]
    begun = {each.note_id: each for several in others.values() for each in several}
    wordings = _wordings(log, states, [one for one in documents if one.note_id in found], begun)
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
    log: Log, parts: Sequence[Written], kinds: Sequence[DocumentKind], groups: Mapping[SessionId, GroupId | None],
    rosters: Mapping[SessionId, Sequence[PatientId]],
) -> dict[NoteId, list[_Begun]]:
    """What is on record to hold each part against."""
    people = {one.patient_id: None for one in parts if one.patient_id}
    people |= {patient: None for one in parts for patient in rosters.get(one.session_id or "", ())}
    facts = log.latest_of_patients(
        list(people), ["note.drafted"], WITHIN, said=("kind", kinds), apart=[one.note_id for one in parts]
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


def _wordings(
    log: Log, states: States, parts: Sequence[Written], begun: Mapping[NoteId, _Begun]
) -> dict[NoteId, Wording]:
    """What each says, of those begun as it stands now; and the words of the goals that it names."""
    last = log.last_of_streams(sorted(begun), [*WORDED, STRUCK])
    worded = {
        fact.stream: told for fact in last if (told := _worded([fact], checked=False)) is not None
    }
    own = {one.note_id: Named(one.enrollment_id, one.service_date, one.goals) for one in parts}
    others = {
        stream: Named(begun[stream].about.enrollment_id, begun[stream].about.service_date, told.goals)
        for stream, told in worded.items()
    }
    goals = words_of_goals(states, log, own, others)
    return {
        stream: Wording(
            stream, (about := begun[stream].about).kind, [(one.name, one.words) for one in told.sealed.sections],
            goals[stream], about.template_version,
        )
        for stream, told in worded.items()
    } | {one.note_id: Wording(one.note_id, one.kind, one.sections, goals[one.note_id], one.form) for one in parts}
