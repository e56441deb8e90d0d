"""Whether a person treats a patient, asked of the log itself: who was put in charge a moment ago has access at once.

One indexed query for the patient's own facts of a few names answers it for the team, one more for who wrote of the
patient before; only who is neither costs the other documents, groups and sessions, and who is on call or supervises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aggregates.access.facts import BreakGlassOpened
from aggregates.access.state import Access, evolve
from aggregates.access.streams import access_of
from aggregates.clinician import AGGREGATE as CLINICIAN
from aggregates.codec import Damaged, UnknownFact, salvaged
from aggregates.days import latest_day
from aggregates.group import AGGREGATE as GROUP
from aggregates.group.state import Formed
from aggregates.kit import Aggregate
from aggregates.note.facts import FacilitatorSigned, NoteCosigned, NoteDrafted, NoteSigned
from aggregates.relationship import LEADING, OTHERS, TEAM, Treated, leads_a_group, leads_sessions
from aggregates.values import PatientId, PersonId, ProgramId, Role
from iop_es.engine.log import Log, StoredFact


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, in which role, within which programs, and when."""

    person: PersonId
    role: Role
    programs: frozenset[ProgramId]
    now: str


def teams(log: Log, patients: Sequence[PatientId]) -> dict[PatientId, list[StoredFact]]:
    """The facts that say who each patient's team is, in one query for all."""
    found: dict[PatientId, list[StoredFact]] = {patient: [] for patient in patients}
    for one in log.about(patients, TEAM):
        for patient in one.patients:
            found[patient].append(one)
    return found


def treats(log: Log, who: Asking, patient: PatientId, team: Sequence[StoredFact] | None = None) -> bool:
    """Whether the person treats the patient, supervises somebody who does, or is on call where they are in care;
    `team` are the patient's facts of `teams`, where they were read before."""
    treated = Treated()
    for one in teams(log, [patient])[patient] if team is None else team:
        treated.take(one.stream, _read(one), partial(getattr, one, "actor"))
    people = treated.people(who.now)
    if who.person in people or treated.awaits_admission(who.programs) or _wrote(log, treated, who, patient):
        return True
    if _stands_in(log, who, people, treated.programs(who.now)):
        return True
    for one in log.about([patient], OTHERS, with_context=False):
        treated.take(one.stream, _read(one), lambda: "")
    more = treated.people(who.now) | _in_the_room(log, treated, patient, who.now)
    return who.person in more or _supervises(log, who, more - people)


def _wrote(log: Log, treated: Treated, who: Asking, patient: PatientId) -> bool:
    """Whether the person's last document about the patient is of an open episode and was not struck."""
    found = log.latest_of_patients([patient], "note.drafted", 1, said=("author_id", [who.person]))
    drafted = [one for one in found if treated.is_open(getattr(_read(one), "enrollment_id", None), who.now)]
    return bool(drafted) and not log.last_of_streams([one.stream for one in drafted], ("note.entered_in_error",))


def treats_somebody_of(log: Log, who: Asking, session: str) -> bool:
    """Whether the person leads the session, or treats one of those on its roster."""
    return leads(log, who, session) or any(treats(log, who, one) for one in sorted(log.members(session)))


def treats_everybody_of(log: Log, who: Asking, session: str) -> bool:
    """Whether the person leads the session, or treats all of those on its roster."""
    return leads(log, who, session) or all(treats(log, who, one) for one in sorted(log.members(session)))


def broken(log: Log, who: Asking, patient: PatientId) -> BreakGlassOpened | None:
    """The grant of a broken glass that lets the person in to this patient's record now."""
    state = Access()
    for fact in log.facts_of_streams([access_of(patient)]):
        state = evolve(state, _read(fact))
    return state.open_to(who.person, who.now) if state.grants else None


def leads(log: Log, who: Asking, session: str) -> bool:
    """Whether the person leads the session, supervises somebody who does, or is on call for its program."""
    people = leads_sessions(_last_of(log, [session]))
    if who.person in people:
        return True
    first = [_read(one) for one in log.first_of_streams([session])]
    return _stands_in(log, who, people, frozenset(one.program_id for one in first if hasattr(one, "program_id")))


def owns(who: Asking, facts: Sequence[StoredFact]) -> bool:
    """Whether a document (its facts) is the person's own: by authorship, by a cosignature owed or given, or by a
    signature beside the author's."""
    for one in facts:
        if one.name in {"note.drafted", "note.signed", "note.cosigned", "note.facilitator_signed"}:
            fact = _read(one)
            named: tuple[Any, ...] = ()
            match fact:
                case NoteDrafted():
                    named = (fact.author_id,)
                case NoteSigned():
                    named = (fact.supervisor_id,)
                case NoteCosigned() | FacilitatorSigned():
                    named = (fact.signer_id,)
            if who.person in named:
                return True
    return False


def _in_the_room(log: Log, treated: Treated, patient: PatientId, now: str) -> frozenset[PersonId]:
    """Who leads the patient's groups and sessions."""
    found = leads_sessions(_last_of(log, treated.sessions(now)))
    groups = log.streams(list(treated.groups), with_patients=False) if treated.groups else {}
    for facts in groups.values():
        state = _folded(GROUP, facts)
        if isinstance(state, Formed):
            found |= leads_a_group(state, patient, now)
    return found


def _last_of(log: Log, sessions: Sequence[str]) -> dict[str, Any]:
    found = log.last_of_streams(sessions, LEADING)
    return {one.stream: _read(one) for one in found}


def _stands_in(log: Log, who: Asking, people: Iterable[PersonId], programs: frozenset[ProgramId]) -> bool:
    """Whether the person is on call for one of the programs, or supervises one of the people."""
    own = _folded(CLINICIAN, log.streams([who.person], with_patients=False)[who.person])
    return bool(own.on_call_for(who.now) & programs & who.programs) or _supervises(log, who, people)


def _supervises(log: Log, who: Asking, people: Iterable[PersonId]) -> bool:
    """Whether the person, as a supervisor, supervises one of the people today."""
    supervised = sorted(people) if who.role == "supervisor" else []
    streams = log.streams(supervised, with_patients=False) if supervised else {}
    states = (_folded(CLINICIAN, facts) for facts in streams.values())
    return any(one.supervisor_on(latest_day(who.now)) == who.person for one in states)


def _read(one: StoredFact) -> Any:
    """The fact without what is sealed in it; a damaged one says nothing, and keeps nobody from the others."""
    try:
        return salvaged(one.topic, one.state, checked=False)
    except UnknownFact:
        return Damaged(one.name)


def _folded(aggregate: Aggregate, facts: Sequence[StoredFact]) -> Any:
    state = aggregate.initial
    for one in facts:
        state = aggregate.evolve(state, _read(one))
    return state
