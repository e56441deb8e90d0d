"""Decisions about access; refusals are in `refusals`.

How long a broken glass lasts and that another person reviews it is ours (no rule gives a number). What allows a
disclosure stands in `aggregates.disclosure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregates.access import commands as ask
from aggregates.access import refusals as no
from aggregates.access.facts import (
    AccessGranted,
    AccessRevoked,
    BreakGlassOpened,
    BreakGlassReviewed,
    DisclosedTo,
    DisclosureMade,
    EmergencyWords,
    ReviewWords,
)
from aggregates.access.notice import SHORT
from aggregates.access.state import Access, given_back
from aggregates.access.streams import access_of, access_of_person
from aggregates.decision import made, not_in_the_future, only
from aggregates.disclosure import (
    GENERAL,
    Telling,
    covering,
    focus_of,
    may_disclose,
    minor_alone_on,
    programs_of,
    told_now,
)
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Consent, Patient
from aggregates.values import Id, instant, moment

Outcomes = tuple[Any, ...]
OPEN_MINUTES = 60
"""How long a broken glass lets somebody in. Ours."""


def consult(_state: Access, command: ask.Command) -> dict[str, Stream]:
    """The patient, and the episode of what was disclosed; of a person's access its own stream says all."""
    if isinstance(command, ask.AboutPerson):
        return {}
    looked = {"patient": Stream("patient", command.patient_id)}
    if isinstance(command, ask.RecordDisclosure) and command.enrollment_id is not None:
        looked["enrollment"] = Stream("enrollment", command.enrollment_id)
    return looked


def further(_state: Access, _command: ask.Command, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """The episode's program, which says what it treats until an admission does."""
    program = getattr(seen["enrollment"].state, "program_id", None) if "enrollment" in seen else None
    return {"program": Stream("program", program)} if program else {}


def decide(state: Access, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    if isinstance(command, ask.AboutPerson):
        return _of_person(state, command, act)
    patient = seen["patient"].state
    if not isinstance(patient, Patient):
        raise UnknownPatient(patient_id=command.patient_id)
    if command.access_id != access_of(command.patient_id):
        raise no.AnotherAccessStream(access_id=access_of(command.patient_id))
    match command:
        case ask.OpenBreakGlass():
            return _open(state, command, act)
        case ask.ReviewBreakGlass():
            return _review(state, command, act)
        case ask.RecordDisclosure():
            return _disclose(state, command, act, seen, patient)


def _of_person(state: Access, command: ask.AboutPerson, act: Act) -> Outcomes:
    """What is revoked already is not revoked again, nor given back what is not revoked."""
    if command.access_id != access_of_person(command.person_id):
        raise no.AnotherPersonsStream(access_id=access_of_person(command.person_id))
    if isinstance(command, ask.RevokeAccess):
        if command.role is not None and command.token_id is not None:
            raise no.RoleAndToken
        wanted = (command.role, command.token_id)
        known = any((one.role, one.token_id) == wanted for one in state.revoked)
        return () if known else (made(AccessRevoked, command, revoked_by=act.by),)
    if command.person_id == act.by:
        raise no.GrantOfOwn
    fact = made(AccessGranted, command, granted_by=act.by)
    return (fact,) if any(given_back(one, fact) for one in state.revoked) else ()


def _open(state: Access, command: ask.OpenBreakGlass, act: Act) -> Outcomes:
    if command.facility is not None and command.personnel is None:
        raise no.FacilityWithoutPersonnel
    known = state.grant(command.grant_id)
    if known is not None and (known.opened.opened_by, known.opened.cause) != (act.by, command.cause):
        raise no.GrantIdTaken(grant_id=command.grant_id)
    if known is not None:
        return ()
    if (standing := state.open_to(act.by, act.now)) is not None:
        raise no.BreakGlassAlreadyOpen(ends_at=standing.ends_at)
    words = EmergencyWords(words=command.words, personnel=command.personnel, facility=command.facility)
    return (
        made(
            BreakGlassOpened, command, acting_in=command.program_id, opened_by=act.by, opened_at=act.now,
            ends_at=instant(moment(act.now) + timedelta(minutes=OPEN_MINUTES)),
            disclosed=command.personnel is not None, sealed=words,
        ),
    )  # fmt: skip


def _review(state: Access, command: ask.ReviewBreakGlass, act: Act) -> Outcomes:
    known = state.grant(command.grant_id)
    if known is None:
        raise no.UnknownGrant(grant_id=command.grant_id)
    if known.opened.opened_by == act.by:
        raise no.ReviewOfOwn
    fact = made(BreakGlassReviewed, command, reviewed_by=act.by, sealed=ReviewWords(words=command.words))
    return only(known.reviewed, fact, no.BreakGlassAlreadyReviewed(grant_id=command.grant_id))


def _disclose(
    state: Access, command: ask.RecordDisclosure, act: Act, seen: Mapping[str, Seen], patient: Patient
) -> Outcomes:
    not_in_the_future(act, command.made_on)
    if command.made_at is not None and moment(command.made_at) > moment(act.now):
        raise no.DisclosedInTheFuture(at=command.made_at)
    _must_be_told_whole(command)
    substance_use = _substance_use(command, seen)
    consent = _allowed(command, patient, substance_use, act, programs_of(seen))
    told = DisclosedTo(
        recipient=command.recipient, affiliation=command.affiliation, address=command.address, words=command.words,
        scope=scope_of(consent),
    )  # fmt: skip
    fact = made(
        DisclosureMade, command, made_by=act.by, substance_use=substance_use,
        by_general_consent=consent is not None and consent.signed.purpose == GENERAL,
        notice=SHORT if consent is not None and substance_use is not False else None, sealed=told,
    )  # fmt: skip
    known = next((one for one in state.disclosures if one.disclosure_id == command.disclosure_id), None)
    return only(known, fact, no.DisclosureAlreadyRecorded(disclosure_id=command.disclosure_id))


def _substance_use(command: ask.RecordDisclosure, seen: Mapping[str, Seen]) -> bool | None:
    """What is treated: as the admission says, else the program; None where no episode is named."""
    if command.enrollment_id is None:
        return None
    episode = seen["enrollment"].state
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=command.enrollment_id)
    if episode.patient_id != command.patient_id:
        raise EnrollmentOfAnother(enrollment_id=command.enrollment_id)
    return focus_of(seen) == "substance_use"


def _must_be_told_whole(command: ask.RecordDisclosure) -> None:
    """What the exceptions want recorded. Raises TimeOfEmergencyMissing, EmergencyHalfTold, AuditorUnnamed."""
    if command.basis == "emergency" and command.made_at is None:
        raise no.TimeOfEmergencyMissing
    if command.basis == "emergency" and (command.affiliation is None or command.words is None):
        raise no.EmergencyHalfTold
    if command.basis == "audit" and command.affiliation is None:
        raise no.AuditorUnnamed


def _allowed(
    command: ask.RecordDisclosure, patient: Patient, substance_use: bool | None, act: Act, programs: frozenset[Id]
) -> Consent | None:
    """The consent that carries it, if it is one; what is of today and has no time is told now. Raises ConsentNotNamed,
    ConsentOfAnotherBasis, ConsentNotInForce, ConsentOfOtherPrograms, OnlyTheMinorReleases, SubstanceUseNeedsConsent,
    EpisodeNotNamed."""
    if command.basis != "consent" and command.consent_id is not None:
        raise no.ConsentOfAnotherBasis(basis=command.basis)
    if command.basis == "consent" and command.consent_id is None:
        raise no.ConsentNotNamed
    telling = Telling(
        substance_use=substance_use, purpose=command.purpose, basis=command.basis, on=command.made_on,
        at=command.made_at or told_now(command.made_on, act.now), payer_id=command.payer_id,
        consent_id=command.consent_id, programs=programs,
    )  # fmt: skip
    if may_disclose(patient, telling):
        return covering(patient, telling) if command.basis == "consent" else None
    if command.basis != "consent":
        if substance_use is None:
            raise no.EpisodeNotNamed(basis=command.basis)
        raise no.SubstanceUseNeedsConsent(basis=command.basis)
    if minor_alone_on(patient, telling) and covering(patient, replace(telling, substance_use=False)):
        raise no.OnlyTheMinorReleases
    signed = (one.signed for one in patient.consents if one.signed.consent_id == command.consent_id)
    named = next((frozenset(one.programs) for one in signed), frozenset())
    if covering(patient, replace(telling, programs=named)):
        raise no.ConsentOfOtherPrograms(consent_id=command.consent_id)
    raise no.ConsentNotInForce(consent_id=command.consent_id, on=command.made_on)


def scope_of(consent: Consent | None) -> str | None:
    """What the consent says may be told to whom; None where there is none, or its words can no longer be read."""
    if consent is None or consent.signed.sealed is None:
        return None
    terms = consent.signed.sealed
    return f"{terms.information}\nTo: {terms.recipients}"
