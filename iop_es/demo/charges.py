"""What the demonstration's programs charge, higher than what any payer allows, and the patients' shares: made up."""

from __future__ import annotations

from aggregates.program.facts import Charge

CHARGES = (
    Charge(procedure_code="S9480", charge_cents=42_000),
    Charge(procedure_code="H0015", charge_cents=39_000),
    *(
        Charge(procedure_code=code, charge_cents=cents) for code, cents in (
            ("90791", 25_000), ("90832", 12_000), ("90834", 16_000), ("90837", 18_000), ("90839", 20_000),
            ("90846", 16_000), ("90847", 16_000), ("G0176", 8_000), ("G0177", 8_000), ("G0410", 16_000),
        )
    ),
)  # fmt: skip
COPAYMENTS = {"commercial_mental_health": 3_000, "commercial_substance_use": 2_500}
"""Cents a day, by payer."""
COINSURANCE = {"medicare": 20}
"""Percent of what is allowed, by payer; Medicare's is that of Part B."""
