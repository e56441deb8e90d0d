"""A claim that its payer sent on to the next payer itself is not billed there again, until somebody knows better."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.claim import facts as claim
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL, worklists
from projections.billing.secondary import FORWARDED
from projections.billing.secondary_claims import secondary
from tests.projections.billing.clinic import Clinic
from tests.projections.billing.test_secondary import (
    DENIED,
    FIRST,
    NOW,
    PRICED,
    PROGRAM,
    SECOND,
    Parts,
    answered,
    bill,
    due,
    send,
)
from tests.projections.billing.test_stale import LESS, replace_first
from tests.projections.billing.test_stale import THIRD as REPLACEMENT
from tests.projections.billing.test_stale_payer import found
from tests.projections.story import asking, project


def take_back(clinic: Clinic, claim_id: str = FIRST) -> None:
    """The answer is reversed."""
    back = claim.AdjudicationReversed(reversed_on="2026-03-22", cause="payer-reversal", answered_on="2026-03-20")
    clinic.story.tell(claim_id, back, role="biller")


def say(
    clinic: Clinic, status: str | None, claim_id: str = FIRST, first: tuple[int, Parts] = PRICED
) -> None:  # fmt: skip
    """The answer of `test_secondary`, with a status (CLP02)."""
    told = tuple(
        claim.AdjudicatedLine(line=number, paid_cents=paid, adjustments=tuple(
            claim.Adjustment(group=group, carc=carc, amount_cents=cents) for group, carc, cents in parts  # type: ignore[arg-type] # the test's own literals
        ))
        for number, (paid, parts) in enumerate((first, DENIED), 1)
    )  # fmt: skip
    answer: Any = {"status": status, "paid_cents": sum(one.paid_cents for one in told)}
    clinic.story.tell(claim_id, claim.ClaimAdjudicated(
        adjudicated_on="2026-03-23", payer_control_number="p1", lines=told, trace_number="EFT-2",
        remittance_on="2026-03-23", **answer,
    ), role="biller")  # fmt: skip


def forwarded(status: str | None = "19", **more: Any) -> Clinic:
    """The first answer is taken back, and the one that stands has this status."""
    clinic = answered(**more)
    take_back(clinic)
    say(clinic, status)
    return clinic


def against(clinic: Clinic) -> list[tuple[str | None, str | None]]:
    """What stands against each secondary claim."""
    return [(one.reason, one.objection) for one in due(clinic)]


@pytest.mark.parametrize("status", ["19", "20", "21"])
def test_a_claim_that_its_payer_forwarded_is_not_billed_to_the_next_one(status: str) -> None:
    """Processed as primary, secondary or tertiary, and forwarded: nothing is prepared, and it says what to do."""
    clinic = forwarded(status)
    claims, [left] = secondary(due(clinic), decided_at=99, now=NOW, new_id=lambda: SECOND)
    assert (claims, left.due.claim_id, left.due.reason, left.why) == ([], FIRST, "forwarded", FORWARDED)
    assert "wait for that payer's answer" in left.why and "did not get the claim" in left.why


@pytest.mark.parametrize("status", ["1", "2", "3", "4", None])
def test_any_other_answer_leaves_the_second_payer_to_be_billed(status: str | None) -> None:
    """Processed or denied and not forwarded, or told by somebody who gave no status."""
    clinic = forwarded(status)
    assert against(clinic) == [(None, None)]
    assert bill(clinic).after_claim == FIRST


def test_another_answer_takes_that_back() -> None:
    """A reversal leaves nothing for a second payer; the answer after it says whether that one forwards the claim."""
    clinic = forwarded()
    take_back(clinic)
    assert due(clinic) == []
    say(clinic, None)
    assert against(clinic) == [(None, None)]
    take_back(clinic)
    say(clinic, "20")
    assert against(clinic) == [("forwarded", FORWARDED)]


def test_what_the_next_payer_has_already_comes_before_what_it_would_be_asked() -> None:
    """No terms of its own stand against it first: nothing is to be prepared, whatever they are."""
    assert against(forwarded(second={"effective_from": "2026-03-03"})) == [("forwarded", FORWARDED)]


def test_the_answer_to_a_replacement_says_whether_that_one_was_forwarded() -> None:
    """The claim before was, its replacement was not."""
    clinic = forwarded()
    replace_first(clinic)
    say(clinic, "1", REPLACEMENT)
    assert [(one.claim_id, one.objection) for one in due(clinic)] == [(REPLACEMENT, None)]


def test_one_that_was_prepared_and_not_sent_is_voided_here_when_the_answer_says_so() -> None:
    """The second payer has it from the first one; what was sent there stands, and is mended when the answer changes."""
    unsent, sent = answered(), answered()
    for clinic in (unsent, sent):
        bill(clinic)
    send(sent, SECOND)
    for clinic in (unsent, sent):
        take_back(clinic)
        say(clinic, "19")
    [one] = found(unsent)
    assert (one.claim_id, one.frequency, one.right_cents, {day.reason for day in one.days}) == (
        SECOND, None, 0, {"forwarded"}
    )
    assert found(sent) == []
    take_back(sent)
    say(sent, "19", first=LESS)
    assert [(one.claim_id, one.frequency, one.waits) for one in found(sent)] == [(SECOND, "7", None)]


def test_the_lists_say_that_it_was_forwarded(log: Log, projector: Pool) -> None:
    """What to do on that of secondary claims, how it stands on that of filing, whose clock runs on."""
    clinic = forwarded()
    clinic.story.append(log)
    asked: Any = {"programs": [PROGRAM], "now": NOW}
    with asking(project(MODEL, log, projector), projector) as cursor:
        [one] = worklists.secondary(cursor, **asked)
        [filed] = worklists.filing(cursor, within_days=90, **asked)
    assert (one.claim_id, one.left_cents, one.reason, one.objection) == (FIRST, 23_000, "forwarded", FORWARDED)
    assert (filed.kind, filed.claim_id, filed.status, filed.due_on) == ("secondary", FIRST, "forwarded", "2026-05-22")
