"""What the patient agreed to, and who had the capacity to agree."""

from __future__ import annotations

from typing import Any

from aggregates.days import latest_day
from aggregates.decision import not_in_the_future
from aggregates.kit import Act, Refusal, Unknown
from aggregates.patient.commands import ConsentCommand, EndGuardian, RecordGuardian, RevokeConsent, SignConsent
from aggregates.patient.facts import (
    CapacityRule,
    ConsentRevoked,
    ConsentSigned,
    ConsentTerms,
    GuardianEnded,
    GuardianIdentity,
    GuardianRecorded,
)
from aggregates.patient.state import Guardian, Patient

Outcomes = tuple[Any, ...]
MAJORITY = 18
# Who signs under which rule. A court order is not anyone's signature in particular, so it allows each of them.
SIGNERS = {
    "adult": ("patient",),
    "minor_alone": ("patient",),
    "guardian": ("guardian",),
    "minor_and_guardian": ("patient_and_guardian",),
    "court_order": ("patient", "guardian", "patient_and_guardian"),
}


class ConsentIncomplete(Refusal):
    """The consent lacks {missing}; 42 CFR 2.31 asks for each of its elements, so complete the form and have it
    signed."""


class ConsentAlreadySigned(Refusal):
    """Consent {consent_id} is recorded with other terms; revoke it and have the new one signed under a new id."""


class ConsentExpiresBeforeSigning(Refusal):
    """The consent expires on {expires_on}, before it was signed on {signed_on}; correct one of the two dates."""


class MayBeMinor(Refusal):
    """The patient may be under 18 on {signed_on}; name the rule that gives the capacity to sign: guardian,
    minor_and_guardian, minor_alone or court_order."""


class IsAdult(Refusal):
    """The patient is of age on {signed_on}, so {capacity_rule} does not apply; use adult, guardian or court_order."""


class WrongSigner(Refusal):
    """Under the rule {capacity_rule} the signature is given by {expected}, and this one by {signed_by}; correct the
    rule or the signer."""


class GuardianNotActive(Refusal):
    """Guardian {guardian_id} may not act on {signed_on}; name a guardian who is recorded for that day."""


class UnknownConsent(Unknown):
    """The patient has no consent {consent_id}; record it first or correct the id."""


class RevokedBeforeSigning(Refusal):
    """The consent was signed on {signed_on}; it cannot be revoked at {revoked_at}, so correct the time."""


class RevocationAhead(Refusal):
    """A revocation at {revoked_at} lies in the future; record it once it is made."""


class UnknownGuardian(Unknown):
    """The patient has no guardian {guardian_id}; record the guardian first or correct the id."""


class GuardianAlreadyRecorded(Refusal):
    """Guardian {guardian_id} is recorded with other particulars; end that entry and use a new id."""


class GuardianEndsBeforeStart(Refusal):
    """Guardian {guardian_id} may act from {effective_from}; the last day cannot be before it."""


def decide(state: Patient, command: ConsentCommand, act: Act) -> Outcomes:
    """The outcomes of a command about consents and guardians."""
    match command:
        case SignConsent():
            return _sign(state, command, act)
        case RevokeConsent():
            return _revoke(state, command, act)
        case RecordGuardian():
            return _record_guardian(state, command)
        case EndGuardian():
            return _end_guardian(state, command)


def _missing(command: SignConsent) -> str:
    """The elements that the form lacks, in the order of the rule."""
    elements = {
        "who may disclose": command.discloser,
        "the information": command.information,
        "the recipients": command.recipients,
        "the purpose": command.purpose,
        "the right to revoke": command.right_to_revoke_stated or None,
        "an expiry date or event": command.expires_on or command.expires_upon,
        "a signature": command.signed_by,
        "the date of signature": command.signed_on,
        # A payer is bound by HIPAA and may disclose further, which the patient has to be told.
        "the redisclosure statement": command.redisclosure_statement if _goes_to_payer(command) else "not needed",
        "the guardian who signed": _guardian_if_needed(command),
    }
    return ", ".join(name for name, element in elements.items() if element is None)


def _goes_to_payer(command: SignConsent) -> bool:
    return bool(command.recipient_payers) and command.kind in ("disclosure", "counseling_notes")


def _guardian_if_needed(command: SignConsent) -> str | None:
    needed = command.signed_by in ("guardian", "patient_and_guardian")
    return command.guardian_id if needed else "not needed"


def _sign(state: Patient, command: SignConsent, act: Act) -> Outcomes:
    if missing := _missing(command):
        raise ConsentIncomplete(missing=missing)
    fact = _consent(command)
    for one in state.consents:
        if one.signed == fact:
            return ()
        if one.signed.consent_id == command.consent_id:
            raise ConsentAlreadySigned(consent_id=command.consent_id)
    not_in_the_future(act, fact.signed_on)
    if fact.expires_on is not None and fact.expires_on < fact.signed_on:
        raise ConsentExpiresBeforeSigning(expires_on=fact.expires_on, signed_on=fact.signed_on)
    must_have_capacity(state, fact.capacity_rule, fact.signed_by, fact.guardian_id, fact.signed_on)
    return (fact,)


def _consent(command: SignConsent) -> ConsentSigned:
    terms = {
        "discloser": command.discloser,
        "information": command.information,
        "recipients": command.recipients,
        "redisclosure_statement": command.redisclosure_statement,
    }
    fields = {
        "consent_id": command.consent_id,
        "kind": command.kind,
        "purpose": command.purpose,
        "recipient_payers": command.recipient_payers,
        "programs": command.programs,
        "signed_on": command.signed_on,
        "expires_on": command.expires_on,
        "expires_upon": command.expires_upon,
        "signed_by": command.signed_by,
        "guardian_id": command.guardian_id,
        "capacity_rule": command.capacity_rule,
        "right_to_revoke_stated": command.right_to_revoke_stated,
    }
    words: Any = terms
    elements: Any = fields
    return ConsentSigned(**elements, sealed=ConsentTerms(**words))


def ages_on(state: Patient, day: str) -> tuple[int, int]:
    """The lowest and highest age that the patient can have on a day: one age when the birth date is at hand.

    Only the year of birth is stored in the clear, so without the sealed identity the answer spans two years.
    """
    years = int(day[:4]) - state.year_of_birth
    if state.identity is None:
        return years - 1, years
    age = years - (day[5:] < state.identity.birth_date[5:])
    return age, age


def must_have_capacity(
    state: Patient, capacity_rule: CapacityRule, signed_by: str, guardian_id: str | None, signed_on: str
) -> None:
    """Whoever signs for the patient on the day has the capacity to, under the rule that is named; a guardian, if one
    is named, may act that day.

    Raises MayBeMinor, IsAdult, WrongSigner, GuardianNotActive.
    """
    lowest, _ = ages_on(state, signed_on)
    if capacity_rule == "adult" and lowest < MAJORITY:
        raise MayBeMinor(signed_on=signed_on)
    if capacity_rule in ("minor_alone", "minor_and_guardian") and lowest >= MAJORITY:
        raise IsAdult(signed_on=signed_on, capacity_rule=capacity_rule)
    expected = SIGNERS[capacity_rule]
    if signed_by not in expected:
        raise WrongSigner(capacity_rule=capacity_rule, expected=" or ".join(expected), signed_by=signed_by)
    must_be_active(state, guardian_id, signed_on)


def must_be_active(state: Patient, guardian_id: str | None, day: str) -> None:
    """Raises GuardianNotActive for a guardian who is not on record, or may not act on the day."""
    if guardian_id is not None and not state.guardian_on(guardian_id, day):
        raise GuardianNotActive(guardian_id=guardian_id, signed_on=day)


def _revoke(state: Patient, command: RevokeConsent, act: Act) -> Outcomes:
    revoked_at = command.revoked_at or act.occurred_at
    consent = next((one for one in state.consents if one.signed.consent_id == command.consent_id), None)
    if consent is None:
        raise UnknownConsent(consent_id=command.consent_id)
    # The earliest revocation counts, so a later one adds nothing and an earlier one is worth recording.
    if consent.revoked_at is not None and revoked_at >= consent.revoked_at:
        return ()
    if revoked_at > act.now:
        raise RevocationAhead(revoked_at=revoked_at)
    if latest_day(revoked_at) < consent.signed.signed_on:
        raise RevokedBeforeSigning(signed_on=consent.signed.signed_on, revoked_at=revoked_at)
    return (ConsentRevoked(consent_id=command.consent_id, revoked_at=revoked_at),)


def _record_guardian(state: Patient, command: RecordGuardian) -> Outcomes:
    fact = GuardianRecorded(
        guardian_id=command.guardian_id,
        relationship=command.relationship,
        authority=command.authority,
        effective_from=command.effective_from,
        sealed=GuardianIdentity(
            family_name=command.family_name, given_name=command.given_name, phone=command.phone
        ),
    )
    known = _guardian(state, command.guardian_id)
    if known is None:
        return (fact,)
    if known.recorded == fact:
        return ()
    raise GuardianAlreadyRecorded(guardian_id=command.guardian_id)


def _guardian(state: Patient, guardian_id: str) -> Guardian | None:
    return next((one for one in state.guardians if one.recorded.guardian_id == guardian_id), None)


def _end_guardian(state: Patient, command: EndGuardian) -> Outcomes:
    known = _guardian(state, command.guardian_id)
    if known is None:
        raise UnknownGuardian(guardian_id=command.guardian_id)
    if known.ended_on == command.ended_on:
        return ()
    effective_from = known.recorded.effective_from
    if command.ended_on < effective_from:
        raise GuardianEndsBeforeStart(guardian_id=command.guardian_id, effective_from=effective_from)
    return (GuardianEnded(guardian_id=command.guardian_id, ended_on=command.ended_on),)
