"""The four payers of the demonstration, from their TOML files beside this one.

The files say of every value where it is confirmed, and list in `unverified` what is not.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from aggregates.payer_policy.document import PolicyDocument, read_document

NAMES = ("commercial_mental_health", "commercial_substance_use", "medicare", "medicaid_north_carolina")


@cache
def load_policy(name: str) -> PolicyDocument:
    """The policy in this file (one of NAMES). Raises PolicyUnreadable, naming the field, for a bad file."""
    return read_document((files("iop_es.demo") / "policies" / f"{name}.toml").read_text(encoding="utf-8"))


def policies() -> dict[str, PolicyDocument]:
    """All four, by the name of their file."""
    return {name: load_policy(name) for name in NAMES}
