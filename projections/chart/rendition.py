"""What one document shows as of a position: a pure function of what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregates.enrollment.state import Episode
from aggregates.note import state as phases
from aggregates.note.facts import NarrativeReplaced, NoteDrafted, NoteRevised, NoteSigned, SignatureAttested
from aggregates.note.figures import figures_of
from aggregates.patient.state import AmendmentRequest
from aggregates.session.facts import SessionClosed, SessionRescheduled, SessionScheduled, SessionStarted
from aggregates.session.state import Closed, Known
from projections.chart.documents import document_shown, person
from projections.chart.inputs import Sources
from projections.chart.shown import (
    Disagreement,
    DocumentShown,
    GoalShown,
    PatientShown,
    PersonShown,
    Rendition,
    ServiceShown,
    WordingShown,
)


def rendition(sources: Sources) -> Rendition:
    """The document with everything that a reader must see of what it rests on."""
    drafted, program, episode = sources.drafted, sources.program, sources.episode
    document, wordings = document_shown(sources, sources.note)
    narrative: DocumentShown | None = None
    rested_on: WordingShown | None = None
    if sources.narrative is not None:
        narrative, all_wordings = document_shown(sources, sources.narrative)
        rested_on = _rested_on(sources, narrative, all_wordings)
    name = program.opened.sealed if program else None
    diagnosis = episode.principal_on(drafted.service_date) if episode else None
    return Rendition(
        note_id=sources.note.stream, program_id=drafted.program_id, patient_id=drafted.patient_id,
        service_date=drafted.service_date, service_ended_at=drafted.service_ended_at,
        program_name=name.name if name else None, program_code=program.opened.code if program else None,
        zone=sources.zone, patient=_patient(sources), service=_service(sources),
        service_kind=drafted.service_kind, diagnosis=diagnosis.code if diagnosis else None,
        goals=tuple(_goals(episode, wordings[-1], drafted.service_date)),
        document=document, narrative=narrative, rested_on=rested_on, disagreements=_disagreements(sources),
        narrative_lost=sources.narrative_lost, absent=_absent(sources),
        through_position=sources.through.position, through_at=sources.through.recorded_at,
    )


def _patient(sources: Sources) -> PatientShown | None:
    if sources.drafted.patient_id is None:
        return None
    known = sources.patient.identity if sources.patient else None
    return PatientShown(
        patient_id=sources.drafted.patient_id,
        name=f"{known.family_name}, {known.given_name}" if known else None,
        birth_date=known.birth_date if known else None,
        medical_record_number=known.medical_record_number if known else None,
    )


def _service(sources: Sources) -> ServiceShown | None:
    """The session's own times, people and counts, which nobody types."""
    session = sources.session.state if sources.session else None
    if sources.session is None or not isinstance(session, Known):
        return None
    topic, figures = session.plan.topic, figures_of(sources.drafted, session)
    if figures is None:
        return None
    for fact in sources.session.facts:
        topic = fact.topic if isinstance(fact, SessionStarted | SessionClosed) else topic
    modality, place = _where(sources, session)
    return ServiceShown(
        session_id=sources.session.stream, kind=session.plan.service_kind, topic=topic,
        figures=figures, modality=modality, place_of_service=place, facilitators=_facilitators(sources),
    )


def _where(sources: Sources, session: Known) -> tuple[str, str]:
    """How and where this patient was there; as planned until the session is closed, and for what a group shares."""
    about = sources.drafted
    if about.patient_id is not None and isinstance(session, Closed):
        entry = session.of(about.patient_id)
        found = session.attendances.get(about.attendance_id or (entry.attendance_id if entry else ""))
        if found is not None:
            return found.modality, found.place_of_service
    return session.plan.modality, session.plan.place_of_service


def _absent(sources: Sources) -> bool:
    """Whether a part of a group is about somebody who by now is known not to have been there."""
    session = sources.session.state if sources.session else None
    if sources.drafted.kind != "group" or not isinstance(session, Known):
        return False
    return session.was_absent(sources.drafted.attendance_id)


def _facilitators(sources: Sources) -> tuple[PersonShown, ...]:
    """Those who were in the room, or are planned to be."""
    named: tuple[str, ...] = ()
    for fact in sources.session.facts if sources.session else ():
        if isinstance(fact, SessionScheduled | SessionRescheduled | SessionStarted | SessionClosed):
            named = fact.facilitators
    return tuple(person(sources, one) for one in named)


def _goals(episode: Episode | None, wording: WordingShown, day: str) -> Iterator[GoalShown]:
    """The goals that stand, and those that were signed and corrected since."""
    stand = wording.goals_now
    yield from (_goal(episode, one, day) for one in stand)
    yield from (_goal(episode, one, day, corrected=True) for one in wording.goals if one not in stand)


def _goal(episode: Episode | None, goal: str, day: str, *, corrected: bool = False) -> GoalShown:
    """A goal with its words by the plan in force on the day, or by any plan of the episode."""
    plans: list[Any] = sorted(
        (*(episode.plans if episode else ()),), key=lambda one: (one.adopted_on <= day, one.adopted_on)
    )
    words = {each.goal: each.words for one in plans if one.sealed for each in one.sealed.goals}
    plan = episode.plan_on(day) if episode else None
    return GoalShown(goal, words.get(goal), None if plan is None else goal in plan.goals, corrected)


def _rested_on(
    sources: Sources, narrative: DocumentShown, wordings: tuple[WordingShown, ...]
) -> WordingShown | None:
    """What the narrative said when the part was signed, where that is not what it says now."""
    signed = (
        one.narrative_digest for one in sources.note.facts
        if isinstance(one, NoteSigned | SignatureAttested | NarrativeReplaced)
    )  # fmt: skip
    covered = next((one for one in reversed([*signed]) if one is not None), None)
    if covered is None or sources.narrative is None or not isinstance(sources.note.state, phases.Document):
        return None
    digests = [one.content_digest for one in sources.narrative.facts if isinstance(one, NoteDrafted | NoteRevised)]
    for wording, digest in zip(wordings, digests, strict=True):
        if digest == covered:
            return wording if wording.version != narrative.wording.version else None
    return None


def _disagreements(sources: Sources) -> tuple[Disagreement, ...]:
    """What the patient asked to have changed in this document, which travels with it (45 CFR 164.526)."""
    requests = sources.patient.amendment_requests if sources.patient else ()
    return tuple(_disagreement(one) for one in requests if sources.note.stream in one.requested.concerns)


def _disagreement(one: AmendmentRequest) -> Disagreement:
    answer, objection = one.answer, one.disagreement
    return Disagreement(
        received_on=one.requested.received_on, asked=one.requested.sealed.words if one.requested.sealed else None,
        accepted=answer.accepted if answer else None,
        answer=answer.sealed.words if answer and answer.sealed else None,
        objection=objection.sealed.words if objection and objection.sealed else None,
    )
