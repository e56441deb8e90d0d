"""What may be asked of a patient's record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import command, value
from aggregates.patient.facts import CapacityRule, CoverageIdentity, Identity
from aggregates.values import Code, Date, Id, Instant, Label, PatientId, ProgramId, Text


@command("patient.register")
@value
class RegisterPatient:
    """Makes a patient known."""

    patient_id: PatientId
    identity: Identity


@command("patient.correct_demographics")
@value
class CorrectDemographics:
    """States the whole identity as it should have been; with `effective_from`, as it is from that past day on: a move
    or a new name makes nothing wrong that was told before."""

    patient_id: PatientId
    identity: Identity
    cause: Code
    effective_from: Date | None = None


@command("patient.distinguish")
@value
class DistinguishPatient:
    """States that the record is of another person than those that agree with it: of these programs of yours, as they
    were shown at a position (`upto`). Whoever comes later is compared anew. No other record is named: what is told here
    outlives theirs."""

    patient_id: PatientId
    programs: Annotated[tuple[ProgramId, ...], Field(min_length=1)]
    upto: Annotated[int, Field(ge=1)]
    cause: Code


@command("patient.record_coverage")
@value
class RecordCoverage:
    """Records a period of coverage by one payer at one rank (1 primary, 2 secondary, 3 tertiary)."""

    patient_id: PatientId
    coverage_id: Id
    payer_id: Id
    plan: Code
    rank: Annotated[int, Field(ge=1, le=3)] = 1
    relationship: Literal["self", "spouse", "child", "other"] = "self"
    effective_from: Date
    effective_through: Date | None = None
    member: CoverageIdentity | None = None


@command("patient.end_coverage")
@value
class EndCoverage:
    """Sets the last day of a coverage; one in the past ends it retroactively, the day before its first voids it."""

    patient_id: PatientId
    coverage_id: Id
    ended_on: Date
    cause: Code


@command("patient.check_eligibility")
@value
class CheckEligibility:
    """Records what the payer answered when asked whether a coverage is active on a day."""

    patient_id: PatientId
    coverage_id: Id
    for_date: Date
    source: Literal["portal", "phone", "electronic"]
    active: bool
    trace_number: Label | None = None
    benefits: Text | None = None


@command("patient.sign_consent")
@value
class SignConsent:
    """Records a signed consent. Every element is named by the refusal when it is missing.

    `programs` are those of yours that it permits to disclose, beside the words of the `discloser`; none: every program
    of this house.
    """

    patient_id: PatientId
    consent_id: Id
    kind: Literal["treatment", "disclosure", "telehealth", "associate_treatment", "counseling_notes"]
    discloser: Label | None = None
    programs: tuple[ProgramId, ...] = ()
    information: Text | None = None
    recipients: Text | None = None
    recipient_payers: tuple[Id, ...] = ()
    redisclosure_statement: Text | None = None
    purpose: Code | None = None
    right_to_revoke_stated: bool = False
    expires_on: Date | None = None
    expires_upon: Code | None = None
    signed_by: Literal["patient", "guardian", "patient_and_guardian"] | None = None
    signed_on: Date | None = None
    guardian_id: Id | None = None
    capacity_rule: CapacityRule


@command("patient.revoke_consent")
@value
class RevokeConsent:
    """Revokes a consent from a moment on; without one, from when the revocation was made."""

    patient_id: PatientId
    consent_id: Id
    revoked_at: Instant | None = None


@command("patient.record_guardian")
@value
class RecordGuardian:
    """Records a person who may act for the patient, and under which authority."""

    patient_id: PatientId
    guardian_id: Id
    relationship: Literal["parent", "legal_guardian", "agency", "other"]
    authority: Code
    effective_from: Date
    family_name: Label
    given_name: Label
    phone: Label | None = None


@command("patient.end_guardian")
@value
class EndGuardian:
    """Sets the last day on which a guardian may act."""

    patient_id: PatientId
    guardian_id: Id
    ended_on: Date


@command("patient.set_confidential_contact")
@value
class SetConfidentialContact:
    """Records how and where the patient wants to be reached (45 CFR 164.522(b))."""

    patient_id: PatientId
    effective_from: Date
    instructions: Text


@command("patient.restrict_disclosure")
@value
class RestrictDisclosure:
    """Keeps services that the patient paid in full from a payer (45 CFR 164.522(a))."""

    patient_id: PatientId
    restriction_id: Id
    payer_id: Id | None = None
    effective_from: Date
    effective_through: Date | None = None
    paid_in_full: bool


@command("patient.request_amendment")
@value
class RequestAmendment:
    """Records the patient's request to amend the record (45 CFR 164.526)."""

    patient_id: PatientId
    request_id: Id
    received_on: Date
    concerns: tuple[Id, ...] = ()
    words: Text


@command("patient.answer_amendment")
@value
class AnswerAmendment:
    """Accepts or denies a request, once."""

    patient_id: PatientId
    request_id: Id
    accepted: bool
    basis: Code
    words: Text | None = None


@command("patient.file_disagreement")
@value
class FileDisagreement:
    """Files the patient's statement of disagreement with a denial; it travels with the record."""

    patient_id: PatientId
    request_id: Id
    words: Text


CoverageCommand = RecordCoverage | EndCoverage | CheckEligibility
ConsentCommand = SignConsent | RevokeConsent | RecordGuardian | EndGuardian
PrivacyCommand = SetConfidentialContact | RestrictDisclosure | RequestAmendment | AnswerAmendment | FileDisagreement
Command = RegisterPatient | CorrectDemographics | DistinguishPatient | CoverageCommand | ConsentCommand | PrivacyCommand
