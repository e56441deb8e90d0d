"""Decisions about shredding; refusals are in `refusals`.

That two people are needed, and thirty days between, is ours: no rule asks for it, and nothing undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aggregates.decision import made, only
from aggregates.enrollment.refusals import UnknownPatient
from aggregates.kit import Act, Elsewhere, Release, Seen, Stream
from aggregates.patient.identity import NUMBER_KIND, reservation_key
from aggregates.patient.marks import moved
from aggregates.patient.state import NotRegistered, Patient
from aggregates.shredding import commands as ask
from aggregates.shredding import refusals as no
from aggregates.shredding.facts import (
    HoldPlaced,
    HoldReleased,
    PatientKeysShredded,
    ShreddingApproved,
    ShreddingRequested,
    ShreddingWithdrawn,
)
from aggregates.shredding.state import Request, Shredding
from aggregates.shredding.streams import shredding_of
from aggregates.values import instant, moment

Outcomes = tuple[Any, ...]
DELAY_DAYS = 30
"""How long after its approval a request can still be withdrawn by anybody who may. Ours."""


def consult(_state: Shredding, command: ask.Command) -> dict[str, Stream]:
    """The patient."""
    return {"patient": Stream("patient", command.patient_id)}


def decide(state: Shredding, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    if not isinstance(seen["patient"].state, Patient):
        raise UnknownPatient(patient_id=command.patient_id)
    if command.shredding_id != shredding_of(command.patient_id):
        raise no.AnotherShreddingStream(shredding_id=shredding_of(command.patient_id))
    match command:
        case ask.RequestShredding():
            return _request(state, command, act)
        case ask.ApproveShredding():
            return _approve(_standing(state, command.request_id), command, act)
        case ask.WithdrawShredding():
            return _withdraw(state, command, act)
        case ask.PlaceHold():
            known = state.hold(command.hold_id)
            fact = made(HoldPlaced, command, placed_by=act.by)
            return only(known.placed if known else None, fact, no.HoldIdTaken(hold_id=command.hold_id))
        case ask.ReleaseHold():
            return _release(state, command, act)
        case ask.CarryOutShredding():
            return _carry_out(state, command, act, seen["patient"].state)


def _request(state: Shredding, command: ask.RequestShredding, act: Act) -> Outcomes:
    fact, known = made(ShreddingRequested, command, requested_by=act.by), state.request(command.request_id)
    if known is None and state.waiting is not None:
        raise no.ShreddingAlreadyRequested(request_id=state.waiting.asked.request_id)
    return only(known.asked if known else None, fact, no.RequestIdTaken(request_id=command.request_id))


def _approve(request: Request, command: ask.ApproveShredding, act: Act) -> Outcomes:
    if request.approved is not None:
        return ()
    if act.by == request.asked.requested_by:
        raise no.ApprovalOfOwnRequest
    not_before = instant(moment(act.now) + timedelta(days=DELAY_DAYS))
    return (made(ShreddingApproved, command, approved_by=act.by, approved_at=act.now, not_before=not_before),)


def _withdraw(state: Shredding, command: ask.WithdrawShredding, act: Act) -> Outcomes:
    known = state.request(command.request_id)
    if known is not None and isinstance(known.ended, ShreddingWithdrawn):
        return ()
    _standing(state, command.request_id)
    return (made(ShreddingWithdrawn, command, withdrawn_by=act.by),)


def _release(state: Shredding, command: ask.ReleaseHold, act: Act) -> Outcomes:
    known = state.hold(command.hold_id)
    if known is None:
        raise no.UnknownHold(hold_id=command.hold_id)
    return () if known.released else (made(HoldReleased, command, released_by=act.by),)


def _carry_out(state: Shredding, command: ask.CarryOutShredding, act: Act, patient: Patient) -> Outcomes:
    known = state.request(command.request_id)
    if known is not None and isinstance(known.ended, PatientKeysShredded):
        return ()
    request = _standing(state, command.request_id)
    if request.approved is None:
        raise no.ShreddingNotApproved(request_id=command.request_id)
    if act.now < request.approved.not_before:
        raise no.ShreddingTooEarly(request_id=command.request_id, not_before=request.approved.not_before)
    _must_be_free(state, command, act)
    given_back = _given_back(command.patient_id, patient)
    return made(PatientKeysShredded, command), *((Elsewhere("patient", given_back),) if given_back else ())


def _given_back(patient_id: str, patient: Patient) -> Outcomes:
    """The record number leads to the patient no more, and no other record agrees with this one: whoever still has it
    would find codes and days under it."""
    number = patient.identity.medical_record_number if patient.identity else None
    numbers = () if number is None else (Release(NUMBER_KIND, reservation_key(number)),)
    return *numbers, *moved(patient_id, patient, NotRegistered())


def _must_be_free(state: Shredding, command: ask.CarryOutShredding, act: Act) -> None:
    """Refuses what is held, in use, contested or too young, and keys of somebody else."""
    if state.standing:
        kinds = ", ".join(sorted({hold.kind for hold in state.standing}))
        raise no.HeldFromShredding(kinds=kinds, holds=", ".join(hold.hold_id for hold in state.standing))
    if command.in_care:
        raise no.InCareStill(enrollments=", ".join(command.in_care))
    if command.open_disputes:
        raise no.DisputeStillOpen(disputes=", ".join(command.open_disputes))
    if act.now[:10] <= command.retained_until:
        raise no.RetentionRuns(retained_until=command.retained_until)
    for key in command.keys:
        if key.subject != f"patient:{command.patient_id}" and not key.subject.startswith("session:"):
            raise no.KeyOfAnotherPatient(subject=key.subject)


def _standing(state: Shredding, request_id: str) -> Request:
    """The request that waits, if it is this one."""
    found = state.request(request_id)
    if found is None or found.ended is not None:
        raise no.UnknownShreddingRequest(request_id=request_id)
    return found
