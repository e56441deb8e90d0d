"""What the demonstration's programs charge: made up, higher than what any payer allows, the same for every payer."""

from __future__ import annotations

from aggregates.program.facts import Charge

CHARGES = (
    Charge(procedure_code="S9480", charge_cents=42_000),
    Charge(procedure_code="H0015", charge_cents=39_000),
    Charge(revenue_code="0905", charge_cents=40_000),
    Charge(revenue_code="0906", charge_cents=40_000),
)
