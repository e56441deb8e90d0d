"""The rules of access, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class AnotherAccessStream(Refusal):
    """What concerns access to this patient's record is recorded under {access_id}; use this id."""


class BreakGlassAlreadyOpen(Refusal):
    """This record is open to you until {ends_at}; look now, and break the glass again afterwards if you must."""


class GrantIdTaken(Refusal):
    """Grant {grant_id} is another one of this patient; use a new id."""


class FacilityWithoutPersonnel(Refusal):
    """A facility is named and nobody of it; name the medical personnel who were told (42 CFR 2.51(c)(1))."""


class UnknownGrant(Unknown):
    """This patient has no grant {grant_id}; take the id from the list of break-glass."""


class ReviewOfOwn(Refusal):
    """Whoever broke the glass does not review it; have another privacy officer do so."""


class BreakGlassAlreadyReviewed(Refusal):
    """Grant {grant_id} is reviewed already; its review stands."""


class DisclosureAlreadyRecorded(Refusal):
    """Disclosure {disclosure_id} is recorded with other particulars; use a new id for another disclosure."""


class ConsentNotNamed(Refusal):
    """A disclosure by consent rests on one; name its consent_id, or the basis that really allowed it."""


class ConsentOfAnotherBasis(Refusal):
    """A consent is named and the basis is {basis}; leave the consent out, or give the basis as consent."""


class ConsentNotInForce(Refusal):
    """Consent {consent_id} did not allow a disclosure on {on}: not signed yet, run out, revoked, or none to disclose;
    name the one that did, or the basis that really allowed it."""


class SubstanceUseNeedsConsent(Refusal):
    """A substance-use record is disclosed for {basis} only under the patient's consent (42 CFR 2.31, 2.33); name it."""


class TimeOfEmergencyMissing(Refusal):
    """Of a disclosure in an emergency date and time are recorded (42 CFR 2.51(c)(3)); give made_at."""


class DisclosedInTheFuture(Refusal):
    """The time {at} has not come yet; record it afterwards, or correct it."""


class AnotherPersonsStream(Refusal):
    """What concerns this person's access is recorded under {access_id}; use this id."""


class RoleAndToken(Refusal):
    """A role and a token are named; revoke the one, and the other by a command of its own."""


class GrantOfOwn(Refusal):
    """Nobody gives back their own access; have another director or privacy officer do so."""
