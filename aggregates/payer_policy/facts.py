"""What can be true of a payer's rules and rates. Names and shapes are the storage format."""

from __future__ import annotations

from typing import Any, Literal

from aggregates.kit import fact, upcast, value
from aggregates.payer_policy.terms import Terms
from aggregates.values import Code, Date, Digest, ElectronicPayerId, Id, Label, PersonId, TradingPartner

PayerKind = Literal["commercial", "medicare", "medicaid", "tricare", "self_pay"]
ClaimFilingIndicator = Literal[
    "11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF",
    "TV", "VA", "WC", "ZZ",
]
"""What kind of insurance a claim is filed under: the codes of X12 5010 element SBR09, such as CI commercial, MB
Medicare Part B, MC Medicaid, CH TRICARE."""
InterchangeQualifier = Literal["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"]
"""What kind of id names a sender or receiver: the codes of X12 elements ISA05 and ISA07; ZZ is mutually agreed."""


@fact("payer_policy.published", 4)
@value
class PolicyPublished:
    """A payer's terms from a day on; what was known when is kept, because publishing is itself dated.

    `published_by` is None where the fact was recorded before it said so.
    """

    payer_id: Id
    payer_kind: PayerKind
    payer_name: Label
    code: Code
    effective_from: Date
    effective_through: Date | None = None
    terms: Terms
    document_digest: Digest | None = None
    published_by: PersonId | None = None


@fact("payer_policy.verified", 3)
@value
class PolicyVerified:
    """A named person compared terms against a named source. Only the fields named lose their unverified mark.

    The terms are those that begin on `effective_from`; None: those recorded last before this.
    """

    verified_by: PersonId
    verified_on: Date
    source: Label
    fields: tuple[Code, ...]
    effective_from: Date | None = None


@fact("payer_policy.revised", 4)
@value
class PolicyRevised:
    """New terms from a day on; the earlier ones keep their days. `gap_cause` says why days before it have no terms.

    `revised_by` is None where the fact was recorded before it said so.
    """

    effective_from: Date
    terms: Terms
    cause: Code
    document_digest: Digest | None = None
    gap_cause: Code | None = None
    revised_by: PersonId | None = None


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


@upcast("payer_policy.published", 1)
@upcast("payer_policy.revised", 1)
def fewer_terms(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape had fewer terms; what it does not say is not asked for, as the defaults of `Terms` have it."""
    return fields


@upcast("payer_policy.verified", 1)
def of_the_latest(fields: dict[str, Any]) -> dict[str, Any]:
    """The first shape was always about the terms recorded last."""
    return fields


@upcast("payer_policy.published", 2)
@upcast("payer_policy.revised", 2)
def several_condition_codes(fields: dict[str, Any]) -> dict[str, Any]:
    """The second shape had one condition code at most."""
    terms = dict(fields["terms"])
    code = terms.pop("condition_code", None)
    terms["condition_codes"] = [] if code is None else [code]
    return fields | {"terms": terms | {"unverified": _renamed(terms["unverified"])}}


@upcast("payer_policy.published", 3)
@upcast("payer_policy.revised", 3)
def by_nobody_named(fields: dict[str, Any]) -> dict[str, Any]:
    """The third shape did not say who set the terms."""
    return fields


@upcast("payer_policy.verified", 2)
def of_several_condition_codes(fields: dict[str, Any]) -> dict[str, Any]:
    """The field for them had another name."""
    return fields | {"fields": _renamed(fields["fields"])}


def _renamed(names: list[str]) -> list[str]:
    return ["condition_codes" if one == "condition_code" else one for one in names]
