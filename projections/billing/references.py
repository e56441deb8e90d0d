"""What billing remembers of programs, clinicians and payers: what all patients share."""

from __future__ import annotations

import msgspec

from aggregates.payer_policy.terms import Terms
from projections.billing.documents import Dated, Part


class Charges(Part):
    """A program's charges from a day on, in cents by procedure code, or by a revenue code that is billed alone."""

    on: str
    cents: dict[str, int]


class Program(Part):
    """A program as billing needs it; `enrollments` with payers are periods whose value is the payer id.

    `campuses` say from when on it is a hospital's department, and where that lies.
    """

    time_zone: str = "UTC"
    level: str = ""
    focus: str = ""
    enrollments: list[Dated] = msgspec.field(default_factory=list)
    closures: list[Dated] = msgspec.field(default_factory=list)
    charges: list[Charges] = msgspec.field(default_factory=list)
    campuses: list[Dated] = msgspec.field(default_factory=list)


class Clinician(Part):
    """A clinician's credentials by id, each a period; `value` is the title, `through` the last active day.

    `accepted` are the periods in which payers accept the clinician; `value` is the payer's id. `has_npi` is None where
    nothing was said of it.
    """

    credentials: dict[str, Dated] = msgspec.field(default_factory=dict)
    accepted: list[Dated] = msgspec.field(default_factory=list)
    has_npi: bool | None = None
    associate: bool = False


class PolicyVersion(Part):
    """Terms from one day through another (None: open), and those of their fields that nobody has verified."""

    effective_from: str
    effective_through: str | None
    terms: Terms
    unverified: list[str]


class Policy(Part):
    """One payer's policy; versions in the order of their first days. `addressed`: where its claim files go is known."""

    payer_id: str
    payer_kind: str
    code: str
    versions: list[PolicyVersion]
    addressed: bool = False


class Reference(msgspec.Struct, array_like=True):
    """What all patients share; `withheld` are the cents that payers took back for a claim beside their answers."""

    programs: dict[str, Program] = msgspec.field(default_factory=dict)
    clinicians: dict[str, Clinician] = msgspec.field(default_factory=dict)
    policies: dict[str, Policy] = msgspec.field(default_factory=dict)
    withheld: dict[str, int] = msgspec.field(default_factory=dict)
