"""What the demonstration's programs charge, higher than what any payer allows, and the patients' shares: made up."""

from __future__ import annotations

from aggregates.program.facts import Charge

CHARGES = (
    Charge(procedure_code="S9480", charge_cents=42_000),
    Charge(procedure_code="H0015", charge_cents=39_000),
    Charge(revenue_code="0905", charge_cents=40_000),
    Charge(revenue_code="0906", charge_cents=40_000),
)
COPAYMENTS = {"commercial_mental_health": 3_000, "commercial_substance_use": 2_500}
"""Cents a day, by payer."""
COINSURANCE = {"medicare": 20}
"""Percent of what is allowed, by payer; Medicare's is that of Part B."""
