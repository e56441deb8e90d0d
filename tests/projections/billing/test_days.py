"""Days made by hand (days.txt; presets.txt): what each rule makes of them, on both sides of its boundary."""

from __future__ import annotations

import re

import pytest

from projections.billing.reasons import REASONS
from tests.projections.billing.notation import Case, cases
from tests.projections.billing.preset_cases import PresetCase, preset_cases

PRESETS = preset_cases()
CASES: list[Case] = [*cases("days.txt", Case), *PRESETS]
SOURCE = re.compile(r"\((?:(?:1\.[1-6]|2\.[1-6]|3\.[1-4]|5|6) \S|ours[:,]).*\)(?: \[\w+\])?$")
"""What stands behind a case's name: a section of the fact sheet and its row, or that the rule is our own and why; a
preset's case names its preset after it."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_day_is_decided_as_written_down(case: Case) -> None:
    """Each hand-made day has the state, minutes, worth and reasons that stand beside it in the file."""
    decided = case.days()
    assert [case.seen(expected, day) for expected, day in decided] == [expected for expected, _ in decided]


@pytest.mark.parametrize("case", [one for one in CASES if one.says or one.never], ids=lambda one: one.name)
def test_a_day_is_told_as_written_down(case: Case) -> None:
    """The telling of a hand-made day's first expectation holds the words beside it in the file, and never others."""
    _, day = case.days()[0]
    assert day is not None
    told = case.told(day)
    assert [text for text in case.says if text not in told] == [], told
    assert [text for text in case.never if text in told] == [], told


@pytest.mark.parametrize("case", [one for one in CASES if one.bills or one.expects], ids=lambda one: one.name)
def test_a_day_is_billed_and_expected_as_written_down(case: Case) -> None:
    """The lines and the expected money of a hand-made day's first expectation are those beside it in the file."""
    _, day = case.days()[0]
    assert day is not None
    if case.bills:
        assert case.billed_as(day) == case.bills
    if case.expects:
        assert case.money(day) == case.expects


@pytest.mark.parametrize("case", [one for one in PRESETS if one.shows], ids=lambda one: one.name)
def test_a_day_says_as_written_down(case: PresetCase) -> None:
    """What goes on the claim of a hand-made day's first expectation is what stands beside it in the file."""
    _, day = case.days()[0]
    assert case.shown(day) == case.shows


@pytest.mark.parametrize("case", [one for one in PRESETS if one.sends], ids=lambda one: one.name)
def test_days_become_claims_as_written_down(case: PresetCase) -> None:
    """The claims over hand-made days, and the days that are kept for later ones, are those beside them in the file."""
    case.days()
    assert case.sent() == (case.sends, case.keeps)


def test_every_case_says_where_its_expectation_comes_from() -> None:
    """A row of the fact sheet, or what is ours and in no row."""
    assert [case.name for case in CASES if not SOURCE.search(case.name)] == []


def test_every_reason_has_a_day() -> None:
    """No reason exists that no hand-made day shows, but the one that no fact of a day leads to."""
    shown = {reason for case in CASES for expected in case.expected for reason in expected.reasons}
    assert set(REASONS) - {"parked"} == shown


def test_a_denial_that_is_named_has_a_row_in_the_fact_sheet() -> None:
    """Sections 3.1: what no row says a payer would answer is not said."""
    rows = {
        "CO-197", "CO-198", "CO-15", "CO-50", "CO-16", "CO-252", "CO-29", "CO-97", "CO-119", "CO-18", "CO-4", "CO-11",
        "CO-22", "CO-26", "CO-27", "CO-151",
    }  # fmt: skip
    assert {one.denial for one in REASONS.values()} - {None} <= rows
