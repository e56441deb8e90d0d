"""The laws of accounts in billing, after any sequence of answers, reversals, write-offs, payments and endings."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.claim import facts as claim
from aggregates.codec import decode
from projections.billing import MODEL
from tests.projections.billing.clinic import Clinic
from tests.projections.billing.test_accounts import (
    CLAIM,
    DENIED,
    PAID,
    PARTLY,
    account,
    an_id,
    answer,
    billed,
    folded,
    give_back,
    pay,
    take_back,
    whole,
    withhold,
    write_off,
)


def received(clinic: Clinic) -> int:
    """What the payer paid and has not taken back, by the claim's own facts."""
    paid = 0
    for told in clinic.story.facts:
        fact = decode(told.topic, told.state) if told.stream == CLAIM else None
        if isinstance(fact, claim.ClaimAdjudicated):
            paid = fact.paid_cents
        elif isinstance(fact, claim.AdjudicationReversed):
            paid = 0
    return paid


STEPS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from([PAID, PARTLY, DENIED]), st.sampled_from([PAID, PARTLY, DENIED])),
    st.tuples(st.just("back"), st.none(), st.none()),
    st.tuples(st.just("write_off"), st.integers(1, 30_000), st.sampled_from(["payer", "patient"])),
    st.tuples(st.just("pay"), st.integers(1, 30_000), st.none()),
    st.tuples(st.just("end"), st.sampled_from(["replaced", "voided"]), st.none()),
    st.tuples(st.just("withhold"), st.integers(-30_000, 30_000), st.sampled_from(["WO", "72", "FB", "L6"])),
    st.tuples(st.just("return"), st.integers(1, 30_000), st.sampled_from([CLAIM, None])),
)


def take(clinic: Clinic, kind: Any, one: Any, other: Any) -> None:
    """One step."""
    match kind:
        case "answer":
            answer(clinic, one, other, trace=f"EFT-{len(clinic.story.facts)}")
        case "back":
            take_back(clinic)
        case "write_off":
            write_off(clinic, one, share=other)
        case "pay":
            pay(clinic, one)
        case "withhold":
            withhold(clinic, one, reason=other)
        case "return":
            give_back(clinic, one, other)
        case _:
            ended = claim.ClaimReplaced(replaced_by=an_id("claim", 9), cause="corrected")
            voided = claim.ClaimVoided(voided_on="2026-03-15", cause="error")
            clinic.story.tell(CLAIM, ended if one == "replaced" else voided, role="biller")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=9), st.integers(1, 5))
def test_every_line_is_whole_whatever_happens_in_any_batches(steps: list[tuple[Any, Any, Any]], batch: int) -> None:
    """Charge = paid + contractual + patient + written off + open, of which none is below zero, the balance is the sum
    of its lines, what the payer paid is applied, its credit or returned, and batches make no difference, after any
    answers, reversals, write-offs, payments, endings and returns."""
    clinic = billed()
    for step in steps:
        take(clinic, *step)
    found = account(clinic)
    assert all(map(whole, found.lines))
    assert all(line.open_cents >= 0 and line.patient_cents >= 0 for line in found.lines)  # payers pay no more here
    for balance in found.balances:
        counted = [line for line in found.lines if line.counts]
        for name in ("charge_cents", "paid_cents", "contractual_cents", "patient_cents", "open_cents", "denied_cents"):
            assert getattr(balance, name) == sum(getattr(line, name) for line in counted)
        assert received(clinic) == balance.paid_cents + balance.credit_cents + balance.returned_cents
    facts = clinic.story.recorded(MODEL)
    assert folded(MODEL, facts, batch).documents == folded(MODEL, facts).documents
    parts, whole_past = folded(MODEL, facts, batch).rows, folded(MODEL, facts).rows
    for table in ("account_line", "account_balance", "payer_credit"):
        assert parts.get(table) == whole_past.get(table)
