"""What is recorded after a claim was decided and changes it puts the claim on the list of corrections."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from aggregates.claim import facts as claim
from aggregates.claim.commands import PrepareClaim
from aggregates.program.facts import Charge, FeeScheduleAdopted
from projections.billing import MODEL
from projections.billing.claims import correcting
from projections.billing.corrections import correction
from projections.billing.queries import claims_from_rows, days_from
from projections.billing.views import CorrectionView
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import folded

NOW = "2026-04-10T12:00:00.000000Z"
WEEK = ("2026-03-02", "2026-03-03", "2026-03-04")


def a_sent_week() -> Clinic:
    """Three days of three hours on a claim that left for the payer and was acknowledged."""
    clinic = a_clinic()
    for day in WEEK:
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, [(day, number) for number, day in enumerate(WEEK, 1)])
    clinic.story.tell(
        an_id("claim"), claim.ClaimSubmitted(submitted_at="2026-03-09T12:00:00Z", batch="b1", control_number="c1")
    )
    return clinic


def due(clinic: Clinic, now: str = NOW) -> CorrectionView | None:
    """The claim's correction."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    (known,) = claims_from_rows(delta, patient_id=an_id("patient"), programs=[an_id("program")])
    return correction(known, days_from(delta, an_id("patient")), now)


def told(found: CorrectionView | None) -> tuple[Any, ...]:
    """Frequency, money, and the days with what stands of them."""
    assert found is not None
    days = [(day.service_date, day.state, day.reason, len(day.right)) for day in found.days]
    return found.frequency, found.claimed_cents, found.right_cents, days


def test_a_claim_that_says_what_is_known_needs_no_correction() -> None:
    """The lines of the claim are those that its days are decided to have."""
    assert due(a_sent_week()) is None


def test_attendance_corrected_below_the_minimum_takes_the_day_off_by_a_replacement() -> None:
    """Two of three days stand: the claim is sent again with frequency 7, and the fact that changed it is named."""
    clinic = a_sent_week()
    position = clinic.correct(WEEK[1], 2, "09:00-11:59")
    found = due(clinic)
    assert told(found) == (
        "7", 60_000, 40_000, [(WEEK[1], "not_billable", "below_minimum_minutes", 0)]
    )
    assert found is not None
    assert (found.difference_cents, position in found.days[0].positions) == (-20_000, True)


def test_a_claim_of_which_nothing_stands_is_voided() -> None:
    """Every day of it went: frequency 8."""
    clinic = a_sent_week()
    for number, day in enumerate(WEEK, 1):
        clinic.correct(day, number, "")
    assert told(due(clinic))[:3] == ("8", 60_000, 0)


def test_other_charges_for_the_day_are_other_lines() -> None:
    """A fee schedule adopted later with effect from the second day changes the lines of two days, and their money."""
    clinic = a_sent_week()
    dearer = FeeScheduleAdopted(
        effective_from=WEEK[1], charges=(Charge(procedure_code="S9480", charge_cents=21_000),)
    )
    clinic.story.tell(an_id("program"), dearer)
    found = due(clinic)
    assert told(found) == ("7", 60_000, 62_000, [(WEEK[1], "billable", None, 1), (WEEK[2], "billable", None, 1)])
    assert found is not None
    assert [(day.claimed[0].charge_cents, day.right[0].charge_cents) for day in found.days] == [(20_000, 21_000)] * 2


def test_a_claim_that_never_left_is_voided_here() -> None:
    """No frequency code goes to the payer for a claim that it never got."""
    clinic = a_clinic()
    clinic.documented(WEEK[0], "09:00-12:00")
    clinic.claim(1, [(WEEK[0], 1)])
    clinic.correct(WEEK[0], 1, "")
    assert told(due(clinic))[0] is None


def test_a_day_that_is_held_by_now_does_not_stand_until_somebody_acts() -> None:
    """A license that lapsed before the day, recorded after billing: the day is held, and its money is not claimed."""
    clinic = a_sent_week()
    clinic.lapse("2026-03-04")
    assert told(due(clinic)) == (
        "7", 60_000, 40_000, [(WEEK[2], "held", "credential_not_active_on_service_date", 0)]
    )


def command(clinic: Clinic) -> PrepareClaim | None:
    """The claim that puts it right, as the command that orders it."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    (known,) = claims_from_rows(delta, patient_id=an_id("patient"), programs=[an_id("program")])
    days = days_from(delta, an_id("patient"))
    wrong = correction(known, days, NOW)
    assert wrong is not None
    data = correcting(known, days, wrong, decided_at=99, now=NOW, claim_id=an_id("claim", 2))
    return None if data is None else TypeAdapter(PrepareClaim).validate_python(data)


def test_a_replacement_sends_every_line_that_stands_with_the_units_that_they_drew() -> None:
    """Two lines of three, renumbered, each with its own unit; the claim that it replaces and why."""
    clinic = a_sent_week()
    clinic.correct(WEEK[1], 2, "")
    made = command(clinic)
    assert made is not None
    assert (made.frequency, made.replaces, made.replacement_cause) == ("7", an_id("claim"), "no_attendance")
    lines = [(line.line, line.service_date, line.authorization_units, line.charge_cents) for line in made.lines]
    assert lines == [(1, WEEK[0], (1,), 20_000), (2, WEEK[2], (3,), 20_000)]
    assert made.total_cents == 40_000


def test_a_void_says_again_what_was_sent() -> None:
    """All three lines as they were, although none of them stands."""
    clinic = a_sent_week()
    for number, day in enumerate(WEEK, 1):
        clinic.correct(day, number, "")
    made = command(clinic)
    assert made is not None
    assert (made.frequency, [line.service_date for line in made.lines], made.total_cents) == ("8", [*WEEK], 60_000)


def test_a_day_that_another_payer_turns_out_to_cover_leaves_nothing_on_the_claim() -> None:
    """The same codes and charges under the second payer: the first one's claim is voided, and says for what."""
    clinic = a_sent_week()
    clinic.publish(2)
    clinic.cover(payer=2, rank=2)
    clinic.end_coverage("2026-03-01")
    clinic.request(payer=2, number=2)
    clinic.approve(2)
    found = due(clinic)
    assert told(found) == ("8", 60_000, 0, [(day, "billable", None, 0) for day in WEEK])
    assert found is not None
    assert found.days[0].sentence is not None and "void this claim first" in found.days[0].sentence


def test_a_claim_after_another_payers_answer_counts_no_charge_again() -> None:
    """What the second payer is asked for is of the same charge, and neither claim is wrong by the other."""
    clinic = a_sent_week()
    clinic.story.tell(
        an_id("claim"), claim.ClaimAdjudicated(
            adjudicated_on="2026-03-20", payer_control_number="p1", paid_cents=30_000, lines=tuple(
                claim.AdjudicatedLine(line=number, paid_cents=10_000, adjustments=(
                    claim.Adjustment(group="PR", carc="2", amount_cents=10_000),
                )) for number in (1, 2, 3)
            ),
        ),
    )  # fmt: skip
    second = an_id("payer", 2)
    clinic.claim(2, [(day, number) for number, day in enumerate(WEEK, 1)], payer_id=second, after_claim=an_id("claim"))
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    days = days_from(delta, an_id("patient"))
    claims = claims_from_rows(delta, patient_id=an_id("patient"), programs=[an_id("program")])
    assert [(day.charge_cents, day.paid_cents, day.claim_id) for day in days] == [(20_000, 10_000, an_id("claim"))] * 3
    assert [correction(one, days, NOW) for one in claims] == [None, None]
