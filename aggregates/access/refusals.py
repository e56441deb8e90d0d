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
    """Consent {consent_id} did not allow this disclosure on {on}: not signed yet, run out, revoked, none to disclose,
    or for another purpose or payer; name the one that did, or the basis that really allowed it."""


class ConsentOfOtherPrograms(Refusal):
    """Consent {consent_id} names the programs that may disclose (42 CFR 2.31(a)(2)), and nobody said that this record
    is of one of them; give the enrollment_id of an episode there, or have one signed that names its program."""


class OnlyTheMinorReleases(Refusal):
    """The patient consented to this treatment alone, as a minor, so only a consent that the patient signed releases its
    record (42 CFR 2.14); name that one."""


class SubstanceUseNeedsConsent(Refusal):
    """A substance-use record is disclosed for {basis} only under the patient's consent (42 CFR 2.31, 2.33); name it."""


class EpisodeNotNamed(Refusal):
    """Nobody said which episode the record is of, so it may be of substance-use treatment, which {basis} alone does not
    release (42 CFR 2.31, 2.33); give enrollment_id, or the consent."""


class TimeOfEmergencyMissing(Refusal):
    """Of a disclosure in an emergency date and time are recorded (42 CFR 2.51(c)(3)); give made_at."""


class EmergencyHalfTold(Refusal):
    """Of a disclosure in an emergency the recipient's affiliation and the nature of the emergency are recorded (42 CFR
    2.51(c)); give affiliation and words."""


class AuditorUnnamed(Refusal):
    """An audit or evaluation is done for somebody (42 CFR 2.53); give whom as the recipient's affiliation."""


class DisclosedInTheFuture(Refusal):
    """The time {at} has not come yet; record it afterwards, or correct it."""


class AnotherPersonsStream(Refusal):
    """What concerns this person's access is recorded under {access_id}; use this id."""


class RoleAndToken(Refusal):
    """A role and a token are named; revoke the one, and the other by a command of its own."""


class GrantOfOwn(Refusal):
    """Nobody gives back their own access; have another director or privacy officer do so."""
