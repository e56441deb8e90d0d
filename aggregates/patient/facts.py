"""What can be true of a patient outside any episode. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.kit import fact, upcast, value
from aggregates.values import Code, Date, Id, Instant, Label, PatientId, Text

CapacityRule = Literal["adult", "minor_alone", "guardian", "minor_and_guardian", "court_order"]


@value
class Identity:
    """Who the patient is to the outside; every part of it is sealed."""

    family_name: Label
    given_name: Label
    birth_date: Date
    sex: Literal["female", "male", "unknown"]
    medical_record_number: Label | None = None
    social_security_number: Label | None = None
    address: Label | None = None
    city: Label | None = None
    state: Label | None = None
    postal_code: Label | None = None
    phone: Label | None = None
    email: Label | None = None


@fact("patient.registered", 1, subject="patient")
@value
class PatientRegistered:
    """A patient is known. Only the year of birth is clear, because rules for minors ask for it."""

    year_of_birth: Annotated[int, Field(ge=1900, le=2200)]
    has_medical_record_number: bool
    has_address: bool
    patient_id: PatientId | None = None
    sealed: Identity | None = None


@fact("patient.demographics_corrected", 1, subject="patient")
@value
class DemographicsCorrected:
    """The whole identity as it should have been, and which parts changed; or, with `effective_from`, as it is from that
    day on (a move, a new name): what was told of the patient before then was right."""

    changed: tuple[Code, ...]
    cause: Code
    effective_from: Date | None = None
    year_of_birth: Annotated[int, Field(ge=1900, le=2200)]
    has_medical_record_number: bool
    has_address: bool
    sealed: Identity | None = None


@fact("patient.distinguished", 1)
@value
class PatientDistinguished:
    """A named person compared this record with those that agree with it and found another person in it: of the records
    of these programs that agreed by the position `upto`. Which they were stands nowhere, so that each can be forgotten.
    """

    programs: tuple[Id, ...]
    upto: Annotated[int, Field(ge=1)]
    cause: Code


@value
class CoverageIdentity:
    """What the payer calls the member, and who the subscriber is where that is not the patient."""

    member_number: Label | None = None
    group_number: Label | None = None
    subscriber_family_name: Label | None = None
    subscriber_given_name: Label | None = None
    subscriber_birth_date: Date | None = None
    subscriber_sex: Literal["female", "male", "unknown"] | None = None
    subscriber_address: Label | None = None
    subscriber_city: Label | None = None
    subscriber_state: Label | None = None
    subscriber_postal_code: Label | None = None


@fact("patient.coverage_recorded", 1, subject="patient")
@value
class CoverageRecorded:
    """A period of coverage by one payer at one rank (1 primary, 2 secondary, 3 tertiary; through None: open)."""

    coverage_id: Id
    payer_id: Id
    plan: Code
    rank: Annotated[int, Field(ge=1, le=3)]
    relationship: Literal["self", "spouse", "child", "other"]
    effective_from: Date
    effective_through: Date | None = None
    has_member_number: bool
    has_group_number: bool
    has_subscriber: bool
    has_subscriber_address: bool = False
    sealed: CoverageIdentity | None = None


@fact("patient.coverage_ended", 1)
@value
class CoverageEnded:
    """The last day of a coverage; a day in the past is a retroactive termination."""

    coverage_id: Id
    ended_on: Date
    cause: Code


@value
class EligibilityAnswer:
    """What the payer answered, in its own words and numbers."""

    trace_number: Label | None = None
    benefits: Text | None = None


@fact("patient.eligibility_checked", 1, subject="patient")
@value
class EligibilityChecked:
    """The payer was asked whether a coverage is active on a day."""

    coverage_id: Id
    for_date: Date
    source: Literal["portal", "phone", "electronic"]
    active: bool
    has_trace_number: bool
    sealed: EligibilityAnswer | None = None


@value
class ConsentTerms:
    """The words of a consent: who may disclose what to whom."""

    discloser: Label
    information: Text
    recipients: Text
    redisclosure_statement: Text | None = None


@fact("patient.consent_signed", 2, subject="patient")
@value
class ConsentSigned:
    """A consent with all its elements (42 CFR 2.31), who signed it, and the rule that gave them the capacity.

    `programs` (since schema version 2) are those of this house that it permits to disclose (42 CFR 2.31(a)(2)); none:
    every one, which the words of the discloser then designate in general."""

    consent_id: Id
    kind: Literal["treatment", "disclosure", "telehealth", "associate_treatment", "counseling_notes"]
    purpose: Code
    recipient_payers: tuple[Id, ...]
    programs: tuple[Id, ...] = ()
    signed_on: Date
    expires_on: Date | None = None
    expires_upon: Code | None = None
    signed_by: Literal["patient", "guardian", "patient_and_guardian"]
    guardian_id: Id | None = None
    capacity_rule: CapacityRule
    right_to_revoke_stated: bool
    sealed: ConsentTerms | None = None


@upcast("patient.consent_signed", 1)
def _signed_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, no program was named."""
    return fields | {"programs": ()}


@fact("patient.consent_revoked", 1)
@value
class ConsentRevoked:
    """Stops future use only; disclosures already made in reliance on the consent stand (42 CFR 2.31)."""

    consent_id: Id
    revoked_at: Instant


@value
class GuardianIdentity:
    """Who the guardian is."""

    family_name: Label
    given_name: Label
    phone: Label | None = None


@fact("patient.guardian_recorded", 1, subject="patient")
@value
class GuardianRecorded:
    """A person who may act for the patient from a date on, and under which authority."""

    guardian_id: Id
    relationship: Literal["parent", "legal_guardian", "agency", "other"]
    authority: Code
    effective_from: Date
    sealed: GuardianIdentity | None = None


@fact("patient.guardian_ended", 1)
@value
class GuardianEnded:
    """The last day on which a guardian may act."""

    guardian_id: Id
    ended_on: Date


@value
class ConfidentialContact:
    """How and where the patient wants to be reached (45 CFR 164.522(b))."""

    instructions: Text


@fact("patient.confidential_contact_set", 1, subject="patient")
@value
class ConfidentialContactSet:
    """The patient asked to be reached in another way."""

    effective_from: Date
    sealed: ConfidentialContact | None = None


@fact("patient.disclosure_restricted", 1)
@value
class DisclosureRestricted:
    """A payer must not be told of services paid in full by the patient (45 CFR 164.522(a))."""

    restriction_id: Id
    payer_id: Id | None = None
    effective_from: Date
    effective_through: Date | None = None
    paid_in_full: bool


@value
class RequestWords:
    """What was asked, answered or objected, in the person's own words."""

    words: Text


@fact("patient.amendment_requested", 1, subject="patient")
@value
class AmendmentRequested:
    """The patient asks to amend the record (45 CFR 164.526)."""

    request_id: Id
    received_on: Date
    concerns: tuple[Id, ...]
    sealed: RequestWords | None = None


@fact("patient.amendment_answered", 1, subject="patient")
@value
class AmendmentAnswered:
    """The request was accepted or denied."""

    request_id: Id
    accepted: bool
    basis: Code
    sealed: RequestWords | None = None


@fact("patient.disagreement_filed", 1, subject="patient")
@value
class DisagreementFiled:
    """The patient's statement of disagreement, which travels with the record."""

    request_id: Id
    sealed: RequestWords | None = None
