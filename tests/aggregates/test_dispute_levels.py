"""A decision is contested level by level: each after the answer before it, each claim in one dispute at a level."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.decision import DateInTheFuture
from aggregates.dispute import AGGREGATE
from aggregates.dispute import refusals as no
from aggregates.dispute.appealing import AT_LEVEL
from aggregates.kit import Claim, Release, Stream
from tests.aggregates.biller import IT, POLICY_ID, policy
from tests.aggregates.disputing import (
    DECEMBER,
    SECOND,
    after,
    answer,
    around,
    asked,
    file_it,
    open_it,
    receive,
    refused,
)
from tests.aggregates.scenario import an_id

LOST = (open_it(), file_it(), answer())


def held(level: str, *claims: str) -> tuple[Claim, ...]:
    """What a dispute claims at a level."""
    return tuple(Claim(AT_LEVEL, f"{one}:{level}", held=no.AlreadyDisputed) for one in claims or (IT,))


def freed(level: str, *claims: str) -> tuple[Release, ...]:
    """What it gives back."""
    return tuple(Release(AT_LEVEL, f"{one}:{level}") for one in claims or (IT,))


def test_a_claim_is_in_one_open_dispute_at_a_level() -> None:
    """Each of its claims is held until the level is answered; then another dispute may hold them."""
    opened = asked(open_it(claims=(IT, SECOND))).once()
    assert opened.outcomes == (opened.facts[0], *held("redetermination", IT, SECOND))
    assert str(no.AlreadyDisputed(kind=AT_LEVEL, key="x")).startswith("One of these claims is in another open dispute")
    assert asked(answer(), open_it(), file_it()).outcomes[1:] == freed("redetermination")
    assert asked(file_it("reconsideration", "2026-08-01"), *LOST).outcomes[1:] == held("reconsideration")


def test_the_clock_runs_from_the_receipt_of_the_decision() -> None:
    """2 April and 120 days are 31 July; of the notice alone the receipt is presumed; neither is refused."""
    (fact,) = asked(open_it()).facts
    assert (fact.due_on, fact.deadline.unverified, fact.opened_by) == ("2026-07-31", False, DECEMBER.by)
    (fact,) = asked(open_it(received_on=None, notice_on="2026-04-01")).facts
    assert (fact.due_on, fact.deadline.presumed, fact.deadline.unverified) == ("2026-08-04", True, True)
    refused(open_it(received_on=None), no.NeverReceived)
    refused(open_it(notice_on="2026-04-03"), no.NoticeAfterReceipt)
    refused(open_it(received_on="2027-01-02"), DateInTheFuture)
    refused(open_it(amount_cents=1), no.AlreadyOpened, open_it())


def test_a_level_is_one_of_its_way_and_the_first_unless_a_cause_says_why_not() -> None:
    """Such as when what came before was contested on paper."""
    assert "redetermination, reconsideration" in refused(open_it(level="internal_appeal"), no.LevelOfAnotherTrack)
    refused(open_it(level="reconsideration"), no.LevelSkipped)
    assert asked(open_it(level="reconsideration", skipped_cause="before-this-record")).facts


def test_an_appeal_after_its_last_day_is_recorded_and_marked() -> None:
    """31 July is in time, 1 August is late."""
    (fact,) = asked(file_it(on="2026-07-31"), open_it()).once().facts
    assert (fact.due_on, fact.late, fact.filed_by) == ("2026-07-31", False, DECEMBER.by)
    (fact,) = asked(file_it(on="2026-08-01", late_cause="hospital-closed"), open_it()).facts
    assert (fact.due_on, fact.late, fact.late_cause) == ("2026-07-31", True, "hospital-closed")
    refused(file_it(on="2026-04-01"), no.FiledBeforeDecision, open_it())
    refused(file_it(), no.NothingContested, receive())


def test_a_later_level_comes_after_the_answer_or_for_a_named_cause() -> None:
    """And each level once; what is answered is over."""
    second = file_it("reconsideration", "2026-08-01")
    refused(second, no.LevelSkipped, open_it())
    assert "redetermination" in refused(second, no.LevelSkipped, open_it(), file_it())
    forced = file_it("reconsideration", "2026-08-01", skipped_cause="no-answer-in-60-days")
    decided = asked(forced, open_it(), file_it())
    assert decided.outcomes[1:] == (*freed("redetermination"), *held("reconsideration"))
    (fact,) = asked(second, *LOST).facts
    assert (fact.level, fact.due_on, fact.late) == ("reconsideration", "2026-12-28", False)  # 1 July and 180 days
    refused(file_it("hearing", "2026-08-01"), no.LevelSkipped, *LOST)
    refused(file_it(appeal_id=an_id("other")), no.LevelIsOver, *LOST)
    refused(file_it(appeal_id=an_id("other")), no.AlreadyFiled, open_it(), file_it())
    refused(file_it(amount_cents=1), no.AppealToldOtherwise, open_it(), file_it())


def test_a_hearing_needs_its_amount_in_controversy() -> None:
    """$190 since 2025; less is brought only for a cause, such as claims heard together."""
    before = (*LOST, file_it("reconsideration", "2026-08-01"), answer("reconsideration", "2026-10-01"))
    small = file_it("hearing", "2026-10-02", amount_cents=18_999)
    assert "19000" in refused(small, no.TooSmallInControversy, *before)
    assert asked(file_it("hearing", "2026-10-02", amount_cents=19_000), *before).facts
    together = file_it("hearing", "2026-10-02", amount_cents=18_999, small_amount_cause="heard-together")
    assert asked(together, *before).facts


@pytest.mark.parametrize(
    ("outcome", "upheld", "overturned", "fits"),
    [
        ("upheld", 65_000, 0, True), ("upheld", 0, 1, False), ("overturned", 0, 65_000, True),
        ("overturned", 1, 1, False), ("partly_overturned", 30_000, 35_000, True),
        ("partly_overturned", 65_000, 0, False), ("withdrawn", 0, 0, True), ("dismissed", 0, 1, False),
    ],
)
def test_the_amounts_go_with_the_outcome(outcome: str, upheld: int, overturned: int, fits: bool) -> None:
    """In cents; they move nothing."""
    told = answer(outcome=outcome, upheld_cents=upheld, overturned_cents=overturned)
    if fits:
        decided = asked(told, open_it(), file_it()).once()
        assert decided.outcomes[1:] == freed("redetermination")
    else:
        refused(told, no.AmountsContradict, open_it(), file_it())


def test_an_answer_opens_the_clock_of_the_next_level() -> None:
    """Unless all was won, it was withdrawn, nobody goes on, or there is no level left."""
    (fact,) = asked(answer(), open_it(), file_it()).facts
    assert (fact.next_level, fact.next_due_on, fact.resolved_by) == ("reconsideration", "2026-12-28", DECEMBER.by)
    won = {"outcome": "overturned", "upheld_cents": 0, "overturned_cents": 65_000}
    for changes in ({"final": True}, won, {"outcome": "withdrawn"}):
        (fact,) = asked(answer(**changes), open_it(), file_it()).facts
        assert (fact.next_level, fact.next_due_on, fact.next_deadline) == (None, None, None)
        refused(file_it("reconsideration", "2026-08-01"), no.DisputeIsOver, open_it(), file_it(), answer(**changes))
    (fact,) = asked(answer(received_on=None), open_it(), file_it()).facts
    assert (fact.next_deadline.presumed, fact.next_due_on) == (True, "2027-01-02")  # 1 July, 5 days and 180


def test_there_is_one_answer_at_the_level_where_it_stands() -> None:
    """Not before the decision that is contested."""
    refused(answer(upheld_cents=1), no.AlreadyAnswered, *LOST)
    refused(answer("reconsideration"), no.OtherLevel, open_it())
    refused(answer(on="2026-04-01"), no.FiledBeforeDecision, open_it())
    refused(answer(), no.NothingContested, receive())
    second = (*LOST, file_it("reconsideration", "2026-08-01"))
    refused(answer("reconsideration", "2026-06-30"), no.FiledBeforeDecision, *second)
    assert after(*second, answer("reconsideration", "2026-10-01")).facts


def test_a_contract_s_clock_is_a_term_of_its_policy() -> None:
    """In force on the first day of the claims; unverified as long as nobody compared it; without one nobody knows."""
    contract = {"track": "provider_contract", "level": "contract_reconsideration"}

    def opened(*unverified: str, **terms: Any) -> Any:
        seen = around() | {"policy": policy(*unverified, **terms)}
        return asked(open_it(**contract), seen=seen).facts[0]

    fact = opened(reconsideration_days=60)
    assert (fact.due_on, fact.deadline.confidence, fact.deadline.unverified) == ("2026-06-01", "term", False)
    assert opened("reconsideration_days", reconsideration_days=60).deadline.unverified
    assert (opened().due_on, opened().deadline) == (None, None)
    assert AGGREGATE.further(AGGREGATE.initial, open_it(**contract), around()) == {
        "policy": Stream("payer_policy", POLICY_ID)
    }
    seen = around() | {"policy": policy(reconsideration_days=60, appeal_days=30)}
    lost = answer("contract_reconsideration")
    (fact,) = asked(lost, open_it(**contract), seen=seen).facts
    assert (fact.next_level, fact.next_due_on) == ("contract_appeal", "2026-07-31")  # 1 July and 30 days
    state = asked(open_it(**contract), seen=seen).state
    assert AGGREGATE.consult(state, lost) == {f"claim:{IT}": Stream("claim", IT)}
    assert AGGREGATE.consult(asked(open_it()).state, answer()) == {}
