"""A day that is the patient's to pay is charged once, to nobody once a director gives it up, and says so in words."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account.commands import PostCharges, PostSelfPayCharge
from aggregates.account.refusals import ServiceDayOnClaim
from aggregates.account.streams import account_of
from aggregates.enrollment.facts import DayWrittenOff
from aggregates.patient.facts import DisclosureRestricted
from aggregates.payer_policy.facts import PolicyPublished
from projections.billing.day import Day
from projections.billing.explain import told
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import Office
from tests.projections.billing.terms import terms
from tests.projections.billing.test_self_pay import DAY, NOW, PATIENT, agree, listed

GIVEN_UP = DayWrittenOff(service_date=DAY, cause="hardship", approved_by=an_id("person", 2))


def forbid(clinic: Clinic) -> None:
    """The patient pays in full and forbids telling any payer."""
    clinic.story.tell(PATIENT, DisclosureRestricted(
        restriction_id=an_id("restriction"), payer_id=None, effective_from="2026-03-01", effective_through=None,
        paid_in_full=True,
    ))  # fmt: skip


def again(clinic: Clinic, program: int = 1) -> None:
    """A second episode, in the same program or another one."""
    if program > 1:
        clinic.open(program)
    clinic.refer(1, program, episode=2)
    clinic.admit(1, on=DAY, episode=2)
    clinic.diagnose(2)


def days(clinic: Clinic) -> list[Day]:
    """The decided days."""
    return Office(clinic).days()


@pytest.mark.parametrize("kept", [agree, forbid], ids=["agreed", "restricted"])
def test_a_day_that_was_written_off_is_owed_by_nobody(kept: Any) -> None:
    """Before it was charged: under an agreement as for a day kept from its payer."""
    clinic = a_clinic()
    agree(clinic, kind="self_pay", day_cents=15_000) if kept is agree else forbid(clinic)
    clinic.documented(DAY, "09:00-12:00")
    assert [one.action for one in listed(clinic)] == ["post"]
    clinic.in_care(GIVEN_UP)
    assert listed(clinic) == []
    (day,) = days(clinic)
    assert (day.state, day.reason) == ("written_off", "written_off")


def test_a_day_that_stands_on_a_claim_is_charged_to_nobody_by_hand_until_the_payer_accepts_its_void() -> None:
    """Prepared, sent and while the void waits; by the log's own rule, whatever the person who orders it knows."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish()
    clinic.register()
    clinic.patient()
    clinic.documented(DAY, "09:00-12:00")
    office, account = Office(clinic), account_of(PATIENT)
    by_hand = PostSelfPayCharge(
        account_id=account, charge_id=an_id("charge"), patient_id=PATIENT, program_id=an_id("program"),
        enrollment_id=an_id("enrollment"), service_date=DAY, basis="self_pay", agreement_id=an_id("agreement"),
        charge_cents=15_000, owed_cents=15_000, decided_at=1,
    )
    office.prepare()
    agree(clinic, kind="self_pay", day_cents=15_000)
    (first,) = office.live()
    steps = (
        lambda: None, office.send, lambda: office.order(account, PostCharges(account_id=account, claim_id=first)),
        lambda: office.answer(first, 100), office.mend, office.send,
    )  # fmt: skip
    for step in steps:
        step()
        assert office.order(account, by_hand) is False
    assert {type(one) for one in office.refused} == {ServiceDayOnClaim} and len(office.refused) == len(steps)
    office.accept([one.claim_id for one in office.claims() if one.frequency == "8"][-1])
    assert office.order(account, by_hand) is True


def test_two_episodes_of_one_program_are_one_day_to_pay() -> None:
    """The longer day is charged, and the other says which one is."""
    clinic = a_clinic()
    agree(clinic, kind="self_pay", day_cents=15_000)
    again(clinic)
    clinic.documented(DAY, "09:00-10:30")
    clinic.documented(DAY, "13:00-16:00", episodes={1: 2})
    assert [(one.enrollment_id, one.owed_cents) for one in listed(clinic)] == [(an_id("enrollment", 2), 15_000)]
    (shorter,) = [day for day in days(clinic) if day.enrollment_id == an_id("enrollment")]
    assert (shorter.state, shorter.reason, shorter.owed_cents) == ("not_billable", "second_program_same_day", None)
    assert any("another episode's day" in line for line in told(shorter, NOW))


def test_of_two_programs_on_a_day_kept_from_the_payer_one_is_owed() -> None:
    """What its payer would have been asked for: the one per diem of the longer day."""
    clinic = a_clinic(authorization_required=False)
    again(clinic, 2)
    clinic.documented(DAY, "09:00-12:00")
    clinic.documented(DAY, "13:00-17:00", program_number=2, episodes={1: 2})
    forbid(clinic)
    assert [(one.program_id, one.owed_cents) for one in listed(clinic)] == [(an_id("program", 2), 20_000)]
    assert {(day.reason, day.owed_cents) for day in days(clinic)} == {
        ("second_program_same_day", None), ("disclosure_restricted", 20_000),
    }


def test_a_day_under_an_agreement_says_that_no_payer_is_asked() -> None:
    """The patient attended, too short for the payer and without a note: neither is tested, which is said."""
    clinic = a_clinic()
    agree(clinic, kind="self_pay", day_cents=15_000)
    clinic.meet(DAY, "09:00-10:00")
    lines = told(days(clinic)[0], NOW)
    assert not any("nothing was delivered" in line for line in lines)
    assert "Covered under policy payer-1, version 1, which is not asked." in lines
    assert any("no payer is asked, and neither minutes nor notes nor papers are tested" in line for line in lines)
    absent = a_clinic()
    agree(absent, kind="self_pay", day_cents=15_000)
    absent.meet(DAY, "09:00-10:00", leave="absent")
    assert "Covered under policy payer-1, version 1; nothing was delivered." in told(days(absent)[0], NOW)


@pytest.mark.parametrize(("kind", "warned"), [("medicaid", True), ("medicare", True), ("commercial", False)])
def test_an_agreement_over_public_coverage_is_a_warning_for_the_biller(kind: Any, warned: bool) -> None:
    """Not over a commercial one, nor where the patient forbade telling the payer."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.story.tell(an_id("policy"), PolicyPublished(
        payer_id=an_id("payer"), payer_kind=kind, payer_name="M", code="m", effective_from="2025-01-01", terms=terms(),
    ))  # fmt: skip
    clinic.patient()
    agree(clinic, kind="self_pay", day_cents=15_000)
    clinic.documented(DAY, "09:00-12:00")
    (day,) = days(clinic)
    found = [one for one in day.answers if one.rule == "public_coverage"]
    assert [(one.outcome, one.numbers) for one in found] == ([("warning", {"public": kind})] if warned else [])
    assert (day.state, day.reason) == ("not_billable", "self_pay")
    assert [one.owed_cents for one in listed(clinic)] == [15_000]
    assert any("447.15" in line for line in told(day, NOW)) == warned
    forbid(clinic)
    assert all(one.rule != "public_coverage" for one in days(clinic)[0].answers)
