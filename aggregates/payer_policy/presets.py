"""What is known of the rules of a few payers, as documents beside this file to start from.

Each names the source of its values and lists in `unverified` what no official source confirmed. None holds a rate that
nobody published: a price that was not read is unknown. Verify a preset against the payer's own document or the contract
before money depends on it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from aggregates.payer_policy.document import PolicyDocument, read_document

PRESETS = (
    "commercial_mental_health", "commercial_substance_use", "medicaid_new_york", "medicaid_north_carolina",
    "medicare_community_mental_health_center", "medicare_hospital", "medicare_hospital_2024", "tricare",
)  # fmt: skip


class UnknownPreset(LookupError):
    """There is no preset of this name; the text names those that there are."""


@cache
def preset(name: str) -> PolicyDocument:
    """The document of this name (one of PRESETS). Raises UnknownPreset."""
    return read_document(preset_text(name))


def preset_text(name: str) -> str:
    """The document as it is written, with its sources. Raises UnknownPreset."""
    if name not in PRESETS:
        raise UnknownPreset(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.")
    return (files("aggregates.payer_policy") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
