"""The rules of an authorization, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownAuthorization(Unknown):
    """No authorization is recorded under {authorization_id}; request it first, or correct the id."""


class AlreadyRequested(Refusal):
    """This authorization was requested on {requested_on} with other contents; ask anew under a new id."""


class RequestedBeforeReferral(Refusal):
    """The period starts on {valid_from}, before the referral on {referred_on}; correct the dates."""


class ContactInTheFuture(Refusal):
    """The contact at {contacted_at} has not happened yet; record it afterwards, or correct the time."""


class AlreadyLogged(Refusal):
    """This event is recorded with other words; give the new one its own date, time or outcome."""


class ReferenceWithoutWords(Refusal):
    """A reference alone says too little; add a word on what was told or heard."""


class NoUnitsApproved(Refusal):
    """An approval of no units is a denial; give the units, or record the denial."""


class AlreadyApproved(Refusal):
    """Approved with {units} units through {valid_through}; extend it, or void it if the payer took it back."""


class NotApproved(Refusal):
    """Only an approved authorization can be extended; record the payer's approval first."""


class ExtensionTooShort(Refusal):
    """Approved through {valid_through}; an extension ends on that day or later."""


class AlreadyDenied(Refusal):
    """Denied on {decided_on} for another cause; record an appeal's outcome as an approval, or ask anew."""


class AuthorizationIsVoid(Refusal):
    """Voided on {voided_on}; ask anew under a new id."""


class NoConsentToDisclose(Refusal):
    """No consent in force lets this payer be told of a substance-use record (42 CFR 2.31); have one signed before the
    payer is asked."""


class DisclosureForbidden(Refusal):
    """The patient paid for {on} in full and forbade telling this payer (45 CFR 164.522(a)(1)(vi)); ask for the other
    days."""
