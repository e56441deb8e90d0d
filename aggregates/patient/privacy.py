"""How the patient wants to be reached, what payers must not learn, and requests to amend the record."""

from __future__ import annotations

from typing import Any

from aggregates.days import must_run_forwards
from aggregates.decision import not_in_the_future
from aggregates.kit import Act, Refusal, Unknown
from aggregates.patient.commands import (
    AnswerAmendment,
    FileDisagreement,
    PrivacyCommand,
    RequestAmendment,
    RestrictDisclosure,
    SetConfidentialContact,
)
from aggregates.patient.facts import (
    AmendmentAnswered,
    AmendmentRequested,
    ConfidentialContact,
    ConfidentialContactSet,
    DisagreementFiled,
    DisclosureRestricted,
    RequestWords,
)
from aggregates.patient.state import AmendmentRequest, Patient

Outcomes = tuple[Any, ...]


class RestrictionAlreadyRecorded(Refusal):
    """Restriction {restriction_id} is recorded with other particulars; use a new id for another restriction."""


class AmendmentAlreadyRequested(Refusal):
    """Request {request_id} is recorded with other particulars; use a new id for another request."""


class UnknownAmendmentRequest(Unknown):
    """The patient has no amendment request {request_id}; record it first or correct the id."""


class AmendmentAlreadyAnswered(Refusal):
    """Request {request_id} is already answered; a further wish of the patient is a new request."""


class NothingToDisagreeWith(Refusal):
    """Request {request_id} is not denied; a statement of disagreement follows a denial (45 CFR 164.526(d))."""


class DisagreementAlreadyFiled(Refusal):
    """A statement of disagreement with the denial of {request_id} is already filed; a further wish is a new
    request."""


def decide(state: Patient, command: PrivacyCommand, act: Act) -> Outcomes:
    """The outcomes of a command about privacy rights."""
    match command:
        case SetConfidentialContact():
            return _set_contact(state, command)
        case RestrictDisclosure():
            return _restrict(state, command)
        case RequestAmendment():
            return _request(state, command, act)
        case AnswerAmendment():
            return _answer(state, command)
        case FileDisagreement():
            return _disagree(state, command)


def _set_contact(state: Patient, command: SetConfidentialContact) -> Outcomes:
    fact = ConfidentialContactSet(
        effective_from=command.effective_from, sealed=ConfidentialContact(instructions=command.instructions)
    )
    return () if state.contact == fact else (fact,)


def _restrict(state: Patient, command: RestrictDisclosure) -> Outcomes:
    fact = DisclosureRestricted(
        restriction_id=command.restriction_id,
        payer_id=command.payer_id,
        effective_from=command.effective_from,
        effective_through=command.effective_through,
        paid_in_full=command.paid_in_full,
    )
    if fact in state.restrictions:
        return ()
    if any(one.restriction_id == command.restriction_id for one in state.restrictions):
        raise RestrictionAlreadyRecorded(restriction_id=command.restriction_id)
    must_run_forwards(command.effective_from, command.effective_through)
    return (fact,)


def _request(state: Patient, command: RequestAmendment, act: Act) -> Outcomes:
    fact = AmendmentRequested(
        request_id=command.request_id,
        received_on=command.received_on,
        concerns=command.concerns,
        sealed=RequestWords(words=command.words),
    )
    for one in state.amendment_requests:
        if one.requested == fact:
            return ()
        if one.requested.request_id == command.request_id:
            raise AmendmentAlreadyRequested(request_id=command.request_id)
    not_in_the_future(act, command.received_on)
    return (fact,)


def _known(state: Patient, request_id: str) -> AmendmentRequest:
    for one in state.amendment_requests:
        if one.requested.request_id == request_id:
            return one
    raise UnknownAmendmentRequest(request_id=request_id)


def _answer(state: Patient, command: AnswerAmendment) -> Outcomes:
    known = _known(state, command.request_id)
    fact = AmendmentAnswered(
        request_id=command.request_id,
        accepted=command.accepted,
        basis=command.basis,
        sealed=None if command.words is None else RequestWords(words=command.words),
    )
    if known.answer == fact:
        return ()
    if known.answer is not None:
        raise AmendmentAlreadyAnswered(request_id=command.request_id)
    return (fact,)


def _disagree(state: Patient, command: FileDisagreement) -> Outcomes:
    known = _known(state, command.request_id)
    fact = DisagreementFiled(request_id=command.request_id, sealed=RequestWords(words=command.words))
    if known.answer is None or known.answer.accepted:
        raise NothingToDisagreeWith(request_id=command.request_id)
    if known.disagreement == fact:
        return ()
    if known.disagreement is not None:
        raise DisagreementAlreadyFiled(request_id=command.request_id)
    return (fact,)
