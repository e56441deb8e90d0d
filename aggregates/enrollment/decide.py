"""Decisions about an episode: its opening in `opening`, its care in `care`, the billing of its days in `days`,
its end in `ending`; refusals in `refusals`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.decision import made, not_in_the_future
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.care import (
    adopt_plan,
    certify,
    change_level,
    correct_leave,
    end_leave,
    plan_discharge,
    recertify,
    review_plan,
    start_leave,
)
from aggregates.enrollment.dates import must_be_inside
from aggregates.enrollment.days import OF_A_DAY
from aggregates.enrollment.ending import correct_discharge, discharge
from aggregates.enrollment.facts import (
    BenefitsVerified,
    DiagnosisRecorded,
    LevelOfCareAssessed,
)
from aggregates.enrollment.opening import admit, correct_admission, correct_attending, refer
from aggregates.enrollment.papers import document_stream, link
from aggregates.enrollment.places import episodes_of, place_of
from aggregates.enrollment.state import Episode, Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient

Outcomes = tuple[Any, ...]


def consult(state: Episode, command: Any) -> dict[str, Stream]:
    """A referral looks at patient and program, an admission and its correction at the program, a benefit check at the
    coverage, a referral and the correction of a discharge at the patient's other episodes; plans, reviews and
    certifications at their document."""
    match command:
        case ask.ReferPatient():
            return {
                "patient": Stream("patient", command.patient_id), "program": Stream("program", command.program_id),
                **episodes_of(place_of(command)),
            }
        case ask.AdmitPatient() | ask.CorrectAdmission() if state.program_id:
            return {"program": Stream("program", state.program_id)}
        case ask.VerifyBenefits() if state.patient_id:
            return {"patient": Stream("patient", state.patient_id)}
        case ask.AdoptPlan() | ask.ReviewPlan() | ask.CertifyPlan() | ask.RecertifyPlan() | ask.LinkDocument():
            return document_stream(command)
        case ask.CorrectDischarge() if state.referral:
            place = place_of(state.referral)
            return {"open": Stream("enrollment", holder_of=("open_episode", place)), **episodes_of(place)}
        case _:
            return {}


def decide(state: Episode, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: C901, PLR0912 # one arm a command
    """The outcomes of a command, or a refusal."""
    if isinstance(state, Unopened) and not isinstance(command, ask.ReferPatient):
        raise no.UnknownEnrollment(enrollment_id=command.enrollment_id)
    of_a_day = OF_A_DAY.get(type(command))
    if of_a_day is not None:
        return of_a_day(state, command, act)
    match command:
        case ask.ReferPatient():
            outcomes = refer(state, command, act, seen)
        case ask.VerifyBenefits():
            outcomes = _verify_benefits(state, command, act, seen)
        case ask.AssessLevelOfCare():
            outcomes = _assess(state, command, act)
        case ask.AdmitPatient():
            outcomes = admit(state, command, act, seen)
        case ask.CorrectAdmission():
            outcomes = correct_admission(state, command, act, seen)
        case ask.CorrectAttending():
            outcomes = correct_attending(state, command, act)
        case ask.RecordDiagnosis():
            outcomes = _diagnose(state, command, act)
        case ask.AdoptPlan():
            outcomes = adopt_plan(state, command, act, seen)
        case ask.ReviewPlan():
            outcomes = review_plan(state, command, act, seen)
        case ask.CertifyPlan():
            outcomes = certify(state, command, act, seen)
        case ask.RecertifyPlan():
            outcomes = recertify(state, command, act, seen)
        case ask.LinkDocument():
            outcomes = link(state, command, seen)
        case ask.ChangeLevelOfCare():
            outcomes = change_level(state, command, act)
        case ask.StartLeave():
            outcomes = start_leave(state, command, act)
        case ask.EndLeave():
            outcomes = end_leave(state, command, act)
        case ask.CorrectLeave():
            outcomes = correct_leave(state, command, act)
        case ask.PlanDischarge():
            outcomes = plan_discharge(state, command)
        case ask.DischargePatient():
            outcomes = discharge(state, command, act)
        case ask.CorrectDischarge():
            outcomes = correct_discharge(state, command, act, seen)
    return outcomes


def _verify_benefits(state: Episode, command: ask.VerifyBenefits, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(BenefitsVerified, command)
    if fact in state.benefits:
        return ()
    must_be_inside(state, act, command.verified_on)
    patient = seen["patient"].state
    covered = [one.recorded for one in patient.coverages] if isinstance(patient, Patient) else []
    if not any((one.coverage_id, one.payer_id) == (fact.coverage_id, fact.payer_id) for one in covered):
        raise no.UnknownCoverage(coverage_id=command.coverage_id)
    return (fact,)


def _assess(state: Episode, command: ask.AssessLevelOfCare, act: Act) -> Outcomes:
    fact = made(LevelOfCareAssessed, command)
    if fact in state.assessed:
        return ()
    must_be_inside(state, act, command.assessed_on)
    return (fact,)


def _diagnose(state: Episode, command: ask.RecordDiagnosis, act: Act) -> Outcomes:
    """A diagnosis may be older than the episode; it may neither lie ahead nor begin after the discharge."""
    fact = made(DiagnosisRecorded, command)
    if fact in state.diagnoses:
        return ()
    not_in_the_future(act, command.effective_from)
    if state.discharged_on and command.effective_from > state.discharged_on:
        raise no.AfterDischarge(on=command.effective_from, discharged_on=state.discharged_on)
    return (fact,)

