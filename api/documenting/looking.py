"""What an author should see before signing: sections that are not ready, names of others, texts that read alike, and
until when a signature is in time.

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
from aggregates.values import Code, Instant, NoteId, SessionId
from api.commands.handle import Commands
from api.documenting.alike import Written, alike
from api.documenting.payers import asked_of
from iop_es.engine.log import Log


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see about one document. `due_at` is until when a signature is in time by the payer, `late`
    whether that is over by now."""

    unready: tuple[Unready, ...]
    exposures: tuple[Exposure, ...]
    likenesses: tuple[Likeness, ...]
    due_at: Instant | None
    late: bool


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
    asked = asked_of(commands.states, commands, {one.note_id: one for one in documents})
    planned, now = _planned(commands, documents), commands.now()
    like = alike(log, commands.states, documents, {name: one.plan.group_id for name, one in sessions.items()}, rosters)
    return {
        one.note_id: Look(
            unready=unready(
                one.kind, one.sections, one.goals,
                (*_of_facilitators(one, sessions), *asked[one.note_id].sections),
                planned.get(one.note_id), one.form,
            ),
            exposures=exposed(one.content, one.patient_id, seen[one.note_id]),
            likenesses=like.get(one.note_id, ()), due_at=asked[one.note_id].due_at,
            late=asked[one.note_id].late_at(now),
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


def _planned(commands: Commands, documents: Sequence[Written]) -> dict[NoteId, tuple[Code, ...]]:
    """The goals of the plan of care in force on the day of service, for each document that is held to one."""
    held = [one for one in documents if one.goals and one.enrollment_id and one.kind not in PLANS]
    episodes = commands.states("enrollment", list(dict.fromkeys(one.enrollment_id or "" for one in held)))
    plans = {
        one.note_id: episode.plan_on(one.service_date) for one in held
        if isinstance(episode := episodes[one.enrollment_id or ""], Episode)
    }
    return {note_id: plan.goals for note_id, plan in plans.items() if plan is not None}
