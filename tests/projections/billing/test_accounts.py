"""Accounts in billing: every line is always whole, denials are told by line and lead to the decision they contest."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account import facts as money
from aggregates.account.streams import account_of, account_with
from aggregates.claim import facts as claim
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL
from projections.billing.accounts import queries
from projections.billing.accounts.views import AccountView, LineView
from projections.billing.queries import claims, days, months
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.story import asking, folded, project

PATIENT, PROGRAM, PAYER, CLAIM = an_id("patient"), an_id("program"), an_id("payer"), an_id("claim")
ACCOUNT, WITH_PAYER = account_of(PATIENT), account_with(PROGRAM, PAYER)
NOW = "2026-07-01T12:00:00.000000Z"
DAYS = (("2026-03-02", 1), ("2026-03-04", 2))
Parts = tuple[tuple[str, str, int], ...]


def billed(submitted: bool = True) -> Clinic:
    """Two documented days of 200 dollars on a claim that was sent."""
    clinic = a_clinic()
    for day, _ in DAYS:
        clinic.documented(day, "09:00-12:00")
    clinic.claim(1, DAYS)
    if submitted:
        sent = claim.ClaimSubmitted(submitted_at="2026-03-10T21:00:00.000000Z", batch="b", control_number="c1")
        clinic.story.tell(CLAIM, sent, role="biller")
    return clinic


def answer(clinic: Clinic, *lines: tuple[int, Parts], trace: str = "EFT-1", post: bool = True) -> None:
    """The payer's answer, line by line, adjudicated and posted."""
    made = tuple(
        claim.AdjudicatedLine(line=number, paid_cents=paid, adjustments=tuple(
            claim.Adjustment(group=group, carc=carc, amount_cents=cents) for group, carc, cents in parts  # type: ignore[arg-type] # the test's own literals
        ))
        for number, (paid, parts) in enumerate(lines, 1)
    )  # fmt: skip
    clinic.story.tell(CLAIM, claim.ClaimAdjudicated(
        adjudicated_on="2026-03-20", payer_control_number="p1", lines=made, trace_number=trace,
        paid_cents=sum(one.paid_cents for one in made), remittance_on="2026-03-21",
    ), role="biller")  # fmt: skip
    for one in made if post else ():
        tell(clinic, money.RemittancePosted(
            claim_id=CLAIM, line=one.line, payer_id=PAYER, trace_number=trace, sequence=1, remittance_on="2026-03-21",
            paid_cents=one.paid_cents, adjustments=one.adjustments,
        ))  # fmt: skip


def take_back(clinic: Clinic, trace: str = "EFT-2") -> None:
    """The payer's reversal."""
    clinic.story.tell(CLAIM, claim.AdjudicationReversed(
        reversed_on="2026-04-20", cause="payer-reversal", trace_number=trace, answered_on="2026-03-20",
    ), role="biller")  # fmt: skip


def tell(clinic: Clinic, fact: Any, stream: str = ACCOUNT) -> int:
    """An account fact, of the patient unless it is the provider's."""
    whose = [(PATIENT, an_id("alias", len(clinic.story.facts) + 1))] if stream == ACCOUNT else []
    return clinic.story.tell(stream, fact, role="biller", patients=whose)


def test_what_is_open_stands_with_the_payer_that_was_billed(log: Log, projector: Pool) -> None:
    """Of 400 dollars 150 are paid, 20 off and 30 the patient's of one line; the other is denied and open."""
    clinic = billed()
    answer(clinic, (15_000, (("CO", "45", 2_000), ("PR", "2", 3_000))), (0, (("CO", "197", 20_000),)))
    clinic.documented("2026-03-09", "09:00-12:00")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = months(cursor, programs=[PROGRAM], now=NOW)
        assert months(cursor, programs=[], now=NOW) == []
    assert [(one.payer_id, one.month, one.state, one.cents, one.open_cents) for one in found] == [
        (PAYER, "2026-03", "billed", 40_000, 20_000), (PAYER, "2026-03", "held", 20_000, 0),
    ]


def write_off(clinic: Clinic, cents: int, line: int = 2, share: Any = "payer") -> None:
    """Given up."""
    tell(clinic, money.BalanceWrittenOff(
        write_off_id=an_id("write_off", len(clinic.story.facts)), claim_id=CLAIM, line=line, share=share,
        amount_cents=cents, cause="hardship", requested_by=an_id("person"), approved_by=an_id("person", 2),
    ))  # fmt: skip


def pay(clinic: Clinic, cents: int) -> None:
    """The patient pays."""
    tell(clinic, money.PatientPaymentReceived(
        patient_id=PATIENT, program_id=PROGRAM, payment_id=an_id("payment", len(clinic.story.facts)),
        received_on="2026-04-01", amount_cents=cents, method="card",
    ))  # fmt: skip


def give_back(
    clinic: Clinic, cents: int, claim_id: str | None = CLAIM, method: Any = "takeback", program_id: str = PROGRAM
) -> None:  # fmt: skip
    """A person finds that the payer paid so much too much, and it goes back."""
    found, number = an_id("overpayment", len(clinic.story.facts)), len(clinic.story.facts)
    tell(clinic, money.OverpaymentIdentified(
        overpayment_id=found, program_id=program_id, payer_id=PAYER, claim_id=claim_id, amount_cents=cents,
        cause="billed-in-error", identified_by=an_id("person"), identified_on="2026-05-01", return_days=60,
        return_due_on="2026-06-30",
    ))  # fmt: skip
    tell(clinic, money.OverpaymentReturned(
        overpayment_id=found, return_id=an_id("return", number), returned_on="2026-05-02", amount_cents=cents,
        method=method,
    ))  # fmt: skip


def withhold(clinic: Clinic, cents: int, reason: str = "WO") -> None:
    """The payer settles so much beside its claims (PLB), and says that it is about the claim."""
    tell(clinic, money.ProviderAdjustmentPosted(
        program_id=PROGRAM, payer_id=PAYER, trace_number="EFT-9", sequence=len(clinic.story.facts) % 999 + 1,
        remittance_on="2026-05-03", reason_code=reason, amount_cents=cents, claim_id=CLAIM, has_reference=False,
    ), WITH_PAYER)  # fmt: skip


def account(clinic: Clinic) -> AccountView:
    """The account out of rows made in memory."""
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    found = queries.account_from_rows(delta, patient_id=PATIENT, programs=[PROGRAM])
    assert found is not None
    return found


PAID: tuple[int, Parts] = (15_000, (("CO", "45", 3_000), ("PR", "2", 2_000)))
PARTLY: tuple[int, Parts] = (10_000, (("CO", "45", 3_000), ("CO", "198", 5_000), ("PR", "2", 2_000)))
DENIED: tuple[int, Parts] = (0, (("CO", "197", 20_000),))


def whole(line: LineView) -> bool:
    """The law of a line."""
    return line.charge_cents == (
        line.paid_cents + line.contractual_cents + line.patient_cents + line.written_off_cents + line.open_cents
    )


def test_a_line_says_what_became_of_its_charge() -> None:
    """Paid, contractual, the patient's, denied in part; the rest is open. Adjustments keep group, code and cents."""
    clinic = billed()
    answer(clinic, PAID, PARTLY)
    first, second = account(clinic).lines
    assert (first.paid_cents, first.contractual_cents, first.patient_cents) == (15_000, 3_000, 2_000)
    assert first.open_cents == first.denied_cents == 0
    assert (second.denied_cents, second.open_cents, second.posted_cents) == (5_000, 5_000, 10_000)
    assert [(one.group, one.carc, one.cents, one.share) for one in second.adjustments] == [
        ("CO", "45", 3_000, "contractual"), ("CO", "198", 5_000, "denied"), ("PR", "2", 2_000, "patient"),
    ]
    assert (second.service_date, second.decided_at, second.trace_number) == ("2026-03-04", first.decided_at, "EFT-1")
    assert whole(first) and whole(second)


def test_a_claim_that_was_never_sent_owes_nothing() -> None:
    """Nor does a request to void another claim."""
    clinic = billed(submitted=False)
    delta = folded(MODEL, clinic.story.recorded(MODEL))
    assert queries.account_from_rows(delta, patient_id=PATIENT, programs=[PROGRAM]) is None
    sent = billed()
    sent.claim(2, DAYS, frequency="8", replaces=CLAIM)
    again = claim.ClaimSubmitted(submitted_at="2026-03-12T21:00:00.000000Z", batch="b", control_number="c2")
    sent.story.tell(an_id("claim", 2), again, role="biller")
    assert [one.claim_id for one in account(sent).lines] == [CLAIM, CLAIM]


@pytest.mark.parametrize("claim_id", [CLAIM, None], ids=["named", "unnamed"])
def test_what_a_payer_paid_stays_its_credit_when_the_claim_is_taken_back(
    log: Log, projector: Pool, claim_id: str | None
) -> None:  # fmt: skip
    """It is on the list of credits, which no computation calls overpaid; what is returned of it or withheld for it
    leaves (a return by takeback is of what was withheld), and a reversal takes the rest, with what was withheld given
    back beside it."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    clinic.story.tell(CLAIM, claim.ClaimVoided(voided_on="2026-04-01", cause="error"), role="biller")
    (balance,) = account(clinic).balances
    assert (balance.charge_cents, balance.paid_cents, balance.credit_cents) == (0, 0, 30_000)
    give_back(clinic, 10_000, claim_id)
    withhold(clinic, 20_000)
    withhold(clinic, 5_000, reason="L6")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        (told,) = queries.payer_credits(cursor, programs=[PROGRAM], now=NOW)
        assert queries.payer_credits(cursor, programs=[an_id("program", 2)], now=NOW) == []
        assert queries.payer_credits(cursor, programs=[PROGRAM], now=NOW, payer_id=an_id("payer", 2)) == []
        (sums,) = queries.sums(cursor, programs=[PROGRAM], now=NOW)
    assert (told.claim_id, told.claim_status, told.paid_cents, told.returned_cents) == (CLAIM, "voided", 30_000, 10_000)
    assert (told.credit_cents, told.withheld_cents, told.adjusted_cents) == (10_000, 10_000, 25_000)
    assert told.identified_cents == (10_000 if claim_id else 0)
    assert (sums.credit_cents, sums.returned_cents) == (10_000, 20_000)
    take_back(clinic)
    withhold(clinic, -20_000)
    (balance,) = account(clinic).balances
    assert (balance.credit_cents, balance.returned_cents) == (0, 0)


def test_a_balance_is_the_sum_of_the_lines_that_count_less_what_the_patient_paid() -> None:
    """A credit is below zero; written off of the patient's share is owed no more."""
    clinic = billed()
    answer(clinic, PAID, DENIED)
    pay(clinic, 2_500)
    write_off(clinic, 400, line=1, share="patient")
    write_off(clinic, 1_000)
    tell(clinic, money.RefundIssued(
        program_id=PROGRAM, refund_id=an_id("refund"), issued_on="2026-05-01", amount_cents=300, method="check",
        cause="paid-twice",
    ))  # fmt: skip
    (balance,) = account(clinic).balances
    assert (balance.charge_cents, balance.paid_cents, balance.written_off_cents) == (40_000, 15_000, 1_400)
    assert (balance.patient_cents, balance.open_cents, balance.denied_cents) == (1_600, 19_000, 20_000)
    assert (balance.received_cents, balance.refunded_cents, balance.balance_cents) == (2_500, 300, -600)
    clinic.story.tell(CLAIM, claim.ClaimReplaced(replaced_by=an_id("claim", 9), cause="corrected"), role="biller")
    (balance,) = account(clinic).balances
    assert (balance.charge_cents, balance.balance_cents) == (0, -2_200)
    assert not any(line.counts for line in account(clinic).lines)


def test_a_late_answer_brings_no_replaced_or_voided_claim_back(log: Log, projector: Pool) -> None:
    """It is kept with the claim, whose status and days stay what they were."""
    for ending in (
        claim.ClaimReplaced(replaced_by=an_id("claim", 9), cause="corrected"),
        claim.ClaimVoided(voided_on="2026-03-15", cause="error"),
    ):
        clinic = billed()
        clinic.story.tell(CLAIM, ending, role="biller")
        answer(clinic, PAID, PAID)
        delta = folded(MODEL, clinic.story.recorded(MODEL))
        (row,) = delta.rows["claim_status"][CLAIM,]
        assert row[6] in {"replaced", "voided"}
        assert {one[7] for one in delta.rows["patient_day"][PATIENT, "2026-03-02"]} == {"billable"}
        take_back(clinic)
        (row,) = folded(MODEL, clinic.story.recorded(MODEL)).rows["claim_status"][CLAIM,]
        assert row[6] in {"replaced", "voided"}


def test_a_reversed_answer_leaves_the_claim_waiting_and_a_new_one_takes_its_place(log: Log, projector: Pool) -> None:
    """After the reversal everything is open again; after the new answer only that one counts."""
    clinic = billed()
    taken = claim.ClaimAcknowledged(acknowledged_at="2026-03-11T03:00:00.000000Z", source="277CA", reference="a")
    clinic.story.tell(CLAIM, taken, role="biller")
    answer(clinic, PAID, DENIED)
    take_back(clinic)
    assert [line.open_cents for line in account(clinic).lines] == [20_000, 20_000]
    assert {line.claim_status for line in account(clinic).lines} == {"acknowledged"}
    answer(clinic, PAID, PAID, trace="EFT-2")
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = queries.account(cursor, programs=[PROGRAM], now=NOW, patient_id=PATIENT)
        assert found is not None and [line.open_cents for line in found.lines] == [0, 0]
        assert found.balances[0].paid_cents == 30_000
        (one,) = claims(cursor, programs=[PROGRAM], now=NOW)
        assert (one.status, one.paid_cents, one.denied_cents) == ("adjudicated", 30_000, 0)
        assert queries.denials(cursor, programs=[PROGRAM], now=NOW) == []


def test_denials_are_told_by_payer_and_code_and_lead_to_their_decision(log: Log, projector: Pool) -> None:
    """Each line names its day and the position at which that day was decided for the claim."""
    clinic = billed()
    answer(clinic, PARTLY, DENIED)
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        told = queries.denials(cursor, programs=[PROGRAM], now=NOW)
        assert [(one.carc, one.lines, one.patients, one.cents, one.oldest) for one in told] == [
            ("197", 1, 1, 20_000, "2026-03-04"), ("198", 1, 1, 5_000, "2026-03-02"),
        ]
        (line,) = queries.denied_lines(cursor, programs=[PROGRAM], now=NOW, carc="197")
        (day,) = days(cursor, programs=[PROGRAM], now=NOW, from_date=line.service_date, through_date=line.service_date)
        assert (line.enrollment_id, line.claim_id) == (day.enrollment_id, day.claim_id)
        assert day.denied_cents == line.denied_cents == 20_000
        assert 0 < line.decided_at < day.positions[-1]
        both = queries.denied_lines(cursor, programs=[PROGRAM], now=NOW)
        after = queries.cursor_of(both[0])
        assert queries.denied_lines(cursor, programs=[PROGRAM], now=NOW, after=after) == both[1:]
        assert queries.denials(cursor, programs=[an_id("program", 2)], now=NOW) == []
        assert queries.denied_lines(cursor, programs=[PROGRAM], now=NOW, payer_id=an_id("payer", 2)) == []


def test_an_overpayment_shows_when_it_is_due_and_which_days_nobody_verified() -> None:
    """The clock as the person gave it, suspended, and what went back."""
    clinic = billed()
    answer(clinic, PAID, PAID)
    it = an_id("overpayment")
    tell(clinic, money.OverpaymentIdentified(
        overpayment_id=it, program_id=PROGRAM, payer_id=PAYER, claim_id=CLAIM, amount_cents=900, cause="duplicate",
        identified_by=an_id("person"), identified_on="2026-05-10", return_days=60, return_due_on="2026-07-09",
    ))  # fmt: skip
    (one,) = account(clinic).overpayments
    assert (one.return_due_on, one.unverified) == ("2026-07-09", ["return_days"])
    opened = money.OverpaymentInvestigationOpened(
        overpayment_id=it, opened_on="2026-05-12", suspended_days=30, return_due_on="2026-08-08"
    )
    tell(clinic, opened)
    back = {"overpayment_id": it, "returned_on": "2026-06-01", "method": "check"}
    tell(clinic, money.OverpaymentReturned(**back, return_id=an_id("return"), amount_cents=400))
    (one,) = account(clinic).overpayments
    assert (one.return_due_on, one.suspended_days, one.returned_cents) == ("2026-08-08", 30, 400)


def test_what_is_unmatched_waits_on_a_list_until_it_is_assigned(log: Log, projector: Pool) -> None:
    """With a sentence that says why and what to do; what names no program is everybody's to work on."""
    clinic = billed()
    for number, program in enumerate((PROGRAM, None, an_id("program", 2)), 1):
        tell(clinic, money.RemittanceUnmatched(
            unmatched_id=an_id("unmatched", number), program_id=program, source="835", part="claim",
            why="claim-unknown", trace_number="EFT-1", charge_cents=100, paid_cents=-5,
        ), stream=account_with(program, None))  # fmt: skip
    tell(clinic, money.UnmatchedAssigned(
        unmatched_id=an_id("unmatched"), program_id=PROGRAM, resolution="posted-by-hand", claim_id=CLAIM,
    ), stream=account_with(PROGRAM, None))  # fmt: skip
    tell(clinic, money.ProviderAdjustmentPosted(
        program_id=PROGRAM, payer_id=PAYER, trace_number="EFT-1", sequence=1, remittance_on="2026-03-21",
        reason_code="WO", amount_cents=900, has_reference=False,
    ), stream=WITH_PAYER)  # fmt: skip
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        ours: dict[str, Any] = {"programs": [PROGRAM], "now": NOW}
        assigned, waiting = queries.unmatched(cursor, **ours)
        assert (assigned.resolution, assigned.assigned_claim_id) == ("posted-by-hand", CLAIM)
        assert queries.unmatched(cursor, **ours, assigned=False) == [waiting]
        assert waiting.program_id is None and "control number" in waiting.sentence
        assert queries.unmatched(cursor, **ours, after=queries.cursor_of(assigned)) == [waiting]
        (adjusted,) = queries.adjustments(cursor, **ours)
        assert (adjusted.amount_cents, adjusted.account_id) == (900, WITH_PAYER)


def test_account_facts_about_nothing_known_change_nothing() -> None:
    """A posting of a claim, or a return of an overpayment, that billing never heard of makes no row."""
    clinic = billed()
    before = account(clinic)
    tell(clinic, money.RemittancePosted(
        claim_id=an_id("claim", 7), line=1, payer_id=PAYER, trace_number="E", sequence=1, remittance_on="2026-03-21",
        paid_cents=5, adjustments=(),
    ))  # fmt: skip
    tell(clinic, money.OverpaymentReturned(
        overpayment_id=an_id("overpayment"), return_id=an_id("return"), returned_on="2026-06-01", amount_cents=1,
        method="check",
    ))  # fmt: skip
    assert account(clinic) == before
