"""One stream of a document in what it shows: its wordings, each signature under what it covers, its amendments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.codec import Damaged
from aggregates.note import state as phases
from aggregates.note.deadline import service_ended_at, signature_due, terms_in_force, window_unverified
from aggregates.note.facts import (
    GOALS,
    NarrativeReplaced,
    NoteAmended,
    NoteContent,
    NoteDrafted,
    NoteEnteredInError,
    NoteReturned,
    NoteRevised,
    NoteSigned,
    PatientRefused,
    PatientSigned,
    SignatureAttested,
)
from aggregates.note.figures import SessionFigures, figures_of
from aggregates.note.signature import SignedFact, signer_of
from aggregates.note.verification import Checked, checked, told_at
from aggregates.values import Instant, moment
from projections.chart.figures import changes
from projections.chart.inputs import Sources, Story, Told
from projections.chart.shown import (
    AmendmentShown,
    AnswerShown,
    DocumentShown,
    Manifestation,
    PersonShown,
    ReturnShown,
    SectionShown,
    StruckShown,
    WordingShown,
)
from projections.chart.words import MEANINGS, label, said, title

MEANT = {
    "NoteSigned": "author", "NoteCosigned": "co-sign", "FacilitatorSigned": "co-facilitator", "NoteAmended": "amend",
    "SignatureAttested": "attest-late", "NarrativeReplaced": "amend", "NoteEnteredInError": "void",
}
"""What a signature that was made elsewhere meant, which has no envelope to say so."""
RESTS = "Responsibility for resting this part on another narrative, since the one before was struck"
LOST = "Something was signed here that can no longer be read"


def person(sources: Sources, person_id: str) -> PersonShown:
    """Somebody's printed name and credential on the date of service."""
    known = sources.clinician(person_id)
    return PersonShown(person_id, known.printed_name, known.credential_on(sources.drafted.service_date))


def document_shown(sources: Sources, story: Story) -> tuple[DocumentShown, tuple[WordingShown, ...]]:
    """The document, and every wording that it ever had."""
    reading = _Reading(sources, story)
    wordings = reading.wordings()
    drafted: NoteDrafted = story.told[0].fact
    shown = DocumentShown(
        note_id=story.stream, version=len(story.told), kind=drafted.kind,
        title=title(drafted.kind, drafted.template_version),
        phase=_phase(story), author=person(sources, drafted.author_id), wording=wordings[-1],
        earlier=tuple(one for one in wordings[:-1] if one.signatures),
        returns=reading.returns(), struck=reading.struck(),
    )
    return shown, wordings


def _phase(story: Story) -> str:
    match story.state:
        case phases.Struck():
            return "entered_in_error"
        case phases.Cosigned():
            return "cosigned"
        case phases.Signed(needs_cosignature=True):
            return "awaiting_cosignature"
        case phases.Signed(attested=True):
            return "attested"
        case phases.Signed():
            return "signed"
    return "returned" if isinstance(story.told[-1].fact, NoteReturned) else "draft"


def _superseding(made: tuple[AmendmentShown, ...]) -> tuple[AmendmentShown, ...]:
    """The amendments of one wording: of several corrections of a section the last one stands."""
    last = {(one.section, one.goals is None): one.signature.key for one in made if one.kind == "correction"}
    return tuple(
        replace(
            one, superseded=one.kind == "correction" and last[one.section, one.goals is None] != one.signature.key
        )
        for one in made
    )


class _Reading:
    """A stream's facts, with its signatures checked."""

    def __init__(self, sources: Sources, story: Story) -> None:
        self._sources, self._story = sources, story
        self._kind, self._form = story.told[0].fact.kind, story.told[0].fact.template_version
        self._checked = {id(one.fact): one for one in checked(story.stream, story.facts, sources.clinician)}
        self._people = {one: person(sources, one).name or one for one in sources.clinicians}
        about: NoteDrafted = story.told[0].fact
        session = sources.session.state if sources.session else None
        self._figures = figures_of(about, session)
        self._ended_at, day = service_ended_at(about, session), about.service_date
        due = [
            (at, window_unverified(one, day)) for one in sources.policies
            if (at := signature_due(about, terms_in_force(one, day), sources.program, session)) is not None
        ]
        self._due_at = min((at for at, _ in due), default=None)
        self._unverified = all(unverified for at, unverified in due if at == self._due_at)

    def wordings(self) -> tuple[WordingShown, ...]:
        """In order; each with the signatures that cover it and the amendments that were signed over it."""
        found: list[WordingShown] = []
        for told in self._story.told:
            fact = told.fact
            if isinstance(fact, NoteDrafted | NoteRevised):
                found.append(
                    WordingShown(
                        version=len(found) + 1, by=person(self._sources, told.by), recorded_at=told.recorded_at,
                        sections=self._sections(fact.sealed, fact.sections), goals=fact.goals, signatures=(),
                    )
                )
            elif isinstance(fact, NoteAmended):
                found[-1] = replace(found[-1], amendments=(*found[-1].amendments, self._amendment(told)))
            elif id(fact) in self._checked and not isinstance(fact, NoteEnteredInError):
                found[-1] = replace(found[-1], signatures=(*found[-1].signatures, self._manifested(told)))
            elif isinstance(fact, PatientSigned | PatientRefused):
                found[-1] = replace(found[-1], patient=(*found[-1].patient, self._patient(told)))
        return tuple(replace(one, amendments=_superseding(one.amendments)) for one in found)

    def returns(self) -> tuple[ReturnShown, ...]:
        """Each time that it was sent back."""
        return tuple(
            ReturnShown(
                person(self._sources, one.fact.returned_by), one.recorded_at, one.fact.cause,
                one.fact.sealed.words if one.fact.sealed else None,
            )
            for one in self._story.told if isinstance(one.fact, NoteReturned)
        )  # fmt: skip

    def struck(self) -> StruckShown | None:
        """Why and by whom it was struck through, if it was."""
        for one in self._story.told:
            if isinstance(one.fact, NoteEnteredInError):
                who, sealed = person(self._sources, one.fact.declared_by), one.fact.sealed
                words = sealed.words if sealed else None
                return StruckShown(who, one.recorded_at, one.fact.cause, words, self._manifested(one))
        return None

    def _amendment(self, told: Told) -> AmendmentShown:
        fact: NoteAmended = told.fact
        return AmendmentShown(
            amendment_id=fact.amendment_id, kind=fact.kind, section=fact.section,
            section_label=self._label(fact.section) if fact.section else None, cause=fact.cause,
            sections=self._sections(fact.sealed, (fact.section or "amendment",)) if fact.goals is None
            else (SectionShown(GOALS, said(GOALS), ", ".join(fact.goals) or "none"),),
            signature=self._manifested(told), goals=fact.goals,
        )

    def _sections(self, words: NoteContent | None, named: tuple[str, ...]) -> tuple[SectionShown, ...]:
        """The sections with their words; those that a fact names in clear where the words are gone."""
        if words is None:
            return tuple(SectionShown(one, self._label(one), None) for one in named)
        return tuple(SectionShown(one.name, self._label(one.name), one.words) for one in words.sections)

    def _label(self, section: str) -> str:
        return label(self._kind, section, self._people, self._form)

    def _patient(self, told: Told) -> AnswerShown:
        fact: PatientSigned | PatientRefused = told.fact
        key, witness = self._key(told), person(self._sources, fact.witnessed_by)
        if isinstance(fact, PatientSigned):
            return AnswerShown(key, fact.signed_by, fact.relationship, fact.signed_on, fact.how, None, None, witness)
        words = fact.sealed.words if fact.sealed else None
        return AnswerShown(key, fact.refused_by, fact.relationship, fact.refused_on, None, fact.cause, words, witness)

    def _key(self, told: Told) -> str:
        """What tells a signature or an answer from every other, at any moment."""
        return f"{self._story.stream}:{told.position}"

    def _manifested(self, told: Told) -> Manifestation:
        found: Checked = self._checked[id(told.fact)]
        if isinstance(found.fact, Damaged):
            return self._lost(told, found)
        fact: SignedFact = found.fact
        seal = found.envelope.to_be_signed if found.envelope else None
        at = found.envelope.signed_at if found.envelope else told_at(fact) or told.recorded_at
        signer, day = self._sources.clinician(signer_of(fact)), self._sources.drafted.service_date
        credential: Any = seal.credential if seal else getattr(fact, "credential", None) or signer.credential_on(day)
        due_at = self._due_at if isinstance(fact, NoteSigned | SignatureAttested) else None
        active: bool | None = getattr(fact, "credential_active", None)
        figures: SessionFigures | None = getattr(fact, "session", None)
        return Manifestation(
            key=self._key(told), signer_id=signer_of(fact),
            printed_name=seal.signer_name if seal else signer.printed_name, credential=credential,
            license=seal.license if seal else signer.license_on(day),
            meaning=RESTS if isinstance(fact, NarrativeReplaced)
            else MEANINGS[seal.meaning if seal else MEANT[type(fact).__name__]],  # type: ignore[index] # see MEANT
            at=at, after_minutes=self._minutes_after_the_end(at), standing=found.standing, broken=found.broken,
            reason=getattr(fact, "cause", None), late_reason=getattr(fact, "late_reason", None),
            override_cause=getattr(fact, "override_cause", None),
            active_then=credential is not None if active is None else active,
            active_at_signing=fact.active_at_signing, lapsed=found.lapsed, due_at=due_at,
            late=due_at is not None and at > due_at, due_unverified=due_at is not None and self._unverified,
            unready=getattr(fact, "unready", ()), incomplete_cause=getattr(fact, "incomplete_cause", None),
            facilitator=getattr(fact, "facilitator", None), figures=figures,
            corrected=changes(figures, self._figures, self._sources.zone),
        )  # fmt: skip

    def _minutes_after_the_end(self, at: Instant) -> int:
        return int((moment(at) - moment(self._ended_at)).total_seconds() // 60)

    def _lost(self, told: Told, found: Checked) -> Manifestation:
        """That something was signed here, of which nothing can be read."""
        return Manifestation(
            key=f"{self._story.stream}:{told.position}", signer_id=told.by, printed_name=None, credential=None,
            license=None, meaning=LOST, at=told.recorded_at,
            after_minutes=self._minutes_after_the_end(told.recorded_at), standing=found.standing, broken=found.broken,
            reason=None, late_reason=None, override_cause=None, active_then=False, active_at_signing=None, lapsed=False,
        )
