"""ICD-10-CM as its package knows it; read when first asked, which takes two seconds."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any
from warnings import catch_warnings


@cache
def classification() -> Any:
    """The package; its reader uses a deprecated call of the standard library."""
    with catch_warnings(action="ignore", category=DeprecationWarning):
        return import_module("simple_icd_10_cm")


@cache
def block(code: str) -> str:
    """The block that a diagnosis stands in, such as F30-F39 for F33.1; of one that stands in none, or that the
    classification does not have, its category, such as F33."""
    icd = classification()
    above = icd.get_ancestors(code) if icd.is_valid_item(code) else []
    return next((one for one in above if "-" in one), code[:3])


@cache
def title(group: str) -> str | None:
    """The official title of a block or category; None for one that the classification does not have."""
    icd = classification()
    return str(icd.get_description(group)) if icd.is_valid_item(group) else None
