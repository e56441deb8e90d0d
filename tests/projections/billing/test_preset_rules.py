"""Every rule of every preset is shown at work by hand-made days: on both sides where it decides, and where it has a
number right on it and right beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from aggregates.payer_policy.presets import PRESETS, preset
from aggregates.payer_policy.sense import FIELDS, PARTS
from aggregates.payer_policy.terms import PerDiem, TelehealthAllowance, Terms
from tests.projections.billing.preset_cases import PresetCase, preset_cases

CASES = preset_cases()
NEUTRAL: dict[str, Any] = {"minimum_minutes": 0, "minimum_sessions": 0}
"""What a field without a default says when it asks for nothing; of what is required or not, both are shown."""
SAME = {"medicare_hospital_2024": "medicare_hospital"}
"""A preset that is shown where it differs from another one."""
DECIDES: dict[str, set[str]] = {
    "minimum_minutes": {"below_minimum_minutes"},
    "minimum_sessions": {"below_minimum_sessions"},
    "counted_kinds": {"below_minimum_minutes", "below_minimum_sessions"},
    "weekly.measure": {"weekly_minimum"},
    "weekly.minutes": {"weekly_minimum"},
    "weekly.days": {"weekly_minimum"},
    "schedule.days": {"schedule_shape"},
    "schedule.longest_gap_days": {"schedule_shape"},
    "schedule.group_each_day": {"schedule_shape"},
    "group_maximum": {"group_over_maximum"},
    "group_consequence": {"group_over_maximum"},
    "signature_hours": {"note_missing", "note_unsigned", "signature_late", "attestation_missing"},
    "late_signature": {"signature_late", "attestation_missing"},
    "cosignature_required": {"cosignature_missing"},
    "credential_required": {"credential_not_active_on_service_date"},
    "authorization_required": {"authorization_missing"},
    "certification_days": {"certification_expired"},
    "plan_review_days": {"plan_review_overdue"},
    "late_recording": {"certification_recorded_late", "plan_review_recorded_late"},
    "duration_cap_weeks": {"duration_rationale_missing"},
    "primary_services": {"primary_service_missing"},
    "partial_hospitalization_look_back_days": {"partial_hospitalization_before"},
    "telehealth": {"telehealth_not_allowed"},
    "timely_filing_days": {"filing_window_over"},
    "timely_filing_months": {"filing_window_over"},
    "sequential_claims": {"earlier_claim_unanswered"},
}
"""Rules that decide, with the reasons that they give; the other rules say what a line or claim looks like."""
EXHAUSTED = {"authorization_exhausted"}
WITHOUT_NUMBER = {
    "counted_kinds": "a list: a kind of service is on it or not",
    "primary_services": "a list: a procedure code is on it or not",
    "weekly.measure": "scheduled or attended",
    "schedule.group_each_day": "yes or no",
    "group_consequence": "a word: what becomes of a group that is too large",
    "late_signature": "a word: what becomes of a signature that is late",
    "late_recording": "a word: what becomes of a day that rests on what was recorded after it",
    "cosignature_required": "yes or no",
    "credential_required": "yes or no; the last day of a license is the license's, and shown among its cases",
    "sequential_claims": "yes or no",
    "line_basis": "a word", "claim_form": "a code", "type_of_bill": "a code", "condition_codes": "codes",
    "billing_period": "a word", "interim_claims": "yes or no", "modifiers": "codes; their last day is telehealth's",
}  # fmt: skip
"""Rules that have no number to stand right on, and why."""


def stated(name: str) -> Iterator[str]:
    """The fields of a preset's terms that are not neutral; a single table by its parts, but for the consequence."""
    terms = preset(name).terms
    other = preset(SAME[name]).terms if name in SAME else None
    for one in fields(Terms):
        held = getattr(terms, one.name)
        neutral = NEUTRAL.get(one.name) if one.default is MISSING else one.default
        if one.name == "unverified" or held == neutral or (other is not None and getattr(other, one.name) == held):
            continue
        if not is_dataclass(held):
            yield one.name
        elif getattr(held, "measure", None) != "none":
            yield from (
                f"{one.name}.{part.name}" for part in fields(held)
                if part.name != "consequence" and getattr(held, part.name) not in {part.default, 0}
            )


def showing(name: str, field: str) -> list[PresetCase]:
    """The cases of a preset that say that they show a field at work."""
    return [case for case in CASES if case.under == name and field in case.rules]


RULES = [(name, field) for name in PRESETS for field in stated(name)]


@pytest.mark.parametrize(("name", "field"), RULES, ids=[f"{name}-{field}" for name, field in RULES])
def test_every_rule_of_a_preset_is_shown(name: str, field: str) -> None:
    """A case shows it; where it decides and is asked for, one day has its reason and another has not."""
    found = showing(name, field)
    assert found
    if field in DECIDES and getattr(preset(name).terms, field, True) is not False:
        reasons = [expected.reasons & DECIDES[field] for case in found for expected in case.expected]
        assert any(reasons), f"no case of {name} fails {field}"
        assert not all(reasons), f"no case of {name} passes {field}"


def numbers(name: str, field: str) -> list[tuple[str, str]]:
    """What a case that stands right on a rule's number holds of it, and what one that stands right beyond; for each of
    its numbers. Empty where the preset has none: nothing is asked for, or its tiers are worth the same."""
    part, _, own = field.partition(".")
    held: Any = getattr(preset(name).terms, part)
    return NUMBERS[field](getattr(held, own) if own else held)


def least(held: int) -> list[tuple[str, str]]:
    """A number that is enough."""
    return [(str(held), str(held - 1))]


def most(held: int) -> list[tuple[str, str]]:
    """A number that is not too many."""
    return [(str(held), str(held + 1))]


def tiers(held: tuple[PerDiem, ...]) -> list[tuple[str, str]]:
    """How many services a day has to have for a payment of its own."""
    counts = {one.services_at_least for one in held if one.services_at_least > 1}
    told_apart = len({one.rate_cents for one in held}) > 1
    return [one for count in sorted(counts) for one in least(count)] if told_apart else []


def last_days(held: tuple[TelehealthAllowance, ...]) -> list[tuple[str, str]]:
    """The last day of each allowance that ends, and the day after."""
    lasts = [one.effective_through for one in held if one.effective_through]
    return [(last, (date.fromisoformat(last) + timedelta(days=1)).isoformat()) for last in lasts]


NUMBERS: dict[str, Callable[[Any], list[tuple[str, str]]]] = {
    **dict.fromkeys(("minimum_minutes", "minimum_sessions", "weekly.minutes", "weekly.days", "schedule.days"), least),
    **dict.fromkeys(("schedule.longest_gap_days", "group_maximum", "certification_days", "plan_review_days"), most),
    **dict.fromkeys(("duration_cap_weeks", "timely_filing_days"), most),
    "timely_filing_months": lambda held: [(f"{held}", f"{held}+1")],
    "signature_hours": lambda held: [(f"{held}:00", f"{held}:01")],
    "partial_hospitalization_look_back_days": lambda held: least(held + 1),  # on the number itself it still fails
    "authorization_required": lambda held: most(2) if held else [],  # the cases' authorizations are of two units
    "telehealth": last_days,
    "per_diems": tiers,
    "services": lambda held: [
        (f"{one.procedure_code}:{one.minimum_minutes}", f"{one.procedure_code}:{one.minimum_minutes - 1}")
        for one in held if one.minimum_minutes
    ],
}  # fmt: skip
"""Rules with a number, by what stands right on it and right beyond it."""


def standing(name: str, field: str, number: str) -> list[PresetCase]:
    """The cases of a preset that stand on this number of a rule."""
    return [case for case in showing(name, field) if f"{field}={number}" in case.edges]


@pytest.mark.parametrize(
    ("name", "field"), [one for one in RULES if one[1] not in WITHOUT_NUMBER],
    ids=[f"{name}-{field}" for name, field in RULES if field not in WITHOUT_NUMBER],
)  # fmt: skip
def test_every_number_of_a_preset_is_shown_right_on_and_right_beyond_it(name: str, field: str) -> None:
    """A case holds just what the rule asks for, another the least that it does not take (180 and 179 minutes, day 60
    and 61, unit 2 and 3 of 2), and they differ by the rule's reason, or else by what is billed and expected."""
    reasons = EXHAUSTED if field == "authorization_required" else DECIDES.get(field, set())
    for within, beyond in numbers(name, field):
        right, wrong = standing(name, field, within), standing(name, field, beyond)
        assert right, f"no case of {name} stands on {field}={within}"
        assert wrong, f"no case of {name} stands on {field}={beyond}"
        if reasons:
            assert not any(one.reasons & reasons for case in right for one in case.expected)
            assert all(any(one.reasons & reasons for one in case.expected) for case in wrong)
        else:
            code = within.partition(":")[0]
            told = [[case.expects if field == "per_diems" else bills(case, code) for case in one]
                    for one in (right, wrong)]
            assert all(one not in told[1] for one in told[0])


def bills(case: PresetCase, code: str) -> bool:
    """Whether a procedure code stands on one of the day's lines."""
    return any(word.startswith(code) for word in case.bills)


def test_every_case_that_stands_on_a_number_says_so_of_a_rule_that_has_it() -> None:
    """A number that is none of its preset's would show nothing."""
    for case in CASES:
        for field, _, number in (edge.partition("=") for edge in case.edges):
            assert field in case.rules
            known = {one for pair in numbers(case.under, field) for one in pair}
            assert number in known, (case.name, field, number)
            assert field != "minimum_minutes" or {str(one.minutes) for one in case.expected} == {number}


@pytest.mark.parametrize("name", PRESETS)
def test_every_price_of_a_preset_is_billed(name: str) -> None:
    """Each service's code and each per diem's code stands on a line, and each revenue code is shown."""
    mine, terms = [case for case in CASES if case.under == name], preset(name).terms
    billed = {word.partition("=")[0].partition("x")[0].partition("-")[0] for case in mine for word in case.bills}
    shown = {word.partition("=")[2] for case in mine for word in case.shows if word.startswith("revenue_code=")}
    codes = {one.procedure_code for one in terms.per_diems} | (
        {one.procedure_code for one in terms.services} if name not in SAME else set()
    )
    assert codes - {None} <= billed
    assert {one.revenue_code for one in terms.per_diems} == shown
    assert {rule.modifier for rule in terms.modifiers} <= {
        part for case in mine for word in case.bills for part in word.partition("=")[0].split("-")[1:]
    } or name in SAME


def test_cases_name_rules_that_exist() -> None:
    """A rule named wrongly would show nothing."""
    assert {field for case in CASES for field in case.rules} <= FIELDS | PARTS
