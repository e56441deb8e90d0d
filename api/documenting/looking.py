"""What an author should see before signing: sections that are not ready, names of others, texts that read alike, and
until when a signature is in time.

None of it refuses anything here. A document that is not ready is left out of what a group's documentation lays out to
be signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregates.enrollment.state import Episode
from aggregates.kit import Seen
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Likeness
from aggregates.note.members import exposed, members
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
    people |= {patient: None for roster in rosters.values() for patient in roster}
    states = commands.states("patient", list(people))
    seen = {
        name: {member: Seen(one.id or "", 1, states[one.id or ""]) for member, one in members(session).items()}
        for name, session in sessions.items()
    }
    asked = asked_of(commands.states, log, {one.note_id: one for one in documents})
    planned, now = _planned(commands, documents), commands.now()
    like = alike(log, documents, {name: one.plan.group_id for name, one in sessions.items()}, rosters)
    return {
        one.note_id: Look(
            unready=unready(
                one.kind, one.sections, one.goals,
                (*_of_facilitators(one, sessions), *asked[one.note_id].sections),
                planned.get(one.note_id),
            ),
            exposures=exposed(one.content, one.patient_id, seen.get(one.session_id or "", {})),
            likenesses=like.get(one.note_id, ()), due_at=asked[one.note_id].due_at,
            late=asked[one.note_id].late_at(now),
        )
        for one in documents
    }


def _sessions(commands: Commands, documents: Sequence[Written]) -> dict[SessionId, Known]:
    named = list(dict.fromkeys(one.session_id for one in documents if one.session_id))
    return {name: one for name, one in commands.states("session", named).items() if isinstance(one, Known)}


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
