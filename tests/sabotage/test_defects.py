"""The defects of `make sabotage` still fit the code."""

from pathlib import Path

import pytest

from tests.sabotage.defects import DEFECTS, Defect

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.name)
def test_a_defect_fits_and_its_tests_are_there(defect: Defect) -> None:
    """What it changes stands there once, and it changes something."""
    text = (ROOT / defect.file).read_text(encoding="utf-8")
    assert defect.put_into(text) != text
    assert all((ROOT / one).exists() for one in defect.tests)
