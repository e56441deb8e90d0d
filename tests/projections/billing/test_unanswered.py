"""Claims that the payer has and that have no answer: those whose answer it took back, and those sent too long ago."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.account.facts import RemittanceUnmatched, UnmatchedAssigned
from aggregates.account.streams import account_with
from aggregates.claim import facts as claim
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, worklists
from projections.billing.worklist_views import UnansweredView
from projections.billing.worklists import NEXT_STEPS, NOT_POSTED
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.test_secondary import SECOND, answered, bill
from tests.projections.billing.test_secondary import send as sent_on_the_tenth
from tests.projections.story import asking, project

PROGRAM = an_id("program")
NOW = "2026-04-10T12:00:00.000000Z"
"""The morning of 10 April in New York."""


def listed(clinic: Clinic, log: Log, projector: Pool, **more: Any) -> list[UnansweredView]:
    """The list, in PostgreSQL."""
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        return worklists.unanswered(cursor, **{"programs": [PROGRAM], "now": NOW} | more)


def send(clinic: Clinic, number: int, at: str, *, acknowledged: bool = False, **changes: Any) -> None:
    """A claim of one day of its own leaves, and may be taken in."""
    clinic.claim(number, [(f"2026-02-{number:02d}", number)], **changes)
    sent = claim.ClaimSubmitted(submitted_at=at, batch="b", control_number=f"C{number}")
    clinic.story.tell(an_id("claim", number), sent, role="biller")
    if acknowledged:
        taken = claim.ClaimAcknowledged(acknowledged_at=at, source="277CA", reference="r")
        clinic.story.tell(an_id("claim", number), taken, role="biller")


def answer(clinic: Clinic, number: int) -> None:
    """Paid in full."""
    clinic.story.tell(an_id("claim", number), claim.ClaimAdjudicated(
        adjudicated_on="2026-03-20", payer_control_number=f"p{number}", paid_cents=20_000,
        lines=(claim.AdjudicatedLine(line=1, paid_cents=20_000, adjustments=()),),
    ), role="biller")  # fmt: skip


def take_back(clinic: Clinic, number: int, on: str) -> None:
    """The payer reverses its answer."""
    clinic.story.tell(an_id("claim", number), claim.AdjudicationReversed(
        reversed_on=on, cause="payer-reversal", answered_on="2026-03-20"
    ), role="biller")  # fmt: skip


def test_what_was_taken_back_comes_first_and_then_what_was_sent_longest_ago(log: Log, projector: Pool) -> None:
    """Each with its payer, since when, how many days, the money and what to do; the answered one is on no such list."""
    clinic = a_clinic()
    send(clinic, 1, "2026-03-02T15:00:00.000000Z")
    send(clinic, 2, "2026-02-20T15:00:00.000000Z", acknowledged=True)
    for number, on in ((3, "2026-04-09"), (4, "2026-04-01"), (5, "")):
        send(clinic, number, "2026-03-10T15:00:00.000000Z", acknowledged=True)
        answer(clinic, number)
        if on:
            take_back(clinic, number, on)
    found = listed(clinic, log, projector)
    assert [(one.claim_id, one.status, one.since, one.days, one.payer_control_number) for one in found] == [
        (an_id("claim", 4), "taken_back", "2026-04-01", 9, "p4"),
        (an_id("claim", 3), "taken_back", "2026-04-09", 1, "p3"),
        (an_id("claim", 2), "acknowledged", "2026-02-20", 49, None),
        (an_id("claim", 1), "submitted", "2026-03-02", 39, None),
    ]
    assert {(one.payer_id, one.cents, one.unmatched) for one in found} == {(an_id("payer"), 20_000, False)}
    assert [one.next_step for one in found] == [NEXT_STEPS[one.status] for one in found]
    assert {one.unverified[0] for one in found} == {"older_than_days"}


def test_how_long_is_too_long_is_counted_in_the_programs_days(log: Log, projector: Pool) -> None:
    """Sent at eleven in the evening of 10 March in New York, when it was the 11th elsewhere: 31 days ago."""
    clinic = a_clinic()
    send(clinic, 1, "2026-03-11T03:00:00.000000Z")
    send(clinic, 2, "2026-03-11T04:00:00.000000Z")
    [one] = listed(clinic, log, projector)
    assert (one.claim_id, one.since, one.days) == (an_id("claim"), "2026-03-10", 31)
    with asking(project(MODEL, log, projector), projector) as cursor:
        asked: Any = {"programs": [PROGRAM], "now": NOW}
        assert len(worklists.unanswered(cursor, older_than_days=29, **asked)) == 2
        assert worklists.unanswered(cursor, older_than_days=31, **asked) == []
        assert worklists.unanswered(cursor, payer_id=an_id("payer", 9), **asked) == []
        assert worklists.unanswered(cursor, programs=[an_id("program", 9)], now=NOW) == []


def test_an_answer_after_the_reversal_takes_it_off(log: Log, projector: Pool) -> None:
    """The payer took back what it said and said something else."""
    clinic = a_clinic()
    send(clinic, 1, "2026-03-02T15:00:00.000000Z")
    answer(clinic, 1)
    take_back(clinic, 1, "2026-04-01")
    answer(clinic, 1)
    assert listed(clinic, log, projector) == []


@pytest.mark.parametrize("what", ["prepared", "rejected", "replaced", "voided", "void"])
def test_what_no_answer_is_to_come_for_is_none_of_them(log: Log, projector: Pool, what: str) -> None:
    """Not sent, not taken in, replaced or voided; nor the void, whose acceptance its days wait for."""
    clinic = a_clinic()
    early, first = "2026-02-20T15:00:00.000000Z", an_id("claim")
    if what == "prepared":
        clinic.claim(1, [("2026-02-01", 1)])
    else:
        send(clinic, 1, early, frequency="8" if what == "void" else "1")
    gone = {
        "rejected": claim.ClaimRejected(rejected_at=early, source="277CA", codes=("A7",)),
        "replaced": claim.ClaimReplaced(replaced_by=an_id("claim", 2), cause="error"),
        "voided": claim.ClaimVoided(voided_on="2026-03-01", cause="error"),
    }.get(what)
    if gone is not None:
        clinic.story.tell(first, gone, role="biller")
    assert listed(clinic, log, projector) == []


def test_of_a_secondary_claim_the_money_is_what_was_left(log: Log, projector: Pool) -> None:
    """The first payer left 230 of 400 dollars; the second one, sent to on 10 March, says nothing."""
    clinic = answered()
    bill(clinic)
    sent_on_the_tenth(clinic, SECOND)
    [one] = listed(clinic, log, projector)
    assert (one.claim_id, one.payer_id, one.after_claim) == (SECOND, an_id("payer", 2), an_id("claim"))
    assert (one.cents, one.days) == (23_000, 31)


@pytest.mark.parametrize("settled", [False, True])
def test_an_answer_that_could_not_be_posted_is_to_be_settled_first(log: Log, projector: Pool, settled: bool) -> None:
    """A part of a payer's file names the claim and waits, until somebody says what became of it."""
    clinic = a_clinic()
    send(clinic, 1, "2026-03-02T15:00:00.000000Z")
    account, part = account_with(PROGRAM, an_id("payer")), an_id("unmatched")
    clinic.story.tell(account, RemittanceUnmatched(
        unmatched_id=part, program_id=PROGRAM, payer_id=an_id("payer"), source="835", part="claim",
        why="charge-differs", claim_id=an_id("claim"),
    ), role="biller")  # fmt: skip
    if settled:
        clinic.story.tell(
            account, UnmatchedAssigned(unmatched_id=part, program_id=PROGRAM, resolution="settled"), role="biller"
        )
    [one] = listed(clinic, log, projector)
    assert one.unmatched is not settled
    assert one.next_step == (NEXT_STEPS["submitted"] if settled else NOT_POSTED)
