"""What is remembered of one patient: episodes and administrations, as the facts told them."""

from __future__ import annotations

import msgspec

from iop_es.engine.readmodel.model import Recorded
from projections.outcomes.attended import Visit, attend


class Episode(msgspec.Struct):
    """One episode of care; `principal` are its principal diagnoses, each with its first day, in order of recording."""

    program_id: str
    referred_on: str
    positions: list[int]
    admitted_on: str | None = None
    level_of_care: str | None = None
    focus: str | None = None
    discharged_on: str | None = None
    discharge_reason: str | None = None
    admitted_level: str | None = None
    principal: list[tuple[str, str]] = []


class Coverage(msgspec.Struct, array_like=True):
    """A period of coverage by one payer at a rank, 1 first; both days belong to it."""

    payer_id: str
    rank: int
    first: str
    last: str | None = None


class Administration(msgspec.Struct):
    """One administration of an instrument, as it stands after corrections."""

    program_id: str
    enrollment_id: str | None
    instrument: str
    version: str
    on: str
    at: str
    occasion: str
    respondent: str
    items: tuple[int | None, ...]
    entered_score: int | None
    recorded_at: str
    positions: list[int]
    corrected: bool = False


class Document(msgspec.Struct):
    """A patient's episodes, administrations and coverages by their ids, and visits by their attendance ids.

    What is dirty is told in two parts: sessions are the most of a patient's facts and move no measure.
    """

    episodes: dict[str, Episode] = {}
    administrations: dict[str, Administration] = {}
    coverages: dict[str, Coverage] = {}
    visits: dict[str, Visit] = {}
    measures_dirty: bool = False
    visits_dirty: bool = False


class Reference(msgspec.Struct):
    """Nothing is shared between documents."""


def put(document: Document, recorded: Recorded) -> None:
    """Puts a fact into the document of its patient."""
    if recorded.name.startswith("session."):
        document.visits_dirty |= attend(document.visits, recorded)
        return
    document.measures_dirty = True
    fact, stream = recorded.fact, recorded.stream
    match recorded.name:
        case "patient.coverage_recorded":
            document.coverages[fact.coverage_id] = Coverage(
                fact.payer_id, fact.rank, fact.effective_from, fact.effective_through
            )
        case "patient.coverage_ended":
            if fact.coverage_id in document.coverages:
                document.coverages[fact.coverage_id].last = fact.ended_on
        case "enrollment.patient_referred":
            document.episodes[stream] = Episode(fact.program_id, fact.referred_on, [recorded.position])
        case (
            "enrollment.patient_admitted" | "enrollment.admission_corrected" | "enrollment.level_of_care_changed"
            | "enrollment.patient_discharged" | "enrollment.discharge_corrected" | "enrollment.diagnosis_recorded"
        ):
            _put_episode(document.episodes[stream], recorded)
        case "assessment.administered":
            document.administrations[stream] = _administration(recorded)
        case "assessment.corrected":
            _correct(document, recorded)
        case "assessment.voided":
            document.administrations.pop(stream, None)


def _put_episode(episode: Episode, recorded: Recorded) -> None:
    fact = recorded.fact
    match recorded.name:
        case "enrollment.patient_admitted":
            episode.admitted_on = fact.admitted_on
            episode.level_of_care = episode.admitted_level = fact.level_of_care
            episode.focus = fact.focus
        case "enrollment.admission_corrected":
            episode.admitted_on = fact.admitted_on
        case "enrollment.level_of_care_changed":
            episode.level_of_care = fact.to_level
        case "enrollment.patient_discharged" | "enrollment.discharge_corrected":
            episode.discharged_on, episode.discharge_reason = fact.discharged_on, fact.reason
        case "enrollment.diagnosis_recorded":
            if fact.rank != 1:
                return
            episode.principal.append((fact.effective_from, fact.code))
    episode.positions.append(recorded.position)


def _administration(recorded: Recorded) -> Administration:
    fact = recorded.fact
    return Administration(
        program_id=fact.program_id, enrollment_id=fact.enrollment_id, instrument=fact.instrument,
        version=fact.instrument_version, on=fact.administered_on, at=fact.administered_at, occasion=fact.occasion,
        respondent=fact.respondent, items=fact.items, entered_score=fact.entered_score,
        recorded_at=recorded.recorded_at, positions=[recorded.position],
    )


def _correct(document: Document, recorded: Recorded) -> None:
    """A correction of what was voided changes nothing: it stays voided."""
    administration = document.administrations.get(recorded.stream)
    if administration is None:
        return
    fact = recorded.fact
    administration.items, administration.entered_score = fact.items, fact.entered_score
    administration.on = fact.administered_on
    administration.recorded_at, administration.corrected = recorded.recorded_at, True
    administration.positions.append(recorded.position)
