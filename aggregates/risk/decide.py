"""Decisions about a patient's risk; refusals are in `refusals`.

A low score never clears an alert: a person does. An alert of safety is cleared after somebody has assessed the risk
since, and, from a moderate risk on, made a safety plan with the patient. That order is ours; an override says why not.
"Since" is told by the log: what was recorded before the answers that stand now knows nothing of them, whatever time it
gives, and neither does what was made before a correction of them was recorded. A void gives no answers: what it takes
away is judged as it stood.
Each program judges for itself: a judgment or plan of another one, which may be kept under 42 CFR Part 2, counts for
nothing here and is not told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aggregates.assessment.state import Administered, Voided
from aggregates.decision import made, not_in_the_future
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Unopened
from aggregates.kit import Act, Place, Seen, Stream
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
from aggregates.values import Date, Instant, moment

Outcomes = tuple[Any, ...]
OF_SAFETY: frozenset[AlertKind] = frozenset({"safety_item", "suicide_screen"})
"""Alerts for which a person's risk has to be assessed."""
OF_MEASURES: frozenset[AlertKind] = frozenset({*OF_SAFETY, "reliable_deterioration"})
"""Alerts that are about one assessment; the others are about an episode."""
PLANNED: frozenset[Level] = frozenset({"moderate", "high", "imminent"})
"""From which level on a safety plan is wanted. Ours."""


def consult(_state: Risk, command: ask.Command) -> dict[str, Stream]:
    """The patient, and the episode or assessment that it is about; of an alert, the places of what was done."""
    looked = {"patient": Stream("patient", command.patient_id)}
    if isinstance(command, ask.AcknowledgeAlert):
        kind = "assessment" if command.alert.kind in OF_MEASURES else "enrollment"
        return looked | {kind: Stream(kind, command.alert.about), "own": Stream("risk", command.risk_id)}
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
    return () if fact in state.acts else (fact,)


def _acknowledge(state: Risk, command: ask.AcknowledgeAlert, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    alert, done = command.alert, state.acts
    not_in_the_future(act, alert.since)
    if alert.kind in OF_MEASURES:
        taken = _must_be_theirs(seen["assessment"].state, command, voided=alert.kind in OF_SAFETY)
        if taken.administered_on != alert.since:
            raise no.AlertOfAnotherDay(on=taken.administered_on, since=alert.since)
        raised, since = _raised(seen["assessment"], taken)
        done = tuple(one for one, place in zip(done, seen["own"].places, strict=False) if place > raised)
    else:
        _must_be_of_the_episode(command, seen)
    fact = made(AlertAcknowledged, command, acknowledged_by=act.by)
    said = (one for one in reversed(done) if isinstance(one, AlertAcknowledged) and one.alert == alert)
    standing = next(said, None)
    if standing == fact or (standing is not None and standing.outcome == "cleared" == command.outcome):
        return ()
    if command.outcome == "cleared" and alert.kind in OF_SAFETY and command.override_cause is None:
        own = [one for one in done if one.program_id == command.program_id]
        _must_be_seen_to(own, since, max(taken.administered_on, taken.administered.administered_on))
    return (fact,)


def _raised(measure: Seen, taken: Administered) -> tuple[Place, Instant]:
    """Where the answers stand that raised an alert, and from when on they can have been judged: from when they were
    given, or of a correction, which does not say when, from when it was recorded."""
    given = measure.places[:-1] if isinstance(taken, Voided) else measure.places
    return given[-1], given[-1].recorded_at if len(given) > 1 else taken.administered.administered_at


def _must_be_seen_to(own: Sequence[Any], since: Instant, day: Date) -> None:
    """What the program did, recorded after the answers; moving their day back makes no plan newer."""
    judged = [one for one in own if isinstance(one, RiskAssessed) and one.assessed_at >= since]
    if not judged:
        raise no.RiskNotAssessed(since=since)
    level = max(reversed(judged), key=lambda one: one.assessed_at).level
    if level in PLANNED and not any(isinstance(one, SafetyPlanRecorded) and one.made_on >= day for one in own):
        raise no.SafetyPlanMissing(level=level, since=day)


def _must_be_of_the_episode(command: Any, seen: Mapping[str, Seen]) -> None:
    if "enrollment" not in seen:
        return
    episode = seen["enrollment"].state
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=seen["enrollment"].id)
    if (episode.patient_id, episode.program_id) != (command.patient_id, command.program_id):
        raise EnrollmentOfAnother(enrollment_id=seen["enrollment"].id)


def _must_be_theirs(taken: Any, command: Any, voided: bool = False) -> Administered:
    """A measure of this patient in this program that counts, or, for what was answered about safety, did."""
    if not isinstance(taken, Administered) or (isinstance(taken, Voided) and not voided):
        raise no.AlertOfAnother
    if (taken.patient_id, taken.program_id) != (command.patient_id, command.program_id):
        raise no.AlertOfAnother
    return taken


def _must_be_over(at: str, act: Act) -> None:
    if moment(at) > moment(act.now):
        raise no.HappenedInTheFuture(at=at)
