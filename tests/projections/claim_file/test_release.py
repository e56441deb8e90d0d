"""Whether a claim file says that a release of information is signed (CLM09): as of the moment when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.projections.claim_file.office import CLAIM, LATER, an_id, office, paid


def test_the_release_of_information_is_signed_only_where_it_was() -> None:
    """Y under a consent that names the payer, which a substance-use record needs; I where none was collected."""
    clinic = office()
    clinic.prepare()
    assert any(one.endswith("**A*Y*I") for one in clinic.file())
    clinic.consent(an_id("payer", 2))
    assert any(one.endswith("**A*Y*I") for one in clinic.file())
    clinic.consent(an_id("payer", 1))
    assert any(one.endswith("**A*Y*Y") for one in clinic.file())


@pytest.mark.parametrize(("changes", "revoked_at", "code"), [
    ({"expires_on": "2026-03-08"}, None, "I"),
    ({"expires_on": "2026-03-09"}, None, "Y"),
    ({"signed_on": "2026-03-10"}, None, "I"),
    ({}, "2026-03-10T02:30:00.000000Z", "I"),
    ({}, "2026-03-10T02:30:00.000001Z", "Y"),
    ({"purpose": "legal"}, None, "I"),
    ({"kind": "treatment"}, None, "I"),
    ({"programs": (an_id("program", 2),)}, None, "I"),
    ({"programs": (an_id("program"),)}, None, "Y"),
], ids=[
    "ran out the day before", "its last day", "not signed yet", "revoked", "not revoked yet", "of another purpose",
    "of treatment", "of another program", "of this program",
])  # fmt: skip
def test_a_release_of_information_is_signed_where_a_consent_lets_the_claim_leave(
    changes: dict[str, Any], revoked_at: str | None, code: str
) -> None:
    """CLM09 as of the moment of the file, 22:30 on 9 March where the program is: 42 CFR 2.31 by the rule for all."""
    clinic = office()
    clinic.prepare()
    clinic.consent(an_id("payer", 1), **changes)
    if revoked_at is not None:
        clinic.revoke(revoked_at)
    assert any(one.endswith(f"**A*Y*{code}") for one in clinic.file())


def test_a_replacement_rests_on_the_consent_under_which_its_payer_was_told() -> None:
    """Revoked between the two files, it lets what was told be put right, and the file says so."""
    clinic = office("substance_use")
    clinic.consent(an_id("payer", 1))
    clinic.prepare()
    clinic.answer(CLAIM, paid(1, 32_550), paid(2, 32_550))
    clinic.prepare(LATER, frequency="7", replaces=CLAIM)
    clinic.revoke("2026-03-10T02:30:00.000001Z")
    assert any(one.endswith("**A*Y*Y") for one in clinic.file(LATER, "2026-04-01T12:00:00.000000Z"))
