"""What can be true of one claim. Names and shapes are the storage format. A claim is never edited."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from aggregates.kit import fact, upcast, value
from aggregates.values import (
    AuthorizationId,
    Cents,
    ClaimId,
    ClinicianId,
    Code,
    Date,
    Digest,
    EnrollmentId,
    IcdCode,
    Id,
    Instant,
    Interchange,
    Label,
    LevelOfCare,
    PatientId,
    PolicyId,
    ProgramId,
    SignedCents,
    TraceNumber,
    Units,
)

WriterVersion = Annotated[int, Field(ge=1, le=9_999)]
Frequency = Literal["1", "2", "3", "4", "7", "8"]


@value
class ClaimLine:
    """One line: a service day at one level of care, or one service; `authorization_units` are the numbers it draws."""

    line: Annotated[int, Field(ge=1, le=999)]
    service_date: Date
    level_of_care: LevelOfCare
    revenue_code: Code
    procedure_code: Code | None = None
    modifiers: tuple[Code, ...] = ()
    units: Units
    charge_cents: Cents
    authorization_id: AuthorizationId | None = None
    authorization_units: tuple[int, ...] = ()


@value
class ClaimHeader:
    """What the bill says beside its lines, in codes and ids; None where its form has no such part or nobody knew it.

    `coverage_at` is the position of the fact from which member number and subscriber are, `identity_at` that of the
    one from which the patient's name, birth date, sex and address are: they are in no clear part. How the stay began
    is on an institutional bill only, its day on those whose type shows it.
    """

    patient_status: Code | None = None
    principal_diagnosis: IcdCode | None = None
    other_diagnoses: tuple[IcdCode, ...] = ()
    attending_id: ClinicianId | None = None
    coverage_at: Annotated[int, Field(ge=1)] | None = None
    identity_at: Annotated[int, Field(ge=1)] | None = None
    admitted_on: Date | None = None
    admission_type: Code | None = None
    admission_source: Code | None = None


@fact("claim.prepared", 1)
@value
class ClaimPrepared:
    """What is to be billed, and the position of the log at which it was decided.

    `coverage_id` is the coverage that it is billed under, `after_claim` the claim that the payer before answered,
    `per_diem_days` are the days whose one per diem it bills; None: it was prepared before that was told. `header` is
    None on claims from before it was kept, as is each part of it on those from before that part was.
    """

    patient_id: PatientId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    payer_id: Id
    policy_id: PolicyId
    form: Literal["837I", "837P"]
    type_of_bill: Code | None = None
    frequency: Frequency
    replaces: ClaimId | None = None
    from_date: Date
    through_date: Date
    lines: tuple[ClaimLine, ...]
    total_cents: Cents
    decided_at: Annotated[int, Field(ge=1)]
    coverage_id: Id | None = None
    after_claim: ClaimId | None = None
    per_diem_days: tuple[Date, ...] | None = None
    header: ClaimHeader | None = None


@value
class SentFile:
    """The SHA-256 of a file that left. On it a name could be tried, so it is the patient's secret like the name."""

    digest: Digest


@fact("claim.submitted", 3, subject="patient")
@value
class ClaimSubmitted:
    """It left for the payer. In a file of ours: its place in the batch, the file's interchange number and SHA-256
    (sealed since schema version 3; `file_digest` is of those before), the position of the log as of which it was
    written, and the version of the writer (since schema version 2), so that the very same bytes can be written again,
    or it can be said why not."""

    submitted_at: Instant
    batch: Code
    control_number: Code
    place: Annotated[int, Field(ge=1, le=9_999)] | None = None
    interchange: Interchange | None = None
    file_digest: Digest | None = None
    written_as_of: Annotated[int, Field(ge=1)] | None = None
    writer_version: WriterVersion | None = None
    sealed: SentFile | None = None

    @property
    def digest(self) -> str | None:
        """The SHA-256 of the file, however it is stored; None for what left in no file, or can no longer be opened."""
        return self.sealed.digest if self.sealed else self.file_digest


@upcast("claim.submitted", 1)
def _submitted_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Every file that left before the writer had versions was written by the first."""
    return fields | {"writer_version": None if fields.get("interchange") is None else 1}


@upcast("claim.submitted", 2)
def _submitted_2_to_3(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, the digest stood in the clear part, and there it stays."""
    return fields


@fact("claim.acknowledged", 1)
@value
class ClaimAcknowledged:
    """The payer or its clearing house took it in; the proof of timely filing. A `reversal` is of the answer to the
    claim that this one voids, or was denied to replace: there `reference` is its day."""

    acknowledged_at: Instant
    source: Literal["999", "277CA", "portal", "reversal"]
    reference: Code


@fact("claim.rejected", 1)
@value
class ClaimRejected:
    """It was not taken in; it never counted as filed."""

    rejected_at: Instant
    source: Literal["999", "277CA", "portal"]
    codes: tuple[Code, ...]


@value
class Adjustment:
    """Why a line pays other than its charge: group code (CO, PR, OA, PI), CARC, RARC where given, cents."""

    group: Literal["CO", "PR", "OA", "PI"]
    carc: Code
    rarc: Code | None = None
    amount_cents: SignedCents


@value
class AdjudicatedLine:
    """The payer's answer to one line: charge = paid + adjustments; what it allows for it, where it says so."""

    line: Annotated[int, Field(ge=1, le=999)]
    paid_cents: Cents
    adjustments: tuple[Adjustment, ...]
    allowed_cents: Cents | None = None


AnswerStatus = Literal["1", "2", "3", "4", "19", "20", "21"]
"""CLP02 of an answer (X12 code list 1029): processed as primary, secondary, tertiary; denied; the first three forwarded
to another payer."""


@fact("claim.adjudicated", 2)
@value
class ClaimAdjudicated:
    """The payer's answer, line by line, and the remittance that brought it, where one did. `status` is its CLP02 (since
    schema version 2), None where nobody said."""

    adjudicated_on: Date
    payer_control_number: Code
    lines: tuple[AdjudicatedLine, ...]
    paid_cents: Cents
    trace_number: TraceNumber | None = None
    remittance_on: Date | None = None
    status: AnswerStatus | None = None


@upcast("claim.adjudicated", 1)
def _adjudicated_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, nothing was kept of whether the claim as a whole was denied."""
    return fields | {"status": None}


@fact("claim.adjudication_reversed", 1)
@value
class AdjudicationReversed:
    """The payer takes an answer back (CLP02 = 22): by which remittance, and which answer. The old one is kept."""

    reversed_on: Date
    cause: Code
    trace_number: TraceNumber | None = None
    answered_on: Date
    answer_trace_number: TraceNumber | None = None


@fact("claim.replaced", 1)
@value
class ClaimReplaced:
    """A later claim (frequency 7) stands in its place."""

    replaced_by: ClaimId
    cause: Code


@fact("claim.voided", 1)
@value
class ClaimVoided:
    """It is taken back (frequency 8)."""

    voided_on: Date
    cause: Code


@value
class BilledAnew:
    """What another claim bills by now, by the kind and key of the reservation that it holds."""

    kind: Literal["billed_day", "per_diem_day", "authorization_unit"]
    key: Label
    claim_id: ClaimId


@fact("claim.reinstated", 2)
@value
class ClaimReinstated:
    """The claim that was to replace it or void it was rejected or withdrawn: it stands again.

    `billed_anew` (since schema version 2) is what of it another claim bills by now, because the payer had accepted that
    it be taken back: the payer has both, and one of the two is to be voided. Once the other one is gone, the same is
    said again with what is left of that: then `instead_of` is the claim that billed it anew.
    """

    instead_of: ClaimId
    billed_anew: tuple[BilledAnew, ...] = ()


@upcast("claim.reinstated", 1)
def _reinstated_1_to_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Before, a claim whose days were billed anew was not reinstated."""
    return fields | {"billed_anew": []}
