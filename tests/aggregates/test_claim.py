"""A claim's rules once prepared: sent, answered in balance, withdrawn; a claim is never edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.claim import AGGREGATE
from aggregates.claim import commands as ask
from aggregates.claim import facts as past
from aggregates.claim import refusals as no
from aggregates.claim.state import Acknowledged, Adjudicated, Rejected, Replaced, Submitted, Voided
from aggregates.decision import DateInTheFuture
from aggregates.kit import Claim, Elsewhere, Release, Stream
from tests.aggregates.biller import (
    ANSWERS,
    ENDED,
    EPISODE,
    IT,
    JUNE,
    OLD,
    ON_ITS_WAY,
    PATIENT_ID,
    POLICY_ID,
    PREPARED,
    PROGRAM_ID,
    SENT,
    TAKEN,
    TAKEN_BACK,
    UNITS,
    acknowledge,
    adjudicate,
    around,
    asked,
    earlier,
    holding,
    paid,
    prepare,
    prepared,
    reject,
    reverse,
    submit,
    void,
)
from tests.aggregates.scenario import an_id, every_prefix_folds, folded, given


@pytest.mark.parametrize("command", [submit(), acknowledge(), reject(), adjudicate(), reverse(), void()])
def test_nothing_happens_to_a_claim_that_nobody_prepared(command: Any) -> None:
    """The unknown id is named."""
    assert IT in asked(command).refuses(no.UnknownClaim)


def test_a_claim_is_sent_once() -> None:
    """The same again is nothing, another submission refused, and so is one from the future or after the end."""
    assert isinstance(asked(submit(), *PREPARED).state, Submitted)
    asked(submit(), *ON_ITS_WAY).nothing_happened()
    asked(submit(batch="B-2"), *ON_ITS_WAY).refuses(no.AlreadySubmitted)
    asked(submit(submitted_at="2026-06-01T12:00:01Z"), *PREPARED).refuses(no.TimeInTheFuture)
    assert "voided" in asked(submit(), *PREPARED, void()).refuses(no.ClaimIsOver)


def test_each_source_acknowledges_once() -> None:
    """Clearing house and payer both may; before the submission nobody."""
    assert isinstance(asked(acknowledge(), *ON_ITS_WAY).state, Acknowledged)
    asked(acknowledge(), *ON_ITS_WAY, acknowledge()).nothing_happened()
    asked(acknowledge(reference="A2"), *ON_ITS_WAY, acknowledge()).refuses(no.AlreadyAcknowledged)
    assert asked(acknowledge(source="999"), *ON_ITS_WAY, acknowledge()).facts
    assert "prepared" in asked(acknowledge(), *PREPARED).refuses(no.NotSubmitted)
    asked(acknowledge(acknowledged_at="2026-03-10T20:59:59Z"), *ON_ITS_WAY).refuses(no.AnsweredBeforeSubmission)
    asked(acknowledge(acknowledged_at="2026-06-02T00:00:00Z"), *ON_ITS_WAY).refuses(no.TimeInTheFuture)
    asked(acknowledge(), *ON_ITS_WAY, reject()).refuses(no.ClaimIsOver)


def test_a_rejected_claim_frees_its_days_and_units() -> None:
    """It never counted as filed, also when the clearing house had taken it in."""
    fact = past.ClaimRejected(rejected_at="2026-03-11T04:00:00Z", source="277CA", codes=("A7",))
    decided = asked(reject(), *ON_ITS_WAY, acknowledge(source="999")).then(fact, *holding(Release))
    assert isinstance(decided.state, Rejected)
    asked(reject(), *ON_ITS_WAY, reject()).nothing_happened()
    asked(reject(codes=("A3",)), *ON_ITS_WAY, reject()).refuses(no.ClaimIsOver)
    asked(reject(), *PREPARED).refuses(no.NotSubmitted)
    asked(reject(), *ON_ITS_WAY, adjudicate()).refuses(no.AlreadyAdjudicated)


@pytest.mark.parametrize(("frequency", "ended"), [("7", ENDED), ("8", TAKEN_BACK)])
@pytest.mark.parametrize("failure", [reject(), void()], ids=["rejected", "withdrawn"])
def test_when_the_correction_fails_the_earlier_claim_stands_again(frequency: Any, ended: Any, failure: Any) -> None:
    """A rejected or withdrawn replacement never took effect at the payer, so the earlier claim holds its days again."""
    stream = given(AGGREGATE, prepared(frequency=frequency, replaces=OLD))
    if isinstance(failure, ask.RejectClaim):
        stream = stream.when(submit(), JUNE, around()).after
    replaced = earlier(prepared(), SENT, TAKEN, ended)
    decided = stream.when(failure, JUNE, replaced)
    again = Elsewhere("replaced", (past.ClaimReinstated(instead_of=IT), *holding(Claim)))
    assert decided.outcomes[-1] == again
    assert isinstance(folded(AGGREGATE, prepared(), SENT, TAKEN, ended, again.outcomes[0]), Acknowledged)
    assert decided.outcomes[1:-1] == holding(Release)


def test_an_earlier_claim_that_another_replaced_is_left_alone() -> None:
    """Only the claim that ended it can give it back."""
    other = past.ClaimReplaced(replaced_by=an_id("claim", 3), cause="corrected")
    stream = given(AGGREGATE, prepared(frequency="7", replaces=OLD))
    decided = stream.when(void(), JUNE, earlier(prepared(), SENT, TAKEN, other))
    assert [type(one) for one in decided.outcomes].count(Elsewhere) == 0


@pytest.mark.parametrize(("answer", "rule"), [
    (adjudicate(ANSWERS[0], paid(3, 0, ("197", 32_500))), no.UnknownLine),
    (adjudicate(ANSWERS[0], ANSWERS[0]), no.LineAnsweredTwice),
    (adjudicate(ANSWERS[0]), no.LineUnanswered),
    (adjudicate(paid(1, 29_000, ("45", 3_499)), ANSWERS[1]), no.LineOutOfBalance),
    (adjudicate(paid_cents=29_001), no.PaidOutOfBalance),
    (adjudicate(adjudicated_on="2026-06-03"), DateInTheFuture),
    (adjudicate(adjudicated_on="2026-03-08"), no.AnsweredBeforeSubmission),
])
def test_an_answer_balances_in_every_line(answer: ask.AdjudicateClaim, rule: Any) -> None:
    """Charge is paid plus adjustments, line by line, each line once, and the total is their sum."""
    asked(answer, *ON_ITS_WAY).refuses(rule)


def test_a_line_out_of_balance_is_named_with_both_sums() -> None:
    """So that the biller sees which line and by how much."""
    message = asked(adjudicate(paid(1, 29_000), ANSWERS[1]), *ON_ITS_WAY).refuses(no.LineOutOfBalance)
    assert "Line 1" in message and "32500" in message and "29000" in message


def test_one_answer_stands_at_a_time() -> None:
    """The same again is nothing, another needs a reversal first, a late acknowledgment does not turn it back."""
    decided = asked(adjudicate(), *ON_ITS_WAY)
    assert isinstance(decided.state, Adjudicated) and decided.state.payer_control_number == "P88"
    asked(adjudicate(), *ON_ITS_WAY, adjudicate()).nothing_happened()
    message = asked(adjudicate(adjudicated_on="2026-04-30"), *ON_ITS_WAY, adjudicate()).refuses(no.AlreadyAdjudicated)
    assert "reverse" in message
    assert isinstance(asked(acknowledge(), *ON_ITS_WAY, adjudicate()).state, Adjudicated)
    asked(adjudicate(), *PREPARED).refuses(no.NotSubmitted)
    asked(adjudicate(), *ON_ITS_WAY, reject()).refuses(no.ClaimIsOver)


AGAIN = adjudicate(
    paid(1, 29_000, ("45", 3_500)), paid(2, 29_000, ("45", 3_500)), adjudicated_on="2026-04-30", paid_cents=58_000,
    trace_number="EFT-2", remittance_on="2026-05-02",
)


def test_a_payer_takes_its_answer_back_and_answers_again() -> None:
    """The reversal names the answer and its remittance; the claim waits again, and every old answer is kept."""
    first = adjudicate(trace_number="EFT-1", remittance_on="2026-04-01")
    decided = asked(reverse(), *ON_ITS_WAY, acknowledge(), first).once()
    decided.then(past.AdjudicationReversed(
        reversed_on="2026-04-30", cause="payer-reversal", trace_number="EFT-2", answered_on="2026-03-30",
        answer_trace_number="EFT-1",
    ))
    assert isinstance(decided.state, Acknowledged) and decided.state.payer_control_number == "P88"
    again = asked(AGAIN, *ON_ITS_WAY, acknowledge(), first, reverse()).state
    assert isinstance(again, Adjudicated) and again.adjudicated
    assert [one.paid_cents for one in again.answers] == [29_000, 58_000]
    assert again.adjudicated.trace_number == "EFT-2"


def test_a_remittance_takes_an_answer_back_once() -> None:
    """Told again after the new answer it is nothing; what came without a trace number may happen again."""
    asked(reverse(), *ON_ITS_WAY, adjudicate(), reverse(), AGAIN).nothing_happened()
    silent = reverse(trace_number=None)
    asked(silent, *ON_ITS_WAY, adjudicate(), silent).nothing_happened()
    assert asked(silent, *ON_ITS_WAY, adjudicate(), silent, AGAIN).facts
    other = reverse(reversed_on="2026-05-20", trace_number="EFT-3")
    assert asked(other, *ON_ITS_WAY, adjudicate(), reverse(), AGAIN).facts


def test_only_an_answer_that_stands_is_reversed_and_only_afterwards() -> None:
    """Not before it was given, not in the future; and a reversed answer does not come back as it was."""
    assert "submitted" in asked(reverse(), *ON_ITS_WAY).refuses(no.NotAdjudicated)
    asked(reverse(reversed_on="2026-03-29"), *ON_ITS_WAY, adjudicate()).refuses(no.ReversedBeforeAnswer)
    asked(reverse(reversed_on="2026-06-03"), *ON_ITS_WAY, adjudicate()).refuses(DateInTheFuture)
    asked(adjudicate(remittance_on="2026-06-03"), *ON_ITS_WAY).refuses(DateInTheFuture)
    asked(adjudicate(), *ON_ITS_WAY, adjudicate(), reverse()).refuses(no.AnswerWasReversed)


def test_the_answer_to_a_replaced_claim_can_be_reversed() -> None:
    """Payers take the old answer back before they pay the new claim; the old claim stays replaced."""
    facts = (prepared(), SENT, TAKEN, past.ClaimReplaced(replaced_by=an_id("claim", 3), cause="late"))
    stream = given(AGGREGATE, *facts).when(adjudicate(), JUNE, around()).after
    state = stream.when(reverse(), JUNE, around()).state
    assert isinstance(state, Replaced) and state.adjudicated is None and len(state.answers) == 1


def test_the_payers_answer_to_a_replaced_claim_is_kept() -> None:
    """It was given, so it is recorded, and the claim stays replaced."""
    stream = given(AGGREGATE, prepared(), SENT, TAKEN, past.ClaimReplaced(replaced_by=an_id("claim", 3), cause="late"))
    state: Any = stream.when(adjudicate(), JUNE, around()).state
    assert isinstance(state, Replaced) and state.adjudicated
    stream.when(reject(), JUNE, around()).refuses(no.ClaimIsOver)


def test_a_claim_is_withdrawn_only_before_it_was_sent() -> None:
    """After that a claim of frequency 8 takes it back at the payer."""
    fact = past.ClaimVoided(voided_on="2026-03-09", cause="error")
    decided = asked(void(), *PREPARED).then(fact, *holding(Release))
    assert isinstance(decided.state, Voided)
    asked(void(), *PREPARED, void()).nothing_happened()
    asked(void(cause="other"), *PREPARED, void()).refuses(no.ClaimIsOver)
    for phase in ((), (acknowledge(),), (adjudicate(),)):
        assert "frequency 8" in asked(void(), *ON_ITS_WAY, *phase).refuses(no.VoidAtPayer)
    asked(void(), *ON_ITS_WAY, reject()).refuses(no.ClaimIsOver)
    asked(void(voided_on="2026-06-03"), *PREPARED).refuses(DateInTheFuture)


@pytest.mark.parametrize("returned", [2, 1], ids=["as a whole", "one line of two"])
def test_what_was_returned_as_unprocessable_is_withdrawn_here(returned: int) -> None:
    """MA130 on every line, and nothing paid: its payer never took it as filed, so that its days are free for a new
    claim (domain.md 3.1). Of one that is processed in part a void goes to the payer."""
    remarks = [replace(paid(one, 0), adjustments=(
        past.Adjustment(group="CO", carc="16", rarc="MA130" if one <= returned else None, amount_cents=32_500),
    )) for one in (1, 2)]  # fmt: skip
    decided = asked(void(), *ON_ITS_WAY, acknowledge(), adjudicate(*remarks, paid_cents=0, status="4"))
    if returned == 1:
        decided.refuses(no.VoidAtPayer)
    else:
        decided.then(past.ClaimVoided(voided_on="2026-03-09", cause="error"), *holding(Release)).once()


def test_what_each_command_consults() -> None:
    """A preparation everything it rests on, a submission the terms, any end the claim that was to be corrected."""
    assert AGGREGATE.consult(AGGREGATE.initial, prepare(frequency="7", replaces=OLD)) == {
        f"authorization:{UNITS}": Stream("authorization", UNITS), "enrollment": Stream("enrollment", EPISODE),
        "policy": Stream("payer_policy", POLICY_ID), "replaced": Stream("claim", OLD),
    }
    original, correction = folded(AGGREGATE, prepared()), folded(AGGREGATE, prepared(frequency="7", replaces=OLD))
    told = {
        "policy": Stream("payer_policy", POLICY_ID), "patient": Stream("patient", PATIENT_ID),
        "enrollment": Stream("enrollment", EPISODE), "program": Stream("program", PROGRAM_ID),
    }
    assert AGGREGATE.consult(original, submit()) == told
    assert AGGREGATE.consult(correction, submit()) == told | {"replaced": Stream("claim", OLD)}
    assert AGGREGATE.consult(original, reject()) == {}
    for ending in (reject(), acknowledge(), adjudicate()):
        assert AGGREGATE.consult(correction, ending) == AGGREGATE.consult(correction, void())
    assert AGGREGATE.consult(correction, void()) == {"replaced": Stream("claim", OLD)}
    assert AGGREGATE.consult(AGGREGATE.initial, submit()) == AGGREGATE.consult(original, adjudicate()) == {}


ASKED = (
    prepare(), prepare(decided_at=1), submit(), submit(batch="B-2"), acknowledge(), acknowledge(source="999"),
    reject(), adjudicate(), adjudicate(adjudicated_on="2026-05-01"), reverse(), reverse(trace_number=None), void(),
)


@for_all(st.lists(st.sampled_from(ASKED), max_size=10))
def test_whatever_is_asked_nothing_happens_twice_and_every_past_folds(commands: list[Any]) -> None:
    """Two laws: repetition has no second effect, and no prefix of a past raises."""
    stream = given(AGGREGATE)
    for command in commands:
        decided = stream.when(command, JUNE, around())
        decided.never_twice()
        stream = decided.after
    every_prefix_folds(AGGREGATE, *stream.facts)


@for_all(st.lists(st.sampled_from(ASKED), max_size=10))
def test_what_is_claimed_is_released_at_most_once(commands: list[Any]) -> None:
    """Reservations come with the preparation and go with rejection or withdrawal."""
    stream, held = given(AGGREGATE), 0
    for command in commands:
        decided = stream.when(command, JUNE, around())
        held += sum(isinstance(one, Claim) - isinstance(one, Release) for one in decided.outcomes)
        stream = decided.after
        assert held == (0 if stream.facts == () or isinstance(decided.state, Rejected | Voided) else 6)


@for_all(st.permutations([
    prepared(), SENT, TAKEN, ENDED, TAKEN_BACK, past.ClaimReinstated(instead_of=IT),
    past.ClaimRejected(rejected_at="2026-03-11T04:00:00Z", source="999", codes=()),
    past.ClaimAdjudicated(adjudicated_on="2026-03-30", payer_control_number="P88", lines=ANSWERS, paid_cents=29_000),
    past.AdjudicationReversed(reversed_on="2026-04-30", cause="payer-reversal", answered_on="2026-03-30"),
]))
def test_folding_judges_nothing_not_even_an_impossible_order(facts: list[Any]) -> None:
    """evolve has no rules, so it answers to any order of facts."""
    every_prefix_folds(AGGREGATE, *facts)
