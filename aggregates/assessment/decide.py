"""Decisions about an administration; refusals are in `refusals`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.assessment import commands as ask
from aggregates.assessment import refusals as no
from aggregates.assessment.facts import AssessmentAdministered, AssessmentCorrected, AssessmentVoided
from aggregates.assessment.instruments import LEVELS, LICENSED, Instrument, instrument
from aggregates.assessment.scales import ItemMissing as Missing
from aggregates.assessment.scales import ItemOutOfRange as OutOfRange
from aggregates.assessment.scales import Items
from aggregates.assessment.state import Administered, NotAdministered, State, Voided
from aggregates.days import days_after
from aggregates.decision import made, not_in_the_future
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Episode, Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.values import moment

Outcomes = tuple[Any, ...]
LOOKED_AT = frozenset({"moderate", "high"})  # levels of a triage that open an alert
BASELINE_DAYS = 30  # a baseline taken this many days before the referral still belongs to the episode


def consult(state: State, command: Any) -> dict[str, Stream]:
    """The episode that it belongs to, or, outside any episode, the patient."""
    if isinstance(command, ask.AdministerAssessment):
        if command.enrollment_id is None:
            return {"patient": Stream("patient", command.patient_id)}
        return {"enrollment": Stream("enrollment", command.enrollment_id)}
    if isinstance(command, ask.CorrectAssessment) and isinstance(state, Administered):
        enrollment_id = state.administered.enrollment_id
        return {"enrollment": Stream("enrollment", enrollment_id)} if enrollment_id else {}
    return {}


def decide(state: State, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    match state, command:
        case _, ask.AdministerAssessment():
            outcomes = _administer(state, command, act, seen)
        case NotAdministered(), _:
            raise no.UnknownAssessment(assessment_id=command.assessment_id)
        case Administered(), ask.CorrectAssessment():
            outcomes = _correct(state, command, act, seen)
        case Administered(), ask.VoidAssessment():
            outcomes = () if isinstance(state, Voided) else (made(AssessmentVoided, command),)
    return outcomes


def _administer(state: State, command: ask.AdministerAssessment, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    kind = _instrument(command.instrument, command.instrument_version)
    fact = made(AssessmentAdministered, command, instrument=kind.code, instrument_version=kind.version)
    if isinstance(state, Voided):
        raise no.AssessmentIsVoid
    if isinstance(state, Administered):
        if state.administered == fact:
            return ()
        raise no.AlreadyAdministered(administered_on=state.administered_on)
    _must_be_whole(kind, command)
    _must_be_past(fact, act)
    if command.enrollment_id is None:
        if not isinstance(seen["patient"].state, Patient):
            raise UnknownPatient(patient_id=command.patient_id)
    else:
        _must_fit(seen["enrollment"].state, fact, command.administered_on)
    return (fact,)


def _instrument(code: str, version: str | None) -> Instrument:
    if code.lower() in LICENSED:
        raise no.NeedsLicense(instrument=code.upper())
    if code.lower() in LEVELS:
        raise no.LevelIsNoScore(instrument=code.upper())
    found = instrument(code, version)
    if found is None:
        raise no.UnknownInstrument(instrument=code, version=version or "any")
    return found


def _must_be_whole(kind: Instrument, command: ask.AdministerAssessment | ask.CorrectAssessment) -> None:
    """Answers in range and complete, or a score that the instrument can have; both only when they agree."""
    entered = command.entered_score
    if not command.items and entered is None:
        raise no.NothingAnswered
    if entered is not None:
        _must_be_held(kind, entered)
    if command.items:
        _must_be_offered(kind, command.items)
        if entered is not None and kind.total is not None and entered != kind.total.score(command.items):
            raise no.ScoreDisagrees(computed=kind.total.score(command.items), entered=entered)


def _must_be_held(kind: Instrument, entered: int) -> None:
    total = kind.total
    if total is None:
        raise no.NoTotal(instrument=kind.label)
    if not total.holds(entered):
        raise no.ScoreOutOfRange(
            instrument=kind.label, score=entered, low=total.low, high=total.high, step=total.multiplier,
        )


def _must_be_offered(kind: Instrument, items: Items) -> None:
    if kind.items is None:
        raise no.ItemsNotKept(instrument=kind.label)
    try:
        kind.items.check(items)
    except OutOfRange as wrong:
        raise no.ItemOutOfRange(item=wrong.item, instrument=kind.label) from None
    except Missing as wrong:
        refusal = no.SomeoneNeededNow if _someone_needed(kind, items) else no.ItemMissing
        raise refusal(item=wrong.item, instrument=kind.label) from None


def _someone_needed(kind: Instrument, items: Items) -> bool:
    """Whether an incomplete form would be on today's list for what it does say about suicide."""
    answer = items[kind.safety_item - 1] if kind.safety_item and kind.safety_item <= len(items) else None
    return bool(answer) or (kind.triage is not None and kind.triage.level(items) in LOOKED_AT)


def _must_be_past(fact: AssessmentAdministered, act: Act) -> None:
    not_in_the_future(act, fact.administered_on)
    if moment(fact.administered_at) > moment(act.now):
        raise no.AdministeredInTheFuture(administered_at=fact.administered_at)
    _must_be_its_day(fact.administered_at, fact.administered_on)


def _must_be_its_day(at: str, day: str) -> None:
    """A time falls on a day, in one zone or another; a correction moves the day alone."""
    if not days_after(at[:10], -1) <= day <= days_after(at[:10], 1):
        raise no.AdministeredOnAnotherDay(administered_at=at, on=day)


def _must_fit(episode: Episode, fact: AssessmentAdministered, day: str) -> None:
    """The day fits the episode: a baseline may be a little older, a follow-up later than the discharge."""
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=fact.enrollment_id)
    if (episode.patient_id, episode.program_id) != (fact.patient_id, fact.program_id):
        raise EnrollmentOfAnother(enrollment_id=fact.enrollment_id)
    referred_on = episode.referred_on or day
    earliest = days_after(referred_on, -BASELINE_DAYS) if fact.occasion == "baseline" else referred_on
    if day < earliest:
        raise no.AdministeredBeforeReferral(on=day, referred_on=referred_on, days=BASELINE_DAYS)
    late = episode.discharged_on is not None and day > episode.discharged_on
    if late and fact.occasion not in {"follow_up", "discharge"}:
        raise no.NotAFollowUp(on=day, discharged_on=episode.discharged_on)


def _correct(state: Administered, command: ask.CorrectAssessment, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    if isinstance(state, Voided):
        raise no.AssessmentIsVoid
    now = (state.items, state.entered_score, state.administered_on)
    if now == (command.items, command.entered_score, command.administered_on):
        return ()
    _must_be_whole(_instrument(state.administered.instrument, state.administered.instrument_version), command)
    if state.items and not command.items:
        raise no.AnswersTakenAway(assessment_id=command.assessment_id)
    not_in_the_future(act, command.administered_on)
    if state.administered.enrollment_id:
        _must_fit(seen["enrollment"].state, state.administered, command.administered_on)
    _must_be_its_day(state.administered.administered_at, command.administered_on)
    return (made(AssessmentCorrected, command),)
