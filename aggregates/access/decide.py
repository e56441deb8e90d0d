"""Decisions about access; refusals are in `refusals`.

How long a broken glass lasts and that another person reviews it is ours (no rule gives a number). A consent that is to
carry a disclosure must have been in force on its day; whom its words name, nobody can check here.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from aggregates.days import latest_day
from aggregates.decision import made, not_in_the_future, only
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment, UnknownPatient
from aggregates.enrollment.state import Unopened
from aggregates.kit import Act, Seen, Stream
from aggregates.patient.state import Consent, Patient
from aggregates.values import instant, moment

Outcomes = tuple[Any, ...]
OPEN_MINUTES = 60
"""How long a broken glass lets somebody in. Ours."""
GENERAL = "treatment-payment-operations"
"""The purpose of the single consent for all future treatment, payment and operations."""
DISCLOSING = frozenset({"disclosure", "counseling_notes"})
UNDER_CONSENT = frozenset({"treatment", "payment", "operations"})
"""What HIPAA allows without asking, and 42 CFR Part 2 does not."""


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
    if command.basis == "emergency" and command.made_at is None:
        raise no.TimeOfEmergencyMissing
    substance_use = _substance_use(command, seen)
    if substance_use and command.basis in UNDER_CONSENT:
        raise no.SubstanceUseNeedsConsent(basis=command.basis)
    consent = _consent(command, patient)
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
    program = getattr(seen["program"].state, "focus", None) if "program" in seen else None
    return bool((episode.admission.focus if episode.admission else program) == "substance_use")


def _consent(command: ask.RecordDisclosure, patient: Patient) -> Consent | None:
    """The consent that carries it. Raises ConsentNotNamed, ConsentOfAnotherBasis, ConsentNotInForce."""
    if command.basis != "consent":
        if command.consent_id is not None:
            raise no.ConsentOfAnotherBasis(basis=command.basis)
        return None
    if command.consent_id is None:
        raise no.ConsentNotNamed
    for one in patient.consents:
        if one.signed.consent_id == command.consent_id and in_force(one, command.made_on, command.made_at):
            return one
    raise no.ConsentNotInForce(consent_id=command.consent_id, on=command.made_on)


def in_force(consent: Consent, on: str, at: str | None) -> bool:
    """Whether a consent allowed a disclosure on a day, or at a moment where that is known; what was told before it was
    revoked stands."""
    signed = consent.signed
    over = signed.expires_on is not None and signed.expires_on < on
    if consent.revoked_at is None:
        revoked = False
    elif at is not None:
        revoked = moment(consent.revoked_at) <= moment(at)
    else:
        revoked = latest_day(consent.revoked_at) < on
    return signed.kind in DISCLOSING and signed.signed_on <= on and not over and not revoked


def scope_of(consent: Consent | None) -> str | None:
    """What the consent says may be told to whom; None where there is none, or its words can no longer be read."""
    if consent is None or consent.signed.sealed is None:
        return None
    terms = consent.signed.sealed
    return f"{terms.information}\nTo: {terms.recipients}"
