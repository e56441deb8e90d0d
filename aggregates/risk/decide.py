"""Decisions about a patient's risk; refusals are in `refusals`.

A low score never clears an alert: a person does. An alert of safety is cleared after somebody has assessed the risk
since, and, from a moderate risk on, made a safety plan with the patient. That order is ours; an override says why not.
An alert of a corrected measure can be cleared again: what was cleared before may have been about other answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.assessment.state import Administered, Voided
from aggregates.decision import made, not_in_the_future
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.risk import commands as ask
from aggregates.risk import refusals as no
from aggregates.risk.facts import (
    AlertAcknowledged,
    AlertKind,
    FollowUpMade,
    Level,
    RiskAssessed,
    RiskWords,
    SafetyPlanRecorded,
)
from aggregates.risk.state import Risk
from aggregates.risk.streams import risk_of
from aggregates.values import moment

Outcomes = tuple[Any, ...]
OF_SAFETY: frozenset[AlertKind] = frozenset({"safety_item", "suicide_screen"})
"""Alerts for which a person's risk has to be assessed."""
OF_MEASURES: frozenset[AlertKind] = frozenset({*OF_SAFETY, "reliable_deterioration"})
"""Alerts that are about one assessment; the others are about an episode."""
PLANNED: frozenset[Level] = frozenset({"moderate", "high", "imminent"})
"""From which level on a safety plan is wanted. Ours."""


def consult(_state: Risk, command: ask.Command) -> dict[str, Stream]:
    """The patient, and the episode or assessment that it is about."""
    looked = {"patient": Stream("patient", command.patient_id)}
    if isinstance(command, ask.AcknowledgeAlert):
        kind = "assessment" if command.alert.kind in OF_MEASURES else "enrollment"
        return looked | {kind: Stream(kind, command.alert.about)}
    if command.enrollment_id is not None:
        looked["enrollment"] = Stream("enrollment", command.enrollment_id)
    if isinstance(command, ask.AssessRisk) and command.assessment_id is not None:
        looked["assessment"] = Stream("assessment", command.assessment_id)
    return looked


def decide(state: Risk, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    if not isinstance(seen["patient"].state, Patient):
        raise UnknownPatient(patient_id=command.patient_id)
    if command.risk_id != risk_of(command.patient_id):
        raise no.AnotherRiskStream(risk_id=risk_of(command.patient_id))
    if isinstance(command, ask.AcknowledgeAlert):
        return _acknowledge(state, command, act, seen)
    _must_be_of_the_episode(command, seen)
    words = RiskWords(words=command.words) if command.words is not None else None
    fact: RiskAssessed | SafetyPlanRecorded | FollowUpMade
    match command:
        case ask.AssessRisk():
            _must_be_over(command.assessed_at, act)
            if command.assessment_id is not None:
                _must_be_theirs(seen["assessment"].state, command)
            fact = made(RiskAssessed, command, assessed_by=act.by, sealed=words)
        case ask.RecordSafetyPlan():
            not_in_the_future(act, command.made_on)
            if command.review_on is not None and command.review_on < command.made_on:
                raise no.ReviewBeforePlan(review_on=command.review_on, made_on=command.made_on)
            fact = made(SafetyPlanRecorded, command, recorded_by=act.by, sealed=words)
        case ask.MakeFollowUp():
            _must_be_over(command.made_at, act)
            fact = made(FollowUpMade, command, made_by=act.by, sealed=words)
    return () if fact in state.told else (fact,)


def _acknowledge(state: Risk, command: ask.AcknowledgeAlert, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    alert = command.alert
    not_in_the_future(act, alert.since)
    taken = None
    if alert.kind in OF_MEASURES:
        taken = _must_be_theirs(seen["assessment"].state, command)
        if taken.administered_on != alert.since:
            raise no.AlertOfAnotherDay(on=taken.administered_on, since=alert.since)
    else:
        _must_be_of_the_episode(command, seen)
    fact = made(AlertAcknowledged, command, acknowledged_by=act.by)
    standing = state.standing(alert)
    told = standing == fact or (standing is not None and standing.outcome == "cleared" == command.outcome)
    if told and not (taken and taken.corrected):
        return ()
    if command.outcome == "cleared" and alert.kind in OF_SAFETY and taken and command.override_cause is None:
        _must_be_seen_to(state, taken)
    return (fact,)


def _must_be_seen_to(state: Risk, taken: Administered) -> None:
    since = taken.administered.administered_at
    if state.assessed_at is None or moment(state.assessed_at) < moment(since):
        raise no.RiskNotAssessed(since=since)
    day = max(taken.administered_on, taken.administered.administered_on)  # moving it back makes no plan newer
    if state.level in PLANNED and (state.plan_made_on is None or state.plan_made_on < day):
        raise no.SafetyPlanMissing(level=state.level, since=day)


def _must_be_of_the_episode(command: Any, seen: Mapping[str, Seen]) -> None:
    if "enrollment" not in seen:
        return
    episode = seen["enrollment"].state
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=seen["enrollment"].id)
    if (episode.patient_id, episode.program_id) != (command.patient_id, command.program_id):
        raise EnrollmentOfAnother(enrollment_id=seen["enrollment"].id)


def _must_be_theirs(taken: Any, command: Any) -> Administered:
    """A measure of this patient in this program that counts."""
    if not isinstance(taken, Administered) or isinstance(taken, Voided):
        raise no.AlertOfAnother
    if (taken.patient_id, taken.program_id) != (command.patient_id, command.program_id):
        raise no.AlertOfAnother
    return taken


def _must_be_over(at: str, act: Act) -> None:
    if moment(at) > moment(act.now):
        raise no.HappenedInTheFuture(at=at)
