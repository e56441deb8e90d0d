"""Every rule of every preset is shown at work by hand-made days, on both sides where it decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import pytest

from aggregates.payer_policy.presets import PRESETS, preset
from aggregates.payer_policy.sense import FIELDS, PARTS
from aggregates.payer_policy.terms import Terms
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
    "signature_hours": {"note_missing", "note_unsigned", "signature_late"},
    "late_signature": {"signature_late", "attestation_missing"},
    "cosignature_required": {"cosignature_missing"},
    "credential_required": {"credential_not_active_on_service_date"},
    "authorization_required": {"authorization_missing"},
    "certification_days": {"certification_expired"},
    "plan_review_days": {"plan_review_overdue"},
    "duration_cap_weeks": {"duration_rationale_missing"},
    "primary_services": {"primary_service_missing"},
    "partial_hospitalization_look_back_days": {"partial_hospitalization_before"},
    "telehealth": {"telehealth_not_allowed"},
    "sequential_claims": {"earlier_claim_unanswered"},
}
"""Rules that decide, with the reasons that they give; the other rules say what a line or claim looks like."""


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


def test_every_case_says_where_its_expectation_comes_from() -> None:
    """A row of the fact sheet with its confidence, or the bare confidence of what nobody read."""
    assert [case.name for case in CASES if "(" not in case.name] == []
