"""The four payers of the demonstration, from their TOML files beside this one.

The files say of every value where it is confirmed, and list in `unverified` what is not.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from aggregates.payer_policy.facts import PayerKind, Terms
from aggregates.values import Code, Date, Label

NAMES = ("commercial_mental_health", "commercial_substance_use", "medicare", "medicaid_north_carolina")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPolicy:
    """One payer's policy as `payer_policy.publish` asks for it, without ids."""

    code: Code
    payer_kind: PayerKind
    payer_name: Label
    effective_from: Date
    terms: Terms


_policy: TypeAdapter[DemoPolicy] = TypeAdapter(DemoPolicy)


@cache
def load_policy(name: str) -> DemoPolicy:
    """The policy in this file (one of NAMES). Raises pydantic's ValidationError, naming the field, for a bad file."""
    text = (files("iop_es.demo") / "policies" / f"{name}.toml").read_text(encoding="utf-8")
    return _policy.validate_python(tomllib.loads(text))


def policies() -> dict[str, DemoPolicy]:
    """All four, by the name of their file."""
    return {name: load_policy(name) for name in NAMES}
