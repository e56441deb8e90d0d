"""What is remembered of one patient: episodes, administrations and acts about risk, as the facts told them."""

from __future__ import annotations

from typing import Literal

import msgspec

from iop_es.engine.readmodel.model import Recorded
from projections.outcomes.acts import Acts, put_act
from projections.outcomes.attended import Visit, attend


class Leave(msgspec.Struct, array_like=True):
    """A time away by arrangement: first day away, first day back, and the one that was expected."""

    started_on: str
    expected_on: str | None
    position: int
    returned_on: str | None = None


class Episode(msgspec.Struct):
    """One episode of care; `plans` are the plans of care, each with its first day and how many weeks it plans,
    `principal` the principal diagnoses, each with its first day, in order of recording, `leaves` the times away.
    """

    program_id: str
    referred_on: str
    positions: list[int]
    admitted_on: str | None = None
    level_of_care: str | None = None
    focus: str | None = None
    discharged_on: str | None = None
    discharge_reason: str | None = None
    patient_status: str | None = None
    attending_id: str | None = None
    discharge_planned_on: str | None = None
    plans: dict[str, tuple[str, int]] = {}
    admitted_level: str | None = None
    principal: list[tuple[str, str]] = []
    leaves: dict[str, Leave] = {}


class Coverage(msgspec.Struct, array_like=True):
    """A period of coverage by one payer at a rank, 1 first; both days belong to it."""

    payer_id: str
    rank: int
    first: str
    last: str | None = None


class Withdrawal(msgspec.Struct, array_like=True):
    """That somebody took answers back."""

    how: Literal["corrected", "voided"]
    by: str
    at: str


class Answers(msgspec.Struct, array_like=True):
    """What an administration says from the fact at `position` on, until it is taken back."""

    items: tuple[int | None, ...]
    entered_score: int | None
    position: int
    taken_back: Withdrawal | None = None


class Administration(msgspec.Struct):
    """One administration of an instrument, as it stands after corrections; `was` is how it stood before, in order."""

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
    was: list[Answers] = []

    @property
    def answers(self) -> Answers:
        """What stands, unless it was voided."""
        return Answers(self.items, self.entered_score, self.positions[-1])


class Document(msgspec.Struct):
    """A patient's episodes, administrations and coverages by their ids, visits by their attendance ids, and acts.
    What was voided counts for nothing but an alert.

    What is dirty is told in two parts: sessions are the most of a patient's facts and move no measure. `known_at` is
    when the last fact of it was recorded.
    """

    episodes: dict[str, Episode] = {}
    administrations: dict[str, Administration] = {}
    voided: dict[str, Administration] = {}
    coverages: dict[str, Coverage] = {}
    visits: dict[str, Visit] = {}
    acts: Acts = msgspec.field(default_factory=Acts)
    known_at: str = ""
    measures_dirty: bool = False
    visits_dirty: bool = False

    @property
    def programs(self) -> list[str]:
        """Every program that anything of the patient belongs to, once."""
        told = (*self.episodes.values(), *self.administrations.values(), *self.voided.values(), *self.acts)
        return list(dict.fromkeys(one.program_id for one in told))


class Reference(msgspec.Struct):
    """The time zone of each program, which decides its days."""

    zones: dict[str, str] = {}


class Context(msgspec.Struct):
    """What of a fact's context the rows show."""

    actor: str


_context = msgspec.json.Decoder(Context).decode


def put(document: Document, recorded: Recorded) -> None:
    """Puts a fact into the document of its patient."""
    document.known_at = recorded.recorded_at
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
            | "enrollment.patient_discharged" | "enrollment.discharge_corrected" | "enrollment.attending_corrected"
            | "enrollment.plan_of_care_adopted" | "enrollment.discharge_planned" | "enrollment.diagnosis_recorded"
            | "enrollment.leave_started" | "enrollment.leave_ended" | "enrollment.leave_corrected"
        ):
            _put_episode(document.episodes[stream], recorded)
        case "assessment.administered":
            document.administrations[stream] = _administration(recorded)
        case "assessment.corrected":
            _correct(document, recorded)
        case "assessment.voided":
            _void(document, recorded)
        case _:
            put_act(document.acts, recorded)


def _put_episode(episode: Episode, recorded: Recorded) -> None:
    fact = recorded.fact
    match recorded.name:
        case "enrollment.patient_admitted":
            episode.admitted_on = fact.admitted_on
            episode.level_of_care = episode.admitted_level = fact.level_of_care
            episode.focus, episode.attending_id = fact.focus, fact.attending_id
        case "enrollment.attending_corrected":
            episode.attending_id = fact.attending_id
        case "enrollment.admission_corrected":
            episode.admitted_on = fact.admitted_on
        case "enrollment.level_of_care_changed":
            episode.level_of_care = fact.to_level
        case "enrollment.patient_discharged" | "enrollment.discharge_corrected":
            episode.discharged_on, episode.discharge_reason = fact.discharged_on, fact.reason
            episode.patient_status = fact.patient_status
        case "enrollment.discharge_planned":
            episode.discharge_planned_on = fact.planned_on
        case "enrollment.plan_of_care_adopted":
            episode.plans[fact.plan_id] = (fact.adopted_on, fact.planned_weeks)
        case "enrollment.diagnosis_recorded":
            if fact.rank != 1:
                return
            episode.principal.append((fact.effective_from, fact.code))
        case _:
            _put_leave(episode.leaves, recorded)
    episode.positions.append(recorded.position)


def _put_leave(leaves: dict[str, Leave], recorded: Recorded) -> None:
    """A leave that was corrected to have no first day never was."""
    fact = recorded.fact
    if recorded.name == "enrollment.leave_started":
        leaves[fact.leave_id] = Leave(fact.started_on, fact.expected_return_on, recorded.position)
    elif leave := leaves.get(fact.leave_id):
        leave.position, leave.returned_on = recorded.position, fact.returned_on
        if recorded.name == "enrollment.leave_corrected" and fact.started_on is None:
            del leaves[fact.leave_id]
        elif recorded.name == "enrollment.leave_corrected":
            leave.started_on = fact.started_on


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
    _withdraw(administration, recorded, "corrected")
    administration.items, administration.entered_score = fact.items, fact.entered_score
    administration.on = fact.administered_on
    administration.recorded_at, administration.corrected = recorded.recorded_at, True


def _void(document: Document, recorded: Recorded) -> None:
    if administration := document.administrations.pop(recorded.stream, None):
        _withdraw(administration, recorded, "voided")
        document.voided[recorded.stream] = administration


def _withdraw(administration: Administration, recorded: Recorded, how: Literal["corrected", "voided"]) -> None:
    """What was answered is kept with who took it back: what it says about suicide is for somebody to judge."""
    answers = administration.answers
    answers.taken_back = Withdrawal(how, _context(recorded.context).actor, recorded.recorded_at)
    administration.was.append(answers)
    administration.positions.append(recorded.position)
