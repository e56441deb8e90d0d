"""Presets say what they are not sure of, and hold no rate that nobody published."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, replace

import pytest

from aggregates.payer_policy import presets
from aggregates.payer_policy.presets import PRESETS, UnknownPreset, preset, preset_text
from aggregates.payer_policy.sense import FIELDS, PARTS
from aggregates.payer_policy.terms import Terms

BENEFIT = {
    "condition_codes", "claim_form", "type_of_bill", "billing_period", "interim_claims", "sequential_claims",
}  # fmt: skip
CONFIRMED: dict[str, set[str]] = {
    "medicare_hospital": BENEFIT,
    "medicare_hospital_2024": BENEFIT,
    "medicare_community_mental_health_center": BENEFIT,
    "medicaid_north_carolina": {"per_diems.rate_cents"},
    "tricare": {"minimum_minutes"},
}
"""What an official source confirms; everything else that a preset says is unverified."""
RATES = {
    "medicare_hospital_2024": {(None, 25_913, "published")},
    "medicaid_north_carolina": {("H0015", 17_003, "published")},
}


def test_every_document_beside_the_module_is_a_preset() -> None:
    """None is forgotten, and each reads; the name tells the document."""
    beside = presets.files("aggregates.payer_policy") / "presets"
    assert sorted(one.name for one in beside.iterdir()) == sorted(f"{name}.toml" for name in PRESETS)
    assert all(preset(name).terms for name in PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_everything_that_no_official_source_confirms_is_unverified(name: str) -> None:
    """Every field that says something is either confirmed or listed as unverified, and every listed name exists."""
    terms, confirmed = preset(name).terms, CONFIRMED.get(name, set())
    said = {
        one.name for one in fields(Terms)
        if one.name != "unverified" and (one.default is MISSING or getattr(terms, one.name) != one.default)
    }
    listed = set(terms.unverified)
    assert len(listed) == len(terms.unverified)
    assert listed <= FIELDS | PARTS
    assert said - {one.partition(".")[0] for one in listed} == {one for one in confirmed if "." not in one}
    assert not confirmed & listed


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_holds_no_rate_but_published_ones(name: str) -> None:
    """Two published rates are known; every other price is unknown, and none is a demonstration's."""
    terms = preset(name).terms
    priced = {(one.procedure_code, one.rate_cents, one.rate_kind) for one in terms.per_diems}
    assert {one for one in priced if one[1] is not None} == RATES.get(name, set())
    assert [one for one in terms.services if one.rate_cents is not None] == []


def test_a_hospital_s_first_year_differs_from_the_later_ones_by_its_rate() -> None:
    """2024 ends the day before the next document begins; without its rate it says the same."""
    first, later = preset("medicare_hospital_2024"), preset("medicare_hospital")
    assert (first.effective_from, first.effective_through) == ("2024-01-01", "2024-12-31")
    assert (later.effective_from, later.effective_through) == ("2025-01-01", None)
    unpriced = tuple(replace(one, rate_cents=None, rate_kind=None) for one in first.terms.per_diems)
    assert replace(first.terms, per_diems=unpriced) == later.terms


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_names_its_sources(name: str) -> None:
    """Each document lists the sources that it cites, and no others, and says what a C2 and a G are."""
    text = preset_text(name)
    body, _, sources = text.partition("\n# Sources, ")
    cited, listed = (set(re.findall(r"\[(\d+b?)\]", part)) for part in (body, sources))
    assert cited == listed != set()
    assert "G: general knowledge" in " ".join(body.replace("\n# ", " ").split())


def test_a_preset_that_is_not_there_is_told_with_those_that_are() -> None:
    """The text names them all."""
    with pytest.raises(UnknownPreset, match=r"no preset 'medicare'; there are .*medicare_hospital, .*tricare"):
        preset("medicare")
