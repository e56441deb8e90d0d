"""What may be asked of a payer's policy."""

from __future__ import annotations

from aggregates.kit import command, value
from aggregates.payer_policy.facts import ClaimFilingIndicator, InterchangeQualifier, PayerKind
from aggregates.payer_policy.terms import Terms
from aggregates.values import Code, Date, Digest, ElectronicPayerId, Id, Label, PolicyId, TradingPartner


@command("payer_policy.publish")
@value
class PublishPolicy:
    """Publishes a payer's first terms, in force from a day on."""

    policy_id: PolicyId
    payer_id: Id
    payer_kind: PayerKind
    payer_name: Label
    code: Code
    effective_from: Date
    effective_through: Date | None = None
    terms: Terms
    document_digest: Digest | None = None


@command("payer_policy.verify")
@value
class VerifyPolicy:
    """States that the person who acts, who is not who set them, compared these fields of terms against a named source.

    Those of the terms that begin on `effective_from`; left out, of the latest.
    """

    policy_id: PolicyId
    verified_on: Date
    source: Label
    fields: tuple[Code, ...]
    effective_from: Date | None = None


@command("payer_policy.revise")
@value
class RevisePolicy:
    """Sets new terms from a day on; the earlier ones keep their days.

    Where the earlier ones ended by themselves days before, `gap_cause` says why the days between have none.
    """

    policy_id: PolicyId
    effective_from: Date
    terms: Terms
    cause: Code
    gap_cause: Code | None = None
    document_digest: Digest | None = None


@command("payer_policy.retire")
@value
class RetirePolicy:
    """Sets the last day on which the policy applies."""

    policy_id: PolicyId
    effective_through: Date
    cause: Code


@command("payer_policy.record_electronic_address")
@value
class RecordElectronicAddress:
    """States where the payer's claim files go from a day on, and by which id and kind of insurance it is named."""

    policy_id: PolicyId
    effective_from: Date
    receiver_id: TradingPartner
    receiver_name: Label
    submitter_qualifier: InterchangeQualifier = "ZZ"
    receiver_qualifier: InterchangeQualifier = "ZZ"
    electronic_payer_id: ElectronicPayerId
    claim_filing_indicator: ClaimFilingIndicator


Command = PublishPolicy | VerifyPolicy | RevisePolicy | RetirePolicy | RecordElectronicAddress
