"""What can be true of a payer's rules and rates. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aggregates.kit import fact, value
from aggregates.values import (
    CareFocus,
    Cents,
    Code,
    Count,
    Date,
    Digest,
    ElectronicPayerId,
    Id,
    Label,
    LevelOfCare,
    Minutes,
    PersonId,
    ServiceKind,
    TradingPartner,
    UnitBasis,
)

Consequence = Literal["none", "warn", "hold"]
PayerKind = Literal["commercial", "medicare", "medicaid", "tricare", "self_pay"]
ClaimFilingIndicator = Literal[
    "11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF",
    "TV", "VA", "WC", "ZZ",
]
"""What kind of insurance a claim is filed under: the codes of X12 5010 element SBR09, such as CI commercial, MB
Medicare Part B, MC Medicaid, CH TRICARE."""
InterchangeQualifier = Literal["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"]
"""What kind of id names a sender or receiver: the codes of X12 elements ISA05 and ISA07; ZZ is mutually agreed."""


@value
class PerDiem:
    """What one day of one level of care and focus is billed as. A rate of None is unknown, never zero."""

    level_of_care: LevelOfCare
    focus: CareFocus
    procedure_code: Code | None = None
    revenue_code: Code
    unit_basis: UnitBasis
    rate_cents: Cents | None = None
    rate_kind: Literal["contract", "published", "demo"] | None = None


@value
class WeeklyTest:
    """What a week must hold: minutes and days, scheduled or attended; 0 asks for nothing."""

    measure: Literal["none", "scheduled", "attended"]
    minutes: Annotated[int, Field(ge=0, le=10_080)]
    days: Annotated[int, Field(ge=0, le=7)]
    consequence: Consequence


@value
class Terms:
    """One payer's rules, all of them data. `unverified` names the fields whose value no official source confirmed."""

    per_diems: tuple[PerDiem, ...]
    minimum_minutes: Minutes
    minimum_sessions: Count
    counted_kinds: tuple[ServiceKind, ...]
    weekly: WeeklyTest
    group_maximum: Count | None = None
    group_consequence: Literal["warn", "minutes_do_not_count", "hold"] = "warn"
    signature_hours: Annotated[int, Field(ge=0, le=8_760)] | None = None
    late_signature: Consequence = "none"
    cosignature_required: bool
    credential_required: bool
    authorization_required: bool
    certification_days: Annotated[int, Field(ge=0, le=366)] | None = None
    plan_review_days: Annotated[int, Field(ge=0, le=366)] | None = None
    duration_cap_weeks: Annotated[int, Field(ge=0, le=104)] | None = None
    condition_code: Code | None = None
    claim_form: Literal["837I", "837P"]
    type_of_bill: Code | None = None
    timely_filing_days: Annotated[int, Field(ge=1, le=730)] | None = None
    unverified: tuple[Code, ...]


@fact("payer_policy.published", 1)
@value
class PolicyPublished:
    """A payer's terms from a day on; what was known when is kept, because publishing is itself dated."""

    payer_id: Id
    payer_kind: PayerKind
    payer_name: Label
    code: Code
    effective_from: Date
    effective_through: Date | None = None
    terms: Terms
    document_digest: Digest | None = None


@fact("payer_policy.verified", 1)
@value
class PolicyVerified:
    """A named person compared terms against a named source. Only the fields named lose their unverified mark."""

    verified_by: PersonId
    verified_on: Date
    source: Label
    fields: tuple[Code, ...]


@fact("payer_policy.revised", 1)
@value
class PolicyRevised:
    """New terms from a day on; the earlier ones keep their days."""

    effective_from: Date
    terms: Terms
    cause: Code
    document_digest: Digest | None = None


@fact("payer_policy.electronic_address_recorded", 1)
@value
class ElectronicAddressRecorded:
    """Where the payer's claim files go from a date on, and by which id and kind of insurance the payer is named."""

    effective_from: Date
    receiver_id: TradingPartner
    receiver_name: Label
    submitter_qualifier: InterchangeQualifier = "ZZ"
    receiver_qualifier: InterchangeQualifier = "ZZ"
    electronic_payer_id: ElectronicPayerId
    claim_filing_indicator: ClaimFilingIndicator


@fact("payer_policy.retired", 1)
@value
class PolicyRetired:
    """The last day on which the policy applies."""

    effective_through: Date
    cause: Code
