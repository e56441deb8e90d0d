"""Days that no payer is asked for: charged once, as the agreement has it, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account import AGGREGATE
from aggregates.account import commands as ask
from aggregates.account import refusals as no
from aggregates.approval import ApproverAskedThemselves
from aggregates.decision import DateInTheFuture
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import DayWrittenOff
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment
from aggregates.kit import Seen, Stream
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import CoverageRecorded, DisclosureRestricted, PatientRegistered
from aggregates.payer_policy.terms import ServicePrice
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.program.facts import Charge, FeeScheduleAdopted, ProgramOpened
from tests.aggregates.biller import EPISODE, JUNE, PATIENT_ID, PAYER, PROGRAM_ID, episode, policy
from tests.aggregates.ledger import ACCOUNT, BOSS, receive, refund
from tests.aggregates.scenario import Decided, Given, an_id, given, seen_as
from tests.aggregates.test_account_money import agreement

CHARGE = an_id("charge")
SLIDING = agreement("sliding_fee", percent=40)
PRICED = agreement("self_pay", day_cents=9_000)
REGISTERED = PatientRegistered(
    year_of_birth=1990, has_medical_record_number=False, has_address=False, patient_id=PATIENT_ID
)
COVERED = CoverageRecorded(
    coverage_id=an_id("coverage"), payer_id=PAYER, plan="ppo", rank=1, relationship="self",
    effective_from="2026-01-01", has_member_number=True, has_group_number=False, has_subscriber=False,
)
OPENED = ProgramOpened(
    program_id=PROGRAM_ID, code="iop", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
    time_zone="America/New_York", opened_on="2025-01-01",
)
FEES = FeeScheduleAdopted(effective_from="2026-03-01", charges=(
    Charge(procedure_code="S9480", charge_cents=20_000), Charge(procedure_code="99213", charge_cents=15_000),
))  # fmt: skip
VISIT = ServicePrice(
    service_kind="medication_visit", procedure_code="99213", use="carved_out", revenue_code="0510",
)


def forbidden(payer_id: str | None = PAYER) -> DisclosureRestricted:
    """The patient pays in full in March and forbids telling the payer."""
    return DisclosureRestricted(
        restriction_id=an_id("restriction"), payer_id=payer_id, effective_from="2026-03-01",
        effective_through="2026-03-31", paid_in_full=True,
    )


def seen(*of_the_patient: Any, stay: Seen | None = None) -> dict[str, Seen]:
    """The patient, the stay and the program."""
    return {
        "patient": seen_as(PATIENT, PATIENT_ID, REGISTERED, *of_the_patient), "enrollment": stay or episode(),
        "program": seen_as(PROGRAM, PROGRAM_ID, OPENED, FEES), "policy": policy(services=(VISIT,)),
    }  # fmt: skip


def charge(charge_cents: int = 20_000, owed_cents: int = 8_000, **changes: Any) -> ask.PostSelfPayCharge:
    """The first day, at 40 percent of 200 dollars."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "charge_id": CHARGE, "patient_id": PATIENT_ID, "program_id": PROGRAM_ID,
        "enrollment_id": EPISODE, "service_date": "2026-03-02", "basis": "sliding_fee",
        "agreement_id": an_id("agreement"), "decided_at": 41,
    }
    return ask.PostSelfPayCharge(charge_cents=charge_cents, owed_cents=owed_cents, **(fields | changes))


PRICE = {"basis": "self_pay", "charge_cents": 9_000, "owed_cents": 9_000}
KEPT = {"basis": "disclosure_restricted", "agreement_id": None, "owed_cents": 20_000}


def take_back(number: int = 1) -> ask.ReverseSelfPayCharge:
    """The day is decided otherwise."""
    return ask.ReverseSelfPayCharge(account_id=ACCOUNT, charge_id=an_id("charge", number), cause="other-decision")


def after(*commands: Any) -> Given:
    """The account after commands that are accepted in June."""
    stream = given(AGGREGATE)
    for one in commands:
        stream = decided(stream, one).once().after
    return stream


def decided(stream: Given, command: Any, **given_seen: Any) -> Decided:
    """In June, by the director where one must approve."""
    who = BOSS if isinstance(command, ask.WriteOffSelfPayCharge) else JUNE
    return stream.when(command, who, given_seen.get("seen") or seen())


def test_a_day_is_charged_once_as_the_agreement_has_it() -> None:
    """The charge and what is owed of it; told twice it is one, and another charge of the day is refused."""
    (fact,) = decided(after(SLIDING), charge()).once().facts
    assert (fact.charge_cents, fact.owed_cents, fact.service_date) == (20_000, 8_000, "2026-03-02")
    charged = after(SLIDING, charge())
    decided(charged, charge()).nothing_happened()
    decided(charged, charge(decided_at=50)).refuses(no.SelfPayChargeToldOtherwise)
    assert CHARGE in decided(charged, charge(charge_id=an_id("charge", 2))).refuses(no.DayAlreadyCharged)
    decided(charged, charge(charge_id=an_id("charge", 2), service_date="2026-03-04")).once()
    decided(after(PRICED), charge(**PRICE)).once()


@pytest.mark.parametrize(("changes", "rule"), [
    ({"owed_cents": 8_001}, no.ChargeNotAsAgreed),
    ({"charge_cents": 30_000, "owed_cents": 12_000}, no.ChargeNotInFeeSchedule),
    ({"agreement_id": an_id("agreement", 2)}, no.OtherAgreementInForce),
    (PRICE, no.OtherAgreementInForce),
    (KEPT, no.NotThePatientsToPay),
    ({"service_date": "2026-02-27"}, no.NotThePatientsToPay),
    ({"service_date": "2026-02-20"}, no.ServiceDayOutsideEpisode),
    ({"service_date": "2026-06-03"}, DateInTheFuture),
    ({"account_id": an_id("account")}, no.AccountOfAnother),
    ({"program_id": an_id("program", 2)}, EnrollmentOfAnother),
])
def test_what_the_records_do_not_say_is_not_charged(changes: dict[str, Any], rule: Any) -> None:
    """Another amount, agreement, day, account or program than is on record."""
    decided(after(SLIDING), charge(**changes)).refuses(rule)


def test_a_sliding_fee_is_for_whoever_has_no_coverage_and_self_pay_for_anybody() -> None:
    """With coverage on the day the payer is asked, unless the patient agreed to pay."""
    decided(after(SLIDING), charge(), seen=seen(COVERED)).refuses(no.NotThePatientsToPay)
    decided(after(PRICED), charge(**PRICE), seen=seen(COVERED)).once()
    decided(after(), charge()).refuses(no.NotThePatientsToPay)
    unknown = seen(stay=seen_as(ENROLLMENT, EPISODE))
    decided(after(SLIDING), charge(), seen=unknown).refuses(UnknownEnrollment)


def test_of_the_agreements_in_force_the_one_that_began_last_decides() -> None:
    """And of those that began on one day the one recorded last."""
    second = agreement("self_pay", day_cents=9_000, agreement_id=an_id("agreement", 2))
    both = after(SLIDING, second)
    decided(both, charge()).refuses(no.OtherAgreementInForce)
    decided(both, charge(**PRICE, agreement_id=an_id("agreement", 2))).once()


def test_a_day_whose_disclosure_the_patient_forbade_is_owed_in_full() -> None:
    """To the payer that covers the day, or to all; not one that another payer was to learn nothing of."""
    decided(after(), charge(**KEPT), seen=seen(COVERED, forbidden())).once()
    decided(after(), charge(**KEPT), seen=seen(COVERED, forbidden(None))).once()
    elsewhere = seen(COVERED, forbidden(an_id("payer", 2)))
    decided(after(), charge(**KEPT), seen=elsewhere).refuses(no.NotThePatientsToPay)
    part = charge(**KEPT | {"owed_cents": 8_000})
    decided(after(), part, seen=seen(COVERED, forbidden())).refuses(no.ChargeNotAsAgreed)


@pytest.mark.parametrize(("cents", "taken"), [
    (20_000, True), (35_000, True), (15_000, True), (999_900, False), (20_001, False), (40_000, False),
])  # fmt: skip
def test_a_restricted_day_comes_to_what_the_fee_schedule_has_for_it(cents: int, taken: bool) -> None:
    """The per diem of 200 dollars once, the visit of 150 beside it or instead of it; no more and nothing between."""
    asked = decided(after(), charge(cents, **KEPT | {"owed_cents": cents}), seen=seen(COVERED, forbidden()))
    if taken:
        asked.once()
    else:
        asked.refuses(no.ChargeNotInFeeSchedule)


def test_of_a_restricted_day_the_terms_of_whoever_covers_it_are_looked_at() -> None:
    """A payer whose terms nobody recorded leaves no charge to compare with."""
    kept = charge(**KEPT)
    look = AGGREGATE.further(AGGREGATE.initial, kept, seen(COVERED, forbidden()))
    assert look["policy"] == Stream("payer_policy", holder_of=("policy_of_payer", PAYER))
    unknown = {name: one for name, one in seen(COVERED, forbidden()).items() if name != "policy"}
    decided(after(), kept, seen=unknown).refuses(no.ChargeNotInFeeSchedule)
    assert "policy" not in AGGREGATE.further(AGGREGATE.initial, charge(), seen(COVERED))


def test_a_program_charges_a_day_once_whatever_the_episode() -> None:
    """Two stays in one program on one day are one day; of a day kept from its payer not even two programs charge."""
    other, second = an_id("enrollment", 2), an_id("program", 2)
    stay = {"enrollment_id": other, "charge_id": an_id("charge", 2)}
    decided(after(SLIDING, charge()), charge(**stay)).refuses(no.DayAlreadyCharged)
    elsewhere = stay | {"program_id": second}
    there = seen(COVERED, forbidden(), stay=episode(program_id=second))
    kept = decided(after(), charge(**KEPT), seen=there | {"enrollment": episode()}).after
    decided(kept, charge(**KEPT | elsewhere), seen=there).refuses(no.DayAlreadyCharged)
    apart = agreement("self_pay", day_cents=9_000, program_id=second, agreement_id=an_id("agreement", 2))
    both = after(PRICED, charge(**PRICE), apart)
    priced = charge(**PRICE | elsewhere | {"agreement_id": an_id("agreement", 2)})
    decided(both, priced, seen=there).once()


def test_a_day_that_a_director_gave_up_is_charged_to_nobody() -> None:
    """Written off before it was charged."""
    given_up = DayWrittenOff(service_date="2026-03-02", cause="hardship", approved_by=BOSS.by)
    decided(after(SLIDING), charge(), seen=seen(stay=episode(given_up))).refuses(no.ServiceDayWrittenOff)


def test_a_charge_is_taken_back_once_and_the_day_can_be_charged_anew() -> None:
    """Under a new id; nobody owes what was taken back."""
    decided(after(), take_back()).refuses(no.UnknownSelfPayCharge)
    back = after(SLIDING, charge(), take_back())
    decided(back, take_back()).nothing_happened()
    decided(back, charge()).refuses(no.SelfPayChargeTakenBack)
    decided(back, charge(charge_id=an_id("charge", 2), decided_at=60)).once()


def test_what_the_patient_pays_for_a_charged_day_is_no_credit() -> None:
    """Paid in full, nothing can be refunded; once the charge is taken back, all of it can."""
    paid = after(SLIDING, charge(), receive(8_000))
    decided(paid, refund(1)).refuses(no.RefundBeyondCredit)
    decided(after(SLIDING, charge(), receive(8_000), take_back()), refund(8_000)).once()


def give_up(cents: int, number: int = 1, **changes: Any) -> ask.WriteOffSelfPayCharge:
    """Of what is owed of the charge."""
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "charge_id": CHARGE, "cause": "hardship", "write_off_id": an_id("write_off", number),
    }
    return ask.WriteOffSelfPayCharge(amount_cents=cents, **(fields | changes))


def asked_for(cents: int, number: int = 1, **changes: Any) -> ask.RequestWriteOff:
    """The request for the same."""
    told = give_up(cents, number)
    fields: dict[str, Any] = {
        "account_id": ACCOUNT, "charge_id": CHARGE, "cause": told.cause, "write_off_id": told.write_off_id,
        "share": "patient",
    }
    return ask.RequestWriteOff(amount_cents=cents, **(fields | changes))


def test_what_is_owed_of_a_charge_is_written_off_and_no_more() -> None:
    """By somebody who did not ask for it, as it was asked for; nothing of a charge that was taken back."""
    charged = after(SLIDING, charge())
    assert "8000" in decided(charged, asked_for(8_001)).refuses(no.WriteOffBeyondBalance)
    decided(charged, give_up(3_000)).refuses(no.UnknownWriteOffRequest)
    asked = decided(charged, asked_for(3_000)).once().after
    asked.when(give_up(3_000), JUNE, seen()).refuses(ApproverAskedThemselves)
    decided(asked, give_up(2_999)).refuses(no.WriteOffRequestedOtherwise)
    decided(asked, give_up(3_000, charge_id=an_id("charge", 2))).refuses(no.WriteOffRequestedOtherwise)
    rest = decided(asked, give_up(3_000)).once()
    assert rest.facts[0].share == "patient" and rest.state.self_pay[CHARGE].owed_cents == 5_000
    assert (rest.facts[0].requested_by, rest.facts[0].approved_by) == (JUNE.by, BOSS.by)
    decided(rest.after, asked_for(5_001, 2)).refuses(no.WriteOffBeyondBalance)
    decided(rest.after, give_up(1)).refuses(no.WriteOffToldOtherwise)
    decided(charged, asked_for(1, share="payer")).refuses(no.WriteOffOfNothing)
    decided(after(), asked_for(1)).refuses(no.UnknownSelfPayCharge)
    taken_back = after(SLIDING, charge(), asked_for(3_000), take_back())
    decided(taken_back, give_up(3_000)).refuses(no.WriteOffBeyondBalance)
