"""A secondary claim whose payer does not come second any more, or must not be told, stands no longer."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.patient.facts import ConsentRevoked, DisclosureRestricted
from projections.billing import MODEL
from projections.billing.queries import claims_from_rows
from projections.billing.stale import NOT_SECOND, Stale, correction, decode
from projections.billing.views import CorrectionView
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.test_secondary import NOW, PATIENT, PROGRAM, SECOND, answer, answered, bill, send
from tests.projections.story import folded

CONSENT = an_id("consent", 2)


def billed(sent: bool, focus: str = "mental_health") -> Clinic:
    """The second payer is to be told what the first one left of two days, or was."""
    clinic = answered(focus)
    if focus == "substance_use":
        clinic.consent(payer=2, consent_id=CONSENT)
    bill(clinic)
    if sent:
        send(clinic, SECOND)
        answer(clinic, SECOND, (3_000, (("OA", "23", 17_000),)), (0, (("PR", "1", 20_000),)))
    return clinic


def found(clinic: Clinic) -> list[CorrectionView]:
    """The secondary claims on the list of corrections."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    stale: list[Stale] = [decode(row[-1]) for rows in delta.rows["stale_secondary"].values() for row in rows]
    claims = {one.claim_id: one for one in claims_from_rows(delta, patient_id=PATIENT, programs=[PROGRAM])}
    return [correction(claims[one.claim_id], one, NOW) for one in stale]


def forbid(clinic: Clinic) -> None:
    """The patient paid in full what was left for the second payer."""
    clinic.story.tell(PATIENT, DisclosureRestricted(
        restriction_id=an_id("restriction"), payer_id=an_id("payer", 2), effective_from="2026-03-01",
        effective_through=None, paid_in_full=True,
    ))  # fmt: skip


def end(clinic: Clinic) -> None:
    """The second coverage turns out to have ended before the days."""
    clinic.end_coverage("2026-02-01", payer=2)


@pytest.mark.parametrize(("change", "reason"), [(forbid, "disclosure_restricted"), (end, "no_second_coverage")])
@pytest.mark.parametrize("sent", [False, True])
def test_one_whose_payer_is_forbidden_or_gone_is_voided(change: Any, reason: str, sent: bool) -> None:
    """At the payer with frequency 8, and here where it was never sent; nothing of it is right."""
    clinic = billed(sent)
    assert found(clinic) == []
    change(clinic)
    (one,) = found(clinic)
    assert (one.claim_id, one.frequency, one.waits) == (SECOND, "8" if sent else None, None)
    assert (one.claimed_cents, one.right_cents) == (40_000, 0)
    assert [(day.reason, bool(day.sentence), day.right) for day in one.days] == [(reason, True, [])] * 2


def test_of_days_that_it_does_not_cover_any_more_only_the_others_stand() -> None:
    """The coverage ended after the first of the two days: the claim is replaced by one of that day."""
    clinic = billed(sent=True)
    clinic.end_coverage("2026-03-03", payer=2)
    (one,) = found(clinic)
    assert (one.frequency, one.right_cents) == ("7", 20_000)
    assert [(day.service_date, day.sentence == NOT_SECOND, len(day.right)) for day in one.days] == [
        ("2026-03-02", False, 1), ("2026-03-04", True, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(("revoked_at", "sent", "wrong"), [
    ("2026-03-25T12:00:00Z", True, False), ("2026-03-01T12:00:00Z", True, True), ("2026-03-25T12:00:00Z", False, True),
])  # fmt: skip
def test_what_was_sent_under_a_consent_stands_when_it_is_revoked_after(
    revoked_at: str, sent: bool, wrong: bool
) -> None:  # fmt: skip
    """42 CFR 2.31: revoked before it was sent, or before it could be, it is voided."""
    clinic = billed(sent, "substance_use")
    assert found(clinic) == []
    clinic.story.tell(PATIENT, ConsentRevoked(consent_id=CONSENT, revoked_at=revoked_at))
    assert [(one.claim_id, one.frequency) for one in found(clinic)] == (
        [(SECOND, "8" if sent else None)] if wrong else []
    )


def test_whatever_keeps_an_unsent_one_from_being_prepared_is_a_void_here() -> None:
    """The member number is gone: not sent it is voided here; sent it stands as it is."""
    for sent in (False, True):
        clinic = billed(sent)
        clinic.cover(payer=2, rank=2, has_member_number=False)
        assert [(one.frequency, one.waits, one.right_cents) for one in found(clinic) if one.days] == (
            [] if sent else [(None, None, 0)]
        )
