"""What an author should see before signing: sections that are not ready, names of others, texts that read alike.

None of it refuses anything here. A document that is not ready is left out of what is laid out to be signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregates.codec import salvaged
from aggregates.kit import Seen
from aggregates.note.facts import DocumentKind, NoteContent, NoteDrafted
from aggregates.note.identities import Exposure
from aggregates.note.likeness import Comparison, Likeness, Wording
from aggregates.note.members import exposed, members
from aggregates.note.templates import Unready, unready
from aggregates.session.state import Known
from aggregates.values import Code, NoteId, PatientId
from api.commands.handle import Commands
from api.documenting.payers import wanted_sections
from iop_es.engine.log import Log

EARLIER = 5
"""How many of a patient's latest documents a new part is compared with. Ours."""
COMPARED = frozenset({"group", "individual"})
WORDED = frozenset({"note.drafted", "note.revised"})


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it now stands; no patient: what the group shares."""

    note_id: NoteId
    kind: DocumentKind
    patient_id: PatientId | None
    content: NoteContent
    goals: tuple[Code, ...]
    required: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see about one document."""

    unready: tuple[Unready, ...]
    exposures: tuple[Exposure, ...]
    likenesses: tuple[Likeness, ...]


def look_over(commands: Commands, log: Log, session: Known, documents: Sequence[Written]) -> dict[NoteId, Look]:
    """What there is to see about each document of a session, by its id."""
    if not documents:
        return {}
    people = [one.patient_id for one in session.everyone.values()]
    states = commands.states("patient", people)
    seen = {name: Seen(one.id or "", 1, states[one.id or ""]) for name, one in members(session).items()}
    wanted = wanted_sections(commands.states, log, states, session.plan.service_date)
    alike = _alike(log, [one for one in documents if one.patient_id is not None])
    return {
        one.note_id: Look(
            unready=unready(
                one.kind, _sections(one.content), one.goals, (*one.required, *wanted.get(one.patient_id or "", ()))
            ),
            exposures=exposed(one.content, one.patient_id, seen),
            likenesses=alike.get(one.note_id, ()),
        )
        for one in documents
    }


def _alike(log: Log, parts: Sequence[Written]) -> Mapping[NoteId, tuple[Likeness, ...]]:
    """The likenesses of each part to the others of the session and to its patient's earlier documents."""
    wordings = {one.note_id: _wording(one) for one in parts}
    found: dict[NoteId, list[Likeness]] = {one.note_id: [] for one in parts}
    comparison = Comparison()
    for likeness in comparison.within(list(wordings.values())):
        found[likeness.note_id].append(likeness)
    earlier = _earlier(log, parts)
    for one in parts:
        found[one.note_id] += comparison.against(wordings[one.note_id], earlier.get(one.patient_id or "", ()))
    return {note_id: tuple(likenesses) for note_id, likenesses in found.items()}


def _earlier(log: Log, parts: Sequence[Written]) -> dict[PatientId, list[Wording]]:
    """What each patient's latest documents say, without the ones that are looked over now."""
    patients = [one.patient_id for one in parts if one.patient_id is not None]
    now = {one.note_id for one in parts}
    begun = log.latest_of_patients(patients, "note.drafted", EARLIER + 1)
    about = {fact.stream: fact.patients[0] for fact in begun if fact.stream not in now}
    found: dict[PatientId, list[Wording]] = {}
    for stream, facts in log.streams(list(about)).items():
        first = salvaged(facts[0].topic, facts[0].state)
        if not isinstance(first, NoteDrafted) or first.kind not in COMPARED:
            continue
        last = next(one for one in reversed(facts) if one.topic.partition("@")[0] in WORDED)
        worded = salvaged(last.topic, last.state, last.sealed)
        if getattr(worded, "sealed", None) is not None:
            sections = [(one.name, one.words) for one in worded.sealed.sections]
            found.setdefault(about[stream], []).append(Wording(stream, first.kind, sections))
    return found


def _wording(one: Written) -> Wording:
    return Wording(one.note_id, one.kind, _sections(one.content))


def _sections(content: NoteContent) -> list[tuple[str, str]]:
    return [(one.name, one.words) for one in content.sections]
