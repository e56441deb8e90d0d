"""The four payers of the demonstration, from their TOML files beside this one.

The files say of every value where it is confirmed, and list in `unverified` what is not.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from aggregates.payer_policy.document import PolicyDocument, read_document

CLEARING_HOUSE = {"receiver_id": "CLEARINGDEMO", "receiver_name": "Clearing House (demo)"}
MEDICARE = {"receiver_id": "MEDICAREDEMO", "receiver_name": "Medicare Part B (demo)"}
MEDICAID = {"receiver_id": "MEDICAIDDEMO", "receiver_name": "NC Medicaid (demo)"}
ADDRESSES: dict[str, dict[str, Any]] = {
    name: {"effective_from": "2025-01-01", "electronic_payer_id": payer, "claim_filing_indicator": kind, **receiver}
    for name, payer, kind, receiver in (
        ("commercial_mental_health", "DEMO1", "CI", CLEARING_HOUSE),
        ("commercial_substance_use", "DEMO2", "CI", CLEARING_HOUSE),
        ("medicare", "DEMO3", "MB", MEDICARE),
        ("medicaid_north_carolina", "DEMO4", "MC", MEDICAID),
    )
}
"""How files name each payer, and where they go: to the commercial ones through one clearing house."""
NAMES = ("commercial_mental_health", "commercial_substance_use", "medicare", "medicaid_north_carolina")


@cache
def load_policy(name: str) -> PolicyDocument:
    """The policy in this file (one of NAMES). Raises PolicyUnreadable, naming the field, for a bad file."""
    return read_document((files("iop_es.demo") / "policies" / f"{name}.toml").read_text(encoding="utf-8"))


def policies() -> dict[str, PolicyDocument]:
    """All four, by the name of their file."""
    return {name: load_policy(name) for name in NAMES}
