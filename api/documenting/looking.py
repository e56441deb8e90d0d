"""What an author should see before signing: sections that are not ready, names of others, texts that read alike.

None of it refuses anything here. A document that is not ready is left out of what a group's documentation lays out to
be signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregates.enrollment.state import Episode
from aggregates.kit import Seen, Stream
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.members import DAY, exposed, members, met, of_the_day
from aggregates.note.templates import PLANS, Unready, of_facilitators, unready
from aggregates.session.state import Known
from aggregates.values import Code, NoteId, PatientId, SessionId
from api.commands.handle import Commands
from api.documenting.alike import Written, alike
from api.documenting.payers import wanted_sections
from iop_es.engine.log import Log


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see about one document."""

    unready: tuple[Unready, ...]
    exposures: tuple[Exposure, ...]
    likenesses: tuple[Likeness, ...]


def look_over(commands: Commands, log: Log, documents: Sequence[Written]) -> dict[NoteId, Look]:
    """What there is to see about each document, by its id."""
    if not documents:
        return {}
    sessions = _sessions(commands, documents)
    rosters = {name: [one.patient_id for one in each.everyone.values()] for name, each in sessions.items()}
    people = {one.patient_id: None for one in documents if one.patient_id}
    known = _known(commands, documents, sessions)
    people |= {one.id or "": None for several in known.values() for one in several.values()}
    states = commands.states("patient", list(people))
    seen = {
        note_id: {member: Seen(one.id or "", 1, states[one.id or ""]) for member, one in several.items()}
        for note_id, several in known.items()
    }
    wanted, planned = _wanted(commands, documents, states), _planned(commands, documents)
    like = alike(log, commands.states, documents, {name: one.plan.group_id for name, one in sessions.items()}, rosters)
    return {
        one.note_id: Look(
            unready=unready(
                one.kind, one.sections, one.goals,
                (*_of_facilitators(one, sessions), *wanted.get((one.service_date, one.patient_id), ())),
                planned.get(one.note_id), one.form,
            ),
            exposures=exposed(one.content, one.patient_id, seen[one.note_id]),
            likenesses=like.get(one.note_id, ()),
        )
        for one in documents
    }


def _sessions(commands: Commands, documents: Sequence[Written]) -> dict[SessionId, Known]:
    named = list(dict.fromkeys(one.session_id for one in documents if one.session_id))
    return {name: one for name, one in commands.states("session", named).items() if isinstance(one, Known)}


def _known(
    commands: Commands, documents: Sequence[Written], sessions: Mapping[SessionId, Known]
) -> dict[NoteId, dict[str, Stream]]:
    """Who could be named in each document: the members of its session, or of the patient's sessions of that day."""
    rosters = {name: members(session) for name, session in sessions.items()}
    alone = [one for one in documents if one.session_id is None and one.patient_id is not None]
    days = {one.note_id: of_the_day(one.patient_id or "", one.service_date)[DAY] for one in alone}
    seen = commands.look(days) if days else {}
    found = {one.note_id: rosters.get(one.session_id or "", {}) for one in documents}
    for one in alone:
        own = {name.replace(one.note_id, DAY): each for name, each in seen.items() if name.startswith(one.note_id)}
        found[one.note_id] = met(one.program_id, one.service_date, own)
    return found


def _of_facilitators(one: Written, sessions: Mapping[SessionId, Known]) -> tuple[Code, ...]:
    session = sessions.get(one.session_id or "")
    if session is None:
        return ()
    return of_facilitators(one.kind, getattr(session, "facilitators", None) or session.plan.facilitators)


def _wanted(
    commands: Commands, documents: Sequence[Written], states: Mapping[PatientId, object]
) -> dict[tuple[str, PatientId | None], tuple[Code, ...]]:
    """The sections that the payer of each patient asks for, by day and patient."""
    found: dict[tuple[str, PatientId | None], tuple[Code, ...]] = {}
    for day in dict.fromkeys(one.service_date for one in documents):
        people = (one.patient_id for one in documents if one.patient_id and one.service_date == day)
        about = {patient: states[patient] for patient in people}
        found |= {(day, who): names for who, names in wanted_sections(commands.states, commands, about, day).items()}
    return found


def _planned(commands: Commands, documents: Sequence[Written]) -> dict[NoteId, tuple[Code, ...]]:
    """The goals of the plan of care in force on the day of service, for each document that is held to one."""
    held = [one for one in documents if one.goals and one.enrollment_id and one.kind not in PLANS]
    episodes = commands.states("enrollment", list(dict.fromkeys(one.enrollment_id or "" for one in held)))
    plans = {
        one.note_id: episode.plan_on(one.service_date) for one in held
        if isinstance(episode := episodes[one.enrollment_id or ""], Episode)
    }
    return {note_id: plan.goals for note_id, plan in plans.items() if plan is not None}
