"""What a day is billed as: its lines, each with code, modifiers, units, charge and expected payment.

A charge is the program's own, by its fee schedule in force on the day; what the payer is expected to pay is its
contract's; what the patient will owe is what the payer said of the benefits. All three are dated, none is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

PER_DIEM = frozenset({"per_diem", "day_line"})
"""What a line stands for that is the day's per diem, or the first of the services as which the day is billed."""
BilledAs = tuple[str, str, tuple[str, ...], int, int]
"""Revenue code, procedure code (empty without one), modifiers, units, charge in cents."""


class BillLine(msgspec.Struct, array_like=True):
    """One line of a day. `use` says what it stands for; cents are for all its units, None where unknown."""

    use: str
    revenue_code: str
    procedure_code: str | None
    modifiers: list[str]
    units: int
    charge_cents: int | None
    expected_cents: int | None
    form: str

    @property
    def code(self) -> tuple[str, str]:
        """What a payer takes once a day: revenue code, procedure code (empty without one)."""
        return self.revenue_code, self.procedure_code or ""

    @property
    def billed_as(self) -> BilledAs:
        """What a claim says of it."""
        return (
            self.revenue_code, self.procedure_code or "", tuple(self.modifiers), self.units, self.charge_cents or 0,
        )  # fmt: skip


class ClaimedLine(msgspec.Struct, array_like=True):
    """A line of a claim for the day as it was sent, and the payer that was billed."""

    claim_id: str
    form: str
    revenue_code: str
    procedure_code: str | None
    modifiers: tuple[str, ...]
    units: int
    charge_cents: int
    payer_id: str
    level_of_care: str
    authorization_id: str | None = None
    authorization_units: tuple[int, ...] = ()

    @property
    def code(self) -> tuple[str, str]:
        """Revenue code, procedure code (empty without one)."""
        return self.revenue_code, self.procedure_code or ""

    @property
    def billed_as(self) -> BilledAs:
        """What the claim says."""
        return (self.revenue_code, self.procedure_code or "", self.modifiers, self.units, self.charge_cents)


class CorrectBy(msgspec.Struct, array_like=True, frozen=True):
    """The last day on which the payer takes a correction of an answered claim, and the instant at which it is over;
    `unverified` is the field of the terms that says so, where nobody verified it. `released_by` answers for one that
    comes later."""

    on: str
    over_at: str
    unverified: str | None = None
    released_by: str | None = None
    released_because: str | None = None


class Header(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a bill says beside its lines, as `aggregates.claim.facts.ClaimHeader` has it, and its coverage."""

    patient_status: str | None = None
    principal_diagnosis: str | None = None
    other_diagnoses: tuple[str, ...] = ()
    attending_id: str | None = None
    coverage_at: int | None = None
    coverage_id: str | None = None
    identity_at: int | None = None
    admitted_on: str | None = None
    admission_type: str | None = None
    admission_source: str | None = None


def total(cents: list[int | None]) -> int | None:
    """The sum, None when one of them is unknown."""
    known = [one for one in cents if one is not None]
    return sum(known) if len(known) == len(cents) else None


def authorized(lines: Iterable[BillLine]) -> BillLine | None:
    """Of a day's lines the one that draws its units and names the authorization: the per diem, or the first of the
    services as which the day is billed."""
    return next((line for line in lines if line.use in PER_DIEM), None)
