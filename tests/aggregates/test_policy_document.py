"""A payer's policy as a document: what it says is taken, and what is wrong in it is named."""

from __future__ import annotations

import pytest

from aggregates.payer_policy.document import PolicyUnreadable, read_document

DOCUMENT = """
code = "harbor-2026"
payer_kind = "commercial"
payer_name = "Harbor Mutual"
effective_from = 2026-07-01

[terms]
minimum_minutes = 180
minimum_sessions = 0
counted_kinds = ["group"]
cosignature_required = true
credential_required = true
authorization_required = true
claim_form = "837I"
type_of_bill = "0131"
unverified = ["minimum_minutes"]

[terms.weekly]
measure = "none"
minutes = 0
days = 0
consequence = "none"

[[terms.per_diems]]
level_of_care = "intensive_outpatient"
focus = "mental_health"
revenue_code = "0905"
unit_basis = "day"
rate_cents = 28500
rate_kind = "contract"
"""


def test_a_document_says_what_a_policy_says() -> None:
    """Dates may be written as TOML's own, and what is left out has the defaults of the terms."""
    document = read_document(DOCUMENT)
    assert (document.code, document.effective_from) == ("harbor-2026", "2026-07-01")
    assert (document.terms.minimum_minutes, document.terms.group_maximum) == (180, None)
    assert document.terms.per_diems[0].rate_cents == 28_500


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("minimum_minutes = 180", "minimum_minutes = -1", "terms.minimum_minutes is wrong: input should be greater"),
        ("minimum_minutes = 180", "", "terms.minimum_minutes is missing"),
        ("minimum_minutes = 180", "minimum_minutes = 180\nmax_minutes = 1", "terms.max_minutes is no field"),
        ('payer_kind = "commercial"', 'payer_kind = "club"', "payer_kind is wrong: input should be 'commercial'"),
        ("28500", '"much"', "terms.per_diems #1.rate_cents is wrong"),
        ("2026-07-01", '"2026-02-31"', "effective_from is wrong: day is out of range"),
        ('rate_kind = "contract"', "", "terms: A rate says whether it is contract, published or demo"),
        ('["minimum_minutes"]', '["minimum_minute"]', "terms: Terms have no field minimum_minute"),
        ("[terms]", "[terms", "It is not TOML"),
    ],
)
def test_what_is_wrong_in_a_document_is_named(right: str, wrong: str, told: str) -> None:
    """A field that is missing, unknown or impossible, terms that contradict themselves, and what is not TOML."""
    with pytest.raises(PolicyUnreadable) as refused:
        read_document(DOCUMENT.replace(right, wrong, 1))
    assert told in str(refused.value)


def test_every_wrong_field_is_named_at_once() -> None:
    """One reading tells all that has to be mended."""
    with pytest.raises(PolicyUnreadable, match=r"code .*; terms\.minimum_sessions "):
        read_document(DOCUMENT.replace("harbor-2026", "!").replace("minimum_sessions = 0", "minimum_sessions = -1"))


def test_a_document_may_name_its_last_day() -> None:
    """Left out, the end is open; before the first day it cannot be."""
    assert read_document(DOCUMENT).effective_through is None
    ended = DOCUMENT.replace("2026-07-01\n", "2026-07-01\neffective_through = 2026-12-31\n", 1)
    assert read_document(ended).effective_through == "2026-12-31"
    with pytest.raises(PolicyUnreadable, match="effective_through lies before effective_from"):
        read_document(ended.replace("2026-12-31", "2026-06-30"))
