"""Days that no payer is asked for: which are to be charged, what stands on the account, and when it is wrong."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.account import facts as money
from aggregates.account.streams import account_of
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL
from projections.billing.accounts import queries
from projections.billing.accounts.views import AccountView
from projections.billing.queries import days_from, months
from projections.billing.self_pay import SelfPayView, due, to_do
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.office import Office
from tests.projections.story import asking, folded, project

PATIENT, PROGRAM = an_id("patient"), an_id("program")
DAY, LATER, NOW = "2026-03-02", "2026-03-04", "2026-07-01T12:00:00.000000Z"


def uninsured(*days: str) -> Clinic:
    """Two documented days of 200 dollars; the coverage ended before, and 40 percent of the charge was agreed."""
    clinic = a_clinic()
    clinic.end_coverage("2026-02-28")
    agree(clinic, percent=40)
    for day in days or (DAY, LATER):
        clinic.documented(day, "09:00-12:00")
    return clinic


def agree(clinic: Clinic, number: int = 1, kind: Any = "sliding_fee", since: str = "2026-03-01", **terms: int) -> None:
    """An agreement."""
    clinic.story.tell(account_of(PATIENT), money.PatientAgreementSet(
        patient_id=PATIENT, program_id=PROGRAM, agreement_id=an_id("agreement", number), kind=kind,
        effective_from=since, **terms,
    ), role="biller")  # fmt: skip


def tell(clinic: Clinic, fact: Any) -> None:
    """A fact of the patient's account."""
    clinic.story.tell(account_of(PATIENT), fact, role="biller")


def take_back(clinic: Clinic, number: int = 1) -> None:
    """A charge is reversed."""
    tell(clinic, money.SelfPayChargeReversed(charge_id=an_id("charge", number), cause="other-decision"))


def pay(clinic: Clinic, cents: int) -> None:
    """The patient pays."""
    tell(clinic, money.PatientPaymentReceived(
        patient_id=PATIENT, program_id=PROGRAM, payment_id=an_id("payment", len(clinic.story.facts)),
        received_on="2026-04-01", amount_cents=cents, method="card",
    ))  # fmt: skip


def write_off(clinic: Clinic, cents: int, number: int = 1) -> None:
    """Of what the patient owes of a charge."""
    tell(clinic, money.BalanceWrittenOff(
        write_off_id=an_id("write_off", len(clinic.story.facts)), charge_id=an_id("charge", number), share="patient",
        amount_cents=cents, cause="hardship", requested_by=an_id("person"), approved_by=an_id("person", 2),
    ))  # fmt: skip


def account(clinic: Clinic) -> AccountView:
    """The account out of rows made in memory."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    found = queries.account_from_rows(delta, patient_id=PATIENT, programs=[PROGRAM])
    assert found is not None
    return found


def listed(clinic: Clinic) -> list[SelfPayView]:
    """What is to be done."""
    return list(to_do(days_from(folded(MODEL, clinic.story.recorded(MODEL)), PATIENT), NOW))


def told(clinic: Clinic) -> list[tuple[str, str, int, int]]:
    """The day, what is to be done, what is owed and what was charged."""
    return [(one.service_date, one.action, one.owed_cents, one.charged_cents) for one in listed(clinic)]


def test_a_day_of_a_sliding_fee_is_to_be_charged_until_it_is() -> None:
    """At its charge and the agreed share, with what the command asks; once posted it leaves the list."""
    clinic = uninsured()
    assert told(clinic) == [(DAY, "post", 8_000, 0), (LATER, "post", 8_000, 0)]
    assert listed(clinic)[0].posting(41) == {
        "patient_id": PATIENT, "program_id": PROGRAM, "enrollment_id": an_id("enrollment"), "service_date": DAY,
        "basis": "sliding_fee", "agreement_id": an_id("agreement"), "charge_cents": 20_000, "owed_cents": 8_000,
        "decided_at": 41,
    }
    clinic.charge_patient(DAY, 20_000, 8_000)
    assert told(clinic) == [(LATER, "post", 8_000, 0)]


def test_the_balance_is_what_the_patient_owes() -> None:
    """200 dollars charged, 120 taken off by agreement; what is paid beyond it is the patient's credit, as before."""
    clinic = uninsured(DAY)
    pay(clinic, 8_000)
    assert account(clinic).balances[0].balance_cents == -8_000
    clinic.charge_patient(DAY, 20_000, 8_000)
    found = account(clinic)
    assert [(one.charge_cents, one.adjusted_cents, one.patient_cents) for one in found.self_pay] == [
        (20_000, 12_000, 8_000),
    ]
    balance = found.balances[0]
    assert (balance.charge_cents, balance.adjusted_cents, balance.patient_cents) == (20_000, 12_000, 8_000)
    assert (balance.open_cents, balance.received_cents, balance.balance_cents) == (0, 8_000, 0)


def test_a_self_pay_agreement_is_charged_at_its_price() -> None:
    """Whatever coverage there is."""
    clinic = a_clinic()
    agree(clinic, kind="self_pay", day_cents=15_000)
    clinic.documented(DAY, "09:00-12:00")
    (one,) = listed(clinic)
    assert (one.action, one.basis, one.charge_cents, one.owed_cents) == ("post", "self_pay", 15_000, 15_000)


def test_a_correction_of_the_day_shows_what_to_take_back() -> None:
    """Coverage that turns up makes it a payer's, and it is billed once the charge is taken back; another share of the
    charge is posted anew; and a day that was not attended is nobody's."""
    clinic = uninsured(DAY)
    clinic.charge_patient(DAY, 20_000, 8_000)
    agree(clinic, 2, percent=50)
    assert told(clinic) == [(DAY, "correct", 10_000, 8_000)]
    clinic.cover(1, 1, coverage_id=an_id("coverage", 9))
    assert told(clinic) == [(DAY, "take_back", 0, 8_000)]
    office = Office(clinic)
    assert office.prepare() == 0
    assert [(day.state, day.reason) for day in office.days()] == [("held", "patient_charged")]
    take_back(clinic)
    assert listed(clinic) == [] and account(clinic).balances[0].patient_cents == 0
    assert office.prepare() == 1

    absent = uninsured(DAY)
    absent.charge_patient(DAY, 20_000, 8_000)
    absent.correct(DAY, 1, "")
    assert told(absent) == [(DAY, "take_back", 0, 8_000)]


def test_a_day_that_is_still_at_a_payer_is_not_charged_yet() -> None:
    """Billed first, then agreed on: the claim is voided, and only once its payer accepts that the patient is asked."""
    clinic = a_clinic()
    clinic.documented(DAY, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (first,) = office.live()
    office.answer(first, 100)
    agree(clinic, kind="self_pay", day_cents=15_000)
    assert listed(clinic) == []
    office.mend()
    office.send()
    assert listed(clinic) == []
    office.answer([one.claim_id for one in office.claims() if one.frequency == "8"][-1], 100)
    assert told(clinic) == [(DAY, "post", 15_000, 0)]


def test_the_lists_in_the_database_are_those_in_memory(log: Log, projector: Pool) -> None:
    """With charges posted, wrong and missing; the month says what patients were charged."""
    clinic = uninsured(DAY, LATER, "2026-03-09")
    clinic.charge_patient(DAY, 20_000, 8_000)
    clinic.charge_patient(LATER, 20_000, 9_000, 2)
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = due(cursor, programs=[PROGRAM], now=NOW)
        assert due(cursor, programs=[an_id("program", 2)], now=NOW) == []
        assert due(cursor, programs=[PROGRAM], now=NOW, patient_id=PATIENT, through_date=LATER) == found[:1]
        (month,) = months(cursor, programs=[PROGRAM], now=NOW)
        stored = queries.account(cursor, programs=[PROGRAM], now=NOW, patient_id=PATIENT)
        (sums,) = queries.sums(cursor, programs=[PROGRAM], now=NOW)
    assert found == listed(clinic)
    assert [(one.service_date, one.action) for one in found] == [(LATER, "correct"), ("2026-03-09", "post")]
    assert (month.state, month.cents, month.patient_cents) == ("not_billable", 60_000, 17_000)
    assert stored == account(clinic)
    assert (sums.charge_cents, sums.adjusted_cents, sums.patient_cents) == (40_000, 23_000, 17_000)


STEPS = st.one_of(
    st.tuples(st.just("charge"), st.integers(0, 1), st.integers(0, 20_000)),
    st.tuples(st.just("back"), st.integers(1, 4), st.none()),
    st.tuples(st.just("pay"), st.integers(1, 30_000), st.none()),
    st.tuples(st.just("write_off"), st.integers(1, 4), st.integers(1, 8_000)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=9), st.integers(1, 5))
def test_money_of_self_pay_days_is_conserved(steps: list[tuple[Any, Any, Any]], batch: int) -> None:
    """Charge = paid by the patient + taken off by agreement + written off + owed, whatever is charged, taken back, paid
    and written off, and in whatever batches."""
    clinic, charged, paid = uninsured(), 0, 0
    for kind, one, other in steps:
        match kind:
            case "charge":
                charged += 1
                clinic.charge_patient((DAY, LATER)[one], 20_000, other, charged)
            case "back" if one <= charged:
                take_back(clinic, one)
            case "pay":
                paid += one
                pay(clinic, one)
            case "write_off" if one <= charged:
                write_off(clinic, other, one)
    found = account(clinic)
    for one in found.self_pay:
        assert one.charge_cents == one.adjusted_cents + one.patient_cents + one.written_off_cents
    stands = [one for one in found.self_pay if one.counts]
    for balance in found.balances:
        assert balance.charge_cents == sum(one.charge_cents for one in stands)
        assert balance.charge_cents == (
            paid + balance.adjusted_cents + balance.written_off_cents + balance.balance_cents + balance.open_cents
        )
    facts = clinic.story.recorded(MODEL)
    whole, parts = folded(MODEL, facts), folded(MODEL, facts, batch)
    assert parts.documents == whole.documents
    assert parts.rows["self_pay_charge"] == whole.rows["self_pay_charge"]


def test_what_was_written_off_is_in_the_difference_and_a_person_names_the_charge() -> None:
    """80 dollars owed, 60 given up, 20 left; at 30 percent 60 are owed by the new charge: 40 more, so nobody does that
    unasked. Where nobody owes anything any more the 20 are taken back at once."""
    clinic = uninsured(DAY)
    clinic.charge_patient(DAY, 20_000, 8_000)
    write_off(clinic, 6_000)
    assert listed(clinic) == []
    agree(clinic, 2, percent=30)
    (one,) = listed(clinic)
    assert (one.action, one.owed_cents, one.charged_cents, one.difference_cents) == ("correct", 6_000, 2_000, 4_000)
    assert one.written_off_cents == 6_000 and an_id("charge") in (one.by_name or "")
    clinic.cover(1, 1, coverage_id=an_id("coverage", 9))
    (one,) = listed(clinic)
    assert (one.action, one.difference_cents, one.by_name) == ("take_back", -2_000, None)
