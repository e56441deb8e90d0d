"""What a claim holds: each day's one per diem, and what it takes back until the payer has accepted that."""

from __future__ import annotations

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
    submit,
    without_units,
)
from tests.aggregates.scenario import an_id, folded, seen_as

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
