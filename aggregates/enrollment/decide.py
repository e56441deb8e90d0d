"""Decisions about an episode: its opening here, its care in `care`, its end in `ending`; refusals in `refusals`."""

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
from aggregates.enrollment.days import release_hold, withdraw_release, withdraw_write_off, write_off
from aggregates.enrollment.ending import correct_discharge, discharge, place_of
from aggregates.enrollment.facts import (
    BenefitsVerified,
    DiagnosisRecorded,
    LevelOfCareAssessed,
    PatientAdmitted,
    PatientReferred,
    ReferralWords,
)
from aggregates.enrollment.papers import document_stream, link
from aggregates.enrollment.state import Discharged, Episode, Unopened
from aggregates.kit import Act, Claim, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.program.state import Program

Outcomes = tuple[Any, ...]


def consult(state: Episode, command: Any) -> dict[str, Stream]:
    """A referral looks at patient and program, an admission at the program, a benefit check at the coverage, the
    correction of a discharge at the episode that is open since; plans, reviews and certifications at their document."""
    match command:
        case ask.ReferPatient():
            return {
                "patient": Stream("patient", command.patient_id), "program": Stream("program", command.program_id),
            }
        case ask.AdmitPatient() if state.program_id:
            return {"program": Stream("program", state.program_id)}
        case ask.VerifyBenefits() if state.patient_id:
            return {"patient": Stream("patient", state.patient_id)}
        case ask.AdoptPlan() | ask.ReviewPlan() | ask.CertifyPlan() | ask.RecertifyPlan() | ask.LinkDocument():
            return document_stream(command)
        case ask.CorrectDischarge() if state.referral:
            return {"open": Stream("enrollment", holder_of=("open_episode", place_of(state.referral)))}
        case _:
            return {}


def decide(state: Episode, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: C901, PLR0912 # one arm a command
    """The outcomes of a command, or a refusal."""
    if isinstance(state, Unopened) and not isinstance(command, ask.ReferPatient):
        raise no.UnknownEnrollment(enrollment_id=command.enrollment_id)
    match command:
        case ask.ReferPatient():
            outcomes = _refer(state, command, act, seen)
        case ask.VerifyBenefits():
            outcomes = _verify_benefits(state, command, act, seen)
        case ask.AssessLevelOfCare():
            outcomes = _assess(state, command, act)
        case ask.AdmitPatient():
            outcomes = _admit(state, command, act, seen)
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
        case ask.ReleaseHold():
            outcomes = release_hold(state, command, act)
        case ask.WriteOffDay():
            outcomes = write_off(state, command, act)
        case ask.WithdrawHoldRelease():
            outcomes = withdraw_release(state, command, act)
        case ask.WithdrawDayWriteOff():
            outcomes = withdraw_write_off(state, command, act)
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


def _refer(state: Episode, command: ask.ReferPatient, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    words = ReferralWords(referrer=command.referrer, reason=command.referral_reason)
    sealed = words if words != ReferralWords() else None
    fact = made(PatientReferred, command, sealed=sealed)
    if not isinstance(state, Unopened):
        if state.referral == fact:
            return ()
        raise no.AlreadyReferred(referred_on=state.referred_on)
    not_in_the_future(act, command.referred_on)
    if not isinstance(seen["patient"].state, Patient):
        raise no.UnknownPatient(patient_id=command.patient_id)
    _program(seen, command.program_id, command.referred_on)
    return fact, Claim("open_episode", place_of(fact), held=no.EpisodeAlreadyOpen)


def _program(seen: Mapping[str, Seen], program_id: str | None, day: str) -> Program:
    program = seen["program"].state
    if not isinstance(program, Program):
        raise no.UnknownProgram(program_id=program_id)
    if day < program.opened.opened_on or day > (program.closed_on or day):
        raise no.ProgramNotOperating(opened_on=program.opened.opened_on, on=day)
    return program


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


def _admit(state: Episode, command: ask.AdmitPatient, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(PatientAdmitted, command)
    if state.admission == fact:
        return ()
    if isinstance(state, Discharged):
        raise no.EpisodeEnded(discharged_on=state.discharged_on)
    if state.admission:
        raise no.AlreadyAdmitted(admitted_on=state.admitted_on)
    must_be_inside(state, act, command.admitted_on)
    program = _program(seen, state.program_id, command.admitted_on)
    if command.level_of_care != program.opened.level_of_care:
        raise no.LevelNotOffered(offered=program.opened.level_of_care, level_of_care=command.level_of_care)
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

