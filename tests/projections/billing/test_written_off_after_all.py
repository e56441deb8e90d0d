"""What was written off and is paid after all counts for no more than there is to give up, and again once that goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from aggregates.account import commands as ask
from aggregates.account.facts import PatientPaymentReceived, RefundIssued
from aggregates.claim.commands import PrepareClaim, ReverseAdjudication
from aggregates.codec import decode
from aggregates.decision import made
from iop_es.engine.readmodel.model import Delta
from projections.billing import MODEL
from projections.billing.accounts.queries import account_from_rows
from projections.billing.accounts.views import BalanceView, LineView
from projections.billing.disputes.rows import Suggestion, decode_suggestion
from projections.billing.secondary import Secondary
from projections.billing.secondary import decode as left_of
from projections.billing.secondary_claims import secondary
from tests.projections.billing.clinic import a_clinic, an_id
from tests.projections.billing.office import NOW, PROGRAMS, Office
from tests.projections.billing.test_counting import ACCOUNT, DAY, LATER, PATIENT, agreed, answer, pay, refund
from tests.projections.billing.test_laws import few
from tests.projections.story import folded

Answer = tuple[int, tuple[tuple[Any, str, int], ...]]
SHARED: Answer = (15_000, (("CO", "45", 2_000), ("PR", "2", 3_000)))
PAID: Answer = (18_000, (("CO", "45", 2_000),))
PARTLY: Answer = (10_000, (("CO", "45", 2_000), ("CO", "198", 5_000), ("PR", "2", 3_000)))
DENIED: Answer = (0, (("CO", "197", 20_000),))
THE_REST: Answer = (3_000, (("OA", "23", 17_000),))
MORE_THE_PATIENTS: Answer = (0, (("OA", "23", 15_000), ("PR", "1", 5_000)))
REFUSED: Answer = (0, (("OA", "23", 17_000), ("CO", "197", 3_000)))
WRITTEN_OFF = "account.balance_written_off"
KEPT = ("charge_cents", "paid_cents", "contractual_cents", "patient_cents", "written_off_cents", "open_cents")


def sent(*days: str) -> tuple[Office, str]:
    """Days of 200 dollars of a patient who has a second coverage, on a claim that was sent."""
    clinic = a_clinic(authorization_required=False)
    clinic.register()
    clinic.publish(2, authorization_required=False)
    clinic.cover(payer=2, rank=2)
    for day in days:
        clinic.documented(day, "09:00-12:00")
    office = Office(clinic)
    office.prepare()
    office.send()
    (claim_id,) = office.live()
    return office, claim_id


def take_back(office: Office, claim_id: str) -> None:
    """The payer takes its answer back, and pays anew later on."""
    trace = f"EFT-{len(office.clinic.story.facts)}"
    office.order(claim_id, ReverseAdjudication(
        claim_id=claim_id, reversed_on=NOW[:10], trace_number=trace, answered_anew=True
    ))  # fmt: skip
    office.order(ACCOUNT, ask.ReversePayment(
        account_id=ACCOUNT, claim_id=claim_id, trace_number=trace, remittance_on=NOW[:10]
    ))  # fmt: skip


def give_up(office: Office, claim_id: str, cents: int, share: Literal["payer", "patient"], line: int = 1) -> bool:
    """Asked for by one person and approved by another."""
    number = len(office.clinic.story.facts)
    asked = ask.RequestWriteOff(
        account_id=ACCOUNT, write_off_id=an_id("write_off", number), claim_id=claim_id, line=line, share=share,
        amount_cents=cents, cause="hardship",
    )  # fmt: skip
    approval = made(ask.WriteOffBalance, asked)
    return office.order(ACCOUNT, asked) and office.order(ACCOUNT, approval, by=an_id("person", 5))


def left(office: Office) -> Secondary:
    """What is left for the second payer."""
    ((row,),) = office.delta().rows["secondary_claim"].values()
    return left_of(row[-1])


def bill_second(office: Office) -> str | None:
    """What the first payer left is billed to the second one; the claim, unless there is nothing to bill."""
    due = [left_of(row[-1]) for rows in office.delta().rows.get("secondary_claim", {}).values() for row in rows]
    due = [one for one in due if one.standing_id is None and one.left_cents > 0]
    number = 50 + len(office.clinic.story.facts)
    found, _ = secondary(due, decided_at=99, now=NOW, new_id=lambda: an_id("claim", number))
    for data in found:
        office.order(data["claim_id"], TypeAdapter(PrepareClaim).validate_python(data | {"demonstration": True}))
        office.send()
        return str(data["claim_id"])
    return None


def lines(delta: Delta) -> list[LineView]:
    """The lines that count."""
    found = account_from_rows(delta, patient_id=PATIENT, programs=PROGRAMS)
    return [] if found is None else [one for one in found.lines if one.counts]


def balance(office: Office) -> BalanceView:
    """The patient's with the program."""
    found = account_from_rows(office.delta(), patient_id=PATIENT, programs=PROGRAMS)
    assert found is not None
    return found.balances[0]


def sums(told: BalanceView | LineView) -> tuple[int, ...]:
    """Charge, paid, contractual, the patient's, written off, open."""
    return tuple(getattr(told, name) for name in KEPT)


def in_batches(office: Office, batch: int) -> None:
    """Rows made batch by batch are those that are made at once."""
    facts = office.clinic.story.recorded(MODEL)
    parts, whole = folded(MODEL, facts, batch).rows, folded(MODEL, facts).rows
    for table in ("account_line", "account_balance", "secondary_claim", "uncontested_denial"):
        assert parts.get(table) == whole.get(table)


def test_a_share_of_the_patients_that_was_given_up_and_is_paid_is_no_credit() -> None:
    """The patient never paid anything, so nothing is given back; taken back and answered as before, it is given up."""
    office, claim_id = sent(DAY)
    answer(office, claim_id, SHARED, trace="EFT-1")
    assert give_up(office, claim_id, 3_000, "patient")
    assert sums(balance(office)) == (20_000, 15_000, 2_000, 0, 3_000, 0)
    take_back(office, claim_id)
    assert sums(balance(office)) == (20_000, 0, 0, 0, 0, 20_000)
    answer(office, claim_id, PAID, trace="EFT-2")
    assert sums(balance(office)) == (20_000, 18_000, 2_000, 0, 0, 0) and balance(office).balance_cents == 0
    assert not refund(office, 1)
    take_back(office, claim_id)
    answer(office, claim_id, SHARED, trace="EFT-3")
    assert sums(balance(office)) == (20_000, 15_000, 2_000, 0, 3_000, 0)


def test_a_denial_that_was_given_up_and_is_overturned_takes_nothing_off_what_others_owe() -> None:
    """One line of two is written off and paid after all; the other one's 200 dollars stay open."""
    office, claim_id = sent(DAY, LATER)
    answer(office, claim_id, DENIED, DENIED, trace="EFT-1")
    assert give_up(office, claim_id, 20_000, "payer")
    assert sums(balance(office)) == (40_000, 0, 0, 0, 20_000, 20_000)
    take_back(office, claim_id)
    answer(office, claim_id, PAID, DENIED, trace="EFT-2")
    assert sums(balance(office)) == (40_000, 18_000, 2_000, 0, 0, 20_000)
    assert [one.left_cents for one in left(office).lines] == [0, 20_000]
    take_back(office, claim_id)
    answer(office, claim_id, PARTLY, DENIED, trace="EFT-3")
    assert sums(balance(office)) == (40_000, 10_000, 2_000, 3_000, 5_000, 20_000)
    assert [one.left_cents for one in left(office).lines] == [3_000, 20_000]


def test_a_share_that_was_given_up_and_the_second_payer_pays_is_no_credit() -> None:
    """It is written off of the charge where the first payer left it, and counts again once the second one's answer
    goes."""
    office, first = sent(DAY)
    answer(office, first, SHARED, trace="EFT-1")
    second = bill_second(office)
    assert second is not None and give_up(office, first, 3_000, "patient")
    answer(office, second, THE_REST, trace="EFT-2")
    assert sums(balance(office)) == (20_000, 18_000, 2_000, 0, 0, 0)
    assert {one.claim_id: sums(one) for one in lines(office.delta())} == {
        first: (20_000, 15_000, 2_000, 3_000, 0, 0), second: (0, 3_000, 0, -3_000, 0, 0)
    }
    assert not refund(office, 1)
    agreed(office, PATIENT)
    office.reverse(second)  # before it is posted, too
    assert sums(balance(office)) == (20_000, 15_000, 2_000, 0, 3_000, 0)
    in_batches(office, 1)


def test_what_the_second_payer_still_leaves_stays_given_up() -> None:
    """Of 50 dollars that it left to the patient all were written off; of three that it leaves then, three are."""
    office, first = sent(DAY)
    answer(office, first, PARTLY, trace="EFT-1")
    second = bill_second(office)
    assert second is not None
    answer(office, second, MORE_THE_PATIENTS, trace="EFT-2")
    assert give_up(office, first, 5_000, "patient")
    assert sums(balance(office)) == (20_000, 10_000, 2_000, 0, 5_000, 3_000)
    take_back(office, second)
    answer(office, second, (7_700, (("OA", "23", 12_000), ("PR", "1", 300))), trace="EFT-3")
    assert sums(balance(office)) == (20_000, 17_700, 2_000, 0, 300, 0)
    agreed(office, PATIENT)


def test_what_the_second_payer_refuses_is_given_up_on_its_line() -> None:
    """The first payer left 30 dollars to the patient; the second refused them, and they are written off there."""
    office, first = sent(DAY)
    answer(office, first, SHARED, trace="EFT-1")
    second = bill_second(office)
    assert second is not None
    answer(office, second, REFUSED, trace="EFT-2")
    assert give_up(office, first, 3_000, "payer")
    assert {one.claim_id: sums(one) for one in lines(office.delta())} == {
        first: (20_000, 15_000, 2_000, 3_000, 0, 0), second: (0, 0, 0, -3_000, 3_000, 0)
    }
    assert sums(balance(office)) == (20_000, 15_000, 2_000, 0, 3_000, 0)
    in_batches(office, 1)


def test_a_denial_that_was_given_up_is_contested_by_nobody_in_so_far() -> None:
    """Of the 50 dollars that are refused none are left to contest; once 200 are, 150 of them."""
    office, claim_id = sent(DAY)
    answer(office, claim_id, PARTLY, trace="EFT-1")
    assert [one.denied_cents for one in contestable(office)] == [5_000]
    assert give_up(office, claim_id, 5_000, "payer") and contestable(office) == []
    take_back(office, claim_id)
    answer(office, claim_id, DENIED, trace="EFT-2")
    assert [one.denied_cents for one in contestable(office)] == [15_000]


def contestable(office: Office) -> list[Suggestion]:
    """The denials that nobody contests."""
    found = office.delta().rows.get("uncontested_denial", {}).values()
    return [decode_suggestion(row[-1]) for rows in found for row in rows]


ANSWERS = st.sampled_from([SHARED, PAID, PARTLY, DENIED])
SECONDS = st.sampled_from([THE_REST, MORE_THE_PATIENTS, REFUSED])
CENTS = st.sampled_from([100, 3_000, 5_000])
STEPS = st.one_of(
    st.tuples(st.just("answer"), ANSWERS, ANSWERS),
    st.tuples(st.just("second"), SECONDS, SECONDS),
    st.tuples(st.just("back"), st.booleans(), st.none()),
    st.tuples(st.just("give_up"), st.integers(1, 2), st.sampled_from(["payer", "patient"])),
    st.tuples(st.just("pay"), CENTS, st.none()),
    st.tuples(st.just("refund"), CENTS, st.none()),
)


def take(office: Office, first: str, kind: str, one: Any, other: Any) -> None:
    """One step."""
    second = next((key for key in office.live() if key != first), None)
    trace = f"EFT-{len(office.clinic.story.facts)}"
    match kind:
        case "answer":
            answer(office, first, one, other, trace=trace)
        case "second":
            claim_id = second or bill_second(office)
            if claim_id is not None:
                count = len(office.seen(claim_id).prepared.lines)  # type: ignore[union-attr] # it was prepared
                answer(office, claim_id, *(one, other)[:count], trace=trace)
        case "back":
            take_back(office, (one and second) or first)
        case "give_up":
            line = office.state("account", ACCOUNT).lines[first, one]
            give_up(office, first, max(1, line.open_cents if other == "payer" else line.owed_cents), other, one)
        case "pay":
            pay(office, one, len(office.clinic.story.facts))
        case _:
            refund(office, one)


def by_line(found: Iterable[LineView]) -> dict[tuple[str, int], tuple[int, ...]]:
    """What each line comes to."""
    return {(line.claim_id, line.line): sums(line) for line in found}


def money(office: Office, kind: type) -> Iterator[Any]:
    """The facts of a kind on the account."""
    for told in office.clinic.story.facts:
        fact = decode(told.topic, told.state) if told.stream == ACCOUNT else None
        if isinstance(fact, kind):
            yield fact


@few(40)
@given(st.lists(STEPS, min_size=3, max_size=12), st.integers(1, 5))
def test_no_write_off_takes_a_line_below_zero_and_no_refund_gives_what_was_not_received(
    steps: list[tuple[Any, Any, Any]], batch: int
) -> None:
    """Whatever two payers answer and take back, whatever is written off and paid: each line is whole, what is open and
    owed is below zero only where it is without any write-off, the account and the statement agree, batches make no
    difference, and no more went back to the patient than came."""
    office, first = sent(DAY, LATER)
    answer(office, first, SHARED, DENIED, trace="EFT-1")
    for step in steps:
        take(office, first, *step)
        received = sum(one.amount_cents for one in money(office, PatientPaymentReceived))
        assert sum(one.amount_cents for one in money(office, RefundIssued)) <= received
    facts = office.clinic.story.recorded(MODEL)
    told = folded(MODEL, facts)
    without = by_line(lines(folded(MODEL, [one for one in facts if one.name != WRITTEN_OFF])))
    for key, (charge, *parts) in by_line(lines(told)).items():
        *_, owed, written_off, left_open = parts
        *_, all_owed, _, all_open = without[key]
        assert charge == sum(parts) and written_off >= 0
        assert owed >= min(0, all_owed) and left_open >= min(0, all_open)
        assert owed + written_off + left_open == all_owed + all_open
    agreed(office, PATIENT)
    in_batches(office, batch)
