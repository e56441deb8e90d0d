"""One account of a patient whom two programs treat: what each of them finds there, and whose a fact is."""

from __future__ import annotations

from typing import Any

from aggregates.account import AGGREGATE
from aggregates.account import facts as past
from aggregates.account import refusals as no
from aggregates.account.within import program_of, within
from aggregates.kit import Refusal
from tests.aggregates.biller import IT, PATIENT_ID, PAYER, PROGRAM_ID
from tests.aggregates.ledger import (
    ANSWERED,
    REGISTERED,
    after,
    give_back,
    investigate,
    overpaid,
    post,
    receive,
    request_write_off,
    written_off,
)
from tests.aggregates.scenario import an_act, an_id, folded
from tests.aggregates.test_account_secondary import AFTER, POST_SECOND, SECONDS, secondary

HERE, THERE = frozenset({PROGRAM_ID}), frozenset({an_id("program", 9)})
SECOND = (POST_SECOND, secondary(SECONDS))
OURS = after(
    (post(), ANSWERED), *written_off(100, 2), SECOND, overpaid(), investigate(), give_back(100),
).facts  # fmt: skip
BILL, CHARGE = an_id("claim", 9), an_id("charge", 9)
THEIRS = (
    past.ChargePosted(
        patient_id=PATIENT_ID, program_id=an_id("program", 9), payer_id=PAYER, claim_id=BILL, line=1,
        service_date="2026-03-03", charge_cents=100,
    ),
    past.SelfPayChargePosted(
        charge_id=CHARGE, patient_id=PATIENT_ID, program_id=an_id("program", 9), enrollment_id=an_id("enrollment", 9),
        service_date="2026-03-04", basis="self_pay", charge_cents=100, owed_cents=100, decided_at=9,
    ),
    past.WriteOffRequested(
        write_off_id=an_id("write_off", 9), charge_id=CHARGE, share="patient", amount_cents=1, cause="hardship",
        requested_by=an_id("person"),
    ),
    past.SelfPayChargeReversed(charge_id=CHARGE, cause="decided-otherwise"),
)


def test_each_fact_is_of_the_program_that_charged_what_it_is_about() -> None:
    """Also one that names no program: an answer, the second payer's too, a request, what became of an overpayment."""
    state, found = AGGREGATE.initial, list[tuple[str, Any]]()
    for one in (*OURS, *THEIRS):
        state = AGGREGATE.evolve(state, one)
        found.append((type(one).__name__, program_of(state, one)))
    assert [program for _, program in found] == [PROGRAM_ID] * len(OURS) + [an_id("program", 9)] * len(THEIRS)
    assert {"RemittancePosted", "OverpaymentReturned", "BalanceWrittenOff"} <= {name for name, _ in found}


def test_a_program_finds_on_the_account_what_is_its_own() -> None:
    """Lines, charges, and answers of a second payer; alone on it, everything."""
    state = folded(AGGREGATE, *OURS, *THEIRS)
    near, far = within(state, receive(), HERE), within(state, receive(), THERE)
    assert ({claim for claim, _ in near.lines}, set(near.self_pay)) == ({IT}, set())
    assert ({claim for claim, _ in far.lines}, set(far.self_pay), far.postings) == ({BILL}, {CHARGE}, {})
    assert within(state, receive(), HERE | THERE) is state
    named = receive(program_id=an_id("program", 9), claim_id=AFTER)
    assert _refused(far, named) is no.UnknownClaimOnAccount
    assert _refused(state, named) is no.ChargedElsewhere


def _refused(state: Any, command: Any) -> type[Refusal] | None:
    act = an_act(occurred_at="2026-06-01T12:00:00Z", role="biller")
    try:
        AGGREGATE.decide(state, command, act, {"patient": REGISTERED})
    except Refusal as refusal:
        return type(refusal)
    return None


def test_an_id_that_is_taken_stays_taken() -> None:
    """Nothing new comes under the id of what another program has, whose own would be lost by that."""
    state = within(folded(AGGREGATE, *OURS, *THEIRS), request_write_off(1), HERE)
    assert an_id("write_off", 9) in state.write_off_requests
    assert an_id("overpayment") in within(folded(AGGREGATE, *OURS, *THEIRS), overpaid(), THERE).overpayments
    assert an_id("overpayment") not in within(folded(AGGREGATE, *OURS, *THEIRS), investigate(), THERE).overpayments
