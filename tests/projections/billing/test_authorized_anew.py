"""A claim that names an authorization that covers its day no more: put right with the number of one that does, and the
day billed once."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.authorization.facts import AuthorizationVoided
from aggregates.claim import commands as ask
from aggregates.claim import facts as past
from aggregates.enrollment.facts import HoldReleased, LevelOfCareChanged
from projections.billing.corrections import APART, OTHER_AUTHORIZATION, OTHER_PAYER
from projections.billing.queries import authorizations_from_rows
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import NOW, Office
from tests.projections.billing.terms import DEFAULT_TERMS
from tests.projections.billing.test_taking_back import billed, money, taking_back

DAY, LATER, LAST = "2026-03-02", "2026-03-04", "2026-03-06"
PROGRAMS = [an_id("program")]
A, B = an_id("authorization"), an_id("authorization", 2)


def ledger(office: Office) -> dict[str, tuple[int, int]]:
    """Of each authorization the units reserved and drawn."""
    found = authorizations_from_rows(office.delta(), patient_id=an_id("patient"), programs=PROGRAMS)
    return {one.authorization_id: (one.reserved, one.drawn) for one in found}


def listed(office: Office) -> list[tuple[str, str | None, int, list[str | None]]]:
    """Each wrong claim with its frequency code, what it would charge, and what is wrong with each of its days."""
    wrong = office.wrong()
    return [(one.claim_id, one.frequency, one.right_cents, [day.sentence for day in one.days]) for one in wrong]


def named(office: Office) -> list[tuple[str, str | None, tuple[int, ...]]]:
    """The lines of the claims that stand: day, authorization, units."""
    lines = (line for claim in office.live().values() for line in claim.lines)
    return sorted((line.service_date, line.authorization_id, line.authorization_units) for line in lines)


def void(clinic: Clinic, number: int = 1) -> None:
    """An authorization was entered in error."""
    fact = AuthorizationVoided(voided_on="2026-03-20", cause="entered_in_error")
    clinic.story.tell(an_id("authorization", number), fact)


def another(clinic: Clinic, number: int = 2, **changes: Any) -> None:
    """One more, asked for and approved."""
    clinic.request(number=number)
    clinic.approve(number, **changes)


def paid_under_the_first(**terms: Any) -> tuple[Office, str]:
    """A day of 200 dollars, of which the payer paid 150 under authorization A."""
    clinic = a_clinic(**terms)
    clinic.documented(DAY, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    office.answer(claim_id, 75)
    return office, claim_id


def test_a_day_whose_authorization_is_void_goes_under_the_one_that_covers_it() -> None:
    """A number entered in error: the paid claim is replaced with the right one, never voided, and the day is given its
    unit."""
    office, claim_id = paid_under_the_first()
    void(office.clinic)
    another(office.clinic)
    (day,) = office.days()
    assert (day.state, day.underlying, day.reason) == ("billed", "billable", None)
    assert (day.authorization_id, day.authorization_units) == (B, [1])
    assert listed(office) == [(claim_id, "7", 20_000, [OTHER_AUTHORIZATION])]
    assert ledger(office) == {A: (0, 1), B: (1, 0)}


def test_following_the_remedy_bills_the_day_once_under_the_right_number_and_the_money_follows() -> None:
    """The replacement draws the unit that was kept for it; once accepted it counts alone, and what was paid before is
    the payer's until it takes that back."""
    office, first = paid_under_the_first()
    void(office.clinic)
    another(office.clinic)
    office.mend()
    assert named(office) == [(DAY, B, (1,))]
    assert office.state("claim", first).replaced.cause == "other_authorization"
    assert (ledger(office), listed(office), money(office)) == ({A: (0, 1), B: (0, 1)}, [], (20_000, 15_000, 0))
    office.send()
    replacement = taking_back(office)
    office.accept(replacement)
    assert (ledger(office), listed(office), money(office)) == ({A: (0, 0), B: (0, 1)}, [], (20_000, 0, 15_000))
    office.answer(replacement, 75)
    office.reverse(first)
    assert money(office) == (20_000, 15_000, 0)
    assert (office.prepare(), listed(office), office.refused) == (0, [], [])
    assert [day.state for day in office.days()] == ["billed"]


def test_a_replacement_that_is_rejected_leaves_the_claim_wrong_and_its_unit_kept() -> None:
    """The first claim stands again with the void number, and the unit of the right one waits for the next attempt."""
    office, first = paid_under_the_first()
    void(office.clinic)
    another(office.clinic)
    office.mend()
    office.send()
    office.reject(taking_back(office))
    assert office.refused == []
    assert ledger(office) == {A: (0, 1), B: (1, 0)}
    assert listed(office) == [(first, "7", 20_000, [OTHER_AUTHORIZATION])]


@pytest.mark.parametrize("asked", [False, True], ids=["none", "only asked for"])
def test_a_day_whose_authorization_is_void_is_held_as_long_as_none_covers_it(asked: bool) -> None:
    """What was only asked for covers nothing."""
    office, claim_id = paid_under_the_first()
    void(office.clinic)
    if asked:
        office.clinic.request(number=2)
    (day,) = office.days()
    assert (day.underlying, day.reason, day.authorization_id) == ("held", "authorization_missing", A)
    assert [(one.claim_id, one.frequency) for one in office.wrong()] == [(claim_id, "8")]


def test_one_that_has_no_units_left_does_not_cover_the_day() -> None:
    """The day is held for that reason, with nothing reserved."""
    office, _ = paid_under_the_first()
    office.clinic.documented(LATER, "09:00-12:00")
    another(office.clinic, units=1)
    office.clinic.claim(9, [(LATER, 1)], lines=(past.ClaimLine(
        line=1, service_date=LATER, level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=20_000, authorization_id=B, authorization_units=(1,),
    ),))  # fmt: skip
    void(office.clinic)
    assert office.days()[0].reason == "authorization_exhausted"
    assert ledger(office) == {A: (0, 1), B: (0, 1)}


def test_a_void_that_the_payer_has_yet_to_accept_keeps_a_unit_of_the_right_one_for_the_day() -> None:
    """Somebody followed the void while none covered the day; when one does, the day waits instead of being held, and is
    billed under it."""
    office, _ = paid_under_the_first()
    void(office.clinic)
    office.mend()
    office.send()
    another(office.clinic)
    (day,) = office.days()
    assert (day.state, day.reason, day.authorization_id) == ("waiting", "correction_not_accepted", B)
    assert ledger(office) == {A: (0, 1), B: (1, 0)}
    office.accept(taking_back(office))
    assert office.prepare() == 1
    assert (named(office), ledger(office)) == ([(DAY, B, (1,))], {A: (0, 0), B: (0, 1)})


def test_a_claim_under_an_authorization_that_stands_is_not_wrong_because_of_another_one() -> None:
    """Also where the other began earlier and has more units."""
    office, _ = paid_under_the_first()
    another(office.clinic, valid_from="2026-01-02", units=60)
    assert (office.days()[0].authorization_id, office.days()[0].authorization_units) == (A, [1])
    assert (listed(office), ledger(office)) == ([], {A: (0, 1), B: (0, 0)})


def test_one_that_ends_before_the_day_gives_way_to_one_that_covers_it() -> None:
    """From and through count by the day of service (1.6)."""
    office, claim_id = paid_under_the_first()
    another(office.clinic)
    office.clinic.approve(valid_through="2026-03-01")
    assert listed(office) == [(claim_id, "7", 20_000, [OTHER_AUTHORIZATION])]


def test_days_under_two_authorizations_are_put_right_on_two_claims() -> None:
    """A file names one (REF*G1): the denied first day, authorized afterwards by itself, leaves the claim whose other
    days stand, and is billed on its own once the payer has accepted that."""
    clinic = a_clinic()
    clinic.approve(valid_from=LATER)
    for day in (DAY, LATER, LAST):
        clinic.documented(day, "09:00-12:00")
    clinic.in_care(HoldReleased(
        service_date=DAY, hold="authorization_not_started", cause="payer_said_so", released_by=an_id("person")
    ))  # fmt: skip
    office = Office(clinic)
    office.prepare()
    office.send()
    (first,) = office.live()
    assert named(office) == [(DAY, None, ()), (LATER, A, (1,)), (LAST, A, (2,))]
    office.accept(first)
    answers = (("197", 0), ("45", 15_000), ("45", 15_000))
    office.order(first, ask.AdjudicateClaim(
        claim_id=first, adjudicated_on=NOW[:10], payer_control_number="p1", paid_cents=30_000, trace_number="EFT",
        lines=tuple(
            past.AdjudicatedLine(line=place, paid_cents=paid, adjustments=(
                past.Adjustment(group="CO", carc=carc, amount_cents=20_000 - paid),
            ))
            for place, (carc, paid) in enumerate(answers, 1)
        ),
    ))  # fmt: skip
    another(clinic, valid_through="2026-03-03")
    assert listed(office) == [(first, "7", 40_000, [APART])]
    office.mend()
    assert named(office) == [(LATER, A, (1,)), (LAST, A, (2,))]
    assert office.prepare() == 0
    office.send()
    office.answer(taking_back(office), 75)
    assert (office.prepare(), office.refused) == (1, [])
    assert named(office) == [(DAY, B, (1,)), (LATER, A, (1,)), (LAST, A, (2,))]
    assert (ledger(office), listed(office)) == ({A: (0, 2), B: (0, 1)}, [])


def test_a_claim_of_days_that_two_others_cover_now_is_split() -> None:
    """Its authorization is void; most of its days go on with the one that covers most of them."""
    clinic = a_clinic()
    for day in (DAY, LATER, LAST):
        clinic.documented(day, "09:00-12:00")
    office, first = billed(clinic)
    void(clinic)
    another(clinic, 2, valid_through="2026-03-03")
    another(clinic, 3, valid_from="2026-03-04")
    assert listed(office) == [(first, "7", 40_000, [APART, OTHER_AUTHORIZATION, OTHER_AUTHORIZATION])]
    office.mend()
    office.send()
    office.answer(taking_back(office), 100)
    office.prepare()
    third = an_id("authorization", 3)
    assert named(office) == [(DAY, B, (1,)), (LATER, third, (1,)), (LAST, third, (2,))]
    assert (listed(office), office.refused) == ([], [])


def test_the_payer_s_window_for_corrections_holds_for_a_wrong_number_too() -> None:
    """It is corrected by the same day as anything else of the claim."""
    office, _ = paid_under_the_first(correction_window_days=30)
    void(office.clinic)
    another(office.clinic)
    (wrong,) = office.wrong()
    assert (wrong.correct_by, wrong.late) == ("2026-05-10", None)


def test_a_day_that_another_payer_covers_by_now_is_still_voided_first() -> None:
    """Whatever became of the authorization: no number puts a claim to the wrong payer right."""
    office, claim_id = paid_under_the_first()
    office.clinic.publish(2)
    office.clinic.end_coverage("2026-02-15")
    office.clinic.cover(1, 2)
    void(office.clinic)
    office.clinic.request(payer=2, number=2)
    office.clinic.approve(2)
    assert listed(office) == [(claim_id, "8", 0, [OTHER_PAYER])]


PARTIAL = {
    "level_of_care": "partial_hospitalization", "focus": "mental_health", "procedure_code": "H0035",
    "revenue_code": "0912", "unit_basis": "day", "rate_cents": 30_000, "rate_kind": "contract",
}  # fmt: skip


@pytest.mark.parametrize(("covered", "under"), [(True, B), (False, A)], ids=["authorized", "not authorized"])
def test_a_day_that_turns_out_to_be_of_another_level_goes_under_that_level_s_authorization(
    covered: bool, under: str
) -> None:
    """Its claim is replaced for its lines, and names the one for what they are now; where there is none it names what
    it did before."""
    clinic = a_clinic(per_diems=(*DEFAULT_TERMS["per_diems"], PARTIAL))
    clinic.charges["H0035"] = 30_000
    clinic.open()
    clinic.documented(DAY, "09:00-12:00")
    office, claim_id = billed(clinic)
    if covered:
        level = {"procedure_code": "H0035"}
        clinic.request(number=2, level_of_care="partial_hospitalization", **level)
        clinic.approve(2, **level)
    assert listed(office) == []
    clinic.in_care(LevelOfCareChanged(
        effective_on=DAY, from_level="intensive_outpatient", to_level="partial_hospitalization", cause="acuity"
    ))  # fmt: skip
    assert [(one.claim_id, one.frequency, one.right_cents) for one in office.wrong()] == [(claim_id, "7", 30_000)]
    office.mend()
    assert (named(office), office.refused) == ([(DAY, under, (1,))], [])


def test_a_secondary_claim_keeps_the_authorization_of_its_own_payer() -> None:
    """What it names is none of the day's: void, it makes neither claim wrong here, and takes no unit of the first."""
    office, first = paid_under_the_first()
    office.clinic.publish(2)
    office.clinic.cover(1, 2, rank=2)
    office.clinic.request(payer=2, number=2)
    office.clinic.approve(2)
    line = past.ClaimLine(
        line=1, service_date=DAY, level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=20_000, authorization_id=B, authorization_units=(1,),
    )  # fmt: skip
    office.clinic.claim(
        9, [(DAY, 1)], lines=(line,), payer_id=an_id("payer", 2), policy_id=an_id("policy", 2), after_claim=first
    )
    void(office.clinic, 2)
    (day,) = office.days()
    assert (day.authorization_id, day.misnamed, ledger(office)) == (A, [], {A: (0, 1), B: (0, 1)})
    assert listed(office) == []
