"""Refusals and decisions of a clinician's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from aggregates.clinician.commands import (
    AssignOnCall,
    AssignSupervisor,
    Command,
    CreateSigningKey,
    EndOnCall,
    JoinAsClinician,
    LapseCredential,
    LeaveAsClinician,
    RecordCredential,
    RecordPayerCredentialing,
    RevokeSigningKey,
)
from aggregates.clinician.facts import (
    ClinicianIdentity,
    ClinicianJoined,
    ClinicianLeft,
    CredentialLapsed,
    CredentialNumber,
    CredentialRecorded,
    OnCallAssigned,
    OnCallEnded,
    PayerCredentialingRecorded,
    SigningKeyCreated,
    SigningKeyRevoked,
    SupervisorAssigned,
)
from aggregates.clinician.state import Clinician, NotJoined, State
from aggregates.days import covers, must_run_forwards, overlap
from aggregates.decision import not_in_the_future
from aggregates.kit import Act, Refusal, Seen, Stream, Unknown
from aggregates.values import moment

Outcomes = tuple[Any, ...]
LONGEST_ON_CALL = timedelta(days=31)
"""Ours: being on call opens every chart of a program, so it is assigned for a stretch, never for good."""


class UnknownClinician(Unknown):
    """No clinician is recorded under {clinician_id}; let them join first or correct the id."""


class UnknownSupervisor(Unknown):
    """No clinician is recorded under {supervisor_id}; let the supervisor join first or correct the id."""


class UnknownCredential(Unknown):
    """This clinician has no credential {credential_id}; record it first or correct the id."""


class ClinicianAlreadyJoined(Refusal):
    """This clinician joined on {joined_on} with other particulars; record their last day before they join again."""


class JoinsBeforeLeaving(Refusal):
    """The earlier employment lasts through {left_on}; let the new one start on a later day."""


class ClinicianHasLeft(Refusal):
    """The clinician's last day was {left_on}, and {day} is later; let them join again first."""


class LeavesBeforeJoining(Refusal):
    """The clinician joined on {joined_on}, so {left_on} cannot be the last day; correct the date."""


class ClinicianAlreadyLeft(Refusal):
    """The clinician's last day is already recorded as {left_on}; let them join again before they leave again."""


class CredentialIsAnother(Refusal):
    """Credential {credential_id} is recorded as {title} of {jurisdiction}; use a new id for another credential."""


class CredentialPeriodsOverlap(Refusal):
    """Credential {credential_id} is already active from {active_from}; record only the period after it."""


class LapseOutsidePeriod(Refusal):
    """Credential {credential_id} was not active on {lapsed_on}; name a day inside one of its periods."""


class PayerCredentialingsOverlap(Refusal):
    """The payer already accepts this clinician from {effective_from}; end that period first."""


class SupervisesSelf(Refusal):
    """A clinician cannot supervise themselves; name another supervisor."""


class AssociateCannotSupervise(Refusal):
    """Clinician {supervisor_id} is an associate; name a supervisor who signs without supervision."""


class SupervisorNotActive(Refusal):
    """Supervisor {supervisor_id} is not employed on {effective_from}; name another supervisor or another first day."""


class OnCallRunsBackwards(Refusal):
    """The time on call ends at {ends_at}, not after it starts at {starts_at}; correct one of the two."""


class OnCallTooLong(Refusal):
    """Nobody is on call for more than 31 days on end; assign it in stretches."""


class OnCallElsewhere(Refusal):
    """The clinician does not work in program {program_id}; name a program of theirs."""


class OnCallIsAnother(Refusal):
    """On call {on_call_id} is recorded with other particulars; use a new id for another time."""


class UnknownOnCall(Unknown):
    """This clinician has no time on call {on_call_id}; compare it with those that are recorded."""


class AnothersSigningKey(Refusal):
    """A signing key is its owner's alone: only {clinician_id} can have one made."""


class AnothersKeyToRevoke(Refusal):
    """The signing key is {clinician_id}'s: they revoke it themselves, or a director does."""


class SigningKeyNumberTaken(Refusal):
    """This clinician's next signing key has the number {number}; make that one."""


class UnknownSigningKey(Unknown):
    """This clinician has no signing key {key_id}; compare it with the keys that are recorded."""


def consult(_state: State, command: Command) -> dict[str, Stream]:
    """The supervisor's own record, when one is to be assigned."""
    if isinstance(command, AssignSupervisor) and command.supervisor_id != command.clinician_id:
        return {"supervisor": Stream("clinician", command.supervisor_id)}
    return {}


def decide(state: State, command: Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: C901 # one arm a command
    """The outcomes of a command, or a refusal."""
    match state, command:
        case _, JoinAsClinician():
            outcomes = _join(state, command)
        case NotJoined(), _:
            raise UnknownClinician(clinician_id=command.clinician_id)
        case Clinician(), RecordCredential():
            outcomes = _record_credential(state, command)
        case Clinician(), LapseCredential():
            outcomes = _lapse_credential(state, command, act)
        case Clinician(), RecordPayerCredentialing():
            outcomes = _record_payer_credentialing(state, command)
        case Clinician(), AssignSupervisor():
            outcomes = _assign_supervisor(state, command, seen)
        case Clinician(), AssignOnCall():
            outcomes = _assign_on_call(state, command)
        case Clinician(), EndOnCall():
            outcomes = _end_on_call(state, command, act)
        case Clinician(), LeaveAsClinician():
            outcomes = _leave(state, command)
        case Clinician(), CreateSigningKey():
            outcomes = _create_signing_key(state, command, act)
        case Clinician(), RevokeSigningKey():
            outcomes = _revoke_signing_key(state, command, act)
    return outcomes


def _join(state: State, command: JoinAsClinician) -> Outcomes:
    fact = ClinicianJoined(
        programs=command.programs,
        discipline=command.discipline,
        associate=command.associate,
        joined_on=command.joined_on,
        has_npi=command.npi is not None,
        sealed=ClinicianIdentity(family_name=command.family_name, given_name=command.given_name, npi=command.npi),
    )
    if isinstance(state, Clinician):
        if any(one.joined == fact for one in state.employments):
            return ()
        if state.left_on is None:
            raise ClinicianAlreadyJoined(joined_on=state.employments[-1].joined.joined_on)
        if command.joined_on <= state.left_on:
            raise JoinsBeforeLeaving(left_on=state.left_on)
    return (fact,)


def _record_credential(state: Clinician, command: RecordCredential) -> Outcomes:
    fact = CredentialRecorded(
        credential_id=command.credential_id,
        title=command.title,
        jurisdiction=command.jurisdiction,
        active_from=command.active_from,
        active_through=command.active_through,
        sealed=None if command.number is None else CredentialNumber(number=command.number),
    )
    if any(one.recorded == fact for one in state.credentials):
        return ()
    must_run_forwards(command.active_from, command.active_through)
    for one in state.credentials:
        known = one.recorded
        if known.credential_id != fact.credential_id:
            continue
        if (known.title, known.jurisdiction) != (fact.title, fact.jurisdiction):
            raise CredentialIsAnother(
                credential_id=known.credential_id, title=known.title, jurisdiction=known.jurisdiction
            )
        if overlap(fact.active_from, fact.active_through, known.active_from, one.active_through):
            raise CredentialPeriodsOverlap(credential_id=known.credential_id, active_from=known.active_from)
    return (fact,)


def _lapse_credential(state: Clinician, command: LapseCredential, act: Act) -> Outcomes:
    fact = CredentialLapsed(
        credential_id=command.credential_id, lapsed_on=command.lapsed_on, cause=command.cause
    )
    if fact in state.lapses:
        return ()
    periods = [one for one in state.credentials if one.recorded.credential_id == command.credential_id]
    if not periods:
        raise UnknownCredential(credential_id=command.credential_id)
    not_in_the_future(act, command.lapsed_on)
    if not any(covers(one.recorded.active_from, one.active_through, command.lapsed_on) for one in periods):
        raise LapseOutsidePeriod(credential_id=command.credential_id, lapsed_on=command.lapsed_on)
    return (fact,)


def _must_not_have_left(state: Clinician, day: str) -> None:
    if state.left_on is not None and day > state.left_on:
        raise ClinicianHasLeft(left_on=state.left_on, day=day)


def _record_payer_credentialing(state: Clinician, command: RecordPayerCredentialing) -> Outcomes:
    fact = PayerCredentialingRecorded(
        payer_id=command.payer_id,
        effective_from=command.effective_from,
        effective_through=command.effective_through,
    )
    if fact in state.payer_periods:
        return ()
    must_run_forwards(command.effective_from, command.effective_through)
    _must_not_have_left(state, command.effective_from)
    for one in state.payer_periods:
        other = one.payer_id == fact.payer_id and one.effective_from != fact.effective_from
        if other and overlap(fact.effective_from, fact.effective_through, one.effective_from, one.effective_through):
            raise PayerCredentialingsOverlap(effective_from=one.effective_from)
    return (fact,)


def _assign_supervisor(state: Clinician, command: AssignSupervisor, seen: Mapping[str, Seen]) -> Outcomes:
    if command.supervisor_id == command.clinician_id:
        raise SupervisesSelf
    if state.supervisor_on(command.effective_from) == command.supervisor_id:
        return ()
    _must_not_have_left(state, command.effective_from)
    supervisor = seen["supervisor"].state
    if not isinstance(supervisor, Clinician):
        raise UnknownSupervisor(supervisor_id=command.supervisor_id)
    if supervisor.is_associate_on(command.effective_from):
        raise AssociateCannotSupervise(supervisor_id=command.supervisor_id)
    if not supervisor.active_on(command.effective_from):
        raise SupervisorNotActive(supervisor_id=command.supervisor_id, effective_from=command.effective_from)
    return (SupervisorAssigned(supervisor_id=command.supervisor_id, effective_from=command.effective_from),)


def _assign_on_call(state: Clinician, command: AssignOnCall) -> Outcomes:
    fact = OnCallAssigned(
        on_call_id=command.on_call_id, program_id=command.program_id, starts_at=command.starts_at,
        ends_at=command.ends_at,
    )  # fmt: skip
    for one in state.on_call:
        if one.assigned == fact:
            return ()
        if one.assigned.on_call_id == fact.on_call_id:
            raise OnCallIsAnother(on_call_id=fact.on_call_id)
    if fact.ends_at <= fact.starts_at:
        raise OnCallRunsBackwards(starts_at=fact.starts_at, ends_at=fact.ends_at)
    if moment(fact.ends_at) - moment(fact.starts_at) > LONGEST_ON_CALL:
        raise OnCallTooLong
    if fact.program_id not in state.programs:
        raise OnCallElsewhere(program_id=fact.program_id)
    _must_not_have_left(state, fact.starts_at[:10])
    return (fact,)


def _end_on_call(state: Clinician, command: EndOnCall, act: Act) -> Outcomes:
    for one in state.on_call:
        if one.assigned.on_call_id == command.on_call_id:
            ended = OnCallEnded(on_call_id=command.on_call_id, ended_at=act.now)
            return (ended,) if act.now < one.ended_at else ()
    raise UnknownOnCall(on_call_id=command.on_call_id)


def _leave(state: Clinician, command: LeaveAsClinician) -> Outcomes:
    if state.left_on == command.left_on:
        return ()
    if state.left_on is not None:
        raise ClinicianAlreadyLeft(left_on=state.left_on)
    joined_on = state.employments[-1].joined.joined_on
    if command.left_on < joined_on:
        raise LeavesBeforeJoining(joined_on=joined_on, left_on=command.left_on)
    return (ClinicianLeft(left_on=command.left_on),)


def _create_signing_key(state: Clinician, command: CreateSigningKey, act: Act) -> Outcomes:
    """By the clinician alone; somebody who has left may still sign what they did."""
    if act.by != command.clinician_id:
        raise AnothersSigningKey(clinician_id=command.clinician_id)
    current, following = state.signing_key, len(state.signing_keys) + 1
    if current is not None and current.created.public_key == command.public_key:
        return ()
    if command.number != following:
        raise SigningKeyNumberTaken(number=following)
    key_id = sha256(bytes.fromhex(command.public_key)).hexdigest()[:32]
    return (
        SigningKeyCreated(
            number=command.number, key_id=key_id, public_key=command.public_key, created_at=act.now
        ),
    )


def _revoke_signing_key(state: Clinician, command: RevokeSigningKey, act: Act) -> Outcomes:
    if act.by != command.clinician_id and act.role not in {"director", "system"}:
        raise AnothersKeyToRevoke(clinician_id=command.clinician_id)
    for one in state.signing_keys:
        if one.created.key_id == command.key_id:
            revoked = SigningKeyRevoked(key_id=command.key_id, revoked_at=act.now, cause=command.cause)
            return (revoked,) if one.ended_at is None else ()
    raise UnknownSigningKey(key_id=command.key_id)
