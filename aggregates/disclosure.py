"""May somebody outside the treating program be told of a patient's record? The one rule for claims, authorizations,
packets, prints and whatever else leaves; and for another of our own programs, which is outside too.

Staff of the treating program use a substance-use record for their duties without a consent (42 CFR 2.12(c)(3)). Every
disclosure outside needs what `may_disclose` names:

    consent     one in force that covers recipient and purpose (42 CFR 2.31): to disclose, signed, not run out (the day
                on which it ends, where the program is, belongs to it), not revoked when the recipient was told first.
                It permits the programs that it names to disclose, or every one of this house where it names none
                The single consent for treatment, payment and operations covers these three; any other the purpose that
                it names. A payer must be among those that it names
    a minor     where a minor alone consented to treatment, only what the minor signed releases it (42 CFR 2.14); a
                guardian's signature does not, not even for payment
    emergency   medical personnel who cannot wait for a consent (42 CFR 2.51), told with the four things that (c) wants
    audit       an audit or evaluation by whoever may do one (42 CFR 2.53), told for whom
    individual  the patient; required_by_law, other_permitted: what a court ordered, or part 2 itself names, in words

A record of no substance-use program goes for treatment, payment and operations without asking (45 CFR 164.506), and
under a consent as above. Whom a consent's words name, nobody can check here.

What the patient forbade by paying in full no payer is told for payment or operations, whatever consent there is (45 CFR
164.522(a)(1)(vi)): of no record, and only of the days that the restriction names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregates.days import covers, day_in, latest_day, overlap
from aggregates.kit import Refusal, Seen
from aggregates.patient.facts import ConsentSigned
from aggregates.patient.state import Consent, Patient
from aggregates.values import CareFocus, Date, Id, Instant, TimeZone, moment

if TYPE_CHECKING:  # whose package decides by this module
    from aggregates.access.facts import Basis, DisclosureMade, Purpose

GENERAL = "treatment-payment-operations"
"""The purpose of the single consent for all future treatment, payment and operations."""
UNDER_CONSENT: frozenset[str] = frozenset({"treatment", "payment", "operations"})
"""What HIPAA allows without asking, and 42 CFR Part 2 does not."""
DISCLOSING = frozenset({"disclosure", "counseling_notes"})
FORBIDDEN: frozenset[str] = frozenset({"payment", "operations"})
"""For what a payer is not told of services that the patient paid in full."""


NAMED: frozenset[str] = frozenset({"consent", "payment", "required_by_law", "audit", "other_permitted"})
"""What a disclosure on record may rest on to let a payer be told."""


class DisclosureNotOnRecord(Refusal):
    """No disclosure {disclosure_id} is on record by whose basis a payer is told of this for {purpose}; record it with
    what allows it, its purpose and the episode that it is of, or leave it out where a consent does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is about to be told. `substance_use` is whether it is a record of 42 CFR Part 2; None, where nobody said,
    counts as one. `on` is the day; where only the moment is known, it is of the day that it is then in `time_zone`, the
    program's. `programs` are those whose record it is: a consent that names programs lets nothing go of which nobody
    said whose it is. `payer_id` is the recipient, if it is a payer. `told_first_at` is when a recipient was told in
    reliance on a consent, if before. `services` are the days of service that it is about, each the first and the last
    of a period, where known."""

    substance_use: bool | None
    purpose: Purpose
    basis: Basis
    on: Date | None = None
    at: Instant | None = None
    time_zone: TimeZone = "UTC"
    programs: frozenset[Id] = frozenset()
    payer_id: Id | None = None
    consent_id: Id | None = None
    told_first_at: Instant | None = None
    services: frozenset[tuple[Date, Date]] = frozenset()


def may_disclose(patient: Patient, telling: Telling) -> bool:
    """Whether the record may be told: of no day that the patient forbade, and under a consent in force or for the
    basis that is named."""
    if forbidden(patient, telling):
        return False
    if telling.basis == "consent":
        return covering(patient, telling) is not None
    return telling.substance_use is False or telling.basis not in UNDER_CONSENT


def forbidden(patient: Patient, telling: Telling) -> list[Date]:
    """Of each period of services of which this payer must not be told, whole or in part, the first day, in order."""
    if telling.payer_id is None or telling.purpose not in FORBIDDEN or telling.basis == "required_by_law":
        return []
    named = [one for one in patient.restrictions if one.payer_id in {None, telling.payer_id}]
    kept = (
        [one.effective_from for one in named if overlap(first, last, one.effective_from, one.effective_through)]
        for first, last in sorted(telling.services)
    )
    return [max(first, min(found)) for (first, _), found in zip(sorted(telling.services), kept, strict=True) if found]


def covering(patient: Patient, telling: Telling) -> Consent | None:
    """The consent that lets it be told, the one that is named or any; None where there is none."""
    alone = minor_alone_on(patient, telling)
    for one in patient.consents:
        named = telling.consent_id in {None, one.signed.consent_id}
        if named and _in_force(one, telling) and _covers(one, telling) and (not alone or _by_the_minor(one)):
            return one
    return None


def minor_alone_on(patient: Patient, telling: Telling) -> bool:
    """Whether the treatment rests on what a minor alone consented to: then nobody else releases it, also afterwards."""
    if telling.substance_use is False:
        return False
    treatments = (one.signed for one in patient.consents if one.signed.kind == "treatment")
    day = _day(telling) or "9999"
    return any(one.capacity_rule == "minor_alone" and one.signed_on <= day for one in treatments)


def by_disclosure(
    telling: Telling, seen: Mapping[str, Seen], disclosure_id: Id | None, episodes: Collection[Id]
) -> Telling:
    """The same on the basis of a disclosure on record, where one is named: of its consent, which is asked again, or of
    the exception that it names. It is for the same purpose and, where it names an episode, of what is told of that one:
    what a state's survey allows lets no payer be told. `seen` has the patient's `access`. Raises
    DisclosureNotOnRecord."""
    if disclosure_id is None:
        return telling
    told = getattr(seen["access"].state, "disclosures", ())
    found = next((one for one in told if one.disclosure_id == disclosure_id and one.basis in NAMED), None)
    if found is None or found.purpose != telling.purpose or not _of_all(found, episodes):
        raise DisclosureNotOnRecord(disclosure_id=disclosure_id, purpose=telling.purpose)
    return replace(telling, basis=found.basis, consent_id=found.consent_id)


def _of_all(made: DisclosureMade, episodes: Collection[Id]) -> bool:
    """Whether a disclosure is of all these episodes; one that names none is of the patient's whole record."""
    return made.enrollment_id is None or set(episodes) <= {made.enrollment_id}


def told_now(on: Date, now: Instant) -> Instant | None:
    """The moment of what is told without a time of day on a day that may be today, somewhere: it is told now, so that a
    consent which was revoked this morning does not last until midnight. None for a day that is past."""
    return now if on >= (moment(now) - timedelta(hours=12)).date().isoformat() else None


def focus_of(seen: Mapping[str, Seen]) -> CareFocus | None:
    """What is treated: as the admission of the `enrollment` says, else its `program`."""
    admission = getattr(seen["enrollment"].state, "admission", None) if "enrollment" in seen else None
    program = getattr(seen["program"].state, "focus", None) if "program" in seen else None
    found: CareFocus | None = admission.focus if admission else program
    return found


def programs_of(seen: Mapping[str, Seen]) -> frozenset[Id]:
    """Whose record it is: the `program`'s, if there is one."""
    return frozenset({seen["program"].id}) if "program" in seen else frozenset()


def zone_of(seen: Mapping[str, Seen]) -> TimeZone:
    """Where the days of the `program` begin and end; UTC where there is none."""
    zone: TimeZone = getattr(seen["program"].state, "time_zone", "UTC") if "program" in seen else "UTC"
    return zone


def in_force_on(consent: ConsentSigned, day: Date) -> bool:
    """Whether the days of a consent hold this one: from its signature on, the day on which it ends included. Which day
    it is, the program's zone says; upon which event one ends before, billing asks."""
    return covers(consent.signed_on, consent.expires_on, day)


def covers_purpose(agreed: Purpose | str, purpose: Purpose) -> bool:
    """Whether a consent for a purpose, or the single one for treatment, payment and operations, is for this one."""
    return purpose in (UNDER_CONSENT if agreed == GENERAL else {agreed})


def permitted(named: Collection[Id], programs: Collection[Id]) -> bool:
    """Whether a consent that names these programs permits those to disclose (42 CFR 2.31(a)(2)): each of them is
    named, or none is and every program of the house may."""
    return not named or (bool(programs) and set(programs) <= set(named))


def _in_force(consent: Consent, telling: Telling) -> bool:
    signed, day = consent.signed, _day(telling)
    return (
        signed.kind in DISCLOSING and day is not None and in_force_on(signed, day) and not _revoked(consent, telling)
    )


def _revoked(consent: Consent, telling: Telling) -> bool:
    """Revocation stops what comes after it; what was told in reliance on the consent stands."""
    since = telling.told_first_at or telling.at
    if consent.revoked_at is None:
        return False
    if since is not None:
        return moment(consent.revoked_at) <= moment(since)
    return latest_day(consent.revoked_at) < (telling.on or "")


def _covers(consent: Consent, telling: Telling) -> bool:
    signed = consent.signed
    told = covers_purpose(signed.purpose, telling.purpose) and telling.payer_id in {None, *signed.recipient_payers}
    return told and permitted(signed.programs, telling.programs)


def _by_the_minor(consent: Consent) -> bool:
    return consent.signed.signed_by == "patient"


def _day(telling: Telling) -> Date | None:
    """The day of it; None where neither a day nor a moment is known."""
    if telling.on is not None:
        return telling.on
    return None if telling.at is None else day_in(telling.at, telling.time_zone)
