"""A payer takes corrections of what it answered for so long; after that they are left out, unless somebody releases it.

Medi-Cal takes a replacement or a void within six months of payment or denial (domain.md 1.5, correction window, C).
"""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim import facts as claim
from aggregates.enrollment.facts import HoldReleased, HoldReleaseWithdrawn
from aggregates.payer_policy.facts import PolicyRevised
from projections.billing import MODEL
from projections.billing.views import CorrectionView
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.terms import terms
from tests.projections.billing.test_corrections import NOW, WEEK, due
from tests.projections.billing.test_stale_payer import billed as billed_twice
from tests.projections.billing.test_stale_payer import end, found
from tests.projections.story import folded

ANSWERED = "2026-03-20"
MONTHS = {"correction_window_months": 6}
LAST_MOMENT, OVER = "2026-09-21T03:59:59.999999Z", "2026-09-21T04:00:00.000000Z"
"""Of 20 September in New York, six months after the answer."""


def answered(**terms: Any) -> Clinic:
    """Three days on a claim that its payer paid in full, of which one turns out to be too short."""
    clinic = a_clinic(**terms)
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [(day, number) for number, day in enumerate(WEEK, 1)])
    lines = tuple(claim.AdjudicatedLine(line=one, paid_cents=20_000, adjustments=()) for one in (1, 2, 3))
    for fact in (
        claim.ClaimSubmitted(submitted_at="2026-03-09T12:00:00Z", batch="b1", control_number="c1"),
        claim.ClaimAdjudicated(
            adjudicated_on=ANSWERED, payer_control_number="p1", lines=lines, paid_cents=60_000,
        ),
    ):
        clinic.story.tell(an_id("claim"), fact)
    clinic.correct(WEEK[1], 2, "09:00-11:00")
    return clinic


def wrong(clinic: Clinic, now: str) -> CorrectionView:
    """The claim on the list of corrections."""
    one = due(clinic, now)
    assert one is not None
    return one


def release(clinic: Clinic, day: str) -> None:
    """A director answers for a late correction of the claim that bills the day."""
    clinic.in_care(HoldReleased(
        service_date=day, hold="correction_window_over", cause="payer-agreed", released_by=an_id("person", 2)
    ))  # fmt: skip


def revise(clinic: Clinic, since: str, payer: int) -> None:
    """A payer takes corrections for 30 days only."""
    clinic.story.tell(an_id("policy", payer), PolicyRevised(
        effective_from=since, terms=terms(correction_window_days=30), cause="contract"
    ))  # fmt: skip


def test_a_payer_without_a_window_takes_corrections_whenever() -> None:
    """Nothing is told of a last day."""
    one = wrong(answered(), "2031-01-01T12:00:00.000000Z")
    assert (one.correct_by, one.late, one.unverified) == (None, None, [])


def test_the_last_moment_of_the_window_is_in_time_and_the_next_is_late() -> None:
    """Six calendar months from the answer, in the program's own zone; what follows is said with the money."""
    clinic = answered(**MONTHS)
    assert [(one.correct_by, one.late) for one in (wrong(clinic, NOW), wrong(clinic, LAST_MOMENT))] == [
        ("2026-09-20", None), ("2026-09-20", None),
    ]
    late = wrong(clinic, OVER).late
    assert late is not None
    for words in ("was 2026-09-20", "CO-29", "$200.00 too much", f"correction_window_over of {WEEK[0]}"):
        assert words in late


def test_a_window_in_days_counts_from_the_answer_and_is_told_as_unverified() -> None:
    """90 days after 20 March is 18 June."""
    one = wrong(answered(correction_window_days=90, unverified=("correction_window_days",)), LAST_MOMENT)
    assert (one.correct_by, one.unverified) == ("2026-06-18", ["correction_window_days"])


def test_an_answer_that_was_taken_back_begins_no_window() -> None:
    """Until the payer answers anew."""
    clinic = answered(**MONTHS)
    clinic.story.tell(an_id("claim"), claim.AdjudicationReversed(
        reversed_on="2026-04-01", cause="payer-reversal", answered_on=ANSWERED
    ))  # fmt: skip
    assert wrong(clinic, OVER).correct_by is None


@pytest.mark.parametrize("day", WEEK)
def test_a_released_day_lets_its_claim_be_corrected_late_and_says_who_answers(day: str) -> None:
    """Any day of the claim, until that is withdrawn; in whatever batches the facts come."""
    clinic = answered(**MONTHS)
    release(clinic, day)
    one = wrong(clinic, OVER)
    assert one.late is None and one.late_released is not None
    assert f"released by {an_id('person', 2)} (payer-agreed)" in one.late_released
    facts = clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, 1).rows["patient_day"] == folded(MODEL, facts).rows["patient_day"]
    clinic.in_care(HoldReleaseWithdrawn(
        service_date=day, hold="correction_window_over", cause="payer-refused", withdrawn_by=an_id("person", 2)
    ))  # fmt: skip
    assert wrong(clinic, OVER).late is not None


def test_the_window_is_that_of_the_terms_of_the_day_of_service() -> None:
    """A revision from the claim's last day on shortens it for the claim: what ends first decides."""
    clinic = answered(**MONTHS)
    revise(clinic, WEEK[2], 1)
    assert wrong(clinic, LAST_MOMENT).correct_by == "2026-04-19"


def test_a_claim_to_the_second_payer_has_that_payers_window() -> None:
    """Answered on 20 March too, within 30 days: 19 April."""
    clinic = billed_twice(sent=True)
    revise(clinic, "2026-01-01", 2)
    end(clinic)
    [one] = found(clinic)
    assert (one.frequency, one.correct_by) == ("8", "2026-04-19")
