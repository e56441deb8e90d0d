"""Whether a person treats a patient, asked of the log itself: who was put in charge a moment ago has access at once.

One indexed query for the patients' own facts of a few names answers it for their teams, one more for who wrote of them
before; only who is neither costs the other documents, groups and sessions, and who is on call or supervises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aggregates.access.facts import BreakGlassOpened
from aggregates.access.state import Access, evolve
from aggregates.access.streams import access_of
from aggregates.clinician import AGGREGATE as CLINICIAN
from aggregates.codec import legible
from aggregates.days import latest_day
from aggregates.group import AGGREGATE as GROUP
from aggregates.group.state import Formed
from aggregates.kit import Aggregate
from aggregates.note.facts import FacilitatorSigned, NoteCosigned, NoteDrafted, NoteSigned
from aggregates.registry import AGGREGATES
from aggregates.relationship import LEADING, OTHERS, SIGNATURES, TEAM, Treated, leads_a_group, leads_sessions
from aggregates.values import NoteId, PatientId, PersonId, ProgramId, Role, SessionId
from api.documenting.payers import terms_of
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
    return _each(patients, log.about(patients, TEAM))


def roster(log: Log, session: SessionId) -> list[PatientId]:
    """Everybody whom a session was ever about."""
    return sorted(log.members(session))


def treated_of(
    log: Log, who: Asking, patients: Sequence[PatientId], known: Mapping[PatientId, Sequence[StoredFact]] | None = None
) -> Iterator[PatientId]:
    """Those of some patients whom the person treats, who have somebody whom the person supervises, or in whose programs
    the person is on call; as they are found, with a query for all of them at each step. `known` are their facts of
    `teams`, where they were read before."""
    told = {patient: Treated() for patient in patients}
    for patient, facts in (teams(log, patients) if known is None else known).items():
        for one in facts if patient in told else ():
            told[patient].take(one.stream, _read(one), partial(getattr, one, "actor"))
    people = {patient: one.people(who.now) for patient, one in told.items()}
    near = {
        patient for patient, one in told.items()
        if who.person in people[patient] or one.awaits_admission(who.programs)
    }  # fmt: skip
    yield from near
    left = [patient for patient in told if patient not in near]
    for step in (_written_of, _stood_in_for, _met):
        if left:
            near = step(log, who, {patient: told[patient] for patient in left}, people)
            yield from near
            left = [patient for patient in left if patient not in near]


def treats(log: Log, who: Asking, patient: PatientId) -> bool:
    """Whether the person treats the patient, supervises somebody who does, or is on call where they are in care."""
    return any(treated_of(log, who, [patient]))


def treats_somebody_of(log: Log, who: Asking, session: SessionId) -> bool:
    """Whether the person treats one of those on a session's roster: who leads it does, until all its documents are
    signed."""
    return any(treated_of(log, who, roster(log, session)))


def broken(log: Log, who: Asking, patient: PatientId) -> BreakGlassOpened | None:
    """The grant of a broken glass that lets the person in to this patient's record now."""
    state = Access()
    for fact in log.facts_of_streams([access_of(patient)]):
        state = evolve(state, _read(fact))
    return state.open_to(who.person, who.now) if state.grants else None


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


def open_documents(log: Log, who: Asking, documents: Mapping[NoteId, Sequence[StoredFact]]) -> set[NoteId]:
    """Which of these documents (their facts) are the person's own, about a patient whom the person treats, shared by a
    session of which the person treats somebody, or wait for the person's signature; in as many queries for all of a
    session as for one. A document that does not say whom it is about is kept from nobody here."""
    left = {
        note: about for note, facts in documents.items()
        if facts and isinstance(about := _read(facts[0]), NoteDrafted)
        and not owns(who, facts)
    }
    patients = {one.patient_id for one in left.values() if one.patient_id is not None}
    treated = set(treated_of(log, who, sorted(patients)))
    shared = {one.session_id for one in left.values() if one.patient_id is None}
    met = {session for session in shared if session is None or _meets(log, who, session, patients, treated)}
    closed = {
        note: one for note, one in left.items()
        if not (one.session_id in met if one.patient_id is None else one.patient_id in treated)
    }
    return (documents.keys() - closed.keys()) | owed_signatures(log, who, closed)


def _meets(
    log: Log, who: Asking, session: SessionId, asked: Collection[PatientId], treated: Collection[PatientId]
) -> bool:
    """Whether the person treats somebody of a session; about those who were `asked` about before that is known."""
    people = set(roster(log, session))
    return not people.isdisjoint(treated) or any(treated_of(log, who, sorted(people.difference(asked))))


def owed_signatures(log: Log, who: Asking, documents: Mapping[NoteId, NoteDrafted]) -> set[NoteId]:
    """Which of these, a patient's part of a group or what all share, wait for the person's signature beside its
    author's, which each of several who led the group gives once, under the part or under what all share, where the
    patient's payer wants it of all."""
    groups = {note: one.session_id for note, one in documents.items() if one.session_id and one.service_kind == "group"}
    led = {
        session for session, one in _last_of(log, sorted(set(groups.values()))).items()
        if who.person in (leaders := leads_sessions({session: one})) and len(leaders) > 1
    }
    groups = {note: session for note, session in groups.items() if session in led}
    rosters = {one: roster(log, one) for one in {groups[note] for note in groups if not documents[note].patient_id}}
    about = {
        note: [patient] if (patient := documents[note].patient_id) else rosters[session]
        for note, session in groups.items()
    }
    signed = _signatures(log, sorted({patient for several in about.values() for patient in several}))
    lacking = {
        note: {
            (patient, documents[note].service_date) for patient in several
            if signed[patient].lacks_signature_of(who.person, groups[note])
        }
        for note, several in about.items()
    }
    wanted = {one for several in lacking.values() for one in several}
    terms = terms_of(partial(_states, log), log, wanted) if wanted else {}
    owed = {one for one, known in terms.items() if known.every_facilitator_signs != "none"}
    return {note for note, several in lacking.items() if not owed.isdisjoint(several)}


def _signatures(log: Log, patients: Sequence[PatientId]) -> dict[PatientId, Treated]:
    """Who signed and who led, of each patient's groups."""
    found = {patient: Treated() for patient in patients}
    for patient, facts in _each(patients, log.about(patients, SIGNATURES, with_context=False)).items():
        for one in facts:
            found[patient].take(one.stream, _read(one), lambda: "")
    return found


def _states(log: Log, aggregate: str, streams: Sequence[str]) -> dict[str, Any]:
    stored = log.streams(streams, with_patients=False)
    return {stream: _folded(AGGREGATES[aggregate], facts) for stream, facts in stored.items()}


def _each(patients: Sequence[PatientId], facts: Iterable[StoredFact]) -> dict[PatientId, list[StoredFact]]:
    found: dict[PatientId, list[StoredFact]] = {patient: [] for patient in patients}
    for one in facts:
        for patient in one.patients:
            found[patient].append(one)
    return found


People = Mapping[PatientId, frozenset[PersonId]]


def _written_of(log: Log, who: Asking, told: Mapping[PatientId, Treated], _people: People) -> set[PatientId]:
    """About whom the person's last document is of an open episode and was not struck."""
    found = log.latest_of_patients(list(told), ["note.drafted"], 1, said=("author_id", [who.person]))
    drafted = [
        (patient, one.stream) for one in found for patient in one.patients
        if told[patient].is_open(getattr(_read(one), "enrollment_id", None), who.now)
    ]  # fmt: skip
    struck = {one.stream for one in log.last_of_streams([stream for _, stream in drafted], ("note.entered_in_error",))}
    return {patient for patient, stream in drafted if stream not in struck}


def _stood_in_for(log: Log, who: Asking, told: Mapping[PatientId, Treated], people: People) -> set[PatientId]:
    """In whose programs the person is on call, or who have one in their team whom the person supervises."""
    own = _folded(CLINICIAN, log.streams([who.person], with_patients=False)[who.person])
    called = own.on_call_for(who.now) & who.programs
    supervised = _supervised(log, who, {one for patient in told for one in people[patient]})
    return {one for one, state in told.items() if called & state.programs(who.now) or supervised & people[one]}


def _met(log: Log, who: Asking, told: Mapping[PatientId, Treated], people: People) -> set[PatientId]:
    """Who have the person, or one whom the person supervises, in the room or in a document."""
    for one in log.about(list(told), OTHERS, with_context=False):
        fact = _read(one)
        for patient in one.patients:
            told[patient].take(one.stream, fact, lambda: "")
    sessions = {patient: state.sessions(who.now) for patient, state in told.items()}
    last = _last_of(log, sorted({one for several in sessions.values() for one in several}))
    groups = _groups(log, sorted({one for state in told.values() for one in state.groups}))
    more = {
        patient: state.people(who.now)
        | leads_sessions({one: last[one] for one in sessions[patient] if one in last})
        | {one for group in state.groups if group in groups for one in leads_a_group(groups[group], patient, who.now)}
        for patient, state in told.items()
    }  # fmt: skip
    supervised = _supervised(log, who, {one for patient, found in more.items() for one in found - people[patient]})
    return {patient for patient, found in more.items() if who.person in found or supervised & found}


def _groups(log: Log, groups: Sequence[str]) -> dict[str, Any]:
    """The states of those groups that were formed."""
    found = log.streams(groups, with_patients=False) if groups else {}
    states = {group: _folded(GROUP, facts) for group, facts in found.items()}
    return {group: state for group, state in states.items() if isinstance(state, Formed)}


def _last_of(log: Log, sessions: Sequence[str]) -> dict[str, Any]:
    found = log.last_of_streams(sessions, LEADING)
    return {one.stream: _read(one) for one in found}


def _supervised(log: Log, who: Asking, people: Iterable[PersonId]) -> set[PersonId]:
    """Which of the people the person, as a supervisor, supervises today."""
    asked = sorted(people) if who.role == "supervisor" else []
    streams = log.streams(asked, with_patients=False) if asked else {}
    states = {one: _folded(CLINICIAN, facts) for one, facts in streams.items()}
    return {one for one, state in states.items() if state.supervisor_on(latest_day(who.now)) == who.person}


def _read(one: StoredFact) -> Any:
    """The fact without what is sealed in it; a damaged one says nothing, and keeps nobody from the others."""
    return legible(one.topic, one.state)


def _folded(aggregate: Aggregate, facts: Sequence[StoredFact]) -> Any:
    state = aggregate.initial
    for one in facts:
        state = aggregate.evolve(state, _read(one))
    return state
