"""What a claim holds: each day's one per diem, and what it takes back until the payer has accepted that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.claim import AGGREGATE
from aggregates.claim import facts as past
from aggregates.claim import refusals as no
from aggregates.kit import Claim, Elsewhere, Release
from aggregates.payer_policy.terms import PerDiem, ServicePrice
from tests.aggregates.biller import (
    ENDED,
    IT,
    JUNE,
    LINES,
    OLD,
    PATIENT_ID,
    PAYER,
    SENT,
    TAKEN,
    acknowledge,
    adjudicate,
    around,
    asked,
    earlier,
    holding,
    line,
    paid,
    policy,
    prepare,
    prepared,
    reject,
    reverse,
    submit,
    without_units,
)
from tests.aggregates.scenario import an_id, folded, given, seen_as

SHORTER: dict[str, Any] = {"frequency": "7", "replaces": OLD, "lines": LINES[:1], "total_cents": 32_500}
"""A replacement that bills the first of the two days only."""


def test_a_replacement_keeps_what_it_bills_no_more_until_the_payer_accepts_it() -> None:
    """The day that it leaves out stays with it: a 999 frees nothing, the payer's word or answer does, once."""
    decided = asked(prepare(**SHORTER), seen=earlier())
    first, second = "2026-03-02", "2026-03-04"
    fact = prepared((first,), **SHORTER)
    taken = *holding(Claim, first), *holding(Claim, second)
    decided.then(fact, Elsewhere("replaced", (ENDED, *holding(Release))), *taken)
    ended = earlier(prepared(), SENT, TAKEN, ENDED)
    sent = decided.after.when(submit(), JUNE, around()).after
    read = sent.when(acknowledge(source="999"), JUNE, ended)
    assert not any(isinstance(one, Release) for one in read.outcomes)
    taken_in = read.after.when(acknowledge(), JUNE, ended)
    assert taken_in.outcomes[1:] == holding(Release, second)
    answer = adjudicate(paid(1, 32_500), paid_cents=32_500)
    assert read.after.when(answer, JUNE, ended).outcomes[1:] == holding(Release, second)
    assert len(taken_in.after.when(answer, JUNE, ended).outcomes) == 1
    refused = read.after.when(reject(), JUNE, ended)
    again = Elsewhere("replaced", (past.ClaimReinstated(instead_of=IT), *holding(Claim)))
    assert refused.outcomes[1:] == (*holding(Release, first), *holding(Release, second), again)


def test_a_rejection_after_the_acceptance_gives_back_what_nobody_else_bills() -> None:
    """The day that the replacement left out is another claim's by now: it is told with that claim, and stays there."""
    other, second = an_id("claim", 4), "2026-03-04"
    ended = earlier(prepared(), SENT, TAKEN, ENDED)
    accepted = asked(prepare(**SHORTER), seen=earlier()).after.when(submit(), JUNE, around()).after.when(
        acknowledge(), JUNE, ended
    ).after  # fmt: skip
    held = {one.key: one for one in holding(Claim, second)}
    asked_for = AGGREGATE.further(folded(AGGREGATE, *accepted.facts), reject(), ended)
    assert held.keys() <= {one.holder_of[1] for one in asked_for.values() if one.holder_of}
    seen = {name: seen_as(AGGREGATE, other) for name, one in asked_for.items() if one.holder_of[1] in held}
    rejected = accepted.when(reject(), JUNE, ended | seen)
    _, *_, again = rejected.outcomes
    fact, *claims = again.outcomes
    assert {(one.key, one.claim_id) for one in fact.billed_anew} == {(key, other) for key in held}
    waits = {one.key for one in claims if one.kind == "billed_anew"}
    assert tuple(one for one in claims if one.kind != "billed_anew") == holding(Claim, "2026-03-02")
    assert waits == {f"{one.kind}:{one.key}" for one in held.values()}
    standing = folded(AGGREGATE, prepared(), SENT, TAKEN, ENDED, fact)
    assert not {key for _, key in standing.held} & held.keys()


def test_what_a_replacement_still_keeps_is_not_handed_on() -> None:
    """A replacement that only a clearing house has read cannot be replaced: it may yet give days back."""
    read = past.ClaimAcknowledged(acknowledged_at="2026-03-11T03:00:00Z", source="999", reference="A1")
    facts, command = (prepared(frequency="7", replaces=an_id("claim", 3)), SENT, read), prepare(**SHORTER)
    assert "not accepted" in asked(command, seen=earlier(*facts)).refuses(no.NotReplaceable)
    assert asked(command, seen=earlier(*facts, TAKEN)).facts


def test_a_patients_day_has_one_per_diem_whatever_its_code() -> None:
    """A line is one by the payer's terms of its day; a service beside it, and a day of services, reserve none."""
    other = PerDiem(
        level_of_care="intensive_outpatient", focus="substance_use", procedure_code="H0015", revenue_code="0906",
        unit_basis="day",
    )
    beside = line(2, revenue_code="0914", procedure_code="90837")
    lines = without_units(line(revenue_code="0906", procedure_code="H0015"), beside)
    decided = asked(prepare(lines=lines), seen=around(policy=policy(per_diems=(other,))))
    whose = f"{PATIENT_ID}:{PAYER}:2026-03-02"
    assert [one.key for one in decided.outcomes if isinstance(one, Claim) and one.kind == "per_diem_day"] == [whose]
    assert asked(prepare(lines=lines)).state.prepared.per_diem_days == ()
    group = ServicePrice(service_kind="group", procedure_code="90837", use="day_line", revenue_code="0914")
    by_service = around(policy=policy(line_basis="service", services=(group,)))
    assert asked(prepare(lines=lines), seen=by_service).state.prepared.per_diem_days == ("2026-03-02",)


def test_a_claim_prepared_before_that_was_told_holds_and_gives_back_no_per_diem() -> None:
    """Its void says as little."""
    old = earlier(prepared(None), SENT, TAKEN)
    decided = asked(prepare(frequency="8", replaces=OLD), seen=old)
    assert decided.state.prepared.per_diem_days is None
    assert all(one.kind != "per_diem_day" for one in decided.outcomes if isinstance(one, Claim))


DENIED = adjudicate(paid(1, 0, ("29", 32_500)), paid_cents=0, status="4")
PAID = past.ClaimAdjudicated(
    adjudicated_on="2026-03-30", payer_control_number="P1", paid_cents=65_000,
    lines=(paid(1, 32_500), paid(2, 32_500)),
)
REVERSED = past.AdjudicationReversed(reversed_on="2026-04-01", cause="payer-reversal", answered_on="2026-03-30")


def denied(*before: Any) -> tuple[Any, Any]:
    """A replacement by the first of two days, sent and then denied as a whole, beside what was answered before; and
    the claim that it replaces."""
    ended = earlier(prepared(), SENT, TAKEN, *before, ENDED)
    sent = asked(prepare(**SHORTER), seen=earlier()).after.when(submit(), JUNE, around()).after
    return sent.when(DENIED, JUNE, ended), ended


def test_a_denial_of_a_replacement_frees_nothing_while_the_earlier_answer_stands() -> None:
    """It keeps the day that it leaves out, and may be rejected: then the earlier claim has both days again."""
    decided, ended = denied(PAID)
    assert len(decided.outcomes) == 1 and not decided.state.accepted
    refused = decided.after.when(reject(), JUNE, ended)
    again = Elsewhere("replaced", (past.ClaimReinstated(instead_of=IT), *holding(Claim)))
    released = *holding(Release, "2026-03-02"), *holding(Release, "2026-03-04")
    refused.then(refused.facts[0], *released, again)
    taken_in = decided.after.when(acknowledge(source="portal"), JUNE, ended)
    assert taken_in.outcomes[1:] == holding(Release, "2026-03-04")


def test_a_denial_of_a_replacement_accepts_it_where_nothing_that_was_allowed_stands() -> None:
    """The earlier answer was reversed, was a denial too, or never came: the day left out is free, and the denial is an
    answer as any other."""
    refused = adjudicate(paid(1, 0, ("50", 32_500)), paid(2, 0, ("50", 32_500)), paid_cents=0, status="4")
    nothing = past.ClaimAdjudicated(
        adjudicated_on="2026-03-30", payer_control_number="P1", paid_cents=0, lines=refused.lines, status="4"
    )
    for before in ((PAID, REVERSED), (nothing,), ()):
        decided, ended = denied(*before)
        assert decided.outcomes[1:] == holding(Release, "2026-03-04")
        decided.after.when(reject(), JUNE, ended).refuses(no.AlreadyAdjudicated)


def test_a_reversal_of_the_earlier_answer_accepts_the_replacement_that_was_denied() -> None:
    """With the payer's word on the replacement, which gives up the day that it left out."""
    decided, _ = denied(PAID)
    paid_for = (prepared(), SENT, TAKEN, PAID, ENDED)
    command = replace(reverse(), claim_id=OLD)
    holders = AGGREGATE.consult(folded(AGGREGATE, *paid_for), command)
    later = seen_as(AGGREGATE, IT, *decided.after.facts)
    seen = dict.fromkeys(holders, later)
    fact, there = given(AGGREGATE, *paid_for).when(command, JUNE, seen).outcomes
    assert isinstance(fact, past.AdjudicationReversed)
    told, *released = there.outcomes
    assert (told.source, told.reference) == ("reversal", "2026-04-30")
    assert tuple(released) == holding(Release, "2026-03-04")
