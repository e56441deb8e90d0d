"""Decisions about an episode's end: the discharge, and its correction.

A patient has one open episode in a program, a place that the discharge gives back. A discharge that is moved keeps it
given back; one that never was takes the place again, unless a later episode holds it by now. Neither reaches into an
episode of the patient in the program that followed, whether that is open or has ended too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.decision import made
from aggregates.enrollment import commands as ask
from aggregates.enrollment import refusals as no
from aggregates.enrollment.dates import must_have_begun
from aggregates.enrollment.facts import DischargeCorrected, PatientDischarged
from aggregates.enrollment.places import others, place_of
from aggregates.enrollment.state import Episode
from aggregates.kit import Act, Claim, Release, Seen

Outcomes = tuple[Any, ...]
STILL_PATIENT = "30"  # UB-04 patient status of an interim bill


def discharge(state: Episode, command: ask.DischargePatient, act: Act) -> Outcomes:
    """Ends the episode and gives its place back."""
    fact = made(PatientDischarged, command)
    if state.discharge:
        if state.discharge == fact:
            return ()
        raise no.AlreadyDischarged(discharged_on=state.discharged_on)
    _must_be_an_end(state, fact, act)
    return fact, *(Release("open_episode", place_of(one)) for one in (state.referral,) if one)


def correct_discharge(
    state: Episode, command: ask.CorrectDischarge, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """States the discharge as it really was, or that there was none: then it is recorded anew when it comes.

    Only whole: a day, a reason and a status, or none of them. What lies after an earlier day is kept, and whether it
    can be billed is judged in billing.
    """
    parts = (command.discharged_on, command.reason, command.patient_status)
    if None in parts and any(parts):
        raise no.DischargeIncomplete
    if state.discharge is None:
        if command.discharged_on is None:
            return ()
        raise no.NotDischarged
    fact = made(DischargeCorrected, command, was_discharged_on=state.discharge.discharged_on)
    if fact.discharge == state.discharge:
        return ()
    followed = min((one.referred_on or "" for one in others(state, command.enrollment_id, seen)), default=None)
    if fact.discharge is None:
        if followed is not None and "open" not in seen:
            raise no.FollowedByEpisode(referred_on=followed)
        return fact, *(Claim("open_episode", place_of(one), held=no.OpenedAgain) for one in (state.referral,) if one)
    _must_be_an_end(state, fact.discharge, act)
    if followed is not None and fact.discharge.discharged_on > followed:
        raise no.ReachesNextEpisode(on=fact.discharge.discharged_on, referred_on=followed)
    return (fact,)


def _must_be_an_end(state: Episode, end: PatientDischarged, act: Act) -> None:
    must_have_begun(state, act, end.discharged_on)
    if end.patient_status == STILL_PATIENT:
        raise no.StillPatientStatus
    if state.admission is None and end.reason != "other":
        raise no.NeverAdmitted
    if state.admitted_on and end.discharged_on < state.admitted_on:
        raise no.BeforeAdmission(on=end.discharged_on, admitted_on=state.admitted_on)
    if state.spans and end.discharged_on < state.spans[-1].from_date:
        raise no.DischargeBeforeLevelChange(on=state.spans[-1].from_date)
