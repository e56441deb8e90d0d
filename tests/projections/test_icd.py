"""ICD-10-CM as it is read here says what its package says, which takes seconds to say it."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import pytest

from projections.icd import block, classification, place, title


@pytest.fixture(scope="module")
def package() -> Any:
    """The package itself; its reader uses a deprecated call of the standard library."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return import_module("simple_icd_10_cm")


def test_every_code_is_there_and_no_other(package: Any) -> None:
    """With the dot and without it."""
    assert set(classification()) == set(package.get_all_codes(with_dots=False))
    assert place("F33.1") == place("F331") == ("F30-F39", False)
    assert [place(one) for one in ("F99.9", "F.331", "F33.", "f33.1", "")] == [None] * 5


def test_what_stands_below_and_above_is_as_the_package_says(package: Any) -> None:
    """For one code of ten, and for every category and block: those that are one category, such as F99, among them."""
    codes = package.get_all_codes()
    asked = codes[::10] + [code for code in codes if len(code) == 3]
    assert [place(code).divided for code in asked if "-" not in code] == [
        not package.is_leaf(code) for code in asked if "-" not in code
    ]  # fmt: skip
    above = [next((one for one in package.get_ancestors(code) if "-" in one), code[:3]) for code in asked]
    assert [block(code) for code in asked] == above


@pytest.mark.parametrize(("group", "said"), [
    ("F30-F39", "Mood [affective] disorders (F30-F39)"), ("F33", "Major depressive disorder, recurrent"),
    ("F99", "Mental disorder, not otherwise specified"), ("F34.89", "Other specified persistent mood disorders"),
    ("F98-F99", None),
])  # fmt: skip
def test_a_title_is_the_official_one(group: str, said: str | None) -> None:
    """Of a block, a category and a code; there is none for what is none."""
    assert title(group) == said


def test_titles_are_those_of_the_package(package: Any) -> None:
    """For some blocks and categories, whatever signs stand in them."""
    asked = [one for one in package.get_all_codes() if "-" in one or len(one) == 3][::100]
    assert [title(one) for one in asked] == [package.get_description(one) for one in asked]
