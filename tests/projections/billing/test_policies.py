"""The demonstration's payers say what they are not sure of, and invent no rate silently."""

from __future__ import annotations

from dataclasses import fields

import pytest

from aggregates.payer_policy.facts import PolicyRevised, PolicyVerified
from aggregates.payer_policy.presets import preset
from aggregates.payer_policy.sense import FIELDS, PARTS
from aggregates.payer_policy.terms import Terms
from iop_es.demo.policies import NAMES, load_policy
from projections.billing import MODEL
from projections.billing.explain import trace_view
from projections.billing.queries import days_from
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.terms import terms
from tests.projections.story import folded

CONFIRMED = {
    "medicare": {
        "condition_codes", "claim_form", "type_of_bill", "billing_period", "interim_claims", "sequential_claims",
    },
    "medicaid_north_carolina": {"per_diems.rate_cents"},
}
"""What an official source confirms: CMS condition code 92 and bill type 013x, the state $170.03 for H0015."""


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_no_official_source_confirms_is_unverified(name: str) -> None:
    """Every field that says something is either confirmed or listed as unverified, and every listed name exists."""
    terms = load_policy(name).terms
    unset = {one.name for one in fields(Terms) if getattr(terms, one.name) in {None, one.default}}
    said = {one.name for one in fields(Terms)} - unset - {"unverified"}
    listed = set(terms.unverified)
    assert listed <= FIELDS | PARTS
    assert said - {one.partition(".")[0] for one in listed} == {
        one for one in CONFIRMED.get(name, set()) if "." not in one
    }
    assert not CONFIRMED.get(name, set()) & listed


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_that_no_payer_published_is_a_demo_rate(name: str) -> None:
    """Only North Carolina's published H0015 rate goes by another word than demo, and every per diem has one."""
    published = {
        (one.procedure_code, one.rate_cents) for one in load_policy(name).terms.per_diems if one.rate_kind != "demo"
    }
    assert published == ({("H0015", 17_003)} if name == "medicaid_north_carolina" else set())


def test_the_demonstrations_medicare_is_billed_service_by_service() -> None:
    """In the preset's shape: two groups and a class are two lines, three services, one of them primary (CMS: each
    covered service with its own HCPCS code)."""
    demo, shape = load_policy("medicare").terms, preset("medicare_hospital").terms
    for name in ("line_basis", "primary_services", "interim_claims", "sequential_claims", "billing_period"):
        assert getattr(demo, name) == getattr(shape, name)
    clinic = Clinic(charges={"G0410": 16_000, "G0177": 8_000})
    clinic.open()
    clinic.license()
    clinic.publish(**{one.name: getattr(demo, one.name) for one in fields(Terms)})
    clinic.patient()
    for span, kind in (("09:00-10:00", "group"), ("10:15-11:15", "group"), ("11:30-12:30", "education")):
        clinic.documented("2026-03-04", span, kind=kind)
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    assert [(one.procedure_code, one.units, one.charge_cents) for one in day.lines] == [
        ("G0410", 2, 32_000), ("G0177", 1, 8_000),
    ]
    assert (day.cents, day.expected_cents) == (40_000, 25_913)


def test_verifying_a_field_verifies_its_parts() -> None:
    """A biller who compared all prices has compared their revenue codes; other fields stay unverified."""
    clinic = a_clinic(unverified=("minimum_minutes", "per_diems.revenue_code"))
    clinic.documented("2026-03-04", "09:00-12:00")
    compared = PolicyVerified(
        verified_by=an_id("person"), verified_on="2026-03-05", source="Contract, exhibit B", fields=("per_diems",)
    )
    clinic.story.tell(an_id("policy"), compared)
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    assert day.unverified == ["minimum_minutes"]


def test_a_published_rate_is_not_doubted() -> None:
    """North Carolina's H0015 is told without a mark, and its unconfirmed minimum of minutes with one."""
    medicaid = load_policy("medicaid_north_carolina").terms
    clinic = a_clinic("substance_use", per_diems=medicaid.per_diems, unverified=medicaid.unverified)
    clinic.documented("2026-03-04", "09:00-12:00")
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    trace = trace_view(day, "2026-03-05T12:00:00.000000Z")
    assert trace.told[0] == "Wednesday 2026-03-04: billable, $170.03."
    assert {"minimum_minutes", "per_diems.revenue_code"} <= set(trace.day.unverified)


def test_a_demo_rate_says_so_wherever_the_day_is_told() -> None:
    """The day is marked, and its first line calls the money a demo rate; unverified values are named."""
    demo = load_policy("commercial_mental_health").terms
    clinic = a_clinic(per_diems=demo.per_diems, unverified=demo.unverified)
    clinic.documented("2026-03-04", "09:00-12:00")
    (day,) = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    trace = trace_view(day, "2026-03-05T12:00:00.000000Z")
    assert trace.day.demo_rate
    assert trace.told[0] == "Wednesday 2026-03-04: billable, $200.00, expected $285.00 (demo rate)."
    (minutes,) = [line for line in trace.told if "minutes counted" in line]
    assert "[unverified: counted_kinds, minimum_minutes]" in minutes
    assert trace.told[-1].startswith("Unverified values of the policy: authorization_required, claim_form, ")


@pytest.mark.parametrize(
    ("first", "marks"),
    [(None, [["minimum_minutes"], []]), ("2026-03-03", [["minimum_minutes"], []]),
     ("2025-01-01", [[], ["minimum_minutes"]]), ("2025-06-01", [["minimum_minutes"], ["minimum_minutes"]])],
)  # fmt: skip
def test_a_verification_is_of_one_version_of_the_terms(first: str | None, marks: list[list[str]]) -> None:
    """Of the latest unless it names another's first day; days under the others stay marked, as the claim's rule has
    it."""
    clinic = a_clinic(unverified=("minimum_minutes",))
    for day in ("2026-03-02", "2026-03-04"):
        clinic.documented(day, "09:00-12:00")
    revised = PolicyRevised(
        effective_from="2026-03-03", terms=terms(unverified=("minimum_minutes",)), cause="contract"
    )
    verified = PolicyVerified(
        verified_by=an_id("person"), verified_on="2026-03-05", source="Contract", fields=("minimum_minutes",),
        effective_from=first,
    )
    for fact in (revised, verified):
        clinic.story.tell(an_id("policy"), fact)
    days = days_from(folded(MODEL, clinic.story.recorded(MODEL)), an_id("patient"))
    assert [day.unverified for day in days] == marks
