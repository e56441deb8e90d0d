"""What may be asked of a claim. Each command's first field is the claim's id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.claim.facts import AdjudicatedLine, AnswerStatus, ClaimHeader, ClaimLine, Frequency, WriterVersion
from aggregates.kit import command, value
from aggregates.values import (
    Cents,
    ClaimId,
    Code,
    Date,
    Digest,
    EnrollmentId,
    Id,
    Instant,
    Interchange,
    PatientId,
    PolicyId,
    ProgramId,
    TraceNumber,
)

Source = Literal["999", "277CA", "portal"]


@command("claim.prepare")
@value
class PrepareClaim:
    """Prepares an original (frequency 1 to 4), a replacement (7) or a void (8) of the claim named by `replaces`.

    A secondary claim names in `after_claim` the claim that the payer before has answered.

    A replacement and a void take effect on the earlier claim at once, in the same append. `decided_at` is the position
    of the log at which the lines were decided. `demonstration` lets terms pass that no official source confirmed; the
    API accepts it in simulation stores only.
    """

    claim_id: ClaimId
    patient_id: PatientId
    enrollment_id: EnrollmentId
    program_id: ProgramId
    payer_id: Id
    policy_id: PolicyId
    form: Literal["837I", "837P"]
    type_of_bill: Code | None = None
    frequency: Frequency
    replaces: ClaimId | None = None
    replacement_cause: Code = "corrected"
    from_date: Date
    through_date: Date
    lines: Annotated[tuple[ClaimLine, ...], Field(min_length=1, max_length=999)]
    total_cents: Cents
    decided_at: Annotated[int, Field(ge=1)]
    coverage_id: Id | None = None
    after_claim: ClaimId | None = None
    header: ClaimHeader | None = None
    demonstration: bool = False


@command("claim.submit")
@value
class SubmitClaim:
    """It left for the payer in a batch, under our control number.

    A claim that left in a file of ours says its place in the batch, the file's interchange number and digest, as of
    which position it was written and by which version of the writer: all five, and the last four as every claim of the
    file does. `demonstration` is for the stores of simulations: it lets terms pass that nobody verified.
    """

    claim_id: ClaimId
    submitted_at: Instant
    batch: Code
    control_number: Code
    place: Annotated[int, Field(ge=1, le=9_999)] | None = None
    interchange: Interchange | None = None
    file_digest: Digest | None = None
    written_as_of: Annotated[int, Field(ge=1)] | None = None
    writer_version: WriterVersion | None = None
    demonstration: bool = False


@command("claim.acknowledge")
@value
class AcknowledgeClaim:
    """The payer or its clearing house took it in; each source may say so once."""

    claim_id: ClaimId
    acknowledged_at: Instant
    source: Source
    reference: Code


@command("claim.reject")
@value
class RejectClaim:
    """It was not taken in, so it never counted as filed; its days and units are free again, or are the claim's that it
    was to replace or void."""

    claim_id: ClaimId
    rejected_at: Instant
    source: Source
    codes: tuple[Code, ...]


@command("claim.adjudicate")
@value
class AdjudicateClaim:
    """The payer's answer to every line, and the remittance that brought it, where one did.

    The `status` 4 (denied) of a void leaves it unaccepted, until a person says what the payer meant.
    """

    claim_id: ClaimId
    adjudicated_on: Date
    payer_control_number: Code
    lines: tuple[AdjudicatedLine, ...]
    paid_cents: Cents
    trace_number: TraceNumber | None = None
    remittance_on: Date | None = None
    status: AnswerStatus | None = None


@command("claim.reverse_adjudication")
@value
class ReverseAdjudication:
    """The payer takes its answer back; the claim waits for another one, and the old answer is kept.

    Where a void of the claim was sent, the payer accepts that by it, unless it has `answered_anew` in the same breath.
    """

    claim_id: ClaimId
    reversed_on: Date
    cause: Code = "payer-reversal"
    trace_number: TraceNumber | None = None
    answered_anew: bool = False


@command("claim.void")
@value
class VoidClaim:
    """Withdraws a claim that was prepared and never sent; one that was sent is voided by a claim of frequency 8."""

    claim_id: ClaimId
    voided_on: Date
    cause: Code


Command = (
    PrepareClaim | SubmitClaim | AcknowledgeClaim | RejectClaim | AdjudicateClaim | ReverseAdjudication | VoidClaim
)
