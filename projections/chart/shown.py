"""What a document shows, as data: everything that a reader of the paper must see, and nothing of how it looks.

Times are instants; `told` words are made of them where they are printed, with the program's zone.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregates.note.figures import SessionFigures
from aggregates.note.verification import Broken, Standing
from aggregates.values import Code, Date, Id, Instant


@dataclass(frozen=True, slots=True)
class PatientShown:
    """Whose document it is; the parts are None where they are no longer readable or were never given."""

    patient_id: Id
    name: str | None
    birth_date: Date | None
    medical_record_number: str | None


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A clinician with the credential that was active on the date of service."""

    person_id: Id
    name: str | None
    credential: str | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One of a session's figures in words, as it was and as it is; None where it was or is not told."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ServiceShown:
    """What the session says of the service."""

    session_id: Id
    kind: Code
    topic: Code
    figures: SessionFigures
    modality: str
    place_of_service: Code
    facilitators: tuple[PersonShown, ...]


@dataclass(frozen=True, slots=True)
class Manifestation:
    """A signature as it must be shown with what it covers. `after_minutes`: how long after the end of the service, as
    the session was closed.

    `due_at` is until when the author signs in time by the patient's payer, `late` whether this came after that;
    `due_unverified`: nobody compared the payer's window with its source.
    `active_then` and `active_at_signing`: whether the signer's credential was active on the date of service and on the
    day of signing, as known when signing; the latter is None where it was not recorded. `lapsed`: by what is known now,
    no credential was active on the date of service. `unready`, `incomplete_cause` and `facilitator` as in the facts.
    `figures` are the session's that were signed (None: not recorded), `corrected` those that read otherwise by now.
    """

    key: str
    signer_id: Id
    printed_name: str | None
    credential: str | None
    license: str | None
    meaning: str
    at: Instant
    after_minutes: int
    standing: Standing
    broken: tuple[Broken, ...]
    reason: Code | None
    late_reason: Code | None
    override_cause: Code | None
    active_then: bool
    active_at_signing: bool | None
    lapsed: bool
    due_at: Instant | None = None
    late: bool = False
    due_unverified: bool = False
    unready: tuple[Code, ...] = ()
    incomplete_cause: Code | None = None
    facilitator: bool | None = None
    figures: SessionFigures | None = None
    corrected: tuple[FigureChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section's own words, readable whatever was made of them since; None: their key is gone."""

    name: Code
    label: str
    words: str | None


@dataclass(frozen=True, slots=True)
class AmendmentShown:
    """An amendment in its place. `superseded`: a later correction of the same section of that wording stands. `goals`
    are those that the document names instead, where that is what it corrects."""

    amendment_id: Id
    kind: str
    section: Code | None
    section_label: str | None
    cause: Code
    sections: tuple[SectionShown, ...]
    signature: Manifestation
    superseded: bool = False
    goals: tuple[Code, ...] | None = None


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """The patient's, or a guardian's, signature under a plan, or the refusal of one; `how` is None for a refusal."""

    key: str
    by: Code
    relationship: Code | None
    on: Date
    how: Code | None
    cause: Code | None
    words: str | None
    witness: PersonShown


@dataclass(frozen=True, slots=True)
class WordingShown:
    """One wording of a document, the signatures under it, and the amendments that were signed over it."""

    version: int
    by: PersonShown
    recorded_at: Instant
    sections: tuple[SectionShown, ...]
    goals: tuple[Code, ...]
    signatures: tuple[Manifestation, ...]
    patient: tuple[AnswerShown, ...] = ()
    amendments: tuple[AmendmentShown, ...] = ()

    def corrections(self, section: Code) -> tuple[AmendmentShown, ...]:
        """The corrections of one of its sections."""
        return tuple(one for one in self._corrections if one.section == section)

    @property
    def additions(self) -> tuple[AmendmentShown, ...]:
        """The amendments that stand after its sections."""
        names = {one.name for one in self.sections}
        there = [one.amendment_id for one in self._corrections if one.section in names]
        return tuple(one for one in self.amendments if one.amendment_id not in there)

    @property
    def goals_now(self) -> tuple[Code, ...]:
        """The goals that it names, as corrected."""
        return next((one.goals for one in reversed(self.amendments) if one.goals is not None), self.goals)

    @property
    def _corrections(self) -> tuple[AmendmentShown, ...]:
        """Those of sections."""
        return tuple(one for one in self.amendments if one.kind == "correction" and one.goals is None)


@dataclass(frozen=True, slots=True)
class ReturnShown:
    """A supervisor wanted changes."""

    by: PersonShown
    at: Instant
    cause: Code
    words: str | None


@dataclass(frozen=True, slots=True)
class StruckShown:
    """It was entered in error."""

    by: PersonShown
    at: Instant
    cause: Code
    words: str | None
    signature: Manifestation


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """One document. `earlier` are wordings that were signed and written anew after a return: kept, no longer said."""

    note_id: Id
    version: int
    kind: str
    title: str
    phase: str
    author: PersonShown
    wording: WordingShown
    earlier: tuple[WordingShown, ...]
    returns: tuple[ReturnShown, ...]
    struck: StruckShown | None

    @property
    def amendments(self) -> tuple[AmendmentShown, ...]:
        """Every amendment that was ever made, whatever wording it was signed over."""
        return tuple(made for one in (*self.earlier, self.wording) for made in one.amendments)

    @property
    def corrected(self) -> tuple[FigureChange, ...]:
        """The session's figures that read otherwise than when its author signed it last, if that stands."""
        made = [one for one in self.wording.signatures if one.figures is not None]
        return made[-1].corrected if made and self.phase not in ("draft", "returned") else ()

    @property
    def answers(self) -> tuple[AnswerShown, ...]:
        """Every answer of the patient's, whatever wording it was given to."""
        return tuple(given for one in (*self.earlier, self.wording) for given in one.patient)


@dataclass(frozen=True, slots=True)
class GoalShown:
    """A goal that the document names; no words: no plan of care has any that can be read. `planned`: whether the plan
    in force on the day of service has it; None where no plan was. `corrected`: it was named, and stands no longer.
    """

    goal: Code
    words: str | None
    planned: bool | None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The patient asked for an amendment of this document: what was asked, the answer, the objection to a denial."""

    received_on: Date
    asked: str | None
    accepted: bool | None
    answer: str | None
    objection: str | None


@dataclass(frozen=True, slots=True)
class Rendition:
    """One document as it is to be read, up to a fact of the log.

    `rested_on` is the narrative's wording that the part was signed over, where the narrative says something else now.
    `narrative_lost`: there is a narrative and it can no longer be read. `absent`: a part of a group, and by now the
    patient is known not to have been there.
    """

    note_id: Id
    program_id: Id
    patient_id: Id | None
    service_date: Date
    service_ended_at: Instant
    program_name: str | None
    program_code: Code | None
    zone: str
    patient: PatientShown | None
    service: ServiceShown | None
    service_kind: Code | None
    diagnosis: str | None
    goals: tuple[GoalShown, ...]
    document: DocumentShown
    narrative: DocumentShown | None
    rested_on: WordingShown | None
    disagreements: tuple[Disagreement, ...]
    through_position: int
    through_at: Instant
    narrative_lost: bool = False
    absent: bool = False
