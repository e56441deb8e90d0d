"""What is remembered of an episode: the phase as a class, and questions that other streams ask about a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aggregates.days import day_before
from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    BenefitsVerified,
    DayWriteOffRequested,
    DayWriteOffRequestWithdrawn,
    DayWriteOffWithdrawn,
    DayWrittenOff,
    DiagnosisRecorded,
    DischargeCorrected,
    DischargePlanned,
    DocumentLinked,
    HoldReleased,
    HoldReleaseWithdrawn,
    LeaveCorrected,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareAssessed,
    LevelOfCareChanged,
    PatientAdmitted,
    PatientDischarged,
    PatientReferred,
    PlanCertified,
    PlanOfCareAdopted,
    PlanRecertified,
    PlanReviewed,
)
from aggregates.kit import turned
from aggregates.values import LevelOfCare

ALWAYS = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Span:
    """Days at one level of care, both ends included; through None: still open. One span is billed as one."""

    level_of_care: LevelOfCare
    from_date: str
    through_date: str | None = None

    def holds(self, day: str) -> bool:
        """Whether the day belongs to this span."""
        return self.from_date <= day <= (self.through_date or day)


@dataclass(frozen=True, slots=True)
class Leave:
    """Days away: from its first day up to, not including, the first day back (None: still away)."""

    started: LeaveStarted
    returned_on: str | None = None

    @property
    def leave_id(self) -> str:
        """Which leave."""
        return self.started.leave_id

    def holds(self, day: str) -> bool:
        """Whether the patient is away on the day."""
        return self.started.started_on <= day and (self.returned_on is None or day < self.returned_on)


Step = PlanOfCareAdopted | PlanReviewed | PlanCertified | PlanRecertified
"""A step of care that may rest on a signed document."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode, whatever its phase. Days are ISO dates; None: not yet."""

    referral: PatientReferred | None = None
    admission: PatientAdmitted | None = None
    discharge: PatientDischarged | None = None
    planned_discharge_on: str | None = None
    benefits: tuple[BenefitsVerified, ...] = ()
    assessed: tuple[LevelOfCareAssessed, ...] = ()
    diagnoses: tuple[DiagnosisRecorded, ...] = ()
    plans: tuple[PlanOfCareAdopted, ...] = ()
    reviews: tuple[PlanReviewed, ...] = ()
    certifications: tuple[PlanCertified | PlanRecertified, ...] = ()
    links: tuple[DocumentLinked, ...] = ()
    spans: tuple[Span, ...] = ()
    attendings: tuple[tuple[str, str], ...] = ()
    changes: tuple[LevelOfCareChanged, ...] = ()
    leaves: tuple[Leave, ...] = ()
    releases: tuple[HoldReleased, ...] = ()
    write_offs_asked: tuple[DayWriteOffRequested, ...] = ()
    written_off: tuple[DayWrittenOff, ...] = ()
    withdrawn: tuple[HoldReleaseWithdrawn | DayWriteOffRequestWithdrawn | DayWriteOffWithdrawn, ...] = ()

    @property
    def patient_id(self) -> str | None:
        """Whose episode."""
        return self.referral.patient_id if self.referral else None

    @property
    def program_id(self) -> str | None:
        """In which program."""
        return self.referral.program_id if self.referral else None

    @property
    def referred_on(self) -> str | None:
        """The episode's first day."""
        return self.referral.referred_on if self.referral else None

    @property
    def admitted_on(self) -> str | None:
        """The first day of services other than intake."""
        return self.admission.admitted_on if self.admission else None

    @property
    def discharged_on(self) -> str | None:
        """The episode's last day."""
        return self.discharge.discharged_on if self.discharge else None

    @property
    def attending_id(self) -> str | None:
        """The attending physician of record."""
        return self.admission.attending_id if self.admission else None

    def plan_on(self, day: str) -> PlanOfCareAdopted | None:
        """The plan of care in force on a day: of those adopted by then the last, of one day the one recorded last."""
        adopted = (plan for plan in reversed(self.plans) if plan.adopted_on <= day)
        return max(adopted, key=lambda plan: plan.adopted_on, default=None)

    def goals_told_on(self, day: str) -> tuple[tuple[str, str], ...]:
        """The goals of the plan in force on a day and their words, as adopted and as reviewed by then; none of which
        the key is gone."""
        plan = self.plan_on(day)
        if plan is None:
            return ()
        reviews = (one for one in self.reviews if one.plan_id == plan.plan_id and one.reviewed_on <= day)
        told = [plan.sealed, *(one.sealed for one in reviews)]
        return tuple(dict.fromkeys((one.goal, one.words) for words in told if words for one in words.goals))

    def attending_on(self, day: str) -> str | None:
        """Who attended on a day: the last from whose first day on it was."""
        return next((who for since, who in reversed(self.attendings) if since <= day), None)

    @property
    def plan(self) -> PlanOfCareAdopted | None:
        """The plan of care adopted last by its own date, of one day the one recorded last."""
        return max(reversed(self.plans), key=lambda plan: plan.adopted_on, default=None)

    @property
    def certified_through(self) -> str | None:
        """The last day that any certification of the episode reaches."""
        return max((one.certified_through for one in self.certifications), default=None)

    @property
    def review_due_on(self) -> str | None:
        """When the plan in force is to be reviewed next."""
        plan = self.plan
        if plan is None:
            return None
        own = (one for one in self.reviews if one.plan_id == plan.plan_id)
        last = max(own, key=lambda one: one.reviewed_on, default=None)
        return last.next_review_due_on if last else plan.review_due_on

    @property
    def steps(self) -> tuple[Step, ...]:
        """Everything that may rest on a signed document."""
        return (*self.plans, *self.reviews, *self.certifications)

    def document_of(self, step: Step) -> str | None:
        """The document that a step rests on, named with it or linked afterwards."""
        days = (step.plan_id, getattr(step, "reviewed_on", None), getattr(step, "certified_through", None))
        linked = (one for one in self.links if (one.plan_id, one.reviewed_on, one.certified_through) == days)
        return step.document_id or next((one.document_id for one in linked), None)

    def open_on(self, day: str) -> bool:
        """Whether the day lies between referral and discharge, both included."""
        return self.referred_on is not None and self.referred_on <= day <= (self.discharged_on or day)

    def span_on(self, day: str) -> Span | None:
        """The one span that the day belongs to."""
        return next((span for span in self.spans if span.holds(day)), None)

    def level_on(self, day: str) -> LevelOfCare | None:
        """The level of care on a day; the day of a change belongs to the new level."""
        span = self.span_on(day)
        return span.level_of_care if span else None

    def in_care_on(self, day: str) -> bool:
        """Whether the day lies between admission and discharge, both included."""
        return self.span_on(day) is not None

    def principal_on(self, day: str) -> DiagnosisRecorded | None:
        """The principal diagnosis in force on a day: the latest from then or before, a later record winning a tie."""
        ranked = [one for one in reversed(self.diagnoses) if one.rank == 1 and one.effective_from <= day]
        return max(ranked, key=lambda one: one.effective_from, default=None)


@dataclass(frozen=True, slots=True)
class Unopened(Episode):
    """Nobody is referred yet."""


@dataclass(frozen=True, slots=True)
class Referred(Episode):
    """Referred, not admitted."""


@dataclass(frozen=True, slots=True)
class InCare(Episode):
    """Admitted, not discharged."""


@dataclass(frozen=True, slots=True)
class Discharged(Episode):
    """Over; late entries of days inside it stay open, and its end can be corrected."""


def attended(known: tuple[tuple[str, str], ...], who: str, since: str | None) -> tuple[tuple[str, str], ...]:
    """Who attends by first days, once somebody is said to: all along (None), or since a day."""
    kept = () if since is None else tuple(one for one in known if one[0] < since)
    return *kept, (since or ALWAYS, who)


def evolve(state: Episode, fact: Any) -> Episode:  # noqa: C901, PLR0911, PLR0912 # one arm a fact
    """The state after the fact."""
    match fact:
        case PatientReferred():
            return turned(Referred, state, referral=fact)
        case BenefitsVerified():
            return replace(state, benefits=(*state.benefits, fact))
        case LevelOfCareAssessed():
            return replace(state, assessed=(*state.assessed, fact))
        case PatientAdmitted():
            first = (Span(fact.level_of_care, fact.admitted_on),)
            return turned(InCare, state, admission=fact, spans=first, attendings=attended((), fact.attending_id, None))
        case AdmissionCorrected():
            return _readmitted(state, fact)
        case AttendingCorrected():
            admission = _with(state.admission, attending_id=fact.attending_id)
            attendings = attended(state.attendings, fact.attending_id, fact.effective_from)
            return replace(state, admission=admission, attendings=attendings)
        case DiagnosisRecorded():
            return replace(state, diagnoses=(*state.diagnoses, fact))
        case PlanOfCareAdopted():
            return replace(state, plans=(*state.plans, fact))
        case PlanReviewed():
            return replace(state, reviews=(*state.reviews, fact))
        case PlanCertified() | PlanRecertified():
            return replace(state, certifications=(*state.certifications, fact))
        case DocumentLinked():
            return replace(state, links=(*state.links, fact))
        case LevelOfCareChanged():
            return replace(state, spans=_changed(state.spans, fact), changes=(*state.changes, fact))
        case HoldReleased():
            return replace(state, releases=(*state.releases, fact))
        case DayWriteOffRequested():
            return replace(state, write_offs_asked=(*state.write_offs_asked, fact))
        case DayWriteOffRequestWithdrawn():
            return replace(state, write_offs_asked=_others(state, fact), withdrawn=(*state.withdrawn, fact))
        case DayWrittenOff():
            return replace(state, write_offs_asked=_others(state, fact), written_off=(*state.written_off, fact))
        case HoldReleaseWithdrawn():
            left = (one for one in state.releases if (one.service_date, one.hold) != (fact.service_date, fact.hold))
            return replace(state, releases=tuple(left), withdrawn=(*state.withdrawn, fact))
        case DayWriteOffWithdrawn():
            kept = (one for one in state.written_off if one.service_date != fact.service_date)
            return replace(state, written_off=tuple(kept), withdrawn=(*state.withdrawn, fact))
        case LeaveStarted():
            return replace(state, leaves=(*state.leaves, Leave(fact)))
        case LeaveEnded():
            return replace(state, leaves=_ended(state.leaves, fact))
        case LeaveCorrected():
            return replace(state, leaves=_corrected(state.leaves, fact))
        case DischargePlanned():
            return replace(state, planned_discharge_on=fact.planned_on)
        case PatientDischarged():
            return turned(Discharged, state, discharge=fact, spans=_through(state.spans, fact.discharged_on))
        case DischargeCorrected():
            phase = Discharged if fact.discharge else InCare if state.admission else Referred
            spans = _through(state.spans, fact.discharged_on)
            return turned(phase, state, discharge=fact.discharge, spans=spans)
        case _:
            return state


def _with(admission: PatientAdmitted | None, **told: Any) -> PatientAdmitted | None:
    return replace(admission, **told) if admission else None


def _readmitted(state: Episode, fact: AdmissionCorrected) -> Episode:
    """The first level begins with the admission."""
    told = {"admission_type": fact.admission_type, "admission_source": fact.admission_source}
    first = tuple(replace(one, from_date=fact.admitted_on) for one in state.spans[:1])
    admission = _with(state.admission, admitted_on=fact.admitted_on, **told)
    return replace(state, admission=admission, spans=(*first, *state.spans[1:]))


def _through(spans: tuple[Span, ...], day: str | None) -> tuple[Span, ...]:
    """The last span ends with the episode."""
    return (*spans[:-1], *(replace(span, through_date=day) for span in spans[-1:]))


def _changed(spans: tuple[Span, ...], fact: LevelOfCareChanged) -> tuple[Span, ...]:
    closed = tuple(replace(span, through_date=day_before(fact.effective_on)) for span in spans[-1:])
    through = spans[-1].through_date if spans else None
    return (*spans[:-1], *closed, Span(fact.to_level, fact.effective_on, through))


def _others(state: Episode, fact: DayWriteOffRequestWithdrawn | DayWrittenOff) -> tuple[DayWriteOffRequested, ...]:
    """The requests about other days; that about this one is answered."""
    return tuple(one for one in state.write_offs_asked if one.service_date != fact.service_date)


def _ended(leaves: tuple[Leave, ...], fact: LeaveEnded) -> tuple[Leave, ...]:
    return tuple(replace(one, returned_on=fact.returned_on) if one.leave_id == fact.leave_id else one for one in leaves)


def _corrected(leaves: tuple[Leave, ...], fact: LeaveCorrected) -> tuple[Leave, ...]:
    found = []
    for one in leaves:
        if one.leave_id != fact.leave_id:
            found.append(one)
        elif fact.started_on is not None:
            found.append(Leave(replace(one.started, started_on=fact.started_on), fact.returned_on))
    return tuple(found)
