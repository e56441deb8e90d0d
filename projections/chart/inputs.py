"""The streams that documents rest on, folded as of a position of the log: a few reads for any number of documents.

A document names its session, program, episode, patient and narrative; those name the clinicians: signers, authors,
facilitators; and the patient's coverage the payer, whose policy says until when a signature is in time. A narrative by
itself is under the windows of everybody who was there; printed with a part, under that of the part's patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aggregates.clinician.state import NotJoined
from aggregates.codec import salvaged
from aggregates.enrollment.state import Episode
from aggregates.note.deadline import whose_payers
from aggregates.note.facts import NarrativeReplaced, NoteDrafted, NoteRevised
from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy
from aggregates.program.state import Program
from aggregates.registry import AGGREGATES
from aggregates.values import Id, NoteId
from iop_es.engine.log import Log, StoredFact

NO_ZONE = "UTC"
PEOPLE = ("signer_id", "declared_by", "author_id", "returned_by", "supervisor_id")


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, where it stands in the log, and who recorded it when."""

    fact: Any
    position: int
    recorded_at: str
    by: str


@dataclass(frozen=True)
class Story:
    """One stream."""

    stream: str
    told: tuple[Told, ...]
    kind: str

    @property
    def facts(self) -> list[Any]:
        """What was told, in order."""
        return [one.fact for one in self.told]

    @cached_property
    def state(self) -> Any:
        """What it comes to."""
        aggregate = AGGREGATES[self.kind]
        state = aggregate.initial
        for one in self.told:
            state = aggregate.evolve(state, one.fact)
        return state


@dataclass(frozen=True, slots=True)
class Sources:
    """What one document rests on; None where nothing is recorded or named. `through` is the latest fact of it all.

    `policies` are of whoever pays first on the day of service: for the patient, or of a narrative for each of those who
    were there.
    """

    note: Story
    narrative: Story | None
    session: Story | None
    patient: Patient | None
    program: Program | None
    episode: Episode | None
    policies: tuple[Policy, ...]
    clinicians: Mapping[str, Any]
    through: Told
    narrative_lost: bool = False

    @property
    def drafted(self) -> NoteDrafted:
        """How the document began."""
        began: NoteDrafted = self.note.told[0].fact
        return began

    @property
    def zone(self) -> str:
        """The program's time zone."""
        return self.program.time_zone if self.program else NO_ZONE

    def clinician(self, person: str) -> Any:
        """A clinician's state; that of nobody for who is none."""
        return self.clinicians.get(person, NotJoined())


def gather(log: Log, notes: Sequence[NoteId], upto: int | None = None) -> dict[NoteId, Sources]:
    """By document, in the given order, what each rests on as of a position (None: now).

    A stream that is no document as of then, or whose beginning can no longer be read, is left out. Raises UnknownFact.
    """
    known = _read(log, notes, upto)
    found = {note: one for note in notes if (one := known.get(note)) and isinstance(one.told[0].fact, NoteDrafted)}
    known |= _read(log, _named(found.values()), upto)
    whose = {note: _whose_payers(one.told[0].fact, known) for note, one in found.items()}
    wanted = {*_people(known.values()), *(who for own in whose.values() for who in own)}
    known |= _read(log, sorted(wanted - known.keys()), upto)
    policies = _policies(log, found, whose, known, upto)
    return {note: _sources(one, known, whose[note], policies[note]) for note, one in found.items()}


def _whose_payers(about: NoteDrafted, known: Mapping[str, Story]) -> tuple[Id, ...]:
    session = known.get(about.session_id or "")
    return whose_payers(about, session.state if session else None)


def _policies(
    log: Log, documents: Mapping[NoteId, Story], whose: Mapping[NoteId, Sequence[Id]], known: Mapping[str, Story],
    upto: int | None,
) -> dict[NoteId, list[Story]]:  # fmt: skip
    """The policies of the payers under whose windows each document is."""
    payers = {
        note: dict.fromkeys(payer for who in whose[note] if (payer := _payer(who, one.told[0].fact, known)))
        for note, one in documents.items()
    }
    held = log.holders("policy_of_payer", sorted({payer for own in payers.values() for payer in own}))
    read = _read(log, held.values(), upto)
    return {note: [read[held[one]] for one in own if held.get(one) in read] for note, own in payers.items()}


def _payer(patient_id: Id, about: NoteDrafted, known: Mapping[str, Story]) -> Id | None:
    patient = _state(known.get(patient_id), Patient)
    coverage = patient.first_coverage_on(about.service_date) if patient else None
    return coverage.payer_id if coverage else None


def _read(log: Log, streams: Iterable[str], upto: int | None) -> dict[str, Story]:
    stored: dict[str, list[StoredFact]] = {}
    wanted = list(dict.fromkeys(streams))
    for fact in log.facts_of_streams(wanted, upto) if wanted else ():
        stored.setdefault(fact.stream, []).append(fact)
    return {stream: story_of(stream, facts) for stream, facts in stored.items()}


def story_of(stream: str, facts: Sequence[StoredFact]) -> Story:
    """One stream from its facts, of which there is at least one. Raises UnknownFact."""
    told = tuple(
        Told(salvaged(one.topic, one.state, one.sealed), one.position, one.recorded_at, one.actor) for one in facts
    )
    return Story(stream, told, facts[0].topic.partition(".")[0])


def _named(documents: Iterable[Story]) -> Iterable[str]:
    for one in documents:
        about: NoteDrafted = one.told[0].fact
        named = (*_narratives(one), about.session_id, about.patient_id, about.program_id, about.enrollment_id)
        yield from (stream for stream in named if stream)


def _narratives(story: Story) -> tuple[str, ...]:
    """The narratives that a document ever rested on, the one that it rests on now last."""
    named = (
        one.narrative_id for one in story.facts if isinstance(one, NoteDrafted | NoteRevised | NarrativeReplaced)
    )
    return tuple(one for one in named if one is not None)


def _people(stories: Iterable[Story]) -> Iterable[str]:
    for story in stories:
        for fact in story.facts if story.kind in ("note", "session") else ():
            yield from (person for name in PEOPLE if (person := getattr(fact, name, None)))
            yield from getattr(fact, "facilitators", ())


def _sources(
    note: Story, known: Mapping[str, Story], whose: Sequence[Id], policies: Sequence[Story]
) -> Sources:
    shared = _narratives(note)
    beside = {one.kind: one for stream in _named([note]) if stream not in shared and (one := known.get(stream))}
    narrative, session = known.get(shared[-1] if shared else ""), beside.get("session")
    lost = narrative is not None and not isinstance(narrative.told[0].fact, NoteDrafted)
    narrative = None if lost else narrative
    people = dict.fromkeys(_people(one for one in (note, narrative, session) if one))
    clinicians = [one for person in people if (one := known.get(person)) and one.kind == "clinician"]
    insured = [one for who in whose if (one := known.get(who))]
    told = [one.told[-1] for one in (note, narrative, *insured, *policies, *beside.values(), *clinicians) if one]
    return Sources(
        note=note, narrative=narrative, session=session, patient=_state(beside.get("patient"), Patient),
        program=_state(beside.get("program"), Program), episode=_state(beside.get("enrollment"), Episode),
        policies=tuple(one.state for one in policies if isinstance(one.state, Policy)),
        clinicians={one.stream: one.state for one in clinicians}, narrative_lost=lost,
        through=max(told, key=lambda one: one.position),
    )  # fmt: skip


def _state(story: Story | None, kind: type[Any]) -> Any:
    return story.state if story and isinstance(story.state, kind) else None
