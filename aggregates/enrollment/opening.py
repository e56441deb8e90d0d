"""Decisions about an episode's opening: referral, admission, and how the admission really was.

A corrected admission keeps level and focus, which a level change corrects; whether days before a later admission can be
billed is judged in billing, and what is recorded of them is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.decision import made, not_in_the_future
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.dates import must_be_inside
from aggregates.enrollment.facts import (
    AdmissionCorrected,
    AttendingCorrected,
    PatientAdmitted,
    PatientReferred,
    ReferralWords,
)
from aggregates.enrollment.places import EPISODE, numbers_of, place_of
from aggregates.enrollment.state import Discharged, Episode, Unopened, attended
from aggregates.kit import Act, Claim, Seen
from aggregates.patient.state import Patient
from aggregates.program.state import Program

Outcomes = tuple[Any, ...]


def refer(state: Episode, command: ask.ReferPatient, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Opens the episode and takes its place, and a number among the patient's episodes in the program."""
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
    place = place_of(fact)
    free = next((one for one in numbers_of(place) if one not in seen), None)
    return (
        fact, Claim("open_episode", place, held=no.EpisodeAlreadyOpen),
        *((Claim(EPISODE, free, held=no.EpisodeAlreadyOpen),) if free else ()),
    )  # fmt: skip


def _program(seen: Mapping[str, Seen], program_id: str | None, day: str) -> Program:
    program = seen["program"].state
    if not isinstance(program, Program):
        raise no.UnknownProgram(program_id=program_id)
    if day < program.opened.opened_on or day > (program.closed_on or day):
        raise no.ProgramNotOperating(opened_on=program.opened.opened_on, on=day)
    return program


def admit(state: Episode, command: ask.AdmitPatient, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """To the level of care that the program offers, on a day of the episode on which it operates."""
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


def correct_admission(
    state: Episode, command: ask.CorrectAdmission, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """States day, type and source of the admission as they really were, under the rules of an admission."""
    old = state.admission
    if old is None:
        raise no.NotAdmitted
    stood = (old.admitted_on, old.admission_type, old.admission_source)
    if stood == (command.admitted_on, command.admission_type, command.admission_source):
        return ()
    must_be_inside(state, act, command.admitted_on)
    _program(seen, state.program_id, command.admitted_on)
    for later in state.spans[1:2]:
        if command.admitted_on >= later.from_date:
            raise no.AdmissionAfterLevelChange(on=later.from_date)
    return (made(AdmissionCorrected, command, was_admitted_on=old.admitted_on),)


def correct_attending(state: Episode, command: ask.CorrectAttending, act: Act) -> Outcomes:
    """States who attends, as it should have been since the admission, or does since a day of the stay."""
    old = state.admission
    if old is None:
        raise no.NotAdmitted
    since = command.effective_from
    if since is not None:
        must_be_inside(state, act, since)
    already = since is not None and state.attending_on(since) == command.attending_id == old.attending_id
    if already or attended(state.attendings, command.attending_id, since) == state.attendings:
        return ()
    return (made(AttendingCorrected, command, was_attending_id=old.attending_id),)
