"""Decisions about an authorization; refusals are in `refusals`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregates.access.streams import access_of
from aggregates.authorization import commands as ask
from aggregates.authorization import refusals as no
from aggregates.authorization.facts import (
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationExtended,
    AuthorizationNumber,
    AuthorizationRequested,
    AuthorizationVoided,
    PayerContactLogged,
    PeerToPeerHeld,
    ReviewSubmitted,
    ReviewWords,
)
from aggregates.authorization.state import Approved, Authorization, Unrequested, Voided
from aggregates.days import must_run_forwards
from aggregates.decision import made, not_in_the_future, once
from aggregates.disclosure import Telling, by_disclosure, focus_of, forbidden, may_disclose, told_now
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment
from aggregates.enrollment.state import Episode, Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Patient
from aggregates.values import moment

Outcomes = tuple[Any, ...]


def consult(state: Authorization, command: Any) -> dict[str, Stream]:
    """A request looks at the episode that it is for; whatever tells the payer of it, at whether it may be told."""
    asked = command if isinstance(command, ask.RequestAuthorization) else state.requested
    if asked is None or not isinstance(command, ask.RequestAuthorization | ask.SubmitReview | ask.HoldPeerToPeer):
        return {}
    looked = {
        "enrollment": Stream("enrollment", asked.enrollment_id), "patient": Stream("patient", asked.patient_id),
        "program": Stream("program", asked.program_id),
    }  # fmt: skip
    if isinstance(command, ask.HoldPeerToPeer):
        looked["access"] = Stream("access", access_of(asked.patient_id))
    return looked


def decide(state: Authorization, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    if isinstance(state, Unrequested) and not isinstance(command, ask.RequestAuthorization):
        raise no.UnknownAuthorization(authorization_id=command.authorization_id)
    match command:
        case ask.RequestAuthorization():
            outcomes = _request(state, command, act, seen)
        case ask.SubmitReview():
            outcomes = _submit_review(state, command, act, seen)
        case ask.HoldPeerToPeer():
            outcomes = _hold_peer_to_peer(state, command, act, seen)
        case ask.LogPayerContact():
            outcomes = _log_contact(state, command, act)
        case ask.ApproveAuthorization():
            outcomes = _approve(state, command, act)
        case ask.ExtendAuthorization():
            outcomes = _extend(state, command, act)
        case ask.DenyAuthorization():
            outcomes = _deny(state, command, act)
        case ask.VoidAuthorization():
            outcomes = _void(state, command, act)
    return outcomes


def _request(
    state: Authorization, command: ask.RequestAuthorization, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    fact = made(AuthorizationRequested, command)
    if state.requested:
        if state.requested == fact:
            return ()
        raise no.AlreadyRequested(requested_on=state.requested.requested_on)
    not_in_the_future(act, command.requested_on)
    must_run_forwards(command.valid_from, command.valid_through)
    _must_be_of(seen["enrollment"].state, command)
    services = frozenset({(command.valid_from, command.valid_through)})
    _must_be_disclosable(_telling(fact, command.requested_on, act, seen, services), seen)
    return (fact,)


def _may_be_told(
    asked: AuthorizationRequested, on: str, act: Act, seen: Mapping[str, Seen], disclosure_id: str | None = None
) -> None:
    """Of days of which the payer may be told of one, it may be told why. Raises DisclosureForbidden where the first and
    the last day are forbidden, NoConsentToDisclose and DisclosureNotOnRecord."""
    ends = frozenset({(asked.valid_from, asked.valid_from), (asked.valid_through, asked.valid_through)})
    telling = by_disclosure(_telling(asked, on, act, seen, ends), seen, disclosure_id, [asked.enrollment_id])
    patient = seen["patient"].state
    kept = forbidden(patient, telling) if isinstance(patient, Patient) else []
    _must_be_disclosable(replace(telling, services=ends if len(kept) == len(ends) else frozenset()), seen)


def _must_be_disclosable(telling: Telling, seen: Mapping[str, Seen]) -> None:
    """Raises DisclosureForbidden for a day that the patient forbade, and NoConsentToDisclose for a substance-use record
    that the payer may not be told of on the day."""
    patient = seen["patient"].state
    if not isinstance(patient, Patient):
        return
    if kept := forbidden(patient, telling):
        raise no.DisclosureForbidden(on=kept[0])
    if telling.substance_use and not may_disclose(patient, telling):
        raise no.NoConsentToDisclose


def _telling(
    asked: AuthorizationRequested, on: str, act: Act, seen: Mapping[str, Seen],
    services: frozenset[tuple[str, str]],
) -> Telling:  # fmt: skip
    return Telling(
        substance_use=focus_of(seen) == "substance_use", purpose="payment", basis="consent", on=on,
        at=told_now(on, act.now), payer_id=asked.payer_id, services=services, programs=frozenset({asked.program_id}),
    )


def _must_be_of(episode: Episode, command: ask.RequestAuthorization) -> None:
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=command.enrollment_id)
    if (episode.patient_id, episode.program_id) != (command.patient_id, command.program_id):
        raise EnrollmentOfAnother(enrollment_id=command.enrollment_id)
    if episode.referred_on and command.valid_from < episode.referred_on:
        raise no.RequestedBeforeReferral(valid_from=command.valid_from, referred_on=episode.referred_on)


def _words(command: ask.SubmitReview | ask.HoldPeerToPeer | ask.LogPayerContact) -> ReviewWords | None:
    if command.words:
        return ReviewWords(words=command.words, reference=command.reference)
    if command.reference:
        raise no.ReferenceWithoutWords
    return None


def _submit_review(
    state: Authorization, command: ask.SubmitReview, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    not_in_the_future(act, command.submitted_on)
    if state.requested is not None:
        _may_be_told(state.requested, command.submitted_on, act, seen)
    return once(state.reviews, made(ReviewSubmitted, command, sealed=_words(command)), no.AlreadyLogged())


def _hold_peer_to_peer(
    state: Authorization, command: ask.HoldPeerToPeer, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    not_in_the_future(act, command.held_on)
    if state.requested is not None:
        _may_be_told(state.requested, command.held_on, act, seen, command.disclosure_id)
    return once(state.peer_to_peers, made(PeerToPeerHeld, command, sealed=_words(command)), no.AlreadyLogged())


def _log_contact(state: Authorization, command: ask.LogPayerContact, act: Act) -> Outcomes:
    if moment(command.contacted_at) > moment(act.now):
        raise no.ContactInTheFuture(contacted_at=command.contacted_at)
    return once(state.contacts, made(PayerContactLogged, command, sealed=_words(command)), no.AlreadyLogged())


def _must_not_be_void(state: Authorization) -> None:
    if isinstance(state, Voided) and state.voided:
        raise no.AuthorizationIsVoid(voided_on=state.voided.voided_on)


def _approve(state: Authorization, command: ask.ApproveAuthorization, act: Act) -> Outcomes:
    """A denial may be overturned; an approval stands and is extended, never approved again."""
    _must_not_be_void(state)
    number = AuthorizationNumber(number=command.number) if command.number else None
    fact = made(AuthorizationApproved, command, has_number=number is not None, sealed=number)
    if state.approved:
        if state.approved == fact:
            return ()
        raise no.AlreadyApproved(units=state.units, valid_through=state.valid_through)
    if command.units == 0:
        raise no.NoUnitsApproved
    not_in_the_future(act, command.decided_on)
    must_run_forwards(command.valid_from, command.valid_through)
    return (fact,)


def _extend(state: Authorization, command: ask.ExtendAuthorization, act: Act) -> Outcomes:
    _must_not_be_void(state)
    if not isinstance(state, Approved):
        raise no.NotApproved
    fact = made(AuthorizationExtended, command)
    adds_nothing = command.added_units == 0 and command.valid_through == state.valid_through
    if adds_nothing or fact in state.extensions:
        return ()
    not_in_the_future(act, command.decided_on)
    if command.valid_through < (state.valid_through or ""):
        raise no.ExtensionTooShort(valid_through=state.valid_through)
    return (fact,)


def _deny(state: Authorization, command: ask.DenyAuthorization, act: Act) -> Outcomes:
    _must_not_be_void(state)
    if isinstance(state, Approved):
        raise no.AlreadyApproved(units=state.units, valid_through=state.valid_through)
    fact = made(AuthorizationDenied, command)
    if state.denied:
        if state.denied == fact:
            return ()
        raise no.AlreadyDenied(decided_on=state.denied.decided_on)
    not_in_the_future(act, command.decided_on)
    return (fact,)


def _void(state: Authorization, command: ask.VoidAuthorization, act: Act) -> Outcomes:
    fact = made(AuthorizationVoided, command)
    if state.voided == fact:
        return ()
    _must_not_be_void(state)
    not_in_the_future(act, command.voided_on)
    return (fact,)
