"""Which documents there are to be shown: one, those of a session, those of a stretch of a patient's chart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aggregates.codec import Damaged, salvaged
from aggregates.note.facts import NoteDrafted
from aggregates.patient.state import Patient
from aggregates.values import Date, Id, NoteId, PatientId
from iop_es.engine.log import Log, StoredFact
from projections.chart.inputs import gather, story_of
from projections.chart.rendition import rendition
from projections.chart.sheets import patient_line
from projections.chart.shown import Rendition

MOST = 300
"""How many documents one print of a chart holds at most: 600 pages take two seconds to set, twice as many eight."""


@dataclass(frozen=True, slots=True)
class SessionDocuments:
    """The documents of one session, how many of it are left out, and of which program it is."""

    program_id: Id
    documents: tuple[Rendition, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Which documents of one patient are wanted, and the line that says whose they are."""

    patient_id: PatientId
    running: str
    notes: tuple[NoteId, ...]


def one_document(log: Log, note: NoteId, upto: int | None = None) -> Rendition | None:
    """A document as of a position (None: now); None where there is none."""
    found = gather(log, [note], upto).get(note)
    return rendition(found) if found else None


def documents(log: Log, notes: Sequence[NoteId], upto: int | None = None) -> tuple[Rendition, ...]:
    """Documents as of a position, in the given order."""
    return tuple(rendition(one) for one in gather(log, notes, upto).values())


def of_session(
    log: Log, facts: Sequence[StoredFact], near: Sequence[NoteId], far: Sequence[NoteId], upto: int | None
) -> SessionDocuments | None:
    """A session's documents without those that are `far`, but for the narrative on which one of the others rests;
    `facts` are those of its stream, None where that is no session."""
    if not facts or not facts[0].topic.startswith("session."):
        return None
    program: str = story_of(facts[0].stream, facts).state.program_id
    found = documents(log, near, upto)
    shared = {one.narrative.note_id for one in found if one.narrative}
    return SessionDocuments(program, found, len(set(far) - shared))


def of_patient(
    log: Log, facts: Sequence[StoredFact], programs: Collection[str], first: Date, through: Date, upto: int | None
) -> Chart | None:
    """Which documents about a patient in these programs have a date of service between two days, both included.

    `facts` are those of the patient's stream, None where that is no patient.
    """
    patient = story_of(facts[0].stream, facts).state if facts else None
    if not isinstance(patient, Patient):
        return None
    began = (one for one in log.of_patient(facts[0].stream, upto, with_context=False) if one.name == "note.drafted")
    told = {one.stream: salvaged(one.topic, one.state) for one in began}
    wanted = tuple(
        stream for stream, fact in told.items()
        if isinstance(fact, Damaged) or (fact.patient_id == facts[0].stream and _in(fact, programs, first, through))
    )
    known = patient.identity
    line = patient_line(
        f"{known.family_name}, {known.given_name}" if known else None, known.birth_date if known else None,
        known.medical_record_number if known else None,
    )
    return Chart(facts[0].stream, line, wanted)


def _in(fact: NoteDrafted, programs: Collection[str], first: Date, through: Date) -> bool:
    return fact.program_id in programs and first <= fact.service_date <= through
