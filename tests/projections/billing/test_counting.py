"""The account and the statement agree on what a patient owes, whatever became of the claims that charged it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from pydantic import TypeAdapter

from aggregates.account import commands as ask
from aggregates.account.counting import looked_at, owed_cents, taking_back
from aggregates.account.state import Account
from aggregates.account.streams import account_of
from aggregates.claim import facts as past
from aggregates.claim.commands import AcknowledgeClaim, AdjudicateClaim, PrepareClaim
from aggregates.decision import made
from projections.billing.accounts.queries import account_from_rows
from projections.billing.secondary import decode
from projections.billing.secondary_claims import secondary
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import NOW, PATIENTS, PROGRAMS, Office
from tests.projections.billing.office_stories import billed_pasts, mend, reconsider, send
from tests.projections.billing.test_laws import few

PATIENT, PROGRAM, DAY, LATER = an_id("patient"), an_id("program"), "2026-03-02", "2026-03-04"
ACCOUNT = account_of(PATIENT)
COPAY = (17_000, (("PR", "3", 3_000),))


def answer(office: Office, claim_id: str, *lines: tuple[int, Any], trace: str) -> None:
    """The payer's answer, each line with what it pays and (group, CARC, cents), posted to the account."""
    told = tuple(
        past.AdjudicatedLine(line=number, paid_cents=paid, adjustments=tuple(
            past.Adjustment(group=group, carc=carc, amount_cents=cents) for group, carc, cents in parts
        ))
        for number, (paid, parts) in enumerate(lines, 1)
    )  # fmt: skip
    office.accept(claim_id)
    office.order(claim_id, AdjudicateClaim(
        claim_id=claim_id, adjudicated_on=NOW[:10], payer_control_number="p1", lines=told, trace_number=trace,
        paid_cents=sum(one.paid_cents for one in told), remittance_on=NOW[:10],
    ))  # fmt: skip
    post(office, claim_id)


def post(office: Office, claim_id: str) -> None:
    """Charges of a claim that was sent, and the answer that stands on it."""
    bill = office.seen(claim_id)
    if bill.submitted is not None and bill.prepared is not None:
        account = account_of(bill.prepared.patient_id)
        office.order(account, ask.PostCharges(account_id=account, claim_id=claim_id))
        if bill.adjudicated is not None and bill.prepared.frequency != "8":
            office.order(account, ask.PostRemittance(
                account_id=account, claim_id=claim_id, trace_number=bill.adjudicated.trace_number or "EFT-0",
                remittance_on=NOW[:10],
            ))  # fmt: skip


def pay(office: Office, cents: int, number: int = 1) -> None:
    """The patient pays."""
    office.order(ACCOUNT, ask.ReceivePatientPayment(
        account_id=ACCOUNT, patient_id=PATIENT, program_id=PROGRAM, payment_id=an_id("payment", number), method="card",
        received_on="2026-04-01", amount_cents=cents,
    ))  # fmt: skip


def refund(office: Office, cents: int) -> bool:
    """Whether the account gives so much back."""
    number = len(office.clinic.story.facts)
    return office.order(ACCOUNT, ask.IssueRefund(
        account_id=ACCOUNT, program_id=PROGRAM, refund_id=an_id("refund", number), issued_on=NOW[:10],
        amount_cents=cents, method="card", cause="void",
    ))  # fmt: skip


def write_off(office: Office, claim_id: str) -> bool:
    """Whether the account gives up a dollar of the patient's share of a claim's first line."""
    number = len(office.clinic.story.facts)
    asked = ask.RequestWriteOff(
        account_id=ACCOUNT, write_off_id=an_id("write_off", number), claim_id=claim_id, line=1, share="patient",
        amount_cents=100, cause="hardship",
    )  # fmt: skip
    approval = made(ask.WriteOffBalance, asked)
    return office.order(ACCOUNT, asked) and office.order(ACCOUNT, approval, by=an_id("person", 5))


def balance(office: Office) -> int:
    """What the statement says that the patient owes the program."""
    found = account_from_rows(office.delta(), patient_id=PATIENT, programs=PROGRAMS)
    assert found is not None
    return found.balances[0].balance_cents


def billed(*days: str) -> tuple[Office, str, list[int]]:
    """Days of 200 dollars of which 30 are the patient's, which they paid; the claim, and the sessions' numbers."""
    clinic = a_clinic(authorization_required=False)
    clinic.register()
    numbers = [clinic.documented(day, "09:00-12:00") for day in days]
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    answer(office, claim_id, *[COPAY] * len(days), trace="EFT-1")
    pay(office, 3_000 * len(days))
    return office, claim_id, numbers


def taking_back_of(office: Office) -> str:
    """The replacement or void that was prepared last."""
    return [one.claim_id for one in office.claims() if one.frequency in {"7", "8"}][-1]


def test_the_credit_of_a_voided_claim_is_given_back_once_its_payer_has_accepted_that() -> None:
    """As the statement shows it; until then the copayment is owed, and may be written off."""
    office, first, (number,) = billed(DAY)
    office.clinic.correct(DAY, number, "")
    office.mend()
    office.send()
    assert balance(office) == 0 and not refund(office, 3_000)
    assert write_off(office, first) and balance(office) == -100
    office.accept(taking_back_of(office))
    assert balance(office) == -3_000
    assert not write_off(office, first) and [one.rule for one in office.refused][-1] == "charge-withdrawn"
    assert refund(office, 3_000) and balance(office) == 0
    assert not refund(office, 1)


def test_the_credit_of_a_replaced_claim_is_what_the_replacement_does_not_charge() -> None:
    """60 dollars were paid for two days of which one stands: 30 are given back, and no more."""
    office, first, (number, _) = billed(DAY, LATER)
    office.clinic.correct(DAY, number, "")
    office.mend()
    office.send()
    later = taking_back_of(office)
    post(office, later)
    assert balance(office) == 0 and not refund(office, 1)
    answer(office, later, COPAY, trace="EFT-2")
    assert balance(office) == -3_000
    assert not write_off(office, first)
    assert not refund(office, 3_001) and refund(office, 3_000) and not refund(office, 1)


def test_a_second_payers_answer_moves_to_the_claim_that_replaced_the_first_one() -> None:
    """Of 30 dollars the second payer left ten; the first claim is replaced, answered alike, and ten are owed still."""
    clinic = a_clinic(authorization_required=False)
    clinic.register()
    clinic.publish(2, authorization_required=False)
    clinic.cover(payer=2, rank=2)
    numbers = [clinic.documented(day, "09:00-12:00") for day in (DAY, LATER)]
    office = Office(clinic)
    office.prepare()
    office.send()
    (first,) = office.live()
    answer(office, first, COPAY, COPAY, trace="EFT-1")
    pay(office, 6_000)
    due = [decode(row[-1]) for rows in office.delta().rows["secondary_claim"].values() for row in rows]
    [data], _ = secondary(due, decided_at=99, now=NOW, new_id=lambda: an_id("claim", 50))
    office.order(data["claim_id"], TypeAdapter(PrepareClaim).validate_python(data | {"demonstration": True}))
    office.send()
    ten = (2_000, (("OA", "23", 17_000), ("PR", "3", 1_000)))
    answer(office, data["claim_id"], ten, ten, trace="EFT-2")
    assert balance(office) == -4_000
    clinic.correct(DAY, numbers[0], "")
    office.mend(first)
    office.send()
    answer(office, taking_back_of(office), COPAY, trace="EFT-3")
    agreed(office, PATIENT)
    assert not refund(office, 1 - balance(office)) and refund(office, -balance(office))


def agreed(office: Office, patient_id: str) -> None:
    """What the account takes for owed is what the statement says."""
    account = account_of(patient_id)
    state: Account = office.state("account", account)
    found = account_from_rows(office.delta(), patient_id=patient_id, programs=PROGRAMS)  # the rows are of both patients
    balances = [one for one in found.balances if one.patient_id == patient_id] if found else []
    told = {one.program_id: one.patient_cents for one in balances}
    for program_id in PROGRAMS:
        command = ask.IssueRefund(
            account_id=account, program_id=program_id, refund_id=an_id("refund"), issued_on=NOW[:10], amount_cents=1,
            method="card", cause="law",
        )  # fmt: skip
        seen = office.look(looked_at(state, command))
        seen |= office.look(taking_back(seen))
        assert owed_cents(state, program_id, seen) == told.get(program_id, 0)


@few(25)
@given(billed_pasts(reconsider, mend, send, reconsider))
def test_account_and_statement_agree_on_what_is_owed(office: Office) -> None:
    """Whatever was replaced, voided, accepted or rejected: of what is answered the payers leave some to the patient."""
    for one in office.claims():
        if one.status in {"submitted", "acknowledged"} and one.frequency != "8":
            office.answer(one.claim_id, 80, group="PR", carc="3")
    for one in office.claims():
        post(office, one.claim_id)
    for patient_id in PATIENTS:
        agreed(office, patient_id)


def test_of_a_replacement_that_was_denied_the_earlier_claim_counts_while_its_answer_stands() -> None:
    """The patient still owes the 60 dollars that the earlier answer left, so that nothing goes back to them; what of it
    is given up is the earlier claim's, and none of the replacement's. Accepted on the portal, all of it goes back."""
    office, first, numbers = billed(DAY, LATER)
    office.clinic.correct(DAY, numbers[0], "09:00-11:00")
    office.mend()
    office.send()
    later = taking_back_of(office)
    post(office, later)
    office.answer(later, 0, carc="29", status="4")
    post(office, later)
    office.refused.clear()
    assert balance(office) == 0 and not refund(office, 100)
    assert not write_off(office, later) and write_off(office, first)
    assert balance(office) == -100
    office.order(later, AcknowledgeClaim(claim_id=later, acknowledged_at=NOW, source="portal", reference="r"))
    assert balance(office) == -6_000 and refund(office, 6_000)
